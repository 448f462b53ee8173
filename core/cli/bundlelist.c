/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/bundlelist.h"

#include "base/alloc.h"
#include "base/text.h"
#include "cli/jsondoc.h"
#include "conf/confs.h"
#include "conf/source.h"
#include "kernel/kernels.h"
#include "tree/tree.h"

void bundle_rows_release(struct bundle_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct bundle_row *r = &rows->v[i];

		free(r->name);
		free(r->version);
		free(r->release);
		free(r->arch);
		free(r->key);
		free(r->reason);
		free(r->by);
		free(r->from);
	}
	free(rows->v);
}

struct bundle_row *bundle_rows_add(struct bundle_rows *rows, const struct target *t)
{
	struct bundle_row r = { .name = xstrdup(t->name),
				.version = xstrdup(t->version),
				.release = xstrdup(t->release),
				.arch = xstrdup(t->arch) };

	VEC_PUSH(rows->v, rows->n, r);
	return &rows->v[rows->n - 1];
}

/* ---- which ---- */

/* Packages are asked for by an option, not by a verb. */
static size_t bundlelist_first_name(const struct options *o)
{
	return o->deb || o->rpm ? 0 : 1;
}

/* Do the words after the verb name this module package?  If there are none, all are meant. */
static bool bundlelist_is_named(const struct options *o, const char *name, const char *version)
{
	AUTO_FREE char *id = xasprintf("%s/%s", name, version);
	size_t first = bundlelist_first_name(o);

	for (size_t i = first; i < o->words.n; i++) {
		if (!strcmp(o->words.v[i], name) || !strcmp(o->words.v[i], id))
			return true;
	}
	return o->words.n <= first;
}

/* The first word that names nothing; NULL: there is none. */
static const char *bundlelist_unknown(const struct options *o, const struct tree *tree)
{
	for (size_t i = bundlelist_first_name(o); i < o->words.n; i++) {
		AUTO_FREE char *name = xstrndup(o->words.v[i], strcspn(o->words.v[i], "/"));
		const struct tree_module *m = tree_module(tree, name);
		size_t n = strlen(name);

		if (!m || (o->words.v[i][n] && !tree_version(tree, name, o->words.v[i] + n + 1)))
			return o->words.v[i];
	}
	return NULL;
}

static int bundlelist_kernels(const struct engine *e, const struct options *o, struct strv *ret,
			      struct err *err)
{
	int r;

	if (o->kernels.n) {
		strv_add_all(ret, &o->kernels);
		return 0;
	}
	r = kernels_list(e, ret);
	return r < 0 ? err_sys(err, r, "%s", e->install_tree) : 0;
}

/* ---- keys ---- */

static void bundlelist_set_key(const struct engine *e, const struct target *t,
			       const struct record *facts, struct bundle_row *row)
{
	AUTO_BUNDLE_INPUT struct bundle_input in = BUNDLE_INPUT_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	char key[DIGEST_HEX];

	if (bundle_input_find(e, t, facts, &in, &err) < 0) {
		row->reason = TAKE(err.text);
		return;
	}
	bundle_key(&in, key);
	row->key = xstrdup(key);
}

static void bundlelist_add_build(const struct engine *e, const struct target *t,
				 struct bundle_rows *ret)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	struct bundle_row *row = bundle_rows_add(ret, t);

	row->built = true;
	if (tree_record_read(e, t, &rec, NULL) < 0) {
		row->reason = xstrdup("there is no record of its build");
		return;
	}
	row->by = xstrdup(rec.bundle_by);
	row->from = xstrdup(rec.bundle_from);
	bundlelist_set_key(e, t, &rec, row);
}

/* What a build would be made from if it began now. */
static int bundlelist_facts(const struct engine *e, const struct target *t, const struct conf *conf,
			    const char *folder, struct record *ret)
{
	int r = source_content(e, folder, NULL, &ret->content);

	if (r == 0)
		r = source_overrides(e, t, NULL, &ret->overrides);
	ret->options = bundle_options(e, t->release, t->arch);
	for (size_t i = 0; i < conf->depends.n; i++) {
		struct target on = { conf->depends.v[i], NULL, t->release, t->arch };
		AUTO_FREE char *version = tree_active_version(e, &on);

		on.version = version;
		tree_add_dependency(e, &on, &ret->depends);
	}
	return r;
}

static void bundlelist_add_wanted(const struct engine *e, const struct confs *confs,
				  const struct target *t, struct bundle_rows *ret)
{
	AUTO_RECORD struct record facts = { .depends = STRV_INIT };
	const struct confs_entry *entry = confs_entry(confs, t);
	const struct conf *conf = confs_get(confs, t);
	AUTO_ERR struct err err = ERR_INIT;
	struct bundle_row *row;

	if (conf && conf->excluded)
		return;
	row = bundle_rows_add(ret, t);
	if (!conf || confs_check(e, entry, true, &err) < 0)
		row->reason = err.text ? TAKE(err.text) : xstrdup("its dkms.conf cannot be used");
	else if (bundlelist_facts(e, t, conf, entry->folder, &facts) < 0)
		row->reason = xstrdup("its source cannot be read");
	else
		bundlelist_set_key(e, t, &facts, row);
}

