/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/surveyconf.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/headerless.h"
#include "conf/source.h"
#include "engine/childenv.h"
#include "engine/digest.h"
#include "engine/distro.h"
#include "engine/trust.h"
#include "tree/tree.h"

#define NAMELESS "unnamed" /* version and release in verdicts of confs without names */

static char *survey_source_path(const struct survey_scope *scope, const struct modid *id)
{
	const struct world_folder *f = world_folder(scope->w, id);
	const struct world_module *m = world_module(scope->w, id);

	if (f)
		return engine_source(scope->e, "%s", f->folder);
	/* The plan will make the link anew: use the folder to which the link will lead. */
	if (m && m->source == SOURCE_BROKEN && m->folder)
		return engine_source(scope->e, "%s", m->folder);
	return tree_source_link(scope->e, id->name, id->version);
}

static char *survey_content(const struct survey_scope *scope, const struct modid *id,
			    const char *path)
{
	const struct world_module *m = world_module(scope->w, id);
	char *content = NULL;

	if (m)
		return xstrdup(m->content);
	return source_content(scope->e, path, &scope->s->sources, &content) < 0 ? NULL : content;
}

/*
 * Does the environment have DKMS_DIRECTIVE* variables?  They override confs for this command only,
 * so its verdicts must not be kept.
 */
static bool survey_has_directives(void)
{
	for (char **p = environ; *p; p++) {
		if (strncmp(*p, "DKMS_DIRECTIVE", 14) == 0)
			return true;
	}
	return false;
}

/*
 * Returns "|HASH" of the headers' identity "PACKAGES|HASH".  PACKAGES are left out, because an
 * event may know packages that a later command does not know, and both must find the same verdict.
 */
static const char *survey_headers_hash(const struct world_kernel *k)
{
	const char *hash = k && k->headers ? strrchr(k->headers, '|') : NULL;

	return hash ? hash : k && k->headers ? k->headers : "";
}

/* The hash of all that a conf's values can depend on; NULL: keep no verdict.  Caller frees. */
static char *survey_verdict_key(struct survey_scope *scope, const struct target *t,
				const char *content)
{
	const struct world_kernel *k = world_kernel(scope->w, t->release);
	AUTO_FREE char *overrides = NULL, *target_dir = engine_target_dir(scope->e);
	AUTO_FREE char *directives = strv_join(&scope->e->directives, "\n");
	AUTO_STRV struct strv added = STRV_INIT;
	AUTO_FREE char *environment = NULL;
	AUTO_BUF struct buf b = BUF_INIT;
	char hex[DIGEST_HEX];

	if (!content || scope->e->conf_file || scope->e->kernel_config ||
	    scope->e->kernel_source_dir || survey_has_directives() ||
	    source_overrides(scope->e, t, scope->overrides_listed ? &scope->overrides : NULL,
			     &overrides) < 0)
		return NULL;
	childenv_added(scope->e, t->release, t->arch, &added);
	environment = strv_join(&added, "\n");
	buf_addf(&b, "4\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n", content, overrides,
		 survey_headers_hash(k), t->release ? t->release : "", t->arch, scope->e->dkms_tree,
		 scope->e->source_tree, scope->e->install_tree, target_dir ? target_dir : "",
		 directives, environment, settings_get(&scope->e->settings, SET_CONF_TIMEOUT));
	if (t->release && !(k && k->headers)) {
		AUTO_FREE char *config = headerless_id(scope->e, t->release, &scope->s->headers);

		buf_addf(&b, "%s\n", config);
	}
	digest_bytes(b.s, b.len, hex);
	return xstrdup(hex);
}

static void survey_use_verdict(struct survey_scope *scope, const struct modid *id,
			       const char *release, const struct verdict *v, bool known)
{
	struct world_conf *c = world_add_conf(scope->w, id, release);

	c->known = known;
	c->autoinstall = v->autoinstall;
	c->rebuild = v->depends_rebuild;
	c->initrd = v->remake_initrd;
	c->excluded = xstrdup(v->excluded);
	c->bad = xstrdup(v->bad);
	strv_add_all(&c->depends, &v->depends);
	strv_add_all(&c->modules, &v->modules);
}

