/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsck/fsck.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "build/workspace.h"
#include "engine/trust.h"
#include "fsck/fscklook.h"
#include "fsck/straylook.h"
#include "fsck/trustlook.h"
#include "install/change.h"
#include "install/depmod.h"
#include "module/modinfo.h"
#include "replay/store.h"
#include "sys/fs.h"
#include "tree/aside.h"
#include "tree/ledgerfile.h"
#include "tree/pending.h"
#include "tree/staging.h"
#include "tree/tree.h"
#include "tx/recovery.h"

struct fsck_scan {
	struct engine *e;
	struct fsck *ret;
	const struct tree *tree;
	struct verdicts verdicts; /* of the confs, as last evaluated */
	struct candidates candidates;
};

/* Takes ownership of text and advice. */
static struct fsck_finding *fsck_add(struct fsck_scan *l, enum fsck_kind kind, const char *subject,
				     char *text, char *advice)
{
	struct fsck_finding f = {
		.kind = kind, .subject = xstrdup(subject), .text = text, .advice = advice
	};

	VEC_PUSH(l->ret->v, l->ret->n, f);
	return &l->ret->v[l->ret->n - 1];
}

static struct fsck_finding *fsck_add_target(struct fsck_scan *l, enum fsck_kind kind,
					    const struct target *t, char *text, char *advice)
{
	AUTO_FREE char *subject =
		t->version
			? xasprintf("%s/%s for %s (%s)", t->name, t->version, t->release, t->arch)
			: xasprintf("%s for %s (%s)", t->name, t->release, t->arch);
	struct fsck_finding *f = fsck_add(l, kind, subject, text, advice);

	f->name = xstrdup(t->name);
	f->version = xstrdup(t->version);
	f->release = xstrdup(t->release);
	f->arch = xstrdup(t->arch);
	return f;
}

/* ---- .native ---- */

static void fsck_look_journal(struct fsck_scan *l)
{
	if (journal_is_stale(&l->e->place))
		fsck_add(l, FSCK_JOURNAL, l->e->place.dir,
			 xstrdup("A run was interrupted in the middle of a change."), NULL);
}

static void fsck_look_aside(struct fsck_scan *l)
{
	AUTO_STRV struct strv runs = STRV_INIT;
	const char *run;

	if (journal_list_aside(&l->e->place, &runs) < 0)
		return;
	STRV_FOREACH (run, &runs) {
		AUTO_FREE char *path = xasprintf("%s/%s", l->e->place.broken, run);
		AUTO_FREE char *why = journal_why_aside(&l->e->place, run);
		AUTO_STRV struct strv names = STRV_INIT;
		AUTO_FREE char *all = NULL;

		aside_describe(l->e, run, &names);
		all = strv_join(&names, ", ");
		fsck_add(l, FSCK_ASIDE, path,
			 xasprintf("An interrupted run could not be completed: %s. %s%s.", why,
				   names.n ? "Until it is settled this waits: "
					   : "What it was about is not known",
				   all),
			 NULL)
			->path = xstrdup(run);
	}
}

static void fsck_look_pending(struct fsck_scan *l)
{
	AUTO_STRV struct strv depmod = STRV_INIT, initramfs = STRV_INIT;
	const char *release;

	pending_left(l->e, PENDING_DEPMOD, &depmod);
	pending_left(l->e, PENDING_INITRAMFS, &initramfs);
	STRV_FOREACH (release, &depmod)
		fsck_add(l, FSCK_DEPMOD, release,
			 xstrdup("Modules were changed and depmod has not run since."), NULL);
	STRV_FOREACH (release, &initramfs)
		fsck_add(l, FSCK_INITRAMFS, release,
			 xstrdup("Modules were changed and its initramfs was not made anew since."),
			 NULL);
}

static void fsck_look_staging(struct fsck_scan *l)
{
	AUTO_STRV struct strv folders = STRV_INIT;
	const char *path;

	workspace_stale(l->e, &folders);
	staging_stale(l->e, &folders);
	depmod_stale(l->e, &folders);
	STRV_FOREACH (path, &folders)
		fsck_add(l, FSCK_STAGING, path,
			 xstrdup("A build, an import or a depmod that was interrupted left this."),
			 NULL);
}

static void fsck_look_compiled(struct fsck_scan *l)
{
	AUTO_STRV struct strv bad = STRV_INIT;
	const char *path;

	store_check(l->e, &bad);
	STRV_FOREACH (path, &bad)
		fsck_add(l, FSCK_COMPILED, path,
			 xstrdup("It is no whole entry of what was compiled.  No build uses it."),
			 NULL);
}

