/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * trywork - one build of a try, in a worker, and the file by which the worker reports.  For try.c.
 */
#include "author/tries.h"
#include "engine/engine.h"
#include "sys/jobs.h"

struct trywork {
	struct engine *e;
	const struct tries *t;
	const struct try_result *result;
	const char *folder;
	const struct jobs *jobs; /* shared with the other builds; NULL: make gets a -j of its own */
};

/*
 * The worker.  It builds in the folder trywork_tree(), keeps the log of a failure, and writes its
 * result to the file trywork_file().
 */
int trywork_run(void *work);
/* Read the worker's file.  If there is none (the worker was killed), ret is TRY_FAILED. */
void trywork_take(const struct engine *e, const struct tries *t, struct try_result *ret);

/* Paths in the scratch folder.  Caller frees. */
char *trywork_tree(const struct tries *t, const struct try_result *r);
char *trywork_file(const struct tries *t, const struct try_result *r);
