/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dkms mktarball */
#include <string.h>

#include "archive/mktarball.h"
#include "base/alloc.h"
#include "cli/cli.h"
#include "cli/report.h"

static int mktarball_kernels(struct engine *e, const struct options *o, struct kernel_choice *ret,
			     struct err *err)
{
	int r = choose_kernels(e, o, true, ret, err);

	if (r < 0 || ret->releases.n)
		return r;
	return err_set(err, -E_NOT_BUILT,
		       "%s/%s is built for no kernel; --source-only packs its "
		       "source alone.",
		       o->id.name, o->id.version);
}

static int mktarball_verb_run(struct engine *e, const struct options *o)
{
	AUTO_KERNEL_CHOICE struct kernel_choice choice = KERNEL_CHOICE_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *place = NULL, *archive = NULL;
	struct mktarball what = {
		.releases = &choice.releases,
		.archs = &choice.archs,
		.source_only = o->source_only,
		.binaries_only = o->binaries_only,
	};
	int r = o->source_only ? 0 : mktarball_kernels(e, o, &choice, &err);

	if (o->archive && strchr(o->archive, '/'))
		archive = options_path(o, o->archive);
	else if (option_is_set(o->archive))
		archive = xstrdup(o->archive);
	what.archive = archive;
	if (r == 0)
		r = mktarball_run(e, &o->id, &what, &place, &err);
	return r < 0 ? report_error(&err) : 0;
}

const struct verb verb_mktarball = {
	.name = "mktarball",
	.help = "pack the source and its builds into a tarball",
	.args = "NAME/VERSION [-k KERNEL ... | --all]",
	.about = "Packs the source, and the builds for these kernels, into one tarball:\n"
		 "/var/lib/dkms/NAME/VERSION/tarball/, or the file of --archive. Without -k it\n"
		 "packs the builds for the running kernel.\n",
	.words = WORDS_ADDED,
	.flags = VERB_MODULE | VERB_ADDED,
	.run = mktarball_verb_run,
	.uses = USES_MODULE | USES_KERNEL | USES_CONF | OPTION(OPT_ALL) | OPTION(OPT_ARCHIVE) |
		OPTION(OPT_SOURCE_ONLY) | OPTION(OPT_BINARIES_ONLY),
};
