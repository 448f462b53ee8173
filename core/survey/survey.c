/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/survey.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "conf/source.h"
#include "engine/override.h"
#include "install/cleankernel.h"
#include "kernel/kernels.h"
#include "survey/failurekey.h"
#include "survey/surveyconf.h"
#include "sys/fs.h"
#include "sys/looks.h"
#include "tree/ledgerfile.h"
#include "tree/ours.h"
#include "tree/pending.h"
#include "tree/tree.h"

/* ---- kernels ---- */

static bool survey_is_read_only(const struct engine *e, const char *release)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);

	return fs_is_read_only(&e->root, tree);
}

static int survey_add_kernel(struct survey_scope *scope, const char *release, const char *arch)
{
	AUTO_KERNEL_INFO struct kernel_info info = { 0 };
	AUTO_FREE char *mark = tree_pending_mark(scope->e, PENDING_DEPMOD, release);
	struct world_kernel *k;
	int r;

	if (world_kernel(scope->w, release))
		return 0;
	r = kernel_look(scope->e, release, &scope->owners, &scope->s->headers, &info);
	if (r < 0)
		return err_sys(scope->err, r, "Kernel %s", release);
	k = world_add_kernel(scope->w, release, arch);
	k->tree = info.tree;
	k->image = info.complete;
	k->litter = k->tree && !k->image && clean_is_needed(scope->e, release);
	k->headers = TAKE(info.headers_id);
	k->read_only = k->tree && survey_is_read_only(scope->e, release);
	k->depmod_pending = fs_exists(&scope->e->root, mark);
	k->initramfs_pending = pending_is_left(scope->e, PENDING_INITRAMFS, release);
	return 0;
}

static void survey_mark_running(struct survey_scope *scope)
{
	AUTO_FREE char *running = kernels_running(scope->e);

	for (size_t i = 0; running && i < scope->w->n_kernels; i++)
		scope->w->kernels[i].running = strcmp(scope->w->kernels[i].release, running) == 0;
}

static int survey_add_all_kernels(struct survey_scope *scope)
{
	AUTO_STRV struct strv list = STRV_INIT;
	int r = kernels_list(scope->e, &list);

	if (r < 0)
		return err_sys(scope->err, r, "%s", scope->e->install_tree);
	for (size_t i = 0; i < list.n; i++) {
		r = survey_add_kernel(scope, list.v[i], scope->e->arch);
		if (r < 0)
			return r;
	}
	survey_mark_running(scope);
	return 0;
}

static int survey_add_named_kernels(struct survey_scope *scope, const struct event *event)
{
	for (size_t i = 0; i < event->n; i++) {
		const char *key = event->items[i].key;
		int r = event_kernel(event, key) ? survey_add_kernel(scope, key, scope->e->arch)
						 : 0;

		if (r < 0)
			return r;
	}
	survey_mark_running(scope);
	return 0;
}

/* ---- module packages ---- */

/* The owner of a folder in <source_tree>; NULL if no package owns it.  `folder` may be NULL. */
static const struct owned *survey_owner_of(const struct survey_scope *scope, const char *folder)
{
	return folder ? ledger_owner(&scope->owners, OWNED_SOURCE, folder) : NULL;
}

/* Does the source lack a dkms.conf?  False also if an error hides the answer. */
static bool survey_lacks_conf(const struct survey_scope *scope, const char *source)
{
	AUTO_FREE char *conf = xasprintf("%s/dkms.conf", source);
	struct stat st;

	return fs_stat(&scope->e->root, conf, &st) == -ENOENT;
}

static void survey_add_module(struct survey_scope *scope, const struct tree_module *m,
			      const struct tree_version *v)
{
	struct modid id = { m->name, v->version };
	struct world_module *w = world_add_module(scope->w, &id);
	AUTO_FREE char *link = tree_source_link(scope->e, m->name, v->version);
	const struct owned *o = survey_owner_of(scope, v->folder);
	int r;

	w->source = v->source;
	w->folder = xstrdup(v->folder);
	w->owner = xstrdup(o ? o->package : NULL);
	w->owner_version = xstrdup(o ? o->version : NULL);
	if (v->source != SOURCE_OK)
		return;
	w->no_conf = survey_lacks_conf(scope, link);
	r = source_content(scope->e, link, &scope->s->sources, &w->content);
	if (r < 0)
		log_debug("%s/%s: source: %s", m->name, v->version, error_text(r));
}

