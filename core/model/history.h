/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * history - what runs did: the entries that they write, and runs put together from entries.
 *
 * A run writes an entry when it begins, one when each step ends, and one when it ends.  Each entry
 * names the run and its cause, so that a single line found in a log makes sense.  If a step has
 * two entries, the second one counts: e.g. an install is done, and then taken back because depmod
 * failed.  A run without an end entry was killed, or its process still lives.
 *
 * Texts are kept as they were read, and may hold anything: print them through base/text.h.
 * run/historyjson.h has the format on the disk, run/history.h the file.
 */
#include "base/strv.h"
#include "base/util.h"
#include "model/calls.h"
#include "model/modid.h"

/* One changed item of an event. */
struct history_package {
	char *kind, *key, *change; /* "source", "foo-1.0", "added", as in the event */
	char *package, *version;   /* NULL if the event did not tell */
};

/* What caused a run. */
struct history_cause {
	int64_t uid;   /* of the person; -1: unknown */
	char *user;    /* NULL: unknown */
	char *command; /* our own command line */
	char *caller;  /* command line of the package manager that runs us; NULL: none */
	char *from;    /* struct event.from; NULL: not an event */
	struct history_package *packages;
	size_t n;
	uint64_t left_out; /* number of packages not listed because there were too many */
};

#define HISTORY_RESULT_LIST(X)                                                                     \
	X(HISTORY_DONE, "done")		  /* changed something */                                  \
	X(HISTORY_UNCHANGED, "unchanged") /* nothing to change */                                  \
	X(HISTORY_FAILED, "failed")	  /* or refused */                                         \
	X(HISTORY_NOT_DONE, "not-done")	  /* a step it needs failed, or the run was interrupted */ \
	X(HISTORY_TOLD, "told")		  /* a step that only says something */

enum history_result {
#define X(id, name) id,
	HISTORY_RESULT_LIST(X)
#undef X
		HISTORY_RESULTS
};

struct history_step {
	uint64_t number; /* in the plan, from 1 */
	int64_t time;	 /* when it ended; seconds since 1970 */
	char *kind;	 /* step_class()->name */
	enum history_result result;
	char *name, *version, *release, *arch; /* NULL: about no module package, or no kernel */
	int64_t msec;
	int status; /* exit status of dkms for this failure (base/error.h); 0: none */
	char *reason;
	char *request;	   /* of a step "request": what is asked for, "add" or "remove"; or NULL */
	char *error;	   /* one or more lines; may be NULL */
	struct strv lines; /* of the build's log: those that say why (cause_lines()) */
	char *log;	   /* path inside the root; may be NULL */
	/* As in struct record, for a build; NULL: not known, or no build. */
	char *confined, *confined_why;
	struct calls calls; /* of a build's compiler */
	/* As in struct record, for a build that was fetched; else NULL. */
	char *bundle, *bundle_from, *bundle_by;
};

enum history_line { HISTORY_BEGIN, HISTORY_STEP, HISTORY_END };

struct history_entry {
	enum history_line line;
	char *run;
	int64_t time;
	struct history_cause cause;
	struct history_step step; /* for HISTORY_STEP */
	/* for HISTORY_BEGIN */
	int64_t pid;
	uint64_t start; /* start time of the process (sys/process.h); 0: not known */
	/*
	 * "NAME/VERSION K A" of what the run is going to build or install.  If the run is killed,
	 * this still tells what it was about.
	 */
	struct strv targets;
	/* for HISTORY_END */
	int status;	  /* exit status */
	bool interrupted; /* a signal ended the run in good order */
	bool refused;	  /* a command that was refused before anything was begun */
	int64_t msec;	  /* of the whole run */
	char *error;	  /* why nothing could be done at all; may be NULL */
};
#define HISTORY_ENTRY_INIT                                    \
	{                                                     \
		.step.lines = STRV_INIT, .targets = STRV_INIT \
	}
#define AUTO_HISTORY_ENTRY CLEANUP(history_entry_release)

struct history_run {
	char *id;
	int64_t begun, ended; /* seconds since 1970; ended -1: no entry of its end */
	struct history_cause cause;
	int64_t pid; /* 0: the entry of its beginning is lost */
	uint64_t start;
	struct strv targets;
	int status;
	bool interrupted, refused;
	int64_t msec;
	char *error;
	struct history_step *steps;
	size_t n;
};

struct history {
	struct history_run *runs;
	size_t n;
	size_t bad; /* number of lines that could not be read */
};
#define HISTORY_INIT       \
	{                  \
		NULL, 0, 0 \
	}
#define AUTO_HISTORY CLEANUP(history_release)

const char *history_result_name(enum history_result r);
/* HISTORY_RESULTS if `word` is not the name of a result. */
enum history_result history_result_parse(const char *word);

void history_cause_release(struct history_cause *c);
void history_entry_release(struct history_entry *e);
void history_release(struct history *h);

/* Append "NAME/VERSION K A" to `targets`, unless it is there already. */
void history_add_target(struct strv *targets, const struct modid *id, const char *release,
			const char *arch);
/*
 * Move the entry into its run and leave *e empty.  Returns false, and leaves *e unchanged, if the
 * entry lacks the name of the run, or the kind or number of its step.
 */
bool history_add(struct history *h, struct history_entry *e);
/*
 * Sort runs newest first; runs of the same second by id, in reverse.  Sort the steps of each run
 * as in the plan.
 */
void history_sort(struct history *h);

enum history_state {
	HISTORY_OK,
	HISTORY_HAS_FAILED, /* a step failed, or the run could not be carried out */
	HISTORY_STOPPED,    /* by a signal, or the process is gone and wrote no end */
	HISTORY_RUNNING,
	HISTORY_REFUSED, /* a command that was refused, which is no run */
};
/* `lives`: the process of the run lives.  This matters only if the run has no entry of its end. */
enum history_state history_state(const struct history_run *r, bool lives);

struct history_filter {
	const char *run;	    /* beginning of an id; NULL: any */
	const char *name, *version; /* patterns of fnmatch(3); NULL or "": any */
	const struct strv *kernels; /* patterns, too; NULL or empty: any */
	bool failed;		    /* only runs that failed or were stopped */
	bool refused;		    /* only commands that were refused */
	int64_t since;		    /* seconds since 1970; 0: any */
};
/* Is the step about the module package and the kernels of the filter? */
bool history_step_fits(const struct history_step *s, const struct history_filter *f);
/*
 * Does the run fit the filter?  `state` is what history_state() says of the run.
 *
 * If the filter does not name the run, two more rules apply:
 *
 * - With f->refused only refused commands fit; without it they do not fit.
 * - A run in which a package's script only asked for something (`add --later`) does not fit: the
 *   event at the end of the same transaction tells what became of the request.
 */
bool history_run_fits(const struct history_run *r, const struct history_filter *f,
		      enum history_state state);
/*
 * Keep only the first `most` runs that fit the filter (history_run_fits()).  `states` has h->n
 * elements, and is shortened in the same way.
 */
void history_select(struct history *h, enum history_state *states, const struct history_filter *f,
		    size_t most);
/*
 * Is `word` the id of a run, e.g. "20261121T220102-4711", or the beginning of such an id, with at
 * least the day and the T?
 */
bool history_is_run_id(const char *word);
