/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs for authors of module sources.  They need no root and no registration. */
#include "author/lint.h"
#include "base/alloc.h"
#include "cli/authorjson.h"
#include "cli/cli.h"
#include "cli/report.h"

/* Errors and warnings make a check fail; notes do not. */
static int lint_status(const struct lint_findings *l)
{
	return lint_count(l, LINT_ERROR) || lint_count(l, LINT_WARNING);
}

static int lint_verb_run(struct engine *e, const struct options *o)
{
	AUTO_LINT_FINDINGS struct lint_findings l = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_FREE char *folder = NULL;
	int r = options_folder(o, &folder, &err);

	if (r == 0)
		r = lint_run(e, folder, &l, &err);
	if (r < 0)
		return report_error(&err);
	if (o->json)
		json_lint(&l, folder, &b);
	else
		lint_print(&l, o->words.n ? o->words.v[0] : "", &b);
	r = report_print(b.s);
	return r ? r : lint_status(&l);
}

const struct verb verb_lint = {
	.name = "lint",
	.help = "look for faults in a module source",
	.args = "[FOLDER]",
	.about = "Looks at the dkms.conf of a folder, at what it names, at Makefiles and at the\n"
		 "modes of files, and prints each fault with its line, the reason and the cure.\n"
		 "Nothing is compiled. The exit status is 1 if there are errors or warnings.\n",
	.words = WORDS_FOLDERS,
	.flags = VERB_OURS | VERB_READER,
	.run = lint_verb_run,
	.uses = OPTION(OPT_JSON) | OPTION(OPT_DIRECTIVE),
};