static void survey_add_file(struct survey_scope *scope, size_t build, const char *path)
{
	struct survey_file f = { build, xstrdup(path) };

	VEC_PUSH(scope->files, scope->n_files, f);
}

static void survey_read_record(struct survey_scope *scope, const struct target *t,
			       struct world_build *b, bool installed)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_ERR struct err err = ERR_INIT;
	int r = tree_record_read(scope->e, t, &rec, &err);
	enum files_state state = tree_files_state(scope->e, t, r == 0 ? &rec : NULL, installed);

	b->no_record = r < 0;
	b->refused = state == FILES_REFUSED;
	b->differs = state != FILES_SAME && !b->refused;
	b->lost = state == FILES_LOST;
	if (r < 0) {
		if (r != -ENOENT)
			strv_add(&scope->s->problems, err.text ? err.text : error_text(r));
		return;
	}
	if (b->refused)
		b->rival = ours_rival(scope->e, t->release, &rec);
	b->content = TAKE(rec.content);
	b->headers = TAKE(rec.headers);
	b->initrd = rec.remake_initrd;
	b->prebuilt = rec.prebuilt;
	strv_add_all(&b->depends, &rec.depends);
	for (size_t i = 0; i < rec.n_modules; i++) {
		strv_add(&b->modules, rec.modules[i].dest);
		if (scope->event && installed && rec.modules[i].path && !b->differs)
			survey_add_file(scope, (size_t)(b - scope->w->builds), rec.modules[i].path);
	}
}

static bool survey_is_in_scope(const struct survey_scope *scope, const char *release)
{
	return !scope->event || !scope->event->kernel_only || event_kernel(scope->event, release);
}

static void survey_add_builds(struct survey_scope *scope, const struct tree_module *m,
			      const struct tree_version *v)
{
	struct modid id = { m->name, v->version };

	for (size_t i = 0; i < v->n_builds; i++) {
		const struct tree_build *t = &v->builds[i];
		struct target target = { m->name, v->version, t->release, t->arch };
		struct world_build *b;

		if (!tree_build_is_known(t) || !survey_is_in_scope(scope, t->release))
			continue;
		b = world_add_build(scope->w, &id, t->release, t->arch);
		b->installed = t->installed;
		survey_read_record(scope, &target, b, t->installed);
	}
}

static int survey_list_modules(struct survey_scope *scope, const char *name)
{
	int r = tree_list(scope->e, name, NULL, &scope->tree);

	return r < 0 ? err_sys(scope->err, r, "%s", scope->e->dkms_tree) : 0;
}

static void survey_add_modules(struct survey_scope *scope)
{
	for (size_t i = 0; i < scope->tree.n_modules; i++) {
		const struct tree_module *m = &scope->tree.modules[i];

		for (size_t k = 0; k < m->n_versions; k++) {
			const struct tree_version *v = &m->versions[k];

			if (v->source == SOURCE_NONE && !v->n_builds)
				continue;
			survey_add_module(scope, m, v);
			survey_add_builds(scope, m, v);
		}
	}
	strv_add_all(&scope->s->problems, &scope->tree.problems);
}

/*
 * Let the registered module package `m` have its source in `folder`.  Do so only if a package ships
 * `folder` (`o` is not NULL), and the folder from which `m` was added is missing or has no conf.
 * Only the source link must be made anew, so the state becomes SOURCE_BROKEN, which `add` mends.
 */
