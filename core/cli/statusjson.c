/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/statusjson.h"

#include <fnmatch.h>
#include <json-c/json.h>
#include <string.h>

#include "base/text.h"
#include "tree/tree.h"

#define STYLE (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)

static void put(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

static void put_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

static void put_list(struct json_object *o, const char *key, const struct strv *list)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; list && i < list->n; i++)
		json_object_array_add(a, json_object_new_string(list->v[i]));
	json_object_object_add(o, key, a);
}

static struct json_object *document(void)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "schema", json_object_new_int(1));
	return o;
}

static void print(struct json_object *o, struct buf *ret)
{
	text_add_json(ret, json_object_to_json_string_ext(o, STYLE));
	buf_addch(ret, '\n');
	json_object_put(o);
}

/* ---- status ---- */

static bool matches(const char *pattern, const char *s)
{
	return !pattern || !*pattern || fnmatch(pattern, s, 0) == 0;
}

static bool matches_any(const struct strv *patterns, const char *s)
{
	for (size_t i = 0; i < patterns->n; i++) {
		if (matches(patterns->v[i], s))
			return true;
	}
	return patterns->n == 0;
}

/* The plan's word on a pair: what it tells first, else what it would do. */
static const struct step *word_on(const struct plan *p, const struct modid *id, const char *release,
				  const char *arch)
{
	static const enum step_kind kinds[] = { STEP_PENDING, STEP_HELD,   STEP_WAITING,  STEP_EXCLUDED,
						STEP_FAILED, STEP_DEFERRED, STEP_BAD,
						STEP_REFUSE, STEP_KEEP,	    STEP_BUILD,
						STEP_INSTALL };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t step = plan_find(p, kinds[i], id, release, arch);

		if (step != PLAN_NONE)
			return &p->steps[step];
	}
	return NULL;
}

static const char *word_name(const struct step *s)
{
	if (s->kind == STEP_REFUSE)
		return "bad";
	return step_acts(s->kind) ? "pending" : step_class(s->kind)->name;
}

static const char *problem(const struct engine *e, const struct world_build *b,
			   const struct target *t)
{
	static const char *const names[] = {
		[FILES_SAME] = NULL,
		[FILES_REFUSED] = "refused",
		[FILES_LOST] = "lost",
		[FILES_MISSING] = "missing",
		[FILES_DIFFER] = "differs",
	};
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	bool have;

	if (b->lost)
		return names[FILES_LOST];
	if (!b->differs && !b->refused)
		return NULL;
	have = tree_record_read(e, t, &rec, NULL) == 0;
	return names[tree_files_state(e, t, have ? &rec : NULL, b->installed)];
}

static void add_failure(struct json_object *o, const struct world *w, const struct target *t)
{
	const struct failure *f =
		ledger_failure(&w->ledger, t->name, t->version, t->release, t->arch);
	struct json_object *j;

	if (!f)
		return;
	j = json_object_new_object();
	put(j, "what", f->what);
	put(j, "log", f->log && *f->log ? f->log : NULL);
	json_object_object_add(o, "failure", j);
}

static struct json_object *pair(const struct engine *e, const struct world *w, const struct plan *p,
				const struct modid *id, const char *release, const char *arch)
{
	const struct world_build *b = world_build(w, id, release, arch);
	const struct world_conf *c = world_conf(w, id, release);
	const struct step *word = word_on(p, id, release, arch);
	struct target t = { id->name, id->version, release, arch };
	struct json_object *o;

	if (!b && !word)
		return NULL;
	o = json_object_new_object();
	put(o, "kernel", release);
	put(o, "arch", arch);
	put(o, "state", b && b->installed ? "installed" : word ? word_name(word) : "built");
	put_bool(o, "built", b);
	put(o, "reason", word ? word->reason : NULL);
	put(o, "problem", b ? problem(e, b, &t) : NULL);
	put_list(o, "modules", b && b->modules.n ? &b->modules : c ? &c->modules : NULL);
	add_failure(o, w, &t);
	return o;
}

static void add_pair(struct json_object *list, struct json_object *o)
{
	if (o)
		json_object_array_add(list, o);
}

/* Kernels that are here, then those that only a build remembers. */
static struct json_object *pairs(const struct engine *e, const struct world *w,
				 const struct plan *p, const struct modid *id,
				 const struct json_filter *f)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < w->n_kernels; i++) {
		const struct world_kernel *k = &w->kernels[i];

		if (matches_any(f->kernels, k->release) && matches_any(f->archs, k->arch))
			add_pair(list, pair(e, w, p, id, k->release, k->arch));
	}
	for (size_t i = 0; i < w->n_builds; i++) {
		const struct world_build *b = &w->builds[i];
		const struct world_kernel *k = world_kernel(w, b->release);

		if (modid_equal(&b->id, id) && (!k || strcmp(k->arch, b->arch) != 0) &&
		    matches_any(f->kernels, b->release) && matches_any(f->archs, b->arch))
			add_pair(list, pair(e, w, p, id, b->release, b->arch));
	}
	return list;
}

