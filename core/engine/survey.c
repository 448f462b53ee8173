/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/survey.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/change.h"
#include "engine/digest.h"
#include "engine/distro.h"
#include "engine/kernels.h"
#include "engine/source.h"
#include "engine/tree.h"
#include "sys/fs.h"

#define ALL_LEDGERS ((1u << LEDGER_COUNT_) - 1)

struct scope {
	struct engine *e;
	struct survey *s;
	struct world *w;
	struct ledger owners; /* after the event, for the headers' identity */
	struct tree tree;
	unsigned int flags;
	struct err *err;
};

void survey_release(struct survey *s)
{
	world_release(&s->world);
	confs_release(&s->confs);
	ledger_release(&s->verdicts);
	cache_release(&s->headers);
	cache_release(&s->sources);
	strv_release(&s->problems);
}

/* ---- kernels ---- */

static int add_kernel(struct scope *x, const char *release, const char *arch)
{
	AUTO_KERNEL_INFO struct kernel_info info = { 0 };
	AUTO_FREE char *mark = change_depmod_mark(x->e, release);
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
	k->headers = TAKE(info.headers_id);
	k->depmod_pending = fs_exists(&x->e->root, mark);
	return 0;
}

static int add_all_kernels(struct scope *x)
{
	AUTO_STRV struct strv list = STRV_INIT;
	AUTO_FREE char *running = NULL;
	int r = kernels_list(x->e, &list);

	if (r < 0)
		return err_sys(x->err, r, "%s", x->e->install_tree);
	for (size_t i = 0; i < list.n; i++) {
		r = add_kernel(x, list.v[i], x->e->arch);
		if (r < 0)
			return r;
	}
	running = kernels_running(x->e);
	for (size_t i = 0; running && i < x->w->n_kernels; i++)
		x->w->kernels[i].running = strcmp(x->w->kernels[i].release, running) == 0;
	return 0;
}

/* ---- module packages ---- */

static const struct owned *owner_of(const struct scope *x, const char *folder)
{
	return folder ? ledger_owned(&x->owners, OWNED_SOURCE, folder) : NULL;
}

static void add_module(struct scope *x, const struct tree_module *m, const struct tree_version *v)
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
	if (v->source != SOURCE_OK)
		return;
	r = source_content(x->e, link, &x->s->sources, &w->content);
	if (r < 0)
		log_debug("%s/%s: source: %s", m->name, v->version, error_text(r));
}

static void read_record(struct scope *x, const struct target *t, struct world_build *b,
			bool installed)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_ERR struct err err = ERR_INIT;
	int r = tree_record_read(x->e, t, &rec, &err);
	enum files_state state = tree_files_state(x->e, t, r == 0 ? &rec : NULL, installed);

	b->no_record = r < 0;
	b->differs = state != FILES_SAME;
	if (r < 0) {
		if (r != -ENOENT)
			strv_add(&x->s->problems, err.text ? err.text : error_text(r));
		return;
	}
	b->content = TAKE(rec.content);
	b->headers = TAKE(rec.headers);
	b->initrd = rec.remake_initrd;
	strv_add_all(&b->depends, &rec.depends);
	for (size_t i = 0; i < rec.n_modules; i++)
		strv_add(&b->modules, rec.modules[i].dest);
}

static void add_builds(struct scope *x, const struct tree_module *m, const struct tree_version *v)
{
	struct modid id = { m->name, v->version };

	for (size_t i = 0; i < v->n_builds; i++) {
		const struct tree_build *t = &v->builds[i];
		struct target target = { m->name, v->version, t->release, t->arch };
		struct world_build *b;

		if (!t->built)
			continue;
		b = world_add_build(x->w, &id, t->release, t->arch);
		b->installed = t->installed;
		read_record(x, &target, b, t->installed);
	}
}

