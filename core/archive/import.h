/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * import - copy a folder with a dkms.conf to its place, <source_tree>/NAME-VERSION.
 *
 * Name and version come from the conf, which is checked (conf_check(), strict) before anything is
 * copied.  The copy belongs to root, and nobody else can write it.
 *
 * A folder at the place that has the same content is left alone.  A folder with other content is
 * replaced with force; without force the import fails.  (DKMS merges the two folders.)
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "model/conf.h"
#include "model/modid.h"
#include "tree/staging.h"
#include "tx/tx.h"

/*
 * Import the source in folder (absolute inside the root), but do not register it.  No copy is made
 * if folder is the place itself, the target of the module package's source link, or its build
 * folder.  ret: name and version.  ret_copied: was a copy made?
 *
 * -E_TREE_NO_CONF, -E_BAD_CONF, -E_ALREADY_ADDED (the place has another source, or one elsewhere is
 * registered), -E_BROKEN (registered with a source elsewhere that is gone), -E_NO_SPACE, -errno.
 * After an error nothing has changed.
 */
int source_import(struct engine *e, const char *folder, bool force, struct modid *ret,
		  bool *ret_copied, struct err *err) MUST_CHECK;

/* ---- the steps of source_import(), for ldtarball, which does more in the same transaction ---- */

struct import {
	struct modid id;
	struct conf conf;
	char *place;  /* <source_tree>/NAME-VERSION */
	bool copy;    /* the source is to be moved from staging.source to place */
	bool replace; /* what is at place has to be removed before */
};
#define IMPORT_INIT               \
	{                         \
		.conf = CONF_INIT \
	}
#define AUTO_IMPORT CLEANUP(import_release)
void import_release(struct import *i);
/* Read and check the conf at path; sets id, conf and place. */
int import_read(struct engine *e, const char *path, struct import *ret, struct err *err) MUST_CHECK;
/* Compare folder with place.  If needed, copy folder to s->source.  Sets copy and replace. */
int import_stage(struct engine *e, const struct staging *s, const char *folder, bool force,
		 struct import *i, struct err *err) MUST_CHECK;
/* Add the change, if there is one, to tx. */
void import_declare(const struct import *i, const struct staging *s, struct tx *tx);

/*
 * Evaluate, interpret and check the conf at path for t, whose strings may be "" but not NULL.  ret
 * is set even after an error; caller releases.
 */
int import_conf(struct engine *e, const char *path, const struct target *t, bool strict,
		struct conf *ret, struct err *err) MUST_CHECK;
