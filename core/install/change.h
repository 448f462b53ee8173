/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * change - a transaction that installs, uninstalls or adopts modules.
 *
 * The transaction of an install stays open until depmod has run.  The transaction of an uninstall
 * is finished at once: a removed module cannot make depmod fail.
 *
 *	r = install_run(e, t, conf, &opts, &c, err);	the transaction is committed, scripts run
 *	r = depmod_run(...);
 *	r < 0 ? change_rollback(&c, err) : change_finish(&c, err);
 *	change_release(&c);				rolls back if neither was called
 *
 * If the transaction has set the kernel's depmod mark, change_rollback() leaves the mark set:
 * depmod's files may list modules that the rollback has removed.
 *
 * Changes of several targets may be open at once, so that one depmod serves them all.  They may be
 * finished or rolled back in any order, as long as they are about different files.
 */
#include <sys/stat.h>

#include "engine/engine.h"
#include "engine/target.h"
#include "model/record.h"

struct change {
	struct tx tx;
	bool open;	     /* tx is neither finished nor rolled back */
	struct strv names;   /* for the initramfs: destination names of all modules that changed */
	struct strv paths;   /* files that the loader must find after depmod */
	char *mark;	     /* path of the kernel's depmod mark; NULL: it was not set */
	struct strv refused; /* one text for each module that was not installed */
	/* Cache of uninstall_delete(): a folder in the kernel's tree, such as ".../updates". */
	char *top;
	bool top_stays; /* a package owns the folder `top`, or may own it */
	bool initramfs; /* the initramfs is checked after depmod, so its mark is set, too */
	bool weak;	/* weak_modules_run() was called with `paths` */
};
#define CHANGE_INIT                                                          \
	{                                                                    \
		.names = STRV_INIT, .paths = STRV_INIT, .refused = STRV_INIT \
	}
#define AUTO_CHANGE CLEANUP(change_release)

/* Finish the transaction and delete its backups.  Does nothing if the change is not open. */
int change_finish(struct change *c, struct err *err) MUST_CHECK;
/*
 * Restore what was there before, except the depmod mark: if the commit has set it, it is set again.
 * Does nothing if the change is not open.
 */
int change_rollback(struct change *c, struct err *err) MUST_CHECK;
void change_release(struct change *c);

/* ---- for install.c, uninstall.c and adopt.c: the pieces of a transaction ---- */

/* Begin the transaction.  Its description is "VERB NAME/VERSION RELEASE ARCH". */
void change_begin(struct change *c, struct engine *e, const struct target *t, const char *verb);
/*
 * Add the kernel's depmod mark to the transaction, and its initramfs mark if c->initramfs is true.
 */
void change_mark_depmod(struct change *c, const struct engine *e, const char *release);
void change_put_record(struct change *c, const struct engine *e, const struct target *t,
		       const struct record *record);
/* Add the destination name `dest` to c->names, unless it is there already. */
void change_add_name(struct change *c, const char *dest);
/* On an error the change is still open: change_release() rolls it back. */
int change_commit(struct change *c, struct err *err) MUST_CHECK;

/* ---- for depmod.c and initramfs.c: marks that were set by changes ---- */

/*
 * Look at the mark (tree/pending.h) at this path.  st_ino is 0 if there is no mark.
 * change_same_file() can compare two results: each transaction writes a new file, so a mark that
 * another run has set is another file.
 */
struct stat change_stat_mark(const struct engine *e, const char *mark);
/* Are a and b the same file, and unchanged?  False if one of them does not exist (st_ino 0). */
bool change_same_file(const struct stat *a, const struct stat *b);
/*
 * Delete the mark if it is the file in `seen`.  If it is another file, the mark stays: another run
 * has changed modules in the meantime, and depmod or the initramfs generator must run for them.
 * Takes the tree's lock.  Returns 0 or -errno.
 */
int change_clear_mark(struct engine *e, const char *mark, const struct stat *seen) MUST_CHECK;