static int add_modules(struct scope *x, const char *name)
{
	int r = tree_list(x->e, name, NULL, &x->tree);

	return r < 0 ? err_sys(x->err, r, "%s", x->e->dkms_tree) : 0;
}

static void fill_modules(struct scope *x)
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

static void add_folder(struct scope *x, const char *folder, const char *name, const char *version)
{
	struct modid id = { (char *)name, (char *)version };
	const struct owned *o = owner_of(x, folder);
	struct world_folder *f;

	if (world_module(x->w, &id) || world_folder(x->w, &id))
		return;
	f = world_add_folder(x->w, folder, &id);
	f->owner = xstrdup(o ? o->package : NULL);
	f->owner_version = xstrdup(o ? o->version : NULL);
}

/* ---- confs ---- */

static char *source_path(const struct scope *x, const struct modid *id)
{
	const struct world_folder *f = world_folder(x->w, id);

	return f ? engine_source(x->e, "%s", f->folder)
		 : tree_source_link(x->e, id->name, id->version);
}

static char *content_of(const struct scope *x, const struct modid *id, const char *path)
{
	const struct world_module *m = world_module(x->w, id);
	char *content = NULL;

	if (m)
		return xstrdup(m->content);
	return source_content(x->e, path, &x->s->sources, &content) < 0 ? NULL : content;
}

/* Everything that a conf's values can depend on, as one hash; NULL: not to be cached. */
static char *verdict_key(struct scope *x, const struct target *t, const char *content)
{
	const struct world_kernel *k = world_kernel(x->w, t->release);
	AUTO_FREE char *overrides = NULL, *target_dir = engine_target_dir(x->e);
	AUTO_FREE char *directives = strv_join(&x->e->directives, "\n");
	AUTO_BUF struct buf b = BUF_INIT;
	char hex[DIGEST_HEX];

	if (!content || x->e->conf_file || x->e->kernel_config || x->e->kernel_source_dir ||
	    source_overrides(x->e, t, &overrides) < 0)
		return NULL;
	buf_addf(&b, "2\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n", content, overrides,
		 k && k->headers ? k->headers : "", t->release ? t->release : "", t->arch,
		 x->e->dkms_tree, x->e->source_tree, x->e->install_tree,
		 target_dir ? target_dir : "", directives);
	digest_bytes(b.s, b.len, hex);
	return xstrdup(hex);
}

static void use_verdict(struct scope *x, const struct modid *id, const char *release,
			const struct verdict *v)
{
	struct world_conf *c = world_add_conf(x->w, id, release);

	c->autoinstall = v->autoinstall;
	c->rebuild = v->depends_rebuild;
	c->initrd = v->remake_initrd;
	c->excluded = xstrdup(v->excluded);
	c->bad = xstrdup(v->bad);
	strv_add_all(&c->depends, &v->depends);
	strv_add_all(&c->modules, &v->modules);
}

struct pair {
	struct modid id; /* borrowed */
	const char *release, *arch;
	char *key;
};

struct pairs {
	struct pair *v;
	size_t n;
};

static struct target pair_target(const struct pair *p)
{
	return (struct target){ p->id.name, p->id.version, p->release, p->arch };
}

static void want_pair(struct pairs *p, const struct modid *id, const char *release,
		      const char *arch)
{
	struct pair pair = { *id, release, arch, NULL };

	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i].release == release && modid_equal(&p->v[i].id, id))
			return;
	}
	VEC_PUSH(p->v, p->n, pair);
}

/* A cached verdict answers; otherwise the conf is asked for. */
static bool answer_from_cache(struct scope *x, struct pair *p)
{
	struct target t = pair_target(p);
	AUTO_FREE char *path = source_path(x, &p->id);
	AUTO_FREE char *content = content_of(x, &p->id, path);
	const struct verdict *v;

	p->key = verdict_key(x, &t, content);
	v = p->release && p->key
		    ? ledger_verdict(&x->s->verdicts, t.name, t.version, t.release, t.arch)
		    : NULL;
	if (v && v->key && strcmp(v->key, p->key) == 0) {
		use_verdict(x, &p->id, p->release, v);
		return true;
	}
	if (x->flags & SURVEY_NO_PROCESS)
		world_add_conf(x->w, &p->id, p->release)->unknown = true;
	else
		confs_want(&x->s->confs, &t, path);
	return x->flags & SURVEY_NO_PROCESS;
}

