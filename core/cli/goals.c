/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs that become goals: add build install uninstall unbuild remove autoinstall kernel_*. */
#include "model/goal.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/work.h"

static int fail(const struct err *err)
{
	report_error(err);
	return err_status(err);
}

static int run_verb(struct engine *e, const struct options *o, enum goal_verb verb, bool removing)
{
	AUTO_GOALS struct goals goals = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	struct kernel_choice kernels = { STRV_INIT, STRV_INIT };
	const struct modid *id = verb == GOAL_AUTOINSTALL ? NULL : &o->id;
	int r = verb == GOAL_ADD ? 0 : choose_kernels(e, o, removing, &kernels, &err);

	if (r == 0 && !kernels.releases.n)
		goals_add(&goals, verb, id, NULL, NULL, o->force);
	for (size_t i = 0; r == 0 && i < kernels.releases.n; i++)
		goals_add(&goals, verb, id, kernels.releases.v[i], kernels.archs.v[i], o->force);
	r = r < 0 ? fail(&err) : work_goals(e, o, &goals);
	kernel_choice_release(&kernels);
	return r;
}

static int add(struct engine *e, const struct options *o)
{
	return run_verb(e, o, GOAL_ADD, false);
}

static int build(struct engine *e, const struct options *o)
{
	return run_verb(e, o, GOAL_BUILD, false);
}

static int install(struct engine *e, const struct options *o)
{
	return run_verb(e, o, GOAL_INSTALL, false);
}

static int uninstall(struct engine *e, const struct options *o)
{
	return run_verb(e, o, GOAL_UNINSTALL, true);
}

static int unbuild(struct engine *e, const struct options *o)
{
	return run_verb(e, o, GOAL_UNBUILD, true);
}

static int remove_module(struct engine *e, const struct options *o)
{
	return run_verb(e, o, GOAL_REMOVE, true);
}

static int autoinstall(struct engine *e, const struct options *o)
{
	return run_verb(e, o, GOAL_AUTOINSTALL, false);
}

/* DKMS deletes modules here; a new kernel is not known to build yet, so ours waits (DESIGN 6.7). */
static int nothing(struct engine *e, const struct options *o)
{
	(void)e;
	log_info("%s: nothing is deleted; what the kernel leaves behind goes after it.", o->action);
	return 0;
}

const struct verb verb_add = {
	"add",
	"register a module package",
	VERB_WRITE_TREE | VERB_MODULE | VERB_NO_ALL,
	add,
};
const struct verb verb_build = {
	"build",
	"compile it for a kernel",
	VERB_WRITE_TREE | VERB_MODULE | VERB_NO_ALL,
	build,
};
const struct verb verb_install = {
	"install",
	"put what is built into the kernel's tree",
	VERB_ROOT | VERB_WRITE_TREE | VERB_MODULE | VERB_NO_ALL,
	install,
};
const struct verb verb_uninstall = {
	"uninstall",
	"take it out again; the previous modules come back",
	VERB_ROOT | VERB_WRITE_TREE | VERB_MODULE,
	uninstall,
};
const struct verb verb_unbuild = {
	"unbuild",
	"uninstall it and forget the build",
	VERB_WRITE_TREE | VERB_MODULE,
	unbuild,
};
const struct verb verb_remove = {
	"remove",
	"unbuild it and, when nothing is left, forget it",
	VERB_WRITE_TREE | VERB_MODULE,
	remove_module,
};
const struct verb verb_autoinstall = {
	"autoinstall",
	"install all that ask for it (AUTOINSTALL) for a kernel",
	VERB_ROOT | VERB_WRITE_TREE | VERB_ONE_KERNEL | VERB_NO_ALL,
	autoinstall,
};
const struct verb verb_kernel_postinst = {
	"kernel_postinst",
	"for hooks: as autoinstall",
	VERB_ROOT | VERB_WRITE_TREE | VERB_ONE_KERNEL | VERB_NEED_KERNEL | VERB_NO_ALL,
	autoinstall,
};
const struct verb verb_kernel_preinst = {
	"kernel_preinst",
	"for hooks: does nothing",
	VERB_ROOT | VERB_ONE_KERNEL | VERB_NEED_KERNEL | VERB_NO_ALL,
	nothing,
};
const struct verb verb_kernel_prerm = {
	"kernel_prerm",
	"for hooks: does nothing",
	VERB_ROOT | VERB_ONE_KERNEL | VERB_NEED_KERNEL | VERB_NO_ALL,
	nothing,
};
