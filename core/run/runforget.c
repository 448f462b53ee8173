/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drop what is remembered about a module package or a kernel that is removed. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/run.h"
#include "sys/fs.h"
#include "tree/tree.h"

/* What to forget.  A member that is NULL matches anything. */
struct forgotten {
	const char *name, *version, *release;
};

static bool forget_matches(const struct forgotten *f, const char *name, const char *version,
			   const char *release)
{
	return (!f->name || strcmp(name, f->name) == 0) &&
	       (!f->version || strcmp(version, f->version) == 0) &&
	       (!f->release || strcmp(release, f->release) == 0);
}

/*
 * Did the ledger have a matching failure when the survey read it?  That copy is enough, because a
 * run adds no failures for what it removes, or finds excluded.
 */
static bool forget_has_failure(const struct run *r, const struct forgotten *f)
{
	const struct failures *l = &r->s->world.failures;

	for (size_t i = 0; i < l->n; i++) {
		const struct failure *is = &l->v[i];

		if (forget_matches(f, is->name, is->version, is->release))
			return true;
	}
	return false;
}

static bool forget_has_verdict(const struct run *r, const struct forgotten *f)
{
	const struct verdicts *l = &r->s->verdicts;

	for (size_t i = 0; i < l->n; i++) {
		const struct verdict *is = &l->v[i];

		if (forget_matches(f, is->name, is->version, is->release))
			return true;
	}
	return false;
}

static void forget_failures(void *list, void *data)
{
	const struct forgotten *f = data;

	ledger_drop_failures(list, f->name, f->version, f->release, NULL);
}

static void forget_verdicts(void *list, void *data)
{
	const struct forgotten *f = data;

	ledger_drop_verdicts(list, f->name, f->version, f->release, NULL);
}

static int forget_in_ledgers(struct run *r, struct forgotten *f, struct err *err)
{
	int k = 0;

	if (forget_has_failure(r, f))
		k = run_change_ledger(r, LEDGER_FAILURES, forget_failures, f, err);
	if (k == 0 && forget_has_verdict(r, f))
		k = run_change_ledger(r, LEDGER_VERDICTS, forget_verdicts, f, err);
	return k;
}

int run_forget_module(struct run *r, const struct modid *id, struct err *err)
{
	struct forgotten f = { id->name, id->version, NULL };

	return forget_in_ledgers(r, &f, err);
}

int run_forget_excluded(struct run *r, struct err *err)
{
	int k = 0;

	for (size_t i = 0; k == 0 && i < r->p->n; i++) {
		const struct step *s = &r->p->steps[i];
		struct forgotten f = { s->id.name, s->id.version, s->release };

		if (s->kind == STEP_EXCLUDED && s->release && forget_has_failure(r, &f))
			k = run_change_ledger(r, LEDGER_FAILURES, forget_failures, &f, err);
	}
	return k;
}

/*
 * List the folder of the kept logs, or a folder in it.  An error goes to the debug log only, so
 * that the logs in other folders are deleted nevertheless.
 */
static void forget_list(const struct run *r, const char *folder, struct strv *ret)
{
	int k = fs_list(&r->e->root, folder, ret);

	if (k < 0 && k != -ENOENT)
		log_debug("%s: %s", folder, error_text(k));
}

/*
 * `folder` has the kept logs of one NAME/VERSION.  Add to `tx` the deletion of those for the kernel
 * `release`.  Returns false if there are none for that kernel.
 */
static bool forget_declare_logs(const struct run *r, struct tx *tx, const char *folder,
				const char *release)
{
	AUTO_FREE char *all = tree_kept_logs_dir(r->e);
	AUTO_STRV struct strv files = STRV_INIT;
	const char *file;
	bool any = false;

	forget_list(r, folder, &files);
	STRV_FOREACH (file, &files) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, file);

		if (!tree_is_kept_log_for(file, release))
			continue;
		tx_del(tx, path);
		any = true;
	}
	if (any)
		tx_rmdir_up(tx, folder, all);
	return any;
}

/* Append the folders of kept logs, one for each version of each module package. */
static void forget_list_logs(const struct run *r, struct strv *ret)
{
	AUTO_FREE char *all = tree_kept_logs_dir(r->e);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name, *version;

	forget_list(r, all, &names);
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *folder = xasprintf("%s/%s", all, name);
		AUTO_STRV struct strv versions = STRV_INIT;

		forget_list(r, folder, &versions);
		STRV_FOREACH (version, &versions)
			strv_addf(ret, "%s/%s", folder, version);
	}
}

static int forget_logs(const struct run *r, const char *release, struct err *err)
{
	AUTO_FREE char *what = xasprintf("forget logs of %s", release);
	AUTO_STRV struct strv folders = STRV_INIT;
	CLEANUP(tx_release) struct tx tx;
	const char *folder;
	bool any = false;

	tx_begin(&tx, &r->e->journal, what);
	forget_list_logs(r, &folders);
	STRV_FOREACH (folder, &folders)
		any |= forget_declare_logs(r, &tx, folder, release);
	return any ? tx_run(&tx, err) : 0;
}

static void forget_candidate(void *list, void *data)
{
	ledger_drop_candidate(list, data);
}

int run_forget_kernel(struct run *r, const char *release, struct err *err)
{
	struct forgotten f = { NULL, NULL, release };
	int k = forget_in_ledgers(r, &f, err);

	if (k == 0 && ledger_candidate(&r->s->world.candidates, release))
		k = run_change_ledger(r, LEDGER_CANDIDATES, forget_candidate,
				      (void *)(uintptr_t)release, err);

	return k < 0 ? k : forget_logs(r, release, err);
}