static void learn_verdict(struct scope *x, const struct pair *p)
{
	struct target t = pair_target(p);
	const struct confs_entry *entry = confs_entry(&x->s->confs, &t);
	struct verdict v = { .depends = STRV_INIT, .modules = STRV_INIT };

	if (!entry || !entry->evaluated || entry->values.error == -E_CONF_MISSING)
		return;
	confs_verdict(x->e, entry, p->key, &v);
	use_verdict(x, &p->id, p->release, &v);
	if (p->key && p->release && entry->values.error == 0) {
		ledger_put_verdict(&x->s->verdicts, &v);
		x->s->verdicts_changed = true;
	} else {
		verdict_release(&v);
	}
}

static int evaluate_pairs(struct scope *x, struct pairs *p)
{
	bool *known = xcalloc(p->n, sizeof(*known));
	int r;

	for (size_t i = 0; i < p->n; i++)
		known[i] = answer_from_cache(x, &p->v[i]);
	r = confs_evaluate(x->e, &x->s->confs, x->err);
	for (size_t i = 0; i < p->n && r == 0; i++) {
		if (!known[i])
			learn_verdict(x, &p->v[i]);
	}
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].key);
	free(p->v);
	free(known);
	return r;
}

/* ---- failures ---- */

/* What this very run registered is not in the world; caller frees. */
static char *content_now(const struct engine *e, const struct world *w, const struct modid *id)
{
	const struct world_module *m = world_module(w, id);
	AUTO_FREE char *link = NULL;
	char *content;

	if (m && m->content)
		return xstrdup(m->content);
	link = tree_source_link(e, id->name, id->version);
	return source_content(e, link, NULL, &content) < 0 ? xstrdup("") : content;
}

char *survey_failure_key(struct engine *e, const struct world *w, const struct target *t)
{
	struct modid id = { (char *)t->name, (char *)t->version };
	const struct world_kernel *k = world_kernel(w, t->release);
	const struct world_conf *c = world_conf(w, &id, t->release);
	AUTO_FREE char *content = content_now(e, w, &id);
	AUTO_FREE char *overrides = NULL;
	AUTO_BUF struct buf b = BUF_INIT;
	struct stat st;
	char hex[DIGEST_HEX];

	if (source_overrides(e, t, &overrides) < 0)
		return NULL;
	buf_addf(&b, "%s\n%s\n%s\n", content, overrides, k && k->headers ? k->headers : "");
	/* A new compiler is a new chance; its file tells, without a process. */
	if (fs_stat(&e->root, "/usr/bin/gcc", &st) == 0)
		buf_addf(&b, "gcc %lld %lld\n", (long long)st.st_size, (long long)st.st_mtime);
	if (fs_stat(&e->root, "/usr/bin/clang", &st) == 0)
		buf_addf(&b, "clang %lld %lld\n", (long long)st.st_size, (long long)st.st_mtime);
	for (size_t i = 0; c && i < c->depends.n; i++) {
		const struct world_build *d =
			world_installed(w, c->depends.v[i], t->release, t->arch);

		buf_addf(&b, "%s/%s %s\n", c->depends.v[i], d ? d->id.version : "",
			 d && d->content ? d->content : "");
	}
	digest_bytes(b.s, b.len, hex);
	return xstrdup(hex);
}

static void add_failure_keys(struct scope *x)
{
	for (size_t i = 0; i < x->w->n_confs; i++) {
		struct world_conf *c = &x->w->confs[i];
		struct target t = { c->id.name, c->id.version, c->release, x->e->arch };

		if (c->release &&
		    ledger_failure(&x->w->ledger, t.name, t.version, t.release, t.arch))
			c->key = survey_failure_key(x->e, x->w, &t);
	}
}

