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
 * Make a goal for each kernel that the command is about, and carry them out.  If there is no kernel
 * (add, or --all without a build), make one goal that names none.  `id` is NULL for autoinstall.
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
 * leaves a note.  If the same rpm then runs `dkms remove`, the note cancels the removal.
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

	/*
	 * Packages that depend on the script's package may load its modules in their postinst.  So
	 * dpkg must configure them after the build.
	 */
	if (r == 0 && !o->dry_run && !script_wait(e, true))
		return error_status(-E_GENERAL);
	return r;
}

/*
 * Put off `remove --later`, and a maintainer script's `remove --all`, until the package manager is
 * done.  A script's removal has to wait because the next version of the package may already be
 * unpacked, or be about to be.
 *
 * Returns false if the removal need not or cannot be put off.  Then the caller removes at once.
 */
static bool goals_remove_later(struct engine *e, const struct options *o, int *ret)
{
	bool script = o->all && script_can_wait(e);

	if (!o->later && !script)
		return false;
	if (script && !o->dry_run && !script_wait(e, false))
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
	/* If the source was in an archive, source_take() has registered it. */
	if (o->archive && verb == GOAL_ADD)
		return 0;
	/* If the module package was registered before, its source link leads to the new copy. */
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
 * nobody knows whether the modules can be built for it, so what is there must stay.  When a kernel
 * is about to be removed (prerm), its modules can stay: once the kernel is gone, the next event
 * removes them.
 */
static int goals_run_kernel_hook(struct engine *e, const struct options *o)
{
	(void)e;
	log_info(
		"%s: nothing is deleted; what the kernel leaves behind is removed once it is gone.",
		o->action);
	return 0;
}

const struct verb verb_add = {
	.name = "add",
	.help = "register a module package",
	.args = "NAME/VERSION | FOLDER | TARBALL",
	.about = "Registers the source in /usr/src/NAME-VERSION. Nothing is built yet.\n"
		 "A folder with a dkms.conf is copied to /usr/src first, and a tarball is\n"
		 "unpacked. If only the link to the source is missing, it is made again.\n",
	.words = WORDS_SOURCES,
	.flags = VERB_WRITE_TREE | VERB_MODULE | VERB_SOURCE | VERB_NO_ALL,
	.run = goals_run_add,
	.uses = USES_MODULE | USES_CONF | OPTION(OPT_ARCHIVE) | OPTION(OPT_FORCE) |
		OPTION(OPT_DRY_RUN) | OPTION(OPT_RPM_SAFE_UPGRADE) | OPTION(OPT_LATER),
};
const struct verb verb_build = {
	.name = "build",
	.help = "compile a module package for a kernel",
	.args = "NAME/VERSION | FOLDER | TARBALL [-k KERNEL ...]",
	.about = "Compiles the modules in a fresh copy of the source, and adds the module\n"
		 "package first if need be. What is built already stays as it is, except with\n"
		 "--force. Without -k it builds for the running kernel.\n",
	.words = WORDS_BUILDABLE,
	.flags = VERB_WRITE_TREE | VERB_MODULE | VERB_SOURCE | VERB_NO_ALL,
	.run = goals_run_build,
	.uses = USES_MODULE | USES_BUILD | OPTION(OPT_ARCHIVE),
};
const struct verb verb_install = {
	.name = "install",
	.help = "build it and put it into the kernel's tree",
	.args = "NAME/VERSION | FOLDER | TARBALL [-k KERNEL ...]",
	.about = "Puts the modules where the module loader finds them, and adds and builds\n"
		 "them first if need be. Then it runs depmod, and makes the initramfs anew if\n"
		 "the initramfs has such a module. It also lifts a hold on that kernel.\n",
	.words = WORDS_BUILDABLE,
	.flags = VERB_ROOT | VERB_WRITE_TREE | VERB_MODULE | VERB_SOURCE | VERB_NO_ALL,
	.run = goals_run_install,
	.uses = USES_MODULE | USES_INSTALL | OPTION(OPT_ARCHIVE),
};
const struct verb verb_uninstall = {
	.name = "uninstall",
	.help = "take it out of the kernel's tree",
	.args = "NAME/VERSION [-k KERNEL ... | --all]",
	.about = "Takes the modules out of the kernel's tree. The previous modules come back,\n"
		 "and the build stays. It sets a hold: events do not install it on that kernel\n"
		 "again. \"dkms install\" lifts the hold.\n",
	.words = WORDS_ADDED,
	.flags = VERB_ROOT | VERB_WRITE_TREE | VERB_MODULE | VERB_ADDED,
	.run = goals_run_uninstall,
	.uses = USES_REMOVE,
};
const struct verb verb_unbuild = {
	.name = "unbuild",
	.help = "uninstall it and delete the build",
	.args = "NAME/VERSION [-k KERNEL ... | --all]",
	.about = "Uninstalls the modules, then deletes the build.\n",
	.words = WORDS_ADDED,
	.flags = VERB_WRITE_TREE | VERB_MODULE | VERB_ADDED,
	.run = goals_run_unbuild,
	.uses = USES_REMOVE,
};
const struct verb verb_remove = {
	.name = "remove",
	.help = "uninstall it, delete the build and forget it",
	.args = "NAME/VERSION [-k KERNEL ... | --all]",
	.about = "Uninstalls the modules and deletes the build. When it is built for no kernel\n"
		 "any more, the registration goes too. The source in /usr/src stays.\n"
		 "It sets a hold; \"dkms add\" or \"dkms install\" lifts it.\n",
	.words = WORDS_ADDED,
	.flags = VERB_WRITE_TREE | VERB_MODULE | VERB_ADDED,
	.run = goals_run_remove,
	.uses = USES_REMOVE | OPTION(OPT_RPM_SAFE_UPGRADE) | OPTION(OPT_LATER),
};
const struct verb verb_autoinstall = {
	.name = "autoinstall",
	.help = "install all that ask for it for a kernel",
	.args = "[-k KERNEL]",
	.about = "Installs the newest version of every module package with AUTOINSTALL=yes for\n"
		 "one kernel, in the order of their BUILD_DEPENDS. It lifts holds for that\n"
		 "kernel. Without -k it takes the running kernel.\n",
	.words = WORDS_NONE,
	.flags = VERB_ROOT | VERB_WRITE_TREE | VERB_ONE_KERNEL | VERB_NO_ALL,
	.run = goals_run_autoinstall,
	.uses = USES_INSTALL,
};
const struct verb verb_kernel_postinst = {
	.name = "kernel_postinst",
	.help = "for hooks: as autoinstall",
	.args = "-k KERNEL",
	.about = "Does what autoinstall does. Hooks of kernel packages call it.\n",
	.words = WORDS_NONE,
	.flags = VERB_ROOT | VERB_WRITE_TREE | VERB_ONE_KERNEL | VERB_NEED_KERNEL | VERB_NO_ALL,
	.run = goals_run_autoinstall,
	.uses = USES_INSTALL,
};
const struct verb verb_kernel_preinst = {
	.name = "kernel_preinst",
	.help = "for hooks: does nothing",
	.args = "-k KERNEL",
	.about = "Deletes nothing. Hooks that were written for DKMS call it.\n",
	.words = WORDS_NONE,
	.flags = VERB_ROOT | VERB_ONE_KERNEL | VERB_NEED_KERNEL | VERB_NO_ALL,
	.run = goals_run_kernel_hook,
	.uses = USES_KERNEL,
};
const struct verb verb_kernel_prerm = {
	.name = "kernel_prerm",
	.help = "for hooks: does nothing",
	.args = "-k KERNEL",
	.about = "Deletes nothing: an event cleans up when the kernel is gone. Hooks that were\n"
		 "written for DKMS call it.\n",
	.words = WORDS_NONE,
	.flags = VERB_ROOT | VERB_ONE_KERNEL | VERB_NEED_KERNEL | VERB_NO_ALL,
	.run = goals_run_kernel_hook,
	.uses = USES_KERNEL,
};
