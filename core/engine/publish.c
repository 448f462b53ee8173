/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/publish.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "engine/tree.h"
#include "engine/workspace.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "sys/tx.h"

static struct record_module *find_module(struct record *r, const char *dest)
{
	for (size_t i = 0; i < r->n_modules; i++)
		if (!strcmp(r->modules[i].dest, dest))
			return &r->modules[i];
	return NULL;
}

void publish_inherit(struct record *to, const struct record *from)
{
	for (size_t i = 0; i < from->n_modules; i++) {
		const struct record_module *old = &from->modules[i];
		struct record_module *m = find_module(to, old->dest);

		if (!old->path && !old->original)
			continue;
		if (!m)
			m = record_add_module(to, old->dest, old->file);
		free(m->path);
		free(m->sha256);
		free(m->original);
		free(m->archive);
		m->path = xstrdup(old->path);
		m->size = old->size;
		m->mtime_ns = old->mtime_ns;
		m->sha256 = xstrdup(old->sha256);
		m->original = xstrdup(old->original);
		m->archive = xstrdup(old->archive);
	}
}

/* A damaged old record must not make a rebuild impossible: the rebuild replaces it. */
static void inherit_old(const struct engine *e, const struct target *t, struct record *record)
{
	AUTO_RECORD struct record old = { .depends = STRV_INIT };

	if (tree_record_read(e, t, &old, NULL) == 0)
		publish_inherit(record, &old);
}

static int stage_record(const struct engine *e, const struct record *record, const char *staging)
{
	AUTO_FREE char *path = tree_record_in(staging);
	AUTO_BUF struct buf b = BUF_INIT;

	record_print(record, &b);
	return atomic_write_file(&e->root, path, b.s, b.len, 0644);
}

static int stage_symvers(const struct engine *e, const char *dir, const char *module)
{
	AUTO_FREE char *from = xasprintf("%s/Module.symvers", dir);
	AUTO_FREE char *to = xasprintf("%s/Module.symvers", module);

	return fs_is_file(&e->root, from) ? fs_copy_file(&e->root, from, to) : 0;
}

static int stage(struct engine *e, const struct target *t, const struct conf *conf, const char *dir,
		 const char *staging, const struct artifact_opts *opts, struct record *record,
		 struct err *err)
{
	AUTO_FREE char *module = tree_built_in(staging);
	AUTO_FREE char *log = tree_log_in(staging);
	int r = fs_remove_tree(&e->root, staging);

	if (r == 0)
		r = fs_mkdir_p(&e->root, module);
	if (r == 0)
		r = fs_mkdir_p(&e->root, log);
	if (r == 0)
		r = stage_symvers(e, dir, module);
	if (r < 0)
		return err_sys(err, r, "%s", staging);
	r = artifact_stage(e, conf, dir, module, opts, record, err);
	if (r < 0)
		return r;
	inherit_old(e, t, record);
	r = stage_record(e, record, staging);
	return r < 0 ? err_sys(err, r, "the record in %s", staging) : 0;
}

static int commit(struct engine *e, const struct target *t, const char *staging, struct err *err)
{
	AUTO_FREE char *place = tree_build_dir(e, t);
	AUTO_FREE char *folder = tree_kernel_dir(e, t);
	AUTO_FREE char *run = xasprintf("%s-b%d", e->run_id, (int)getpid());
	AUTO_FREE char *what =
		xasprintf("build %s/%s %s %s", t->name, t->version, t->release, t->arch);
	CLEANUP(journal_close) struct journal journal;
	CLEANUP(tx_release) struct tx tx;

	journal_open(&journal, &e->place, run);
	tx_begin(&tx, &journal, what);
	tx_mkdir(&tx, folder);
	tx_del_tree(&tx, place);
	tx_put_tree(&tx, place, staging);
	return tx_run(&tx, err);
}

int publish_build(struct engine *e, const struct target *t, const struct conf *conf,
		  const char *dir, const struct artifact_opts *opts, struct record *record,
		  struct err *err)
{
	AUTO_FREE char *staging = tree_workspace_staged(e, t);
	int r = stage(e, t, conf, dir, staging, opts, record, err);

	if (r == 0)
		r = commit(e, t, staging, err);
	if (r < 0) {
		if (fs_remove_tree(&e->root, staging) < 0)
			return err_prefix(err, "%s stays", staging);
	}
	return r;
}
