/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match: install on one kernel what is installed on another. */
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/work.h"
#include "tree/tree.h"

struct match {
	const struct options *o;
	const char *release, *arch; /* the kernel to install on */
	struct goals goals;
	bool broken; /* the template kernel has a module package whose source is missing */
};

static int match_check_template(const struct options *o, const struct kernel_choice *k,
				struct err *err)
{
	if (!option_is_set(o->template_kernel))
		return err_set(
			err, -E_ARGS_MISSING,
			"Invalid number of parameters passed.\n"
			"Usage: match --templatekernel=<kernel-version> -k <kernel-version>\n"
			"   or: match --templatekernel=<kernel-version> -k <kernel-version> "
			"<module>");
	if (strcmp(o->template_kernel, k->releases.v[0]) == 0)
		return err_set(err, -E_USAGE,
			       "The templatekernel and the specified kernel version are the same.");
	return 0;
}

static void match_add_version(struct match *m, const char *name, const struct tree_version *v)
{
	struct modid id = { (char *)name, v->version };

	if (v->source == SOURCE_MISSING || v->source == SOURCE_BROKEN) {
		log_msg(LOG_ERROR,
			"%s/%s is broken!\nMissing the source directory or the symbolic link "
			"pointing to it.",
			name, v->version);
		m->broken = true;
		return;
	}
	log_note("Module:  %s\nVersion: %s", name, v->version);
	goals_add(&m->goals, GOAL_INSTALL, &id, m->release, m->arch, m->o->force);
}

/* Add the version that is installed for the template kernel.  There is at most one. */
static void match_add_module(struct match *m, const struct tree_module *t)
{
	for (size_t i = 0; i < t->n_versions; i++) {
		const struct tree_version *v = &t->versions[i];

		for (size_t k = 0; k < v->n_builds; k++) {
			const struct tree_build *b = &v->builds[k];

			if (b->installed && strcmp(b->release, m->o->template_kernel) == 0 &&
			    strcmp(b->arch, m->arch) == 0)
				match_add_version(m, t->name, v);
		}
	}
}

static int match_collect(struct match *m, struct engine *e, struct err *err)
{
	const char *name = option_is_set(m->o->id.name) ? m->o->id.name : NULL;
	AUTO_TREE struct tree tree = TREE_INIT;
	int r = tree_list(e, name, NULL, &tree);

	if (r < 0)
		return err_sys(err, r, "%s", e->dkms_tree);
	if (name && !tree_module(&tree, name))
		return err_set(err, -E_NOT_ADDED, "The module: %s is not located in the DKMS tree.",
			       name);
	log_note("Matching modules in kernel: %s (%s)\nto the configuration of kernel: %s (%s)",
		 m->release, m->arch, m->o->template_kernel, m->arch);
	for (size_t i = 0; i < tree.n_modules; i++)
		match_add_module(m, &tree.modules[i]);
	return 0;
}

static int match_install(struct match *m, struct engine *e)
{
	int status = 0;

	if (m->goals.n)
		status = work_goals(e, m->o, &m->goals);
	else if (!m->broken)
		log_note("There is nothing to be done for this match.");
	return status || !m->broken ? status : error_status(-E_BROKEN);
}

static int match_run(struct engine *e, const struct options *o)
{
	AUTO_KERNEL_CHOICE struct kernel_choice k = KERNEL_CHOICE_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct match m = { .o = o };
	int r = choose_kernels(e, o, false, &k, &err);

	if (r == 0)
		r = match_check_template(o, &k, &err);
	if (r == 0) {
		m.release = k.releases.v[0];
		m.arch = k.archs.v[0];
		r = match_collect(&m, e, &err);
	}
	r = r < 0 ? report_error(&err) : match_install(&m, e);
	goals_release(&m.goals);
	return r;
}

const struct verb verb_match = {
	.name = "match",
	.help = "install what another kernel has",
	.args = "--templatekernel KERNEL -k KERNEL [NAME]",
	.about = "Installs on the kernel of -k what is installed on the template kernel.\n",
	.words = WORDS_NAMES,
	.flags = VERB_ROOT | VERB_WRITE_TREE | VERB_ONE_KERNEL | VERB_NO_ALL,
	.run = match_run,
	.uses = OPTION(OPT_MODULE) | OPTION(OPT_TEMPLATE_KERNEL) | USES_INSTALL,
};
