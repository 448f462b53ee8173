/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * store - what compilers did in earlier builds: <dkms_tree>/.native/compiled/M/KK/KEY.N.
 *
 * Each module package has a store of its own, which belongs to root, and which its builds can only
 * read.  What a build leaves in its room is copied into the store after the build has ended.  So a
 * build can put a false entry into the store.  But only later builds of the same package read it,
 * and these run the programs of the same author.  Replay never crosses packages.
 *
 * A file appears by rename, under the lock "compiled".  Nothing is synced: after a power cut a file
 * may be torn, and its seal (entry.h) tells.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "model/calls.h"

/*
 * Take what the build in `room` has left, at most a quarter of the setting replay_size.  If `anew`
 * is true, each entry replaces all entries of the same key.
 */
int store_take(const struct engine *e, const char *name, const char *room, bool anew,
	       struct calls *ret) MUST_CHECK;

/* Remove what was used longest ago until the store is within the setting replay_size. */
void store_trim(const struct engine *e);

/* Remove all that was remembered of the module package `name`. */
int store_forget_module(const struct engine *e, const char *name) MUST_CHECK;

/* How much there is. */
struct store_size {
	uint64_t files, bytes;
};
void store_measure(const struct engine *e, struct store_size *ret);
/* Append the paths of files that are no whole entries. */
void store_check(const struct engine *e, struct strv *ret);
/* Remove a file that store_check() found, if it is still no whole entry. */
int store_drop(const struct engine *e, const char *path) MUST_CHECK;
