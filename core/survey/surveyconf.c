/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/surveyconf.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "conf/source.h"
#include "engine/childenv.h"
#include "engine/digest.h"
#include "engine/distro.h"
#include "engine/trust.h"
#include "install/change.h"
#include "survey/toolchain.h"
#include "sys/fs.h"
#include "tree/tree.h"

#define NAMELESS "unnamed" /* for version and release of confs without names */

static char *source_path(const struct survey_scope *x, const struct modid *id)
{
	const struct world_folder *f = world_folder(x->w, id);
	const struct world_module *m = world_module(x->w, id);

	if (f)
		return engine_source(x->e, "%s", f->folder);
	/* The link is to be made anew: the conf is where it will lead to. */
	if (m && m->source == SOURCE_BROKEN && m->folder)
		return engine_source(x->e, "%s", m->folder);
	return tree_source_link(x->e, id->name, id->version);
}

static char *content_of(const struct survey_scope *x, const struct modid *id, const char *path)
{
	const struct world_module *m = world_module(x->w, id);
	char *content = NULL;

	if (m)
		return xstrdup(m->content);
	return source_content(x->e, path, &x->s->sources, &content) < 0 ? NULL : content;
}

/* Variables of the environment that override confs: this once, so nothing is to be remembered. */
static bool has_directive_variable(void)
{
	for (char **p = environ; *p; p++) {
		if (strncmp(*p, "DKMS_DIRECTIVE", 14) == 0)
			return true;
	}
	return false;
}

/* Without their packages, which a kernel's own hook knows and the next reader may not. */
static const char *headers_hash(const struct world_kernel *k)
{
	const char *hash = k && k->headers ? strrchr(k->headers, '|') : NULL;

	return hash ? hash : k && k->headers ? k->headers : "";
}

/* Everything that a conf's values can depend on, as one hash; NULL: not to be cached. */
static char *verdict_key(struct survey_scope *x, const struct target *t, const char *content)
{
	const struct world_kernel *k = world_kernel(x->w, t->release);
	AUTO_FREE char *overrides = NULL, *target_dir = engine_target_dir(x->e);
	AUTO_FREE char *directives = strv_join(&x->e->directives, "\n");
	AUTO_STRV struct strv added = STRV_INIT;
	AUTO_FREE char *environment = NULL;
	AUTO_BUF struct buf b = BUF_INIT;
	char hex[DIGEST_HEX];

	if (!content || x->e->conf_file || x->e->kernel_config || x->e->kernel_source_dir ||
	    has_directive_variable() || source_overrides(x->e, t, &overrides) < 0)
		return NULL;
	childenv_added(x->e, t->release, t->arch, &added);
	environment = strv_join(&added, "\n");
	buf_addf(&b, "4\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n", content, overrides,
		 headers_hash(k), t->release ? t->release : "", t->arch, x->e->dkms_tree,
		 x->e->source_tree, x->e->install_tree, target_dir ? target_dir : "", directives,
		 environment, settings_get(&x->e->settings, SET_CONF_TIMEOUT));
	digest_bytes(b.s, b.len, hex);
	return xstrdup(hex);
}

static void use_verdict(struct survey_scope *x, const struct modid *id, const char *release,
			const struct verdict *v, bool known)
{
	struct world_conf *c = world_add_conf(x->w, id, release);

	c->known = known;
	c->autoinstall = v->autoinstall;
	c->rebuild = v->depends_rebuild;
	c->initrd = v->remake_initrd;
	c->excluded = xstrdup(v->excluded);
	c->bad = xstrdup(v->bad);
	strv_add_all(&c->depends, &v->depends);
	strv_add_all(&c->modules, &v->modules);
}

/* For readers, which evaluate no conf.  v: the last verdict, of other input; NULL: none. */
static void use_old_verdict(struct survey_scope *x, const struct survey_pair *p,
			    const struct verdict *v)
{
	const struct world_module *m = world_module(x->w, &p->id);
	struct world_conf *c;

	if (m && m->no_conf)
		return;
	c = world_add_conf(x->w, &p->id, p->release);
	c->unknown = true;
	c->autoinstall = v && v->autoinstall;
}

static struct target pair_target(const struct survey_pair *p)
{
	return (struct target){ p->id.name, p->id.version, p->release, p->arch };
}

void survey_want_pair(struct survey_pairs *p, const struct modid *id, const char *release,
		      const char *arch)
{
	struct survey_pair pair = { *id, release, arch, NULL };

	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i].release == release && modid_equal(&p->v[i].id, id))
			return;
	}
	VEC_PUSH(p->v, p->n, pair);
}

/*
 * The key covers content, not owners and modes, so check them again.  Not for readers, and not for
 * what is installed and unchanged: if it is built again anyway, the build checks.
 */
