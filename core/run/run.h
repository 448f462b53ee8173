/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * run - carry a plan out.
 *
 *	r = run_plan(e, survey, plan, tell, data, &run, err);
 *	status = run_status(&run);
 *	run_release(&run);
 *
 * Steps are done in the plan's order, each as soon as the steps that it waits for have ended.
 * Builds run in workers, several at a time under one jobserver, while other steps go on.
 *
 * A step is done only if all steps in step.after succeeded, with two exceptions:
 *  - depmod and initramfs are done if one of these steps changed something, or if an earlier run
 *    left them undone.  But no initramfs is made after a depmod that failed;
 *  - STEP_OWNERS is done when these steps have ended.
 *
 * If another run has done the same meanwhile, a step counts as done.  Installs stay open until
 * depmod has run for their kernel, and are rolled back if depmod fails.
 *
 * tell() is called when a step begins and when it ends.  For a step that only reports, or that
 * cannot begin, it is called only at the end; for a step that is left out, never.  In these calls
 * cli prints its lines and writes the history.
 */
#include <time.h>

#include "base/error.h"
#include "build/build.h"
#include "build/sign.h"
#include "decide/plan.h"
#include "install/change.h"
#include "survey/survey.h"
#include "sys/jobs.h"
#include "sys/lock.h"
#include "sys/proc.h"

enum run_state {
	RUN_TODO,
	RUN_BUSY,      /* its worker runs */
	RUN_DONE,      /* changed something */
	RUN_UNCHANGED, /* nothing had to be changed */
	RUN_FAILED,
	RUN_NOT_DONE, /* a step that it needs failed, or the run was interrupted */
};

/* Has the step succeeded? */
static inline bool run_did(enum run_state state)
{
	return state == RUN_DONE || state == RUN_UNCHANGED;
}

struct run_step {
	enum run_state state;
	struct err err;		   /* RUN_FAILED */
	struct build_result build; /* STEP_BUILD */
	struct change change;	   /* STEP_INSTALL, STEP_ADOPT: open until depmod */
	bool open;
	bool left;	      /* failed half-way: recovery completes it or rolls it back */
	struct strv warnings; /* about its conf, or modules that were not installed */
	uint64_t msec;
	uint64_t started; /* clock_msec() */
	struct lock lock; /* STEP_BUILD: the target's lock while its worker runs */
	int result_fd;	  /* STEP_BUILD: memfd that the worker writes its build_result to */
};

enum run_event {
	RUN_BEGIN,
	RUN_END,
	RUN_TICK, /* every RUN_TICK_SECONDS while builds run; step and result are NULL */
};
#define RUN_TICK_SECONDS 1
typedef void (*run_tell_fn)(enum run_event event, const struct step *step,
			    const struct run_step *result, void *data);

struct run {
	struct engine *e;
	struct survey *s;
	const struct plan *p;
	struct run_step *steps;	     /* one for each of p->steps */
	struct jobs jobs;	     /* the jobserver, if `shared` */
	bool shared;		     /* several builds run at a time */
	bool tier_told;		     /* the user was told how builds are confined */
	struct strv bundles_told;    /* texts already printed about why bundles were not used */
	char *stores_down;	     /* why no store of bundles can be reached; NULL: not known */
	struct proc_worker *workers; /* n_workers of them; one with pid 0 is free */
	size_t *working;	     /* index of the step that each worker does */
	size_t n_workers;
	struct signers signers; /* one for each kernel */
	run_tell_fn tell;
	void *data;
};
#define AUTO_RUN CLEANUP(run_release)

void run_release(struct run *r);
/*
 * Returns 0 if the plan was carried out, even if steps failed (run_status()).  Returns an error if
 * no step was done, because the confs could not be evaluated or the jobserver could not be started.
 * Release ret in either case; e, s and p must outlive it.
 */
int run_plan(struct engine *e, struct survey *s, const struct plan *p, run_tell_fn tell, void *data,
	     struct run *ret, struct err *err) MUST_CHECK;
/*
 * Exit status of the run:
 * - 128 + n after signal n,
 * - 0 if no step was refused or failed,
 * - for autoinstall, 21 if a step was refused because headers are missing, else 11,
 * - for all else, the status of the first step that was refused or failed.
 */
