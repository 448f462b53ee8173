/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * archive - unpack tar archives that may be malicious, and write new ones atomically.
 *
 * archive.c is the only file that uses libarchive, which archivelib.h loads.  In a build that was
 * configured --without-libarchive, archivenone.c takes the place of archive.c.  Then all functions
 * with a parameter `err` fail with -E_GENERAL and a text that says why.
 */
#include "archive/members.h"
#include "base/error.h"
#include "base/strv.h"
#include "engine/engine.h"

/* Was dkms built with libarchive? */
bool tarball_supported(void);

/*
 * Unpack the archive at `path` into the folder `to`, which exists and is empty.  If `limits` is
 * NULL, MEMBER_LIMITS apply.
 *
 * The archive is a plain tar file, or one that is compressed once, by gzip, bzip2, xz, lzma, lzip,
 * zstd or compress.  A first pass only reads, to the archive's end.  Nothing is written if the
 * archive is truncated, if members.h refuses it, or if there is not enough space.
 *
 * Owners are not restored, nor setuid, setgid and sticky bits, nor write access for group and
 * others.  Hard links become copies.
 *
 * -E_ARCHIVE_MISSING, -E_ARCHIVE_BAD, -E_NO_SPACE, -E_INTERRUPTED, -E_GENERAL (no libarchive),
 * -errno.  After an error the caller removes what is in the folder `to`.
 */
int tarball_unpack(const struct engine *e, const char *path, const char *to,
		   const struct member_limits *limits, struct err *err) MUST_CHECK;

/*
 * An archive that is being written.
 *
 *	tarball_begin(e, path, &w, err);
 *	tarball_add_...(w, ...);		as often as needed
 *	r = tarball_commit(w, err);		the first error of all these calls
 *	tarball_end(w);				always; without a commit there is no file
 *
 * The suffix of `path` selects the compression, as in tar(1).  With an unknown suffix the archive
 * is not compressed.  Names are relative and stored as "./NAME", and root owns all members.  The
 * file appears whole or not at all.
 */
struct tarball;
int tarball_begin(const struct engine *e, const char *path, struct tarball **ret,
		  struct err *err) MUST_CHECK;
/*
 * Give all further members the mtime 0, and the mode 0755 if they are folders, else 0644.  So the
 * archive depends on names and contents alone.
 */
void tarball_make_plain(struct tarball *w);
/* Add a folder with the mode and mtime of the folder `like`.  name "": the archive's top folder. */
void tarball_add_folder(struct tarball *w, const char *name, const char *like);
void tarball_add_text(struct tarball *w, const char *name, const char *text);
void tarball_add_file(struct tarball *w, const char *name, const char *from);
/*
 * Add the folder `from` and all that is below it.  In the archive the folder is called `name`.
 * Sockets, fifos and devices are left out, and so are direct children of the folder whose names are
 * in `leave` (may be NULL).  A symlink that tarball_unpack() would refuse is added, with a warning.
 */
void tarball_add_tree(struct tarball *w, const char *name, const char *from,
		      const struct strv *leave);
int tarball_commit(struct tarball *w, struct err *err) MUST_CHECK;
/* Free `w`, which may be NULL.  Without a commit, also remove what was written. */
void tarball_end(struct tarball *w);

/* The compression that the suffix selects: "gzip" for "x.tar.gz"; NULL: none.  Static.  Pure. */
const char *tarball_compression(const char *path);
