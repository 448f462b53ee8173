/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * change - what an install or uninstall did to a kernel's tree, still to be taken back.
 *
 *	r = install_run(e, t, conf, &opts, &c, err);	committed, scripts run
 *	r = depmod_run(...);
 *	r < 0 ? change_rollback(&c, err) : change_finish(&c, err);
 *	change_release(&c);	rolls back what is neither
 *
 * After a rollback depmod has to run again, for its files may name what is gone: the pending mark
 * is set.
 *
 * Changes of several targets may be open at once, so that one depmod serves
 * them all; they are finished or rolled back in any order as long as they are about different
 *files.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "model/record.h"

struct change {
	struct tx tx;
	bool open;
	struct strv
		names; /* module names whose file changed, ours and originals: for the initramfs */
	struct strv paths;   /* files that the loader must find now */
	char *mark;	     /* the kernel's pending mark, NULL: nothing changed there */
	struct strv refused; /* one text for each module that was not installed */
	char *top;	     /* the folder of the kernel's tree that was asked for last: */
	bool top_stays;	     /* a package's */
	bool initramfs;	     /* that is to be looked at after it: marked as owed, as depmod is */
};
#define CHANGE_INIT                                                          \
	{                                                                    \
		.names = STRV_INIT, .paths = STRV_INIT, .refused = STRV_INIT \
	}
#define AUTO_CHANGE CLEANUP(change_release)

int change_finish(struct change *c, struct err *err) MUST_CHECK;
int change_rollback(struct change *c, struct err *err) MUST_CHECK;
void change_release(struct change *c);

/* For install.c and uninstall.c: the pieces of a transaction. */
void change_begin(struct change *c, struct engine *e, const struct target *t, const char *verb);
/* "Modules of K changed and depmod (and the initramfs) has not run": part of the transaction. */
void change_mark_depmod(struct change *c, const struct engine *e, const char *release);
void change_put_record(struct change *c, const struct engine *e, const struct target *t,
		       const struct record *record);
/* Name of the module, once. */
void change_add_name(struct change *c, const char *dest);
int change_commit(struct change *c, struct err *err) MUST_CHECK;
