/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * replay - a build that is like an earlier one compiles nothing.
 *
 * make, PRE_BUILD, modpost, objtool, the linker and BTF run in each build.  Only calls of the C
 * compiler are answered from a memory.  In a build's PATH the first folder has links with the names
 * of the compilers; they lead to cc-replay (standin.h), which gives the answer of an earlier call
 * if that is sound, or starts the compiler and remembers what came of it.
 *
 * Why an answer is what the compiler would have said now:
 *
 * The key of a call (keyed.c) has
 *	- the compiler by content: driver, cc1, as, their libraries, specs (compilers.h), and the
 *	  name by which it is called; stat(2) tells in each call that they are still the same, and
 *	  that nothing has appeared where the driver would find it earlier;
 *	- all arguments, the current folder, and the variables that change messages or paths.  In
 *	  paths, and only there, the words that name the kernel's release are masked (release.h);
 *	- the bytes of the input, also from standard input;
 *	- the names of all headers of the kernel, where links to folders lead there, and all names
 *	  in the build folder and in each other folder that is searched (foldernames.h): a header
 *	  that appears can take the place of another, and one that was not found can be found.  A
 *	  call that includes nothing, as most of the questions that make asks, has no names in its
 *	  key.
 * An entry (entry.h) has
 *	- each file that the compiler says it has read, with a hash of its content; all must be the
 *	  same now.  Those of the kernel come from a table (headertable.h), all others are read;
 *	- the object, the file of dependencies, messages, the exit status.
 * The release is masked in two headers: in autoconf.h, which all sources include and which has it
 * as CONFIG_BUILD_SALT, and in utsrelease.h.  In an answer for another kernel its words are
 * replaced, in an object only by words of the same length.
 *
 * What is never remembered, because the key does not hold all that it depends on:
 *	- a call with an option that call.c does not know, or knows to write or read other files:
 *	  plugins, profiles, LTO, -save-temps, response files; -march=native (the processor);
 *	  anything that links, and any language but C and assembler with a preprocessor;
 *	- what uses __TIME__, __DATE__, __TIMESTAMP__ (the clock), .incbin or .include (files that
 *	  the assembler reads and does not tell);
 *	- what includes utsrelease.h or mentions BUILD_SALT: there the release has an effect that
 *	  masking would hide.  The files that modpost makes are excepted, because they have both as
 *	  text alone;
 *	- what has a word of the release in a file that it read, other than those two headers, in an
 *	  argument that is no path, or in a part of the object that is loaded: a replaced word could
 *	  be wrong there;
 *	- what searches the system's folders for a header: their names are not in the key;
 *	- what has read a file that changed after the call began, a header that changed after the
 *	  table was made, or a file that lies in no folder whose names are in the key;
 *	- a failure that the machine may be to blame for: no memory, a signal, or any system call
 *	  that failed, but for a file that is not there.
 * A call is neither answered nor remembered if the build names the compiler by an absolute path,
 * has changed PATH, or calls the compiler through ccache or another script.
 *
 * A source could defeat that only by computing at compile time with the letters of a path, as in
 * __FILE__[20] == '5'.
 *
 * Whatever fails on the way, the compiler runs as it would have without us.  A damaged, cut off or
 * foreign entry, and one of another version of this format, is no entry.
 */
#include "confine/confine.h"
#include "engine/engine.h"
#include "engine/target.h"
#include "replay/store.h"

struct replay {
	const struct engine *e;
	const struct target *t;
	char *room;  /* NULL: compilers are called directly */
	char *path;  /* PATH for the build */
	char *plain; /* PATH without us */
	bool anew;
};
#define REPLAY_INIT          \
	{                    \
		.room = NULL \
	}

/*
 * Before a build is confined: make its room, if replaylook_is_on().  `env` is the build's
 * environment, `headers` the folder of the headers, `more` others that belong to them.  `build` is
 * where the build sees its folder.  If `anew` is set, no earlier answer is used: everything
 * is compiled, and the answers are remembered.  A failure is not reported; the build then calls the
 * compilers directly.
 */
void replay_open(struct replay *r, struct engine *e, const struct target *t, const char *headers,
		 const struct strv *more, const char *build, const struct strv *env, bool anew,
		 struct confine *c);
/* Let the programs that get this environment call the compilers through us, or no longer. */
void replay_begin(const struct replay *r, struct strv *env);
void replay_end(const struct replay *r, struct strv *env);
/* The build has ended: count its calls, keep what it has left, and remove the room. */
void replay_close(struct replay *r, struct calls *ret);
