/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsck/trustlook.h"

#include <string.h>

#include "base/alloc.h"
#include "build/mok.h"
#include "conf/source.h"
#include "engine/override.h"
#include "engine/trust.h"
#include "tree/tree.h"

struct trustlook {
	const struct engine *e;
	struct strv told; /* texts reported: a folder above many paths is reported once */
	trust_fn fn;
	void *data;
};

/*
 * Report an error: its first line says what is wrong.  The other lines say what to do; they are
 * joined into one line of advice.
 */
static void trustlook_tell(struct trustlook *l, const char *path, const struct err *err)
{
	const char *text = err->text ? err->text : error_text(err->code);
	size_t len = strcspn(text, "\n");
	AUTO_FREE char *what = xstrndup(text, len);
	AUTO_FREE char *advice = xstrdup(text[len] ? text + len + 1 : "");

	if (strv_has(&l->told, what))
		return;
	strv_add(&l->told, what);
	for (char *s = strchr(advice, '\n'); s; s = strchr(s, '\n'))
		*s = ' ';
	l->fn(path, what, advice, l->data);
}

static void trustlook_below(struct trustlook *l, const char *folder, bool (*skip)(const char *rel))
{
	AUTO_ERR struct err err = ERR_INIT;

	if (trust_below(l->e, folder, skip, &err) < 0)
		trustlook_tell(l, folder, &err);
}

static void trustlook_source(struct trustlook *l, const char *name, const char *version,
			     const char *folder)
{
	struct target t = { name, version, NULL, NULL };
	AUTO_ERR struct err err = ERR_INIT;

	if (trust_source(l->e, &t, folder, &err) < 0)
		trustlook_tell(l, folder, &err);
}

static void trustlook_tree(struct trustlook *l)
{
	AUTO_FREE char *native = tree_native_dir(l->e);
	AUTO_TREE struct tree tree = TREE_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	if (trust_tree(l->e, &err) < 0)
		trustlook_tell(l, l->e->dkms_tree, &err);
	if (tree_list(l->e, NULL, NULL, &tree) < 0)
		return;
	trustlook_below(l, native, tree_is_not_believed);
	for (size_t i = 0; i < tree.n_modules; i++) {
		const struct tree_module *m = &tree.modules[i];
		AUTO_FREE char *folder = tree_module_dir(l->e, m->name);

		for (size_t k = 0; k < m->n_versions; k++) {
			AUTO_FREE char *link =
				tree_source_link(l->e, m->name, m->versions[k].version);

			trustlook_source(l, m->name, m->versions[k].version, link);
		}
		trustlook_below(l, folder, tree_is_work_copy);
	}
}

static void trustlook_folders(struct trustlook *l)
{
	AUTO_SOURCE_FOLDERS struct source_folders all = { NULL, 0 };

	if (source_folders(l->e, NULL, &all) < 0)
		return;
	for (size_t i = 0; i < all.n; i++) {
		AUTO_FREE char *folder = engine_source(l->e, "%s", all.v[i].folder);

		trustlook_below(l, folder, NULL);
	}
}

static void trustlook_path(struct trustlook *l, const char *path, enum modes_use use)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (path[0] == '/' && trust_path(l->e, path, use, &err) < 0)
		trustlook_tell(l, path, &err);
}

static void trustlook_key(struct trustlook *l)
{
	AUTO_MOK struct mok mok = { NULL, NULL };

	mok_locate(l->e, NULL, NULL, &mok);
	trustlook_path(l, mok.key, MODES_SECRET);
	trustlook_path(l, mok.certificate, MODES_BELIEVED);
}

void trust_look(const struct engine *e, trust_fn fn, void *data)
{
	struct trustlook l = { .e = e, .told = STRV_INIT, .fn = fn, .data = data };

	trustlook_below(&l, OVERRIDE_DIR, NULL);
	trustlook_tree(&l);
	trustlook_folders(&l);
	trustlook_key(&l);
	strv_release(&l.told);
}