static void survey_move_source(struct survey_scope *scope, struct world_module *m,
			       const char *folder, const struct owned *o)
{
	AUTO_FREE char *path = engine_source(scope->e, "%s", folder);
	int r;

	if ((m->source != SOURCE_MISSING && !m->no_conf) || !o)
		return;
	m->no_conf = false;
	free(m->folder);
	free(m->owner);
	free(m->owner_version);
	free(m->content);
	m->content = NULL;
	m->source = SOURCE_BROKEN;
	m->folder = xstrdup(folder);
	m->owner = xstrdup(o->package);
	m->owner_version = xstrdup(o->version);
	r = source_content(scope->e, path, &scope->s->sources, &m->content);
	if (r < 0)
		log_debug("%s: %s", path, error_text(r));
}

static void survey_add_folder(struct survey_scope *scope, const char *folder, const char *name,
			      const char *version)
{
	struct modid id = { (char *)name, (char *)version };
	const struct owned *o = survey_owner_of(scope, folder);
	struct world_folder *f;

	for (size_t i = 0; i < scope->w->n_modules; i++) {
		if (modid_equal(&scope->w->modules[i].id, &id)) {
			survey_move_source(scope, &scope->w->modules[i], folder, o);
			return;
		}
	}
	if (world_folder(scope->w, &id))
		return;
	f = world_add_folder(scope->w, folder, &id);
	f->owner = xstrdup(o ? o->package : NULL);
	f->owner_version = xstrdup(o ? o->version : NULL);
}

/* ---- the two surveys ---- */

/* Load a ledger.  Damaged lines become a problem of the survey; all other lines are used. */
static void survey_load_ledger(struct survey_scope *scope, enum ledger_file file, void *list)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (ledger_load_any(scope->e, file, list, &err) < 0)
		strv_add(&scope->s->problems, err.text ? err.text : error_text(err.code));
}

static void survey_begin(struct survey_scope *scope, const struct event *event)
{
	struct survey *s = scope->s;

	scope->overrides_listed = source_list_overrides(scope->e, &scope->overrides);
	cache_load(scope->e, "headers", &s->headers);
	cache_load(scope->e, "sources", &s->sources);
	cache_load(scope->e, "loader", &s->loader);
	survey_load_ledger(scope, LEDGER_VERDICTS, &s->verdicts);
	survey_load_ledger(scope, LEDGER_OWNERS, &scope->w->owners);
	survey_load_ledger(scope, LEDGER_HOLDS, &scope->w->holds);
	survey_load_ledger(scope, LEDGER_FAILURES, &scope->w->failures);
	survey_load_ledger(scope, LEDGER_REQUESTS, &scope->w->requests);
	survey_load_ledger(scope, LEDGER_CANDIDATES, &scope->w->candidates);
	ledger_drop_old_candidates(&scope->w->candidates, time(NULL));
	/* A candidate that a person named is dropped after some days, and no file shows that. */
	for (size_t i = 0; i < scope->w->candidates.n; i++) {
		if (strcmp(scope->w->candidates.v[i].from, CANDIDATE_PERSON) == 0)
			looks_blind(scope->e->root.looks);
	}
	event_merge_owners(event, &scope->w->owners, &scope->owners);
	scope->w->arch = xstrdup(scope->e->arch);
	scope->w->source_tree = xstrdup(scope->e->source_tree);
	scope->w->only_newest = settings_is_set(&scope->e->settings, SET_AUTOINSTALL_ALL_KERNELS) &&
				!settings_true(&scope->e->settings, SET_AUTOINSTALL_ALL_KERNELS);
	scope->w->no_autoinstall = fs_exists(&scope->e->root, OVERRIDE_DIR "/no-autoinstall");
	scope->w->only_bundles = !strcmp(settings_get(&scope->e->settings, SET_BUNDLES), "only");
	scope->w->bundles = settings_take_bundles(&scope->e->settings);
	scope->w->no_initramfs =
		strcmp(settings_get(&scope->e->settings, SET_INITRAMFS), "never") == 0;
}

/*
 * Compare the modules of each build by DKMS with those that the conf names, because DKMS does not
 * record what a build made.  If a module is missing, the build is lost.  If the build has a module
 * that the conf does not name (surplus), it was made from another source.
 */
