/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/survey.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "conf/source.h"
#include "install/cleankernel.h"
#include "kernel/kernels.h"
#include "survey/failurekey.h"
#include "survey/surveyconf.h"
#include "sys/fs.h"
#include "tree/ledgerfile.h"
#include "tree/ours.h"
#include "tree/pending.h"
#include "tree/tree.h"

/* ---- kernels ---- */

static int add_kernel(struct survey_scope *x, const char *release, const char *arch)
{
	AUTO_KERNEL_INFO struct kernel_info info = { 0 };
	AUTO_FREE char *mark = tree_pending_mark(x->e, PENDING_DEPMOD, release);
	struct world_kernel *k;
	int r;

	if (world_kernel(x->w, release))
		return 0;
	r = kernel_look(x->e, release, &x->owners, &x->s->headers, &info);
	if (r < 0)
		return err_sys(x->err, r, "Kernel %s", release);
	k = world_add_kernel(x->w, release, arch);
	k->tree = info.tree;
	k->image = info.complete;
	k->litter = k->tree && !k->image && clean_is_needed(x->e, release);
	k->headers = TAKE(info.headers_id);
	k->depmod_pending = fs_exists(&x->e->root, mark);
	k->initramfs_pending = pending_is_left(x->e, PENDING_INITRAMFS, release);
	return 0;
}

static void mark_running(struct survey_scope *x)
{
	AUTO_FREE char *running = kernels_running(x->e);

	for (size_t i = 0; running && i < x->w->n_kernels; i++)
		x->w->kernels[i].running = strcmp(x->w->kernels[i].release, running) == 0;
}

static int add_all_kernels(struct survey_scope *x)
{
	AUTO_STRV struct strv list = STRV_INIT;
	int r = kernels_list(x->e, &list);

	if (r < 0)
		return err_sys(x->err, r, "%s", x->e->install_tree);
	for (size_t i = 0; i < list.n; i++) {
		r = add_kernel(x, list.v[i], x->e->arch);
		if (r < 0)
			return r;
	}
	mark_running(x);
	return 0;
}

static int add_named_kernels(struct survey_scope *x, const struct event *event)
{
	for (size_t i = 0; i < event->n; i++) {
		const char *key = event->items[i].key;
		int r = event_kernel(event, key) ? add_kernel(x, key, x->e->arch) : 0;

		if (r < 0)
			return r;
	}
	mark_running(x);
	return 0;
}

/* ---- module packages ---- */

/* Is the module package one that must be known closely: its source's content, its files? */
static bool is_close(const struct survey_scope *x, const char *name)
{
	for (size_t i = 0; x->goals && i < x->goals->n; i++) {
		const struct goal *g = &x->goals->v[i];

		if (g->verb == GOAL_AUTOINSTALL || (g->id.name && strcmp(g->id.name, name) == 0))
			return true;
	}
	return !x->goals;
}

static const struct owned *owner_of(const struct survey_scope *x, const char *folder)
{
	return folder ? ledger_owner(&x->owners, OWNED_SOURCE, folder) : NULL;
}

/* Only if it does not exist: a dkms.conf that cannot be read may still be the package's. */
static bool survey_lacks_conf(const struct survey_scope *x, const char *source)
{
	AUTO_FREE char *conf = xasprintf("%s/dkms.conf", source);
	struct stat st;

	return fs_stat(&x->e->root, conf, &st) == -ENOENT;
}

static void add_module(struct survey_scope *x, const struct tree_module *m,
		       const struct tree_version *v)
{
	struct modid id = { m->name, v->version };
	struct world_module *w = world_add_module(x->w, &id);
	AUTO_FREE char *link = tree_source_link(x->e, m->name, v->version);
	const struct owned *o = owner_of(x, v->folder);
	int r;

	w->source = v->source;
	w->folder = xstrdup(v->folder);
	w->owner = xstrdup(o ? o->package : NULL);
	w->owner_version = xstrdup(o ? o->version : NULL);
	if (v->source != SOURCE_OK || !is_close(x, m->name))
		return;
	w->no_conf = survey_lacks_conf(x, link);
	r = source_content(x->e, link, &x->s->sources, &w->content);
	if (r < 0)
		log_debug("%s/%s: source: %s", m->name, v->version, error_text(r));
}

