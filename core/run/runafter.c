/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows a build or a run: .dep_ files for DKMS, apport, modprobe. */
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/hardware.h"
#include "model/vercmp.h"
#include "run/apport.h"
#include "replay/store.h"
#include "run/run.h"
#include "sys/atomic.h"
#include "tree/tree.h"

static bool after_is_build_problem(int code)
{
	return code == -E_PATCH_MISSING || code == -E_PATCH_FAILED || code == -E_MAKE ||
	       code == -E_NO_MODULE || code == -E_WRONG_MODULE || code == -E_OTHER_KERNEL;
}

/*
 * Return the version of `id` if `id` has this name and its version is greater than `best`; else
 * return `best`, which may be NULL.
 */
static const char *after_greater_version(const char *best, const struct modid *id, const char *name)
{
	if (!id->name || strcmp(id->name, name) != 0)
		return best;
	return !best || vercmp(id->version, best) > 0 ? id->version : best;
}

/*
 * The newest version of the module package `name` that is in the tree or that this run registers;
 * NULL: there is none.
 */
static const char *after_newest_version(const struct run *r, const char *name)
{
	const struct world *w = &r->s->world;
	const char *best = NULL;

	for (size_t i = 0; i < w->n_modules; i++)
		best = after_greater_version(best, &w->modules[i].id, name);
	for (size_t i = 0; i < r->p->n; i++) {
		if (r->p->steps[i].kind == STEP_REGISTER)
			best = after_greater_version(best, &r->p->steps[i].id, name);
	}
	return best;
}

/*
 * Write .dep_NAME files for users who return to DKMS; we use the record instead.  In .dep_NAME,
 * DKMS notes for which version of the dependency NAME a build was made.  DKMS rebuilds if the file
 * is missing.
 */
static void after_write_dep_files(const struct run *r, const struct step *s, const struct conf *c)
{
	struct target t = run_target(s);
	AUTO_FREE char *place = tree_build_dir(r->e, &t);
	const char *name;

	STRV_FOREACH (name, &c->depends) {
		const char *version = after_newest_version(r, name);
		AUTO_FREE char *path = xasprintf("%s/.dep_%s", place, name);
		AUTO_FREE char *text = xasprintf("%s\n", version ? version : "");

		if (!version || strchr(name, '/'))
			continue;
		if (atomic_write_file(&r->e->root, path, text, strlen(text), 0644) < 0)
			log_debug("%s cannot be written", path);
	}
}

void run_after_build(const struct run *r, const struct step *s, int code)
{
	struct target t = run_target(s);
	const struct conf *c = confs_get(&r->s->confs, &t);

	if (after_is_build_problem(code))
		apport_report(r->e, &t);
	if (code == 0 && c && c->depends_rebuild && !s->force)
		after_write_dep_files(r, s, c);
}

/* What was remembered of the builds may have become too much. */
static void after_trim_store(const struct run *r)
{
	for (size_t i = 0; i < r->p->n; i++) {
		if (r->p->steps[i].kind == STEP_BUILD && r->steps[i].build.calls.counted) {
			store_trim(r->e);
			return;
		}
	}
}

void run_after(const struct run *r)
{
	AUTO_STRV struct strv done = STRV_INIT;

	after_trim_store(r);
	if (!settings_true(&r->e->settings, SET_MODPROBE_ON_INSTALL))
		return;
	for (size_t i = 0; i < r->p->n; i++) {
		const struct step *s = &r->p->steps[i];

		if (s->kind != STEP_INSTALL || r->steps[i].state != RUN_DONE ||
		    strv_has(&done, s->release))
			continue;
		strv_add(&done, s->release);
		hardware_load(r->e, s->release);
	}
}
