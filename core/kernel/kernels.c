/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kernels.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/alloc.h"
#include "model/kver.h"
#include "model/modid.h"
#include "module/elf.h"
#include "module/kerneltree.h"
#include "packages/owners.h"
#include "sys/fs.h"
#include "tree/tree.h"

#define MAX_CONFIG   (8 * 1024 * 1024)
#define MAX_MAKEFILE (1024 * 1024)
#define MAX_COMMENT  (64 * 1024)
/* If more modules than this are unowned, they are the kernel's, not originals that came back. */
#define MAX_ORIGINALS 16

static int kernels_newest_first(const void *a, const void *b)
{
	return kver_compare(*(char *const *)b, *(char *const *)a);
}

int kernels_list(const struct engine *e, struct strv *ret)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	size_t first = ret->n;
	int r = fs_list(&e->root, e->install_tree, &names);

	if (r < 0 && r != -ENOENT)
		return r;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = engine_modules(e, "%s", name);

		if (!modid_kernel_problem(name) && fs_is_dir(&e->root, path))
			strv_add(ret, name);
	}
	if (ret->n > first + 1)
		qsort(ret->v + first, ret->n - first, sizeof(*ret->v), kernels_newest_first);
	return 0;
}

void kernel_info_release(struct kernel_info *k)
{
	free(k->release);
	free(k->headers_dir);
	free(k->headers_id);
	*k = (struct kernel_info){ 0 };
}

struct kernel_modules {
	const struct engine *e;
	const char *release, *folder;
	struct strv ours; /* paths of the installed files in our records, read if has_ours is set */
	bool has_ours;
	unsigned int originals; /* modules that nobody owns */
};

static void kernel_modules_add_record(struct kernel_modules *s, const struct target *t)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };

	if (tree_record_read(s->e, t, &rec, NULL) < 0)
		return;
	for (size_t i = 0; i < rec.n_modules; i++) {
		if (rec.modules[i].path)
			strv_add(&s->ours, rec.modules[i].path);
	}
}

static void kernel_modules_read_records(struct kernel_modules *s)
{
	AUTO_TREE struct tree tree = TREE_INIT;

	s->has_ours = true;
	if (tree_list(s->e, NULL, NULL, &tree) < 0)
		return;
	for (size_t i = 0; i < tree.n_modules; i++) {
		const struct tree_module *m = &tree.modules[i];

		for (size_t k = 0; k < m->n_versions; k++) {
			const struct tree_version *v = &m->versions[k];

			for (size_t n = 0; n < v->n_builds; n++) {
				struct target t = { m->name, v->version, s->release,
						    v->builds[n].arch };

				if (strcmp(v->builds[n].release, s->release) == 0)
					kernel_modules_add_record(s, &t);
			}
		}
	}
}

/* Returns 1, which ends the walk, once the modules show that the kernel is installed. */
static int kernel_modules_walk_entry(const char *rel, const struct stat *st, void *data)
{
	const char *slash = strrchr(rel, '/');
	struct kernel_modules *s = data;
	AUTO_FREE char *name =
		S_ISDIR(st->st_mode) ? NULL : kerneltree_module_name(slash ? slash + 1 : rel);
	AUTO_FREE char *path = name ? xasprintf("%s/%s", s->folder, rel) : NULL;

	if (!path)
		return 0;
	if (!s->has_ours)
		kernel_modules_read_records(s);
	if (strv_has(&s->ours, path))
		return 0;
	return owners_of(s->e, path, NULL) != OWNER_NOBODY || ++s->originals > MAX_ORIGINALS;
}

/* Do the modules below kernel/ show that the kernel is installed (kernel_info.complete)? */
static bool kernel_has_modules(const struct engine *e, const char *release)
{
	AUTO_FREE char *folder = engine_modules(e, "%s/kernel", release);
	struct kernel_modules s = { e, release, folder, STRV_INIT, false, 0 };
	int r = fs_walk(&e->root, folder, kernel_modules_walk_entry, &s);

	strv_release(&s.ours);
	return r == 1;
}