static void survey_add_file(struct survey_scope *x, size_t build, const char *path)
{
	struct survey_file f = { build, xstrdup(path) };

	VEC_PUSH(x->files, x->n_files, f);
}

static void read_record(struct survey_scope *x, const struct target *t, struct world_build *b,
			bool installed)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_ERR struct err err = ERR_INIT;
	enum files_state state = FILES_SAME;
	int r = tree_record_read(x->e, t, &rec, &err);

	b->no_record = r < 0;
	if (is_close(x, t->name))
		state = tree_files_state(x->e, t, r == 0 ? &rec : NULL, installed);
	b->refused = state == FILES_REFUSED;
	b->differs = state != FILES_SAME && !b->refused;
	b->lost = state == FILES_LOST;
	if (r < 0) {
		if (r != -ENOENT)
			strv_add(&x->s->problems, err.text ? err.text : error_text(r));
		return;
	}
	if (b->refused)
		b->rival = ours_rival(x->e, t->release, &rec);
	b->content = TAKE(rec.content);
	b->headers = TAKE(rec.headers);
	b->initrd = rec.remake_initrd;
	strv_add_all(&b->depends, &rec.depends);
	for (size_t i = 0; i < rec.n_modules; i++) {
		strv_add(&b->modules, rec.modules[i].dest);
		if (x->event && installed && rec.modules[i].path && !b->differs)
			survey_add_file(x, (size_t)(b - x->w->builds), rec.modules[i].path);
	}
}

static bool is_in_scope(const struct survey_scope *x, const char *release)
{
	return !x->event || !x->event->kernel_only || event_kernel(x->event, release);
}

static void add_builds(struct survey_scope *x, const struct tree_module *m,
		       const struct tree_version *v)
{
	struct modid id = { m->name, v->version };

	for (size_t i = 0; i < v->n_builds; i++) {
		const struct tree_build *t = &v->builds[i];
		struct target target = { m->name, v->version, t->release, t->arch };
		struct world_build *b;

		if (!tree_build_is_known(t) || !is_in_scope(x, t->release))
			continue;
		b = world_add_build(x->w, &id, t->release, t->arch);
		b->installed = t->installed;
		read_record(x, &target, b, t->installed);
	}
}

static int add_modules(struct survey_scope *x, const char *name)
{
	int r = tree_list(x->e, name, NULL, &x->tree);

	return r < 0 ? err_sys(x->err, r, "%s", x->e->dkms_tree) : 0;
}

static void fill_modules(struct survey_scope *x)
{
	for (size_t i = 0; i < x->tree.n_modules; i++) {
		const struct tree_module *m = &x->tree.modules[i];

		for (size_t k = 0; k < m->n_versions; k++) {
			const struct tree_version *v = &m->versions[k];

			if (v->source == SOURCE_NONE && !v->n_builds)
				continue;
			add_module(x, m, v);
			add_builds(x, m, v);
		}
	}
	strv_add_all(&x->s->problems, &x->tree.problems);
}

/*
 * A package ships its source in another folder now, and the one that it was added from is gone:
 * what is missing is the link.
 */
static void move_source(struct survey_scope *x, struct world_module *m, const char *folder,
			const struct owned *o)
{
	AUTO_FREE char *path = engine_source(x->e, "%s", folder);
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
	r = source_content(x->e, path, &x->s->sources, &m->content);
	if (r < 0)
		log_debug("%s: %s", path, error_text(r));
}

static void add_folder(struct survey_scope *x, const char *folder, const char *name,
		       const char *version)
{
	struct modid id = { (char *)name, (char *)version };
	const struct owned *o = owner_of(x, folder);
	struct world_folder *f;

	for (size_t i = 0; i < x->w->n_modules; i++) {
		if (modid_equal(&x->w->modules[i].id, &id)) {
			move_source(x, &x->w->modules[i], folder, o);
			return;
		}
	}
	if (world_folder(x->w, &id))
		return;
	f = world_add_folder(x->w, folder, &id);
	f->owner = xstrdup(o ? o->package : NULL);
	f->owner_version = xstrdup(o ? o->version : NULL);
}

/* ---- the two surveys ---- */

