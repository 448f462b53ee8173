/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/initramfslook.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/cache.h"
#include "engine/childenv.h"
#include "module/kerneltree.h"
#include "sys/fs.h"
#include "sys/proc.h"

static const struct {
	const char *name, *program;
} kinds[] = {
	[INITRAMFS_NONE] = { "none", NULL },
	[INITRAMFS_TOOLS] = { "initramfs-tools", "update-initramfs" },
	[INITRAMFS_DRACUT] = { "dracut", "dracut" },
	[INITRAMFS_MKINITCPIO] = { "mkinitcpio", "mkinitcpio" },
	[INITRAMFS_BOOSTER] = { "booster", "booster" },
};

enum initramfs_kind initramfs_kind(const struct engine *e)
{
	AUTO_STRV struct strv env = STRV_INIT;

	childenv_tool(&env);
	for (size_t i = INITRAMFS_TOOLS; i < ARRAY_SIZE(kinds); i++)
		if (childenv_has_command(e, &env, kinds[i].program))
			return (enum initramfs_kind)i;
	return INITRAMFS_NONE;
}

/*
 * The element of names that is the module called word; NULL: none.  "-" and "_" count as the same
 * character, as for the loader.
 */
static const char *initramfs_match_module(const char *word, size_t len, const struct strv *names)
{
	AUTO_FREE char *file = xasprintf("%.*s.ko", (int)len, word);
	AUTO_FREE char *name = kerneltree_module_name(file);
	const char *n;

	if (!name)
		return NULL;
	STRV_FOREACH (n, names) {
		AUTO_FREE char *other_file = xasprintf("%s.ko", n);
		AUTO_FREE char *other = kerneltree_module_name(other_file);

		if (other && !strcmp(other, name))
			return n;
	}
	return NULL;
}

/* The module of a list's next line, or NULL; *list moves behind the line.  Caller frees. */
static char *initramfs_next_module(const char **list)
{
	size_t len = strcspn(*list, "\n");
	AUTO_FREE char *line = xstrndup(*list, len);
	const char *base = strrchr(line, '/') ? strrchr(line, '/') + 1 : line;

	*list += len + ((*list)[len] == '\n');
	return kerneltree_module_name(base);
}

const char *initramfs_list_has(const char *list, const struct strv *names)
{
	while (*list) {
		AUTO_FREE char *name = initramfs_next_module(&list);
		const char *found = name ? initramfs_match_module(name, strlen(name), names) : NULL;

		if (found)
			return found;
	}
	return NULL;
}

const char *initramfs_config_names(const char *text, const struct strv *names)
{
	static const char seps[] = " \t\r\"'()=+,:;[]-";

	while (*text) {
		size_t line = strcspn(text, "\n"), code = strcspn(text, "#\n");
		const char *found = NULL;

		for (size_t at = 0; at < code && !found;) {
			size_t len = strcspn(text + at, seps);

			len = len > code - at ? code - at : len;
			if (len)
				found = initramfs_match_module(text + at, len, names);
			at += len + 1;
		}
		if (found)
			return found;
		text += line + (text[line] == '\n');
	}
	return NULL;
}

char *initramfs_kernel_package(const struct engine *e, const char *release)
{
	AUTO_FREE char *file = engine_modules(e, "%s/pkgbase", release);
	AUTO_BUF struct buf b = BUF_INIT;
	size_t len;

	if (fs_read(&e->root, file, 1 << 12, &b) < 0)
		return NULL;
	len = strcspn(b.s, " \r\n");
	return len && !memchr(b.s, '/', len) ? xstrndup(b.s, len) : NULL;
}

static void initramfs_add_image(const struct engine *e, char *path, struct strv *ret)
{
	if (fs_is_file(&e->root, path))
		strv_add(ret, path);
	free(path);
}

