/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * finding - what lint has found in a module source: where it is, why it matters, what to do.
 */
#include "base/buf.h"

enum lint_level {
	LINT_NOTE,    /* good to know; nothing fails */
	LINT_WARNING, /* works, but probably not as intended */
	LINT_ERROR,   /* add or build fails, or what is written has no effect */
};
struct lint_finding {
	enum lint_level level;
	const char *rule; /* static: "syntax", "misspelt" ... */
	char *file;	  /* relative to the folder of the source */
	size_t line;	  /* 0: the file as a whole */
	char *text;	  /* one line */
	char *cure;	  /* one line; NULL: none is known */
};
struct lint_findings {
	struct lint_finding *v;
	size_t n;
};
#define AUTO_LINT_FINDINGS CLEANUP(lint_release)

void lint_release(struct lint_findings *l);
/* Append a finding.  `cure` may be NULL.  All strings but `rule` are copied. */
void lint_add(struct lint_findings *l, enum lint_level level, const char *rule, const char *file,
	      size_t line, const char *cure, const char *fmt, ...) PRINTF(7, 8);
/* Sort by file, dkms.conf first, and by line.  Findings about one line keep their order. */
void lint_sort(struct lint_findings *l);
size_t lint_count(const struct lint_findings *l, enum lint_level level);
/* "error", "warning", "note" */
const char *lint_level_name(enum lint_level level);
/*
 * Append all findings as compilers print them, "FILE:LINE: LEVEL: TEXT [RULE]", each with its cure
 * below, and a last line that counts them.  `folder` is put before each file; it may be "".
 */
void lint_print(const struct lint_findings *l, const char *folder, struct buf *b);
