/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/tree.h"

#include <string.h>

#include "base/alloc.h"
#include "engine/digest.h"
#include "engine/distro.h"
#include "model/vercheck.h"
#include "module/kerneltree.h"
#include "module/modinfo.h"
#include "sys/fs.h"

#define MAX_DEP (16 * 1024 * 1024)

/* Length of NAME in e.g. "NAME.ko" or "NAME.ko.xz"; 0: this is no module file's name. */
static size_t tree_stem_length(const char *name)
{
	const char *suffix = kerneltree_suffix(name);

	return suffix ? strlen(name) - strlen(suffix) : 0;
}

static bool tree_is_module_file(const char *name, const char *dest)
{
	size_t n = tree_stem_length(name);

	return n && strlen(dest) == n && strncmp(name, dest, n) == 0;
}

static char *tree_probe_module(const struct engine *e, const char *release, const char *dir,
			       const char *dest)
{
	for (const char *const *s = kerneltree_suffixes; *s; s++) {
		AUTO_FREE char *path = engine_modules(e, "%s%s/%s%s", release, dir, dest, *s);
		struct stat st;

		if (fs_lstat(&e->root, path, &st) == 0)
			return TAKE(path);
	}
	return NULL;
}

/* Find the module in the text of modules.dep.  Its lines are "PATH: ..."; PATH may be absolute. */
static char *tree_find_in_dep(const struct engine *e, const char *release, const char *dest,
			      const char *text)
{
	for (const char *s = text; *s; s += *s == '\n') {
		AUTO_FREE char *file = xstrndup(s, strcspn(s, ":\n"));
		const char *slash = strrchr(file, '/');

		s += strcspn(s, "\n");
		if (tree_is_module_file(slash ? slash + 1 : file, dest))
			return *file == '/' ? TAKE(file)
					    : engine_modules(e, "%s/%s", release, file);
	}
	return NULL;
}

struct search {
	const char *dest;
	char *found;
};

static int search_match(const char *rel, const struct stat *st, void *data)
{
	const char *slash = strrchr(rel, '/');
	struct search *s = data;

	if (S_ISDIR(st->st_mode) || !tree_is_module_file(slash ? slash + 1 : rel, s->dest))
		return 0;
	s->found = xstrdup(rel);
	return 1;
}

static char *tree_find_anywhere(const struct engine *e, const char *release, const char *dest)
{
	AUTO_FREE char *dep = engine_modules(e, "%s/modules.dep", release);
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	AUTO_BUF struct buf text = BUF_INIT;
	struct search s = { .dest = dest };
	AUTO_FREE char *found = NULL;

	if (fs_read(&e->root, dep, MAX_DEP, &text) == 0 && text.len)
		return tree_find_in_dep(e, release, dest, text.s);
	if (fs_walk(&e->root, tree, search_match, &s) != 1)
		return NULL;
	found = s.found;
	return engine_modules(e, "%s/%s", release, found);
}

char *tree_find_installed(const struct engine *e, const struct target *t, const char *dest)
{
	static const char *const usual[] = { "/extra", "/updates", "/updates/dkms" };
	AUTO_FREE char *dir = engine_target_dir(e);
	char *found = dir ? tree_probe_module(e, t->release, dir, dest) : NULL;

	for (size_t i = 0; i < ARRAY_SIZE(usual) && !found; i++)
		found = tree_probe_module(e, t->release, usual[i], dest);
	return found ? found : tree_find_anywhere(e, t->release, dest);
}

static enum files_state files_state_worse(enum files_state a, enum files_state b)
{
	/* The state with the higher weight is the worse one. */
	static const int weight[] = { [FILES_SAME] = 0,
				      [FILES_REFUSED] = 1,
				      [FILES_DIFFER] = 2,
				      [FILES_MISSING] = 3,
				      [FILES_LOST] = 4 };

	return weight[a] >= weight[b] ? a : b;
}

bool tree_file_has_digest(const struct engine *e, const char *path, const char *sha256)
{
	char hex[DIGEST_HEX];

	return sha256 && digest_file(&e->root, path, hex) == 0 && strcmp(hex, sha256) == 0;
}

bool tree_module_is_at(const struct engine *e, const struct record_module *m, const char *path,
		       const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return false;
	if ((uint64_t)st->st_size == m->size && fs_mtime_ns(st) == m->mtime_ns)
		return true;
	return tree_file_has_digest(e, path, m->sha256);
}

/* Does the build's file have the bytes that were installed? */
static bool tree_is_built_from(const struct engine *e, const struct record_module *m,
			       const char *built, const struct stat *st)
{
	if (m->built_mtime_ns && (uint64_t)st->st_size == m->size &&
	    fs_mtime_ns(st) == m->built_mtime_ns)
		return true;
	return tree_module_is_at(e, m, built, st);
}

static enum files_state tree_compare_installed(const struct engine *e, const char *built,
					       const struct stat *built_st,
					       const struct record_module *m)
{
	struct stat st;

	if (!m->path || fs_stat(&e->root, m->path, &st) < 0)
		return FILES_MISSING;
	if (!tree_module_is_at(e, m, m->path, &st))
		return FILES_DIFFER;
	return tree_is_built_from(e, m, built, built_st) ? FILES_SAME : FILES_DIFFER;
}