/*
 * The names of a kernel's image on the various distributions and architectures.  In the kernel's
 * tree the file's name begins with one of them; in /boot the file is NAME-RELEASE.
 */
static const char *const image_names[] = { "vmlinuz", "vmlinux", "Image", "image",
					   "bzImage", "zImage",	 "kernel" };

static bool kernel_is_image(const char *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(image_names); i++) {
		if (strncmp(file, image_names[i], strlen(image_names[i])) == 0)
			return true;
	}
	return false;
}

char *kernel_image(const struct engine *e, const char *release)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	AUTO_STRV struct strv files = STRV_INIT;

	if (fs_list(&e->root, tree, &files) < 0)
		return NULL;
	for (size_t i = 0; i < files.n; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", tree, files.v[i]);

		if (kernel_is_image(files.v[i]) && fs_is_file(&e->root, path))
			return TAKE(path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(image_names); i++) {
		AUTO_FREE char *path = xasprintf("/boot/%s-%s", image_names[i], release);

		if (fs_is_file(&e->root, path))
			return TAKE(path);
	}
	return NULL;
}

static bool kernel_is_complete(const struct engine *e, const char *release)
{
	AUTO_FREE char *image = kernel_image(e, release);

	return image || kernel_has_modules(e, release);
}

/* When the kernel's module interface changes, these files change. */
static const char *const interface_files[] = { "Module.symvers", "include/generated/autoconf.h" };

static void kernel_headers_stamp(const struct engine *e, const char *dir, struct stamp *ret)
{
	stamp_begin(ret);
	for (size_t i = 0; i < ARRAY_SIZE(interface_files); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, interface_files[i]);
		struct stat st;

		stamp_add(ret, interface_files[i], fs_stat(&e->root, path, &st) < 0 ? NULL : &st);
	}
	stamp_end(ret);
}

static int kernel_headers_hash(const struct engine *e, const char *dir, char ret[DIGEST_HEX])
{
	struct digest d;
	int r = 0;

	digest_begin(&d);
	for (size_t i = 0; i < ARRAY_SIZE(interface_files) && r == 0; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, interface_files[i]);
		char hex[DIGEST_HEX] = "";

		r = digest_file(&e->root, path, hex);
		if (r == -ENOENT)
			r = 0;
		digest_add_string(&d, hex);
	}
	digest_end(&d, ret);
	return r;
}

static int kernel_id_add_sym(const struct engine *e, const char *dir, struct cache *c,
			     struct buf *id)
{
	char hex[DIGEST_HEX];
	struct stamp stamp;
	const char *known;
	int r;

	kernel_headers_stamp(e, dir, &stamp);
	known = cache_get(c, dir, &stamp);
	if (!known) {
		r = kernel_headers_hash(e, dir, hex);
		if (r < 0)
			return r;
		cache_put(c, dir, &stamp, hex);
	}
	buf_addf(id, "|sym:%s", known ? known : hex);
	return 0;
}

/*
 * The ledger's entry for the headers in a folder of this name.  The ledger has the name with or
 * without the distribution's prefix, e.g. "6.1.0-56-common" for "linux-headers-6.1.0-56-common".
 */
static const struct owned *kernel_id_folder_owner(const struct owners *l, const char *name)
{
	static const char *const prefixes[] = { "", "linux-headers-", "linux-" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t n = strlen(prefixes[i]);
		const struct owned *o = strncmp(name, prefixes[i], n) == 0
						? ledger_owned(l, OWNED_HEADERS, name + n)
						: NULL;

		if (o)
			return o;
	}
	return NULL;
}

char *kernel_common_dir(const struct engine *e, const char *dir)
{
	AUTO_FREE char *path = xasprintf("%s/Makefile", dir);
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;

	if (fs_read(&e->root, path, MAX_MAKEFILE, &text) < 0)
		return NULL;
	strv_split(&lines, text.s, "\n");
	STRV_FOREACH (line, &lines) {
		AUTO_STRV struct strv words = STRV_INIT;
		const char *slash;

		strv_split(&words, line, " \t\r");
		if (words.n != 2 || strcmp(words.v[0], "include") != 0)
			continue;
		slash = strrchr(words.v[1], '/');
		if (words.v[1][0] == '/' && slash != words.v[1] && strcmp(slash, "/Makefile") == 0)
			return xstrndup(words.v[1], (size_t)(slash - words.v[1]));
	}
	return NULL;
}

