/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * depmod - run depmod, once a kernel a run.
 *
 * depmod neither syncs what it writes nor tidies up when it is killed; that
 * is done here.  A pending mark (pending.h) stands from the transaction that changed modules until
 * depmod has run, so that an interrupted run is made good by the next one.
 */
#include "engine/engine.h"

/*
 * depmod -a K, with -F /boot/System.map-K if that exists.  Nothing is done where
 * the tree is not there or has neither modules.dep nor any of paths (a tree
 * that nobody has run depmod in is not our business); the mark goes then, too.
 * Where depmod dies of a damaged module it runs again for the others, after a warning.
 * An <install_tree> other than /lib/modules is worked on as what it is.
 *
 * paths (may be NULL): files that the loader must find by their names afterwards.  Where another
 * file comes first, a line in /etc/depmod.d/dkms-NAME.conf is the last resort: it is put there as
 * a transaction, and depmod runs once more; it goes again if that does not help.  What is not
 * found counts only if no other run has changed modules meanwhile, which a new mark tells; else
 * depmod runs again, some times.  The mark goes at the very end, so that whoever completes a run
 * that was killed in between does all of this.
 * A signal ends depmod at once, which takes many seconds where there are many modules; the mark
 * stays.  -E_TOOL_MISSING, -E_DEPMOD, -E_INTERRUPTED.
 */
int depmod_run(struct engine *e, const char *release, const struct strv *paths,
	       struct err *err) MUST_CHECK;
/*
 * The same for a run that is dead, and whose paths nobody knows any more: all that is installed for
 * that kernel, as far as depmod takes it up.
 */
int depmod_complete(struct engine *e, const char *release, struct err *err) MUST_CHECK;
/*
 * That for every mark whose run is dead, or this one.  A depmod that fails is told as a warning,
 * and the mark stays.
 */
void depmod_recover(struct engine *e);
/* Base folders for depmod that dead runs left; a living one's is not disturbed. */
void depmod_stale(const struct engine *e, struct strv *ret);
/* Remove them. */
void depmod_sweep(const struct engine *e);
/*
 * Another run has changed modules of this kernel and has not run depmod yet, after which they may
 * go back.  That is waited for; a run that started this one is not.  on_wait is told once, before.
 * Nothing may be locked or open.  ret: there was something to wait for.  -EINTR after a signal.
 */
int depmod_await(const struct engine *e, const char *release,
		 void (*on_wait)(const char *release, void *data), void *data,
		 bool *ret) MUST_CHECK;
/* Is the mark set? */
bool depmod_is_pending(const struct engine *e, const char *release);

/* ---- for depmod.c; depmodbase.c and depmodverify.c ---- */

/*
 * depmod takes a base folder with lib/modules in it.  For a tree elsewhere a folder is made whose
 * lib/modules leads there, under the kernel's lock.  NULL: the usual place.
 */
int depmod_make_base(const struct engine *e, const char *release, char **ret) MUST_CHECK;

/* Does the loader take this very file for its module's name? */
bool depmod_finds(const struct engine *e, const char *release, const char *path);
/* It does not: says so in err, -E_DEPMOD. */
int depmod_hidden(const struct engine *e, const char *release, const char *path, struct err *err);
/* The line that makes it, declared in tx. */
int depmod_override(const struct engine *e, const char *release, const char *path, struct tx *tx,
		    struct err *err) MUST_CHECK;
/* -E_DEPMOD: depmod would open a fifo, or go in a circle of links, and never end. */
int depmod_check_inputs(const struct engine *e, const char *release, struct err *err) MUST_CHECK;
/*
 * depmod died: the module files of the kernel's tree that can be read, as depmod is to be given
 * them; the others are named by a warning each.  false: there are none such, or it cannot be told.
 */
bool depmod_sort_out(const struct engine *e, const char *release, struct strv *ret_whole);
/* All files that records of what is installed for that kernel name. */
void depmod_installed(const struct engine *e, const char *release, struct strv *ret);

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
