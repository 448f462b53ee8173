/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * depmod - run depmod, once for each kernel in a run.
 *
 * depmod neither syncs the files that it writes nor removes its temporary files if it is killed;
 * this module does.  The transaction that changes modules sets a mark (tree/pending.h), which stays
 * until depmod has run, so that the next run completes one that was interrupted.
 */
#include "engine/engine.h"

/*
 * Run depmod -a for the kernel, with -F /boot/System.map-RELEASE if that exists, and with -b if
 * <install_tree> is not /lib/modules.  Success deletes the mark.
 *
 * Nothing but that is done if the kernel's tree is missing, or has neither modules.dep nor any of
 * paths: nobody has run depmod there, so we do not start to.  If depmod crashes on a damaged
 * module, it runs again for the others, after a warning.
 *
 * paths (may be NULL): files that the loader must find by their module names afterwards.
 * - If depmod leaves one out, or the loader takes another file, and another run has changed modules
 *   in the meantime (its mark is a new one), depmod runs again, at most ten times.
 * - If the loader still takes another file, /etc/depmod.d/dkms-NAME.conf gets an override for ours,
 *   in a transaction, and depmod runs again.  If that does not help, the override is taken back.
 * The mark is deleted last, so that whoever completes a killed run does all of this.
 *
 * -E_TOOL_MISSING; -E_DEPMOD; -E_INTERRUPTED: a signal ends depmod at once, because it may need
 * many seconds.  On an error the mark stays.
 */
int depmod_run(struct engine *e, const char *release, const struct strv *paths,
	       struct err *err) MUST_CHECK;
/*
 * The same to complete a dead run, whose paths are not known: they are all files that are installed
 * for the kernel.  One that depmod leaves out is no error here.  A mark whose name cannot be a
 * kernel release is deleted, with a warning.
 */
int depmod_complete(struct engine *e, const char *release, struct err *err) MUST_CHECK;
/*
 * depmod_complete() for each mark that this run or a dead one has set.  An error is logged as a
 * warning, and the mark stays.
 */
void depmod_recover(struct engine *e);
/* Append the paths of base folders (depmod_make_base()) that dead runs have left. */
void depmod_stale(const struct engine *e, struct strv *ret);
/* Remove them.  One that a living run uses is locked and stays. */
void depmod_sweep(const struct engine *e);
/*
 * Wait while another run has changed modules of this kernel and has not run depmod yet: if that
 * fails, it takes them back.  A run that has started this one is not waited for.  on_wait is called
 * once, before waiting.  *ret: did we wait?  The caller must hold no lock and no open change.
 * -EINTR: a signal came.
 */
int depmod_await(const struct engine *e, const char *release,
		 void (*on_wait)(const char *release, void *data), void *data,
		 bool *ret) MUST_CHECK;
/* Is the kernel's mark set, by whatever run? */
bool depmod_is_pending(const struct engine *e, const char *release);

/* ---- for depmod.c; depmodbase.c and depmodverify.c ---- */

/*
 * depmod -b wants a folder with lib/modules in it.  If <install_tree> is elsewhere, make such a
 * folder, whose lib/modules is a symlink to <install_tree>, and set *ret to its path; the caller
 * removes and frees it.  *ret NULL: <install_tree> is /lib/modules.  The caller holds the kernel's
 * depmod lock.
 */
int depmod_make_base(const struct engine *e, const char *release, char **ret) MUST_CHECK;

/*
 * Does the loader take the file at path for its module's name?  Also true for a file outside of the
 * kernel's tree, where depmod does not look.
 */
bool depmod_finds(const struct engine *e, const char *release, const char *path);
/* Set err to say which file the loader takes instead of path.  Returns -E_DEPMOD. */
int depmod_hidden(const struct engine *e, const char *release, const char *path, struct err *err);
/* Add the override that makes the loader take path to tx, and log a warning about it. */
int depmod_override(const struct engine *e, const char *release, const char *path, struct tx *tx,
		    struct err *err) MUST_CHECK;
/*
 * -E_DEPMOD: depmod would never end, because it would open a fifo, or follow a symlink to a folder
 * above it or to /proc.
 */
int depmod_check_inputs(const struct engine *e, const char *release, struct err *err) MUST_CHECK;
/*
 * After depmod has crashed: append all module files of the kernel's tree that can be read to
 * ret_whole, as arguments for depmod, and log a warning for each other one.  false: none is
 * damaged, or the tree could not be read.
 */
bool depmod_sort_out(const struct engine *e, const char *release, struct strv *ret_whole);
/* Append the paths of all files that are installed for the kernel according to the records. */
void depmod_installed(const struct engine *e, const char *release, struct strv *ret);

/* Remove the override of a module (dest name) for this kernel, if there is one, by tx. */
void depmod_drop_override(const struct engine *e, struct tx *tx, const char *release,
			  const char *name);
/*
 * The text of an override file (depmod.d(5)) with the line for this release and module replaced by
 * one for folder, which is relative to the kernel's tree; folder NULL: without that line.  "" if no
 * override is left.  Caller frees.  Pure.
 */
char *depmod_override_text(const char *text, const char *release, const char *name,
			   const char *folder);
/*
 * Does the text of modules.dep list a module of the same name as the file path?  It may be another
 * file: of several depmod lists the preferred one only.  Pure.
 */
bool depmod_has(const char *modules_dep, const char *path);
