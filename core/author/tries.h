/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tries - the results of building a module source for several kernels.
 */
#include "base/strv.h"
#include "model/modid.h"

enum try_state {
	TRY_OPEN, /* not tried: interrupted */
	TRY_BUILT,
	TRY_FAILED,
	TRY_EXCLUDED,
};
struct try_result {
	char *release;
	enum try_state state;
	uint64_t msec;
	char *reason;	     /* one line: why it failed or is excluded; NULL: neither */
	char *cause;	     /* cause_name() if a patch, PRE_BUILD or make failed; else NULL */
	struct strv lines;   /* of a failure: the lines that a person would quote, at least one */
	struct strv modules; /* those that were built: "hello.ko" */
	char *log;	     /* of a failure: path of its make.log; NULL: there is none */
};
struct tries {
	struct modid id;
	char *arch;
	struct strv depends; /* BUILD_DEPENDS; a try does not build these */
	struct try_result *v;
	size_t n, ended;
	char *scratch; /* the scratch folder; NULL: there is none */
};
#define TRIES_INIT                    \
	{                             \
		.depends = STRV_INIT, \
	}
#define AUTO_TRIES CLEANUP(tries_release)
void tries_release(struct tries *t);
void try_result_release(struct try_result *r);

size_t try_count(const struct tries *t, enum try_state state);
/* "built", "failed", "excluded", "not tried" */
const char *try_state_name(enum try_state state);
