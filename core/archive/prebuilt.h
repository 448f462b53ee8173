/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * prebuilt - the builds that an unpacked archive of mktarball holds: dkms_main_tree/K/A.
 */
#include "engine/engine.h"
#include "model/conf.h"
#include "model/modid.h"
#include "sys/lock.h"
#include "tx/tx.h"

struct prebuilt {
	char *from, *place; /* <dkms_tree>/M/V/K/A */
	char *folder;	    /* M/V/K */
	bool replace;
	struct lock lock; /* the target's */
};
struct prebuilts {
	struct prebuilt *v;
	size_t n;
};
void prebuilts_release(struct prebuilts *p);
/*
 * Those below dir/dkms_main_tree that are to come in, checked, each with its target's lock.  One
 * that is in the tree already is left out with a warning unless forced; then its notes of what is
 * installed go over into a record.  -E_ARCHIVE_BAD, -errno.
 */
int prebuilts_find(struct engine *e, const char *dir, const struct modid *id,
		   const struct conf *conf, bool force, struct prebuilts *ret,
		   struct err *err) MUST_CHECK;
void prebuilts_declare(const struct prebuilts *p, struct tx *tx);
