/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/installplan.h"

#include <string.h>

#include "base/alloc.h"

static void installplan_module_release(struct installplan_module *m)
{
	for (size_t i = 0; i < m->n_places; i++)
		free(m->places[i].path);
	for (size_t i = 0; i < m->n_others; i++)
		free(m->others[i].path);
	free(m->places);
	free(m->others);
	free(m->dest);
	free(m->file);
	free(m->version);
	free(m->srcversion);
	free(m->other_version);
	free(m->other_srcversion);
	free(m->same_at);
}

void installplan_release(struct installplan *p)
{
	for (size_t i = 0; i < p->n; i++)
		installplan_module_release(&p->modules[i]);
	free(p->modules);
	*p = (struct installplan){ 0 };
}

static enum vercheck installplan_check_version(const struct installplan_module *m, bool force)
{
	struct vercheck_side ours = { m->version, m->srcversion };
	struct vercheck_side theirs = { m->other_version, m->other_srcversion };

	if (force || !m->n_others || !m->other_version)
		return VERCHECK_INSTALL;
	return vercheck(&ours, &theirs, m->same_bytes);
}

static const char *installplan_free_place(const struct installplan_module *m)
{
	for (size_t i = 0; i < m->n_places; i++)
		if (!m->places[i].taken)
			return m->places[i].path;
	return NULL;
}

static bool installplan_may_archive(const struct installplan_other *o)
{
	return !o->owned && !o->ours && !o->damaged;
}

/*
 * Find the file to archive.  A file that ours would overwrite comes first, because it would be
 * lost.  So does a file that is where the active version's module was installed.
 */
static const struct installplan_other *installplan_find_original(const struct installplan_module *m)
{
	const struct installplan_other *first = NULL;

	for (size_t i = 0; i < m->n_others; i++) {
		const struct installplan_other *o = &m->others[i];

		if (!installplan_may_archive(o))
			continue;
		if (o->in_place || strcmp(o->path, m->path) == 0)
			return o;
		if (!first && !m->installed)
			first = o;
	}
	return first;
}

/* Find a package's file of the same module.  That file stays, and the loader takes ours instead. */
static const struct installplan_other *installplan_find_covered(const struct installplan_module *m)
{
	for (size_t i = 0; i < m->n_others && !m->installed; i++) {
		if (m->others[i].owned)
			return &m->others[i];
	}
	return NULL;
}

static void installplan_decide_original(struct installplan_module *m)
{
	const struct installplan_other *o = installplan_find_original(m);

	m->archive = o;
	if (!o)
		o = installplan_find_covered(m);
	m->original = o ? o->path : NULL;
}

void installplan_decide(struct installplan *p, bool force)
{
	for (size_t i = 0; i < p->n; i++) {
		struct installplan_module *m = &p->modules[i];

		m->verdict = installplan_check_version(m, force);
		m->path = NULL;
		m->original = NULL;
		m->archive = false;
		if (m->verdict != VERCHECK_INSTALL)
			continue;
		m->path = installplan_free_place(m);
		if (m->path)
			installplan_decide_original(m);
	}
}

static bool installplan_takes_over(const struct installplan_module *m)
{
	for (size_t i = 0; i < m->n_others; i++) {
		if (m->others[i].ours)
			return true;
	}
	return false;
}

bool installplan_is_unchanged(const struct installplan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct installplan_module *m = &p->modules[i];

		if (!m->path || !m->same_at || strcmp(m->path, m->same_at) != 0 || m->original ||
		    installplan_takes_over(m))
			return false;
	}
	return p->n > 0;
}

const char *installplan_refused_by(const struct installplan_module *m)
{
	if (m->path)
		return NULL;
	if (m->verdict != VERCHECK_INSTALL)
		return m->others[0].path;
	return m->n_places ? m->places[0].path : NULL;
}

char *installplan_refusal(const struct installplan_module *m, const char *release)
{
	const char *version = *m->version ? m->version : "(none)";

	if (m->path)
		return NULL;
	if (m->verdict == VERCHECK_INSTALL)
		return xasprintf("Module %s: packages own the files at every place where it could "
				 "go, for example %s.",
				 m->dest, m->n_places ? m->places[0].path : "(none)");
	if (m->verdict == VERCHECK_OLDER)
		return xasprintf("Module version %s for %s is not newer than what is already found "
				 "in kernel %s (%s): %s.\nYou may override by specifying --force.",
				 version, m->file, release, m->other_version, m->others[0].path);
	if (!*m->version)
		return xasprintf("Module %s already installed (unversioned module), override by "
				 "specifying --force",
				 m->others[0].path);
	return xasprintf("Module %s already installed at version %s, override by specifying "
			 "--force",
			 m->others[0].path, m->version);
}