/* Warn about damaged lines and use the others. */
static void load_ledger(struct survey_scope *x, enum ledger_file file, struct ledger *ret)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (ledger_load(x->e, file, ret, &err) < 0)
		strv_add(&x->s->problems, err.text ? err.text : error_text(err.code));
}

static void survey_begin(struct survey_scope *x, const struct event *event)
{
	struct survey *s = x->s;

	cache_load(x->e, "headers", &s->headers);
	cache_load(x->e, "sources", &s->sources);
	cache_load(x->e, "loader", &s->loader);
	load_ledger(x, LEDGER_VERDICTS, &s->verdicts);
	for (enum ledger_file file = 0; file < LEDGER_COUNT_; file++) {
		if (file != LEDGER_VERDICTS)
			load_ledger(x, file, &x->w->ledger);
	}
	event_merge_owners(event, &x->w->ledger, &x->owners);
	x->w->arch = xstrdup(x->e->arch);
	x->w->only_newest = settings_is_set(&x->e->settings, SET_AUTOINSTALL_ALL_KERNELS) &&
			    !settings_true(&x->e->settings, SET_AUTOINSTALL_ALL_KERNELS);
	x->w->no_autoinstall = fs_exists(&x->e->root, "/etc/dkms/no-autoinstall");
	x->w->no_initramfs = strcmp(settings_get(&x->e->settings, SET_INITRAMFS), "never") == 0;
}

/* DKMS writes down nowhere what a build made: only its conf tells that a module was lost. */
static void survey_mark_lost(struct survey_scope *x)
{
	for (size_t i = 0; i < x->w->n_builds; i++) {
		struct world_build *b = &x->w->builds[i];
		const struct world_conf *c = world_conf(x->w, &b->id, b->release);
		struct target t = { b->id.name, b->id.version, b->release, b->arch };

		if (!b->no_record || !c || c->bad || c->excluded ||
		    !tree_lacks_module(x->e, &t, &c->modules))
			continue;
		b->lost = true;
		b->differs = true;
	}
}

static int end(struct survey_scope *x, struct survey_pairs *pairs, int r)
{
	if (r == 0) {
		r = survey_evaluate(x, pairs);
	} else {
		free(pairs->v);
	}
	survey_mark_lost(x);
	if (x->event)
		survey_mark_hidden(x);
	for (size_t i = 0; i < x->n_files; i++)
		free(x->files[i].path);
	free(x->files);
	failurekey_add_all(x->e, x->s);
	world_sort(x->w);
	tree_release(&x->tree);
	ledger_release(&x->owners);
	return r;
}

/* The folder that `add` takes for NAME/VERSION, whatever its conf says (DKMS does not compare). */
static void add_named_folder(struct survey_scope *x, const struct modid *id)
{
	AUTO_FREE char *folder = xasprintf("%s-%s", id->name, id->version);
	AUTO_FREE char *path = engine_source(x->e, "%s", folder);

	if (fs_is_dir(&x->e->root, path))
		add_folder(x, folder, id->name, id->version);
}

/* Everything that is built for the kernel with BUILD_DEPENDS_REBUILD may have to follow. */
static void want_builds(struct survey_scope *x, struct survey_pairs *p, const char *release,
			const char *arch)
{
	for (size_t i = 0; i < x->w->n_builds; i++) {
		const struct world_build *b = &x->w->builds[i];

		if (strcmp(b->release, release) == 0 && b->installed && b->depends.n)
			survey_want_pair(p, &b->id, release, arch);
	}
}