/*
 * Add a world_conf for a command that may evaluate no conf (SURVEY_NO_PROCESS).  `v` is the last
 * verdict, which may be out of date, or NULL.
 */
static void survey_use_old_verdict(struct survey_scope *scope, const struct survey_pair *p,
				   const struct verdict *v)
{
	const struct world_module *m = world_module(scope->w, &p->id);
	struct world_conf *c;

	if (m && m->no_conf)
		return;
	c = world_add_conf(scope->w, &p->id, p->release);
	c->unknown = true;
	c->autoinstall = v && v->autoinstall;
	c->excluded = xstrdup(v ? v->excluded : NULL);
}

static struct target survey_pair_target(const struct survey_pair *p)
{
	return (struct target){ p->id.name, p->id.version, p->release, p->arch };
}

void survey_want_pair(struct survey_pairs *p, const struct modid *id, const char *release,
		      const char *arch)
{
	struct survey_pair pair = { *id, release, arch, NULL };

	for (size_t i = names_first(&p->names, id->name); i != NAMES_NONE;
	     i = names_next(&p->names, i)) {
		if (p->v[i].release == release && modid_equal(&p->v[i].id, id))
			return;
	}
	VEC_PUSH(p->v, p->n, pair);
	names_add(&p->names, id->name);
}

/*
 * Do owners and modes of the source allow a build?  The key of a verdict does not cover them, so
 * they are checked before the verdict is used.  They are checked neither with SURVEY_NO_PROCESS nor
 * for an installed build whose source is unchanged: if it must be built again, the build checks
 * them.
 */
static bool survey_may_build(const struct survey_scope *scope, const struct survey_pair *p,
			     const struct target *t, const char *path, const char *content)
{
	const struct world_build *b = world_build(scope->w, &p->id, p->release, p->arch);

	if (scope->flags & SURVEY_NO_PROCESS ||
	    (b && b->installed && b->content && strcmp(b->content, content) == 0))
		return true;
	return trust_source(scope->e, t, path, NULL) == 0;
}

/* The remembered verdict, whatever its key; NULL: there is none. */
static const struct verdict *survey_verdict(const struct survey_scope *scope,
					    const struct target *t)
{
	const struct names *names = &scope->verdict_names;

	for (size_t i = names_first(names, t->name); i != NAMES_NONE; i = names_next(names, i)) {
		const struct verdict *v = &scope->s->verdicts.v[i];

		if (strcmp(v->version, t->version) == 0 && strcmp(v->release, t->release) == 0 &&
		    strcmp(v->arch, t->arch) == 0)
			return v;
	}
	return NULL;
}

/*
 * Use the remembered verdict, or add the conf to those that bash will evaluate.  Returns true if
 * bash need not evaluate the conf.
 */
static bool survey_answer_from_cache(struct survey_scope *scope, struct survey_pair *p)
{
	struct target t = survey_pair_target(p);
	AUTO_FREE char *path = survey_source_path(scope, &p->id);
	AUTO_FREE char *content = survey_content(scope, &p->id, path);
	const struct verdict *v;

	p->key = survey_verdict_key(scope, &t, content);
	v = p->release && p->key ? survey_verdict(scope, &t) : NULL;
	/*
	 * For a command, do not use the verdict that a conf is bad.  Evaluate the conf again: it
	 * may have failed only because the network was down.
	 */
	if (v && v->key && strcmp(v->key, p->key) == 0 &&
	    survey_may_build(scope, p, &t, path, content) &&
	    !(v->bad && !scope->event && !(scope->flags & SURVEY_NO_PROCESS))) {
		survey_use_verdict(scope, &p->id, p->release, v, true);
		return true;
	}
	if (scope->flags & SURVEY_NO_PROCESS)
		survey_use_old_verdict(scope, p, v);
	else
		confs_want(&scope->s->confs, &t, path);
	return scope->flags & SURVEY_NO_PROCESS;
}