static void survey_mark_lost(struct survey_scope *scope)
{
	for (size_t i = 0; i < scope->w->n_builds; i++) {
		struct world_build *b = &scope->w->builds[i];
		const struct world_conf *c = world_conf(scope->w, &b->id, b->release);
		struct target t = { b->id.name, b->id.version, b->release, b->arch };

		if (!b->no_record || !c || c->bad || c->excluded || c->unknown)
			continue;
		b->surplus = tree_has_other_module(scope->e, &t, &c->modules);
		if (!tree_lacks_module(scope->e, &t, &c->modules))
			continue;
		b->lost = true;
		b->differs = true;
	}
}

static int survey_end(struct survey_scope *scope, struct survey_pairs *pairs, int r)
{
	if (r == 0) {
		r = survey_evaluate(scope, pairs);
	} else {
		free(pairs->v);
		names_release(&pairs->names);
	}
	survey_mark_lost(scope);
	if (scope->event)
		survey_mark_hidden(scope);
	for (size_t i = 0; i < scope->n_files; i++)
		free(scope->files[i].path);
	free(scope->files);
	failurekey_add_all(scope->e, scope->s);
	world_sort(scope->w);
	tree_release(&scope->tree);
	owners_release(&scope->owners);
	strv_release(&scope->overrides);
	return r;
}

/*
 * Add the folder NAME-VERSION for the module package of a goal.  The conf in it may set other
 * names: DKMS does not compare the conf with the name of the folder.
 */
static void survey_add_named_folder(struct survey_scope *scope, const struct modid *id)
{
	AUTO_FREE char *folder = xasprintf("%s-%s", id->name, id->version);
	AUTO_FREE char *path = engine_source(scope->e, "%s", folder);

	if (fs_is_dir(&scope->e->root, path))
		survey_add_folder(scope, folder, id->name, id->version);
}

/*
 * Want the confs of installed builds that have dependencies.  After an install these builds may
 * have to be made again (BUILD_DEPENDS_REBUILD).
 */
static void survey_want_builds(struct survey_scope *scope, struct survey_pairs *p,
			       const char *release, const char *arch)
{
	for (size_t i = 0; i < scope->w->n_builds; i++) {
		const struct world_build *b = &scope->w->builds[i];

		if (strcmp(b->release, release) == 0 && b->installed && b->depends.n)
			survey_want_pair(p, &b->id, release, arch);
	}
}

static void survey_want_goal(struct survey_scope *scope, struct survey_pairs *p,
			     const struct goal *g)
{
	if (g->verb == GOAL_UNINSTALL || g->verb == GOAL_UNBUILD || g->verb == GOAL_REMOVE ||
	    g->verb == GOAL_ADD_LATER || g->verb == GOAL_REMOVE_LATER || g->verb == GOAL_HOLD ||
	    g->verb == GOAL_UNHOLD)
		return;
	if (g->id.name)
		survey_want_pair(p, &g->id, g->release, g->arch ? g->arch : scope->e->arch);
	/* Get verdicts for all kernels now: `dkms status`, which shows them, evaluates no conf. */
	for (size_t i = 0; g->verb == GOAL_ADD && i < scope->w->n_kernels; i++)
		survey_want_pair(p, &g->id, scope->w->kernels[i].release,
				 scope->w->kernels[i].arch);
	if (g->verb == GOAL_INSTALL) {
		survey_want_builds(scope, p, g->release, g->arch);
		for (size_t i = 0; i < scope->w->n_modules; i++) {
			if (strcmp(scope->w->modules[i].id.name, g->id.name) == 0)
				survey_want_pair(p, &scope->w->modules[i].id, g->release, g->arch);
		}
	}
	/* A try needs the dependencies, too. */
	for (size_t i = 0;
	     (g->verb == GOAL_AUTOINSTALL || g->verb == GOAL_TRY) && i < scope->w->n_modules; i++) {
		if (scope->w->modules[i].source == SOURCE_OK)
			survey_want_pair(p, &scope->w->modules[i].id, g->release, g->arch);
	}
}

