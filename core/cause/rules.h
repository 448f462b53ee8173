/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * rules - which line of a build's log tells which cause, each rule with an example.
 *
 * rules_machine.c has the faults of the machine and of the kernel's headers, rules_tools.c those of
 * programs, rules_code.c those of the source's code.
 *
 * A rule's rank says how good a reason its lines give.  A full disk makes compilers say many
 * things, so the disk ranks above them.  A type that does not fit says more about a kernel than an
 * unknown name.  A line that says only that make stopped has the lowest rank.  Pure.
 */
#include "cause/class.h"
#include "cause/when.h"

enum cause_rank {
	RANK_NONE,
	/* A program's own words.  They count only if make stops, or the log ends, right after. */
	RANK_SAID,
	RANK_MAKE_ERROR, /* make reports that a command failed: "make: *** [x] Error 2" */
	RANK_ENDED,	 /* a signal that ended a program */
	RANK_FILE,	 /* a file that is missing or may not be used; any other "error:" */
	RANK_MAKE,	 /* make itself finds a fault: no rule, no Makefile */
	RANK_LINK,	 /* linker, objtool, BTF */
	RANK_CODE,	 /* any other error of a compiler */
	RANK_NAME,	 /* the compiler does not know a name */
	RANK_TYPE,	 /* a type, a member or a header is not as the source expects */
	RANK_SYMBOL,	 /* modpost: a symbol that the module uses is not available */
	RANK_TOOL,	 /* a program is missing, or cannot run */
	RANK_SOURCE,	 /* the source itself says why: #error, $(error), configure, patch */
	RANK_COMPILER,	 /* the compiler is missing, or is not the right one */
	RANK_HEADERS,	 /* the kernel's headers are missing, damaged or of another kernel */
	RANK_MACHINE,	 /* disk or memory is full, or the network fails */
};

struct cause_rule {
	enum cause_rank rank;
	enum cause_class class;
	enum cause_when when;
	bool error;	     /* the pattern is tried on what follows a compiler's "error: " */
	bool passes;	     /* the next try may succeed, although the class is lasting */
	bool next;	     /* if the line ends with ":", the next one has the reason */
	bool follows;	     /* another error at the same place of the source says more */
	const char *pattern; /* of cause/pattern.h, for line.plain */
	const char *example;
};

/* The rules of all tables, from 0 on; NULL after the last one. */
const struct cause_rule *cause_rule(size_t i);
size_t cause_rules_count(void);

/* The tables themselves, for cause_rule(). */
struct cause_rules {
	const struct cause_rule *rules;
	size_t n;
};
extern const struct cause_rules cause_rules_machine, cause_rules_tools, cause_rules_code;