int run_status(const struct run *r);

/* ---- for the files of this room ---- */

struct target run_target(const struct step *s);
/* Is `time`, e.g. the mtime of a file, before the start of the run? */
bool run_began_after(const struct run *r, const struct timespec *time);
/*
 * Take the lock of the step's target, then check that no interrupted run left the target half done.
 * -EWOULDBLOCK: with LOCK_TRY, another dkms has the lock.  *ret_waited is true if the call had to
 * wait, so that what was known of the target may be outdated.  ret_waited may be NULL.
 */
int run_lock_target(struct run *r, const struct step *s, enum lock_mode mode, struct lock *ret,
		    bool *ret_waited, struct err *err) MUST_CHECK;
/* run_lock_target() for another lock file. */
int run_take_lock(struct run *r, const struct step *s, const char *path, enum lock_mode mode,
		  struct lock *ret, bool *ret_waited, struct err *err) MUST_CHECK;
/* The source folder of a module package, or its link in the tree; caller frees. */
char *run_source(const struct run *r, const struct modid *id);
/*
 * Fill `ret` with what is known before the build: source, headers, owners, conf and dependencies.
 * The build itself adds the rest of its record.
 */
void run_facts(const struct run *r, const struct step *s, struct record *ret);
typedef void (*run_ledger_fn)(void *list, void *data); /* list: see union ledger_list */
/* Load a ledger, let fn change it and store it, under the tree's lock. */
int run_change_ledger(struct run *r, enum ledger_file file, run_ledger_fn fn, void *data,
		      struct err *err) MUST_CHECK;

/*
 * Drop the remembered failures and verdicts of a module package, or those of a kernel together with
 * its kept logs.  If there is nothing to drop, nothing is written.
 */
int run_forget_module(struct run *r, const struct modid *id, struct err *err) MUST_CHECK;
int run_forget_kernel(struct run *r, const char *release, struct err *err) MUST_CHECK;
/* Drop the failures of builds that the plan finds excluded by their confs now. */
int run_forget_excluded(struct run *r, struct err *err) MUST_CHECK;
/*
 * A build has ended with `code`: write or drop its entry in the ledger of failures (struct
 * failure).  An interrupted build changes nothing there.
 */
void run_note_outcome(struct run *r, const struct step *s, const struct run_step *result, int code);

/*
 * Start the build of a step in a worker.  Returns
 *  - 1 if the worker runs (state RUN_BUSY),
 *  - 0 if another run has made the same build (RUN_UNCHANGED),
 *  - -EWOULDBLOCK if another dkms works on the target and `wait` is false,
 *  - any other error.
 */
int run_build_start(struct run *r, size_t step, bool wait, struct proc_worker *worker) MUST_CHECK;
/*
 * Would the build of step `s` replay what the build of step `running` compiles?  True if both build
 * the same source, and the headers of their kernels are alike.
 */
bool run_build_repeats(const struct run *r, const struct step *s, const struct step *running);
/* The worker of a step has ended: read the result, remember a failure, release the lock. */
int run_build_end(struct run *r, size_t step) MUST_CHECK;
/* Decide how many builds run at a time, and start the jobserver if there are several. */
int run_share_jobs(struct run *r, struct err *err) MUST_CHECK;
/* Do a step other than a build.  Returns 0, with ret->state set, or an error. */
int run_step_act(struct run *r, const struct step *s, struct run_step *ret) MUST_CHECK;
/* Do a step that holds a kernel back or lets it in: the ledger, then the pins (gatepins.h). */
int run_gate(struct run *r, const struct step *s, struct err *err) MUST_CHECK;
/* Run depmod, then finish all open installs of its kernel; if depmod failed, roll them back. */
int run_depmod(struct run *r, const struct step *depmod, struct run_step *ret) MUST_CHECK;
/* Finish the open install of step i.  It cannot be rolled back after that. */
int run_finish(struct run *r, size_t i);

/*
 * Call it when a build has ended with `code`.  If the source could not be built, report that to
 * apport.  After a success with BUILD_DEPENDS_REBUILD, write .dep_ files for DKMS.
 */
void run_after_build(const struct run *r, const struct step *s, int code);
/* At the end of a run: load the modules of kernels that changed (modprobe_on_install). */
void run_after(const struct run *r);