static void want_goal(struct survey_scope *x, struct survey_pairs *p, const struct goal *g)
{
	if (g->verb == GOAL_UNINSTALL || g->verb == GOAL_UNBUILD || g->verb == GOAL_REMOVE ||
	    g->verb == GOAL_ADD_LATER || g->verb == GOAL_REMOVE_LATER)
		return;
	if (g->verb != GOAL_AUTOINSTALL)
		survey_want_pair(p, &g->id, g->release, g->arch ? g->arch : x->e->arch);
	/* So that status, which evaluates nothing, knows what it is excluded from. */
	for (size_t i = 0; g->verb == GOAL_ADD && i < x->w->n_kernels; i++)
		survey_want_pair(p, &g->id, x->w->kernels[i].release, x->w->kernels[i].arch);
	if (g->verb == GOAL_INSTALL) {
		want_builds(x, p, g->release, g->arch);
		for (size_t i = 0; i < x->w->n_modules; i++) {
			if (strcmp(x->w->modules[i].id.name, g->id.name) == 0)
				survey_want_pair(p, &x->w->modules[i].id, g->release, g->arch);
		}
	}
	for (size_t i = 0; g->verb == GOAL_AUTOINSTALL && i < x->w->n_modules; i++) {
		if (x->w->modules[i].source == SOURCE_OK)
			survey_want_pair(p, &x->w->modules[i].id, g->release, g->arch);
	}
}

/* Does a goal need to know about module packages that it does not name? */
static bool needs_all_modules(const struct goals *goals)
{
	for (size_t i = 0; i < goals->n; i++) {
		enum goal_verb v = goals->v[i].verb;

		if (v == GOAL_AUTOINSTALL || v == GOAL_BUILD || v == GOAL_INSTALL)
			return true;
	}
	return false;
}

static int look_at_goals(struct survey_scope *x, const struct goals *goals, struct survey_pairs *p)
{
	bool all = needs_all_modules(goals);
	int r = all ? add_modules(x, NULL) : 0;

	for (size_t i = 0; i < goals->n && r == 0; i++) {
		const struct goal *g = &goals->v[i];

		if (g->release)
			r = add_kernel(x, g->release, g->arch);
		else if (g->verb == GOAL_ADD)
			r = add_all_kernels(x);
		if (r == 0 && !all && g->id.name)
			r = add_modules(x, g->id.name);
	}
	if (r < 0)
		return r;
	fill_modules(x);
	for (size_t i = 0; i < goals->n; i++) {
		if (goals->v[i].id.name)
			add_named_folder(x, &goals->v[i].id);
	}
	for (size_t i = 0; i < goals->n; i++)
		want_goal(x, p, &goals->v[i]);
	return 0;
}

int survey_goals(struct engine *e, const struct goals *goals, struct survey *ret, struct err *err)
{
	struct event none = EVENT_INIT;
	struct survey_scope x = {
		.e = e, .s = ret, .w = &ret->world, .tree = TREE_INIT, .err = err
	};
	struct survey_pairs pairs = { NULL, 0 };
	int r;

	none.from = (char *)"";
	*ret = (struct survey){ .problems = STRV_INIT };
	survey_begin(&x, &none);
	r = look_at_goals(&x, goals, &pairs);
	return end(&x, &pairs, r);
}

/* A package ships it, and it can never be registered. */
static void tell_nameless(struct survey_scope *x, const struct confs_entry *entry)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (confs_check(x->e, entry, false, &err) < 0)
		strv_add(&x->s->problems, err.text);
	survey_learn_nameless(x, entry);
}

/* Names that only a shell can tell: the conf is evaluated for no kernel. */
static int name_folders(struct survey_scope *x, const struct source_folders *list)
{
	AUTO_CONFS struct confs confs = { NULL, 0 };
	int r;

	for (size_t i = 0; i < list->n; i++) {
		const struct source_folder *f = &list->v[i];
		struct target t = { f->folder, "", NULL, x->e->arch };
		AUTO_FREE char *path = engine_source(x->e, "%s", f->folder);
		const char *why;

		if ((f->name && f->version) || !owner_of(x, f->folder) ||
		    (x->flags & SURVEY_NO_PROCESS))
			continue;
		if (survey_nameless(x, f->folder, &why))
			strv_add(&x->s->problems, why);
		else
			confs_want(&confs, &t, path);
	}
	r = confs_evaluate(x->e, &confs, x->err);
	for (size_t i = 0; i < confs.n && r == 0; i++) {
		const struct conf *c = &confs.v[i].conf;

		if (!c->package_name || !c->package_version)
			tell_nameless(x, &confs.v[i]);
		else if (!modid_name_problem(c->package_name) &&
			 !modid_version_problem(c->package_version))
			add_folder(x, confs.v[i].name, c->package_name, c->package_version);
	}
	return r;
}

