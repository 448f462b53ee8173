/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/run.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "install/depmod.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/signals.h"
#include "tree/aside.h"
#include "tree/ledgerfile.h"
#include "tree/tree.h"
#include "tx/recovery.h"

void run_release(struct run *r)
{
	for (size_t i = 0; r->steps && i < r->p->n; i++) {
		struct run_step *s = &r->steps[i];

		if (s->open)
			change_release(&s->change);
		err_release(&s->err);
		build_result_release(&s->build);
		strv_release(&s->warnings);
	}
	free(r->steps);
	signers_release(&r->signers);
	strv_release(&r->bundles_told);
	free(r->stores_down);
	free(r->workers);
	free(r->working);
	if (r->shared)
		jobs_close(&r->jobs);
	r->steps = NULL;
	r->workers = NULL;
	r->working = NULL;
}

/* ---- helpers for the steps ---- */

struct target run_target(const struct step *s)
{
	return (struct target){ s->id.name, s->id.version, s->release, s->arch };
}

bool run_began_after(const struct run *r, const struct timespec *time)
{
	const struct timespec *begun = &r->e->begun;

	return time->tv_sec < begun->tv_sec ||
	       (time->tv_sec == begun->tv_sec && time->tv_nsec < begun->tv_nsec);
}

static void run_tell_wait(const char *path, const char *holder, void *data)
{
	const struct step *s = data;

	(void)path;
	holder = lock_holder_words(holder);
	log_note("Waiting for %s/%s on %s: another dkms is at work (%s).", s->id.name,
		 s->id.version, s->release ? s->release : "all kernels",
		 *holder ? holder : "it did not say what it does");
}

int run_lock_target(struct run *r, const struct step *s, enum lock_mode mode, struct lock *ret,
		    bool *ret_waited, struct err *err)
{
	AUTO_FREE char *path = tree_target_lock(r->e, s->id.name, s->release, s->arch);

	return run_take_lock(r, s, path, mode, ret, ret_waited, err);
}

/*
 * Called when the target's lock `l` has been taken.  If its previous holder died, taking the tree's
 * lock recovers what that run left.  Then aside_check() tells if a run that could not be recovered
 * blocks this target.  On failure, `l` is released.
 */
static int run_check_dead_holder(struct run *r, const struct step *s, struct lock *l,
				 struct err *err)
{
	int k = journal_lock(&r->e->journal, true);

	if (k == 0) {
		journal_unlock(&r->e->journal);
		k = aside_check(r->e, s->id.name, s->release, err);
	} else {
		lock_failed(err, k, r->e->place.lock);
	}
	if (k < 0)
		lock_release(l);
	return k;
}

int run_take_lock(struct run *r, const struct step *s, const char *path, enum lock_mode mode,
		  struct lock *ret, bool *ret_waited, struct err *err)
{
	AUTO_BUF struct buf what = BUF_INIT;
	int k;

	step_print(s, &what);
	k = lock_take(ret, &r->e->root, path, what.s, mode, run_tell_wait, (void *)s, ret_waited);
	if (k == 0)
		return run_check_dead_holder(r, s, ret, err);
	if (k == -EWOULDBLOCK)
		return k;
	if (k == -EDEADLK)
		return err_set(err, -E_BUSY_ANCESTOR,
			       "%s/%s on %s is being worked on by the very dkms run that started "
			       "this one.",
			       s->id.name, s->id.version, s->release ? s->release : "all kernels");
	return lock_failed(err, k, path);
}

char *run_source(const struct run *r, const struct modid *id)
{
	const struct world_folder *f = world_folder(&r->s->world, id);
	const struct world_module *m = world_module(&r->s->world, id);

	if (f)
		return engine_source(r->e, "%s", f->folder);
	if (m && m->source == SOURCE_BROKEN && m->folder)
		return engine_source(r->e, "%s", m->folder);
	return m && m->source == SOURCE_OK ? tree_source_link(r->e, id->name, id->version)
					   : tree_source_dir(r->e, id->name, id->version);
}

int run_change_ledger(struct run *r, enum ledger_file file, run_ledger_fn fn, void *data,
		      struct err *err)
{
	return ledger_change(r->e, file, fn, data, err);
}

/* ---- the loop ---- */

