/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * trust - refuse what anybody but root can change (strict modes; model/modes.h has the rule).
 *
 * These are checked: confs and sources, /etc/dkms, the dkms tree with its journals, and the signing
 * key.  A failed check stops only what it is about.  A bad source is not built and its conf is not
 * read.  A bad key is not used.  A bad file of settings is ignored.  In a bad dkms tree nothing is
 * done.  The error is -E_UNSAFE.  Its text names the first bad file, its mode, and the commands
 * that mend it.
 *
 * Files that the user names on the command line (a folder for add, --conf, an archive) are not
 * checked.  The user has chosen them, and our copies of them belong to root.  With strict_modes=no
 * only the modes of settings files are checked, because strict_modes is read from them.
 *
 * Results are remembered in engine.trust until the run ends; if that is NULL, nothing is
 * remembered.
 */
#include "base/error.h"
#include "base/strv.h"
#include "engine/engine.h"
#include "engine/target.h"
#include "model/modes.h"

struct stat;
struct trust;
/* Returns an empty store of results for engine.trust; trust_forget() frees it. */
struct trust *trust_remember(void);
void trust_forget(struct engine *e);

/*
 * Check owner and mode of an open file by its fstat(2), but not the folders above it.  Returns NULL
 * if they are good, else a text that says what is wrong; caller frees.
 */
char *trust_stat(const struct engine *e, const char *path, const struct stat *st);
/* Check a file or folder and all folders above it.  Also returns 0 if nothing is at `path`. */
int trust_path(const struct engine *e, const char *path, enum modes_use use,
	       struct err *err) MUST_CHECK;
/* trust_path() for a file of settings, but it checks even with strict_modes=no. */
int trust_settings(const struct engine *e, const char *path, struct err *err) MUST_CHECK;
/*
 * Check the dkms tree, its .native and the folder of the journals.  Even with strict_modes=no,
 * .native must not be a symlink.
 */
int trust_tree(const struct engine *e, struct err *err) MUST_CHECK;
/*
 * Check a source's folder by trust_below(), and the overrides for t in /etc/dkms.  t->release and
 * t->arch may be NULL.
 */
int trust_source(const struct engine *e, const struct target *t, const char *folder,
		 struct err *err) MUST_CHECK;
/*
 * Check a folder (or the one that a link leads to), all folders above it, everything below it, and
 * the targets of links in it.
 *
 * `skip`, which may be NULL, gets the path of each entry relative to `folder`.  If it returns true,
 * the entry is not checked.  It is also called for the entries below a folder that it skipped.
 */
int trust_below(const struct engine *e, const char *folder, bool (*skip)(const char *rel),
		struct err *err) MUST_CHECK;
/* Append a warning for each folder above `path` that a group of the distribution can write. */
void trust_tolerated(const struct engine *e, const char *path, struct strv *ret);
