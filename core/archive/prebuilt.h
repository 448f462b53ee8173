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
	bool replace;	  /* place exists */
	struct lock lock; /* of the target */
};
struct prebuilts {
	struct prebuilt *v;
	size_t n;
};
void prebuilts_release(struct prebuilts *p);
/*
 * Check the builds below dir/dkms_main_tree, lock their targets, and append them to ret.  If the
 * tree has a build already, the archive's build is skipped with a warning.  With force the
 * archive's build is appended, and its record keeps what the record of the build in the tree says
 * about installed files.
 *
 * -E_ARCHIVE_BAD: a build is refused; -E_BUSY_ANCESTOR: a script of the target's own run started
 * this command; else as aside_check() or -errno.  The caller releases ret in any case.
 */
int prebuilts_find(struct engine *e, const char *dir, const struct modid *id,
		   const struct conf *conf, bool force, struct prebuilts *ret,
		   struct err *err) MUST_CHECK;
/* Add the builds to tx. */
void prebuilts_declare(const struct prebuilts *p, struct tx *tx);