void kernel_more_headers(const struct engine *e, const char *release, const char *dir,
			 struct strv *ret)
{
	AUTO_FREE char *common = kernel_common_dir(e, dir);

	if (common)
		strv_add(ret, common);
	if (!e->kernel_source_dir)
		strv_take(ret, engine_modules(e, "%s/source/", release));
}

/* A Makefile that only includes another one, as Debian's and SUSE's do, is not longer than this. */
#define MAX_THIN 4096

/*
 * Have the packages that the headers in `dir` depend on been unpacked?  The Makefile of Debian's
 * headers includes the Makefile of a common part, and their "scripts" is a symlink into the package
 * linux-kbuild.  dpkg unpacks these packages in any order.
 */
static bool kernel_headers_whole(const struct engine *e, const char *dir, const char *makefile)
{
	AUTO_FREE char *scripts = xasprintf("%s/scripts", dir);
	AUTO_FREE char *common = NULL, *there = NULL;
	struct stat st;

	if (fs_lstat(&e->root, scripts, &st) == 0 && !fs_is_dir(&e->root, scripts))
		return false;
	if (fs_stat(&e->root, makefile, &st) < 0 || st.st_size > MAX_THIN)
		return true;
	common = kernel_common_dir(e, dir);
	there = common ? xasprintf("%s/Makefile", common) : NULL;
	return !there || fs_is_file(&e->root, there);
}

static bool kernel_headers_usable(const struct engine *e, const char *dir)
{
	AUTO_FREE char *makefile = xasprintf("%s/Makefile", dir);
	AUTO_FREE char *include = xasprintf("%s/include", dir);

	return fs_is_file(&e->root, makefile) && fs_is_dir(&e->root, include) &&
	       kernel_headers_whole(e, dir, makefile);
}

static void kernel_id_add_owner(const struct owned *o, struct buf *id)
{
	if (o && o->package && o->version)
		buf_addf(id, "%s%s=%s", id->len ? "," : "", o->package, o->version);
}

static void kernel_id_add_owners(const struct engine *e, const struct owners *l,
				 const char *release, const char *dir, struct buf *id)
{
	const struct owned *o = ledger_owned(l, OWNED_HEADERS, release), *common;
	AUTO_FREE char *folder = NULL;

	/*
	 * A folder that --kernelsourcedir names is not from the package of the release's headers.
	 */
	if (!o || e->kernel_source_dir)
		return;
	kernel_id_add_owner(o, id);
	folder = kernel_common_dir(e, dir);
	common = folder ? kernel_id_folder_owner(l, strrchr(folder, '/') + 1) : NULL;
	if (common != o)
		kernel_id_add_owner(common, id);
}

static int kernel_headers_id(const struct engine *e, const char *release, const struct owners *l,
			     struct cache *c, const char *dir, char **ret)
{
	AUTO_BUF struct buf id = BUF_INIT;
	int r;

	if (l)
		kernel_id_add_owners(e, l, release, dir, &id);
	r = kernel_id_add_sym(e, dir, c, &id);
	if (r == 0)
		*ret = buf_detach(&id);
	return r;
}

int kernel_look(const struct engine *e, const char *release, const struct owners *l,
		struct cache *c, struct kernel_info *ret)
{
	AUTO_KERNEL_INFO struct kernel_info k = { .release = xstrdup(release) };
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	int r;

	k.tree = fs_is_dir(&e->root, tree);
	k.complete = k.tree && kernel_is_complete(e, release);
	k.headers_dir = engine_headers_dir(e, release);
	k.headers = kernel_headers_usable(e, k.headers_dir);
	if (k.headers) {
		r = kernel_headers_id(e, release, l, c, k.headers_dir, &k.headers_id);
		if (r < 0)
			return r;
	}
	*ret = k;
	k = (struct kernel_info){ 0 };
	return 0;
}

