/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/statusjson.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/jsondoc.h"
#include "cli/nextboot.h"
#include "cli/options.h"
#include "decide/holdtext.h"
#include "run/historyjson.h"
#include "sys/fs.h"
#include "tree/tree.h"

/* ---- why ---- */

static void json_add_cause(struct json_object *o, const struct why *y)
{
	const struct failure *f = y->s->failure;
	struct json_object *j = y->failed ? json_object_new_object() : NULL;

	json_object_object_add(o, "failure", j);
	if (!j)
		return;
	json_add(j, "cause", cause_name(y->cause->class));
	json_add(j, "line", y->cause->line);
	json_add(j, "about", y->cause->about);
	json_add_bool(j, "lasting", y->cause->lasting);
	json_add(j, "confined", f->confined);
	json_object_object_add(j, "since", f->since ? json_object_new_int64(f->since) : NULL);
	json_add(j, "run", f->run);
	json_add(j, "log", f->log && *f->log ? f->log : NULL);
	json_add_list(j, "facts", &y->facts);
}

static struct json_object *json_why_entry(const struct why *y, const struct verify *known)
{
	const struct standing *s = y->s;
	struct json_object *o = json_object_new_object();

	json_add_target(o, s->id.name, s->id.version, s->release, s->arch);
	json_add(o, "state", standing_word(s->state));
	json_add_bool(o, "installed", s->build && s->build->installed);
	json_add_bool(o, "problem", s->problem);
	json_add_bool(o, "wanted", y->wanted);
	json_add_list(o, "because", &y->because);
	json_add(o, "reason", s->reason);
	json_object_object_add(o, "since", s->since ? json_object_new_int64(s->since) : NULL);
	json_add(o, "run", s->run);
	json_add_cause(o, y);
	json_add_list(o, "next", &y->next);
	json_add_list(o, "files", &y->files);
	nextboot_add_json(o, known, &s->id, s->release, s->arch);
	json_add(o, "fetched", y->fetched);
	return o;
}

void json_why(const struct why **list, size_t n, const struct verify *known, struct buf *ret)
{
	struct json_object *o = json_document(), *a = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(a, json_why_entry(list[i], known));
	json_object_object_add(o, "why", a);
	json_print_and_free(o, ret);
}

/* ---- status ---- */

static const char *json_step_state(const struct step *s)
{
	if (s->kind == STEP_REFUSE)
		return "bad";
	return step_acts(s->kind) ? "pending" : step_class(s->kind)->name;
}