static bool may_build(const struct survey_scope *x, const struct survey_pair *p,
		      const struct target *t, const char *path, const char *content)
{
	const struct world_build *b = world_build(x->w, &p->id, p->release, p->arch);

	if (x->flags & SURVEY_NO_PROCESS ||
	    (b && b->installed && b->content && strcmp(b->content, content) == 0))
		return true;
	return trust_source(x->e, t, path, NULL) == 0;
}

/* A cached verdict answers; otherwise the conf is asked for. */
static bool answer_from_cache(struct survey_scope *x, struct survey_pair *p)
{
	struct target t = pair_target(p);
	AUTO_FREE char *path = source_path(x, &p->id);
	AUTO_FREE char *content = content_of(x, &p->id, path);
	const struct verdict *v;

	p->key = verdict_key(x, &t, content);
	v = p->release && p->key
		    ? ledger_verdict(&x->s->verdicts, t.name, t.version, t.release, t.arch)
		    : NULL;
	/* Evaluate a bad conf again for a person: it may have hung because the network was down. */
	if (v && v->key && strcmp(v->key, p->key) == 0 && may_build(x, p, &t, path, content) &&
	    !(v->bad && !x->event && !(x->flags & SURVEY_NO_PROCESS))) {
		use_verdict(x, &p->id, p->release, v, true);
		return true;
	}
	if (x->flags & SURVEY_NO_PROCESS)
		use_old_verdict(x, p, v);
	else
		confs_want(&x->s->confs, &t, path);
	return x->flags & SURVEY_NO_PROCESS;
}

static void learn_verdict(struct survey_scope *x, const struct survey_pair *p)
{
	struct target t = pair_target(p);
	const struct confs_entry *entry = confs_entry(&x->s->confs, &t);
	struct verdict v = { .depends = STRV_INIT, .modules = STRV_INIT };

	if (!entry || !entry->evaluated || entry->values.error == -E_CONF_MISSING)
		return;
	confs_verdict(x->e, entry, p->key, &v);
	use_verdict(x, &p->id, p->release, &v, false);
	/* Modes and owners are no part of the key. */
	if (p->key && p->release && entry->values.error != -E_UNSAFE) {
		ledger_put_verdict(&x->s->verdicts, &v);
		x->s->verdicts_changed = true;
	} else {
		verdict_release(&v);
	}
}

/* About what is not there any more; an event that sees all modules and kernels forgets it. */
static void survey_drop_verdicts(struct survey_scope *x)
{
	struct ledger *l = &x->s->verdicts;
	size_t n = 0;

	for (size_t i = 0; i < l->n_verdicts; i++) {
		struct verdict *v = &l->verdicts[i];
		struct modid id = { v->name, v->version };

		if (strcmp(v->version, NAMELESS) == 0 ||
		    (world_kernel(x->w, v->release) &&
		     (world_module(x->w, &id) || world_folder(x->w, &id))))
			l->verdicts[n++] = *v;
		else
			verdict_release(v);
	}
	x->s->verdicts_changed |= n < l->n_verdicts;
	l->n_verdicts = n;
}

int survey_evaluate(struct survey_scope *x, struct survey_pairs *p)
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
	/* Looked for only where there are more than it has asked for. */
	if (r == 0 && x->event && !x->event->kernel_only && x->s->verdicts.n_verdicts > p->n)
		survey_drop_verdicts(x);
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].key);
	free(p->v);
	free(known);
	return r;
}

/* ---- confs without names ---- */

static char *nameless_key(struct survey_scope *x, const char *folder)
{
	struct target t = { folder, "", NULL, x->e->arch };
	AUTO_FREE char *path = engine_source(x->e, "%s", folder);
	AUTO_FREE char *content = NULL;

	if (source_content(x->e, path, &x->s->sources, &content) < 0)
		return NULL;
	return verdict_key(x, &t, content);
}

bool survey_nameless(struct survey_scope *x, const char *folder, const char **ret)
{
	const struct verdict *v =
		ledger_verdict(&x->s->verdicts, folder, NAMELESS, NAMELESS, x->e->arch);
	AUTO_FREE char *key = v ? nameless_key(x, folder) : NULL;

	if (!key || !v->key || !v->bad || strcmp(v->key, key) != 0)
		return false;
	*ret = v->bad;
	return true;
}

void survey_learn_nameless(struct survey_scope *x, const struct confs_entry *entry)
{
	AUTO_ERR struct err err = ERR_INIT;
	struct verdict v = { .depends = STRV_INIT, .modules = STRV_INIT };

	v.key = entry->values.error && !modid_name_problem(entry->name)
			? nameless_key(x, entry->name)
			: NULL;
	if (!v.key || confs_check(x->e, entry, false, &err) == 0)
		return verdict_release(&v);
	v.name = xstrdup(entry->name);
	v.version = xstrdup(NAMELESS);
	v.release = xstrdup(NAMELESS);
	v.arch = xstrdup(x->e->arch);
	v.bad = TAKE(err.text);
	ledger_put_verdict(&x->s->verdicts, &v);
	x->s->verdicts_changed = true;
}