char *kernel_boot_config(const struct engine *e, const char *release)
{
	AUTO_FREE char *path = xasprintf("/boot/config-%s", release);
	AUTO_FREE char *in_tree = engine_modules(e, "%s/config", release);

	if (fs_is_file(&e->root, path))
		return TAKE(path);
	return fs_is_file(&e->root, in_tree) ? TAKE(in_tree) : NULL;
}

/* The path of the file that kernel_config() reads; NULL: there is none.  Caller frees. */
static char *kernel_config_path(const struct engine *e, const char *release)
{
	static const char *const names[] = { "include/config/auto.conf", ".config" };
	AUTO_FREE char *dir = engine_headers_dir(e, release);

	if (e->kernel_config)
		return fs_is_file(&e->root, e->kernel_config) ? xstrdup(e->kernel_config) : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, names[i]);

		if (fs_is_file(&e->root, path))
			return TAKE(path);
	}
	return kernel_boot_config(e, release);
}

int kernel_config(const struct engine *e, const char *release, struct kconfig *ret)
{
	AUTO_FREE char *path = kernel_config_path(e, release);
	AUTO_BUF struct buf text = BUF_INIT;
	int r;

	if (!path)
		return -ENOENT;
	r = fs_read(&e->root, path, MAX_CONFIG, &text);
	if (r == 0)
		kconfig_parse(text.s, ret);
	return r;
}

bool kernel_by_clang(const struct engine *e, const char *release, const struct kconfig *c)
{
	AUTO_FREE char *dir = engine_headers_dir(e, release);
	AUTO_FREE char *vmlinux = xasprintf("%s/vmlinux", dir);
	AUTO_BUF struct buf comment = BUF_INIT;

	if (!fs_exists(&e->root, vmlinux))
		return c && kconfig_enabled(c, "CONFIG_CC_IS_CLANG");
	return elf_read_section(&e->root, vmlinux, ".comment", MAX_COMMENT, &comment) == 0 &&
	       memmem(comment.s, comment.len, "clang", 5) != NULL;
}

char *kernels_running(const struct engine *e)
{
	AUTO_FREE char *tree = NULL;
	struct utsname u;

	if (root_is_foreign(&e->root) || uname(&u) < 0 || modid_kernel_problem(u.release))
		return NULL;
	tree = engine_modules(e, "%s", u.release);
	return fs_is_dir(&e->root, tree) ? xstrdup(u.release) : NULL;
}

static bool kernel_has_headers(const struct engine *e, const char *release)
{
	AUTO_FREE char *dir = engine_headers_dir(e, release);

	return kernel_headers_usable(e, dir);
}

/*
 * The first of `releases` whose headers are usable; NULL: none.  If `complete` is true, the kernel
 * itself must be installed, too.
 */
static const char *kernels_newest(const struct engine *e, const struct strv *releases,
				  bool complete)
{
	const char *release;

	STRV_FOREACH (release, releases) {
		if (kernel_has_headers(e, release) && (!complete || kernel_is_complete(e, release)))
			return release;
	}
	return NULL;
}

int kernels_default(const struct engine *e, char **ret, struct err *err)
{
	AUTO_STRV struct strv releases = STRV_INIT;
	AUTO_FREE char *running = kernels_running(e);
	const char *found;
	int r;

	if (running) {
		*ret = TAKE(running);
		return 0;
	}
	r = kernels_list(e, &releases);
	if (r < 0)
		return err_sys(err, r, "%s", e->install_tree);
	if (releases.n == 0)
		return err_set(err, -E_NO_KERNEL, "no kernel is installed in %s", e->install_tree);
	found = kernels_newest(e, &releases, true);
	if (!found)
		found = kernels_newest(e, &releases, false);
	if (!found)
		return err_set(err, -E_NO_HEADERS, "none of the kernels in %s has its headers",
			       e->install_tree);
	*ret = xstrdup(found);
	return 0;
}