static const char *json_build_problem(const struct engine *e, const struct world_build *b,
				      const struct target *t)
{
	static const char *const names[] = {
		[FILES_SAME] = NULL,	     [FILES_REFUSED] = "refused", [FILES_LOST] = "lost",
		[FILES_MISSING] = "missing", [FILES_DIFFER] = "differs",
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

static void json_add_time(struct json_object *o, const char *key, int64_t t)
{
	AUTO_FREE char *text = t > 0 ? history_time(t) : NULL;

	json_add(o, key, text);
}

static void json_add_failure(struct json_object *o, const struct world *w, const struct target *t)
{
	const struct failure *f =
		ledger_failure(&w->failures, t->name, t->version, t->release, t->arch);
	struct json_object *j;

	if (!f)
		return;
	j = json_object_new_object();
	json_add(j, "what", f->what);
	json_add(j, "log", f->log && *f->log ? f->log : NULL);
	json_add(j, "cause", f->cause);
	json_add(j, "confined", f->confined);
	json_add_time(j, "since", f->since);
	json_add(j, "run", f->run);
	json_object_object_add(o, "failure", j);
}

/* Add what people are told about the module package on the kernel. */
static void json_add_standing(struct json_object *o, const struct standing *s)
{
	json_add(o, "standing", s ? standing_word(s->state) : NULL);
	json_add(o, "says", s ? s->reason : NULL);
	json_add(o, "cure", s ? s->cure : NULL);
	json_add_bool(o, "needs_person", s && s->problem);
	json_add_bool(o, "missing", s && s->missing);
	json_add_time(o, "since", s ? s->since : 0);
	json_add(o, "run", s ? s->run : NULL);
}

static const char *json_pair_state(const struct world_build *b, const struct step *word,
				   const struct standing *s)
{
	if (b && b->installed)
		return "installed";
	if (word)
		return json_step_state(word);
	if (b)
		return "built";
	switch (s->state) {
	case STANDING_FAILED: return "failed";
	case STANDING_WAITS: return "waiting";
	case STANDING_HELD: return "held";
	case STANDING_EXCLUDED: return "excluded";
	case STANDING_BAD: return "bad";
	default: return "pending";
	}
}

/* How the build was confined.  Null: it is not known, or there is no build. */
static void json_add_confined(struct json_object *o, const struct record *rec)
{
	struct json_object *j = NULL;

	if (rec->confined) {
		j = json_object_new_object();
		json_add(j, "tier", rec->confined);
		json_add(j, "why", rec->confined_why);
	}
	json_object_object_add(o, "confined", j);
}

/* How many files were compiled and replayed.  Null: nobody counted, or there is no build. */
static void json_add_calls(struct json_object *o, const struct calls *c)
{
	json_object_object_add(o, "compiled",
			       c->counted ? json_object_new_int64(c->compiled) : NULL);
	json_object_object_add(o, "replayed",
			       c->counted ? json_object_new_int64(c->replayed) : NULL);
}

/* Where the build was fetched from.  Null: it was not fetched, or there is no build. */
static void json_add_bundle(struct json_object *o, const struct record *rec)
{
	struct json_object *j = NULL;

	if (rec->bundle) {
		j = json_object_new_object();
		json_add(j, "key", rec->bundle);
		json_add(j, "from", rec->bundle_from);
		json_add(j, "signed_by", rec->bundle_by);
	}
	json_object_object_add(o, "bundle", j);
}

/* What only the record of a build tells. */
static void json_add_record(struct json_object *o, const struct engine *e,
			    const struct world_build *b, const struct target *t)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };

	if (b && tree_record_read(e, t, &rec, NULL) < 0)
		rec = (struct record){ .depends = STRV_INIT };
	json_add_confined(o, &rec);
	json_add_calls(o, &rec.calls);
	json_add_bundle(o, &rec);
}

static struct json_object *json_pair(const struct engine *e, const struct stand *stand,
				     const struct verify *known, const struct modid *id,
				     const char *release, const char *arch, bool problems)
{
	const struct world *w = &stand->survey.world;
	const struct plan *p = &stand->plan;
	const struct standing *standing = standings_find(&stand->list, id, release, arch);
	const struct world_build *b = world_build(w, id, release, arch);
	const struct world_conf *c = world_conf(w, id, release);
	const struct step *word = standing_find_step(p, id, release, arch);
	struct target t = { id->name, id->version, release, arch };
	struct json_object *o;

	if ((!b && !word && !standing) || (problems && !(standing && standing->problem)))
		return NULL;
	o = json_object_new_object();
	json_add(o, "kernel", release);
	json_add(o, "arch", arch);
	json_add(o, "state", json_pair_state(b, word, standing));
	json_add_bool(o, "built", b);
	json_add(o, "reason", word ? word->reason : standing ? standing->reason : NULL);
	json_add(o, "problem", b ? json_build_problem(e, b, &t) : NULL);
	json_add_list(o, "modules", b && b->modules.n ? &b->modules : c ? &c->modules : NULL);
	json_add_record(o, e, b, &t);
	json_add_standing(o, standing);
	nextboot_add_json(o, known, id, release, arch);
	json_add_failure(o, w, &t);
	return o;
}

static void json_list_append(struct json_object *list, struct json_object *o)
{
	if (o)
		json_object_array_add(list, o);
}

