/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/ahead.h"

#include <string.h>

#include "base/alloc.h"
#include "conf/source.h"
#include "tree/ledgerfile.h"
#include "tree/tree.h"

const char *ahead_state_name(enum ahead_state state)
{
	static const char *const names[] = {
		[AHEAD_PREBUILT] = "prebuilt",
		[AHEAD_FAILED] = "failed",
		[AHEAD_EXCLUDED] = "excluded",
		[AHEAD_NOT_TRIED] = "not tried",
	};

	return names[state];
}

void ahead_verdicts_release(struct ahead_verdicts *l)
{
	for (size_t i = 0; i < l->n; i++) {
		modid_release(&l->v[i].id);
		free(l->v[i].reason);
		free(l->v[i].cause);
		free(l->v[i].log);
	}
	free(l->v);
	*l = (struct ahead_verdicts){ NULL, 0 };
}

size_t ahead_count(const struct ahead_verdicts *l, enum ahead_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].state == state;
	return n;
}

struct ahead {
	const struct engine *e;
	const char *release;
	struct failures failures;
	struct verdicts verdicts;
};

/* The newest version whose source is there; the versions are in ascending order. */
static const struct tree_version *ahead_newest(const struct tree_module *m)
{
	for (size_t i = m->n_versions; i-- > 0;) {
		if (m->versions[i].source == SOURCE_OK)
			return &m->versions[i];
	}
	return NULL;
}

static bool ahead_is_built(const struct ahead *a, const struct target *t)
{
	AUTO_FREE char *link = tree_source_link(a->e, t->name, t->version);
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_FREE char *content = NULL;

	return tree_record_read(a->e, t, &rec, NULL) == 0 &&
	       tree_files_state(a->e, t, &rec, false) != FILES_LOST && rec.content &&
	       source_content(a->e, link, NULL, &content) == 0 && !strcmp(content, rec.content);
}

static void ahead_set_failed(struct ahead_verdict *v, const struct failure *f)
{
	v->state = AHEAD_FAILED;
	v->reason = xstrdup(f->what ? f->what : "its build failed");
	v->cause = xstrdup(f->cause);
	v->log = f->log && *f->log ? xstrdup(f->log) : NULL;
}

/* Returns false if the module package is not wanted. */
static bool ahead_judge(const struct ahead *a, const struct target *t, struct ahead_verdict *ret)
{
	const struct failure *f =
		ledger_failure(&a->failures, t->name, t->version, t->release, t->arch);
	const struct verdict *conf =
		ledger_verdict(&a->verdicts, t->name, t->version, t->release, t->arch);

	if (f && f->key && *f->key) {
		ahead_set_failed(ret, f);
		return true;
	}
	if (ahead_is_built(a, t)) {
		ret->state = AHEAD_PREBUILT;
		return true;
	}
	ret->state = AHEAD_NOT_TRIED;
	if (conf && conf->bad) {
		ret->reason = xasprintf("its dkms.conf cannot be used: %s", conf->bad);
	} else if (conf && conf->excluded) {
		ret->state = AHEAD_EXCLUDED;
		ret->reason = xstrdup(conf->excluded);
	} else {
		ret->reason = xstrdup("it was not tried, or not to its end");
	}
	return !conf || conf->bad || conf->autoinstall;
}

static int ahead_load(struct ahead *a, struct tree *tree, struct err *err)
{
	int r = tree_list(a->e, NULL, NULL, tree);

	if (r < 0)
		return err_sys(err, r, "%s", a->e->dkms_tree);
	/* Lines that cannot be read count as missing. */
	r = ledger_load(a->e, &a->failures, err);
	if (r == 0 || r == -E_CORRUPT)
		r = ledger_load(a->e, &a->verdicts, err);
	return r == -E_CORRUPT ? 0 : r;
}

int ahead_verdicts(const struct engine *e, const char *release, struct ahead_verdicts *ret,
		   struct err *err)
{
	struct ahead a = { .e = e, .release = release };
	AUTO_TREE struct tree tree = TREE_INIT;
	int r = ahead_load(&a, &tree, err);

	*ret = (struct ahead_verdicts){ NULL, 0 };
	for (size_t i = 0; r == 0 && i < tree.n_modules; i++) {
		const struct tree_module *m = &tree.modules[i];
		const struct tree_version *v = ahead_newest(m);
		struct target t = { m->name, v ? v->version : NULL, release, e->arch };
		struct modid id = { m->name, v ? v->version : NULL };
		struct ahead_verdict verdict = { .reason = NULL };

		if (!v)
			continue;
		if (!ahead_judge(&a, &t, &verdict)) {
			free(verdict.reason);
			continue;
		}
		modid_copy(&verdict.id, &id);
		VEC_PUSH(ret->v, ret->n, verdict);
	}
	ledger_release(LEDGER_FAILURES, &a.failures);
	ledger_release(LEDGER_VERDICTS, &a.verdicts);
	return r;
}
