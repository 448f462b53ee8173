/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * report - messages and output for people.
 *
 * Messages about what is done go to standard output, as in DKMS; with --json, which needs standard
 * output for the document, they go to standard error.  Errors ("Error! ..." after an empty line),
 * "Warning: ..." and "debug: ..." always go to standard error.  A message is written in one piece,
 * because package managers and workers write to the same terminal.  Names and error lines come from
 * others, so all text is made safe for terminals here (text_add_lines()).
 */
#include "base/error.h"
#include "cli/progress.h"
#include "model/goal.h"
#include "run/run.h"

/* What the log sink and report_step() need; their data argument points to it. */
struct report {
	const struct engine *e;	   /* NULL, except while a plan is carried out */
	struct strv hinted;	   /* kernels for which the headers hint was printed */
	const struct world *world; /* the world that the plan was made from; may be NULL */
	enum goal_verb verb;	   /* of the goals; without meaning if event is set */
	struct strv warned;	   /* warnings already written */
	struct strv refused;	   /* printed reasons of several lines; a repeat is "the same." */
	bool document;		   /* --json: messages go to standard error */
	bool event;		   /* an event, not goals; summary.h has its last lines */
	/*
	 * We run in a kernel's hook while dpkg is at work.  Then warnings of telling steps
	 * (TONE_WARN) are printed only with --verbose, because the event of dpkg's trigger prints
	 * them at the end.
	 */
	bool told_later;
	bool failed;
	struct progress progress;
};
#define REPORT_INIT                                                             \
	{                                                                       \
		.hinted = STRV_INIT, .warned = STRV_INIT, .refused = STRV_INIT, \
		.progress = PROGRESS_INIT                                       \
	}
/*
 * Install a log sink that uses `r`.  report_close() frees what `r` owns.  After that, messages are
 * still written, but as if --json were not given, and a repeated warning is written each time.
 */
void report_open(struct report *r);
void report_close(struct report *r);
/* Write the error's text or, if it has none, the text of its code.  Returns the exit status. */
int report_error(const struct err *err);
/*
 * Write a verb's output, lines or a document, to standard output, without characters that move the
 * cursor or hide other characters.  Returns an exit status: 1 if it cannot be written, else 0.  The
 * caller flushes standard output.
 */
int report_print(const char *text);
/*
 * As report_print(), for text with the marks of cli/table.h.  They become colours if `color` is
 * true, and are dropped if not.  Text from others must have been made visible before, so that no
 * byte of it is taken for a mark.
 */
int report_print_tinted(const char *text, bool color);
/* A run_tell_fn; data is a struct report *. */
void report_step(enum run_event event, const struct step *step, const struct run_step *result,
		 void *data);
/*
 * A proc_idle_fn; data is a struct report *.  Where there is no live line, break a silence that has
 * lasted too long (progress.h).
 */
void report_tick(void *report);
/* Write the message of a telling step: one for which step_acts() is false. */
void report_note(struct report *r, const struct step *s);
/* Are both steps about the same kernel release, or is neither about a kernel? */
bool report_same_kernel(const struct step *a, const struct step *b);
/* Is step i of the plan the first one about its kernel? */
bool report_is_first_of_kernel(const struct run *run, size_t i);
/* Write the last line after SIGINT, SIGTERM or SIGHUP.  `run` is NULL if no step was begun. */
void report_interrupted(const struct run *run);
/*
 * Write the last lines of a command.  After a signal, write only the line of report_interrupted().
 * Otherwise write DKMS's summary if the command is autoinstall.  If a step failed and the run is in
 * the history (`logged`), the last line is the "dkms log" command that shows the run.
 */
void report_end(const struct report *r, const struct run *run, bool logged);