static void fsck_on_modes(const char *path, const char *text, const char *advice, void *data)
{
	fsck_add(data, FSCK_MODES, path, xstrdup(text), xstrdup(advice));
}

static void fsck_on_finding(enum fsck_kind kind, const char *subject, const char *text,
			    const char *advice, void *data)
{
	fsck_add(data, kind, subject, xstrdup(text), xstrdup(advice));
}

static void fsck_on_stray(const char *path, const char *release, const char *text,
			  const char *advice, void *data)
{
	fsck_add(data, FSCK_STRAY, path, xstrdup(text), xstrdup(advice))->release =
		xstrdup(release);
}

static void fsck_look_ledgers(struct fsck_scan *l)
{
	for (enum ledger_file file = 0; file < LEDGER_COUNT_; file++) {
		AUTO_ERR struct err err = ERR_INIT;
		AUTO_FREE char *path = tree_ledger_path(l->e, file);

		if (ledger_check(l->e, file, &err) != -E_CORRUPT)
			continue;
		fsck_add(l, FSCK_LEDGER, path, xstrdup(err.text), NULL)->ledger = file;
	}
}

/*
 * Warn about damaged ledgers that earlier runs have moved away.  Those runs warned only once, and a
 * lost line may have been a hold.
 */
static void fsck_warn_kept_ledgers(const struct engine *e)
{
	AUTO_STRV struct strv paths = STRV_INIT;
	const char *path;

	ledger_kept(e, &paths);
	STRV_FOREACH (path, &paths)
		log_warning("%s has a list that was damaged, as it was. What could be read of it "
			    "counts. See whether a hold is missing, then: rm -r %s",
			    path, path);
}

/* ---- builds ---- */

/* Is the file `part` shorter than the file `whole`, and equal to its beginning? */
static bool fsck_is_beginning(const struct engine *e, const char *part, const char *whole)
{
	AUTO_BUF struct buf a = BUF_INIT, b = BUF_INIT;

	return fs_read(&e->root, part, 64 << 20, &a) == 0 &&
	       fs_read(&e->root, whole, 64 << 20, &b) == 0 && a.len < b.len &&
	       memcmp(a.s, b.s, a.len) == 0;
}

static bool fsck_is_as_installed(const struct engine *e, const struct record_module *m,
				 const char *built, const struct stat *st)
{
	if (S_ISLNK(st->st_mode)) {
		AUTO_FREE char *to = NULL;

		return fs_readlink(&e->root, m->path, &to) == 0 && !strcmp(to, built);
	}
	return tree_module_is_at(e, m, m->path, st);
}

static char *fsck_install_advice(const struct target *t)
{
	return xasprintf("dkms install --force %s/%s -k %s/%s puts the module in its place again.",
			 t->name, t->version, t->release, t->arch);
}

static char *fsck_build_advice(const struct target *t)
{
	return xasprintf("dkms build --force %s/%s -k %s/%s makes it again.", t->name, t->version,
			 t->release, t->arch);
}

static void fsck_look_file(struct fsck_scan *l, const struct target *t,
			   const struct record_module *m)
{
	AUTO_FREE char *folder = tree_built_dir(l->e, t);
	AUTO_FREE char *built = xasprintf("%s/%s", folder, m->file);
	enum fsck_kind kind = FSCK_FILE_DIFFERS;
	struct fsck_finding *f;
	struct stat st;
	int r = fs_lstat(&l->e->root, m->path, &st);
	bool can;

	if (r == 0 && fsck_is_as_installed(l->e, m, built, &st))
		return;
	can = tree_file_has_digest(l->e, built, m->sha256);
	if (r == -ENOENT)
		kind = FSCK_FILE_MISSING;
	else if (can && fsck_is_beginning(l->e, m->path, built))
		kind = FSCK_FILE_TRUNCATED;
	can = can && kind != FSCK_FILE_DIFFERS;
	f = fsck_add_target(l, kind, t,
			    xasprintf("%s %s.", m->path,
				      kind == FSCK_FILE_MISSING	    ? "is not there"
				      : kind == FSCK_FILE_TRUNCATED ? "is cut short"
								    : "is not what was installed"),
			    can ? NULL : fsck_install_advice(t));
	f->path = xstrdup(m->path);
	f->from = xstrdup(built);
}

