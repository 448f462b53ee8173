/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/interrupted.h"

#include "base/log.h"
#include "run/history.h"

/* Was the last run that was to install the entry stopped before it did? */
static bool interrupted_was_stopped(const struct history *h, const struct standing *s)
{
	AUTO_STRV struct strv target = STRV_INIT;

	history_add_target(&target, &s->id, s->release, s->arch);
	for (size_t i = 0; i < h->n; i++) {
		if (strv_has(&h->runs[i].targets, target.v[0]))
			return history_state_now(&h->runs[i]) == HISTORY_STOPPED;
	}
	return false;
}

void interrupted_mark(const struct engine *e, struct standings *list)
{
	AUTO_HISTORY struct history h = HISTORY_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	bool loaded = false;

	for (size_t i = 0; i < list->n; i++) {
		if (!list->v[i].pending || !list->v[i].release)
			continue;
		if (!loaded && history_load(e, &h, &err) < 0) {
			log_debug("the history cannot be read");
			return;
		}
		loaded = true;
		if (interrupted_was_stopped(&h, &list->v[i]))
			standing_interrupt(&list->v[i]);
	}
}
