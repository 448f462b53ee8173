/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/failurekey.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cause/class.h"
#include "conf/source.h"
#include "confine/confine.h"
#include "engine/childenv.h"
#include "engine/digest.h"
#include "kernel/kernels.h"
#include "survey/toolchain.h"
#include "tree/tree.h"

/*
 * The hash of the source: from the world, or from the disk if this run has registered the source
 * and the world does not have it.  Caller frees.
 */
static char *failurekey_content(const struct engine *e, const struct world *w,
				const struct modid *id)
{
	const struct world_module *m = world_module(w, id);
	AUTO_FREE char *link = NULL;
	char *content;

	if (m && m->content)
		return xstrdup(m->content);
	link = tree_source_link(e, id->name, id->version);
	return source_content(e, link, NULL, &content) < 0 ? xstrdup("") : content;
}

/*
 * The identity of the kernel's toolchain, which is computed once in a run.  If the toolchain
 * changes during a later build that fails, the key of the failure has the old toolchain, and the
 * next event tries the build again.
 */
static const char *failurekey_toolchain(struct engine *e, struct survey *s, const char *release)
{
	struct survey_toolchain t;

	for (size_t i = 0; i < s->n_toolchains; i++) {
		if (strcmp(s->toolchains[i].release, release) == 0)
			return s->toolchains[i].id;
	}
	t.release = xstrdup(release);
	t.id = toolchain_identity(e, release, &s->headers, &s->sources);
	VEC_PUSH(s->toolchains, s->n_toolchains, t);
	return t.id;
}

/*
 * Append the dependency `name` with its installed version and its source's hash.  Both are read
 * from the disk, because this run may have installed the dependency after the survey.
 */
static void failurekey_add_dependency(const struct engine *e, const struct target *t,
				      const char *name, struct buf *b)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	struct target d = { name, NULL, t->release, t->arch };
	AUTO_FREE char *version = tree_active_version(e, &d);

	d.version = version;
	if (version && tree_record_read(e, &d, &rec, NULL) < 0)
		log_debug("%s/%s has no record", name, version);
	buf_addf(b, "%s/%s %s\n", name, version ? version : "", rec.content ? rec.content : "");
}

/*
 * If the source asks `uname -r`, append the running kernel: the source builds for that one, so the
 * build may succeed once another kernel is booted.
 */
static void failurekey_add_running(const struct engine *e, const char *cause, struct buf *b)
{
	AUTO_FREE char *running = NULL;
	enum cause_class class;

	if (!cause || !cause_parse(cause, &class) || class != CAUSE_UNAME_R)
		return;
	running = kernels_running(e);
	buf_addf(b, "running %s\n", running ? running : "");
}

char *failurekey_make(struct engine *e, struct survey *s, const struct target *t, const char *cause)
{
	struct modid id = { (char *)t->name, (char *)t->version };
	const struct world_kernel *k = world_kernel(&s->world, t->release);
	const struct world_conf *c = world_conf(&s->world, &id, t->release);
	AUTO_FREE char *content = failurekey_content(e, &s->world, &id);
	AUTO_FREE char *overrides = NULL, *environment = NULL, *confined = NULL;
	AUTO_STRV struct strv added = STRV_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	char hex[DIGEST_HEX];

	if (source_overrides(e, t, NULL, &overrides) < 0)
		return NULL;
	childenv_added(e, t->release, t->arch, &added);
	environment = strv_join(&added, "\n");
	buf_addf(&b, "3\n%s\n%s\n%s\n%s\n", content, overrides, environment,
		 failurekey_toolchain(e, s, t->release));
	for (size_t i = 0; c && i < c->depends.n; i++)
		failurekey_add_dependency(e, t, c->depends.v[i], &b);
	failurekey_add_running(e, cause, &b);
	confined = confine_key(e, t->name);
	buf_addf(&b, "%s%s", *confined ? "confined " : "", confined);
	digest_bytes(b.s, b.len, hex);
	return xasprintf("%s/%s", hex, k && k->headers ? k->headers : "");
}

void failurekey_add_all(struct engine *e, struct survey *s)
{
	struct world *w = &s->world;

	for (size_t i = 0; i < w->n_confs; i++) {
		struct world_conf *c = &w->confs[i];
		struct target t = { c->id.name, c->id.version, c->release, e->arch };
		const struct failure *f = c->release ? ledger_failure(&w->failures, t.name,
								      t.version, t.release, t.arch)
						     : NULL;

		if (f && *f->key)
			c->key = failurekey_make(e, s, &t, f->cause);
	}
}
