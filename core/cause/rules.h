/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * rules - which line of a build's log tells which cause: one table, each rule with an example.
 *
 * How good a reason a line gives depends on its rank.  A full disk makes compilers say many things,
 * so the disk comes before them; a type that does not fit says more about a kernel than a name that
 * is not known; that make stops says nothing when something else does.  Pure.
 */
#include "cause/class.h"
#include "cause/when.h"

enum cause_rank {
	RANK_NONE,
	RANK_MAKE_ERROR, /* make passes on a failure: "make: *** [Makefile:10: all] Error 2" */
	RANK_ENDED,	 /* an error without a place, or what stopped a program */
	RANK_FILE,	 /* a file is not there, or not allowed */
	RANK_MAKE,	 /* what make itself finds wrong */
	RANK_LINK,	 /* linker, objtool, BTF */
	RANK_CODE,	 /* any other error of a compiler */
	RANK_NAME,	 /* the compiler does not know a name */
	RANK_TYPE,	 /* a type, a member or a header is not as the source expects */
	RANK_SYMBOL,	 /* modpost: what the module uses is not to be had */
	RANK_TOOL,	 /* a program is missing, or cannot run */
	RANK_SOURCE,	 /* the source itself says why: #error, $(error), configure, patch */
	RANK_COMPILER,	 /* compiler missing, or not the right one */
	RANK_HEADERS,	 /* the kernel's headers */
	RANK_MACHINE,	 /* disk, memory, network */
};

struct cause_rule {
	enum cause_rank rank;
	enum cause_class class;
	enum cause_when when;
	bool error;	     /* the pattern is about what follows "error: " of a compiler */
	bool passes;	     /* may be gone at the next try, although the class is lasting */
	bool next;	     /* the line that follows says it, if there is one */
	const char *pattern; /* cause/pattern.h; the line has plain quotation marks */
	const char *example;
};

extern const struct cause_rule cause_rules[];
extern const size_t cause_rules_n;