static bool run_is_settled(enum run_state state)
{
	return state != RUN_TODO && state != RUN_BUSY;
}

/*
 * Is a fallback step to be done?  RUN_TODO: yes, because the other step (s->unless) was not done;
 * RUN_BUSY: the other step has not ended yet; RUN_UNCHANGED: no.  For a step that is no fallback,
 * returns RUN_TODO.
 */
static enum run_state run_check_fallback(const struct run *r, const struct step *s)
{
	enum run_state first = s->fallback ? r->steps[s->unless].state : RUN_FAILED;

	if (!run_is_settled(first))
		return RUN_BUSY;
	return run_did(first) ? RUN_UNCHANGED : RUN_TODO;
}

/*
 * May a step that changes something be done now?  RUN_TODO: yes; RUN_BUSY: a step that it waits for
 * has not ended.  Any other state: do not do the step, but set it to that state.
 */
static enum run_state run_check_ready(const struct run *r, const struct step *s)
{
	enum step_rule rule = step_class(s->kind)->rule;
	enum run_state fallback = run_check_fallback(r, s);
	bool any = s->n_after == 0;

	if (fallback != RUN_TODO)
		return fallback;
	for (size_t i = 0; i < s->n_behind; i++) {
		if (!run_is_settled(r->steps[s->behind[i]].state))
			return RUN_BUSY;
	}
	for (size_t i = 0; i < s->n_after; i++) {
		const struct step *before = &r->p->steps[s->after[i]];
		enum run_state state = r->steps[s->after[i]].state;

		if (!step_acts(before->kind))
			continue;
		if (!run_is_settled(state))
			return RUN_BUSY;
		if (state == RUN_DONE)
			any = true;
		/* An initramfs with outdated depmod files would be worse than the old initramfs. */
		if (s->kind == STEP_INITRAMFS && before->kind == STEP_DEPMOD && !run_did(state))
			return RUN_NOT_DONE;
		if (rule == STEP_NEEDS && !run_did(state))
			return RUN_NOT_DONE;
	}
	/* STEP_OWNERS is done in any case, and keeps owners of what was not removed. */
	if (rule == STEP_NEEDS || s->kind == STEP_OWNERS)
		return RUN_TODO;
	if (s->kind == STEP_DEPMOD ? depmod_is_pending(r->e, s->release)
				   : strv_has(&s->names, PLAN_OWED))
		any = true;
	return any ? RUN_TODO : RUN_UNCHANGED;
}

static void run_step_ended(struct run *r, size_t i, int k)
{
	struct run_step *ret = &r->steps[i];

	if (k < 0 && !ret->err.code)
		err_sys(&ret->err, k, "%s", step_class(r->p->steps[i].kind)->name);
	if (k < 0)
		ret->state = RUN_FAILED;
	ret->msec = clock_msec() - ret->started;
	r->tell(RUN_END, &r->p->steps[i], ret, r->data);
}

static void run_do_step(struct run *r, size_t i)
{
	const struct step *s = &r->p->steps[i];
	struct run_step *ret = &r->steps[i];
	unsigned int left = r->e->journal.left;
	int k;

	r->tell(RUN_BEGIN, s, ret, r->data);
	k = run_step_act(r, s, ret);
	ret->left = r->e->journal.left != left;
	run_step_ended(r, i, k);
}

static bool run_has_depmod(const struct run *r, const struct step *s)
{
	return s->release && !r->e->no_depmod &&
	       plan_find(r->p, STEP_DEPMOD, NULL, s->release, NULL) != PLAN_NONE;
}

/* If no depmod follows an install, nothing will roll it back: finish it now. */
static void run_finish_open(struct run *r, size_t i)
{
	if (r->steps[i].open && !run_has_depmod(r, &r->p->steps[i]))
		run_finish(r, i);
}

/* ---- builds, in workers ---- */

static size_t run_find_free_worker(const struct run *r)
{
	size_t i = 0;

	while (i < r->n_workers && r->workers[i].pid)
		i++;
	return i;
}

static bool run_has_worker(const struct run *r)
{
	for (size_t i = 0; i < r->n_workers; i++) {
		if (r->workers[i].pid)
			return true;
	}
	return false;
}

/*
 * Is a build running whose compilations the build of `s` would repeat?  Then it is faster to wait,
 * and to replay them.
 */
