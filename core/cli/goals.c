/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs whose arguments become goals: add, build, install, remove and the like. */
#include "model/goal.h"

#include "base/log.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/work.h"
#include "packages/rpmupgrade.h"
#include "packages/script.h"
#include "sys/fs.h"
#include "tree/tree.h"

/*
 * Make a goal for each kernel that the command is about.  If there is none (add, or --all without a
 * build), make one goal without a kernel.  `id` is NULL for autoinstall.
 */
static int goals_work(struct engine *e, const struct options *o, enum goal_verb verb, bool removing,
		      const struct modid *id)
{
	AUTO_KERNEL_CHOICE struct kernel_choice kernels = KERNEL_CHOICE_INIT;
	AUTO_GOALS struct goals goals = { .middle = script_runs_us() };
	AUTO_ERR struct err err = ERR_INIT;
	int r = verb == GOAL_ADD ? 0 : choose_kernels(e, o, removing, &kernels, &err);

	if (r < 0)
		return report_error(&err);
	if (!kernels.releases.n)
		goals_add(&goals, verb, id, NULL, NULL, o->force);
	for (size_t i = 0; i < kernels.releases.n; i++)
		goals_add(&goals, verb, id, kernels.releases.v[i], kernels.archs.v[i], o->force);
	return work_goals(e, o, &goals);
}

/*
 * With --rpm_safe_upgrade (packages/rpmupgrade.h), a command that registers the module package
 * leaves a note.  If the same rpm then runs `remove`, the note cancels it.
 */
static void goals_note_add(struct engine *e, const struct options *o, enum goal_verb verb)
{
	AUTO_FREE char *link = tree_source_link(e, o->id.name, o->id.version);

	if (o->rpm_safe_upgrade && !o->dry_run && (verb == GOAL_ADD || !fs_exists(&e->root, link)))
		rpmupgrade_note(e, &o->id);
}

static bool goals_removal_is_cancelled(struct engine *e, const struct options *o)
{
	if (!o->rpm_safe_upgrade || o->dry_run || !rpmupgrade_take(e, &o->id))
		return false;
	log_warning("Remove cancelled because --rpm_safe_upgrade scenario detected.");
	return true;
}

/* Only write down a request; the next event, normally the package manager's, carries it out. */
static int goals_request(struct engine *e, const struct options *o, enum goal_verb verb)
{
	AUTO_GOALS struct goals goals = { .middle = script_runs_us() };

	goals_add(&goals, verb, &o->id, NULL, NULL, false);
	return work_goals(e, o, &goals);
}

static int goals_add_later(struct engine *e, const struct options *o)
{
	int r = goals_request(e, o, GOAL_ADD_LATER);

	if (r == 0 && !o->dry_run && !script_wait(e))
		return error_status(-E_GENERAL);
	return r;
}

/*
 * Put off `remove --later`, and a script's `remove --all`, until the package manager is done.  A
 * script's removal has to wait because the next version of the package may be about to be unpacked,
 * or be there already.
 *
 * Returns false if the removal need not or cannot be put off.  Then the caller removes at once.
 */
static bool goals_remove_later(struct engine *e, const struct options *o, int *ret)
{
	bool script = o->all && script_can_wait(e);

	if (!o->later && !script)
		return false;
	if (script && !o->dry_run && !script_wait(e))
		return false;
	*ret = goals_request(e, o, GOAL_REMOVE_LATER);
	return *ret == 0 || o->later;
}

static bool goals_is_added(const struct engine *e, const struct modid *id)
{
	AUTO_FREE char *link = tree_source_link(e, id->name, id->version);

	return fs_is_dir(&e->root, link);
}

/*
 * Run add, build or install.  The command line names a module package, or a folder, a conf or an
 * archive that contains one.
 */
static int goals_run_verb(struct engine *e, const struct options *o, enum goal_verb verb)
{
	AUTO_MODID struct modid id = MODID_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	bool copied = false;

	if (o->later && verb == GOAL_ADD && !source_is_named(o))
		return goals_add_later(e, o);
	if (!source_is_named(o)) {
		goals_note_add(e, o, verb);
		return goals_work(e, o, verb, false, &o->id);
	}
	if (source_take(e, o, &id, &copied, &err) < 0)
		return report_error(&err);
	if (!id.name)
		return goals_work(e, o, GOAL_AUTOINSTALL, false, NULL);
	/* source_take() has registered the archive's module package. */
	if (o->archive && verb == GOAL_ADD)
		return 0;
	/* The module package was registered before; its source link leads to the new copy. */
	if (copied && verb == GOAL_ADD && goals_is_added(e, &id)) {
		log_note("%s/%s is registered already; this is its source now.", id.name,
			 id.version);
		return 0;
	}
	return goals_work(e, o, verb, false, &id);
}

