/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "model/kver.h"
#include "model/modid.h"
#include "model/vercmp.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/looks.h"

/* The entries of a folder, read once; the types save a stat for each. */
struct entry {
	char *name;
	unsigned char type; /* DT_... */
};
struct folder {
	struct looks *looks; /* of the root */
	int fd;
	char *path;
	struct entry *entries;
	size_t n;
};

struct lister {
	const struct engine *e;
	const char *version; /* the version to list; NULL: all */
	struct tree *tree;
	bool more; /* the tree had names before */
};

static void folder_close(struct folder *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->entries[i].name);
	free(f->entries);
	free(f->path);
	if (f->fd >= 0)
		close(f->fd);
}

static unsigned char entry_type(const struct folder *f, const char *name)
{
	struct stat st;
	int code = fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;

	looks_note_at(f->looks, LOOK_LINK, f->path, name, code, &st);
	return code < 0 ? DT_UNKNOWN : (unsigned char)IFTODT(st.st_mode);
}

static void folder_add(const char *name, unsigned char type, void *data)
{
	struct folder *f = data;
	struct entry entry = { xstrdup(name), type };

	if (type == DT_UNKNOWN)
		entry.type = entry_type(f, name);
	VEC_PUSH(f->entries, f->n, entry);
}

/* Takes ownership of path, also on failure. */
static int folder_open(const struct engine *e, char *path, struct folder *ret)
{
	struct folder f = { .looks = e->root.looks, .path = path };
	int r;

	f.fd = root_openat(&e->root, path, O_RDONLY | O_DIRECTORY, 0);
	r = f.fd < 0 ? f.fd : fd_read_folder(f.fd, folder_add, &f);
	if (r < 0)
		folder_close(&f);
	else
		*ret = f;
	return r;
}

static void lister_problem(struct lister *l, const char *path, const char *name, const char *what)
{
	AUTO_BUF struct buf shown = BUF_INIT;

	text_add_visible(&shown, path);
	if (name) {
		buf_addch(&shown, '/');
		text_add_visible(&shown, name);
	}
	strv_addf(&l->tree->problems, "%s: %s", shown.s, what);
	log_debug("%s", l->tree->problems.v[l->tree->problems.n - 1]);
}

/*
 * Open the folder `name` in `parent`.  An error is added to the problems, unless the folder has
 * vanished.
 */
static int lister_enter(struct lister *l, const struct folder *parent, const char *name,
			struct folder *ret)
{
	int r = folder_open(l->e, xasprintf("%s/%s", parent->path, name), ret);

	if (r < 0 && r != -ENOENT)
		lister_problem(l, parent->path, name, error_text(r));
	return r;
}

static bool entry_may_be_folder(const struct entry *entry)
{
	return entry->type == DT_DIR || entry->type == DT_LNK || entry->type == DT_UNKNOWN;
}

static bool folder_has(const struct folder *f, const char *rest, mode_t type)
{
	struct stat st;
	int code = fstatat(f->fd, rest, &st, 0) < 0 ? -errno : 0;

	looks_note_at(f->looks, LOOK_TYPE, f->path, rest, code, &st);
	return code == 0 && (st.st_mode & S_IFMT) == type;
}

/* Parse the target of a kernel link, relative to M's folder: VERSION/RELEASE/ARCH. */
static bool tree_active_split(const char *rest, struct tree_active *ret)
{
	AUTO_STRV struct strv parts = STRV_INIT, kept = STRV_INIT;
	const char *s;

	strv_split(&parts, rest, "/");
	STRV_FOREACH (s, &parts) {
		if (strcmp(s, ".") != 0)
			strv_add(&kept, s);
	}
	if (kept.n != 3 || modid_version_problem(kept.v[0]) || modid_kernel_problem(kept.v[1]) ||
	    modid_kernel_problem(kept.v[2]))
		return false;
	ret->version = xstrdup(kept.v[0]);
	ret->release = xstrdup(kept.v[1]);
	ret->arch = xstrdup(kept.v[2]);
	return true;
}

/* The part of `path` after "FOLDER/"; NULL: `path` is not below `folder`. */
static const char *treelist_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

/*
 * Return the target of a kernel link as a path relative to M's folder.  Use the link's text if
 * possible, else the resolved path.  NULL: the link leads out of M's folder.  Caller frees.
 */
