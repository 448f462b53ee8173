/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * treepath - the names of everything in <dkms_tree>: folders, links, records, marks and locks.
 *
 * No other file may spell one of these names (build-aux/check-names): if two files spelled the name
 * of a lock differently, they would take two locks.  The only other names of ours are those of the
 * files in a journal, and of files that are staged beside their target (tx/journalfile.c, tx/op.c,
 * sys/atomic.c).
 *
 *	M/V/source -> <source_tree>/M-V		registered
 *	M/V/build/				work copy
 *	M/V/K/A/{module,log}/ record		built (DKMS has no record)
 *	M/kernel-K-A -> V/K/A			installed
 *	M/original_module/K/A/FILE, FILE.origin	archived originals, and where they were
 *	M/V/tarball/				archives made by mktarball
 *	.native/				not in DKMS:
 *	  owners holds ...			ledgers (model/ledger.h)
 *	  journal/RUN/				journals of runs (tx/tx.h)
 *	  broken/RUN/				journals that could not be completed
 *	  lost/RUN/				files left over when a broken journal was settled
 *	  damaged/RUN/				copies of damaged ledgers that the run found
 *	  pending/{depmod,initramfs}-K		marks: depmod or initramfs is still to be run for K
 *	  build/M/V/K-A{,.staged,.outbox,.lock}	workspaces
 *	  staging/RUN/				what is not yet part of the tree
 *	  depmod-K/				a base folder for depmod
 *	  log/M/V/K-A.make.log			kept logs of failed builds
 *	  compiled/M/KK/KEY.N			what compilers did in builds of M (replay/replay.h)
 *	  headers/K				all headers of K (replay/headertable.h)
 *	  replay/M/V/K-A/			tells a build where these two are; what it adds
 *	  last/					what hooks/rpm/rpmlast needs after our removal
 *	  cache/NAME told history.json on_failure.log
 *	  lock/					tree, target-M-K-A, depmod-K ...
 *
 * M, V, K and A are the module package's name and version, the kernel release and the architecture.
 * Paths are absolute inside the root.  The caller frees what is returned as char *.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "model/ledger.h"

#define TREE_ACTIVE    "kernel-" /* prefix of M/kernel-K-A */
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
char *tree_active_text(const struct target *t); /* V/K/A: the target of that link */
char *tree_originals_dir(const struct engine *e, const char *name);
char *tree_original_dir(const struct engine *e, const struct target *t);
/* FILE.origin, which says where the archived original FILE was installed. */
char *tree_origin_of(const char *archive);
bool tree_is_origin(const char *file);
char *tree_post_transaction_log(const struct engine *e);
/* <source_tree>/M-V */
char *tree_source_dir(const struct engine *e, const char *name, const char *version);

/* The folders and the record inside the folder `build`, which is, or will become, M/V/K/A. */
char *tree_built_in(const char *build);
char *tree_log_in(const char *build);
char *tree_record_in(const char *build);

/* ---- .native ---- */

char *tree_native_dir(const struct engine *e);
char *tree_ledger_path(const struct engine *e, enum ledger_file file);
/* The usual dkms tree and its ledger of requests, for rpm's plugin, which reads no settings. */
#define TREE_USUAL	    "/var/lib/dkms"
#define TREE_USUAL_REQUESTS TREE_USUAL "/.native/requests"
/* What hooks/rpm/rpmlast has copied there, for the end of the transaction that removes us. */
#define TREE_USUAL_LAST	       TREE_USUAL "/.native/last/rpmlast"
#define TREE_USUAL_LAST_ENGINE TREE_USUAL "/.native/last/dkms"
/*
 * The folders in .native except journal/ and depmod-K/, by number from 0.  NULL: there is no folder
 * with this number.
 */
char *tree_native_folder(const struct engine *e, size_t number);
char *tree_damaged_dir(const struct engine *e);
char *tree_damaged_run(const struct engine *e, const char *run_id);
char *tree_damaged_path(const struct engine *e, const char *run_id, const char *name);
/* `rel` is a path relative to M/.  Is it V/build, or below V/build? */
bool tree_is_work_copy(const char *rel);
/*
 * Is the path `rel`, relative to .native/, in a workspace, or among the files that are only kept
 * for the admin (damaged/, lost/)?  Nothing there is ever read as our state.
 */
