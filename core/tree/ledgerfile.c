/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/ledgerfile.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/statefile.h"
#include "engine/treepath.h"
#include "sys/fs.h"

#define MAX_LEDGER (64 * 1024 * 1024)

int ledger_load_any(const struct engine *e, enum ledger_file file, void *list, struct err *err)
{
	AUTO_FREE char *path = tree_ledger_path(e, file);
	AUTO_BUF struct buf text = BUF_INIT;
	int r = statefile_read(e, path, MAX_LEDGER, &text, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = ledger_parse(file, text.s, text.len, list, err);
	return r < 0 ? err_prefix(err, "%s", path), r : 0;
}

int ledger_check(const struct engine *e, enum ledger_file file, struct err *err)
{
	union ledger_list list = { 0 };
	int r = ledger_load_any(e, file, &list, err);

	ledger_release(file, &list);
	return r;
}

void ledger_store_any(const struct engine *e, struct tx *tx, enum ledger_file file,
		      const void *list)
{
	AUTO_FREE char *path = tree_ledger_path(e, file);
	AUTO_BUF struct buf text = BUF_INIT;

	ledger_print(file, list, &text);
	tx_put_data(tx, path, text.s, text.len, 0644);
}

/*
 * Keep the damaged file at the path `aside`, and write its valid lines back.  If it is not a
 * regular file but e.g. a symlink, only move it.
 */
static int ledger_put_aside(struct engine *e, enum ledger_file file, const void *good,
			    const char *aside, struct err *err)
{
	AUTO_FREE char *path = tree_ledger_path(e, file);
	AUTO_FREE char *folder = tree_damaged_run(e, e->run_id);
	CLEANUP(tx_release) struct tx tx;
	struct stat st;
	int r = fs_lstat(&e->root, path, &st);

	tx_begin(&tx, &e->journal, "set a damaged ledger aside");
	if (r == 0 && !S_ISREG(st.st_mode)) {
		r = fs_mkdir_p(&e->root, folder);
		if (r == 0)
			r = fs_rename(&e->root, path, aside);
	} else if (r == 0) {
		tx_mkdir(&tx, folder);
		tx_put_link(&tx, aside, path);
		ledger_store_any(e, &tx, file, good);
		return tx_run(&tx, err);
	}
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

/*
 * Do ledger_settle() with the tree's lock held.  The file is read again, because another run may
 * have settled it in the meantime.
 */
static int ledger_settle_locked(struct engine *e, enum ledger_file file, struct err *err)
{
	AUTO_FREE char *aside = tree_damaged_path(e, e->run_id, ledger_file_name(file));
	union ledger_list good = { 0 };
	AUTO_ERR struct err why = ERR_INIT;
	AUTO_ERR struct err failed = ERR_INIT;
	int r = ledger_load_any(e, file, &good, &why);
	bool damaged = r == -E_CORRUPT;

	if (damaged)
		r = ledger_put_aside(e, file, &good, aside, &failed);
	ledger_release(file, &good);
	if (!damaged)
		return 0;
	if (r < 0)
		return err_set(err, r, "%s; it cannot be set aside: %s", why.text, failed.text);
	err_set(err, -E_CORRUPT, "%s; what else is in it counts, and the file as it was is %s",
		why.text, aside);
	return 1;
}

int ledger_settle(struct engine *e, enum ledger_file file, struct err *err)
{
	int r;

	if (ledger_check(e, file, NULL) != -E_CORRUPT)
		return 0;
	r = journal_lock(&e->journal, false);
	if (r < 0)
		return err_sys(err, r, "%s", ledger_file_name(file));
	r = ledger_settle_locked(e, file, err);
	journal_unlock(&e->journal);
	return r;
}

void ledger_kept(const struct engine *e, struct strv *ret)
{
	AUTO_FREE char *folder = tree_damaged_dir(e);
	AUTO_STRV struct strv runs = STRV_INIT;
	const char *run;

	if (fs_list(&e->root, folder, &runs) < 0)
		return;
	STRV_FOREACH (run, &runs)
		strv_addf(ret, "%s/%s", folder, run);
}

void ledger_settle_all(struct engine *e)
{
	for (enum ledger_file file = 0; file < LEDGER_COUNT_; file++) {
		AUTO_ERR struct err err = ERR_INIT;

		if (ledger_settle(e, file, &err) != 0)
			log_warning("%s", err.text);
	}
}

int ledger_change(struct engine *e, enum ledger_file file, void (*fn)(void *list, void *data),
		  void *data, struct err *err)
{
	union ledger_list l = { 0 };
	struct tx tx;
	int r = journal_lock(&e->journal, true);

	if (r < 0)
		return lock_failed(err, r, e->place.lock);
	r = ledger_load_any(e, file, &l, err);
	if (r == -E_CORRUPT) { /* damaged since run_recover() looked at it */
		r = ledger_settle(e, file, err);
		if (r >= 0)
			log_warning("%s", err->text);
	}
	if (r >= 0) {
		fn(&l, data);
		tx_begin(&tx, &e->journal, ledger_file_name(file));
		ledger_store_any(e, &tx, file, &l);
		r = tx_run(&tx, err);
		tx_release(&tx);
	}
	journal_unlock(&e->journal);
	ledger_release(file, &l);
	return r;
}
