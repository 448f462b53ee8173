/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dkms fsck: exit status 0 if nothing is wrong or everything was mended, else 1. */
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/statusjson.h"
#include "engine/trust.h"
#include "fsck/fsck.h"
#include "sys/signals.h"
#include "tree/aside.h"
#include "tree/ledgerfile.h"

static void fsck_print_finding(const struct fsck_finding *f, struct buf *out)
{
	/* A file's name must not make lines of its own. */
	text_add_visible(out, f->subject);
	buf_addf(out, ": %s: %s\n", fsck_kind_name(f->kind), f->text);
	if (f->mended)
		buf_adds(out, "\tMended.\n");
	else if (f->failure)
		buf_addf(out, "\tCould not be mended: %s\n", f->failure);
	else
		buf_addf(out, "\t%s\n", f->advice ? f->advice : "dkms fsck --repair mends this.");
}

static void fsck_print_text(const struct fsck *f, struct buf *out)
{
	for (size_t i = 0; i < f->n; i++)
		fsck_print_finding(&f->v[i], out);
	if (f->n)
		buf_addf(out, "%zu found, %zu mended, %zu left.\n", f->n, f->n - fsck_left(f),
			 fsck_left(f));
	else
		buf_adds(out, "No inconsistencies.\n");
}

/* A failed build is no inconsistency, but a person who runs fsck should hear of it. */
static void fsck_tell_failures(const struct engine *e, struct buf *out)
{
	struct failures l = { NULL, 0 };

	if (ledger_load(e, &l, NULL) == 0 && l.n) {
		if (str_ends(out->s, "No inconsistencies.\n"))
			buf_truncate(out, out->len - 1);
		buf_addf(out, "%s%zu build%s failed: dkms log --failed\n",
			 out->len && out->s[out->len - 1] != '\n' ? " " : "", l.n,
			 l.n == 1 ? "" : "s");
	}
	ledger_release(LEDGER_FAILURES, &l);
}

static int fsck_look_or_repair(struct engine *e, const struct options *o, struct fsck *f,
			       struct err *err)
{
	AUTO_ERR struct err unsafe = ERR_INIT;

	if (o->repair && geteuid() != 0)
		return err_set(err, -E_NOT_ROOT, "You must be root to use this command.");
	if (geteuid() != 0)
		log_warning("Only root can see what an interrupted run left; it was not looked "
			    "for.");
	if (!o->repair)
		return fsck_look(e, f, err);
	/*
	 * If others can write to the tree, its journals may be forged, so only report and repair
	 * nothing.
	 */
	if (trust_tree(e, &unsafe) < 0) {
		log_warning("Nothing is repaired: %s", unsafe.text);
		return fsck_look(e, f, err);
	}
	aside_remove_links(e);
	signals_catch();
	return fsck_repair(e, f, err);
}

static int fsck_run(struct engine *e, const struct options *o)
{
	AUTO_FSCK struct fsck f = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf out = BUF_INIT;

	if (fsck_look_or_repair(e, o, &f, &err) < 0)
		return report_error(&err);
	if (o->json)
		json_fsck(&f, &out);
	else
		fsck_print_text(&f, &out);
	if (!o->json)
		fsck_tell_failures(e, &out);
	return report_print(out.s) || fsck_left(&f) > 0;
}

const struct verb verb_fsck = {
	.name = "fsck",
	.help = "look for what does not fit together",
	.args = "",
	.about = "Names everything in the dkms tree and in the kernels' trees that does not fit\n"
		 "together, and what mends it. With --repair it mends what has one right answer.\n"
		 "It ends with 0 if nothing is wrong, or nothing any more, and with 1 otherwise.\n",
	.words = WORDS_NONE,
	.flags = VERB_NO_ALL | VERB_OURS | VERB_READER,
	.run = fsck_run,
	.uses = OPTION(OPT_REPAIR) | OPTION(OPT_JSON),
};
