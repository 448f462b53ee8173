/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/mok.h"

#include "base/alloc.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/work.h"
#include "kernel/kernels.h"

static int generate_mok_run(struct engine *e, const struct options *o)
{
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *release = o->kernels.n ? xstrdup(o->kernels.v[0]) : kernels_running(e);
	struct kconfig config = { 0 };
	bool known = release && kernel_config(e, release, &config) == 0;
	int r = work_begin(e, o, &err);

	if (r == 0)
		r = mok_generate(e, release, known ? &config : NULL, &err);

	if (known)
		kconfig_release(&config);
	return r < 0 ? report_error(&err) : 0;
}

const struct verb verb_generate_mok = {
	.name = "generate_mok",
	.help = "make the key that modules are signed with",
	.args = "",
	.about = "Makes the key and the certificate that modules are signed with, if both are\n"
		 "missing.\n",
	.words = WORDS_NONE,
	.flags = 0,
	.run = generate_mok_run,
	.uses = USES_KERNEL | OPTION(OPT_CONFIG),
};
