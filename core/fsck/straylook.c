/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsck/straylook.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/kernels.h"
#include "module/kerneltree.h"
#include "module/modinfo.h"
#include "packages/owners.h"
#include "sys/fs.h"
#include "tree/ledgerfile.h"
#include "tx/recovery.h"

struct straylook {
	const struct engine *e;
	const struct tree *tree;
	struct verdicts verdicts; /* of the confs, as last evaluated */
	struct strv found;	  /* paths that may be strays, of all kernels */
	struct strv releases;	  /* the kernel of each path in `found` */
};

/* ---- what accounts for a module ---- */

struct straylook_known {
	struct strv paths; /* that records name */
	struct strv names; /* the loader's names of what DKMS may have installed */
};

static void straylook_add_name(const char *dest, struct strv *ret)
{
	AUTO_FREE char *name = modinfo_loader_name(dest);

	if (name)
		strv_take(ret, TAKE(name));
}

/* Does M/kernel-K-A name this build?  A link that leads astray may mean any build. */
static bool straylook_is_linked(const struct straylook *l, const struct target *t)
{
	const struct tree_active *a = tree_active(l->tree, t->name, t->release, t->arch);

	return a && (!a->version || !strcmp(a->version, t->version));
}

/*
 * Add the modules of a build by their names: those in its folder and, because a module may be lost
 * there, those of its conf.
 */
static void straylook_add_names(const struct straylook *l, const struct target *t, struct strv *ret)
{
	const struct verdict *v =
		ledger_verdict(&l->verdicts, t->name, t->version, t->release, t->arch);
	AUTO_FREE char *folder = tree_built_dir(l->e, t);
	AUTO_STRV struct strv files = STRV_INIT;
	const char *file, *dest;

	if (fs_list(&l->e->root, folder, &files) < 0)
		log_debug("%s cannot be listed", folder);
	STRV_FOREACH (file, &files) {
		char *name = kerneltree_module_name(file);

		if (name)
			strv_take(ret, name);
	}
	if (!v)
		return;
	STRV_FOREACH (dest, &v->modules)
		straylook_add_name(dest, ret);
}

static void straylook_add_build(const struct straylook *l, const struct target *t,
				struct straylook_known *ret)
{
	AUTO_RECORD struct record record = { .depends = STRV_INIT };
	bool linked = straylook_is_linked(l, t);

	if (tree_record_read(l->e, t, &record, NULL) < 0) {
		if (linked)
			straylook_add_names(l, t, &ret->names);
		return;
	}
	for (size_t i = 0; i < record.n_modules; i++) {
		const struct record_module *m = &record.modules[i];

		if (m->path)
			strv_add(&ret->paths, m->path);
		else if (linked)
			straylook_add_name(m->dest, &ret->names);
	}
}

static void straylook_add_version(const struct straylook *l, const char *name,
				  const struct tree_version *v, const char *release,
				  struct straylook_known *ret)
{
	for (size_t i = 0; i < v->n_builds; i++) {
		const struct tree_build *b = &v->builds[i];
		struct target t = { name, v->version, b->release, b->arch };

		if (!strcmp(b->release, release))
			straylook_add_build(l, &t, ret);
	}
}

static void straylook_list_known(const struct straylook *l, const char *release,
				 struct straylook_known *ret)
{
	for (size_t i = 0; i < l->tree->n_modules; i++) {
		const struct tree_module *m = &l->tree->modules[i];

		for (size_t k = 0; k < m->n_versions; k++)
			straylook_add_version(l, m->name, &m->versions[k], release, ret);
	}
	strv_sort(&ret->paths);
	strv_sort(&ret->names);
}

static int straylook_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Is `s` in the sorted vector? */
static bool straylook_has(const struct strv *sorted, const char *s)
{
	return sorted->n &&
	       bsearch(&s, sorted->v, sorted->n, sizeof(*sorted->v), straylook_compare);
}

/* ---- a kernel ---- */

struct straylook_walk {
	const char *folder;
	struct strv *ret;
};

static int straylook_on_entry(const char *rel, const struct stat *st, void *data)
{
	const char *slash = strrchr(rel, '/');
	struct straylook_walk *w = data;

	if ((S_ISREG(st->st_mode) || S_ISLNK(st->st_mode)) &&
	    kerneltree_suffix(slash ? slash + 1 : rel))
		strv_addf(w->ret, "%s/%s", w->folder, rel);
	return 0;
}

/* The kernel's folder of DKMS.  NULL: there is none, or a link is on the way.  Caller frees. */
static char *straylook_folder(const struct engine *e, const char *release)
{
	static const char *const parts[] = { "", "/updates", "/updates/dkms" };
	char *folder = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct stat st;

		free(folder);
		folder = engine_modules(e, "%s%s", release, parts[i]);
		if (fs_lstat(&e->root, folder, &st) < 0 || !S_ISDIR(st.st_mode)) {
			free(folder);
			return NULL;
		}
	}
	return folder;
}

