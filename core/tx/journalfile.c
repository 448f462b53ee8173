/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tx/journalfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/path.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/mutation.h"
#include "tx/journaltext.h"
#include "tx/op.h"

static const char *const suffixes[] = {
	[TX_OPEN] = "open",
	[TX_COMMITTED] = "commit",
	[TX_ABORTING] = "abort",
	[TX_DONE] = "done",
};

char *journal_file(const struct tx *tx, enum tx_state state)
{
	return xasprintf("%s/%u.%s", tx->journal->dir, tx->id, suffixes[state]);
}

static enum tx_state journal_find_state(const char *suffix)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (suffixes[i] && strcmp(suffixes[i], suffix) == 0)
			return (enum tx_state)i;
	}
	return TX_NEW;
}

bool journal_file_parse(const char *name, struct tx *tx)
{
	size_t len = strcspn(name, ".");

	if (!name[len] || !journal_number(name, len, &tx->id))
		return false;
	tx->state = journal_find_state(name + len + 1);
	return tx->state != TX_NEW;
}

static int journal_sync_dir(const struct root *r, const char *path)
{
	AUTO_STRV struct strv one = STRV_INIT;

	strv_add(&one, path);
	return op_sync_dirs(r, &one);
}

char *journal_lock_path(const struct journal_place *p, const char *run_id)
{
	return xasprintf("%s/%s/" JOURNAL_LOCK, p->dir, run_id);
}

void journal_open(struct journal *j, const struct journal_place *p, const char *run_id)
{
	*j = (struct journal){ .place = p,
			       .root = p->root,
			       .dir = xasprintf("%s/%s", p->dir, run_id),
			       .run_id = xstrdup(run_id),
			       .lock = LOCK_INIT,
			       .tree = LOCK_INIT };
}

int journal_remove_dir(const struct journal *j)
{
	AUTO_FREE char *lock = journal_lock_path(j->place, j->run_id);
	AUTO_STRV struct strv names = STRV_INIT;
	int r = fs_list(j->root, j->dir, &names);

	if (r < 0 || names.n != 1)
		return r;
	r = fs_unlink(j->root, lock);
	return r < 0 ? r : fs_rmdir_if_empty(j->root, j->dir);
}

void journal_close(struct journal *j)
{
	/* A folder that cannot be removed now is removed by the next recovery. */
	if (j->lock.fd >= 0 && journal_remove_dir(j) < 0)
		lock_release(&j->lock);
	lock_release(&j->lock);
	lock_release(&j->tree);
	free(j->dir);
	free(j->run_id);
	*j = (struct journal){ .lock = LOCK_INIT, .tree = LOCK_INIT };
}

/*
 * List the folders above j->dir, up to the first one that exists.  Making j->dir adds an entry to
 * each of them, so each must be synced.
 */
static void journal_list_new_parents(const struct journal *j, struct strv *ret)
{
	AUTO_FREE char *dir = path_parent(j->dir);

	for (;;) {
		char *up;

		strv_add(ret, dir);
		if (fs_is_dir(j->root, dir) || strcmp(dir, "/") == 0)
			return;
		up = path_parent(dir);
		free(dir);
		dir = up;
	}
}

/* Make and lock the run's folder.  The folder's name is synced, but not what is in the folder. */
static int journal_make_dir(struct journal *j)
{
	AUTO_FREE char *lock = journal_lock_path(j->place, j->run_id);
	AUTO_STRV struct strv parents = STRV_INIT;
	int r;

	if (j->lock.fd >= 0)
		return 0;
	journal_list_new_parents(j, &parents);
	/* Wait: a recovery that found the folder while it was new may hold the lock. */
	r = lock_take(&j->lock, j->root, lock, j->run_id, LOCK_WAIT, NULL, NULL, NULL);
	return r < 0 ? r : op_sync_dirs(j->root, &parents);
}

int journal_take_tree(struct journal *j)
{
	return lock_take(&j->tree, j->root, j->place->lock, "changing the tree", LOCK_END, NULL,
			 NULL, NULL);
}

static int journal_write_file(const struct root *r, const char *path, const struct buf *b)
{
	AUTO_FD int fd = root_openat(r, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
	int e;

	if (fd < 0)
		return fd;
	e = fd_write(fd, b->s, b->len);
	return e < 0 ? e : fd_sync(fd);
}

int journal_write(struct tx *tx)
{
	struct journal *j = tx->journal;
	AUTO_FREE char *path = journal_file(tx, TX_OPEN);
	AUTO_BUF struct buf b = BUF_INIT;
	int r = journal_make_dir(j);

	if (r < 0)
		return r;
	journal_print(tx, &b);
	r = journal_write_file(j->root, path, &b);
	if (r == 0)
		r = journal_sync_dir(j->root, j->dir);
	/* Remove the file after an error.  If that fails, recovery does it: nothing is staged. */
	if (r < 0 && r != -EEXIST && fs_unlink(j->root, path) == 0)
		return r;
	if (r == 0)
		tx->state = TX_OPEN;
	return r;
}

int journal_rename(struct tx *tx, enum tx_state to)
{
	AUTO_FREE char *old = journal_file(tx, tx->state);
	AUTO_FREE char *new = journal_file(tx, to);
	int r = mutation("journal-early") && to == TX_DONE ? 0
							   : fs_rename(tx->journal->root, old, new);

	if (r < 0)
		return r;
	tx->state = to;
	return journal_sync_dir(tx->journal->root, tx->journal->dir);
}

int journal_unlink(struct tx *tx)
{
	AUTO_FREE char *path = journal_file(tx, tx->state);
	int r = fs_unlink(tx->journal->root, path);

	if (r < 0 || tx->state != TX_ABORTING)
		return r;
	return journal_sync_dir(tx->journal->root, tx->journal->dir);
}
