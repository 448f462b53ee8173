/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dkms retry: build and install again what is recorded as failed (struct failure). */
#include "base/log.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/work.h"
#include "tree/ledgerfile.h"

static bool retry_is_chosen(const struct failure *f, const struct options *o)
{
	if (!options_match(o->id.name, f->name) || !options_match(o->id.version, f->version))
		return false;
	return options_match_any(&o->kernels, f->release);
}

static int retry_run(struct engine *e, const struct options *o)
{
	AUTO_GOALS struct goals goals = { NULL, 0 };
	struct failures l = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int r = ledger_load(e, &l, &err);

	if (r < 0 && r != -E_CORRUPT)
		return report_error(&err);
	for (size_t i = 0; i < l.n; i++) {
		const struct failure *f = &l.v[i];
		struct modid id = { f->name, f->version };

		if (retry_is_chosen(f, o))
			goals_add(&goals, GOAL_INSTALL, &id, f->release, f->arch, false);
	}
	ledger_release(LEDGER_FAILURES, &l);
	if (goals.n)
		return work_goals(e, o, &goals);
	log_note(option_is_set(o->id.name) || o->kernels.n ? "No such build has failed."
							   : "No build has failed.");
	return 0;
}

const struct verb verb_retry = {
	.name = "retry",
	.help = "build and install again what has failed",
	.args = "[NAME[/VERSION]] [-k KERNEL ...]",
	.about = "Builds and installs again what has failed, on each kernel where it did,\n"
		 "whether anything has changed since or not.\n",
	.words = WORDS_ADDED,
	.flags = VERB_ROOT | VERB_WRITE_TREE | VERB_NO_ALL | VERB_OURS,
	.run = retry_run,
	.uses = USES_MODULE | USES_KERNEL | OPTION(OPT_JOBS) | OPTION(OPT_DRY_RUN),
};