bool tree_goes_over(const struct engine *e, const char *built, const char *other)
{
	AUTO_MODINFO struct modinfo a = { 0 }, b = { 0 };
	struct vercheck_side ours, theirs;

	if (modinfo_read(&e->root, built, &a) < 0 || modinfo_read(&e->root, other, &b) < 0)
		return true;
	ours = (struct vercheck_side){ a.version, a.srcversion };
	theirs = (struct vercheck_side){ b.version, b.srcversion };
	return vercheck(&ours, &theirs, false) == VERCHECK_INSTALL;
}

/*
 * Would an install refuse the module?  Yes, if the file that kept the module out (refused_by) has
 * the same bytes as then, or if the version check refuses to replace the file that is there now.
 */
static bool tree_is_refused(const struct engine *e, const struct record_module *m,
			    const char *built)
{
	return m->refused_by && (tree_file_has_digest(e, m->refused_by, m->refused_sha256) ||
				 !tree_goes_over(e, built, m->refused_by));
}

static enum files_state tree_check_module(const struct engine *e, const char *folder,
					  const struct record_module *m, bool installed)
{
	AUTO_FREE char *built = xasprintf("%s/%s", folder, m->file);
	struct stat st;

	if (m->left)
		return installed ? FILES_DIFFER : FILES_SAME;
	if (fs_stat(&e->root, built, &st) < 0 || !S_ISREG(st.st_mode))
		return FILES_LOST;
	if (tree_is_refused(e, m, built))
		return FILES_REFUSED;
	return installed ? tree_compare_installed(e, built, &st, m) : FILES_SAME;
}

static enum files_state tree_check_record(const struct engine *e, const char *built,
					  const struct record *rec, bool installed)
{
	enum files_state state = FILES_SAME;
	size_t refused = 0, left = 0;

	for (size_t i = 0; i < rec->n_modules; i++) {
		enum files_state s = tree_check_module(e, built, &rec->modules[i], installed);

		state = files_state_worse(state, s);
		refused += s == FILES_REFUSED;
		left += rec->modules[i].left;
	}
	/* If nothing is installed and only some modules are refused, the others can still go in. */
	if (state == FILES_REFUSED && !installed && refused + left < rec->n_modules)
		return FILES_SAME;
	return state;
}

static enum files_state tree_compare_bytes(const struct engine *e, const char *a, const char *b)
{
	struct stat st_a, st_b;

	if (fs_stat(&e->root, a, &st_a) < 0 || fs_stat(&e->root, b, &st_b) < 0)
		return FILES_MISSING;
	if (st_a.st_ino == st_b.st_ino && st_a.st_dev == st_b.st_dev)
		return FILES_SAME;
	return st_a.st_size == st_b.st_size && fs_same_bytes(&e->root, a, b) ? FILES_SAME
									     : FILES_DIFFER;
}

static enum files_state tree_check_file(const struct engine *e, const struct target *t,
					const char *built, const char *file)
{
	AUTO_FREE char *dest = xstrndup(file, tree_stem_length(file));
	AUTO_FREE char *path = xasprintf("%s/%s", built, file);
	AUTO_FREE char *installed = tree_find_installed(e, t, dest);

	return installed ? tree_compare_bytes(e, path, installed) : FILES_MISSING;
}

static enum files_state tree_check_files(const struct engine *e, const struct target *t,
					 const char *built)
{
	enum files_state state = FILES_SAME;
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_list(&e->root, built, &names) < 0)
		return FILES_LOST;
	STRV_FOREACH (name, &names) {
		if (tree_stem_length(name))
			state = files_state_worse(state, tree_check_file(e, t, built, name));
	}
	return state;
}

enum files_state tree_files_state(const struct engine *e, const struct target *t,
				  const struct record *rec, bool installed)
{
	AUTO_FREE char *built = tree_built_dir(e, t);

	if (rec)
		return tree_check_record(e, built, rec, installed);
	if (!installed)
		return fs_is_dir(&e->root, built) ? FILES_SAME : FILES_LOST;
	return tree_check_files(e, t, built);
}

bool tree_lacks_judged_module(const struct engine *e, const struct target *t,
			      const struct verdicts *verdicts)
{
	const struct verdict *v =
		ledger_verdict(verdicts, t->name, t->version, t->release, t->arch);

	return v && !v->bad && !v->excluded && tree_lacks_module(e, t, &v->modules);
}

bool tree_has_other_module(const struct engine *e, const struct target *t, const struct strv *dests)
{
	AUTO_FREE char *folder = tree_built_dir(e, t);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_list(&e->root, folder, &names) < 0)
		return false;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *dest = xstrndup(name, tree_stem_length(name));

		if (*dest && !strv_has(dests, dest))
			return true;
	}
	return false;
}

bool tree_lacks_module(const struct engine *e, const struct target *t, const struct strv *dests)
{
	AUTO_FREE char *folder = tree_built_dir(e, t);
	const char *dest;

	STRV_FOREACH (dest, dests) {
		AUTO_FREE char *file = kerneltree_file_for(&e->root, folder, dest);

		if (!file)
			return true;
	}
	return false;
}
