/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ahead - what is known of each module package for a kernel that is to come.
 *
 * It is read from the dkms tree and its ledgers.  Nothing is written, and no process is started.
 */
#include "base/error.h"
#include "engine/engine.h"
#include "model/modid.h"

enum ahead_state {
	AHEAD_PREBUILT,	 /* it is built, from the source as it is now */
	AHEAD_FAILED,	 /* its build failed, and would fail again */
	AHEAD_EXCLUDED,	 /* its dkms.conf does not want that kernel */
	AHEAD_NOT_TRIED, /* nothing is known */
};
/* "prebuilt", "failed", "excluded", "not tried" */
const char *ahead_state_name(enum ahead_state state);

struct ahead_verdict {
	struct modid id;
	enum ahead_state state;
	char *reason; /* one line: the first error, why it is excluded; NULL: prebuilt */
	char *cause;  /* failed: cause_name(); else NULL */
	char *log;    /* failed: path of the kept log; else NULL */
};

struct ahead_verdicts {
	struct ahead_verdict *v;
	size_t n;
};
#define AUTO_AHEAD_VERDICTS CLEANUP(ahead_verdicts_release)
void ahead_verdicts_release(struct ahead_verdicts *l);
/*
 * One verdict about the newest version of each module package whose source is there, sorted by
 * name.  A module package that is known to have no AUTOINSTALL is left out, unless it was built or
 * has failed.  The caller releases *ret, also after an error.
 */
int ahead_verdicts(const struct engine *e, const char *release, struct ahead_verdicts *ret,
		   struct err *err) MUST_CHECK;
size_t ahead_count(const struct ahead_verdicts *l, enum ahead_state state);
