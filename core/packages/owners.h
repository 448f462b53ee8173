/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * owners - does a package own a file?
 *
 * Every package database in the root is asked: the file lists of dpkg and pacman directly, rpm by
 * `rpm -qf`.  Under merged /usr each database knows only one spelling of a path, so both are looked
 * up.  Callers take every answer but OWNER_NOBODY as owned: a package's file is never moved.
 */
#include "engine/engine.h"

/*
 * A memory for engine.owners: which of dpkg's lists name files in <install_tree>.  With it, a run
 * that asks about many modules reads dpkg's thousand lists once.  It is valid while the mtime of
 * dpkg's info folder is unchanged: dpkg replaces a list by rename.  owners_forget() frees it.
 */
struct owners_lists *owners_remember(void);
void owners_forget(struct engine *e);

enum owner_answer {
	OWNER_NOBODY,
	OWNER_PACKAGE,
	OWNER_UNKNOWN, /* a database could not be read: treat as owned */
};

/*
 * ret_package (may be NULL): the name of the owning package, caller frees; NULL unless
 * OWNER_PACKAGE.
 */
enum owner_answer owners_of(const struct engine *e, const char *path, char **ret_package);
