/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * atomic - one file that appears whole or not at all.
 *
 *	struct atomic a;
 *	r = atomic_begin(&a, root, "/var/lib/dkms/.native/holds", 0644);
 *	atomic_write(&a, text, len);		an error is kept in a.error
 *	r = atomic_commit(&a);			returns a.error or an error of its own
 *
 * The temporary file is ".NAME.dkms-new" in the target's folder.  It is locked (lock.h), so two
 * writers take turns.  It has mode 0600 until it is complete.  atomic_commit() sets the mode, syncs
 * the file, renames it and syncs the folder.  If it fails before the rename, it removes the
 * temporary.  atomic_abort() may be called at any time; after atomic_commit() it does nothing.
 *
 * For several files that change together use tx/tx.h.
 */
#include "sys/root.h"

struct atomic {
	const struct root *root;
	char *path;
	mode_t mode;
	int dirfd, fd; /* -1 when closed */
	char *tmp;     /* name of the temporary in dirfd; NULL: renamed or removed */
	int error;     /* the first error of atomic_write() */
};

int atomic_begin(struct atomic *a, const struct root *r, const char *path, mode_t mode) MUST_CHECK;
void atomic_write(struct atomic *a, const void *data, size_t len);
int atomic_commit(struct atomic *a) MUST_CHECK;
void atomic_abort(struct atomic *a);
/* atomic_begin(), atomic_write() and atomic_commit() in one call. */
int atomic_write_file(const struct root *r, const char *path, const void *data, size_t len,
		      mode_t mode) MUST_CHECK;
