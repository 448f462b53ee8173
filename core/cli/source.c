/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders, confs and tarballs as arguments of add, build and install; dkms ldtarball. */
#include "archive/import.h"
#include "archive/ldtarball.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/work.h"

/* As in DKMS, a name or a version on the command line takes precedence over a path. */
bool source_is_named(const struct options *o)
{
	return (o->source_path || o->archive) && !option_is_set(o->id.name) &&
	       !option_is_set(o->id.version);
}

static int source_take_archive(struct engine *e, const struct options *o, struct modid *ret,
			       struct err *err)
{
	AUTO_FREE char *path = options_path(o, o->archive);

	if (!path)
		return err_set(err, -E_ARCHIVE_MISSING, "No archive is named.");
	if (ldtarball_is_rpm(path))
		return ldtarball_rpm(e, path, err);
	return ldtarball_run(e, path, o->force, ret, err);
}

int source_take(struct engine *e, const struct options *o, struct modid *ret, bool *ret_copied,
		struct err *err)
{
	AUTO_FREE char *folder = options_path(o, o->source_path);
	int r;

	if (o->dry_run)
		return err_set(err, -E_USAGE,
			       "--dry-run is for module packages: what a folder or an archive "
			       "holds is known only after it was copied to %s.",
			       e->source_tree);
	r = work_begin(e, o, err);
	if (r < 0)
		return r;
	return o->archive ? source_take_archive(e, o, ret, err)
			  : source_import(e, folder, o->force, ret, ret_copied, err);
}

/* ---- ldtarball ---- */

static int ldtarball_verb_run(struct engine *e, const struct options *o)
{
	AUTO_MODID struct modid id = MODID_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *path = options_path(o, o->archive);
	bool copied;
	int r;

	if (path)
		r = source_take(e, o, &id, &copied, &err);
	else if (option_is_set(o->id.name))
		r = err_set(&err, -E_ARCHIVE_MISSING, "There is no archive %s%s%s.", o->id.name,
			    o->id.version ? "/" : "", o->id.version ? o->id.version : "");
	else
		r = err_set(&err, -E_ARCHIVE_MISSING, "No archive is named: --archive=FILE.");
	if (r < 0)
		return report_error(&err);
	if (!id.name) /* it was an RPM package, and rpm has installed it */
		return verb_autoinstall.run(e, o);
	log_note("%s/%s is in the DKMS tree now.", id.name, id.version);
	return 0;
}

const struct verb verb_ldtarball = {
	.name = "ldtarball",
	.help = "register what mktarball has packed",
	.args = "TARBALL",
	.about = "Registers the source and the builds of a tarball that \"dkms mktarball\" has\n"
		 "made. Any other archive with a dkms.conf becomes a source.\n",
	.words = WORDS_FILES,
	.flags = VERB_WRITE_TREE | VERB_ROOT_FORCE,
	.run = ldtarball_verb_run,
	.uses = OPTION(OPT_ARCHIVE) | OPTION(OPT_FORCE) | OPTION(OPT_DRY_RUN),
};
