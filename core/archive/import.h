/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * import - copy a folder with a dkms.conf to its place, <source_tree>/NAME-VERSION.
 *
 * Name and version come from the conf, which is checked (conf_check(), strict) before anything is
 * copied.  The copy belongs to root, and nobody else can write it.
 *
 * There may be a folder at that place already.  If it has the same content, it is left alone.  If
 * it has other content, it is replaced if `force` is true; else the import fails.  (DKMS merges the
 * two folders.)
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "model/conf.h"
#include "model/modid.h"
#include "tree/staging.h"
#include "tx/tx.h"

/*
 * Import the source in `folder` (absolute inside the root), but do not register it.  *ret: name and
 * version.  *ret_copied: was a copy made?
 *
 * No copy is made in these cases:
 * - The place has the same content already.
 * - `folder` is the place.
 * - The source link of the module package leads to `folder`.
 * - `folder` is the build folder of the module package.
 *
 * -E_ALREADY_ADDED: there is another source at the place, or the package is registered with a
 * source elsewhere.  -E_BROKEN: the package is registered with a source elsewhere, which is gone.
 * -E_TREE_NO_CONF, -E_BAD_CONF, -E_NO_SPACE, or another error.  After an error nothing has changed.
 */
int source_import(struct engine *e, const char *folder, bool force, struct modid *ret,
		  bool *ret_copied, struct err *err) MUST_CHECK;

/* ---- the steps of source_import(), for ldtarball, which does more in the same transaction ---- */

struct import {
	struct modid id;
	struct conf conf;
	char *place;  /* <source_tree>/NAME-VERSION */
	bool copy;    /* the source is to be moved from staging.source to `place` */
	bool replace; /* the folder that is at `place` has to be removed before that */
};
#define IMPORT_INIT               \
	{                         \
		.conf = CONF_INIT \
	}
#define AUTO_IMPORT CLEANUP(import_release)
void import_release(struct import *i);
/* Read and check the conf at `path`.  Sets ret->id, ret->conf and ret->place. */
int import_read(struct engine *e, const char *path, struct import *ret, struct err *err) MUST_CHECK;
/*
 * Copy `folder` to s->source if a copy is needed (see source_import()).  If i->place has other
 * content, fail unless `force` is true.  Sets i->copy and i->replace.
 */
int import_stage(struct engine *e, const struct staging *s, const char *folder, bool force,
		 struct import *i, struct err *err) MUST_CHECK;
/* If i->copy is set, make `tx` move the source from s->source to i->place. */
void import_declare(const struct import *i, const struct staging *s, struct tx *tx);

/*
 * Evaluate, interpret and check the conf at `path` for target `t`, whose strings may be "" but not
 * NULL.  *ret is set even after an error; the caller releases it.
 */
int import_conf(struct engine *e, const char *path, const struct target *t, bool strict,
		struct conf *ret, struct err *err) MUST_CHECK;
