/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * cause - why a build failed, from its log: one class, and the line that a person would quote.
 *
 * A log holds many lines that look like errors, and the first is often not the one that matters.
 * So each rule of cause/rules.h has a rank, and the first line of the best rank counts.  Warnings
 * never count, and neither do lines of the source that a compiler quotes, or commands that make
 * prints.  Of a command that ended well, only complaints about the machine count (disk, memory,
 * network).  If nothing in the log counts by these rules, other errors of the last command count,
 * even if it ended well.
 *
 * Knows the messages of gcc, clang, rustc, binutils, modpost, make, shells, Python, awk, Perl,
 * CMake, configure, patch, git and tools that download, and those of gcc in several languages.
 * Pure.
 */
#include "base/strv.h"
#include "cause/class.h"

struct cause {
	enum cause_class class;
	char *line;  /* without control characters and blanks around it; "": the log says nothing */
	char *about; /* the function, header, program, option ... of the line; NULL: not known */
	bool lasting; /* the build fails again until source, kernel or compiler change */
};
#define CAUSE_INIT                                    \
	{                                             \
		.class = CAUSE_OTHER, .lasting = true \
	}
#define AUTO_CAUSE CLEANUP(cause_release)
void cause_release(struct cause *c);

/* The most bytes of a line: CAUSE_LINE_MAX for cause_judge(), CAUSE_LINES_MAX for cause_lines(). */
#define CAUSE_LINE_MAX	1000
#define CAUSE_LINES_MAX 300

/*
 * Judge a log, which may hold any bytes and need not end with a newline.  Takes time in proportion
 * to `len`, and memory for a few lines only.  The caller releases *ret.
 */
void cause_judge(const char *text, size_t len, struct cause *ret);
/*
 * Append to `ret` the lines that show why the build failed: at most `max`, each once.  The first is
 * that of cause_judge(); those that follow are of the same kind, in the order of the log.
 */
void cause_lines(const char *text, size_t len, size_t max, struct strv *ret);
