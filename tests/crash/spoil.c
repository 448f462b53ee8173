/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spoil.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "machine.h"
#include "states.h"

/* ---- kill ---- */

/* Kill the recovery as well, at some point, before one may come to its end. */
static void kill_recovery(const struct operation *op, const struct states *s, unsigned int at)
{
	AUTO_FREE char *what = xasprintf("killed at %u, recovery killed at %u", at, at % 17 + 1);

	if (run("event", SPOIL_KILL, at % 17 + 1, 0, NULL).spoilt) {
		crash.recoveries++;
		check_raw(op, s, what);
	}
}

void kill_everywhere(const struct operation *op)
{
	struct states s;
	AUTO_FREE char *before = NULL;
	bool more = true;

	states_prepare(op, &s, &before);
	for (unsigned int at = 1; more; at += crash.stride) {
		AUTO_FREE char *what = xasprintf("killed at %u", at);
		struct supervised r;

		machine_reset(before);
		r = run(op->command, SPOIL_KILL, at, 0, NULL);
		more = r.spoilt;
		if (!more)
			break;
		crash.points++;
		check_raw(op, &s, what);
		kill_recovery(op, &s, at);
		recover(op, what);
		check_state(op, &s, false, what);
	}
	states_release(&s);
}

/* ---- errors ---- */

static void one_error(const struct operation *op, const struct states *s, const char *before,
		      unsigned int at, enum spoil spoil, int error, bool *more)
{
	AUTO_FREE char *what = xasprintf("%s %s %u", strerrorname_np(error),
					 spoil == SPOIL_ONCE ? "at" : "from", at);
	struct supervised r;
	struct stat st;

	machine_reset(before);
	r = run(op->command, spoil, at, error, NULL);
	if (!r.spoilt) {
		*more = false;
		return;
	}
	crash.points++;
	if (r.status > 128)
		violation("%s, %s: ended with %d", op->name, what, r.status);
	if (r.status && (stat(crash.output, &st) < 0 || st.st_size == 0))
		violation("%s, %s: status %d without a message", op->name, what, r.status);
	check_raw(op, s, what);
	recover(op, what);
	check_state(op, s, r.status == 0 && !op->broken, what);
}

enum { SMALL_STRIDE = 4 };

void fail_everywhere(const struct operation *op)
{
	static const int errors[] = { ENOSPC, EIO, EROFS, EDQUOT, EINTR };
	struct states s;
	AUTO_FREE char *before = NULL;
	bool more = true;
	unsigned int i = 0;

	states_prepare(op, &s, &before);
	/* Take another errno each time.  With a small stride, each call fails in both ways. */
	for (unsigned int at = 1; more; at += crash.stride) {
		unsigned int n = crash.stride <= SMALL_STRIDE ? 2 : 1;

		for (unsigned int j = 0; more && j < n; j++, i++)
			one_error(op, &s, before, at, i % 2 ? SPOIL_FROM : SPOIL_ONCE,
				  errors[i / 2 % ARRAY_SIZE(errors)], &more);
	}
	states_release(&s);
}
