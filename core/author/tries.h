/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tries - what came of building a module source for several kernels.
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
	char *reason;	     /* why it failed or is excluded: one line; NULL: built */
	char *cause;	     /* of a failure: cause_name(); NULL: make did not fail */
	struct strv lines;   /* of a failure: what a person would quote, at least one */
	struct strv modules; /* that were built: "hello.ko" */
	char *log;	     /* of a failure: path of its make.log; NULL: there is none */
};
struct tries {
	struct modid id;
	char *arch;
	struct strv depends; /* BUILD_DEPENDS: not built, so these builds may lack them */
	struct try_result *v;
	size_t n, ended;
	char *scratch; /* NULL: it is gone */
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
