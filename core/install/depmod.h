/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * depmod - run depmod, once for each kernel in a run.
 *
 * depmod does not sync the files that it writes, so this module syncs them.  A killed depmod leaves
 * temporary files, and this module removes them.
 *
 * The transaction that changes modules sets a mark (tree/pending.h), which stays until depmod has
 * run.  If a run is interrupted before, the next run sees the mark and runs depmod.
 */
#include "engine/engine.h"

/*
 * Run depmod -a for the kernel, with -F /boot/System.map-RELEASE if that file exists, and with -b
 * if <install_tree> is not /lib/modules.  After success delete the mark.
 *
 * If the kernel's tree is missing, or has neither modules.dep nor any of paths, only the mark is
 * deleted: nobody has run depmod there, so we do not start to.
 *
 * If depmod crashes on a damaged module, it runs again for the others, after a warning.
 *
 * paths (may be NULL): files that the loader must find by their module names afterwards.
 * - Perhaps depmod leaves one of paths out, or the loader takes another file for it.  If the mark
 *   is a new file then, another run has changed modules in the meantime, so depmod runs again,
 *   until it has run ten times.
 * - If the loader still takes another file, an override for ours is written to
 *   /etc/depmod.d/dkms-NAME.conf, in a transaction, and depmod runs again.  If this does not help,
 *   the override is taken back.
 * The mark is deleted last.  So if this run is killed, the run that completes it repeats all of
 * this.
 *
 * -E_TOOL_MISSING; -E_DEPMOD; -E_INTERRUPTED: a signal came, and depmod was ended at once, because
 * it may need many seconds.  On an error the mark stays.
 */
int depmod_run(struct engine *e, const char *release, const struct strv *paths,
	       struct err *err) MUST_CHECK;
/*
 * Do depmod_run() in place of a dead run.  The dead run's paths are not known, so paths are all
 * files that are installed for the kernel.  It is no error if depmod leaves one of them out.
 *
 * If release cannot be the name of a kernel, only the mark is deleted, with a warning.
 */
int depmod_complete(struct engine *e, const char *release, struct err *err) MUST_CHECK;
/*
 * depmod_complete() for each mark that this run or a dead one has set.  An error is logged as a
 * warning, and the mark stays.
 */
void depmod_recover(struct engine *e);
/* Append the paths of base folders (depmod_make_base()) that dead runs have left. */
void depmod_stale(const struct engine *e, struct strv *ret);
/*
 * Remove the base folders that dead runs have left.  The base folder of a living run is locked and
 * stays.
 */
void depmod_sweep(const struct engine *e);
/*
 * Wait while another run has changed modules of this kernel and has not run depmod yet: if its
 * depmod fails, that run takes its modules back.  A run that has started this one is not waited
 * for.
 *
 * on_wait is called once, before waiting.  *ret: did we wait?  The caller must hold no lock and no
 * open change.  -EINTR: a signal came.
 */
int depmod_await(const struct engine *e, const char *release,
		 void (*on_wait)(const char *release, void *data), void *data,
		 bool *ret) MUST_CHECK;
/* Is the kernel's mark set, by whatever run? */
bool depmod_is_pending(const struct engine *e, const char *release);

/* ---- parts of depmod.c, in depmodbase.c and depmodverify.c ---- */

/*
 * Make the base folder for depmod -b.  depmod expects lib/modules in the base folder, so
 * lib/modules is made as a symlink to <install_tree>.  *ret: path of the base folder; the caller
 * removes the folder and frees the path.  If <install_tree> is /lib/modules, *ret is NULL and no
 * folder is made.  The caller holds the kernel's depmod lock.
 */
int depmod_make_base(const struct engine *e, const char *release, char **ret) MUST_CHECK;

/*
 * Does the loader find the file at path by its module name?  Also true if path is outside of the
 * kernel's tree, where depmod does not look.
 */
bool depmod_finds(const struct engine *e, const char *release, const char *path);
/* Set err to say which file the loader takes instead of path.  Returns -E_DEPMOD. */
int depmod_hidden(const struct engine *e, const char *release, const char *path, struct err *err);
/* Add to tx the override that makes the loader take path, and log a warning about the override. */
int depmod_override(const struct engine *e, const char *release, const char *path, struct tx *tx,
		    struct err *err) MUST_CHECK;
/*
 * -E_DEPMOD if depmod would never end:
 * - one of its input files is a fifo, or anything else but a regular file;
 * - a symlink in the kernel's tree leads to /proc, to the symlink's own folder, or to one above.
 */
int depmod_check_inputs(const struct engine *e, const char *release, struct err *err) MUST_CHECK;
/*
 * After depmod has crashed, look for damaged modules in the kernel's tree.  Append the others to
 * ret_whole, as arguments for depmod, and log a warning for each damaged one.  false: no module is
 * damaged, or the tree could not be read.
 */
bool depmod_sort_out(const struct engine *e, const char *release, struct strv *ret_whole);
/* Append the paths of all files that are installed for the kernel according to the records. */
void depmod_installed(const struct engine *e, const char *release, struct strv *ret);

/*
 * Add to tx: remove the override for the module with this destination name and this kernel, if
 * there is one.
 */
void depmod_drop_override(const struct engine *e, struct tx *tx, const char *release,
			  const char *name);
/*
 * Edit the text of an override file (depmod.d(5)): remove the line for this release and module, and
 * add a new line with folder, which is relative to the kernel's tree.  folder NULL: add no line.
 * Returns the new text, "" if no override is left.  Caller frees.  Pure.
 */
char *depmod_override_text(const char *text, const char *release, const char *name,
			   const char *folder);
/*
 * Does the text of modules.dep list a module with the module name of path?  The listed file need
 * not be path: of several files with one module name, depmod lists only the preferred one.  Pure.
 */
bool depmod_has(const char *modules_dep, const char *path);