static bool fsck_any_installed(const struct record *rec)
{
	for (size_t i = 0; i < rec->n_modules; i++) {
		if (rec->modules[i].path)
			return true;
	}
	return false;
}

/* Does M/kernel-K-A name this version?  The build may be incomplete or missing. */
static bool fsck_is_linked(const struct fsck_scan *l, const struct target *t)
{
	const struct tree_active *a = tree_active(l->tree, t->name, t->release, t->arch);

	return a && a->version && !strcmp(a->version, t->version);
}

static void fsck_look_original(struct fsck_scan *l, const struct target *t,
			       const struct record_module *m)
{
	AUTO_MODINFO struct modinfo info = { 0 };
	const char *original = m->original ? m->original : m->file;
	int r = modinfo_read(&l->e->root, m->archive, &info);

	if (r == 0 || r == -EACCES)
		return;
	fsck_add_target(
		l, FSCK_NO_ORIGINAL, t,
		xasprintf("The original module %s was moved to %s, and %s.", original, m->archive,
			  r == -ENOENT ? "is not there any more: it cannot come back"
				       : "is damaged"),
		xasprintf("Reinstall what had %s, or put a copy to %s.", original, m->archive));
}

/*
 * Report a build that is not installed, or only in part.  Call it only if all installed files are
 * as recorded.
 */
static void fsck_look_not_installed(struct fsck_scan *l, const struct target *t,
				    const struct record *rec)
{
	enum files_state state = tree_files_state(l->e, t, rec, true);

	if (state == FILES_MISSING || state == FILES_DIFFER)
		fsck_add_target(
			l, FSCK_NOT_INSTALLED, t,
			xstrdup("What is built is not what is installed."),
			xasprintf("The next event installs it, or dkms install %s/%s -k %s/%s.",
				  t->name, t->version, t->release, t->arch));
}

static void fsck_look_install(struct fsck_scan *l, const struct target *t,
			      const struct tree_build *b, const struct record *rec)
{
	const struct tree_active *a = tree_active(l->tree, t->name, t->release, t->arch);
	size_t before = l->ret->n;

	if (!b->installed && (a || !fsck_any_installed(rec)))
		return;
	for (size_t i = 0; i < rec->n_modules; i++) {
		if (rec->modules[i].path)
			fsck_look_file(l, t, &rec->modules[i]);
		if (rec->modules[i].path && rec->modules[i].archive)
			fsck_look_original(l, t, &rec->modules[i]);
	}
	if (b->installed && l->ret->n == before)
		fsck_look_not_installed(l, t, rec);
	if (b->installed)
		return;
	fsck_add_target(l, FSCK_NOT_LINKED, t,
			xstrdup("Its modules are installed, but the tree does not say so."),
			b->built && l->ret->n == before ? NULL : fsck_install_advice(t));
}

static void fsck_look_without_record(struct fsck_scan *l, const struct target *t, bool installed)
{
	enum files_state state = tree_files_state(l->e, t, NULL, installed);

	if (state == FILES_MISSING)
		fsck_add_target(l, FSCK_FILE_MISSING, t,
				xstrdup("A module of it is not installed."),
				fsck_install_advice(t));
	else if (state == FILES_DIFFER)
		fsck_add_target(l, FSCK_FILE_DIFFERS, t,
				xstrdup("An installed module is not what was built."),
				fsck_install_advice(t));
	if (state == FILES_LOST || tree_lacks_judged_module(l->e, t, &l->verdicts))
		fsck_add_target(l, FSCK_BUILD, t, xstrdup("A module is missing in the build."),
				fsck_build_advice(t));
}

static void fsck_add_lost(struct fsck_scan *l, const struct target *t, const char *path)
{
	fsck_add_target(l, FSCK_BUILD, t, xasprintf("%s is missing in the build.", path),
			fsck_build_advice(t));
}

static void fsck_look_built_files(struct fsck_scan *l, const struct target *t,
				  const struct record *rec)
{
	AUTO_FREE char *folder = tree_built_dir(l->e, t);

	if (!fs_is_dir(&l->e->root, folder)) {
		fsck_add_lost(l, t, folder);
		return;
	}
	for (size_t i = 0; i < rec->n_modules; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, rec->modules[i].file);

		if (!rec->modules[i].left && !fs_is_file(&l->e->root, path))
			fsck_add_lost(l, t, path);
	}
}

