/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * childenv - the environments of child processes.
 *
 * Of the caller's environment, a child gets only the variables listed here.  A stray KCFLAGS or
 * LD_LIBRARY_PATH would change what is built, and the source would be blamed for the failure.  A
 * kernel's own "make install" ends in a postinst hook, too, where the variables that the outer make
 * exports would make our build a part of its own.
 *
 * Every child gets a fixed PATH, LC_ALL=C, and the caller's HOME, TERM, SOURCE_DATE_EPOCH and proxy
 * variables.  Builds and scripts also get the setting build_environment, variables for their target
 * and our trees (kernelver, dkms_tree ...), and those of --directive.  Tools, and scripts that run
 * outside of a build, also get what package managers and image generators pass to their children
 * (DPKG_..., DEBIAN_..., INITRAMFS...). TMPDIR is the setting tmp_location for builds and scripts,
 * the caller's for tools.
 */
#include "base/strv.h"
#include "engine/engine.h"
#include "engine/target.h"

/* PATH of all children. */
#define CHILDENV_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* For make, PRE_BUILD, POST_BUILD, CLEAN and patches; this and the next two append to env. */
void childenv_build(const struct engine *e, const struct target *t, struct strv *env);
/* For all other scripts, and for post_transaction, whose target has no name. */
void childenv_script(const struct engine *e, const struct target *t, struct strv *env);
/* For programs that are not about one module package (depmod, rpm, lsinitramfs). */
void childenv_tool(struct strv *env);
/*
 * Append the words of build_environment, expanded for a kernel (NULL: none): "NAME=VALUE" as it is,
 * a mere NAME with the caller's value, if it is set there, and "/PATH", a file that a shell has to
 * read, as it is.
 */
void childenv_added(const struct engine *e, const char *release, const char *arch,
		    struct strv *ret);
/*
 * Append, for a build's record, all that a build gets from the caller or by build_environment;
 * ret is sorted.  Of a proxy variable only the name, because its value may hold a password.
 */
void childenv_passed(const struct engine *e, const struct target *t, struct strv *ret);
/* Append NAME=VALUE, in place of an earlier value. */
void childenv_set(struct strv *env, const char *name, const char *value);
/* The value of name in env, which owns it; NULL: not set. */
const char *childenv_get(const struct strv *env, const char *name);
/* Is the command in env's PATH, inside the root?  A name with a '/' is taken as a path. */
bool childenv_has_command(const struct engine *e, const struct strv *env, const char *name);
/* Is the caller's variable passed to a build, or with tool to a tool?  Pure. */
bool childenv_passes(const char *name, bool tool);