static bool is_registered_folder(const struct survey_scope *x, const char *folder)
{
	for (size_t i = 0; i < x->w->n_modules; i++) {
		const char *f = x->w->modules[i].folder;

		if (f && strcmp(f, folder) == 0)
			return true;
	}
	return false;
}

static int add_folders(struct survey_scope *x)
{
	AUTO_SOURCE_FOLDERS struct source_folders all = { NULL, 0 };
	struct source_folders rest = { NULL, 0 };
	int r = source_folders(x->e, &all);

	if (r < 0)
		return err_sys(x->err, r, "%s", x->e->source_tree);
	for (size_t i = 0; i < all.n; i++) {
		const struct source_folder *f = &all.v[i];

		if (is_registered_folder(x, f->folder))
			continue;
		if (x->event->kernel_only && !event_lists_source(x->event, f->folder))
			continue;
		if (!f->name || !f->version)
			VEC_PUSH(rest.v, rest.n, *f);
		else if (!modid_name_problem(f->name) && !modid_version_problem(f->version))
			add_folder(x, f->folder, f->name, f->version);
	}
	r = rest.n ? name_folders(x, &rest) : 0;
	free(rest.v);
	return r;
}

/* A package ships it, or the script of one asked for it. */
static bool may_register(const struct survey_scope *x, const struct world_folder *f)
{
	const struct request *r = ledger_request(&x->w->ledger, f->id.name, f->id.version);

	return owner_of(x, f->folder) || (r && r->kind == REQUEST_ADD);
}

/* Without an image only what has a version there is kept as it should be. */
static bool may_be_wanted(const struct survey_scope *x, const char *name,
			  const struct world_kernel *k)
{
	return k->image || (k->tree && world_installed(x->w, name, k->release, k->arch));
}

static void want_everything(struct survey_scope *x, struct survey_pairs *p)
{
	for (size_t k = 0; k < x->w->n_kernels; k++) {
		const struct world_kernel *kernel = &x->w->kernels[k];

		for (size_t i = 0; i < x->w->n_modules; i++) {
			if ((x->w->modules[i].source == SOURCE_OK ||
			     x->w->modules[i].source == SOURCE_BROKEN) &&
			    may_be_wanted(x, x->w->modules[i].id.name, kernel))
				survey_want_pair(p, &x->w->modules[i].id, kernel->release,
						 kernel->arch);
		}
		for (size_t i = 0; i < x->w->n_folders; i++) {
			if (may_register(x, &x->w->folders[i]) &&
			    may_be_wanted(x, x->w->folders[i].id.name, kernel))
				survey_want_pair(p, &x->w->folders[i].id, kernel->release,
						 kernel->arch);
		}
	}
}

static int look_at_all(struct survey_scope *x, struct survey_pairs *p)
{
	int r = x->event->kernel_only ? add_named_kernels(x, x->event) : add_all_kernels(x);

	if (r == 0)
		r = add_modules(x, NULL);
	if (r < 0)
		return r;
	fill_modules(x);
	r = add_folders(x);
	if (r == 0)
		want_everything(x, p);
	return r;
}

int survey_event(struct engine *e, const struct event *event, unsigned int flags,
		 struct survey *ret, struct err *err)
{
	struct survey_scope x = { .e = e,
				  .s = ret,
				  .w = &ret->world,
				  .tree = TREE_INIT,
				  .event = event,
				  .flags = flags,
				  .err = err };
	struct survey_pairs pairs = { NULL, 0 };
	int r;

	*ret = (struct survey){ .problems = STRV_INIT };
	survey_begin(&x, event);
	r = look_at_all(&x, &pairs);
	return end(&x, &pairs, r);
}

int survey_save(struct engine *e, struct survey *s)
{
	struct cache *caches[] = { &s->headers, &s->sources, &s->loader };
	struct tx tx;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(caches); i++) {
		int k = cache_store(e, caches[i]);

		r = r < 0 ? r : k;
	}
	if (!s->verdicts_changed || r < 0)
		return r;
	tx_begin(&tx, &e->journal, "remember conf verdicts");
	ledger_store(e, &tx, &s->verdicts, LEDGER_VERDICTS);
	r = tx_run(&tx, NULL);
	tx_release(&tx);
	return r;
}
