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
	"config",
	"print every setting and who set it",
	VERB_OURS | VERB_READER,
	config_run,
	OPTION(OPT_JOBS) | OPTION(OPT_MODPROBE_ON_INSTALL) | OPTION(OPT_SYMLINK_MODULES),
};