static char *lister_active_target(const struct lister *l, const struct folder *m, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", m->path, name);
	AUTO_FREE char *text = NULL, *real = NULL;
	const char *set = settings_get(&l->e->settings, SET_DKMS_TREE), *rest;
	const char *module = strrchr(m->path, '/') + 1;

	if (fs_readlink(&l->e->root, path, &text) < 0)
		return NULL;
	if (*text != '/' && strncmp(text, "../", 3) != 0)
		return TAKE(text);
	rest = treelist_below(text, m->path);
	if (!rest && treelist_below(text, set))
		rest = treelist_below(treelist_below(text, set), module);
	if (!rest && root_realpath(&l->e->root, path, &real) == 0)
		rest = treelist_below(real, m->path);
	/* A link whose target does not exist cannot be resolved: take its text. */
	if (!rest && !real && strncmp(text, "../", 3) == 0)
		rest = treelist_below(text + 3, module);
	return xstrdup(rest);
}

/*
 * Add the kernel link "kernel-K-A".  Both K and A may contain dashes, so the link's target decides
 * where K ends.  If the target does not fit the name, split the name at its last dash.
 */
static void lister_add_active(struct lister *l, const struct folder *f, const char *name,
			      struct tree_module *m)
{
	AUTO_FREE char *target = lister_active_target(l, f, name), *expected = NULL;
	const char *kernel = name + strlen(TREE_ACTIVE), *dash = strrchr(kernel, '-');
	struct tree_active a = { 0 };

	if (target && tree_active_split(target, &a)) {
		expected = xasprintf("%s-%s", a.release, a.arch);
		if (strcmp(expected, kernel) == 0) {
			VEC_PUSH(m->actives, m->n_actives, a);
			return;
		}
		free(a.version);
		free(a.release);
		free(a.arch);
	}
	a = (struct tree_active){ .release = xstrndup(kernel, dash ? (size_t)(dash - kernel) : 0),
				  .arch = xstrdup(dash ? dash + 1 : ""),
				  .dangling = true };
	if (!modid_kernel_problem(a.release) && !modid_kernel_problem(a.arch)) {
		VEC_PUSH(m->actives, m->n_actives, a);
		return;
	}
	lister_problem(l, f->path, name, "it does not lead to a build");
	free(a.release);
	free(a.arch);
}

static void tree_version_add_build(const struct folder *k, const char *release, const char *arch,
				   struct tree_version *v)
{
	AUTO_FREE char *module = tree_built_in(arch);
	AUTO_FREE char *record = tree_record_in(arch);
	struct tree_build b = { .built = folder_has(k, module, S_IFDIR),
				.record = folder_has(k, record, S_IFREG) };

	/* A folder with neither modules nor record counts only if DKMS lists its release. */
	if (!b.built && !b.record && !kver_is_listed(release))
		return;
	b.release = xstrdup(release);
	b.arch = xstrdup(arch);
	VEC_PUSH(v->builds, v->n_builds, b);
}

static void lister_add_kernel(struct lister *l, const struct folder *f, const char *release,
			      struct tree_version *v)
{
	struct folder k;

	if (lister_enter(l, f, release, &k) < 0)
		return;
	for (size_t i = 0; i < k.n; i++) {
		const struct entry *entry = &k.entries[i];
		const char *why = modid_kernel_problem(entry->name);

		if (entry->name[0] == '.')
			continue; /* staging folders, ours or DKMS's */
		if (!entry_may_be_folder(entry) || why)
			lister_problem(l, k.path, entry->name, why ? why : "it is no folder");
		else
			tree_version_add_build(&k, release, entry->name, v);
	}
	folder_close(&k);
}

/* NAME of "<source_tree>/NAME"; NULL for any other path.  Caller frees. */
static char *treelist_source_folder(const struct engine *e, const char *link)
{
	AUTO_FREE char *rest = xstrdup(treelist_below(link, e->source_tree));

	if (!rest)
		return NULL;
	for (size_t n = strlen(rest); n && rest[n - 1] == '/'; n--)
		rest[n - 1] = '\0';
	return path_is_component(rest) ? TAKE(rest) : NULL;
}