/* ---- the two surveys ---- */

static int begin(struct scope *x, const struct event *event)
{
	struct survey *s = x->s;
	int r;

	cache_load(x->e, "headers", &s->headers);
	cache_load(x->e, "sources", &s->sources);
	r = ledger_load(x->e, ALL_LEDGERS & ~(1u << LEDGER_VERDICTS), &x->w->ledger, x->err);
	if (r == 0)
		r = ledger_load(x->e, 1u << LEDGER_VERDICTS, &s->verdicts, x->err);
	if (r < 0)
		return r;
	event_merge_owners(event, &x->w->ledger, &x->owners);
	x->w->arch = xstrdup(x->e->arch);
	x->w->only_newest = settings_is_set(&x->e->settings, SET_AUTOINSTALL_ALL_KERNELS) &&
			    !settings_true(&x->e->settings, SET_AUTOINSTALL_ALL_KERNELS);
	x->w->no_autoinstall = fs_exists(&x->e->root, "/etc/dkms/no-autoinstall");
	x->w->no_initramfs = strcmp(settings_get(&x->e->settings, SET_INITRAMFS), "never") == 0;
	return 0;
}

static int end(struct scope *x, struct pairs *pairs, int r)
{
	if (r == 0) {
		r = evaluate_pairs(x, pairs);
	} else {
		free(pairs->v);
	}
	add_failure_keys(x);
	world_sort(x->w);
	tree_release(&x->tree);
	ledger_release(&x->owners);
	return r;
}

/* The folder that `add` takes for NAME/VERSION, whatever its conf says (DKMS does not compare). */
static void add_named_folder(struct scope *x, const struct modid *id)
{
	AUTO_FREE char *folder = xasprintf("%s-%s", id->name, id->version);
	AUTO_FREE char *path = engine_source(x->e, "%s", folder);

	if (fs_is_dir(&x->e->root, path))
		add_folder(x, folder, id->name, id->version);
}

/* Everything that is built for the kernel with BUILD_DEPENDS_REBUILD may have to follow. */
static void want_builds(struct scope *x, struct pairs *p, const char *release, const char *arch)
{
	for (size_t i = 0; i < x->w->n_builds; i++) {
		const struct world_build *b = &x->w->builds[i];

		if (strcmp(b->release, release) == 0 && b->installed && b->depends.n)
			want_pair(p, &b->id, release, arch);
	}
}

