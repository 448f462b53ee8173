/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modes - may somebody else change what root runs and believes?
 *
 * The rule is that of OpenSSH's StrictModes: a file belongs to root, or to whom dkms runs as, and
 * nobody else can write it; the same is true of the folders on the way to it, for who can write one
 * of those puts another file in its place.  A sticky bit there protects what others own.  A key can
 * be read by its owner only.
 *
 * Two groups are let be: that of an ordinary user that has his own number, for his files; and on
 * the way one that distributions number themselves (below 100), as in Debian's /usr/src of root:src
 * with mode 2775.  The latter is MODES_TOLERATED: worth a warning.
 */
#include "base/buf.h"
#include "base/util.h"

/* As stat(2) has them. */
struct modes_file {
	uint32_t uid, gid, mode;
};
/* Who we run as. */
struct modes_user {
	uint32_t uid, gid;
};

enum modes_use {
	MODES_BELIEVED, /* a file or folder */
	MODES_SECRET,	/* a private key */
	MODES_WAY,	/* a folder on the way */
};

enum modes_flaw {
	MODES_OWNER = 1 << 0,  /* belongs to somebody else */
	MODES_GROUP = 1 << 1,  /* its group can write it */
	MODES_OTHERS = 1 << 2, /* everybody can */
	MODES_READ = 1 << 3,   /* a key that not only its owner can read */
	MODES_TOLERATED = 1 << 4,
};
#define MODES_BAD (MODES_OWNER | MODES_GROUP | MODES_OTHERS | MODES_READ)

/* Flaws of the file, 0: none. */
unsigned int modes_judge(const struct modes_file *f, const struct modes_user *u,
			 enum modes_use use);
/* "PATH (mode 0666) can be written by everybody"; caller frees. */
char *modes_text(const char *path, const struct modes_file *f, unsigned int flaws);
/*
 * The commands that mend it, for a shell: "chown root:root PATH && chmod go-w PATH".  all: of
 * everything below, too.  Caller frees.
 */
char *modes_advice(const char *path, const struct modes_user *u, unsigned int flaws, bool all);
