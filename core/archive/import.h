/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * import - a folder with a dkms.conf becomes <source_tree>/NAME-VERSION.
 *
 * Name and version are the conf's.  It must be good for add (conf_check(), strict) *before*
 * anything is copied.  The copy belongs to root, and nobody else may write it.  A folder of that
 * name with the same content is left alone; one with other content is replaced by force only (DKMS
 * merges the two).
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "model/conf.h"
#include "model/modid.h"
#include "tree/staging.h"
#include "tx/tx.h"

/*
 * Add the source that lies in folder (absolute inside the root).  A folder that is the place
 * itself, or what the module package's source link leads to, needs no copy.  ret: its name and
 * version; they are not registered by this.  ret_copied: something was written.
 *
 * -E_TREE_NO_CONF, -E_BAD_CONF, -E_ALREADY_ADDED (another source is there, or registered),
 * -E_BROKEN (registered with a source elsewhere that is gone), -E_NO_SPACE, -errno; nothing is
 * written then.
 */
int source_import(struct engine *e, const char *folder, bool force, struct modid *ret,
		  bool *ret_copied, struct err *err) MUST_CHECK;

/* ---- for ldtarball: the same as part of a greater change ---- */

struct import {
	struct modid id;
	struct conf conf;
	char *place;  /* <source_tree>/NAME-VERSION */
	bool copy;    /* staging.source holds what comes there ... */
	bool replace; /* ... and something else is there now */
};
#define IMPORT_INIT               \
	{                         \
		.conf = CONF_INIT \
	}
#define AUTO_IMPORT CLEANUP(import_release)
void import_release(struct import *i);
/* The conf at path and what it says of itself; id, conf and place are set. */
int import_read(struct engine *e, const char *path, struct import *ret, struct err *err) MUST_CHECK;
/* Compare, and copy the folder to s->source where that is needed. */
int import_stage(struct engine *e, const struct staging *s, const char *folder, bool force,
		 struct import *i, struct err *err) MUST_CHECK;
void import_declare(const struct import *i, const struct staging *s, struct tx *tx);

/*
 * A conf on its own, by its path: evaluated and interpreted for t (name, version, release and
 * arch may be ""), and checked.  ret is set in every case; caller releases.
 */
int import_conf(struct engine *e, const char *path, const struct target *t, bool strict,
		struct conf *ret, struct err *err) MUST_CHECK;
