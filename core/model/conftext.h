/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * conftext - the text of a dkms.conf as its author wrote it.  Pure.
 *
 * What a conf means is known only after bash has evaluated it (conf/confeval.h).  The text tells
 * what an evaluation does not: on which line a directive is set, and which directives are misspelt
 * and therefore ignored.
 */
#include "base/strv.h"

/* An assignment NAME=, NAME[INDEX]= or NAME+=. */
struct conftext_set {
	char *name;
	long index; /* 0 also for a plain NAME=; -1: only a shell knows it, as in NAME[$i] */
	size_t line;
};
struct conftext {
	struct conftext_set *v; /* in the order of the text */
	size_t n;
};
#define AUTO_CONFTEXT CLEANUP(conftext_release)
void conftext_release(struct conftext *c);
/* Find the assignments, also those in if, case and loops.  Those in quotes do not count. */
void conftext_parse(const char *text, struct conftext *ret);
/*
 * The line of the last assignment of NAME[index]: in most cases this assignment counts.  If there
 * is none, the line of the last assignment of NAME whose index only a shell knows; if there is none
 * of these either, 0.
 */
size_t conftext_line(const struct conftext *c, const char *name, size_t index);

bool conftext_is_directive(const char *name);
/*
 * A static text that says what to do about an obsolete directive; NULL: it is not obsolete.
 * *ret_works is true if dkms still heeds the directive.
 */
const char *conftext_obsolete(const char *name, bool *ret_works);
/*
 * The directive of which `name` is a misspelling, as a static string, or NULL.  A name that the
 * text uses as a variable ($NAME) is the author's own, and no misspelling.
 */
const char *conftext_misspelt(const char *text, const char *name);
/* Does the text use the variable, as $NAME or in ${NAME...}? */
bool conftext_uses(const char *text, const char *name);
/* Append a warning for each misspelt directive: "dkms.conf: line 7: ...". */
void conftext_warnings(const char *text, struct strv *ret);