/* ---- rows ---- */

struct bundlelist {
	struct engine *e;
	const struct options *o;
	const char *arch;
	struct strv kernels;
	struct tree tree;
	struct confs confs;
};

typedef void (*bundlelist_fn)(struct bundlelist *l, const struct tree_version *v,
			      const struct target *t, struct bundle_rows *ret);

static void bundlelist_want(struct bundlelist *l, const struct tree_version *v,
			    const struct target *t, struct bundle_rows *ret)
{
	AUTO_FREE char *folder = tree_source_link(l->e, t->name, t->version);

	(void)ret;
	if (v->source == SOURCE_OK && !tree_build(&l->tree, t))
		confs_want(&l->confs, t, folder);
}

static void bundlelist_add(struct bundlelist *l, const struct tree_version *v,
			   const struct target *t, struct bundle_rows *ret)
{
	const struct tree_build *b = tree_build(&l->tree, t);

	(void)v;
	if (b && tree_build_is_known(b))
		bundlelist_add_build(l->e, t, ret);
	else if (confs_entry(&l->confs, t))
		bundlelist_add_wanted(l->e, &l->confs, t, ret);
}

static void bundlelist_each(struct bundlelist *l, bundlelist_fn fn, struct bundle_rows *ret)
{
	for (size_t i = 0; i < l->tree.n_modules; i++) {
		const struct tree_module *m = &l->tree.modules[i];

		for (size_t j = 0; j < m->n_versions; j++) {
			const struct tree_version *v = &m->versions[j];

			if (!bundlelist_is_named(l->o, m->name, v->version))
				continue;
			for (size_t k = 0; k < l->kernels.n; k++) {
				struct target t = { m->name, v->version, l->kernels.v[k], l->arch };

				fn(l, v, &t, ret);
			}
		}
	}
}

static int bundlelist_fill(struct bundlelist *l, bool built, struct bundle_rows *ret,
			   struct err *err)
{
	const char *unknown;
	int r = tree_list(l->e, NULL, NULL, &l->tree);

	if (r < 0)
		return err_sys(err, r, "%s", l->e->dkms_tree);
	unknown = bundlelist_unknown(l->o, &l->tree);
	if (unknown)
		return err_set(err, -E_NOT_ADDED, "%s is not located in the DKMS tree.", unknown);
	r = bundlelist_kernels(l->e, l->o, &l->kernels, err);
	if (r == 0 && !built) {
		bundlelist_each(l, bundlelist_want, ret);
		r = confs_evaluate(l->e, &l->confs, err);
	}
	if (r == 0)
		bundlelist_each(l, bundlelist_add, ret);
	return r;
}

int bundle_rows_find(struct engine *e, const struct options *o, bool built, struct bundle_rows *ret,
		     struct err *err)
{
	struct bundlelist l = { .e = e,
				.o = o,
				.arch = o->archs.n ? o->archs.v[0] : e->arch,
				.kernels = STRV_INIT,
				.tree = TREE_INIT };
	int r = bundlelist_fill(&l, built, ret, err);

	strv_release(&l.kernels);
	tree_release(&l.tree);
	confs_release(&l.confs);
	return r;
}

/* ---- printing ---- */

void bundle_rows_text(const struct bundle_rows *rows, struct buf *ret)
{
	for (size_t i = 0; i < rows->n; i++) {
		const struct bundle_row *r = &rows->v[i];

		buf_addf(ret, "%s/%s, %s, %s: ", r->name, r->version, r->release, r->arch);
		if (r->key)
			buf_addf(ret, "%s%s", r->key, r->built ? " built" : "");
		if (r->by) {
			buf_adds(ret, " signed by ");
			text_add_visible(ret, r->by);
		}
		if (r->from)
			buf_addf(ret, " from %s", r->from);
		if (r->reason)
			buf_addf(ret, "%s%s", r->key ? " - " : "- ", r->reason);
		buf_addch(ret, '\n');
	}
}

void bundle_rows_json(const struct bundle_rows *rows, struct buf *ret)
{
	struct json_object *o = json_document(), *a = json_object_new_array();

	for (size_t i = 0; i < rows->n; i++) {
		const struct bundle_row *r = &rows->v[i];
		struct json_object *item = json_object_new_object();

		json_add_target(item, r->name, r->version, r->release, r->arch);
		json_add(item, "key", r->key);
		json_add_bool(item, "built", r->built);
		json_add(item, "signed_by", r->by);
		json_add(item, "from", r->from);
		json_add(item, "reason", r->reason);
		json_object_array_add(a, item);
	}
	json_object_object_add(o, "bundles", a);
	json_print_and_free(o, ret);
}
