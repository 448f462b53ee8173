/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/meant.h"

#include <string.h>

#include "base/alloc.h"
#include "base/similar.h"
#include "conf/source.h"
#include "kernel/kernels.h"
#include "tree/tree.h"

/* Is it a source of this name?  Such a source is a better guess than one of a similar name. */
static bool meant_is_version_of(const struct source_folder *f, const char *name)
{
	size_t n = strlen(name);

	return str_equal(f->name, name) || (str_begins(f->folder, name) && f->folder[n] == '-');
}

char *meant_source(const struct engine *e, const struct modid *id)
{
	AUTO_SOURCE_FOLDERS struct source_folders list = { NULL, 0 };
	AUTO_FREE char *folder = xasprintf("%s-%s", id->name, id->version);
	struct similar any = SIMILAR_INIT(folder), same = SIMILAR_INIT(folder);
	const char *last = NULL;

	if (source_folders(e, NULL, &list) < 0)
		return xstrdup("");
	for (size_t i = 0; i < list.n; i++) {
		/* Best guess: the conf has name and version, only the folder's name differs. */
		if (str_equal(list.v[i].name, id->name) &&
		    str_equal(list.v[i].version, id->version))
			return xasprintf(" (there is %s)", list.v[i].folder);
		similar_offer(&any, list.v[i].folder);
		if (!meant_is_version_of(&list.v[i], id->name))
			continue;
		similar_offer(&same, list.v[i].folder);
		last = list.v[i].folder;
	}
	if (same.best || last)
		return xasprintf(" (there is %s)", same.best ? same.best : last);
	return any.best ? xasprintf(" (there is %s)", any.best) : xstrdup("");
}

char *meant_added(const struct engine *e, const struct modid *id)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	AUTO_STRV struct strv all = STRV_INIT, versions = STRV_INIT;
	AUTO_FREE char *typed = xasprintf("%s/%s", id->name, id->version), *list = NULL;
	struct similar s = SIMILAR_INIT(typed);
	const char *word;

	if (tree_list(e, NULL, NULL, &tree) < 0)
		return xstrdup("");
	for (size_t i = 0; i < tree.n_modules; i++) {
		const struct tree_module *m = &tree.modules[i];

		for (size_t k = 0; k < m->n_versions; k++) {
			strv_addf(&all, "%s/%s", m->name, m->versions[k].version);
			if (strcmp(m->name, id->name) == 0)
				strv_add(&versions, m->versions[k].version);
		}
	}
	list = strv_join(&versions, ", ");
	if (versions.n > 1)
		return xasprintf("\nVersions of %s: %s.", id->name, list);
	if (versions.n)
		return xasprintf("\nDid you mean %s/%s?", id->name, list);
	STRV_FOREACH (word, &all)
		similar_offer(&s, word);
	return s.best ? xasprintf("\nDid you mean %s?", s.best) : xstrdup("");
}

char *meant_kernel(const struct engine *e)
{
	AUTO_STRV struct strv list = STRV_INIT;
	AUTO_FREE char *names = NULL;

	if (kernels_list(e, &list) < 0 || !list.n)
		return xstrdup("");
	names = strv_join(&list, ", ");
	return xasprintf(". Installed: %s", names);
}