static char *fsck_kernel_advice(const struct fsck_scan *l, const struct target *t,
				const struct tree_build *b)
{
	AUTO_FREE char *folder = tree_build_dir(l->e, t);

	if (!tree_build_is_known(b))
		return xasprintf("If the kernel does not come back: delete %s; --repair removes "
				 "the link to it then.",
				 folder);
	return xasprintf("If the kernel does not come back: dkms %s %s/%s -k %s/%s.",
			 b->installed ? "uninstall" : "unbuild", t->name, t->version, t->release,
			 t->arch);
}

/* There is no kernel for this build.  A prebuilt one may wait for its kernel. */
static void fsck_look_kernel_gone(struct fsck_scan *l, const struct target *t,
				  const struct tree_build *b, bool prebuilt, const char *kernel)
{
	if (!prebuilt || b->installed)
		fsck_add_target(l, FSCK_KERNEL, t, xasprintf("There is no %s any more.", kernel),
				fsck_kernel_advice(l, t, b));
	else if (!ledger_candidate(&l->candidates, t->release))
		fsck_add_target(l, FSCK_PREBUILT, t,
				xstrdup("Its kernel is neither installed nor to come."), NULL);
}

static void fsck_look_build(struct fsck_scan *l, const struct target *t, const struct tree_build *b)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *kernel = engine_modules(l->e, "%s", t->release);
	int r = tree_record_read(l->e, t, &rec, &err);

	if (!fs_is_dir(&l->e->root, kernel)) {
		fsck_look_kernel_gone(l, t, b, r == 0 && rec.prebuilt, kernel);
		return;
	}
	if (r < 0 && !b->built) {
		AUTO_FREE char *folder = tree_built_dir(l->e, t);

		fsck_add_lost(l, t, folder);
		return;
	}
	if (r == -E_CORRUPT)
		fsck_add_target(l, FSCK_RECORD, t, xstrdup(err.text), NULL);
	if (r < 0) {
		fsck_look_without_record(l, t, b->installed);
		return;
	}
	fsck_look_built_files(l, t, &rec);
	fsck_look_install(l, t, b, &rec);
}

/* Is the source where `dkms add` looks for it? */
static bool fsck_source_lies_there(const struct fsck_scan *l, const char *name, const char *version)
{
	AUTO_FREE char *source = tree_source_dir(l->e, name, version);
	AUTO_FREE char *conf = xasprintf("%s/dkms.conf", source);

	return fs_is_file(&l->e->root, conf);
}

static void fsck_look_version(struct fsck_scan *l, const struct tree_module *m,
			      const struct tree_version *v)
{
	if (v->source == SOURCE_MISSING || v->source == SOURCE_BROKEN) {
		AUTO_FREE char *subject = xasprintf("%s/%s", m->name, v->version);
		char *text = v->link ? xasprintf("Its source, %s, is not there.", v->link)
				     : xstrdup("It has no source.");

		fsck_add(l, FSCK_SOURCE, subject, text,
			 fsck_source_lies_there(l, m->name, v->version)
				 ? xasprintf("dkms add %s makes the link again.", subject)
				 : xasprintf("Bring the source back, or dkms remove %s --all (its "
					     "modules go).",
					     subject));
	}
	for (size_t i = 0; i < v->n_builds; i++) {
		const struct tree_build *b = &v->builds[i];
		struct target t = { m->name, v->version, b->release, b->arch };

		/* If the folder has only the log of a failed build, there is nothing to check. */
		if (b->built || b->record || fsck_is_linked(l, &t))
			fsck_look_build(l, &t, b);
	}
}

static void fsck_look_link(struct fsck_scan *l, const struct tree_module *m,
			   const struct tree_active *a)
{
	struct target t = { m->name, a->version, a->release, a->arch };

	AUTO_FREE char *link = tree_active_link(l->e, &t);

	if (!a->version)
		fsck_add_target(
			l, FSCK_BAD_LINK, &t,
			xasprintf(
				"The link %s leads to something that is no build for that kernel.",
				link),
			xstrdup("Look where it leads, and delete it if that is of no use."));
	else if (a->dangling)
		fsck_add_target(l, FSCK_LINK, &t,
				xstrdup("It is said to be installed, but there is no such build."),
				NULL);
}

/* ---- originals ---- */

