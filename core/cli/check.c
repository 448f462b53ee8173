/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dkms check: is everything that is wanted for the running kernel installed for it?  Problems of
 * other kernels do not make it fail, because dkms-check.service runs it at boot.
 */
#include <unistd.h>

#include "alert/alert.h"
#include "base/alloc.h"
#include "cli/cli.h"
#include "cli/meant.h"
#include "cli/report.h"
#include "kernel/kernels.h"
#include "survey/stand.h"

static int check_print(const struct missing_list *l, const char *release)
{
	AUTO_BUF struct buf b = BUF_INIT;
	bool critical = false;

	if (!l->n)
		buf_addf(&b, "Everything that is wanted for %s is installed.\n", release);
	for (size_t i = 0; i < l->n; i++) {
		const struct missing *m = &l->v[i];

		critical |= m->critical;
		buf_addf(&b, "%s%s is not installed for %s: %s\n", m->critical ? "critical: " : "",
			 m->name, release, m->why);
		if (m->cure)
			buf_addf(&b, "  try: %s\n", m->cure);
	}
	if (l->n)
		buf_addf(&b, "To see more: dkms why NAME -k %s\n", release);
	return report_print(b.s) ? 3 : critical ? 2 : l->n > 0;
}

/* If the running kernel comes from outside, e.g. in a container, nothing is wanted for it here. */
static int check_print_no_kernel(const char *release)
{
	AUTO_BUF struct buf b = BUF_INIT;

	buf_addf(&b, "The running kernel%s%s is not installed here: there is nothing to check.\n",
		 release ? " " : "", release ? release : "");
	return report_print(b.s);
}

static int check_run(struct engine *e, const struct options *o)
{
	AUTO_FREE char *running = o->kernels.n ? NULL : kernels_running(e), *here = NULL;
	const char *release = o->kernels.n ? o->kernels.v[0] : running;
	AUTO_MISSING_LIST struct missing_list missing = { 0 };
	AUTO_STAND struct stand now = STAND_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	if (!release)
		return check_print_no_kernel(NULL);
	if (stand_look(e, &now, &err) < 0)
		return report_error(&err);
	if (!world_kernel(&now.survey.world, release)) {
		if (!o->kernels.n)
			return check_print_no_kernel(release);
		here = meant_kernel(e);
		err_set(&err, -E_NO_KERNEL, "No kernel %s here%s", release, here);
		return report_error(&err);
	}
	alert_find_missing(e, &now.survey.world, &now.list, release, &missing);
	if (missing.n && geteuid() == 0 && !root_is_foreign(&e->root))
		alert_note_missing(e, release);
	return check_print(&missing, release);
}

const struct verb verb_check = {
	.name = "check",
	.help = "is everything there that the running kernel needs?",
	.args = "[-k KERNEL]",
	.about = "Says what is wanted for the running kernel, or for KERNEL, and is not installed\n"
		 "for it. It ends with 0 if nothing is missing, with 2 if a module package of\n"
		 "critical_modules is missing, and else with 1. dkms-check.service asks at boot.\n",
	.words = WORDS_NONE,
	.flags = VERB_OURS | VERB_READER | VERB_NO_ALL | VERB_ONE_KERNEL,
	.run = check_run,
	.uses = OPTION(OPT_KERNEL),
};
