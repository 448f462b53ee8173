/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/tree.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "sys/fs.h"

#define MAX_RECORD (16 * 1024 * 1024)
#define MAX_LEDGER (64 * 1024 * 1024)

static void version_release(struct tree_version *v)
{
	for (size_t i = 0; i < v->n_builds; i++) {
		free(v->builds[i].release);
		free(v->builds[i].arch);
	}
	free(v->builds);
	free(v->version);
	free(v->link);
	free(v->folder);
}

static void module_release(struct tree_module *m)
{
	for (size_t i = 0; i < m->n_versions; i++)
		version_release(&m->versions[i]);
	for (size_t i = 0; i < m->n_actives; i++) {
		free(m->actives[i].release);
		free(m->actives[i].arch);
		free(m->actives[i].version);
	}
	free(m->versions);
	free(m->actives);
	free(m->name);
}

void tree_release(struct tree *t)
{
	for (size_t i = 0; i < t->n_modules; i++)
		module_release(&t->modules[i]);
	free(t->modules);
	strv_release(&t->problems);
	*t = (struct tree)TREE_INIT;
}

const struct tree_module *tree_module(const struct tree *t, const char *name)
{
	for (size_t i = 0; i < t->n_modules; i++) {
		if (strcmp(t->modules[i].name, name) == 0)
			return &t->modules[i];
	}
	return NULL;
}

const struct tree_version *tree_version(const struct tree *t, const char *name, const char *version)
{
	const struct tree_module *m = tree_module(t, name);

	for (size_t i = 0; m && i < m->n_versions; i++) {
		if (strcmp(m->versions[i].version, version) == 0)
			return &m->versions[i];
	}
	return NULL;
}

const struct tree_build *tree_build(const struct tree *t, const struct target *target)
{
	const struct tree_version *v = tree_version(t, target->name, target->version);

	for (size_t i = 0; v && i < v->n_builds; i++) {
		if (strcmp(v->builds[i].release, target->release) == 0 &&
		    strcmp(v->builds[i].arch, target->arch) == 0)
			return &v->builds[i];
	}
	return NULL;
}

const struct tree_active *tree_active(const struct tree *t, const char *name, const char *release,
				      const char *arch)
{
	const struct tree_module *m = tree_module(t, name);

	for (size_t i = 0; m && i < m->n_actives; i++) {
		if (strcmp(m->actives[i].release, release) == 0 &&
		    strcmp(m->actives[i].arch, arch) == 0)
			return &m->actives[i];
	}
	return NULL;
}

/* A NUL byte would hide what follows it from the parsers. */
static int read_text(const struct engine *e, const char *path, size_t max, struct buf *ret,
		     struct err *err)
{
	int r = fs_read(&e->root, path, max, ret);

	if (r == -ENOENT)
		return r;
	if (r < 0)
		return err_sys(err, r, "%s", path);
	if (strlen(ret->s) != ret->len)
		return err_set(err, -E_CORRUPT, "%s: it has NUL bytes", path);
	return 0;
}

int tree_record_read(const struct engine *e, const struct target *t, struct record *ret,
		     struct err *err)
{
	AUTO_FREE char *path = tree_record_path(e, t);
	AUTO_BUF struct buf text = BUF_INIT;
	int r = read_text(e, path, MAX_RECORD, &text, err);

	if (r < 0)
		return r;
	r = record_parse(text.s, ret, err);
	return r < 0 ? err_prefix(err, "%s", path), r : 0;
}

static int load_file(const struct engine *e, enum ledger_file f, struct ledger *ret,
		     struct err *err)
{
	AUTO_FREE char *path = tree_ledger_path(e, f);
	AUTO_BUF struct buf text = BUF_INIT;
	int r = read_text(e, path, MAX_LEDGER, &text, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = ledger_parse(text.s, f, ret, err);
	return r < 0 ? err_prefix(err, "%s", path), r : 0;
}

int ledger_load(const struct engine *e, unsigned int mask, struct ledger *ret, struct err *err)
{
	for (enum ledger_file f = 0; f < LEDGER_COUNT_; f++) {
		int r = mask & 1U << f ? load_file(e, f, ret, err) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

void ledger_store(const struct engine *e, struct tx *tx, const struct ledger *l,
		  enum ledger_file file)
{
	AUTO_FREE char *path = tree_ledger_path(e, file);
	AUTO_BUF struct buf text = BUF_INIT;

	ledger_print(l, file, &text);
	tx_put_data(tx, path, text.s, text.len, 0644);
}