static void straylook_kernel(struct straylook *l, const char *release)
{
	struct straylook_known known = { STRV_INIT, STRV_INIT };
	AUTO_FREE char *folder = straylook_folder(l->e, release);
	AUTO_STRV struct strv files = STRV_INIT;
	struct straylook_walk w = { folder, &files };
	const char *path;

	if (folder && fs_walk(&l->e->root, folder, straylook_on_entry, &w) < 0)
		log_debug("%s cannot be listed as a whole", folder);
	if (files.n)
		straylook_list_known(l, release, &known);
	STRV_FOREACH (path, &files) {
		AUTO_FREE char *name = kerneltree_module_name(strrchr(path, '/') + 1);

		if (straylook_has(&known.paths, path) || straylook_has(&known.names, name))
			continue;
		strv_add(&l->found, path);
		strv_add(&l->releases, release);
	}
	strv_release(&known.paths);
	strv_release(&known.names);
}

/* ---- what is told ---- */

/* Can the path be typed, in quotes if needed?  Not if text_add_visible() has to change it. */
static bool straylook_can_be_typed(const char *path)
{
	AUTO_BUF struct buf b = BUF_INIT;

	text_add_visible(&b, path);
	return !strcmp(b.s, path);
}

static char *straylook_advice(const struct engine *e, const char *path, const char *release)
{
	AUTO_FREE char *index = engine_modules(e, "%s/modules.dep", release);
	AUTO_FREE char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	AUTO_BUF struct buf rm = BUF_INIT;

	if (!straylook_can_be_typed(path))
		return xasprintf("If it is of no use, delete it; ls -b shows how its name is "
				 "written: ls -b %s",
				 folder);
	buf_adds(&rm, "rm ");
	if (path[strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			      "0123456789/._+-:")])
		buf_add_quoted(&rm, path);
	else
		buf_adds(&rm, path);
	if (fs_exists(&e->root, index))
		buf_addf(&rm, " && depmod %s", release);
	return xasprintf("If it is of no use: %s", rm.s);
}

static void straylook_tell(const struct straylook *l, straylook_fn fn, void *data)
{
	enum owner_answer *answers = xcalloc(l->found.n, sizeof(*answers));
	AUTO_FREE char *text = xasprintf(
		"Nothing in %s says that dkms installed this module, and no package has it. It was "
		"left when a dkms was killed or its tree deleted, or somebody has put it there.",
		l->e->dkms_tree);
	const char *first = NULL;
	size_t unknown = 0;

	owners_of_all(l->e, &l->found, answers);
	for (size_t i = 0; i < l->found.n; i++) {
		const char *path = l->found.v[i], *release = l->releases.v[i];
		AUTO_FREE char *advice = straylook_advice(l->e, path, release);

		if (answers[i] == OWNER_NOBODY)
			fn(path, release, text, advice, data);
		if (answers[i] != OWNER_UNKNOWN)
			continue;
		first = first ? first : path;
		unknown++;
	}
	if (first)
		log_warning("Whether a package has %s could not be asked, so it is not said "
			    "whether it is a stray%s.",
			    first, unknown > 1 ? ", nor of others" : "");
	free(answers);
}

/* Is there the journal of a run, other than this one, in any state? */
static bool straylook_must_wait(const struct engine *e)
{
	AUTO_STRV struct strv runs = STRV_INIT, aside = STRV_INIT;
	const char *run;

	if (journal_list_aside(&e->place, &aside) < 0 || aside.n)
		return true;
	if (fs_list(&e->root, e->place.dir, &runs) < 0)
		return fs_exists(&e->root, e->place.dir);
	STRV_FOREACH (run, &runs) {
		if (!str_equal(run, e->journal.run_id))
			return true;
	}
	return false;
}

void straylook(const struct engine *e, const struct tree *tree, straylook_fn fn, void *data)
{
	struct straylook l = { .e = e, .tree = tree, .found = STRV_INIT, .releases = STRV_INIT };
	AUTO_STRV struct strv releases = STRV_INIT;
	const char *release;

	if (straylook_must_wait(e) || kernels_list(e, &releases) < 0)
		return;
	if (ledger_load(e, &l.verdicts, NULL) < 0)
		log_debug("not all verdicts can be read");
	STRV_FOREACH (release, &releases)
		straylook_kernel(&l, release);
	if (l.found.n)
		straylook_tell(&l, fn, data);
	strv_release(&l.found);
	strv_release(&l.releases);
	verdicts_release(&l.verdicts);
}