/* Does a goal need to know about module packages that it does not name? */
static bool survey_needs_all_modules(const struct goals *goals)
{
	for (size_t i = 0; i < goals->n; i++) {
		enum goal_verb v = goals->v[i].verb;

		if (v == GOAL_AUTOINSTALL || v == GOAL_BUILD || v == GOAL_INSTALL || v == GOAL_TRY)
			return true;
	}
	return false;
}

static int survey_scan_goals(struct survey_scope *scope, const struct goals *goals,
			     struct survey_pairs *p)
{
	bool all = survey_needs_all_modules(goals);
	int r = all ? survey_list_modules(scope, NULL) : 0;

	for (size_t i = 0; i < goals->n && r == 0; i++) {
		const struct goal *g = &goals->v[i];

		if (g->release)
			r = survey_add_kernel(scope, g->release, g->arch);
		else if (g->verb == GOAL_ADD)
			r = survey_add_all_kernels(scope);
		if (r == 0 && !all && g->id.name)
			r = survey_list_modules(scope, g->id.name);
	}
	if (r < 0)
		return r;
	survey_add_modules(scope);
	for (size_t i = 0; i < goals->n; i++) {
		if (goals->v[i].id.name)
			survey_add_named_folder(scope, &goals->v[i].id);
	}
	for (size_t i = 0; i < goals->n; i++)
		survey_want_goal(scope, p, &goals->v[i]);
	return 0;
}

int survey_goals(struct engine *e, const struct goals *goals, struct survey *ret, struct err *err)
{
	struct event none = EVENT_INIT;
	struct survey_scope scope = { .e = e,
				      .s = ret,
				      .w = &ret->world,
				      .tree = TREE_INIT,
				      .overrides = STRV_INIT,
				      .err = err };
	struct survey_pairs pairs = { 0 };
	int r;

	none.from = (char *)"";
	*ret = (struct survey){ .problems = STRV_INIT };
	survey_begin(&scope, &none);
	r = survey_scan_goals(&scope, goals, &pairs);
	return survey_end(&scope, &pairs, r);
}

/*
 * Report a source that a package ships, but that cannot be registered, because its conf does not
 * set PACKAGE_NAME and PACKAGE_VERSION.
 */
static void survey_tell_nameless(struct survey_scope *scope, const struct confs_entry *entry)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (confs_check(scope->e, entry, false, &err) < 0)
		strv_add(&scope->s->problems, err.text);
	survey_learn_nameless(scope, entry);
}

/*
 * Add folders in whose conf only a shell can find PACKAGE_NAME or PACKAGE_VERSION.  bash evaluates
 * these confs, without a kernel.  Folders that no package owns are left out, because no event would
 * register them.
 */
static int survey_name_folders(struct survey_scope *scope, const struct source_folders *list)
{
	AUTO_CONFS struct confs confs = { NULL, 0 };
	int r;

	for (size_t i = 0; i < list->n; i++) {
		const struct source_folder *f = &list->v[i];
		struct target t = { f->folder, "", NULL, scope->e->arch };
		AUTO_FREE char *path = engine_source(scope->e, "%s", f->folder);
		const char *why;

		if ((f->name && f->version) || !survey_owner_of(scope, f->folder) ||
		    (scope->flags & SURVEY_NO_PROCESS))
			continue;
		if (survey_nameless(scope, f->folder, &why))
			strv_add(&scope->s->problems, why);
		else
			confs_want(&confs, &t, path);
	}
	r = confs_evaluate(scope->e, &confs, scope->err);
	for (size_t i = 0; i < confs.n && r == 0; i++) {
		const struct conf *c = &confs.v[i].conf;

		if (!c->package_name || !c->package_version)
			survey_tell_nameless(scope, &confs.v[i]);
		else if (!modid_name_problem(c->package_name) &&
			 !modid_version_problem(c->package_version))
			survey_add_folder(scope, confs.v[i].name, c->package_name,
					  c->package_version);
	}
	return r;
}

