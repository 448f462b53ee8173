/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * depmod - the kernel's module index, made once a kernel a run.
 *
 * depmod neither syncs what it writes nor tidies up when it is killed; that
 * is done here.  A pending mark (change.h) stands in .native/pending from the transaction that
 * changed modules until depmod has run, so that an interrupted run is made good by the next one.
 */
#include "engine/engine.h"

/*
 * depmod -a K, with -F /boot/System.map-K if that exists.  Nothing is done where
 * the tree is not there or has neither modules.dep nor any of paths (a tree
 * that nobody has run depmod in is not our business); the mark goes then, too.
 * An <install_tree> other than /lib/modules is worked on as what it is.
 * paths (may be NULL): files whose module names modules.dep must have afterwards.
 * -E_TOOL_MISSING, -E_DEPMOD.
 */
int depmod_run(struct engine *e, const char *release, const struct strv *paths,
	       struct err *err) MUST_CHECK;
/*
 * For every mark whose run is dead: what it left undone.  A depmod that fails is told as a warning,
 * and the mark stays.
 */
void depmod_recover(struct engine *e);
/* Is the mark set, by a run that is dead? */
bool depmod_is_left(const struct engine *e, const char *release);
/* Is the mark set? */
bool depmod_is_pending(const struct engine *e, const char *release);

/*
 * After depmod: does the loader find every one of paths by its name?  Where
 * another file comes first, a line in /etc/depmod.d/dkms-NAME.conf is the last
 * resort; *ret_again says that one was written and depmod must run again.  Called a second time
 * with last set, it is an error (-E_DEPMOD) instead.
 */
int depmod_verify(struct engine *e, const char *release, const struct strv *paths, bool last,
		  bool *ret_again, struct err *err) MUST_CHECK;
/* The override of a module for a kernel goes again: declared in tx. */
void depmod_drop_override(const struct engine *e, struct tx *tx, const char *release,
			  const char *name);
/*
 * Text of an override file with the line for release replaced by one that
 * leads to folder (relative to the kernel's tree), or dropped (folder NULL).  Caller frees; "" when
 * nothing but our first line is left.  Pure.
 */
char *depmod_override_text(const char *text, const char *release, const char *name,
			   const char *folder);
/* Does modules.dep text have a module of the name of the file path (of several, depmod lists the
 * preferred one)? Pure. */
bool depmod_has(const char *modules_dep, const char *path);