static bool run_repeats_running(const struct run *r, const struct step *s)
{
	for (size_t i = 0; i < r->n_workers; i++) {
		if (r->workers[i].pid && run_build_repeats(r, s, &r->p->steps[r->working[i]]))
			return true;
	}
	return false;
}

/*
 * Start the build of step `i`, or end the step without a build.  Returns false if the build cannot
 * start yet, because no worker or no job is free, because it would repeat a running build, or
 * because another dkms works on the target.  But if no build of this run is under way, wait for the
 * other dkms.
 */
static bool run_start_build(struct run *r, size_t i)
{
	size_t w = run_find_free_worker(r);
	bool busy = run_has_worker(r);
	int k;

	if (w == r->n_workers || run_repeats_running(r, &r->p->steps[i]) ||
	    (r->shared && !jobs_take(&r->jobs)))
		return false;
	k = run_build_start(r, i, !busy, &r->workers[w]);
	if (k == 1) {
		r->working[w] = i;
		return true;
	}
	if (r->shared)
		jobs_put(&r->jobs);
	if (k == -EWOULDBLOCK)
		return false;
	run_step_ended(r, i, k);
	return true;
}

static void run_wait_for_worker(struct run *r)
{
	size_t w, i;
	int k;

	k = proc_worker_wait(r->workers, r->n_workers, RUN_TICK_SECONDS, &w);
	if (k == -EAGAIN)
		r->tell(RUN_TICK, NULL, NULL, r->data);
	if (k < 0)
		return;
	i = r->working[w];
	r->workers[w].pid = 0;
	if (r->shared)
		jobs_put(&r->jobs);
	if (r->shared && !run_has_worker(r))
		jobs_settle(&r->jobs);
	run_step_ended(r, i, run_build_end(r, i));
}

/*
 * Does a running build of this run hold a lock that the step `s` needs?  We hold that lock for the
 * worker, so lock_take() would fail with -EDEADLK.
 */
static bool run_must_wait_for_worker(const struct run *r, const struct step *s)
{
	for (size_t i = 0; i < r->n_workers; i++) {
		const struct step *b = &r->p->steps[r->working[i]];

		if (!r->workers[i].pid)
			continue;
		/* Unregistering foo takes the locks of foo-bar, too (tree_is_target_lock()). */
		if (s->kind == STEP_UNREGISTER)
			return true;
		if (s->id.name && s->release && strcmp(s->id.name, b->id.name) == 0 &&
		    strcmp(s->release, b->release) == 0)
			return true;
	}
	return false;
}

/*
 * Do step `i`, or start it if it is a build, unless it has to wait.  Returns true if the state of
 * the step changed.
 */
static bool run_advance(struct run *r, size_t i)
{
	const struct step *s = &r->p->steps[i];
	enum run_state state;

	if (r->steps[i].state != RUN_TODO)
		return false;
	if (!step_acts(s->kind)) {
		state = run_check_fallback(r, s);
		if (state == RUN_BUSY)
			return false;
		r->steps[i].state = RUN_UNCHANGED;
		if (state == RUN_TODO)
			r->tell(RUN_END, s, &r->steps[i], r->data);
		return true;
	}
	state = run_check_ready(r, s);
	if (state == RUN_BUSY || run_must_wait_for_worker(r, s))
		return false;
	if (state == RUN_TODO && signals_interrupted())
		state = RUN_NOT_DONE;
	if (state != RUN_TODO) {
		r->steps[i].state = state;
		return true;
	}
	r->steps[i].started = clock_msec();
	if (s->kind == STEP_BUILD)
		return run_start_build(r, i);
	run_do_step(r, i);
	run_finish_open(r, i);
	return true;
}

static void run_steps(struct run *r)
{
	bool progress = true;

	while (progress || run_has_worker(r)) {
		if (!progress)
			run_wait_for_worker(r);
		progress = false;
		for (size_t i = 0; i < r->p->n; i++)
			progress |= run_advance(r, i);
	}
}

/* ---- installs of other runs ---- */

static void run_tell_await(const char *release, void *data)
{
	(void)data;
	log_note("Waiting for the depmod of %s: another dkms has changed its modules.", release);
}

