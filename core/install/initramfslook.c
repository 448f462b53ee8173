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
	const char *name, *programs[3], *lister;
} kinds[] = {
	[INITRAMFS_NONE] = { "none", { NULL }, NULL },
	[INITRAMFS_KERNEL_INSTALL] = { "kernel-install", { "kernel-install", NULL }, NULL },
	[INITRAMFS_TOOLS] = { "initramfs-tools",
			      { "mkinitramfs", "update-initramfs", NULL },
			      "lsinitramfs" },
	[INITRAMFS_DRACUT] = { "dracut", { "dracut", NULL }, "lsinitrd" },
	[INITRAMFS_MKINITCPIO] = { "mkinitcpio", { "mkinitcpio", NULL }, "lsinitcpio" },
	[INITRAMFS_BOOSTER] = { "booster", { "booster", NULL }, "booster ls" },
};

/* ---- which generator ---- */

static bool look_has_programs(const struct engine *e, enum initramfs_kind kind)
{
	AUTO_STRV struct strv env = STRV_INIT;

	childenv_tool(&env);
	for (size_t i = 0; kinds[kind].programs[i]; i++) {
		if (!childenv_has_command(e, &env, kinds[kind].programs[i]))
			return false;
	}
	return kind != INITRAMFS_NONE;
}

bool initramfs_update_runs_dracut(const struct engine *e)
{
	AUTO_BUF struct buf b = BUF_INIT;

	return fs_read(&e->root, "/usr/sbin/update-initramfs", 1 << 20, &b) == 0 &&
	       strstr(b.s, "dracut");
}

/* The value in the last line "KEY=VALUE" of the text; NULL: no such line.  Caller frees. */
static char *look_assignment(const char *text, const char *key)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;
	char *value = NULL;

	strv_split(&lines, text, "\n");
	STRV_FOREACH (line, &lines) {
		line += strspn(line, " \t");
		if (strncmp(line, key, strlen(key)) != 0 || line[strlen(key)] != '=')
			continue;
		line += strlen(key) + 1;
		line += strspn(line, "\"'");
		free(value);
		value = xstrndup(line, strcspn(line, "\"' \t\r"));
	}
	return value;
}

/*
 * Append the drop-ins in FOLDER/install.conf.d, as systemd orders them: by their names, whatever
 * the folder.  Of two with the same name only the one in the earlier folder counts.
 */
static void look_add_dropins(const struct engine *e, const char *const *folders, size_t n,
			     struct buf *b)
{
	AUTO_STRV struct strv names = STRV_INIT;

	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *folder = xasprintf("%s/install.conf.d", folders[i]);
		AUTO_STRV struct strv found = STRV_INIT;

		if (fs_list(&e->root, folder, &found) < 0)
			log_debug("%s cannot be listed", folder);
		strv_add_all(&names, &found);
	}
	strv_sort(&names);
	for (size_t k = 0; k < names.n; k++) {
		const char *name = names.v[k];
		size_t len = b->len;

		if (!str_ends(name, ".conf") || (k && !strcmp(name, names.v[k - 1])))
			continue;
		buf_addch(b, '\n');
		for (size_t i = 0; i < n && b->len == len + 1; i++) {
			AUTO_FREE char *path = xasprintf("%s/install.conf.d/%s", folders[i], name);

			if (fs_read(&e->root, path, 1 << 16, b) < 0)
				log_debug("%s cannot be read", path);
		}
	}
}

/*
 * Read a setting of kernel-install.  Only the first install.conf that exists counts.  The files in
 * the folders install.conf.d override it.  NULL: not set.  Caller frees.
 */
static char *look_install_setting(const struct engine *e, const char *key)
{
	static const char *const folders[] = { "/etc/kernel", "/run/kernel",
					       "/usr/local/lib/kernel", "/usr/lib/kernel" };
	AUTO_BUF struct buf text = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO_FREE char *path = xasprintf("%s/install.conf", folders[i]);

		if (fs_read(&e->root, path, 1 << 16, &text) == 0)
			break;
	}
	look_add_dropins(e, folders, ARRAY_SIZE(folders), &text);
	return look_assignment(text.s, key);
}

enum initramfs_kind initramfs_generator(const struct engine *e, enum initramfs_kind kind)
{
	static const enum initramfs_kind plugins[] = { INITRAMFS_DRACUT, INITRAMFS_MKINITCPIO };
	AUTO_FREE char *set = NULL;

	if (kind != INITRAMFS_KERNEL_INSTALL)
		return kind;
	set = look_install_setting(e, "initrd_generator");
	for (size_t i = 0; i < ARRAY_SIZE(plugins); i++) {
		if ((!set || strcmp(set, kinds[plugins[i]].name) == 0) &&
		    look_has_programs(e, plugins[i]))
			return plugins[i];
	}
	return INITRAMFS_NONE;
}

static bool look_makes_uki(const struct engine *e)
{
	AUTO_FREE char *layout = look_install_setting(e, "layout");

	return layout && strcmp(layout, "uki") == 0 &&
	       initramfs_generator(e, INITRAMFS_KERNEL_INSTALL) != INITRAMFS_NONE;
}

