/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/modinfo.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/packed.h"
#include "module/elf.h"
#include "module/modindex.h"
#include "sys/fd.h"
#include "sys/fs.h"

#define MODINFO_MAX (4 * 1024 * 1024) /* a large driver has 100 KiB of firmware= and alias= */
#define INDEX_MAX   (64 * 1024 * 1024)

void modinfo_release(struct modinfo *info)
{
	free(info->name);
	free(info->version);
	free(info->srcversion);
	free(info->vermagic);
	*info = (struct modinfo){ 0 };
}

static char **modinfo_field(struct modinfo *info, const char *key, size_t len)
{
	const struct {
		const char *key;
		char **field;
	} fields[] = {
		{ "name", &info->name },
		{ "version", &info->version },
		{ "srcversion", &info->srcversion },
		{ "vermagic", &info->vermagic },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (strlen(fields[i].key) == len && strncmp(fields[i].key, key, len) == 0)
			return fields[i].field;
	}
	return NULL;
}

/* Parse a .modinfo section: "KEY=VALUE" strings, each with a NUL.  A KEY's first VALUE counts. */
static void modinfo_take(const struct buf *b, struct modinfo *ret)
{
	struct modinfo info = { 0 };

	for (const char *s = b->s, *end = b->s + b->len; s < end; s += strlen(s) + 1) {
		size_t len = strcspn(s, "=");
		char **field = s[len] ? modinfo_field(&info, s, len) : NULL;

		if (field && !*field)
			*field = xstrdup(s + len + 1);
	}
	info.version = info.version ? info.version : xstrdup("");
	info.srcversion = info.srcversion ? info.srcversion : xstrdup("");
	info.vermagic = info.vermagic ? info.vermagic : xstrdup("");
	modinfo_release(ret);
	*ret = info;
}

static int modinfo_read_elf(int fd, struct modinfo *ret)
{
	AUTO_ELF struct elf e = ELF_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	const struct elf_section *s;
	int r = elf_open(fd, &e);

	if (r < 0)
		return r;
	s = elf_find(&e, ".modinfo");
	if (!s || elf_read(&e, s, MODINFO_MAX, &b) < 0)
		return -ENOEXEC;
	modinfo_take(&b, ret);
	return 0;
}

int modinfo_read(const struct root *r, const char *path, struct modinfo *ret)
{
	AUTO_FD int fd = fs_open_file(r, path, 0);
	AUTO_FD int plain = -1;
	int rc = fd < 0 ? fd : packed_open(fd, &plain);

	return rc < 0 ? rc : modinfo_read_elf(plain < 0 ? fd : plain, ret);
}

char *modinfo_release_word(const struct modinfo *info)
{
	return xstrndup(info->vermagic, strcspn(info->vermagic, " "));
}

char *modinfo_loader_name(const char *name)
{
	char *s = xstrdup(name);

	for (char *c = s; *c; c++)
		*c = *c == '-' ? '_' : *c;
	return s;
}

void modinfo_index_release(struct modinfo_index *ix)
{
	buf_release(&ix->data);
	free(ix->folder);
	ix->folder = NULL;
}

int modinfo_index_read(const struct root *r, const char *folder, struct modinfo_index *ret)
{
	AUTO_FREE char *path = xasprintf("%s/modules.dep.bin", folder);
	int rc = root_realpath(r, folder, &ret->folder);

	return rc < 0 ? rc : fs_read(r, path, INDEX_MAX, &ret->data);
}

int modinfo_index_find(const struct modinfo_index *ix, const char *name, char **ret)
{
	AUTO_FREE char *path = NULL, *known_as = modinfo_loader_name(name);
	const char *line;
	int rc = modindex_find(ix->data.s, ix->data.len, known_as, &line);

	if (rc < 0)
		return rc;
	/* "PATH: PATHS of its dependencies"; a PATH is relative to the folder, or absolute. */
	path = xstrndup(line, strcspn(line, ":"));
	*ret = *path == '/' ? TAKE(path) : xasprintf("%s/%s", ix->folder, path);
	return 0;
}

int modinfo_lookup(const struct root *r, const char *folder, const char *name, char **ret)
{
	AUTO_MODINFO_INDEX struct modinfo_index ix = MODINFO_INDEX_INIT;
	int rc = modinfo_index_read(r, folder, &ix);

	return rc < 0 ? rc : modinfo_index_find(&ix, name, ret);
}