/*
 * The step s was skipped because its version was installed already.  Has that install been rolled
 * back since?
 *
 * If another version is installed now, the time of its record tells why.  If the record is older
 * than this run, the rollback has brought that version back.  If it is newer, somebody has
 * installed that version meanwhile.
 */
static bool run_was_rolled_back(const struct run *r, const struct step *s)
{
	struct target t = run_target(s);
	AUTO_FREE char *version = tree_active_version(r->e, &t), *record = NULL;
	struct stat st;

	if (!version || strcmp(version, s->id.version) == 0)
		return !version;
	t.version = version;
	record = tree_record_path(r->e, &t);
	return fs_stat(&r->e->root, record, &st) == 0 && run_began_after(r, &st.st_mtim);
}

/*
 * Step i may have been skipped because of an install that another run still has open.  That run
 * rolls the install back if its depmod fails.  So wait for that depmod before success is reported.
 */
static void run_settle_skipped(struct run *r, size_t i)
{
	const struct step *s = &r->p->steps[i];
	struct run_step *ret = &r->steps[i];
	bool waited = false;
	int k;

	if (s->kind != STEP_SKIP || !s->awaits_depmod || !s->release)
		return;
	k = depmod_await(r->e, s->release, run_tell_await, NULL, &waited);
	if (k == 0 && (!waited || !run_was_rolled_back(r, s)))
		return;
	ret->state = RUN_FAILED;
	if (k < 0)
		err_set(&ret->err, -E_INTERRUPTED, "Interrupted while waiting for another dkms.");
	else
		err_set(&ret->err, -E_DEPMOD,
			"%s/%s for %s was installed by another dkms, which took it back.",
			s->id.name, s->id.version, s->release);
	r->tell(RUN_END, s, ret, r->data);
}

/* Evaluate all confs that steps need, with one bash.  The survey has evaluated most of them. */
static int run_evaluate_confs(struct run *r, struct err *err)
{
	for (size_t i = 0; i < r->p->n; i++) {
		const struct step *s = &r->p->steps[i];
		struct target t = run_target(s);
		AUTO_FREE char *folder = s->id.name ? run_source(r, &s->id) : NULL;

		if (s->kind == STEP_BUILD || s->kind == STEP_INSTALL || s->kind == STEP_ADOPT ||
		    s->kind == STEP_REGISTER)
			confs_want(&r->s->confs, &t, folder);
	}
	return confs_evaluate(r->e, &r->s->confs, err);
}

/* Drop failures of excluded builds.  An error does not fail the run: the next run drops them. */
static void run_drop_excluded(struct run *r)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (run_forget_excluded(r, &err) < 0)
		log_debug("failures: %s", err.text ? err.text : error_text(err.code));
}

int run_plan(struct engine *e, struct survey *s, const struct plan *p, run_tell_fn tell, void *data,
	     struct run *ret, struct err *err)
{
	int k;

	*ret = (struct run){ .e = e,
			     .s = s,
			     .p = p,
			     .tell = tell,
			     .data = data,
			     .jobs = JOBS_INIT,
			     .bundles_told = STRV_INIT };
	ret->steps = xcalloc(p->n, sizeof(*ret->steps));
	for (size_t i = 0; i < p->n; i++) {
		ret->steps[i].build = (struct build_result)BUILD_RESULT_INIT;
		ret->steps[i].change = (struct change)CHANGE_INIT;
		ret->steps[i].warnings = (struct strv)STRV_INIT;
		ret->steps[i].lock = (struct lock)LOCK_INIT;
		ret->steps[i].result_fd = -1;
	}
	k = run_evaluate_confs(ret, err);
	if (k == 0)
		k = run_share_jobs(ret, err);
	if (k < 0)
		return k;
	run_steps(ret);
	for (size_t i = 0; i < p->n; i++)
		run_settle_skipped(ret, i);
	run_drop_excluded(ret);
	run_after(ret);
	return 0;
}

/* ---- the end ---- */

int run_status(const struct run *r)
{
	int status = 0;

	if (signals_interrupted())
		return 128 + signals_interrupted();
	for (size_t i = 0; i < r->p->n && !status; i++) {
		if (r->p->steps[i].kind == STEP_REFUSE)
			status = error_status(r->p->steps[i].code);
		else if (r->steps[i].state == RUN_FAILED)
			status = err_status(&r->steps[i].err);
	}
	return plan_status_of(r->p, status);
}
