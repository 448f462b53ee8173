/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * childenv - the environments that children get.
 *
 * Builds and scripts get the caller's environment without what DKMS drops
 * (CC CXX CFLAGS CXXFLAGS LDFLAGS) and without what an outer make or kbuild
 * exports: a kernel's own "make install" ends in a postinst hook, and its
 * variables would turn our build into a part of that one.  Tools get the same with LC_ALL=C.
 * A PATH without sbin folders gets them appended.
 */
#include "base/strv.h"
#include "engine/engine.h"
#include "engine/target.h"

/* For builds and scripts: append to env. */
void childenv_caller(struct strv *env);
/* For programs whose output we read (depmod, rpm, lsinitramfs). */
void childenv_tool(struct strv *env);
/* Append NAME=VALUE, replacing an earlier NAME. */
void childenv_set(struct strv *env, const char *name, const char *value);
/* Value of name in env, NULL when not there. */
const char *childenv_get(const struct strv *env, const char *name);
/* module, module_version, kernelver, arch, KERNELVERSION and the --directive values. */
void childenv_target(const struct engine *e, const struct target *t, struct strv *env);
/* Is there such a command in env's PATH, inside the root?  A name with '/' is looked up as it is.
 */
bool childenv_has_command(const struct engine *e, const struct strv *env, const char *name);
/*
 * Does a variable stay out of a child's environment?  in_make: MAKELEVEL is set;
 * in_kbuild: sub_make_done or KBUILD_OUTPUT is set.  Pure.
 */
bool childenv_drops(const char *name, bool in_make, bool in_kbuild);
