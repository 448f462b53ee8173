/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * quiet - an event that had nothing to do, remembered with all that it looked at.
 *
 *	if (quiet_begin(&q, e, &event)) ...	nothing has changed since: there is nothing to do
 *	survey, plan, run ...
 *	quiet_end(&q, e, whether there was nothing to do);
 *	quiet_release(&q, e);
 *
 * The cost of an event is then one stat(2) for each file that counts, and not a survey.  An event
 * has nothing to do if an earlier one had nothing to do, and none of these has changed since:
 *  - the event's text, the settings, the environment, the user, the running kernel, the engine's
 *    program: they are the key;
 *  - each file and folder that survey, planner and alerts have looked at (sys/looks.h), also those
 *    that were not there.
 *
 * Nothing is remembered if a file changed (ctime) less than two seconds before the event began: it
 * could change once more within one tick of the file system's clock, unseen.  Nothing is remembered
 * either if the event has started a process, asked who holds a lock, or found a kernel's tree
 * read-only: no file shows whether the result would be the same now.
 *
 * The file is <dkms_tree>/.native/cache/quiet.  If it is damaged, the event does its work.
 */
#include "engine/digest.h"
#include "engine/engine.h"
#include "model/event.h"
#include "sys/looks.h"

#define QUIET_NAME "quiet"

struct quiet {
	struct looks looks;
	char key[DIGEST_HEX]; /* "": this event is not to be remembered */
	long children;	      /* page faults of the children that ended before the event */
	int64_t begun_ns;
	int64_t settle_ns; /* 2 s */
};
#define QUIET_INIT                               \
	{                                        \
		.settle_ns = INT64_C(2000000000) \
	}

/*
 * Has an event with the same key had nothing to do, and is all that it looked at unchanged?  If
 * not, begin to note what is looked at.
 */
bool quiet_begin(struct quiet *q, struct engine *e, const struct event *event);
/* Remember the event if `nothing` is true: it has done nothing and said nothing. */
void quiet_end(struct quiet *q, struct engine *e, bool nothing);
void quiet_release(struct quiet *q, struct engine *e);
/* Can the file be read?  Returns 0, -ENOENT, -E_CORRUPT or -errno. */
int quiet_check(const struct engine *e, struct err *err) MUST_CHECK;