static void initramfs_dracut_images(const struct engine *e, const char *release, struct strv *ret)
{
	static const char *const uki[] = { "/boot/efi/EFI/Linux", "/efi/EFI/Linux",
					   "/boot/EFI/Linux" };
	AUTO_BUF struct buf id = BUF_INIT;

	initramfs_add_image(e, xasprintf("/boot/initramfs-%s.img", release), ret);
	initramfs_add_image(e, xasprintf("/boot/initrd-%s", release), ret);
	initramfs_add_image(e, xasprintf("/boot/initrd.img-%s", release), ret);
	if (fs_read(&e->root, "/etc/machine-id", 256, &id) == 0) {
		buf_truncate(&id, strcspn(id.s, "\n"));
		initramfs_add_image(e, xasprintf("/boot/%s/%s/initrd", id.s, release), ret);
		initramfs_add_image(e, xasprintf("/boot/efi/%s/%s/initrd", id.s, release), ret);
		initramfs_add_image(e, xasprintf("/efi/%s/%s/initrd", id.s, release), ret);
	}
	for (size_t i = 0; i < ARRAY_SIZE(uki); i++) {
		AUTO_STRV struct strv files = STRV_INIT;
		const char *file;

		if (fs_list(&e->root, uki[i], &files) < 0)
			continue;
		STRV_FOREACH (file, &files)
			if (strstr(file, release))
				strv_addf(ret, "%s/%s", uki[i], file);
	}
}

/* mkinitcpio presets assign the paths as NAME_image="/boot/..." and NAME_uki="...". */
static void initramfs_preset_images(const struct engine *e, const char *package, struct strv *ret)
{
	AUTO_FREE char *file = xasprintf("/etc/mkinitcpio.d/%s.preset", package);
	AUTO_STRV struct strv lines = STRV_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	const char *line;

	if (fs_read(&e->root, file, 1 << 20, &b) < 0)
		return;
	strv_split(&lines, b.s, "\n");
	STRV_FOREACH (line, &lines) {
		const char *eq = strchr(line, '=');
		AUTO_FREE char *value = NULL;

		if (line[0] == '#' || !eq ||
		    (strncmp(eq - 6 < line ? line : eq - 6, "_image", 6) != 0 &&
		     strncmp(eq - 4 < line ? line : eq - 4, "_uki", 4) != 0))
			continue;
		eq += eq[1] == '"' || eq[1] == '\'' ? 2 : 1;
		value = xstrndup(eq, strcspn(eq, "\"' \t"));
		if (value[0] == '/' && fs_is_file(&e->root, value))
			strv_add(ret, value);
	}
}

void initramfs_images(const struct engine *e, enum initramfs_kind kind, const char *release,
		      struct strv *ret)
{
	AUTO_FREE char *package = initramfs_kernel_package(e, release);
	const char *name = package ? package : "linux";

	switch (kind) {
	case INITRAMFS_NONE: break;
	case INITRAMFS_TOOLS:
		initramfs_add_image(e, xasprintf("/boot/initrd.img-%s", release), ret);
		break;
	case INITRAMFS_DRACUT: initramfs_dracut_images(e, release, ret); break;
	case INITRAMFS_MKINITCPIO: initramfs_preset_images(e, name, ret); break;
	case INITRAMFS_BOOSTER:
		initramfs_add_image(e, xasprintf("/boot/booster-%s.img", name), ret);
		break;
	}
}

/* Append the lister's output to ret.  false: the lister is missing or failed. */
static bool initramfs_list_image(const struct engine *e, enum initramfs_kind kind,
				 const char *image, struct buf *ret)
{
	static const char *const listers[] = {
		[INITRAMFS_TOOLS] = "lsinitramfs",
		[INITRAMFS_DRACUT] = "lsinitrd",
		[INITRAMFS_MKINITCPIO] = "lsinitcpio",
		[INITRAMFS_BOOSTER] = "booster ls",
	};
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };

	strv_split(&spec.argv, listers[kind], " ");
	strv_add(&spec.argv, image);
	childenv_tool(&spec.env);
	spec.root = &e->root;
	spec.on_output = proc_collect;
	spec.data = ret;
	spec.output_max = 64 << 20;
	spec.timeout = 120;
	return proc_run(&spec, &res) == 0 && res.end == PROC_EXITED && res.status == 0;
}

/* Reduce a lister's output to lines "NAME.ko", to keep the cache small.  Caller frees. */
static char *initramfs_list_modules(const char *list)
{
	AUTO_BUF struct buf b = BUF_INIT;

	while (*list) {
		AUTO_FREE char *name = initramfs_next_module(&list);

		if (name)
			buf_addf(&b, "%s.ko\n", name);
	}
	return buf_detach(&b);
}

