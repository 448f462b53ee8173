/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * owners - does a package own a file?
 *
 * The package databases in the root are asked in turn: the file lists of dpkg and pacman are read,
 * and `rpm -qf` is run.  Under merged /usr a path has two spellings, /lib/x and /usr/lib/x.  Each
 * database knows only one of them, so both are looked up.
 *
 * Callers must treat every answer except OWNER_NOBODY as "owned": a package's file is never moved.
 */
#include "engine/engine.h"

/*
 * Make engine.owners, which remembers which of dpkg's lists name files in <install_tree>.  So a run
 * that asks about many modules reads dpkg's thousand lists only once.  dpkg replaces a list by
 * rename, so the mtime of its info folder shows when they must be read again.  owners_forget()
 * frees engine.owners.
 */
struct owners_lists *owners_remember(void);
void owners_forget(struct engine *e);

enum owner_answer {
	OWNER_NOBODY,
	OWNER_PACKAGE,
	OWNER_UNKNOWN, /* a database could not be read: treat as owned */
};

/*
 * Ask who owns the file at `path`.  *ret_package is the name of the owning package, or NULL if the
 * answer is not OWNER_PACKAGE; caller frees.  ret_package itself may be NULL.
 */
enum owner_answer owners_of(const struct engine *e, const char *path, char **ret_package);
/*
 * As owners_of() for many files, without the names of the packages: every list is read once, and
 * rpm is started once for a hundred files.  `answers` has room for paths->n answers.
 */
void owners_of_all(const struct engine *e, const struct strv *paths, enum owner_answer *answers);
