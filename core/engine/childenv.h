/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * childenv - the environments that children get.
 *
 * Nothing of the caller's environment reaches a child but what a list names: a stray KCFLAGS or
 * LD_LIBRARY_PATH would change what is built, and a failure by it would be taken for the source's.
 * A kernel's own "make install" ends in a postinst hook, too, and what an outer make
 * exports would turn our build into a part of that one.
 *
 * All get a fixed PATH, LC_ALL=C, and of the caller's HOME, TERM, SOURCE_DATE_EPOCH and proxies.
 * Builds and scripts get the setting build_environment and what is known about their target;
 * scripts that root runs outside of a build, and tools, what package managers tell those below
 * them (DPKG_..., DEBIAN_FRONTEND).
 */
#include "base/strv.h"
#include "engine/engine.h"
#include "engine/target.h"

/* PATH of all children. */
#define CHILDENV_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* make, PRE_BUILD, POST_BUILD, CLEAN, patches: append to env. */
void childenv_build(const struct engine *e, const struct target *t, struct strv *env);
/* The other scripts, and post_transaction (whose target has no name). */
void childenv_script(const struct engine *e, const struct target *t, struct strv *env);
/* Programs that are not about a module package (depmod, rpm, lsinitramfs). */
void childenv_tool(struct strv *env);
/*
 * The words of build_environment for a kernel (NULL: none): "NAME=VALUE", for a mere NAME with the
 * caller's value, if it has one; and as they are, files that a shell has to read ("/...").
 */
void childenv_added(const struct engine *e, const char *release, const char *arch,
		    struct strv *ret);
/* For the record: all that a build got from the caller or by build_environment, in order of name;
 * of proxies, which may hold passwords, the name alone. */
void childenv_passed(const struct engine *e, const struct target *t, struct strv *ret);
/* Append NAME=VALUE, replacing an earlier NAME. */
void childenv_set(struct strv *env, const char *name, const char *value);
/* Value of name in env, NULL when not there. */
const char *childenv_get(const struct strv *env, const char *name);
/* Is there such a command in env's PATH, inside the root?  A name with '/' is looked up as it is.
 */
bool childenv_has_command(const struct engine *e, const struct strv *env, const char *name);
/* Does a variable of the caller reach a child, or (tool) a tool?  Pure. */
bool childenv_passes(const char *name, bool tool);
