/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * atomic - one file that appears whole or not at all.
 *
 *	struct atomic a;
 *	r = atomic_begin(&a, root, "/var/lib/dkms/.native/holds", 0644);
 *	atomic_write(&a, text, len);		latches its first error
 *	r = atomic_commit(&a);			the verdict
 *
 * The temporary lies in the target's own folder under ".NAME.dkms-new", with mode 0600 until it is
 * whole, and locked (lock.h), so that two writers take turns; commit writes out,
 * fsyncs, closes, renames and fsyncs the folder, or removes the temporary and
 * returns the first error.  Nobody else renames.  atomic_abort() may be
 * called at any time, also after commit (then it does nothing).
 * For several files that change together use tx.h.
 */
#include "sys/root.h"

struct atomic {
	const struct root *root;
	char *path;
	mode_t mode;
	int dirfd, fd; /* -1 when closed */
	char *tmp;     /* staging name in dirfd, NULL when gone */
	int error;
};

int atomic_begin(struct atomic *a, const struct root *r, const char *path, mode_t mode) MUST_CHECK;
void atomic_write(struct atomic *a, const void *data, size_t len);
int atomic_commit(struct atomic *a) MUST_CHECK;
void atomic_abort(struct atomic *a);
/* All of it in one call. */
int atomic_write_file(const struct root *r, const char *path, const void *data, size_t len,
		      mode_t mode) MUST_CHECK;