/*
 * The modules in image, as lines "NAME.ko"; NULL: the image cannot be listed.  Caller frees.  A
 * lister has to unpack the image, so the result is cached until the image changes.
 */
static char *initramfs_image_modules(const struct engine *e, enum initramfs_kind kind,
				     const char *image, struct cache *c)
{
	AUTO_BUF struct buf list = BUF_INIT;
	struct stamp stamp;
	struct stat st;
	const char *known;
	char *modules;

	stamp_begin(&stamp);
	stamp_add(&stamp, kinds[kind].name, fs_stat(&e->root, image, &st) < 0 ? NULL : &st);
	stamp_end(&stamp);
	known = cache_get(c, image, &stamp);
	if (known)
		return xstrdup(known);
	if (!initramfs_list_image(e, kind, image, &list))
		return NULL;
	modules = initramfs_list_modules(list.s);
	cache_put(c, image, &stamp, modules);
	return modules;
}

static enum initramfs_answer
initramfs_search_images(const struct engine *e, enum initramfs_kind kind, const struct strv *images,
			const struct strv *names, struct cache *c, char **ret_name)
{
	enum initramfs_answer answer = INITRAMFS_HAS_NOT;
	const char *image, *found;

	STRV_FOREACH (image, images) {
		AUTO_FREE char *modules = initramfs_image_modules(e, kind, image, c);

		if (!modules) {
			answer = INITRAMFS_CANNOT_TELL;
			continue;
		}
		found = initramfs_list_has(modules, names);
		if (found) {
			*ret_name = xstrdup(found);
			return INITRAMFS_HAS;
		}
	}
	return answer;
}

enum initramfs_answer initramfs_contains(const struct engine *e, enum initramfs_kind kind,
					 const char *release, const struct strv *names,
					 char **ret_name)
{
	AUTO_STRV struct strv images = STRV_INIT;
	AUTO_CACHE struct cache c = { .name = NULL };
	enum initramfs_answer answer;

	cache_load(e, CACHE_INITRAMFS, &c);
	initramfs_images(e, kind, release, &images);
	answer = initramfs_search_images(e, kind, &images, names, &c, ret_name);
	if (cache_store(e, &c) < 0)
		log_debug("what the initramfs of %s holds is not remembered", release);
	return answer;
}

static bool initramfs_file_names(const struct engine *e, const char *path, const struct strv *names,
				 char **ret_name)
{
	AUTO_BUF struct buf b = BUF_INIT;
	const char *found;

	if (fs_read(&e->root, path, 1 << 20, &b) < 0)
		return false;
	found = initramfs_config_names(b.s, names);
	if (found)
		*ret_name = xstrdup(found);
	return found != NULL;
}

static bool initramfs_folder_names(const struct engine *e, const char *dir,
				   const struct strv *names, char **ret_name)
{
	AUTO_STRV struct strv files = STRV_INIT;
	const char *file;

	if (fs_list(&e->root, dir, &files) < 0)
		return false;
	STRV_FOREACH (file, &files) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, file);

		if (initramfs_file_names(e, path, names, ret_name))
			return true;
	}
	return false;
}

bool initramfs_configured(const struct engine *e, enum initramfs_kind kind,
			  const struct strv *names, char **ret_name)
{
	static const struct {
		const char *files[3], *folders[3];
	} places[] = {
		[INITRAMFS_NONE] = { { NULL }, { NULL } },
		[INITRAMFS_TOOLS] = { { "/etc/initramfs-tools/modules", NULL },
				      { "/usr/share/initramfs-tools/modules.d", NULL } },
		[INITRAMFS_DRACUT] = { { "/etc/dracut.conf", NULL },
				       { "/etc/dracut.conf.d", "/usr/lib/dracut/dracut.conf.d",
					 NULL } },
		[INITRAMFS_MKINITCPIO] = { { "/etc/mkinitcpio.conf", NULL },
					   { "/etc/mkinitcpio.conf.d", NULL } },
		[INITRAMFS_BOOSTER] = { { "/etc/booster.yaml", NULL }, { NULL } },
	};

	for (size_t i = 0; places[kind].files[i]; i++)
		if (initramfs_file_names(e, places[kind].files[i], names, ret_name))
			return true;
	for (size_t i = 0; places[kind].folders[i]; i++)
		if (initramfs_folder_names(e, places[kind].folders[i], names, ret_name))
			return true;
	return false;
}
