/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * room - what the stand-in is told about the build that it is a part of.
 *
 *	ROOM/plan		root's: what room_print() writes
 *	ROOM/cc-replay/NAME	root's: links to the stand-in; the folder is the first in PATH
 *	ROOM/new/KEY		the build's: entries (entry.h) that it has made
 *	ROOM/new/log		a line for each call, for the counts
 *
 * The plan is in the form of model/lines.h.  Pure.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "replay/release.h"

#define ROOM_LINKS "cc-replay"
#define ROOM_PLAN  "plan"
#define ROOM_NEW   "new"
#define ROOM_LOG   "log"
#define ROOM_MAX   ((size_t)4 << 20)

/* Entries that a key can have, KEY.0 and so on: the same call, with other headers. */
#define ROOM_SLOTS 4

struct room_compiler {
	char *name, *path, *identity, *include; /* compilers.h */
	struct strv parts;
};

struct room {
	char *release;
	char *build; /* where the build sees its folder */
	char *store; /* folder with the entries of this module package */
	char *table; /* of the headers */
	char *path;  /* PATH without the folder of links */
	char *cc;    /* name of the kernel's compiler; NULL: not known */
	bool answer; /* false: compile everything, and remember it */
	struct room_compiler *compilers;
	size_t n;
};
#define ROOM_INIT                 \
	{                         \
		.compilers = NULL \
	}
#define AUTO_ROOM CLEANUP(room_release)
void room_release(struct room *r);
void room_print(const struct room *r, struct buf *b);
int room_parse(const char *text, struct room *ret, struct err *err) MUST_CHECK;
/* NULL: there is no such compiler. */
const struct room_compiler *room_compiler(const struct room *r, const char *name);

/* What the stand-in writes into the log: one of these, and for an answer the entry's name. */
#define ROOM_COMPILED "compiled"
#define ROOM_REPLAYED "replayed"
#define ROOM_ASKED    "asked"	 /* a probe or the like: the compiler was started */
#define ROOM_ANSWERED "answered" /* the same, from the store */