static void survey_learn_verdict(struct survey_scope *scope, const struct survey_pair *p)
{
	struct target t = survey_pair_target(p);
	const struct confs_entry *entry = confs_entry(&scope->s->confs, &t);
	struct verdict v = { .depends = STRV_INIT, .modules = STRV_INIT };

	if (!entry || !entry->evaluated || entry->values.error == -E_CONF_MISSING)
		return;
	confs_verdict(scope->e, entry, p->key, &v);
	survey_use_verdict(scope, &p->id, p->release, &v, false);
	/* Remember what the key covers: neither owners and modes, nor whether the disk is full. */
	if (p->key && p->release &&
	    (!entry->values.error || entry->values.error == -E_BAD_CONF ||
	     entry->values.error == -E_TIMEOUT)) {
		ledger_put_verdict(&scope->s->verdicts, &v);
		scope->s->verdicts_changed = true;
	} else {
		verdict_release(&v);
	}
}

/*
 * Drop verdicts about kernels and module packages that are gone.  Call it only for an event that
 * has looked at all kernels and module packages.
 */
static void survey_drop_verdicts(struct survey_scope *scope)
{
	struct verdicts *l = &scope->s->verdicts;
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct verdict *v = &l->v[i];
		struct modid id = { v->name, v->version };

		if (strcmp(v->version, NAMELESS) == 0 ||
		    (world_kernel(scope->w, v->release) &&
		     (world_module(scope->w, &id) || world_folder(scope->w, &id))))
			l->v[n++] = *v;
		else
			verdict_release(v);
	}
	scope->s->verdicts_changed |= n < l->n;
	l->n = n;
}

int survey_evaluate(struct survey_scope *scope, struct survey_pairs *p)
{
	bool *known = xcalloc(p->n, sizeof(*known));
	int r;

	for (size_t i = 0; i < scope->s->verdicts.n; i++)
		names_add(&scope->verdict_names, scope->s->verdicts.v[i].name);
	for (size_t i = 0; i < p->n; i++)
		known[i] = survey_answer_from_cache(scope, &p->v[i]);
	names_release(&scope->verdict_names);
	r = confs_evaluate(scope->e, &scope->s->confs, scope->err);
	for (size_t i = 0; i < p->n && r == 0; i++) {
		if (!known[i])
			survey_learn_verdict(scope, &p->v[i]);
	}
	/* If there are more verdicts than pairs, some may be about what is gone. */
	if (r == 0 && scope->event && !scope->event->kernel_only && scope->s->verdicts.n > p->n)
		survey_drop_verdicts(scope);
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].key);
	free(p->v);
	names_release(&p->names);
	free(known);
	return r;
}

/* ---- confs without names ---- */

static char *survey_nameless_key(struct survey_scope *scope, const char *folder)
{
	struct target t = { folder, "", NULL, scope->e->arch };
	AUTO_FREE char *path = engine_source(scope->e, "%s", folder);
	AUTO_FREE char *content = NULL;

	if (source_content(scope->e, path, &scope->s->sources, &content) < 0)
		return NULL;
	return survey_verdict_key(scope, &t, content);
}

bool survey_nameless(struct survey_scope *scope, const char *folder, const char **ret)
{
	const struct verdict *v =
		ledger_verdict(&scope->s->verdicts, folder, NAMELESS, NAMELESS, scope->e->arch);
	AUTO_FREE char *key = v ? survey_nameless_key(scope, folder) : NULL;

	if (!key || !v->key || !v->bad || strcmp(v->key, key) != 0)
		return false;
	*ret = v->bad;
	return true;
}

void survey_learn_nameless(struct survey_scope *scope, const struct confs_entry *entry)
{
	AUTO_ERR struct err err = ERR_INIT;
	struct verdict v = { .depends = STRV_INIT, .modules = STRV_INIT };

	v.key = entry->values.error && !modid_name_problem(entry->name)
			? survey_nameless_key(scope, entry->name)
			: NULL;
	if (!v.key || confs_check(scope->e, entry, false, &err) == 0)
		return verdict_release(&v);
	v.name = xstrdup(entry->name);
	v.version = xstrdup(NAMELESS);
	v.release = xstrdup(NAMELESS);
	v.arch = xstrdup(scope->e->arch);
	v.bad = TAKE(err.text);
	ledger_put_verdict(&scope->s->verdicts, &v);
	scope->s->verdicts_changed = true;
}
