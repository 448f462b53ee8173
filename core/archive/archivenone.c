/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of archive.h for a build without libarchive. */
#include "archive/archive.h"

static int tarball_unsupported(struct err *err)
{
	return err_set(
		err, -E_GENERAL,
		"this build of dkms has no tarballs: it was configured --without-libarchive");
}

bool tarball_supported(void)
{
	return false;
}

int tarball_unpack(const struct engine *e, const char *path, const char *to,
		   const struct member_limits *limits, struct err *err)
{
	(void)e, (void)path, (void)to, (void)limits;
	return tarball_unsupported(err);
}

int tarball_begin(const struct engine *e, const char *path, struct tarball **ret, struct err *err)
{
	(void)e, (void)path, (void)ret;
	return tarball_unsupported(err);
}

void tarball_make_plain(struct tarball *w)
{
	(void)w;
}

void tarball_add_folder(struct tarball *w, const char *name, const char *like)
{
	(void)w, (void)name, (void)like;
}

void tarball_add_text(struct tarball *w, const char *name, const char *text)
{
	(void)w, (void)name, (void)text;
}

void tarball_add_file(struct tarball *w, const char *name, const char *from)
{
	(void)w, (void)name, (void)from;
}

void tarball_add_tree(struct tarball *w, const char *name, const char *from,
		      const struct strv *leave)
{
	(void)w, (void)name, (void)from, (void)leave;
}

int tarball_commit(struct tarball *w, struct err *err)
{
	(void)w;
	return tarball_unsupported(err);
}

void tarball_end(struct tarball *w)
{
	(void)w;
}
