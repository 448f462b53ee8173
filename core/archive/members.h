/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * members - what an archive says it holds, and whether all of it may be unpacked.
 *
 *	member_name()		each name, brought into one form or refused
 *	members_add()		each member, as it is read
 *	members_check()		after the last one, before anything is written
 *
 * Refused: absolute names, "..", control characters, names that the disk cannot have; devices,
 * fifos, sockets; a name twice; something below what is no folder; a symlink that is absolute or
 * leaves the archive (its ".."s come first, and are no more than the folders it lies in); a hard
 *link to anything but an earlier file; more than the limits.  Then no path that is made of names of
 *the archive leads out of it, whatever order they are unpacked in.  Pure.
 */
#include "base/error.h"
#include "base/strv.h"

struct member_limits {
	size_t count;	    /* members */
	uint64_t bytes;	    /* unpacked: files, hard links as their files again, and names */
	uint64_t free_rise; /* unpacked bytes that need no reason ... */
	unsigned int rise;  /* ... more than that only up to this many times the archive's size */
};
#define MEMBER_LIMITS                                                                         \
	{                                                                                     \
		.count = 100000, .bytes = (uint64_t)4 << 30, .free_rise = (uint64_t)64 << 20, \
		.rise = 1000                                                                  \
	}

enum member_kind { MEMBER_FILE, MEMBER_FOLDER, MEMBER_SYMLINK, MEMBER_HARDLINK };

struct member {
	char *name; /* "a/b"; relative, nothing empty, no "." or ".." */
	enum member_kind kind;
	char *target;  /* of a symlink, as it is; name of a hard link's file */
	uint64_t size; /* of a file */
	size_t order;  /* from 0: place in the archive */
};

struct members {
	struct member *v; /* in the archive's order; by name after members_check() */
	size_t n;
	uint64_t bytes;
	struct member_limits limits;
	uint64_t archive_size; /* packed */
};
#define AUTO_MEMBERS CLEANUP(members_release)
void members_release(struct members *m);

/*
 * Name in its one form: "./a//b/" is "a/b", "./" is "".  -E_ARCHIVE_BAD.  Caller frees.
 */
int member_name(const char *raw, char **ret, struct err *err) MUST_CHECK;
/* NULL, or a static text that says why a symlink called name may not lead to target. */
const char *member_link_problem(const char *name, const char *target);
/* Takes name and target in any case.  -E_ARCHIVE_BAD when a limit is passed. */
int members_add(struct members *m, char *name, enum member_kind kind, char *target, uint64_t size,
		struct err *err) MUST_CHECK;
/* -E_ARCHIVE_BAD with the first thing that is wrong. */
int members_check(struct members *m, struct err *err) MUST_CHECK;
/* After members_check(); NULL: there is none. */
const struct member *members_get(const struct members *m, const char *name);
