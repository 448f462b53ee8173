/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/candidates.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "sys/fs.h"

static const struct candidates_manager *const candidates_managers[] = {
	&candidates_apt,
	&candidates_dnf,
	&candidates_pacman,
};

int candidates_list(struct engine *e, struct candidate_list *ret, struct err *err)
{
	int r = 0;
	bool answered = false;

	for (size_t i = 0; i < ARRAY_SIZE(candidates_managers); i++) {
		const struct candidates_manager *m = candidates_managers[i];
		AUTO_ERR struct err why = ERR_INIT;

		if (!m->is_here(e))
			continue;
		if (m->list(e, ret, &why) == 0) {
			answered = true;
			continue;
		}
		log_debug("%s does not tell which kernels it has: %s", m->name, why.text);
		r = why.code;
		err_move(err, &why);
	}
	return answered ? 0 : r;
}

int candidates_find(struct engine *e, const char *manager, const char *release,
		    struct candidate *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(candidates_managers); i++) {
		const struct candidates_manager *m = candidates_managers[i];
		AUTO_ERR struct err why = ERR_INIT;
		int r;

		if ((manager && strcmp(m->name, manager) != 0) || !m->is_here(e))
			continue;
		r = m->find(e, release, ret, &why);
		if (r == 0)
			return 0;
		if (manager) {
			err_move(err, &why);
			return r;
		}
	}
	return err_set(err, -E_NO_KERNEL, "No list of packages has the headers of a kernel %s.",
		       release);
}

const char *candidates_manager_name(const struct engine *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(candidates_managers); i++) {
		if (candidates_managers[i]->is_here(e))
			return candidates_managers[i]->name;
	}
	return NULL;
}

int candidates_files(const struct engine *e, const char *folder, const char *suffix,
		     struct strv *ret)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int r = fs_list(&e->root, folder, &names);

	STRV_FOREACH (name, &names) {
		if (str_ends(name, suffix))
			strv_addf(ret, "%s/%s", folder, name);
	}
	return r;
}

/* ---- fetch ---- */

static int candidates_unpack(struct engine *e, const struct candidates_manager *m,
			     const struct candidate *c, const char *to, const char *folder,
			     struct err *err)
{
	AUTO_STRV struct strv packages = STRV_INIT;
	const char *package;
	int r = m->download(e, c, to, &packages, err);

	if (r == 0 && !packages.n)
		r = err_set(err, -E_NO_HEADERS, "%s has no headers for %s", m->name, c->release);
	STRV_FOREACH (package, &packages) {
		if (r == 0)
			r = m->unpack(e, package, folder, err);
	}
	return r;
}

int candidates_fetch(struct engine *e, const struct candidate *c, const char *folder,
		     struct err *err)
{
	AUTO_FREE char *to = xasprintf("%s.packages", folder);
	const struct candidates_manager *m = NULL;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(candidates_managers); i++) {
		if (strcmp(candidates_managers[i]->name, c->manager) == 0)
			m = candidates_managers[i];
	}
	if (!m)
		return err_set(err, -E_GENERAL, "%s: no such package manager", c->manager);
	r = fs_remove_tree(&e->root, to);
	if (r == 0)
		r = fs_mkdir_p(&e->root, to);
	if (r == 0)
		r = fs_mkdir_p(&e->root, folder);
	if (r < 0)
		return err_sys(err, r, "%s", folder);
	r = candidates_unpack(e, m, c, to, folder, err);
	if (fs_remove_tree(&e->root, to) < 0)
		log_warning("%s cannot be removed", to);
	return r;
}
