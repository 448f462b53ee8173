/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/motd.h"

#include "base/text.h"

static void motd_add_line(const struct standing *s, struct buf *ret)
{
	AUTO_BUF struct buf line = BUF_INIT, cut = BUF_INIT;

	buf_addf(&line, "  %s/%s%s%s: %s", s->id.name, s->id.version, s->release ? " on " : "",
		 s->release ? s->release : "", standing_word(s->state));
	if (s->reason)
		buf_addf(&line, ": %s", s->reason);
	text_add_valid(&cut, line.s, MOTD_WIDTH);
	text_add_visible(ret, cut.s);
	buf_addch(ret, '\n');
}

void motd_make(const struct standings *l, struct buf *ret)
{
	size_t problems = 0, shown = 0, room;

	for (size_t i = 0; i < l->n; i++)
		problems += l->v[i].problem;
	if (!problems)
		return;
	/*
	 * One line comes before the problems, and one after them.  If not all problems fit, one
	 * more line counts the others.
	 */
	room = problems > MOTD_LINES - 2 ? MOTD_LINES - 3 : problems;
	buf_addf(ret, "%zu problem%s with kernel modules (dkms):\n", problems,
		 problems == 1 ? "" : "s");
	for (size_t i = 0; i < l->n && shown < room; i++) {
		if (!l->v[i].problem)
			continue;
		motd_add_line(&l->v[i], ret);
		shown++;
	}
	if (shown < problems)
		buf_addf(ret, "  and %zu more\n", problems - shown);
	buf_adds(ret, "To see why, and what to type: dkms status --problems\n");
}
