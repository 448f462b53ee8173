/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/headerless.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/path.h"
#include "kernel/kernels.h"
#include "sys/fs.h"

/* The configuration that stands for the headers; NULL: nothing does.  Caller frees. */
static char *headerless_config(const struct engine *e, const char *release)
{
	AUTO_FREE char *headers = *release ? engine_headers_dir(e, release) : NULL;

	if (!headers || e->kernel_source_dir || !settings_take_bundles(&e->settings) ||
	    fs_exists(&e->root, headers))
		return NULL;
	return kernel_boot_config(e, release);
}

/* The root, without notes of looks: the folder is gone when somebody looks again. */
static struct root headerless_root(const struct headerless *h)
{
	struct root r = h->e->root;

	r.looks = NULL;
	return r;
}

static int headerless_begin(struct headerless *h)
{
	const char *tmp = settings_get(&h->e->settings, SET_TMP_LOCATION);
	AUTO_FREE char *inside = xasprintf("%s/dkms-headers-XXXXXX", tmp);
	AUTO_FREE char *host = root_host_path(&h->e->root, inside);
	struct root root = headerless_root(h);

	if (h->dir)
		return 0;
	if (!mkdtemp(host))
		return -errno;
	h->dir = xasprintf("%s/%s", tmp, strrchr(host, '/') + 1);
	/* The user as whom confs are evaluated reads it. */
	return fs_chmod(&root, h->dir, 0755);
}

void headerless_end(struct headerless *h)
{
	struct root root = headerless_root(h);
	int r = h->dir ? fs_remove_tree(&root, h->dir) : 0;

	if (r < 0)
		log_warning("%s cannot be removed: %s", h->dir, error_text(r));
	free(TAKE(h->dir));
}

int headerless_show(struct headerless *h, const char *release, char **ret)
{
	static const char *const names[] = { "include/config/auto.conf", ".config" };
	AUTO_FREE char *config = headerless_config(h->e, release), *shown = NULL;
	AUTO_FREE char *headers = engine_headers_dir(h->e, release);
	struct root root = headerless_root(h);
	int r = config ? headerless_begin(h) : 0;

	if (r < 0)
		return r;
	if (!config) {
		*ret = NULL;
		return 0;
	}
	/* The same way below the folder as below <install_tree>. */
	shown = xasprintf("%s%s", h->dir, headers + strlen(h->e->install_tree));
	for (size_t i = 0; i < ARRAY_SIZE(names) && r == 0; i++) {
		AUTO_FREE char *file = xasprintf("%s/%s", shown, names[i]);
		AUTO_FREE char *folder = path_parent(file);

		r = fs_mkdir_p(&root, folder);
		if (r == 0)
			r = fs_symlink(&root, config, file);
		/* Another conf for this kernel has made it. */
		if (r == -EEXIST)
			r = 0;
	}
	if (r == 0)
		*ret = TAKE(shown);
	return r;
}

static void headerless_replace_in(const struct headerless *h, char **text)
{
	const char *from = *text, *at = from ? strstr(from, h->dir) : NULL;
	AUTO_BUF struct buf b = BUF_INIT;

	if (!at)
		return;
	for (; at; at = strstr(from, h->dir)) {
		buf_add(&b, from, (size_t)(at - from));
		buf_adds(&b, h->e->install_tree);
		from = at + strlen(h->dir);
	}
	buf_adds(&b, from);
	free(*text);
	*text = buf_detach(&b);
}

void headerless_replace(const struct headerless *h, struct conf_values *v)
{
	if (!h->dir)
		return;
	for (size_t i = 0; i < v->n; i++)
		headerless_replace_in(h, &v->v[i].value);
	for (size_t i = 0; i < v->warnings.n; i++)
		headerless_replace_in(h, &v->warnings.v[i]);
}

char *headerless_id(const struct engine *e, const char *release, struct cache *c)
{
	AUTO_FREE char *file = kernel_boot_config(e, release);
	AUTO_FREE char *shown = headerless_config(e, release);
	char hex[DIGEST_HEX] = "-";
	const char *known;
	struct stamp stamp;
	struct stat st;

	if (!file)
		return xstrdup("");
	stamp_begin(&stamp);
	stamp_add(&stamp, file, fs_stat(&e->root, file, &st) < 0 ? NULL : &st);
	stamp_end(&stamp);
	known = cache_get(c, file, &stamp);
	if (!known && digest_file(&e->root, file, hex) == 0)
		cache_put(c, file, &stamp, hex);
	return xasprintf("%s %s", shown ? "shown" : "not shown", known ? known : hex);
}
