/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * treepath - what everything in <dkms_tree> is called: folders, links, records, marks and locks.
 *
 * Nobody else spells one of these names (build-aux/check-names), for two files that spell a lock's
 * name in two ways hold two locks.  Here and in sys/ (what lies in a journal, and what is staged
 * beside its target: tx.h, atomic.h) are all names that are ours.
 *
 *	M/V/source -> <source_tree>/M-V		registered
 *	M/V/build/				work copy
 *	M/V/K/A/{module,log}/ record		built (record is ours)
 *	M/kernel-K-A -> V/K/A			installed
 *	M/original_module/K/A/FILE, FILE.origin	archived originals, and where they were
 *	M/V/tarball/
 *	.native/				ours:
 *	  owners holds ...			ledgers (model/ledger.h)
 *	  journal/RUN/				journals of runs (tx/tx.h)
 *	  broken/RUN/				those that could not be completed
 *	  lost/RUN/				what such a one does not name any more
 *	  damaged/RUN/				damaged ledgers that the run found, as they were
 *	  pending/{depmod,initramfs}-K		modules of K changed and that was not done since
 *	  build/M/V/K-A{,.staged,.lock}		workspaces
 *	  staging/RUN/				what is not yet part of the tree
 *	  depmod-K/				a base folder for depmod
 *	  log/M/V/K-A.make.log			logs that are kept
 *	  cache/NAME history.json
 *	  lock/					tree, target-M-K-A, depmod-K ...
 *
 * Paths are absolute inside the root; the caller frees.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "model/ledger.h"

#define TREE_ACTIVE    "kernel-" /* begins the name of a kernel link */
#define TREE_ORIGINALS "original_module"

char *tree_module_dir(const struct engine *e, const char *name);
char *tree_version_dir(const struct engine *e, const char *name, const char *version);
char *tree_source_link(const struct engine *e, const char *name, const char *version);
char *tree_work_dir(const struct engine *e, const char *name, const char *version);
char *tree_tarball_dir(const struct engine *e, const char *name, const char *version);
char *tree_kernel_dir(const struct engine *e, const struct target *t);	/* M/V/K */
char *tree_build_dir(const struct engine *e, const struct target *t);	/* M/V/K/A */
char *tree_built_dir(const struct engine *e, const struct target *t);	/* M/V/K/A/module */
char *tree_log_dir(const struct engine *e, const struct target *t);	/* M/V/K/A/log */
char *tree_record_path(const struct engine *e, const struct target *t); /* M/V/K/A/record */
char *tree_active_link(const struct engine *e, const struct target *t); /* M/kernel-K-A */
char *tree_active_text(const struct target *t); /* V/K/A: what it contains */
char *tree_originals_dir(const struct engine *e, const char *name);
char *tree_original_dir(const struct engine *e, const struct target *t);
/* The file beside an archived original that says where it was. */
char *tree_origin_of(const char *archive);
bool tree_is_origin(const char *file);
char *tree_post_transaction_log(const struct engine *e);
/* <source_tree>/M-V */
char *tree_source_dir(const struct engine *e, const char *name, const char *version);

/* The same in a folder that is, or is to become, an M/V/K/A. */
char *tree_built_in(const char *build);
char *tree_log_in(const char *build);
char *tree_record_in(const char *build);

/* ---- .native ---- */

char *tree_native_dir(const struct engine *e);
char *tree_ledger_path(const struct engine *e, enum ledger_file file);
/* Our folders in .native but that of the journals, each with this number; NULL after the last. */
char *tree_native_folder(const struct engine *e, size_t number);
char *tree_damaged_dir(const struct engine *e);
char *tree_damaged_run(const struct engine *e, const char *run_id);
char *tree_damaged_path(const struct engine *e, const char *run_id, const char *name);
/* Is this path below M a VERSION/build, or below one? */
bool tree_is_work_copy(const char *rel);
/* Is this path below .native in a workspace, or in what is only kept? */
bool tree_is_not_believed(const char *rel);
char *tree_journal_lock(const struct engine *e, const char *run_id);
char *tree_pending_dir(const struct engine *e);
/* What a kernel is owed: see pending.h. */
enum pending_kind { PENDING_DEPMOD, PENDING_INITRAMFS };
char *tree_pending_mark(const struct engine *e, enum pending_kind kind, const char *release);
/* The release that a name in tree_pending_dir() is about; NULL: it is no mark of that kind. */
const char *tree_pending_release(enum pending_kind kind, const char *name);
char *tree_workspaces_dir(const struct engine *e);
char *tree_workspaces_of(const struct engine *e, const char *name, const char *version);
char *tree_workspace(const struct engine *e, const struct target *t);
char *tree_workspace_staged(const struct engine *e, const struct target *t);
char *tree_workspace_lock(const struct engine *e, const struct target *t);
/* Is this a lock in tree_workspaces_of()?  Its workspace and what is staged: by its path. */
bool tree_is_workspace_lock(const char *name);
char *tree_workspace_by_lock(const char *lock);
char *tree_workspace_staged_by_lock(const char *lock);
char *tree_staging_dir(const struct engine *e);
char *tree_staging_run(const struct engine *e, const char *run_id);
char *tree_staging_lock(const struct engine *e, const char *run_id);
/* <source_tree>/.dkms-import.RUN, and the run that such a name there is of; NULL: it is none. */
char *tree_import_dir(const struct engine *e, const char *run_id);
const char *tree_import_run(const char *name);
char *tree_depmod_base(const struct engine *e, const char *release);
/* The release that a name in tree_native_dir() is the base folder of; NULL: it is none. */
const char *tree_depmod_base_release(const char *name);
char *tree_kept_logs_dir(const struct engine *e);
char *tree_kept_log(const struct engine *e, const struct target *t);
/* Is a name in tree_kept_logs_of() that of a log for the kernel, of any architecture? */
bool tree_is_kept_log_for(const char *name, const char *release);
char *tree_kept_logs_of(const struct engine *e, const char *name, const char *version);
char *tree_told_path(const struct engine *e);
char *tree_cache_dir(const struct engine *e);
char *tree_cache_path(const struct engine *e, const char *name);
char *tree_history_path(const struct engine *e);

/*
 * Where the journals of runs lie, their lock, and the trees that they may change; for
 * journal_open().  Signing keys may lie elsewhere: mok_add_places().
 */
void tree_journal_place(const struct engine *e, struct journal_place *ret);

/* ---- locks ---- */

char *tree_lock_dir(const struct engine *e);
/* Of a module package on a kernel, whatever the version; NULL: "all". */
char *tree_target_lock(const struct engine *e, const char *name, const char *release,
		       const char *arch);
/* May this, a name in tree_lock_dir(), be a target's lock of that module package? */
bool tree_is_target_lock(const char *file, const char *name);
char *tree_build_lock(const struct engine *e, const char *name, const char *version);
char *tree_depmod_lock(const struct engine *e, const char *release);
char *tree_initramfs_lock(const struct engine *e, const char *release);
char *tree_history_lock(const struct engine *e);
/* Of the signing key; in the usual tree, whatever <dkms_tree> is: for a key that trees share. */
char *tree_mok_lock(const struct engine *e, bool shared);
