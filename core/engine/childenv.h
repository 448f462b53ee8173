/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * childenv - the environments of child processes.
 *
 * Of the caller's environment, a child gets only the variables listed here.  A stray KCFLAGS or
 * LD_LIBRARY_PATH would change what is built, and the source would be blamed for the failure.
 * Variables of an outer make do harm, too: "make install" of a kernel ends in a postinst hook,
 * which runs us.  The variables that this make exports would make our build a part of the kernel's.
 *
 * - Every child but the bash for confs (conf/confeval.h) gets a fixed PATH, LC_ALL=C, and the
 *   caller's HOME, TERM, SOURCE_DATE_EPOCH and proxy variables.
 * - Builds and scripts also get the setting build_environment, variables for their target and our
 *   trees (kernelver, dkms_tree ...), and what --directive sets.  If the setting tmp_location is
 *   set and is a folder, it is their TMPDIR.
 * - Tools (depmod, rpm ...), and scripts that run outside of a build, also get what package
 *   managers and image generators pass to their children (DPKG_..., DEBIAN_..., INITRAMFS...).  The
 *   TMPDIR of tools is the caller's.
 */
#include "base/strv.h"
#include "engine/engine.h"
#include "engine/target.h"

/* PATH of all children but the bash for confs. */
#define CHILDENV_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * Append to env the environment of make, PRE_BUILD, POST_BUILD, CLEAN and patch(1).  The next two
 * functions also append to env.
 */
void childenv_build(const struct engine *e, const struct target *t, struct strv *env);
/* For all other scripts, and for the post_transaction command, where t->name is NULL. */
void childenv_script(const struct engine *e, const struct target *t, struct strv *env);
/* For programs that are not about one module package (depmod, rpm, lsinitramfs). */
void childenv_tool(struct strv *env);
/*
 * Append the words of the setting build_environment.  First replace $kernelver and $arch in it by
 * `release` and `arch`, or by nothing if these are NULL.  A word is appended like this:
 *
 *	NAME=VALUE	as it is
 *	NAME		"NAME=VALUE" with the caller's value; nothing if the caller has not set it
 *	/PATH		as it is: a file that a shell has to read
 */
void childenv_added(const struct engine *e, const char *release, const char *arch,
		    struct strv *ret);
/*
 * Append, for a build's record, the variables that the build gets from the caller and from the
 * setting build_environment.  Then sort *ret.  Of a proxy variable only the name is appended,
 * because its value may hold a password.
 */
void childenv_passed(const struct engine *e, const struct target *t, struct strv *ret);
/* Append NAME=VALUE and remove an earlier value of NAME. */
void childenv_set(struct strv *env, const char *name, const char *value);
/* The value of `name` in `env`, which owns it; NULL: not set. */
const char *childenv_get(const struct strv *env, const char *name);
/* Is the command in env's PATH, inside the root?  A name with a '/' is taken as a path. */
bool childenv_has_command(const struct engine *e, const struct strv *env, const char *name);
/*
 * Does a child get this variable from the caller?  The child is a tool if `tool` is true, else a
 * build.  Pure.
 */
bool childenv_passes(const char *name, bool tool);
