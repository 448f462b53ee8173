/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * compilers - which compilers a build can call, and what each of them consists of.
 *
 * A compiler is known by content: the driver, the programs that it starts, the libraries of these,
 * the specs, and the folder of its own headers.  A compiler that was replaced
 * under the same version string is another one.  The hashes are remembered by stat(2) in
 * .native/cache/compilers.
 *
 * Reading a compiler takes a while.  So only those of the kind of the kernel's own are looked for,
 * gcc or clang: CC of the environment tells.  The others are not replayed.
 *
 * A command that is a script, ccache or any other program is no compiler here: it is not replaced,
 * and neither is a compiler of the same name in a later folder of PATH.
 */
#include "base/error.h"
#include "engine/engine.h"

#define COMPILERS_NAME "compilers" /* of the file in .native/cache, and of its format */

struct compiler_known {
	char *name;	   /* in PATH, e.g. "gcc-12" */
	char *path;	   /* where it was found */
	char *identity;	   /* a hash */
	char *include;	   /* the folder of its own headers; NULL: there is none */
	char *searched;	   /* PATH, in which it looks for as */
	struct strv parts; /* "DEV:INODE:SIZE:MTIME:CTIME PATH" of each file that counts */
};

struct compilers {
	struct compiler_known *v;
	size_t n;
};
#define AUTO_COMPILERS CLEANUP(compilers_release)
void compilers_release(struct compilers *c);

/* Find the compilers in the PATH of `env`.  Those that cannot be identified are left out. */
void compilers_look(const struct engine *e, const struct strv *env, struct compilers *ret);
/* Can what is remembered be read?  Returns 0, -ENOENT, -E_CORRUPT (damaged) or -errno. */
int compilers_check(const struct engine *e, struct err *err) MUST_CHECK;
/* Is it the name of a C compiler, e.g. "gcc", "x86_64-linux-gnu-gcc-12", "clang-14"?  Pure. */
bool compilers_is_name(const char *name);