/* First the kernels in <install_tree>, then those that have only a build in the dkms tree. */
static struct json_object *json_pairs(const struct engine *e, const struct stand *stand,
				      const struct verify *known, const struct modid *id,
				      const struct json_filter *f)
{
	const struct world *w = &stand->survey.world;
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < w->n_kernels; i++) {
		const struct world_kernel *k = &w->kernels[i];

		if (options_match_any(f->kernels, k->release) &&
		    options_match_any(f->archs, k->arch))
			json_list_append(list, json_pair(e, stand, known, id, k->release, k->arch,
							 f->problems));
	}
	for (size_t i = 0; i < w->n_builds; i++) {
		const struct world_build *b = &w->builds[i];
		const struct world_kernel *k = world_kernel(w, b->release);

		if (modid_equal(&b->id, id) && (!k || strcmp(k->arch, b->arch) != 0) &&
		    options_match_any(f->kernels, b->release) &&
		    options_match_any(f->archs, b->arch))
			json_list_append(list, json_pair(e, stand, known, id, b->release, b->arch,
							 f->problems));
	}
	return list;
}

static const char *json_module_state(const struct world *w, const struct world_module *m)
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

static struct json_object *json_module(const struct engine *e, const struct stand *stand,
				       const struct verify *known, const struct world_module *m,
				       const struct json_filter *f)
{
	const struct standing *alone = standings_find(&stand->list, &m->id, NULL, NULL);
	struct json_object *o = json_object_new_object();

	json_add(o, "name", m->id.name);
	json_add(o, "version", m->id.version);
	json_add(o, "state", json_module_state(&stand->survey.world, m));
	json_add(o, "source", m->folder);
	json_add(o, "owner", m->owner);
	json_add(o, "owner_version", m->owner_version);
	json_object_object_add(o, "kernels", json_pairs(e, stand, known, &m->id, f));
	if (alone)
		json_add_standing(o, alone);
	return o;
}

static struct json_object *json_hold(const struct hold *h)
{
	struct json_object *o = json_object_new_object();
	AUTO_BUF struct buf lift = BUF_INIT;

	hold_add_cure(h, &lift);
	json_add(o, "kind", hold_kind_name(h->kind));
	json_add_target(o, h->name, h->version, h->release, h->arch);
	json_add_bool(o, "firm", hold_is_firm(h));
	json_add(o, "lift", lift.s);
	return o;
}

static struct json_object *json_holds(const struct holds *l, const char *name)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < l->n; i++) {
		if (options_match(name, l->v[i].name))
			json_object_array_add(list, json_hold(&l->v[i]));
	}
	return list;
}

void json_holds_list(const struct holds *l, struct buf *ret)
{
	struct json_object *o = json_document();

	json_object_object_add(o, "holds", json_holds(l, NULL));
	json_print_and_free(o, ret);
}

static void json_add_pending(struct json_object *list, const char *kernel, const char *step)
{
	struct json_object *o = json_object_new_object();

	json_add(o, "kernel", kernel);
	json_add(o, "step", step);
	json_object_array_add(list, o);
}

/* The kernels that still need depmod or a new initramfs after an earlier run. */
static struct json_object *json_pending(const struct world *w, const struct json_filter *f)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < w->n_kernels; i++) {
		const struct world_kernel *k = &w->kernels[i];

		if (!options_match_any(f->kernels, k->release))
			continue;
		if (k->depmod_pending)
			json_add_pending(list, k->release, step_class(STEP_DEPMOD)->name);
		if (k->initramfs_pending)
			json_add_pending(list, k->release, step_class(STEP_INITRAMFS)->name);
	}
	return list;
}

static bool json_has_problem(const struct stand *s, const struct modid *id)
{
	for (size_t i = 0; i < s->list.n; i++) {
		if (s->list.v[i].problem && modid_equal(&s->list.v[i].id, id))
			return true;
	}
	return false;
}

