/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * call - what one call of a compiler asks for, from its arguments.  Pure.
 *
 * An option is known by the table in call.c, or the call is not understood and is compiled plainly.
 * So a new option of a compiler can cost time, but cannot give a wrong object.
 */
#include "base/buf.h"
#include "base/strv.h"
#include "replay/release.h"

enum call_kind {
	CALL_PLAIN,   /* not understood, or its result depends on what is not seen: `why` */
	CALL_QUERY,   /* --version and its like: the answer depends on the compiler alone */
	CALL_COMPILE, /* -c, -S or -E of one input */
};

struct call {
	enum call_kind kind;
	const char *why; /* CALL_PLAIN: why, a static text */
	char mode;	 /* 'c', 'S', 'E' */
	bool is_object;	 /* -c of a file: what people count as "compiled" */
	bool has_std;	 /* without -nostdinc: the system's folders are searched, too */
	bool includes;	 /* -include or -imacros names a file */
	bool kept_words; /* an argument that is no path has a word of the release */
	/* These are parts of the arguments, or of static text. */
	const char *input;		  /* "-": standard input */
	const char *output;		  /* the file that is made; NULL: standard output */
	const char *depfile;		  /* NULL: none is wanted */
	size_t dep_argument;		  /* argv[dep_argument] asks for it */
	char *made_output, *made_depfile; /* owns the two, if they are no argument */
	struct strv folders;		  /* that are searched for headers */
};
#define CALL_INIT                    \
	{                            \
		.folders = STRV_INIT \
	}
#define AUTO_CALL CLEANUP(call_release)
void call_release(struct call *c);

/* argv[0] is not looked at. */
void call_parse(int argc, char *const *argv, const struct release_words *words, struct call *ret);
/*
 * Append the arguments for a key, each with a NUL behind it.  In paths the words of the release are
 * masked.  The output is left out if nothing that the compiler writes depends on its name.
 */
void call_key(const struct call *c, int argc, char *const *argv, const struct release_words *words,
	      struct buf *b);
/*
 * Append to *ret the arguments of the call, changed so that the compiler writes down all files that
 * it reads: into the file of dependencies that the call asks for, or else into `depfile`.
 */
void call_telling(const struct call *c, int argc, char *const *argv, const char *depfile,
		  struct strv *ret);
/*
 * Parse a file of dependencies that a compiler wrote: append the files that it read.  Returns false
 * if it has another form.
 */
bool call_parse_deps(const char *text, size_t len, struct strv *ret) MUST_CHECK;
