/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * history - what runs did: entries as they are written down, and runs put together from them.
 *
 * A run leaves one entry when it begins, one for each step as it ends, and one when it ends.  Every
 * entry names the run and what caused it, so that a line found by itself tells its story.  A step
 * may have a second entry, which counts: an install that is taken back when depmod fails.  A run
 * without an end was interrupted, unless its process still lives.
 *
 * Texts are as they were read: print them through base/text.h.  run/historyjson.h has the
 * form on the disk, run/history.h the file.
 */
#include "base/strv.h"
#include "base/util.h"

/* One changed item of an event. */
struct history_package {
	char *kind, *key, *change; /* "source", "foo-1.0", "added": the event's words */
	char *package, *version;   /* NULL when the event did not tell */
};

/* Who or what brought a run about. */
struct history_cause {
	int64_t uid;   /* of the person; -1: unknown */
	char *user;    /* name, NULL: unknown */
	char *command; /* our own command line */
	char *caller;  /* command line of the package manager above us, NULL: none */
	char *from;    /* an event's: "apt", "rpm", "pacman"; NULL: a command */
	struct history_package *packages;
	size_t n;
	uint64_t left_out; /* further packages, when there were very many */
};

#define HISTORY_RESULT_LIST(X)                                                                   \
	X(HISTORY_DONE, "done")		  /* it changed something */                             \
	X(HISTORY_UNCHANGED, "unchanged") /* nothing had to be changed */                        \
	X(HISTORY_FAILED, "failed")	  /* also: refused */                                    \
	X(HISTORY_NOT_DONE, "not-done")	  /* what it needs failed, or the run was interrupted */ \
	X(HISTORY_TOLD, "told")		  /* a step that only tells */

enum history_result {
#define X(id, name) id,
	HISTORY_RESULT_LIST(X)
#undef X
		HISTORY_RESULTS
};

struct history_step {
	uint64_t number; /* of the plan, from 1 */
	int64_t time;	 /* of its end; seconds since 1970 */
	char *kind;	 /* step_class()->name */
	enum history_result result;
	char *name, *version, *release, *arch; /* NULL: not about one */
	int64_t msec;
	int status; /* exit status of what failed, else 0 */
	char *reason;
	char *error;	   /* NULL: none; several lines */
	struct strv lines; /* first error lines of the build's log */
	char *log;	   /* path inside the root, NULL: there is none */
};

enum history_line { HISTORY_BEGIN, HISTORY_STEP, HISTORY_END };

struct history_entry {
	enum history_line line;
	char *run;
	int64_t time;
	struct history_cause cause;
	struct history_step step; /* HISTORY_STEP */
	int64_t pid;		  /* HISTORY_BEGIN */
	uint64_t start;		  /* the same: sys/process.h; 0 unknown */
	int status;		  /* HISTORY_END: exit status */
	bool interrupted;	  /* the same: by a signal, in good order */
	int64_t msec;		  /* the same: of the whole run */
	char *error;		  /* the same: why it could not be carried out at all, NULL */
};
#define HISTORY_ENTRY_INIT              \
	{                               \
		.step.lines = STRV_INIT \
	}
#define AUTO_HISTORY_ENTRY CLEANUP(history_entry_release)

struct history_run {
	char *id;
	int64_t begun, ended; /* seconds since 1970; ended -1: no such entry */
	struct history_cause cause;
	int64_t pid; /* 0: the entry of its beginning is gone */
	uint64_t start;
	int status;
	bool interrupted;
	int64_t msec;
	char *error;
	struct history_step *steps;
	size_t n;
};

struct history {
	struct history_run *runs;
	size_t n;
	size_t bad; /* lines that could not be read and were left out */
};
#define HISTORY_INIT       \
	{                  \
		NULL, 0, 0 \
	}
#define AUTO_HISTORY CLEANUP(history_release)

const char *history_result_name(enum history_result r);
/* HISTORY_RESULTS for a word that is none. */
enum history_result history_result_parse(const char *word);

void history_cause_release(struct history_cause *c);
void history_entry_release(struct history_entry *e);
void history_release(struct history *h);

/* Take the entry's content (it is empty afterwards) into its run.  False: not a sensible one. */
bool history_add(struct history *h, struct history_entry *e);
/* Newest first, runs of the same second by their ids; the steps of each in the plan's order. */
void history_sort(struct history *h);

enum history_state {
	HISTORY_OK,
	HISTORY_HAS_FAILED, /* a step failed, or the run could not be carried out */
	HISTORY_STOPPED,    /* by a signal, or it has no end and its process is gone */
	HISTORY_RUNNING,
};
/* lives: does the run's process live?  Asked only of a run without an end. */
enum history_state history_state(const struct history_run *r, bool lives);

struct history_filter {
	const char *run;	    /* beginning of an id, NULL: any */
	const char *name, *version; /* patterns as of fnmatch(3), NULL or "": any */
	const struct strv *kernels; /* the same; NULL or empty: any */
	bool failed;		    /* only runs in which something failed, or that were stopped */
	int64_t since;		    /* seconds since 1970, 0: any time */
};
/* Is the step about what the filter names? */
bool history_step_fits(const struct history_step *s, const struct history_filter *f);
/* state: of history_state(). */
bool history_run_fits(const struct history_run *r, const struct history_filter *f,
		      enum history_state state);
/* "20261121T220102-4711", or the beginning of one that has at least its day and the T? */
bool history_is_run_id(const char *word);
