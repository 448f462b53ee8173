/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * looks - which files a command has looked at, so that a later command can tell whether it would
 * see the same.
 *
 * While root.looks is set, all that looks at files of the root (sys/root.h, sys/fs.h) notes the
 * path and what was there at that moment.  Who looks through a descriptor calls looks_note_at().
 * What was seen is the file's identity: its lasting device and inode (see below), mode, owner, size,
 * mtime and ctime.
 */
#include <stdint.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/util.h"

enum look_kind {
	LOOK_FILE = 'f', /* the file or folder to which the path leads */
	LOOK_LINK = 'l', /* what the path itself is; a symlink is not followed */
	LOOK_TYPE = 't', /* as LOOK_FILE, but only the type counts */
};

/*
 * A number that shows, also to a later process, that another file has taken the place of this one.
 * It is the inode number, but 0 for a folder: overlayfs may give a folder a new number each time
 * the folder is read from disk.
 */
static inline uint64_t looks_lasting_inode(const struct stat *st)
{
	return S_ISDIR(st->st_mode) ? 0 : st->st_ino;
}

/*
 * The device; 0 for file systems without a block device (overlayfs, btrfs, tmpfs, NFS).  They get any
 * free number when they are mounted, and another one after the next boot.
 */
static inline uint64_t looks_lasting_device(const struct stat *st)
{
	return major(st->st_dev) ? st->st_dev : 0;
}

struct look_facts {
	uint64_t v[8];
};

struct look {
	enum look_kind kind;
	char *path;
	struct look_facts facts;
};

struct looks {
	struct look *v;
	size_t n;
	int64_t newest_ns; /* the newest ctime of all that was seen */
	bool blind;	   /* something was seen that looking again does not show */
};

void looks_release(struct looks *l);
/* `code` is 0, or the -errno with which the look failed.  l may be NULL: then nothing is noted. */
void looks_note(struct looks *l, enum look_kind kind, const char *path, int code,
		const struct stat *st);
/* The same for FOLDER/REST. */
void looks_note_at(struct looks *l, enum look_kind kind, const char *folder, const char *rest,
		   int code, const struct stat *st);
/*
 * Note that the command looks at something that no file tells: whether a process lives, who holds a
 * lock, how a file system is mounted.  l may be NULL.
 */
void looks_blind(struct looks *l);
/*
 * Sort the looks by path.  Drop each look whose result follows from the other looks:
 *  - a look that repeats another one;
 *  - a LOOK_TYPE that found a folder, if another look found something in that folder;
 *  - a LOOK_LINK that found a symlink or nothing, if another look saw the identity of the folder
 *    that holds the path: a symlink cannot come, go or change without a change of that folder.
 */
void looks_settle(struct looks *l);
struct look_facts looks_facts(enum look_kind kind, int code, const struct stat *st);

/*
 * Looking again, at many sorted paths of the process's own root.  A folder that many of them have
 * in common stays open, so that each look has fewer folders on its way.
 */
struct looks_again {
	int fd; /* of the folder; -1: none */
	char *folder;
};
#define LOOKS_AGAIN_INIT \
	{                \
		-1, NULL \
	}
void looks_again_release(struct looks_again *a);
/* What a look at paths[i] sees now. */
struct look_facts looks_look_again(struct looks_again *a, enum look_kind kind,
				   const char *const *paths, size_t n, size_t i);
