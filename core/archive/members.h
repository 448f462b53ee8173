/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * members - the list of an archive's members, and the check that all of it may be unpacked.
 *
 *	member_name()		for each name: normalize or refuse it
 *	members_add()		for each member, when its header is read
 *	members_check()		after the last one, before anything is written
 *
 * These members and archives are refused:
 *
 * - names that are absolute, too long or too deep, or have ".." or control characters;
 * - a name that occurs twice, unless both are folders;
 * - a member below something that is no folder;
 * - a symlink that is absolute or can leave the archive: ".." may stand only at the beginning of
 *   its target, and at most once for each folder that the link is in;
 * - a hard link to anything but an earlier file;
 * - archives that exceed the limits.
 *
 * So no path made of names in the archive leads out of the archive, in whatever order the members
 * are unpacked.  Devices, fifos and sockets are refused by archive.c.  Pure.
 */
#include "base/error.h"

struct member_limits {
	size_t count;	    /* members */
	uint64_t bytes;	    /* unpacked: files, the copies that hard links become, and names */
	uint64_t free_rise; /* `rise` is checked only above this number of unpacked bytes */
	unsigned int rise;  /* the unpacked bytes are at most so many times the archive's size */
};
#define MEMBER_LIMITS                                                                         \
	{                                                                                     \
		.count = 100000, .bytes = (uint64_t)4 << 30, .free_rise = (uint64_t)64 << 20, \
		.rise = 1000                                                                  \
	}

enum member_kind { MEMBER_FILE, MEMBER_FOLDER, MEMBER_SYMLINK, MEMBER_HARDLINK };

struct member {
	char *name; /* in the form of member_name() */
	enum member_kind kind;
	char *target;  /* of a symlink: as stored; of a hard link: the file's name; else NULL */
	uint64_t size; /* of a file */
	size_t order;  /* position in the archive, from 0 */
};

struct members {
	struct member *v; /* in the archive's order, until members_check() sorts them by name */
	size_t n;
	uint64_t bytes;
	struct member_limits limits;
	uint64_t archive_size; /* bytes of the (compressed) file */
};
#define AUTO_MEMBERS CLEANUP(members_release)
void members_release(struct members *m);

/*
 * Normalize a name: no empty components, no ".", no slash at either end.  "./a//b/" becomes "a/b",
 * "./" becomes "".  -E_ARCHIVE_BAD: the name is refused.  Caller frees.
 */
int member_name(const char *raw, char **ret, struct err *err) MUST_CHECK;
/*
 * Returns NULL if a symlink called `name` may lead to `target`, else a static text that says why it
 * may not ("is empty").
 */
const char *member_link_problem(const char *name, const char *target);
/* Takes ownership of `name` and `target`, even if it fails.  -E_ARCHIVE_BAD: over a limit. */
int members_add(struct members *m, char *name, enum member_kind kind, char *target, uint64_t size,
		struct err *err) MUST_CHECK;
/* Sort and check all members.  -E_ARCHIVE_BAD: err names the first problem. */
int members_check(struct members *m, struct err *err) MUST_CHECK;
/* The member of that name, NULL if there is none.  Call it only after members_check(). */
const struct member *members_get(const struct members *m, const char *name);
