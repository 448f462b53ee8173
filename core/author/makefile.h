/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * makefile - what can be seen in the text of a Makefile or Kbuild without running make.  Pure.
 */
#include "base/strv.h"

/* A line that asks for the running kernel ("uname -r"). */
struct makefile_uname {
	size_t line;
	char *variable; /* the variable that the line sets; NULL: none */
	bool weak;	/* set with "?=": the environment takes precedence */
	bool recipe;	/* a command of a rule */
};
struct makefile {
	struct makefile_uname *unames;
	size_t n_unames;
	struct strv objects; /* of obj-m, obj-y and obj-$(...), without ".o" */
	size_t objects_line; /* the first line that sets `objects`; 0: there is none */
	struct strv lines;   /* all lines, each joined with those that continue it */
	size_t *numbers;     /* of each of `lines`: its first line in the text */
	bool computed;	     /* there may be objects that the text does not name */
	bool guarded;	     /* it has a part only for kbuild: ifneq ($(KERNELRELEASE),) */
};
#define AUTO_MAKEFILE CLEANUP(makefile_release)
void makefile_release(struct makefile *m);
/* Overwrites *ret. */
void makefile_parse(const char *text, struct makefile *ret);
/*
 * Does a rule or a condition use the value of the variable, directly or through other variables?
 * given() says which variables get their value elsewhere, e.g. on make's command line, so that what
 * the text assigns to them has no effect.
 */
bool makefile_reaches(const struct makefile *m, const char *variable,
		      bool (*given)(const char *variable, void *data), void *data);
/* Does the line of a shell script or a Makefile run "uname -r", outside of a comment? */
bool makefile_asks_uname(const char *line);