/* The folders of registered module packages, sorted. */
static void survey_registered_folders(const struct survey_scope *scope, struct strv *ret)
{
	for (size_t i = 0; i < scope->w->n_modules; i++) {
		if (scope->w->modules[i].folder)
			strv_add(ret, scope->w->modules[i].folder);
	}
	strv_sort(ret);
}

static int survey_add_folders(struct survey_scope *scope)
{
	AUTO_SOURCE_FOLDERS struct source_folders all = { NULL, 0 };
	AUTO_STRV struct strv registered = STRV_INIT;
	struct source_folders rest = { NULL, 0 };
	int r;

	survey_registered_folders(scope, &registered);
	r = source_folders(scope->e, &registered, &all);

	if (r < 0)
		return err_sys(scope->err, r, "%s", scope->e->source_tree);
	for (size_t i = 0; i < all.n; i++) {
		const struct source_folder *f = &all.v[i];

		if (scope->event->kernel_only && !event_lists_source(scope->event, f->folder))
			continue;
		if (!f->name || !f->version)
			VEC_PUSH(rest.v, rest.n, *f);
		else if (!modid_name_problem(f->name) && !modid_version_problem(f->version))
			survey_add_folder(scope, f->folder, f->name, f->version);
	}
	r = rest.n ? survey_name_folders(scope, &rest) : 0;
	free(rest.v);
	return r;
}

/*
 * May an event register the source in this folder?  Only if a package ships it, or if a package's
 * script has asked for it.
 */
static bool survey_may_register(const struct survey_scope *scope, const struct world_folder *f)
{
	const struct request *r = ledger_request(&scope->w->requests, f->id.name, f->id.version);

	return survey_owner_of(scope, f->folder) || (r && r->kind == REQUEST_ADD);
}

/*
 * Can an event want the module package `name` on this kernel?  On a kernel without image, it wants
 * only module packages that are installed there already.
 */
static bool survey_may_be_wanted(const struct survey_scope *scope, const char *name,
				 const struct world_kernel *k)
{
	return k->image || (k->tree && world_installed(scope->w, name, k->release, k->arch));
}

static void survey_want_all(struct survey_scope *scope, struct survey_pairs *p)
{
	for (size_t k = 0; k < scope->w->n_kernels; k++) {
		const struct world_kernel *kernel = &scope->w->kernels[k];

		for (size_t i = 0; i < scope->w->n_modules; i++) {
			if ((scope->w->modules[i].source == SOURCE_OK ||
			     scope->w->modules[i].source == SOURCE_BROKEN) &&
			    survey_may_be_wanted(scope, scope->w->modules[i].id.name, kernel))
				survey_want_pair(p, &scope->w->modules[i].id, kernel->release,
						 kernel->arch);
		}
		for (size_t i = 0; i < scope->w->n_folders; i++) {
			if (survey_may_register(scope, &scope->w->folders[i]) &&
			    survey_may_be_wanted(scope, scope->w->folders[i].id.name, kernel))
				survey_want_pair(p, &scope->w->folders[i].id, kernel->release,
						 kernel->arch);
		}
	}
}

static int survey_scan_all(struct survey_scope *scope, struct survey_pairs *p)
{
	int r = scope->event->kernel_only ? survey_add_named_kernels(scope, scope->event)
					  : survey_add_all_kernels(scope);

	if (r == 0)
		r = survey_list_modules(scope, NULL);
	if (r < 0)
		return r;
	survey_add_modules(scope);
	r = survey_add_folders(scope);
	if (r == 0)
		survey_want_all(scope, p);
	return r;
}

int survey_event(struct engine *e, const struct event *event, unsigned int flags,
		 struct survey *ret, struct err *err)
{
	struct survey_scope scope = { .e = e,
				      .s = ret,
				      .w = &ret->world,
				      .tree = TREE_INIT,
				      .overrides = STRV_INIT,
				      .event = event,
				      .flags = flags,
				      .err = err };
	struct survey_pairs pairs = { 0 };
	int r;

	*ret = (struct survey){ .problems = STRV_INIT };
	survey_begin(&scope, event);
	r = survey_scan_all(&scope, &pairs);
	return survey_end(&scope, &pairs, r);
}
