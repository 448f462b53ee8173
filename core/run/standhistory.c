/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/standhistory.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/history.h"

/* Was the last run that was to build or install this module package for this kernel stopped? */
static bool standhistory_was_stopped(const struct history *h, const struct standing *s)
{
	AUTO_STRV struct strv target = STRV_INIT;

	history_add_target(&target, &s->id, s->release, s->arch);
	for (size_t i = 0; i < h->n; i++) {
		if (strv_has(&h->runs[i].targets, target.v[0]))
			return history_state_now(&h->runs[i]) == HISTORY_STOPPED;
	}
	return false;
}

/* Is the step of a kind that explains the state of the entry? */
static bool standhistory_says(const struct history_step *h, const struct standing *s)
{
	static const char *const kinds[STANDING_COUNT_][3] = {
		[STANDING_INSTALLED] = { "install", "adopt" },
		[STANDING_DIFFERS] = { "install", "adopt" },
		[STANDING_BUILT] = { "build", "uninstall" },
		[STANDING_FAILED] = { "build", "failed", "install" },
		[STANDING_HELD] = { "held", "hold", "uninstall" },
		[STANDING_WAITS] = { "waiting", "deferred", "pending" },
		[STANDING_EXCLUDED] = { "excluded", "refuse" },
		[STANDING_BAD] = { "bad", "refuse" },
	};

	for (size_t i = 0; i < 3 && kinds[s->state][i]; i++) {
		if (strcmp(kinds[s->state][i], h->kind) == 0)
			return true;
	}
	return false;
}

static bool standhistory_is_about(const struct history_step *h, const struct standing *s)
{
	return str_equal(h->name, s->id.name) && str_equal(h->version, s->id.version) &&
	       str_equal(h->release, s->release) && str_equal(h->arch, s->arch) &&
	       h->result != HISTORY_UNCHANGED;
}

/*
 * Does the run explain the state of the entry?  1: yes; -1: it explains another state; 0: it is not
 * about the entry.
 */
static int standhistory_ask_run(const struct history_run *r, const struct standing *s,
				int64_t *ret_time)
{
	int answer = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (!standhistory_is_about(&r->steps[i], s))
			continue;
		if (standhistory_says(&r->steps[i], s)) {
			*ret_time = r->steps[i].time;
			return 1;
		}
		answer = -1;
	}
	return answer;
}

/*
 * Set s->since and s->run: when the module package came into its state, and by which run.  An
 * installed module is as new as the last run that installed it.  For any other state, the runs are
 * read from the newest to the oldest, and the reading ends at a run that led to another state.  Of
 * the runs read before it, the oldest one that led to this state counts.
 */
static void standhistory_set_since(const struct history *h, struct standing *s)
{
	const struct history_run *found = NULL;
	bool last = s->state == STANDING_INSTALLED || s->state == STANDING_DIFFERS;
	int answer = 0;

	for (size_t i = 0; i < h->n && answer >= 0 && !(last && found); i++) {
		int64_t time = 0;

		answer = standhistory_ask_run(&h->runs[i], s, &time);
		if (answer <= 0)
			continue;
		found = &h->runs[i];
		s->since = time;
	}
	if (found)
		s->run = xstrdup(found->id);
}

void standhistory_add(const struct engine *e, bool since, struct standings *list)
{
	AUTO_HISTORY struct history h = HISTORY_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	bool wanted = since;

	for (size_t i = 0; i < list->n; i++)
		wanted |= list->v[i].pending && list->v[i].release;
	if (!wanted)
		return;
	if (history_load(e, &h, &err) < 0) {
		log_debug("the history cannot be read");
		return;
	}
	for (size_t i = 0; i < list->n; i++) {
		struct standing *s = &list->v[i];

		if (s->pending && s->release && standhistory_was_stopped(&h, s))
			standing_interrupt(s);
		if (since && !s->run)
			standhistory_set_since(&h, s);
	}
}
