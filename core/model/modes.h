/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modes - can somebody else change what root runs or believes?
 *
 * The rule is that of OpenSSH's StrictModes:
 *
 * - A file must belong to root or to the user that dkms runs as.  Nobody else may write it.
 * - The same holds for each folder on the way to the file, because whoever can write the folder can
 *   replace the file.  A folder with a sticky bit may be writable by others: the bit keeps them
 *   from replacing files that are not theirs.
 * - A private key may be read by its owner only.
 *
 * Two groups may write all the same:
 *
 * - the private group of the user that dkms runs as, if that is an ordinary user
 * - for folders on the way, a group of the distribution, with a number below 100.  This is
 *   MODES_TOLERATED and deserves a warning.  Debian has such a folder: its /usr/src belongs to
 *   root:src and has mode 2775.
 */
#include "base/util.h"

/* As stat(2) has them. */
struct modes_file {
	uint32_t uid, gid, mode;
};
/* The user that dkms runs as. */
struct modes_user {
	uint32_t uid, gid;
};

enum modes_use {
	MODES_BELIEVED, /* a file or folder */
	MODES_SECRET,	/* a private key */
	MODES_WAY,	/* a folder on the way to one of those */
};

enum modes_flaw {
	MODES_OWNER = 1 << 0,	  /* belongs to somebody else */
	MODES_GROUP = 1 << 1,	  /* writable by its group */
	MODES_OTHERS = 1 << 2,	  /* writable by everybody */
	MODES_READ = 1 << 3,	  /* a key that others can read */
	MODES_TOLERATED = 1 << 4, /* on the way, writable by a group of the distribution */
};
#define MODES_BAD (MODES_OWNER | MODES_GROUP | MODES_OTHERS | MODES_READ)

/* The flaws (enum modes_flaw) of a file; 0: none. */
unsigned int modes_judge(const struct modes_file *f, const struct modes_user *u,
			 enum modes_use use);
/* The flaws as a text, e.g. "PATH (mode 0666) can be written by everybody".  Caller frees. */
char *modes_text(const char *path, const struct modes_file *f, unsigned int flaws);
/*
 * The shell commands that remove the flaws: "chown root:root PATH && chmod go-w PATH".  With `all`,
 * the commands get -R, for everything below PATH.  Caller frees.
 */
char *modes_advice(const char *path, const struct modes_user *u, unsigned int flaws, bool all);