/* The name of the machine that is looked at; NULL: not known.  Caller frees. */
static char *json_host(const struct engine *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	char name[HOST_NAME_MAX + 1] = "";

	if (!*e->root.path)
		return gethostname(name, sizeof(name) - 1) == 0 ? xstrdup(name) : NULL;
	if (fs_read(&e->root, "/etc/hostname", HOST_NAME_MAX, &b) < 0)
		return NULL;
	return xstrndup(b.s, strcspn(b.s, "\r\n"));
}

/* Say which machine the document is about: documents of many machines may be collected. */
static void json_add_origin(struct json_object *o, const struct engine *e)
{
	AUTO_FREE char *host = json_host(e);

	json_add(o, "host", host);
	json_add_time(o, "time", e->begun.tv_sec);
	json_add(o, "product", PACKAGE_NAME);
	json_add(o, "product_version", PACKAGE_VERSION);
}

void json_status(const struct engine *e, const struct stand *s, const struct verify *known,
		 const struct json_filter *filter, struct buf *ret)
{
	const struct world *w = &s->survey.world;
	struct json_object *o = json_document(), *list = json_object_new_array();

	json_add_origin(o, e);

	for (size_t i = 0; i < w->n_modules; i++) {
		const struct world_module *m = &w->modules[i];

		if (options_match(filter->name, m->id.name) &&
		    options_match(filter->version, m->id.version) &&
		    (!filter->problems || json_has_problem(s, &m->id)))
			json_object_array_add(list, json_module(e, s, known, m, filter));
	}
	json_object_object_add(o, "modules", list);
	json_object_object_add(o, "holds", json_holds(&w->holds, filter->name));
	json_object_object_add(o, "pending", json_pending(w, filter));
	json_print_and_free(o, ret);
}

/* ---- plan ---- */

static struct json_object *json_step(const struct plan *p, size_t i)
{
	const struct step *s = &p->steps[i];
	struct json_object *o = json_object_new_object(), *after = json_object_new_array();

	json_object_object_add(o, "step", json_object_new_int64((int64_t)i + 1));
	json_add(o, "kind", step_class(s->kind)->name);
	json_add_bool(o, "acts", step_acts(s->kind));
	json_add_target(o, s->id.name, s->id.version, s->release, s->arch);
	json_add(o, "reason", s->reason);
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
	struct json_object *o = json_document(), *list = json_object_new_array();

	for (size_t i = 0; i < p->n; i++)
		json_object_array_add(list, json_step(p, i));
	json_object_object_add(o, "steps", list);
	json_print_and_free(o, ret);
}

/* ---- fsck ---- */

void json_fsck(const struct fsck *f, struct buf *ret)
{
	struct json_object *o = json_document(), *list = json_object_new_array();

	for (size_t i = 0; i < f->n; i++) {
		const struct fsck_finding *finding = &f->v[i];
		struct json_object *j = json_object_new_object();

		json_add(j, "kind", fsck_kind_name(finding->kind));
		json_add(j, "subject", finding->subject);
		json_add(j, "text", finding->text);
		json_add(j, "advice", finding->advice);
		json_add_bool(j, "mended", finding->mended);
		json_add(j, "failure", finding->failure);
		json_add_target(j, finding->name, finding->version, finding->release,
				finding->arch);
		json_object_array_add(list, j);
	}
	json_object_object_add(o, "findings", list);
	json_object_object_add(o, "left", json_object_new_int64((int64_t)fsck_left(f)));
	json_print_and_free(o, ret);
}

void json_config(const struct settings *s, enum setting id, struct buf *ret)
{
	struct json_object *o = json_document(), *list = json_object_new_array();

	for (size_t i = 0; i < SETTING_COUNT_; i++) {
		struct json_object *one;

		if (id != SETTING_COUNT_ && id != (enum setting)i)
			continue;
		one = json_object_new_object();
		json_add(one, "name", settings_name((enum setting)i));
		json_add(one, "value", settings_get(s, (enum setting)i));
		json_add(one, "source", settings_source(s, (enum setting)i));
		json_object_array_add(list, one);
	}
	json_object_object_add(o, "settings", list);
	json_print_and_free(o, ret);
}
