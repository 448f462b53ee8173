/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * line - the lines of a build's log, each in a form that rules can be tried on.  Pure.
 */
#include "base/buf.h"

/* Lines are cut at this many bytes. */
#define LINE_BYTES_MAX 4000

struct line {
	struct buf text; /* without escape sequences, control characters and outer blanks */
	/*
	 * `text` with ' and " in place of curly quotation marks and of `, and without what another
	 * program, such as the journal, has put before the line.
	 */
	struct buf plain;
	const char *error; /* in `plain`, what follows a compiler's "error: "; NULL: it has none */
};
#define LINE_INIT                                   \
	{                                           \
		.text = BUF_INIT, .plain = BUF_INIT \
	}
#define AUTO_LINE CLEANUP(line_release)
void line_release(struct line *l);

/* Take the next line of [*at, end).  Returns false at the end. */
bool line_next(struct line *l, const char **at, const char *end) MUST_CHECK;
/*
 * Skip what another program has put before a line of the log: the time and its own name, the number
 * of the line, or the "> " of a quotation.
 */
const char *line_skip_prefix(const char *s);
/* Is it the first line of a log of DKMS or of ours: "DKMS (dkms-3.0) make.log for ..."? */
bool line_is_header(const struct line *l);
/*
 * Does make 4.0 to 4.2 name the recipe that failed, before the error itself?
 * "Makefile:3: recipe for target 'all' failed"
 */
bool line_names_recipe(const struct line *l);
/* Is it a line that we or DKMS wrote: "# command: ...", "------"? */
bool line_is_frame(const struct line *l);
/* Can it be the reason of a failure?  A warning, a note, quoted source and a command cannot. */
bool line_may_be_cause(const struct line *l);
