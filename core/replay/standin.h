/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * standin - one call of a compiler, as cc-replay handles it.
 *
 * It looks for an answer (answer.c); else it starts the compiler and remembers what came of it
 * (remember.c).  If it cannot judge the call, or if anything fails on the way, it becomes the
 * compiler, with the arguments and the environment that the compiler would have had without us.
 */
#include <time.h>

#include "replay/call.h"
#include "replay/seen.h"

struct standin {
	int argc;
	char **argv;
	const char *name; /* of the compiler */
	char *folder;	  /* the room; NULL: there is none */
	char *rest;	  /* PATH without the folder of links */
	char *place;	  /* the compiler's path, if the call names our link by its path */
	struct room room; /* without a path if there is no plan */
	const struct room_compiler *compiler; /* NULL: not known */
	struct call call;
	struct seen seen;
	char *cwd;	       /* as a compiler sees it: $PWD if that is right */
	char *build;	       /* the build folder, resolved */
	struct strv listed;    /* resolved folders whose names are in the key */
	struct buf input;      /* standard input, or the content of the input */
	struct timespec begun; /* by the clock of file times: what changes from then on is seen */
	bool together;	       /* standard output and errors are one file */
	char key[2 * SHA256_SIZE + 1];
};

/* Append a line to the log of the room. */
void standin_log(const struct standin *s, const char *what, const char *about);
/* A path of the call as an absolute one.  Caller frees. */
char *standin_absolute(const struct standin *s, const char *path);

/* Set s->key.  Returns false if the call depends on what is not seen. */
bool standin_key(struct standin *s) MUST_CHECK;

/*
 * answer.c: give the answer of an earlier call, if there is one.  Returns false if there is none.
 */
bool standin_answer(struct standin *s, int *ret_status) MUST_CHECK;

/* What came of a call. */
struct standin_result {
	int status; /* exit status; -1: it died by a signal */
	struct buf out, err;
	const char *depfile; /* what the compiler read */
};
/* remember.c: write an entry into the room, if that is sound. */
void standin_remember(struct standin *s, const struct standin_result *res);