static bool look_is_there(const struct engine *e, enum initramfs_kind kind)
{
	if (!look_has_programs(e, kind))
		return false;
	if (kind == INITRAMFS_KERNEL_INSTALL)
		return look_makes_uki(e);
	return kind != INITRAMFS_TOOLS || !look_has_programs(e, INITRAMFS_DRACUT) ||
	       !initramfs_update_runs_dracut(e);
}

enum initramfs_kind initramfs_kind(const struct engine *e, const char *release)
{
	enum initramfs_kind first = INITRAMFS_NONE;

	for (size_t i = INITRAMFS_NONE + 1; i < ARRAY_SIZE(kinds); i++) {
		enum initramfs_kind kind = (enum initramfs_kind)i;
		AUTO_STRV struct strv images = STRV_INIT;

		if (!look_is_there(e, kind))
			continue;
		initramfs_images(e, kind, release, &images);
		if (images.n)
			return kind;
		if (first == INITRAMFS_NONE)
			first = kind;
	}
	return first;
}

/* ---- modules in a list ---- */

/*
 * The element of `names` that is the same module as `word`; NULL: none.  "-" and "_" count as the
 * same character, as for the loader.
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

/*
 * Return the name of the module in the first line of *list, or NULL if the line has none; caller
 * frees.  Move *list to the next line.
 */
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

/* ---- images ---- */

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

/*
 * `s` is what follows the release K in the file name of a UKI.  Is that UKI for K, and not for a
 * longer release that begins with K?
 */
static bool look_ends_release(const char *s)
{
	size_t n;

	if (*s == '+') { /* boot counting */
		n = strspn(s + 1, "0123456789");
		s += 1 + n;
		n = n && *s == '-' ? 1 + strspn(s + 1, "0123456789") : 0;
		return strcmp(s + n, ".efi") == 0;
	}
	n = *s == '-' ? 1 + strspn(s + 1, "0123456789abcdef") : 0;
	if (n == 33)
		s += n + strcspn(s + n, ".");
	else if (strncmp(s, "-Default", 8) == 0)
		s += 8 + strcspn(s + 8, ".");
	return strcmp(s, ".efi") == 0;
}

bool initramfs_is_uki_of(const char *file, const char *release)
{
	const char *at = file;

	while ((at = strstr(at, release))) {
		if ((at == file || at[-1] == '-') && look_ends_release(at + strlen(release)))
			return true;
		at++;
	}
	return false;
}

static void look_ukis(const struct engine *e, const char *release, struct strv *ret)
{
	static const char *const folders[] = { "/boot/efi/EFI/Linux", "/efi/EFI/Linux",
					       "/boot/EFI/Linux" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO_STRV struct strv files = STRV_INIT;
		const char *file;

		if (fs_list(&e->root, folders[i], &files) < 0)
			continue;
		STRV_FOREACH (file, &files) {
			if (initramfs_is_uki_of(file, release))
				strv_addf(ret, "%s/%s", folders[i], file);
		}
	}
}

/* On Arch, the scripts that run dracut give the images the names that mkinitcpio's images have. */
static void look_package_images(const struct engine *e, const char *release, struct strv *ret)
{
	AUTO_FREE char *package = initramfs_kernel_package(e, release);

	if (!package || look_has_programs(e, INITRAMFS_MKINITCPIO))
		return;
	initramfs_add_image(e, xasprintf("/boot/initramfs-%s.img", package), ret);
	initramfs_add_image(e, xasprintf("/boot/initramfs-%s-fallback.img", package), ret);
}

static void initramfs_dracut_images(const struct engine *e, const char *release, struct strv *ret)
{
	AUTO_BUF struct buf id = BUF_INIT;

	initramfs_add_image(e, xasprintf("/boot/initramfs-%s.img", release), ret);
	initramfs_add_image(e, xasprintf("/boot/initrd-%s", release), ret);
	initramfs_add_image(e, xasprintf("/boot/initrd.img-%s", release), ret);
	look_package_images(e, release, ret);
	if (fs_read(&e->root, "/etc/machine-id", 256, &id) == 0) {
		buf_truncate(&id, strcspn(id.s, "\n"));
		initramfs_add_image(e, xasprintf("/boot/%s/%s/initrd", id.s, release), ret);
		initramfs_add_image(e, xasprintf("/boot/efi/%s/%s/initrd", id.s, release), ret);
		initramfs_add_image(e, xasprintf("/efi/%s/%s/initrd", id.s, release), ret);
	}
	look_ukis(e, release, ret);
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
		AUTO_FREE char *key = xstrndup(line, eq ? (size_t)(eq - line) : 0);
		AUTO_FREE char *value = NULL;

		if (key[0] == '#' || !(str_ends(key, "_image") || str_ends(key, "_uki")))
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
	case INITRAMFS_KERNEL_INSTALL: look_ukis(e, release, ret); break;
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

/* ---- what is in an image ---- */

/* Append the lister's output to ret.  Returns false if the lister is missing or failed. */
static bool initramfs_list_image(const struct engine *e, enum initramfs_kind kind,
				 const char *image, struct buf *ret)
{
	const char *lister = kinds[initramfs_generator(e, kind)].lister;
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };

	if (!lister)
		return false;
	strv_split(&spec.argv, lister, " ");
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
 * List the modules in `image` as lines "NAME.ko"; NULL: the image cannot be listed.  Caller frees.
 * A lister has to unpack the image, so the result is cached until the image changes.
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
