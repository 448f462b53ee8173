/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dkms verify: will our modules load at the next boot?  The exit status is 0 if all will, 1 if one
 * will not, else 2 if one cannot be judged.
 */
#include <string.h>

#include "cli/cli.h"
#include "cli/meant.h"
#include "cli/report.h"
#include "cli/verifyjson.h"
#include "kernel/kernels.h"
#include "sys/fs.h"

static void verify_add_forecast(const struct judgement *j, struct buf *ret)
{
	switch (reason_forecast(j->reason)) {
	case FORECAST_LOADS: buf_adds(ret, "will load"); break;
	case FORECAST_UNKNOWN: buf_addf(ret, "cannot tell: %s", j->text); break;
	case FORECAST_FAILS:
		/* From an old initramfs, a module does load: the old one.  The text says so. */
		if (j->reason != REASON_INITRAMFS_OLD)
			buf_adds(ret, "will NOT load: ");
		buf_adds(ret, j->text);
		break;
	}
	if (j->cure)
		buf_addf(ret, "%s%s", j->reason == REASON_INITRAMFS_OLD ? ": " : "; ", j->cure);
	buf_addch(ret, '\n');
}

static void verify_add_kernel(const struct verify_kernel *k, struct buf *ret)
{
	size_t width = 0;

	for (size_t i = 0; i < k->n; i++)
		width = strlen(k->v[i].name) > width ? strlen(k->v[i].name) : width;
	buf_addf(ret, "%s%s\n", k->release, k->next ? " (next boot)" : "");
	if (!k->n)
		buf_adds(ret, "  no modules of ours\n");
	for (size_t i = 0; i < k->n; i++) {
		buf_addf(ret, "  %-*s  ", (int)width, k->v[i].name);
		verify_add_forecast(&k->v[i].judgement, ret);
	}
}

static void verify_add_text(const struct verify *v, struct buf *ret)
{
	for (size_t i = 0; i < v->n; i++)
		verify_add_kernel(&v->v[i], ret);
	if (!v->n)
		buf_adds(ret, "No kernel here can boot: there is nothing to verify.\n");
}

static int verify_check_kernels(struct engine *e, const struct options *o, struct err *err)
{
	const char *release;

	STRV_FOREACH (release, &o->kernels) {
		AUTO_FREE char *tree = engine_modules(e, "%s", release);
		AUTO_FREE char *here = NULL;

		if (fs_is_dir(&e->root, tree))
			continue;
		here = meant_kernel(e);
		return err_set(err, -E_NO_KERNEL, "No kernel %s here%s", release, here);
	}
	return 0;
}

static int verify_run(struct engine *e, const struct options *o)
{
	AUTO_VERIFY struct verify v = { .n = 0 };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	if (verify_check_kernels(e, o, &err) < 0 || verify_look(e, &o->kernels, &v, &err) < 0)
		return report_error(&err);
	if (o->json)
		json_verify(&v, &b);
	else
		verify_add_text(&v, &b);
	if (report_print(b.s))
		return 3;
	return verify_count(&v, FORECAST_FAILS) ? 1 : verify_count(&v, FORECAST_UNKNOWN) ? 2 : 0;
}

const struct verb verb_verify = {
	.name = "verify",
	.help = "will the modules load at the next boot?",
	.args = "[-k KERNEL]...",
	.about = "Says of each installed module whether the kernels that can boot here will load\n"
		 "it: its file, symbols and signature, what this firmware trusts, what modprobe\n"
		 "is told, and the copy in the initramfs. It ends with 0 if all will load, with 1\n"
		 "if one will not, and else with 2 if of one it cannot be told.\n",
	.words = WORDS_NONE,
	.flags = VERB_OURS | VERB_READER | VERB_NO_ALL,
	.run = verify_run,
	.uses = OPTION(OPT_KERNEL) | OPTION(OPT_JSON),
};
