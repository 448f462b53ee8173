/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/publish.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/treepath.h"
#include "install/adopt.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "sys/harvest.h"
#include "tx/tx.h"

#define SYMVERS_MAX ((uint64_t)64 << 20)

void publish_inherit(struct record *to, const struct record *from)
{
	for (size_t i = 0; i < from->n_modules; i++) {
		const struct record_module *old = &from->modules[i];
		struct record_module *m = record_find_module(to, old->dest);

		if (!old->path && (!old->original || !m))
			continue;
		if (!m) {
			m = record_add_module(to, old->dest, old->file);
			m->left = true;
		}
		record_module_inherit(m, old);
	}
}

/*
 * Do publish_inherit() from the record of the older build.  If DKMS made that build, record_load()
 * makes a record for it.  Ignore errors: a rebuild must be possible even if the older build cannot
 * be read.
 */
static void publish_inherit_old(struct engine *e, const struct target *t, const struct conf *conf,
				struct record *record)
{
	AUTO_RECORD struct record old = { .depends = STRV_INIT };

	if (record_load(e, t, conf, &old, NULL) == 0)
		publish_inherit(record, &old);
}

static int publish_stage_record(const struct engine *e, const struct record *record,
				const char *staging)
{
	AUTO_FREE char *path = tree_record_in(staging);
	AUTO_BUF struct buf b = BUF_INIT;

	record_print(record, &b);
	return atomic_write_file(&e->root, path, b.s, b.len, 0644);
}

/* Module.symvers is optional: only other modules that use this build's symbols need it. */
static int publish_harvest_symvers(const struct engine *e, const char *dir, const char *module)
{
	AUTO_FREE char *to = xasprintf("%s/Module.symvers", module);
	int r = harvest_file(&e->root, dir, "Module.symvers", to, SYMVERS_MAX);

	if (r < 0 && harvest_problem(r))
		log_warning("Module.symvers %s: it is left out", harvest_problem(r));
	return r == -ENOENT || (r < 0 && harvest_problem(r)) ? 0 : r;
}

int publish_harvest(struct engine *e, const struct target *t, const struct conf *conf,
		    const char *dir, const char *utsrelease, struct err *err)
{
	AUTO_FREE char *staging = tree_workspace_staged(e, t);
	AUTO_FREE char *module = tree_built_in(staging);
	AUTO_FREE char *log = tree_log_in(staging);
	int r = fs_remove_tree(&e->root, staging);

	if (r == 0)
		r = fs_mkdir_p(&e->root, module);
	if (r == 0)
		r = fs_mkdir_p(&e->root, log);
	if (r == 0)
		r = publish_harvest_symvers(e, dir, module);
	if (r < 0)
		return err_sys(err, r, "%s", staging);
	r = artifact_harvest(e, t, conf, dir, module, err);
	return r < 0 ? r : artifact_check(e, t, conf, module, utsrelease, err);
}

static int publish_stage(struct engine *e, const struct target *t, const struct conf *conf,
			 const char *staging, const struct artifact_opts *opts,
			 struct record *record, struct err *err)
{
	AUTO_FREE char *module = tree_built_in(staging);
	int r = artifact_stage(e, conf, module, opts, record, err);

	if (r < 0)
		return r;
	publish_inherit_old(e, t, conf, record);
	r = publish_stage_record(e, record, staging);
	return r < 0 ? err_sys(err, r, "the record in %s", staging) : 0;
}

static int publish_commit(struct engine *e, const struct target *t, const char *staging,
			  struct err *err)
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
		  const struct artifact_opts *opts, struct record *record, struct err *err)
{
	AUTO_FREE char *staging = tree_workspace_staged(e, t);
	int r = publish_stage(e, t, conf, staging, opts, record, err);

	return r < 0 ? r : publish_commit(e, t, staging, err);
}

void publish_drop(const struct engine *e, const struct target *t)
{
	AUTO_FREE char *staging = tree_workspace_staged(e, t);
	int r = fs_remove_tree(&e->root, staging);

	if (r < 0)
		log_warning("%s stays: %s", staging, error_text(r));
}
