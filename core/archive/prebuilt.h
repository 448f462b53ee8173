/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * prebuilt - the builds in an unpacked archive of mktarball: dkms_main_tree/K/A.
 */
#include "engine/engine.h"
#include "model/conf.h"
#include "model/modid.h"
#include "sys/lock.h"
#include "tx/tx.h"

struct prebuilt {
	char *from;	  /* the folder in the unpacked archive */
	char *place;	  /* <dkms_tree>/M/V/K/A */
	char *folder;	  /* <dkms_tree>/M/V/K */
	bool replace;	  /* a folder exists at `place` */
	struct lock lock; /* of the target */
};
struct prebuilts {
	struct prebuilt *v;
	size_t n;
};
void prebuilts_release(struct prebuilts *p);
/*
 * Check the builds below `dir`/dkms_main_tree, lock their targets, and append the builds to ret.
 * If the tree has a build of the same target, the archive's build is skipped with a warning.  But
 * if `force` is true, the archive's build is appended, and gets a record.  This record keeps what
 * the tree's record says about installed files.
 *
 * -E_ARCHIVE_BAD: a build is refused.  -E_BUSY_ANCESTOR: the run that works on the target started
 * this command, e.g. by a script.  Or the error of aside_check(), or another.  The caller releases
 * ret in any case.
 */
int prebuilts_find(struct engine *e, const char *dir, const struct modid *id,
		   const struct conf *conf, bool force, struct prebuilts *ret,
		   struct err *err) MUST_CHECK;
/* Add the builds to tx. */
void prebuilts_declare(const struct prebuilts *p, struct tx *tx);
