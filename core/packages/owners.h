/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * owners - does a package own a file?
 *
 * Every package database that is there is asked: dpkg's and pacman's file
 * lists natively, rpm by `rpm -qf`.  Both spellings of a merged-/usr path are
 * looked for, since each database knows one of them.  Anything but a
 * clean "nobody" means owned: a file that belongs to a package is never moved.
 */
#include "engine/engine.h"

/*
 * Which of dpkg's lists have files of kernels' modules at all, so that a run which asks about many
 * of them reads a thousand lists once.  It counts only while dpkg's folder is as it was then: dpkg
 * renames each list that it changes.  For engine.owners; owners_forget() frees it.
 */
struct owners_lists *owners_remember(void);
void owners_forget(struct engine *e);

enum owner_answer {
	OWNER_NOBODY,
	OWNER_PACKAGE,
	OWNER_UNKNOWN, /* a database could not be read: to be taken as owned */
};

/* ret_package (may be NULL): whose it is, NULL unless OWNER_PACKAGE; caller frees. */
enum owner_answer owners_of(const struct engine *e, const char *path, char **ret_package);
/* The two spellings: "/lib/x" and "/usr/lib/x", each once; others: the path alone. */
void owners_spellings(const char *path, struct strv *ret);
/* Does a list of one path a line hold the path?  prefix: what the list leaves out ("/" for
 * pacman's).  Pure. */
bool owners_list_has(const char *list, const char *path);
