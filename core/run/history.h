/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * history - the file that remembers what runs did (model/history.h), one JSON line an entry
 * (historyjson.h).
 *
 *	history_begin(&w, e, &plan, command, event);	before the first step
 *	history_step(&w, step, result);			as each one ends
 *	history_end(&w, &run, NULL, status);		before success is reported
 *	history_writer_release(&w);
 *
 * /var/log/dkms/history.json; a tree that the command line names (--dkmstree, not the usual one)
 * has its own, .native/history.json in it.  At HISTORY_MAX bytes it becomes history.json.1, and
 * what was called so goes: two files, so between 2 and 4 MiB, some thousand runs.  Nobody else
 * (logrotate) need look after it.
 *
 * Lines are appended without a lock; .native/lock/history is held for the moment of a rotation
 * only, and nobody waits for it.  The end of a run is on the disk (fsync) when history_end()
 * returns.  A plan with nothing to do leaves no trace; nor does one that only
 * refuses, unless a person asked.  Nothing here fails a
 * run: when the history cannot be written, one warning says so.
 */
#include "engine/engine.h"
#include "model/event.h"
#include "model/history.h"
#include "run/run.h"

#define HISTORY_MAX (2u << 20) /* bytes of one of the two files */

struct history_writer {
	struct engine *e;
	char *path;
	const struct plan *plan;
	struct history_cause cause;
	enum run_state *told; /* of each step, as it was written last */
	uint64_t begun;	      /* milliseconds of the monotonic clock */
	bool active;	      /* there is something to write, and it can be written */
};

/* Path inside the root; caller frees. */
char *history_path(const struct engine *e);
/* command: our own command line.  event: NULL for goals.  All must live as long as w. */
void history_begin(struct history_writer *w, struct engine *e, const struct plan *plan,
		   const char *command, const struct event *event);
/* For run.h's tell, at RUN_END. */
void history_step(struct history_writer *w, const struct step *step, const struct run_step *result);
/* run NULL: it could not be carried out, why says why.  status: of the command. */
void history_end(struct history_writer *w, const struct run *run, const struct err *why,
		 int status);
void history_writer_release(struct history_writer *w);

/*
 * Both files, put together and sorted; writes nothing, takes no lock.  No history is an empty one.
 * Lines that are no entries are counted in ret->bad, except a torn last one.
 */
int history_load(const struct engine *e, struct history *ret, struct err *err) MUST_CHECK;
/* history_state(), with a look at the run's process. */
enum history_state history_state_now(const struct history_run *r);