static int goals_run_add(struct engine *e, const struct options *o)
{
	return goals_run_verb(e, o, GOAL_ADD);
}

static int goals_run_build(struct engine *e, const struct options *o)
{
	return goals_run_verb(e, o, GOAL_BUILD);
}

static int goals_run_install(struct engine *e, const struct options *o)
{
	return goals_run_verb(e, o, GOAL_INSTALL);
}

static int goals_run_uninstall(struct engine *e, const struct options *o)
{
	return goals_work(e, o, GOAL_UNINSTALL, true, &o->id);
}

static int goals_run_unbuild(struct engine *e, const struct options *o)
{
	return goals_work(e, o, GOAL_UNBUILD, true, &o->id);
}

static int goals_run_remove(struct engine *e, const struct options *o)
{
	int r = 0;

	if (goals_removal_is_cancelled(e, o) || goals_remove_later(e, o, &r))
		return r;
	return goals_work(e, o, GOAL_REMOVE, true, &o->id);
}

static int goals_run_autoinstall(struct engine *e, const struct options *o)
{
	return goals_work(e, o, GOAL_AUTOINSTALL, false, NULL);
}

/*
 * DKMS removes modules in these hooks; we remove nothing.  Before a kernel is installed (preinst),
 * nobody knows whether the modules can be built for it.  After a kernel was removed (prerm), the
 * next event removes its modules.
 */
static int goals_run_kernel_hook(struct engine *e, const struct options *o)
{
	(void)e;
	log_info("%s: nothing is deleted; what the kernel leaves behind goes after it.", o->action);
	return 0;
}

const struct verb verb_add = {
	"add",
	"register a module package",
	VERB_WRITE_TREE | VERB_MODULE | VERB_SOURCE | VERB_NO_ALL,
	goals_run_add,
	USES_MODULE | USES_CONF | OPTION(OPT_ARCHIVE) | OPTION(OPT_FORCE) | OPTION(OPT_DRY_RUN) |
		OPTION(OPT_RPM_SAFE_UPGRADE) | OPTION(OPT_LATER),
};
const struct verb verb_build = {
	"build",
	"compile it for a kernel",
	VERB_WRITE_TREE | VERB_MODULE | VERB_SOURCE | VERB_NO_ALL,
	goals_run_build,
	USES_MODULE | USES_BUILD | OPTION(OPT_ARCHIVE),
};
const struct verb verb_install = {
	"install",
	"put what is built into the kernel's tree",
	VERB_ROOT | VERB_WRITE_TREE | VERB_MODULE | VERB_SOURCE | VERB_NO_ALL,
	goals_run_install,
	USES_MODULE | USES_INSTALL | OPTION(OPT_ARCHIVE),
};
const struct verb verb_uninstall = {
	"uninstall",
	"take it out again; the previous modules come back",
	VERB_ROOT | VERB_WRITE_TREE | VERB_MODULE | VERB_ADDED,
	goals_run_uninstall,
	USES_REMOVE,
};
const struct verb verb_unbuild = {
	"unbuild",
	"uninstall it and forget the build",
	VERB_WRITE_TREE | VERB_MODULE | VERB_ADDED,
	goals_run_unbuild,
	USES_REMOVE,
};
const struct verb verb_remove = {
	"remove",
	"unbuild it and, when nothing is left, forget it",
	VERB_WRITE_TREE | VERB_MODULE | VERB_ADDED,
	goals_run_remove,
	USES_REMOVE | OPTION(OPT_RPM_SAFE_UPGRADE) | OPTION(OPT_LATER),
};
const struct verb verb_autoinstall = {
	"autoinstall",
	"install all that ask for it (AUTOINSTALL) for a kernel",
	VERB_ROOT | VERB_WRITE_TREE | VERB_ONE_KERNEL | VERB_NO_ALL,
	goals_run_autoinstall,
	USES_INSTALL,
};
const struct verb verb_kernel_postinst = {
	"kernel_postinst",
	"for hooks: as autoinstall",
	VERB_ROOT | VERB_WRITE_TREE | VERB_ONE_KERNEL | VERB_NEED_KERNEL | VERB_NO_ALL,
	goals_run_autoinstall,
	USES_INSTALL,
};
const struct verb verb_kernel_preinst = {
	"kernel_preinst",
	"for hooks: does nothing",
	VERB_ROOT | VERB_ONE_KERNEL | VERB_NEED_KERNEL | VERB_NO_ALL,
	goals_run_kernel_hook,
	USES_KERNEL,
};
const struct verb verb_kernel_prerm = {
	"kernel_prerm",
	"for hooks: does nothing",
	VERB_ROOT | VERB_ONE_KERNEL | VERB_NEED_KERNEL | VERB_NO_ALL,
	goals_run_kernel_hook,
	USES_KERNEL,
};