static void fsck_look_archived(struct fsck_scan *l, const struct target *t, const char *folder,
			       const char *file)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, file);
	AUTO_FREE char *to = NULL;
	AUTO_FREE char *modules = engine_modules(l->e, "%s", t->release);
	bool known = tree_origin_read(l->e, t, path, &to) == 0;
	bool free_place = known && !fs_exists(&l->e->root, to) && fs_is_dir(&l->e->root, modules);
	struct fsck_finding *f;

	f = fsck_add_target(l, FSCK_ORIGINAL, t,
			    xasprintf("%s was archived, and nothing covers it any more.", path),
			    free_place ? NULL
				       : xasprintf("Put it back%s%s, or delete it.",
						   known ? " to " : "", known ? to : ""));
	f->path = TAKE(to);
	f->from = TAKE(path);
}

static void fsck_look_originals(struct fsck_scan *l, const struct tree_module *m)
{
	AUTO_FREE char *all = tree_originals_dir(l->e, m->name);
	AUTO_STRV struct strv releases = STRV_INIT;
	const char *release, *arch, *file;

	if (fs_list(&l->e->root, all, &releases) < 0)
		return;
	STRV_FOREACH (release, &releases) {
		AUTO_FREE char *kernel = xasprintf("%s/%s", all, release);
		AUTO_STRV struct strv archs = STRV_INIT;

		if (fs_list(&l->e->root, kernel, &archs) < 0)
			continue;
		STRV_FOREACH (arch, &archs) {
			struct target t = { m->name, NULL, release, arch };
			AUTO_FREE char *folder = xasprintf("%s/%s", kernel, arch);
			AUTO_STRV struct strv files = STRV_INIT;

			if (tree_module_active(m, release, arch) ||
			    fs_list(&l->e->root, folder, &files) < 0)
				continue;
			STRV_FOREACH (file, &files) {
				if (!tree_is_origin(file))
					fsck_look_archived(l, &t, folder, file);
			}
		}
	}
}

/* ---- all ---- */

static void fsck_look_module(struct fsck_scan *l, const struct tree_module *m)
{
	for (size_t i = 0; i < m->n_actives; i++)
		fsck_look_link(l, m, &m->actives[i]);
	for (size_t i = 0; i < m->n_versions; i++)
		fsck_look_version(l, m, &m->versions[i]);
	fsck_look_originals(l, m);
}

static void fsck_look_modules(struct fsck_scan *l)
{
	if (ledger_load(l->e, &l->verdicts, NULL) < 0)
		log_debug("not all verdicts can be read");
	if (ledger_load(l->e, &l->candidates, NULL) < 0)
		log_debug("not all candidates can be read");
	ledger_drop_old_candidates(&l->candidates, time(NULL));
	for (size_t i = 0; i < l->tree->n_modules; i++)
		fsck_look_module(l, &l->tree->modules[i]);
	verdicts_release(&l->verdicts);
	ledger_release(LEDGER_CANDIDATES, &l->candidates);
}

int fsck_look_at(struct engine *e, const char *name, struct fsck *ret, struct err *err)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	struct fsck_scan l = { .e = e, .ret = ret, .tree = &tree };
	int r = tree_list(e, name, NULL, &tree);

	*ret = (struct fsck){ NULL, 0 };
	if (r < 0)
		return err_sys(err, r, "%s", e->dkms_tree);
	fsck_look_modules(&l);
	return 0;
}

int fsck_look(struct engine *e, struct fsck *ret, struct err *err)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	struct fsck_scan l = { .e = e, .ret = ret, .tree = &tree };
	const char *text;
	int r = tree_list(e, NULL, NULL, &tree);

	*ret = (struct fsck){ NULL, 0 };
	if (r < 0)
		return err_sys(err, r, "%s", e->dkms_tree);
	fsck_look_journal(&l);
	fsck_look_aside(&l);
	fsck_look_pending(&l);
	fsck_look_staging(&l);
	fsck_look_ledgers(&l);
	fsck_warn_kept_ledgers(e);
	trust_look(e, fsck_on_modes, &l);
	fscklook_state(e, fsck_on_finding, &l);
	fsck_look_compiled(&l);
	fscklook_confs(e, fsck_on_finding, &l);
	fscklook_kernels(e, fsck_on_finding, &l);
	STRV_FOREACH (text, &tree.problems)
		fsck_add(
			&l, FSCK_ODD, e->dkms_tree, xstrdup(text),
			xstrdup("It is not from dkms, or from a version that is not known here. If it "
				"is of no use, delete it."));
	fsck_look_modules(&l);
	straylook(e, &tree, fsck_on_stray, &l);
	return 0;
}