bool tree_is_not_believed(const char *rel);
char *tree_journal_lock(const struct engine *e, const char *run_id);
char *tree_pending_dir(const struct engine *e);
/* What is still to be run for a kernel: tree/pending.h. */
enum pending_kind { PENDING_DEPMOD, PENDING_INITRAMFS };
char *tree_pending_mark(const struct engine *e, enum pending_kind kind, const char *release);
/* The release in the name of a mark in tree_pending_dir(); NULL: not a mark of that kind. */
const char *tree_pending_release(enum pending_kind kind, const char *name);
char *tree_workspaces_dir(const struct engine *e);
char *tree_workspaces_of(const struct engine *e, const char *name, const char *version);
char *tree_workspace(const struct engine *e, const struct target *t);
char *tree_workspace_staged(const struct engine *e, const struct target *t);
char *tree_workspace_outbox(const struct engine *e, const struct target *t);
char *tree_workspace_lock(const struct engine *e, const struct target *t);
/*
 * Is `name`, an entry of tree_workspaces_of(), the lock of a workspace?  The next three functions
 * return the workspace, the staged folder and the outbox that belong to such a lock.
 */
bool tree_is_workspace_lock(const char *name);
char *tree_workspace_by_lock(const char *lock);
char *tree_workspace_staged_by_lock(const char *lock);
char *tree_workspace_outbox_by_lock(const char *lock);
/*
 * The folder replay/M/V/K-A, for the stand-in that answers a build's calls of compilers
 * (replay/room.h).  The second function finds it by the lock of the build's workspace.
 */
char *tree_replay_room(const struct engine *e, const struct target *t);
char *tree_replay_room_by_lock(const struct engine *e, const char *lock);
char *tree_compiled_dir(const struct engine *e);
char *tree_compiled_of(const struct engine *e, const char *name);
char *tree_compiled_lock(const struct engine *e);
char *tree_headers_dir(const struct engine *e);
char *tree_headers_table(const struct engine *e, const char *release);
char *tree_staging_dir(const struct engine *e);
char *tree_staging_run(const struct engine *e, const char *run_id);
char *tree_staging_lock(const struct engine *e, const char *run_id);
/* <source_tree>/.dkms-import.RUN.  The second function returns RUN from such a name, else NULL. */
char *tree_import_dir(const struct engine *e, const char *run_id);
const char *tree_import_run(const char *name);
char *tree_depmod_base(const struct engine *e, const char *release);
/* If `name`, an entry of tree_native_dir(), is a base folder for depmod: its release; else NULL. */
const char *tree_depmod_base_release(const char *name);
char *tree_kept_logs_dir(const struct engine *e);
char *tree_kept_log(const struct engine *e, const struct target *t);
/* Is `name`, an entry of tree_kept_logs_of(), a log for this release, of any architecture? */
bool tree_is_kept_log_for(const char *name, const char *release);
char *tree_kept_logs_of(const struct engine *e, const char *name, const char *version);
char *tree_told_path(const struct engine *e);
char *tree_cache_dir(const struct engine *e);
char *tree_cache_path(const struct engine *e, const char *name);
char *tree_on_failure_log(const struct engine *e);
char *tree_history_path(const struct engine *e);

/*
 * Set *ret for journal_open(): where the journals of runs and their lock are, and the trees that
 * transactions may change.  mok_add_places() adds the signing key and its certificate.
 */
void tree_journal_place(const struct engine *e, struct journal_place *ret);

/* ---- locks ---- */

char *tree_lock_dir(const struct engine *e);
/*
 * The lock of a module package, in all its versions, on one kernel.  If `release` and `arch` are
 * NULL, the result is another lock, with "all" in its name, which does not keep others from taking
 * the locks for single kernels.
 */
char *tree_target_lock(const struct engine *e, const char *name, const char *release,
		       const char *arch);
/*
 * Can `file`, an entry of tree_lock_dir(), be a lock of the module package `name` on some kernel?
 * For "foo" this is also true of the locks of a module package "foo-bar".
 */
bool tree_is_target_lock(const char *file, const char *name);
char *tree_build_lock(const struct engine *e, const char *name, const char *version);
char *tree_depmod_lock(const struct engine *e, const char *release);
char *tree_initramfs_lock(const struct engine *e, const char *release);
char *tree_history_lock(const struct engine *e);
/*
 * The lock of the signing key.  If `shared` is true, this is the lock in /var/lib/dkms, for a key
 * that several dkms trees use.
 */
char *tree_mok_lock(const struct engine *e, bool shared);
