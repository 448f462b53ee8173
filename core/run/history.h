/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * history - the file that remembers what runs did (model/history.h), one JSON line for each entry
 * (historyjson.h).
 *
 *	history_begin(&w, e, &plan, command, event);	before the first step
 *	history_step(&w, step, result);			when a step has ended
 *	history_end(&w, &run, NULL, status);		before success is reported
 *	history_writer_release(&w);
 *
 * The file is /var/log/dkms/history.json, or .native/history.json in a tree that --dkmstree names.
 * When it reaches HISTORY_MAX bytes, it is renamed to history.json.1 and replaces the older file of
 * that name.  Together the two files have 2 to 4 MiB, enough for some thousand runs.  logrotate is
 * not needed.
 *
 * Lines are appended without a lock.  .native/lock/history is held only during the rename, and
 * nobody waits for it.  When history_end() returns, the end of the run is on the disk (fsync).
 *
 * A plan with nothing to do leaves no entry.  A plan that only refuses leaves an entry for a
 * command, but none for an event.  If the history cannot be written, one warning says so, and the
 * run goes on.
 */
#include "engine/engine.h"
#include "model/event.h"
#include "model/history.h"
#include "run/run.h"

#define HISTORY_MAX (2u << 20) /* the size at which the file is renamed */

struct history_writer {
	struct engine *e;
	char *path;
	const struct plan *plan;
	struct history_cause cause;
	enum run_state *told; /* state of each step in its last entry */
	uint64_t begun;	      /* clock_msec() */
	bool active;	      /* there is something to write, and it can be written */
};

/* Path inside the root; caller frees. */
char *history_path(const struct engine *e);
/*
 * `command` is our own command line; `event` is NULL for goals.  `e` and `plan` must outlive `w`.
 */
void history_begin(struct history_writer *w, struct engine *e, const struct plan *plan,
		   const char *command, const struct event *event);
/* Call it from run.h's tell() at RUN_END. */
void history_step(struct history_writer *w, const struct step *step, const struct run_step *result);
/*
 * `status` is the exit status of the command.  If `run` is NULL, the plan could not be carried out,
 * because of the error `why`.
 */
void history_end(struct history_writer *w, const struct run *run, const struct err *why,
		 int status);
void history_writer_release(struct history_writer *w);

/*
 * Read and merge both files, sorted.  Writes nothing and takes no lock.  If there is no file, the
 * history is empty.  Invalid lines are counted in ret->bad, except for an incomplete last one.
 */
int history_load(const struct engine *e, struct history *ret, struct err *err) MUST_CHECK;
/* history_state(), after checking whether the run's process is alive. */
enum history_state history_state_now(const struct history_run *r);
