/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * depmod - run depmod, once for each kernel in a run.
 *
 * depmod does not sync the files that it writes, so this module syncs them.  A killed depmod leaves
 * temporary files, and this module removes them.
 *
 * The transaction that changes modules sets a mark (tree/pending.h), which stays until depmod has
 * run.  If a run is interrupted before that, the next run sees the mark and runs depmod.
 */
#include "engine/engine.h"

/*
 * Run depmod -a for the kernel, with -F /boot/System.map-RELEASE if that file exists, and with -b
 * if <install_tree> is not /lib/modules.  After success delete the mark.
 *
 * If there is no modules.dep in the kernel's tree, and no file of `paths` exists, only the mark is
 * deleted: nobody has run depmod for this kernel, so we do not run it, either.
 *
 * If depmod crashes on a damaged module, it runs again for all other modules, after a warning.
 *
 * `paths` (may be NULL) are files that the loader must find by their module names afterwards.  If
 * depmod leaves one of these files out, or the loader takes another file instead:
 * - If the mark is a new file by now, another run has changed modules in the meantime.  So depmod
 *   runs again, at most ten times in all.
 * - If the loader then takes another file instead of ours, an override for our file is written to
 *   /etc/depmod.d/dkms-NAME.conf, in a transaction, and depmod runs again.  If the override does
 *   not help, it is taken back.
 * The mark is deleted last.  So if this run is killed earlier, a later run sees the mark and does
 * all of this again.
 *
 * -E_TOOL_MISSING: there is no depmod.  -E_DEPMOD: depmod failed, or the loader does not find a
 * file of `paths`.  -E_INTERRUPTED: a signal came, and depmod was ended at once, because it may
 * need many seconds.  On these and other errors the mark stays.
 */
int depmod_run(struct engine *e, const char *release, const struct strv *paths,
	       struct err *err) MUST_CHECK;
/*
 * Call depmod_run() in place of a dead run.  It is not known which files the dead run installed, so
 * `paths` are all files that are installed for the kernel.  But it is no error if depmod leaves one
 * of them out.
 *
 * If `release` cannot be the name of a kernel, only the mark is deleted, with a warning.
 */
int depmod_complete(struct engine *e, const char *release, struct err *err) MUST_CHECK;
/*
 * Call depmod_complete() for each mark that this run or a dead run has set.  If it fails, a warning
 * is logged, and the mark stays.
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
 * If another run has changed modules of this kernel, wait until that run has run depmod: if depmod
 * fails, that run takes its modules back.  Do not wait for a run that has started this one.
 *
 * `on_wait` is called once, when the wait begins.  *ret: did we wait?  The caller must hold no lock
 * and no open change.  -EINTR: a signal came.
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
 * Does the loader find the file at `path` by its module name?  Also true for a file outside of the
 * kernel's tree, where depmod does not look.
 */
bool depmod_finds(const struct engine *e, const char *release, const char *path);
/* Set err to say which file the loader takes instead of the one at `path`.  Returns -E_DEPMOD. */
int depmod_hidden(const struct engine *e, const char *release, const char *path, struct err *err);
/* Add to tx an override that makes the loader take the file at `path`, and log a warning. */
int depmod_override(const struct engine *e, const char *release, const char *path, struct tx *tx,
		    struct err *err) MUST_CHECK;
/*
 * Check what depmod will read.  Returns -E_DEPMOD if depmod would never end:
 * - if one of its input files is not a regular file but e.g. a fifo;
 * - if a symlink in the kernel's tree leads into /proc, or back to its own folder or one above it.
 */
int depmod_check_inputs(const struct engine *e, const char *release, struct err *err) MUST_CHECK;
/*
 * After depmod has crashed, look for damaged modules in the kernel's tree.  Append the others to
 * ret_whole, as arguments for depmod, and log a warning for each damaged one.  Returns false if no
 * module is damaged, or if the tree could not be read.
 */
bool depmod_sort_out(const struct engine *e, const char *release, struct strv *ret_whole);
/* Append the paths of all files that are installed for the kernel according to the records. */
void depmod_installed(const struct engine *e, const char *release, struct strv *ret);

/*
 * Make `tx` remove the override for this kernel and the module whose destination name is `name`, if
 * there is one.
 */
void depmod_drop_override(const struct engine *e, struct tx *tx, const char *release,
			  const char *name);
/*
 * Edit the text of an override file (depmod.d(5)): remove comments and the line for this release
 * and module, and add a new line with `folder`, which is relative to the kernel's tree.  If
 * `folder` is NULL, no line is added.  Returns the new text, "" if no override is left.  Caller
 * frees.  Pure.
 */
char *depmod_override_text(const char *text, const char *release, const char *name,
			   const char *folder);
/*
 * Does the text of modules.dep list a module with the same module name as the file at `path`?  The
 * file that is listed may be another one: of several files with one module name, depmod lists only
 * the preferred one.  Pure.
 */
bool depmod_has(const char *modules_dep, const char *path);