static void treelist_read_source(const struct engine *e, const char *name, const struct folder *f,
				 struct tree_version *v)
{
	AUTO_FREE char *link = tree_source_link(e, name, v->version);
	AUTO_FREE char *source = tree_source_dir(e, name, v->version);

	if (fs_readlink(&e->root, link, &v->link) == 0) {
		bool lost = !fs_is_dir(&e->root, link), again = lost && fs_is_dir(&e->root, source);

		/* If the source is where `add` looks for it, only the link must be mended. */
		v->source = again ? SOURCE_BROKEN : lost ? SOURCE_MISSING : SOURCE_OK;
		v->folder = treelist_source_folder(e, again ? source : v->link);
		return;
	}
	v->own_source = folder_has(f, "source", S_IFDIR);
	v->source = fs_is_dir(&e->root, source) ? SOURCE_BROKEN : SOURCE_NONE;
	if (v->source == SOURCE_BROKEN)
		v->folder = treelist_source_folder(e, source);
}

static bool treelist_is_reserved(const char *name)
{
	static const char *const names[] = { "build", "source",	     "tarball", "dkms.conf",
					     "deb",   "bmdeb",	     "dsc",	"rpm",
					     "disk",  "driver_disk", "module",	"record" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return name[0] == '.';
}

static int tree_build_compare(const void *a, const void *b)
{
	const struct tree_build *first = a, *second = b;
	int r = kver_compare(first->release, second->release);

	if (r == 0)
		r = strcmp(first->release, second->release);
	return r ? r : strcmp(first->arch, second->arch);
}

static void lister_add_version(struct lister *l, const struct folder *f, const char *version,
			       struct tree_module *m)
{
	struct tree_version v = { .version = xstrdup(version) };
	struct folder in;

	if (lister_enter(l, f, version, &in) < 0) {
		free(v.version);
		return;
	}
	treelist_read_source(l->e, m->name, &in, &v);
	for (size_t i = 0; i < in.n; i++) {
		const struct entry *entry = &in.entries[i];

		if (treelist_is_reserved(entry->name))
			continue;
		if (!entry_may_be_folder(entry) || modid_kernel_problem(entry->name))
			lister_problem(l, in.path, entry->name, "it is no kernel's folder");
		else
			lister_add_kernel(l, &in, entry->name, &v);
	}
	folder_close(&in);
	if (v.n_builds > 1)
		qsort(v.builds, v.n_builds, sizeof(*v.builds), tree_build_compare);
	VEC_PUSH(m->versions, m->n_versions, v);
}

/* Has the build's folder been found to hold something? */
static bool tree_active_is_listed(const struct tree_module *m, const struct tree_active *a)
{
	for (size_t i = 0; i < m->n_versions; i++) {
		const struct tree_version *v = &m->versions[i];

		for (size_t j = 0; strcmp(v->version, a->version) == 0 && j < v->n_builds; j++) {
			const struct tree_build *b = &v->builds[j];

			if (strcmp(b->release, a->release) == 0 && strcmp(b->arch, a->arch) == 0)
				return b->built || b->record;
		}
	}
	return false;
}

/* Does the build that the link names exist? */
static bool tree_active_exists(const struct folder *f, const struct tree_module *m,
			       const struct tree_active *a)
{
	AUTO_FREE char *build = NULL;

	if (!a->version || tree_active_is_listed(m, a))
		return a->version;
	build = xasprintf("%s/%s/%s", a->version, a->release, a->arch);
	return folder_has(f, build, S_IFDIR);
}

static void tree_build_mark(const struct folder *f, struct tree_module *m, const char *version,
			    struct tree_build *b, bool originals)
{
	const struct tree_active *a = tree_module_active(m, b->release, b->arch);
	AUTO_FREE char *original = xasprintf(TREE_ORIGINALS "/%s/%s", b->release, b->arch);

	b->original = originals && folder_has(f, original, S_IFDIR);
	b->installed =
		(b->built || b->record) && a && a->version && strcmp(a->version, version) == 0;
}

/*
 * Set tree_active.dangling, tree_build.installed and tree_build.original.  They need both links and
 * builds, so call this function after the module package's folder was read completely.
 */
static void tree_module_mark_builds(const struct folder *f, struct tree_module *m, bool originals)
{
	for (size_t i = 0; i < m->n_actives; i++)
		m->actives[i].dangling = !tree_active_exists(f, m, &m->actives[i]);
	for (size_t i = 0; i < m->n_versions; i++) {
		struct tree_version *v = &m->versions[i];

		for (size_t j = 0; j < v->n_builds; j++)
			tree_build_mark(f, m, v->version, &v->builds[j], originals);
	}
}

static void lister_add_entry(struct lister *l, const struct folder *f, const struct entry *entry,
			     struct tree_module *m)
{
	const char *name = entry->name, *why;

	if (name[0] == '.' || strcmp(name, TREE_ORIGINALS) == 0)
		return;
	if (strncmp(name, TREE_ACTIVE, strlen(TREE_ACTIVE)) == 0) {
		if (entry->type == DT_LNK)
			lister_add_active(l, f, name, m);
		else
			lister_problem(l, f->path, name, "it is no link");
		return;
	}
	why = modid_version_problem(name);
	if (why || !entry_may_be_folder(entry))
		lister_problem(l, f->path, name, why ? why : "it is no folder");
	else if (!l->version || strcmp(l->version, name) == 0)
		lister_add_version(l, f, name, m);
}

static int tree_version_compare(const void *a, const void *b)
{
	const struct tree_version *first = a, *second = b;
	int r = vercmp(first->version, second->version);

	return r ? r : strcmp(first->version, second->version);
}

/* Takes ownership of path. */
static int lister_add_module(struct lister *l, const char *name, char *path)
{
	struct tree_module m = { .name = xstrdup(name) };
	bool originals = false;
	struct folder f;
	int r = folder_open(l->e, path, &f);

	if (r < 0) {
		free(m.name);
		return r;
	}
	for (size_t i = 0; i < f.n; i++) {
		lister_add_entry(l, &f, &f.entries[i], &m);
		originals |= strcmp(f.entries[i].name, TREE_ORIGINALS) == 0;
	}
	tree_module_mark_builds(&f, &m, originals);
	folder_close(&f);
	if (m.n_versions > 1)
		qsort(m.versions, m.n_versions, sizeof(*m.versions), tree_version_compare);
	VEC_PUSH(l->tree->modules, l->tree->n_modules, m);
	return 0;
}

/* Is this a file that DKMS (in some version) or we keep in the dkms tree beside module packages? */
static bool treelist_is_no_module(const char *name)
{
	static const char *const names[] = { "mok.key", "mok.pub", "post_transaction.log",
					     "dkms_dbversion" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return name[0] == '.' || strncmp(name, "depmod-pending-", 15) == 0;
}

static void lister_add_top_entry(struct lister *l, const struct folder *f,
				 const struct entry *entry)
{
	const char *why = modid_name_problem(entry->name);
	int r;

	if (treelist_is_no_module(entry->name) || (l->more && tree_module(l->tree, entry->name)))
		return;
	if (why || !entry_may_be_folder(entry)) {
		lister_problem(l, f->path, entry->name, why ? why : "it is no folder");
		return;
	}
	r = lister_add_module(l, entry->name, xasprintf("%s/%s", f->path, entry->name));
	if (r < 0 && r != -ENOENT)
		lister_problem(l, f->path, entry->name, error_text(r));
}

static int tree_module_compare(const void *a, const void *b)
{
	return strcmp(((const struct tree_module *)a)->name, ((const struct tree_module *)b)->name);
}

static int lister_list_all(struct lister *l)
{
	struct folder f;
	int r = folder_open(l->e, xstrdup(l->e->dkms_tree), &f);

	if (r < 0)
		return r;
	for (size_t i = 0; i < f.n; i++)
		lister_add_top_entry(l, &f, &f.entries[i]);
	folder_close(&f);
	return 0;
}

int tree_list(const struct engine *e, const char *name, const char *version, struct tree *ret)
{
	struct lister l = { e, version, ret, ret->n_modules > 0 };
	int r;

	if (!name)
		r = lister_list_all(&l);
	else if (modid_name_problem(name) || tree_module(ret, name))
		r = 0;
	else
		r = lister_add_module(&l, name, tree_module_dir(e, name));
	if (ret->n_modules > 1)
		qsort(ret->modules, ret->n_modules, sizeof(*ret->modules), tree_module_compare);
	return r == -ENOENT || r == -ENOTDIR ? 0 : r;
}
