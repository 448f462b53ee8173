/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/event.h"

#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/work.h"
#include "engine/background.h"

#define EVENT_MAX (16u << 20) /* bytes; a full listing of a machine has a few hundred lines */

static int event_read_stdin(struct buf *b, struct err *err)
{
	char chunk[8192];
	ssize_t n;

	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, -errno, "The event cannot be read");
		buf_add(b, chunk, (size_t)n);
		if (b->len > EVENT_MAX)
			return err_set(err, -E_BAD_EVENT, "The event is larger than 16 MiB.");
	}
	return 0;
}

static int event_run(struct engine *e, const struct options *o)
{
	AUTO_EVENT struct event event = EVENT_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	bool handed_over = false;
	int r = event_read_stdin(&text, &err);

	if (r == 0)
		r = event_parse(text.s, text.len, &event, &err);
	if (r < 0)
		return report_error(&err);
	for (size_t i = 0; i < event.warnings.n; i++)
		log_warning("event: %s", event.warnings.v[i]);
	if (!o->dry_run)
		background_hand_over(e, &event, &handed_over);
	return handed_over ? 0 : work_event(e, o, &event);
}

const struct verb verb_event = {
	.name = "event",
	.help = "bring everything in line with the packages",
	.args = "[OPTIONS] < EVENT",
	.about = "Reads from standard input what a package manager has changed, and brings the\n"
		 "machine in line with it. Without input it only brings the machine in line.\n"
		 "Package managers call it; to see what it would do:\n"
		 "    dkms event --dry-run </dev/null\n",
	.words = WORDS_NONE,
	.flags = VERB_ROOT | VERB_WRITE_TREE | VERB_NO_ALL | VERB_OURS,
	.run = event_run,
	.uses = OPTION(OPT_DIRECTIVE) | OPTION(OPT_JOBS) | OPTION(OPT_DRY_RUN) |
		OPTION(OPT_FORCE_VERSION_OVERRIDE) | OPTION(OPT_MODPROBE_ON_INSTALL) |
		OPTION(OPT_SYMLINK_MODULES) | OPTION(OPT_NO_DEPMOD),
};
