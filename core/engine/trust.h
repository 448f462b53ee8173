/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * trust - what root runs and believes can be changed by root alone (model/modes.h has the rule).
 *
 * Confs and sources, /etc/dkms, the dkms tree and its journals, the signing key.  What is found
 * wrong costs what it is about: a source is not built and its conf not read, a key not used, a file
 * of settings does not count, a tree is not worked in.  The error is -E_UNSAFE, and its text names
 * the first file, its mode, and the commands that mend it.
 *
 * What a person names on the command line (a folder for add, --conf, an archive) is his own choice,
 * and a copy of it belongs to root.  With strict_modes=no nothing is asked but of the settings'
 * files themselves, which say so.
 *
 * Results are remembered for the run; engine.trust has them, NULL: nothing is remembered.
 */
#include "base/error.h"
#include "base/strv.h"
#include "engine/engine.h"
#include "engine/target.h"
#include "model/modes.h"

struct stat;
struct trust;
struct trust *trust_remember(void);
void trust_forget(struct engine *e);

/* A file that is read already: its owner and mode alone.  NULL, or what is wrong; caller frees. */
char *trust_stat(const struct engine *e, const char *path, const struct stat *st);
/* One file or folder and the way to it; what is not there is no problem. */
int trust_path(const struct engine *e, const char *path, enum modes_use use,
	       struct err *err) MUST_CHECK;
/* The same for a file of settings, strict_modes or not. */
int trust_settings(const struct engine *e, const char *path, struct err *err) MUST_CHECK;
/* May we work in the dkms tree: the tree, its .native and its journals. */
int trust_tree(const struct engine *e, struct err *err) MUST_CHECK;
/*
 * The source in folder (a link is followed), everything below it, what links in it lead to, and
 * what /etc/dkms has for t; t->release and t->arch may be NULL.
 */
int trust_source(const struct engine *e, const struct target *t, const char *folder,
		 struct err *err) MUST_CHECK;
/*
 * A folder (a link is followed), everything below it, and what links in it lead to.  skip (may be
 * NULL) leaves out what it is true for, by its path relative to the folder.
 */
int trust_below(const struct engine *e, const char *folder, bool (*skip)(const char *rel),
		struct err *err) MUST_CHECK;
/* Folders on the way to path that a group of the distribution's can write: one text each. */
void trust_tolerated(const struct engine *e, const char *path, struct strv *ret);
