/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/change.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/treepath.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "sys/mutation.h"

void change_begin(struct change *c, struct engine *e, const struct target *t, const char *verb)
{
	AUTO_FREE char *what =
		xasprintf("%s %s/%s %s %s", verb, t->name, t->version, t->release, t->arch);

	tx_begin(&c->tx, &e->journal, what);
	c->open = true;
}

void change_mark_depmod(struct change *c, const struct engine *e, const char *release)
{
	AUTO_FREE char *path = tree_pending_mark(e, PENDING_DEPMOD, release);
	AUTO_FREE char *initramfs = tree_pending_mark(e, PENDING_INITRAMFS, release);
	AUTO_FREE char *folder = tree_pending_dir(e);

	if (mutation("mark-forgotten"))
		return;
	tx_mkdir(&c->tx, folder);
	tx_put_data(&c->tx, path, e->run_id, strlen(e->run_id), 0644);
	if (c->initramfs)
		tx_put_data(&c->tx, initramfs, e->run_id, strlen(e->run_id), 0644);
	free(c->mark);
	c->mark = TAKE(path);
}

void change_put_record(struct change *c, const struct engine *e, const struct target *t,
		       const struct record *record)
{
	AUTO_FREE char *path = tree_record_path(e, t);
	AUTO_BUF struct buf b = BUF_INIT;

	record_print(record, &b);
	tx_put_data(&c->tx, path, b.s, b.len, 0644);
}

void change_add_name(struct change *c, const char *dest)
{
	if (!strv_has(&c->names, dest))
		strv_add(&c->names, dest);
}

struct stat change_stat_mark(const struct engine *e, const char *mark)
{
	struct stat st;

	return fs_lstat(&e->root, mark, &st) == 0 ? st : (struct stat){ .st_ino = 0 };
}

bool change_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino && a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int change_clear_mark(struct engine *e, const char *mark, const struct stat *seen)
{
	struct stat now;
	int r = journal_lock(&e->journal, false);

	if (r < 0)
		return r;
	now = change_stat_mark(e, mark);
	if (change_same_file(&now, seen))
		r = fs_unlink(&e->root, mark);
	journal_unlock(&e->journal);
	return r;
}

int change_commit(struct change *c, struct err *err)
{
	int r = tx_stage(&c->tx, err);

	return r < 0 ? r : tx_commit(&c->tx, err);
}

int change_finish(struct change *c, struct err *err)
{
	int r = c->open ? tx_finish(&c->tx, err) : 0;

	if (c->open)
		tx_release(&c->tx);
	c->open = false;
	return r;
}

/* Set the mark again: the rollback has removed it, and perhaps its folder. */
static int change_mark_again(const struct root *root, const char *mark)
{
	AUTO_FREE char *folder = path_parent(mark);
	int r = fs_mkdir_p(root, folder);

	return r < 0 ? r : atomic_write_file(root, mark, "", 0, 0644);
}

int change_rollback(struct change *c, struct err *err)
{
	/* Before the commit our modules are not in place, so no depmod can have listed them. */
	bool seen = c->tx.state == TX_COMMITTED || c->tx.state == TX_DONE;
	const struct root *root;
	int r;

	if (!c->open)
		return 0;
	root = c->tx.journal->root;
	r = tx_rollback(&c->tx, err);
	tx_release(&c->tx);
	c->open = false;
	if (r < 0 || !c->mark || !seen)
		return r;
	r = change_mark_again(root, c->mark);
	return r < 0 ? err_sys(err, r, "%s", c->mark) : 0;
}

void change_release(struct change *c)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (c->open && change_rollback(c, &err) < 0)
		log_debug("left to the next run: %s", err.text ? err.text : error_text(err.code));
	strv_release(&c->names);
	strv_release(&c->paths);
	strv_release(&c->refused);
	free(TAKE(c->mark));
	free(TAKE(c->top));
}