static const char *module_state(const struct world *w, const struct world_module *m)
{
	bool built = false;

	if (m->source == SOURCE_MISSING || m->source == SOURCE_BROKEN)
		return "broken";
	for (size_t i = 0; i < w->n_builds; i++) {
		if (!modid_equal(&w->builds[i].id, &m->id))
			continue;
		if (w->builds[i].installed)
			return "installed";
		built = true;
	}
	return built ? "built" : "added";
}

static struct json_object *module(const struct engine *e, const struct world *w,
				  const struct plan *p, const struct world_module *m,
				  const struct json_filter *f)
{
	struct json_object *o = json_object_new_object();

	put(o, "name", m->id.name);
	put(o, "version", m->id.version);
	put(o, "state", module_state(w, m));
	put(o, "source", m->folder);
	put(o, "owner", m->owner);
	put(o, "owner_version", m->owner_version);
	json_object_object_add(o, "kernels", pairs(e, w, p, &m->id, f));
	return o;
}

static struct json_object *holds(const struct world *w, const struct json_filter *f)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < w->ledger.n_holds; i++) {
		const struct hold *h = &w->ledger.holds[i];
		struct json_object *o;

		if (!matches(f->name, h->name))
			continue;
		o = json_object_new_object();
		put(o, "kind", hold_kind_name(h->kind));
		put(o, "name", h->name);
		put(o, "version", h->version);
		put(o, "kernel", h->release);
		put(o, "arch", h->arch);
		json_object_array_add(list, o);
	}
	return list;
}

static void add_pending(struct json_object *list, const char *kernel, const char *step)
{
	struct json_object *o = json_object_new_object();

	put(o, "kernel", kernel);
	put(o, "step", step);
	json_object_array_add(list, o);
}

/* What earlier runs left undone for kernels. */
static struct json_object *pending(const struct world *w, const struct json_filter *f)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < w->n_kernels; i++) {
		const struct world_kernel *k = &w->kernels[i];

		if (!matches_any(f->kernels, k->release))
			continue;
		if (k->depmod_pending)
			add_pending(list, k->release, step_class(STEP_DEPMOD)->name);
		if (k->initramfs_pending)
			add_pending(list, k->release, step_class(STEP_INITRAMFS)->name);
	}
	return list;
}

void json_status(const struct engine *e, const struct world *w, const struct plan *p,
		 const struct json_filter *filter, struct buf *ret)
{
	struct json_object *o = document(), *list = json_object_new_array();

	for (size_t i = 0; i < w->n_modules; i++) {
		const struct world_module *m = &w->modules[i];

		if (matches(filter->name, m->id.name) && matches(filter->version, m->id.version))
			json_object_array_add(list, module(e, w, p, m, filter));
	}
	json_object_object_add(o, "modules", list);
	json_object_object_add(o, "holds", holds(w, filter));
	json_object_object_add(o, "pending", pending(w, filter));
	print(o, ret);
}

/* ---- plan ---- */

static struct json_object *step(const struct plan *p, size_t i)
{
	const struct step *s = &p->steps[i];
	struct json_object *o = json_object_new_object(), *after = json_object_new_array();

	json_object_object_add(o, "step", json_object_new_int64((int64_t)i + 1));
	put(o, "kind", step_class(s->kind)->name);
	put_bool(o, "acts", step_acts(s->kind));
	put(o, "name", s->id.name);
	put(o, "version", s->id.version);
	put(o, "kernel", s->release);
	put(o, "arch", s->arch);
	put(o, "reason", s->reason);
	for (size_t k = 0; k < s->n_after; k++)
		json_object_array_add(after, json_object_new_int64((int64_t)s->after[k] + 1));
	for (size_t k = 0; k < s->n_behind; k++)
		json_object_array_add(after, json_object_new_int64((int64_t)s->behind[k] + 1));
	json_object_object_add(o, "after", after);
	if (s->fallback)
		json_object_object_add(o, "unless", json_object_new_int64((int64_t)s->unless + 1));
	if (s->code)
		json_object_object_add(o, "status", json_object_new_int(error_status(s->code)));
	return o;
}

void json_plan(const struct plan *p, struct buf *ret)
{
	struct json_object *o = document(), *list = json_object_new_array();

	for (size_t i = 0; i < p->n; i++)
		json_object_array_add(list, step(p, i));
	json_object_object_add(o, "steps", list);
	print(o, ret);
}

/* ---- fsck ---- */

void json_fsck(const struct fsck *f, struct buf *ret)
{
	struct json_object *o = document(), *list = json_object_new_array();

	for (size_t i = 0; i < f->n; i++) {
		const struct fsck_finding *x = &f->v[i];
		struct json_object *finding = json_object_new_object();

		put(finding, "kind", fsck_kind_name(x->kind));
		put(finding, "subject", x->subject);
		put(finding, "text", x->text);
		put(finding, "advice", x->advice);
		put_bool(finding, "mended", x->mended);
		put(finding, "failure", x->failure);
		put(finding, "name", x->name);
		put(finding, "version", x->version);
		put(finding, "kernel", x->release);
		put(finding, "arch", x->arch);
		json_object_array_add(list, finding);
	}
	json_object_object_add(o, "findings", list);
	json_object_object_add(o, "left", json_object_new_int64((int64_t)fsck_left(f)));
	print(o, ret);
}