static void want_goal(struct scope *x, struct pairs *p, const struct goal *g)
{
	if (g->verb == GOAL_UNINSTALL || g->verb == GOAL_UNBUILD || g->verb == GOAL_REMOVE)
		return;
	if (g->verb != GOAL_AUTOINSTALL)
		want_pair(p, &g->id, g->release, g->arch ? g->arch : x->e->arch);
	/* So that status, which evaluates nothing, knows what it is excluded from. */
	for (size_t i = 0; g->verb == GOAL_ADD && i < x->w->n_kernels; i++)
		want_pair(p, &g->id, x->w->kernels[i].release, x->w->kernels[i].arch);
	if (g->verb == GOAL_INSTALL) {
		want_builds(x, p, g->release, g->arch);
		for (size_t i = 0; i < x->w->n_modules; i++) {
			if (strcmp(x->w->modules[i].id.name, g->id.name) == 0)
				want_pair(p, &x->w->modules[i].id, g->release, g->arch);
		}
	}
	for (size_t i = 0; g->verb == GOAL_AUTOINSTALL && i < x->w->n_modules; i++) {
		if (x->w->modules[i].source == SOURCE_OK)
			want_pair(p, &x->w->modules[i].id, g->release, g->arch);
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

static int look_at_goals(struct scope *x, const struct goals *goals, struct pairs *p)
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
	struct scope x = { .e = e, .s = ret, .w = &ret->world, .tree = TREE_INIT, .err = err };
	struct pairs pairs = { NULL, 0 };
	int r;

	none.from = (char *)"";
	*ret = (struct survey){ .problems = STRV_INIT };
	r = begin(&x, &none);
	if (r == 0)
		r = look_at_goals(&x, goals, &pairs);
	return end(&x, &pairs, r);
}

/* Names that only a shell can tell: the conf is evaluated for no kernel. */
static int name_folders(struct scope *x, const struct source_folders *list)
{
	AUTO_CONFS struct confs confs = { NULL, 0 };
	int r;

	for (size_t i = 0; i < list->n; i++) {
		const struct source_folder *f = &list->v[i];
		struct target t = { f->folder, "", NULL, x->e->arch };
		AUTO_FREE char *path = engine_source(x->e, "%s", f->folder);

		if ((!f->name || !f->version) && owner_of(x, f->folder) &&
		    !(x->flags & SURVEY_NO_PROCESS))
			confs_want(&confs, &t, path);
	}
	r = confs_evaluate(x->e, &confs, x->err);
	for (size_t i = 0; i < confs.n && r == 0; i++) {
		const struct conf *c = &confs.v[i].conf;

		if (c->package_name && c->package_version)
			add_folder(x, confs.v[i].name, c->package_name, c->package_version);
	}
	return r;
}

static bool is_registered_folder(const struct scope *x, const char *folder)
{
	for (size_t i = 0; i < x->w->n_modules; i++) {
		const char *f = x->w->modules[i].folder;

		if (f && strcmp(f, folder) == 0)
			return true;
	}
	return false;
}

static int add_folders(struct scope *x)
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
		if (!f->name || !f->version)
			VEC_PUSH(rest.v, rest.n, *f);
		else if (!modid_name_problem(f->name) && !modid_version_problem(f->version))
			add_folder(x, f->folder, f->name, f->version);
	}
	r = rest.n ? name_folders(x, &rest) : 0;
	free(rest.v);
	return r;
}

static void want_everything(struct scope *x, struct pairs *p)
{
	for (size_t k = 0; k < x->w->n_kernels; k++) {
		const struct world_kernel *kernel = &x->w->kernels[k];

		if (!kernel->image)
			continue;
		for (size_t i = 0; i < x->w->n_modules; i++) {
			if (x->w->modules[i].source == SOURCE_OK ||
			    x->w->modules[i].source == SOURCE_BROKEN)
				want_pair(p, &x->w->modules[i].id, kernel->release, kernel->arch);
		}
		for (size_t i = 0; i < x->w->n_folders; i++) {
			if (owner_of(x, x->w->folders[i].folder))
				want_pair(p, &x->w->folders[i].id, kernel->release, kernel->arch);
		}
	}
}

static int look_at_all(struct scope *x, struct pairs *p)
{
	int r = add_all_kernels(x);

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
	struct scope x = {
		.e = e, .s = ret, .w = &ret->world, .tree = TREE_INIT, .flags = flags, .err = err
	};
	struct pairs pairs = { NULL, 0 };
	int r;

	*ret = (struct survey){ .problems = STRV_INIT };
	r = begin(&x, event);
	if (r == 0)
		r = look_at_all(&x, &pairs);
	return end(&x, &pairs, r);
}

int survey_save(struct engine *e, struct survey *s)
{
	struct tx tx;
	int r = cache_store(e, &s->headers), q = cache_store(e, &s->sources);

	if (r == 0)
		r = q;
	if (!s->verdicts_changed || r < 0)
		return r;
	tx_begin(&tx, &e->journal, "remember conf verdicts");
	ledger_store(e, &tx, &s->verdicts, LEDGER_VERDICTS);
	r = tx_run(&tx, NULL);
	tx_release(&tx);
	return r;
}
