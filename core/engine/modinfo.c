/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/modinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "engine/childenv.h"
#include "sys/proc.h"

/* libkmod is not to read the machine's modprobe.d: the root may be another one. */
static const char *const no_config[] = { NULL };

static void kmod_unrefp(struct kmod_ctx **ctx)
{
	if (*ctx)
		kmod_unref(*ctx);
}

static void kmod_module_unrefp(struct kmod_module **mod)
{
	if (*mod)
		kmod_module_unref(*mod);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void modinfo_release(struct modinfo *info)
{
	free(info->name);
	free(info->version);
	free(info->srcversion);
	free(info->vermagic);
	free(info->signer);
	*info = (struct modinfo){ 0 };
}

static char **modinfo_field(struct modinfo *info, const char *key)
{
	if (!strcmp(key, "name"))
		return &info->name;
	if (!strcmp(key, "version"))
		return &info->version;
	if (!strcmp(key, "srcversion"))
		return &info->srcversion;
	if (!strcmp(key, "vermagic"))
		return &info->vermagic;
	if (!strcmp(key, "signer"))
		return &info->signer;
	return NULL;
}

static void modinfo_take(struct kmod_list *list, struct modinfo *ret)
{
	struct kmod_list *l;

	modinfo_release(ret);
	kmod_list_foreach(l, list)
	{
		char **field = modinfo_field(ret, kmod_module_info_get_key(l));

		if (field && !*field)
			*field = xstrdup(kmod_module_info_get_value(l));
	}
	ret->version = ret->version ? ret->version : xstrdup("");
	ret->srcversion = ret->srcversion ? ret->srcversion : xstrdup("");
	ret->vermagic = ret->vermagic ? ret->vermagic : xstrdup("");
	ret->signer = ret->signer ? ret->signer : xstrdup("");
}

static int modinfo_read_file(const char *path, struct modinfo *ret)
{
	CLEANUP(kmod_unrefp) struct kmod_ctx *ctx = kmod_new("/", (const char *const *)no_config);
	CLEANUP(kmod_module_unrefp) struct kmod_module *mod = NULL;
	struct kmod_list *list = NULL;
	int r;

	if (!ctx)
		return -ENOMEM;
	kmod_set_log_priority(ctx, -1);
	r = kmod_module_new_from_path(ctx, path, &mod);
	if (r < 0)
		return r;
	r = kmod_module_get_info(mod, &list);
	if (r < 0)
		return r == -ENOSYS ? -ENOEXEC : r;
	modinfo_take(list, ret);
	kmod_module_info_free_list(list);
	return 0;
}

static int modinfo_read_fd(int fd, struct modinfo *ret)
{
	AUTO_FREE char *path = xasprintf("/proc/self/fd/%d", fd);

	return modinfo_read_file(path, ret);
}

/* pacman --root goes to roots that have no /proc. */
static int modinfo_read_host(const struct root *r, const char *path, struct modinfo *ret)
{
	AUTO_FREE char *real = NULL, *host = NULL;
	int rc = root_realpath(r, path, &real);

	if (rc < 0)
		return rc;
	host = root_host_path(r, real);
	return modinfo_read_file(host, ret);
}

struct unpacked {
	int fd;
	int error;
};

static void unpacked_write(const char *data, size_t len, void *arg)
{
	struct unpacked *u = arg;

	while (len && !u->error) {
		ssize_t n = write(u->fd, data, len);

		if (n < 0 && errno != EINTR)
			u->error = -errno;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

/* Where libkmod comes without zlib.  The descriptor of an anonymous file, or -errno. */
static int modinfo_gunzip(int fd)
{
	struct proc_spec spec = PROC_INIT;
	struct proc_result res;
	struct unpacked u = { .fd = memfd_create("module", MFD_CLOEXEC) };
	int r;

	if (u.fd < 0)
		return -errno;
	strv_add(&spec.argv, "gzip");
	strv_add(&spec.argv, "-dc");
	childenv_tool(&spec.env);
	spec.stdin_fd = fd;
	spec.on_output = unpacked_write;
	spec.data = &u;
	spec.output_max = 512U << 20;
	spec.timeout = 60;
	r = proc_run(&spec, &res);
	proc_spec_release(&spec);
	if (r == 0)
		r = u.error;
	if (r == 0 && (res.end != PROC_EXITED || res.status != 0))
		r = -ENOEXEC;
	if (r < 0) {
		close(u.fd);
		return r;
	}
	return u.fd;
}

static bool is_gzip(int fd)
{
	unsigned char magic[2];

	return pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

int modinfo_read(const struct root *r, const char *path, struct modinfo *ret)
{
	CLEANUP(close_fd) int fd = root_openat(r, path, O_RDONLY | O_NONBLOCK, 0);
	CLEANUP(close_fd) int plain = -1;
	int rc;

	if (fd < 0)
		return fd;
	rc = modinfo_read_fd(fd, ret);
	if (rc == -ENOENT)
		rc = modinfo_read_host(r, path, ret);
	if (rc == 0 || !is_gzip(fd))
		return rc;
	plain = modinfo_gunzip(fd);
	return plain < 0 ? plain : modinfo_read_fd(plain, ret);
}

char *modinfo_release_word(const struct modinfo *info)
{
	return xstrndup(info->vermagic, strcspn(info->vermagic, " "));
}

int modinfo_lookup(const struct root *r, const char *folder, const char *name, char **ret)
{
	AUTO_FREE char *host = NULL, *real = NULL;
	CLEANUP(kmod_unrefp) struct kmod_ctx *ctx = NULL;
	CLEANUP(kmod_module_unrefp) struct kmod_module *mod = NULL;
	const char *path;
	int rc = root_realpath(r, folder, &real);

	if (rc < 0)
		return rc;
	host = root_host_path(r, real);
	ctx = kmod_new(host, (const char *const *)no_config);
	if (!ctx)
		return -ENOMEM;
	kmod_set_log_priority(ctx, -1);
	rc = kmod_module_new_from_name(ctx, name, &mod);
	if (rc < 0)
		return rc;
	path = kmod_module_get_path(mod);
	if (!path)
		return -ENOENT;
	/* modules.dep has paths relative to its folder; libkmod puts the folder in front. */
	if (!strncmp(path, host, strlen(host)))
		path += strlen(host);
	*ret = xasprintf("%s%s", real, path);
	return 0;
}
