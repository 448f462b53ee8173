/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * archive - tar archives, read with suspicion and written whole.  The one door to libarchive,
 * which archivelib.h loads.
 *
 * A build that was configured --without-libarchive has archivenone.c instead: everything
 * here fails then with a text that says so.
 */
#include "archive/members.h"
#include "base/error.h"
#include "engine/engine.h"

/* Was libarchive there when this was built? */
bool tarball_supported(void);

/*
 * Unpack archive path (plain tar, or compressed once, by gzip, bzip2, xz, lzma, lzip, zstd or
 * compress) into folder to, which exists and is empty.  The archive is read to its end first,
 * so that nothing is written of one that is truncated or that members.h refuses, or for which there
 * is no space.  Owners are not restored, nor setuid, setgid and sticky bits, nor write access for
 * everybody; hard links become copies.  limits NULL: MEMBER_LIMITS.
 *
 * -E_ARCHIVE_MISSING, -E_ARCHIVE_BAD, -E_NO_SPACE, -E_INTERRUPTED, -errno.  After an error the
 * caller removes what is in to.
 */
int tarball_unpack(const struct engine *e, const char *path, const char *to,
		   const struct member_limits *limits, struct err *err) MUST_CHECK;

/*
 * An archive in the making: names are relative, and stored as "./NAME"; everything is root's.
 * The compression is that of the path's suffix as tar(1) takes it, none for an unknown one.
 * Errors latch; tarball_commit() tells the first one, and the file is whole or not there.
 */
struct tarball;
int tarball_begin(const struct engine *e, const char *path, struct tarball **ret,
		  struct err *err) MUST_CHECK;
/* like: mode and time are this folder's. "" is the archive's own. */
void tarball_add_folder(struct tarball *w, const char *name, const char *like);
void tarball_add_text(struct tarball *w, const char *name, const char *text);
void tarball_add_file(struct tarball *w, const char *name, const char *from);
/*
 * Folder from and all in it as name, but for the names in leave (of its first level; may be NULL),
 * and for sockets, fifos and devices.  Links that tarball_unpack() would refuse are stored,
 * with a warning.
 */
void tarball_add_tree(struct tarball *w, const char *name, const char *from,
		      const struct strv *leave);
int tarball_commit(struct tarball *w, struct err *err) MUST_CHECK;
/* Frees; without a commit there is no file.  NULL is nothing. */
void tarball_end(struct tarball *w);

/* "gzip" for "x.tar.gz", "x.tgz" ..., NULL: none.  Pure. */
const char *tarball_compression(const char *path);
