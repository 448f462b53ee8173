/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * run - carry a plan out.
 *
 *	run_plan(e, survey, plan, tell, data, &result, err)
 *
 * Steps are done in the plan's order, each as soon as its predecessors are
 * settled; builds run in workers of their own, several at a time under one
 * jobserver, beside everything else.  A step whose predecessors did not all
 * succeed is not done (depmod and initramfs: when none changed anything).
 * What is already so when a step's turn comes (another run did it while this
 * one waited for the lock) counts as done.  Installs stay open until their
 * kernel's depmod has succeeded and are rolled back when it fails.
 *
 * Nothing here speaks: every step's beginning and end goes to tell(), from
 * which cli makes lines and history makes entries.
 */
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
	RUN_BUSY,      /* a worker is at it */
	RUN_DONE,      /* changed something */
	RUN_UNCHANGED, /* nothing had to be changed */
	RUN_FAILED,
	RUN_NOT_DONE, /* a predecessor failed, or the run was interrupted */
};

/* It is as the step wants it. */
static inline bool run_did(enum run_state state)
{
	return state == RUN_DONE || state == RUN_UNCHANGED;
}

struct run_step {
	enum run_state state;
	struct err err;		   /* RUN_FAILED */
	struct build_result build; /* STEP_BUILD */
	struct change change;	   /* STEP_INSTALL, open until depmod */
	bool open;
	bool left; /* failed in the middle: recovery carries it out, or takes it back */
	struct strv warnings; /* refused modules ... */
	uint64_t msec;
	uint64_t started; /* milliseconds of the monotonic clock */
	struct lock lock; /* STEP_BUILD: held while its worker runs */
	int result_fd;	  /* the same: where the worker leaves its build_result */
};

enum run_event {
	RUN_BEGIN,
	RUN_END,
	RUN_TICK, /* every RUN_TICK_SECONDS while builds run; without step and result */
};
#define RUN_TICK_SECONDS 1
typedef void (*run_tell_fn)(enum run_event event, const struct step *step,
			    const struct run_step *result, void *data);

struct run {
	struct engine *e;
	struct survey *s;
	const struct plan *p;
	struct run_step *steps; /* p->n of them */
	struct jobs jobs;	/* the jobserver, when several builds share it */
	bool shared;
	struct proc_worker *workers; /* n_workers of them; those with pid 0 are free */
	size_t *working;	     /* the step that each of them is about */
	size_t n_workers;
	struct signers signers; /* one a kernel */
	run_tell_fn tell;
	void *data;
};
#define AUTO_RUN CLEANUP(run_release)

void run_release(struct run *r);
/*
 * Returns 0 when the plan could be carried out, whatever became of its steps (see
 * run_status()); an error when not even that (no write access, bash missing).
 */
int run_plan(struct engine *e, struct survey *s, const struct plan *p, run_tell_fn tell, void *data,
	     struct run *ret, struct err *err) MUST_CHECK;
/*
 * Exit status of it all: 128 + n after a signal; for autoinstall 21 without headers, 11 after any
 * failure; else that of the first refused or failed step in plan order.
 */
int run_status(const struct run *r);
/* Recovery of what dead runs left; the start of every writing command. */
int run_recover(struct engine *e, struct err *err) MUST_CHECK;

/* ---- for runsteps.c, runbuild.c and runforget.c ---- */

struct target run_target(const struct step *s);
/* The target's lock, or an error that names the holder.  ret_waited: look again. */
int run_lock_target(struct run *r, const struct step *s, enum lock_mode mode, struct lock *ret,
		    bool *ret_waited, struct err *err) MUST_CHECK;
/* The same for a lock file. */
int run_take_lock(struct run *r, const struct step *s, const char *path, enum lock_mode mode,
		  struct lock *ret, bool *ret_waited, struct err *err) MUST_CHECK;
/* The source folder of a step's module package; caller frees. */
char *run_source(const struct run *r, const struct modid *id);
/* What the record says beside the modules. */
void run_facts(const struct run *r, const struct step *s, struct record *ret);
/* Change a ledger file under the tree's lock. */
typedef void (*run_ledger_fn)(struct ledger *l, void *data);
int run_change_ledger(struct run *r, enum ledger_file file, run_ledger_fn fn, void *data,
		      struct err *err) MUST_CHECK;

/*
 * Failures and verdicts of a module package, on every kernel; or those of a kernel, and its kept
 * logs.  Nothing is written where nothing is remembered.
 */
int run_forget_module(struct run *r, const struct modid *id, struct err *err) MUST_CHECK;
int run_forget_kernel(struct run *r, const char *release, struct err *err) MUST_CHECK;

/*
 * Start a build in a worker of its own: 1 when it runs (state RUN_BUSY), 0 when there was nothing
 * to do, -EWOULDBLOCK when wait is false and another dkms holds the target, or an error.
 */
int run_build_start(struct run *r, size_t step, bool wait, struct proc_worker *worker) MUST_CHECK;
/* Its worker has ended. */
int run_build_end(struct run *r, size_t step) MUST_CHECK;
/* How many builds at a time, and with what jobs. */
int run_share_jobs(struct run *r, struct err *err) MUST_CHECK;
/* One function for every other kind of step: 0 and ret->state set, or an error. */
int run_step_act(struct run *r, const struct step *s, struct run_step *ret) MUST_CHECK;
/* depmod, then all open installs of its kernel are finished, or rolled back where it failed. */
int run_depmod(struct run *r, const struct step *depmod, struct run_step *ret) MUST_CHECK;
/* Finish the open install of step i. */
int run_finish(struct run *r, size_t i);

/* After a build that ended with code: what DKMS and apport want to know of it. */
void run_after_build(const struct run *r, const struct step *s, int code);
/* At the end of a run: modprobe_on_install. */
void run_after(const struct run *r);
