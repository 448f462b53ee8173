/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"
#include "cli/report.h"

static int config_run(struct engine *e, const struct options *o)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)o;
	settings_print(&e->settings, &b);
	return report_print(b.s);
}

const struct verb verb_config = {
	.name = "config",
	.help = "print every setting and who set it",
	.args = "",
	.about = "Prints every setting, its value, and where the value comes from.\n",
	.words = WORDS_NONE,
	.flags = VERB_OURS | VERB_READER,
	.run = config_run,
	.uses = OPTION(OPT_JOBS) | OPTION(OPT_MODPROBE_ON_INSTALL) | OPTION(OPT_SYMLINK_MODULES),
};
