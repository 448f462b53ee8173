/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * change - what an install or uninstall did to a kernel's tree, until depmod has run.
 *
 *	r = install_run(e, t, conf, &opts, &c, err);	the transaction is committed, scripts run
 *	r = depmod_run(...);
 *	r < 0 ? change_rollback(&c, err) : change_finish(&c, err);
 *	change_release(&c);				rolls back if neither was called
 *
 * change_rollback() sets the kernel's depmod mark again, because depmod's files may list modules
 * that the rollback has removed.
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
	struct strv names;   /* modules whose files changed, originals too: for the initramfs */
	struct strv paths;   /* files that the loader must find now */
	char *mark;	     /* path of the kernel's depmod mark; NULL: it was not set */
	struct strv refused; /* one text for each module that was not installed */
	/* Cache of uninstall_delete(): is the folder top of the kernel's tree a package's? */
	char *top;
	bool top_stays;
	bool initramfs; /* the initramfs is checked after depmod: set its mark, too */
	bool weak;	/* weak-modules(8) was told of paths */
};
#define CHANGE_INIT                                                          \
	{                                                                    \
		.names = STRV_INIT, .paths = STRV_INIT, .refused = STRV_INIT \
	}
#define AUTO_CHANGE CLEANUP(change_release)

/* Close the transaction and drop its backups.  Nothing is done if it is not open. */
int change_finish(struct change *c, struct err *err) MUST_CHECK;
/* Restore what was there before, and set the depmod mark again.  As above. */
int change_rollback(struct change *c, struct err *err) MUST_CHECK;
void change_release(struct change *c);

/* ---- for install.c, uninstall.c and adopt.c: the pieces of a transaction ---- */

/* verb: for the transaction's description, as in "install NAME/VERSION RELEASE ARCH". */
void change_begin(struct change *c, struct engine *e, const struct target *t, const char *verb);
/* Add the mark that depmod has to run, and, if c->initramfs, that for the initramfs. */
void change_mark_depmod(struct change *c, const struct engine *e, const char *release);
void change_put_record(struct change *c, const struct engine *e, const struct target *t,
		       const struct record *record);
/* Add a module to names, unless it is there. */
void change_add_name(struct change *c, const char *dest);
/* On an error the change is still open: change_release() rolls it back. */
int change_commit(struct change *c, struct err *err) MUST_CHECK;

/* ---- for depmod.c and initramfs.c: marks that were set by changes ---- */

/*
 * Identity of the mark (tree/pending.h) at this path, for change_same_file(); st_ino is 0 if there
 * is none.  Each transaction writes a new file, so a mark of another run is another file.
 */
struct stat change_stat_mark(const struct engine *e, const char *mark);
/* Is it the same file, and unchanged?  false if either does not exist (st_ino 0). */
bool change_same_file(const struct stat *a, const struct stat *b);
/*
 * Delete the mark, unless it is not the one in seen any more: then another run has changed modules
 * since, and the work is still to be done for those.  Takes the journal's lock.  -errno.
 */
int change_clear_mark(struct engine *e, const char *mark, const struct stat *seen) MUST_CHECK;
