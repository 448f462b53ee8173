/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tx/op.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "base/path.h"
#include "sys/clone.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/mutation.h"

#define PREFIX ".dkms-"
#define NEW    "new"
#define OLD    "old"

/* The path of the staged file (NEW) or the backup (OLD), beside the target; caller frees. */
static char *op_file_name(const struct tx *tx, const struct tx_op *op, const char *kind)
{
	int len = (int)(strrchr(op->path, '/') - op->path);

	return xasprintf("%.*s/" PREFIX "%s.%s.%u.%u", len, op->path, kind, tx->journal->run_id,
			 tx->id, op->number);
}

bool op_is_made_by(const char *name, const char *run_id)
{
	AUTO_FREE char *staged = xasprintf(PREFIX "%s.%s.", NEW, run_id);
	AUTO_FREE char *backup = xasprintf(PREFIX "%s.%s.", OLD, run_id);

	return strncmp(name, staged, strlen(staged)) == 0 ||
	       strncmp(name, backup, strlen(backup)) == 0;
}

static char *op_staged_path(const struct tx *tx, const struct tx_op *op)
{
	return op_file_name(tx, op, NEW);
}

static char *op_backup_path(const struct tx *tx, const struct tx_op *op)
{
	return op_file_name(tx, op, OLD);
}

static void op_add_parent(struct strv *dirs, const char *path)
{
	AUTO_FREE char *dir = path_parent(path);

	if (!strv_has(dirs, dir))
		strv_add(dirs, dir);
}

int op_sync_dirs(const struct root *r, const struct strv *dirs)
{
	const char *dir;

	STRV_FOREACH (dir, dirs) {
		AUTO_FD int fd = root_openat(r, dir, O_RDONLY | O_DIRECTORY, 0);
		int e = fd < 0 ? fd : fd_sync_dir(fd);

		if (e < 0 && e != -ENOENT)
			return e;
	}
	return 0;
}

/* Returns 1, 0 or -errno.  An error must not count as "does not exist": a file could get lost. */
static int op_path_exists(const struct root *r, const char *path)
{
	struct stat st;
	int e = fs_lstat(r, path, &st);

	return e == -ENOENT ? 0 : e < 0 ? e : 1;
}

/*
 * Rename the file `from` to `to`; if `from` does not exist, that is success.  -ENOENT: the folder
 * of `to` does not exist.  (On a read-only file system rename(2) fails with EROFS even if `from`
 * does not exist.)
 */
static int op_rename_if_exists(const struct root *r, const char *from, const char *to)
{
	int e = fs_rename(r, from, to);
	int there = e == -ENOENT || e == -EROFS ? op_path_exists(r, from) : 1;

	return there > 0 ? e : there;
}

const struct tx_op *op_find(const struct tx *tx, enum op_kind kind, const char *path)
{
	for (size_t i = 0; i < tx->n_ops; i++) {
		if (tx->ops[i].kind == kind && strcmp(tx->ops[i].path, path) == 0)
			return &tx->ops[i];
	}
	return NULL;
}

/* ---- look ---- */

/* Is `path` on overlayfs?  overlayfs cannot rename a folder that lies in a lower layer (EXDEV). */
static bool op_is_on_overlayfs(const struct root *r, const char *path)
{
	AUTO_FREE char *dir = path_parent(path);
	AUTO_FD int fd = root_openat(r, dir, O_PATH | O_DIRECTORY, 0);
	struct statfs st;

	return fd >= 0 && fstatfs(fd, &st) == 0 && st.f_type == OVERLAYFS_SUPER_MAGIC;
}

static int op_look_existing(const struct tx *tx, struct tx_op *op, const struct stat *st)
{
	switch (op->kind) {
	case OP_PUT: op->had_old = true; return S_ISDIR(st->st_mode) ? -EISDIR : 0;
	case OP_DEL: return S_ISDIR(st->st_mode) ? -EISDIR : 0;
	case OP_PUT_TREE: return op_find(tx, OP_DEL_TREE, op->path) ? 0 : -EEXIST;
	case OP_DEL_TREE:
		if (!S_ISDIR(st->st_mode))
			op->kind = OP_DEL;
		else
			op->by_copy = op_is_on_overlayfs(tx->journal->root, op->path);
		return 0;
	case OP_MKDIR: op->kind = OP_NONE; return 0;
	case OP_RMDIR:
	case OP_NONE: return 0;
	}
	return 0;
}

int op_look(const struct tx *tx, struct tx_op *op)
{
	struct stat st;
	int e;

	if (op->kind == OP_NONE)
		return 0;
	if (!path_is_plain(op->path))
		return -EINVAL;
	e = fs_lstat(tx->journal->root, op->path, &st);
	if (e == 0)
		return op_look_existing(tx, op, &st);
	if (e == -ENOENT && (op->kind == OP_DEL || op->kind == OP_DEL_TREE))
		op->kind = OP_NONE;
	return e == -ENOENT ? 0 : e;
}

/* ---- stage ---- */

static int op_sync_path(const struct root *r, const char *path)
{
	AUTO_FD int fd = root_openat(r, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);

	if (fd < 0)
		return fd == -ELOOP || fd == -ENXIO ? 0 : fd; /* symlink, socket */
	return fd_sync(fd);
}

static int op_stage_link(const struct root *r, const char *from, const char *staged)
{
	int e = mutation("original-moved") ? fs_rename(r, from, staged)
					   : clone_file(r, from, staged);

	/* Sync the linked file: somebody may have written it just now. */
	return e < 0 ? e : op_sync_path(r, staged);
}

static int op_stage_file(const struct root *r, const struct tx_op *op, const char *staged)
{
	AUTO_FD int in = -1;
	AUTO_FD int out = -1;
	struct stat st;
	int e;

	if (op->source == PUT_COPY) {
		in = fs_open_file(r, op->from, 0);
		if (in < 0)
			return in;
		if (fstat(in, &st) < 0)
			return -errno;
	}
	out = root_openat(r, staged, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (out < 0)
		return out;
	e = in < 0 ? fd_write(out, op->data, op->len) : fd_copy(in, out);
	if (e < 0)
		return e;
	e = fd_set_mode_and_times(out, op->mode, in < 0 ? NULL : &st);
	return e < 0 ? e : fd_sync(out);
}

static int op_stage_put(const struct tx *tx, struct tx_op *op)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *staged = op_staged_path(tx, op);
	AUTO_FREE char *backup = op_backup_path(tx, op);
	struct stat st;
	int e;

	switch (op->source) {
	case PUT_LINK: e = op_stage_link(r, op->from, staged); break;
	case PUT_SYMLINK: e = fs_symlink(r, op->from, staged); break;
	default: e = op_stage_file(r, op, staged);
	}
	if (e == 0)
		e = fs_lstat(r, staged, &st);
	if (e < 0)
		return e;
	op->dev = st.st_dev;
	op->ino = st.st_ino;
	return op->had_old ? clone_file(r, op->path, backup) : 0;
}

static int op_stage_del_tree(const struct tx *tx, const struct tx_op *op)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *backup = op_backup_path(tx, op);

	return op->by_copy ? clone_tree(r, op->path, backup) : 0;
}

struct op_tree {
	const struct root *root;
	const char *path;
};

static int op_sync_entry(const char *rel, const struct stat *st, void *data)
{
	const struct op_tree *t = data;
	AUTO_FREE char *path = xasprintf("%s/%s", t->path, rel);

	return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode) ? op_sync_path(t->root, path) : 0;
}

static int op_stage_put_tree(const struct tx *tx, const struct tx_op *op)
{
	struct op_tree t = { tx->journal->root, op->from };
	AUTO_FREE char *staged = op_staged_path(tx, op);
	int e = fs_walk(t.root, t.path, op_sync_entry, &t);

	if (e == 0)
		e = op_sync_path(t.root, t.path);
	/*
	 * Give the staged tree a name of its own.  If another folder gets the name op->from later,
	 * recovery must not take it for the staged tree.
	 */
	return e < 0 ? e : fs_rename(t.root, op->from, staged);
}

static int op_stage_mkdir(const struct tx *tx, struct tx_op *op)
{
	const char *name;
	AUTO_FD int dir = root_open_parent(tx->journal->root, op->path, &name);

	if (dir < 0)
		return dir;
	if (mkdirat(dir, name, 0755) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	op->kind = OP_NONE; /* somebody else made it: a rollback must not remove it */
	return 0;
}

int op_stage(const struct tx *tx, struct tx_op *op, struct strv *dirs)
{
	switch (op->kind) {
	case OP_PUT: op_add_parent(dirs, op->path); return op_stage_put(tx, op);
	case OP_PUT_TREE: op_add_parent(dirs, op->path); return op_stage_put_tree(tx, op);
	case OP_DEL_TREE:
		if (op->by_copy)
			op_add_parent(dirs, op->path);
		return op_stage_del_tree(tx, op);
	case OP_MKDIR: op_add_parent(dirs, op->path); return op_stage_mkdir(tx, op);
	default: return 0;
	}
}

/* ---- forward ---- */

/*
 * Rename a file over another one.  If both are links to one inode, rename(2) does nothing and
 * leaves both names.  So unlink `from` after the rename.
 */
static int op_rename_over(const struct root *r, const char *from, const char *to)
{
	int e = fs_rename(r, from, to);

	return e < 0 ? e : fs_unlink(r, from);
}

/* Seeded faults (sys/mutation.h); without them the compiler drops this function. */
static int op_apply_mutated(const struct root *r, const char *staged, const char *path)
{
	AUTO_FD int in = -1;
	AUTO_FD int out = -1;
	int e;

	if (mutation("unlink-first")) {
		e = fs_unlink(r, path);
		return e < 0 ? e : fs_rename(r, staged, path);
	}
	in = root_openat(r, staged, O_RDONLY | O_NOFOLLOW, 0);
	if (in < 0)
		return fs_rename(r, staged, path);
	out = root_openat(r, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	e = out < 0 ? out : fd_copy(in, out);
	return e < 0 ? e : fs_unlink(r, staged);
}

static int op_apply_staged(const struct tx *tx, const struct tx_op *op)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *staged = op_staged_path(tx, op);
	/* In recovery, a staged file that is missing was put already. */
	int there = tx->recovered ? op_path_exists(r, staged) : 1;

	if (there <= 0)
		return there;
	if (op->kind == OP_PUT && (mutation("unlink-first") || mutation("write-in-place")))
		return op_apply_mutated(r, staged, op->path);
	return op->kind == OP_PUT ? op_rename_over(r, staged, op->path)
				  : fs_rename(r, staged, op->path);
}

/*
 * Has this transaction already put a staged tree to `path`?  If so, the tree at `path` is the new
 * one and must stay: the old tree was removed before.  Returns 1, 0 or -errno.
 */
static int op_tree_is_replaced(const struct tx *tx, const char *path)
{
	const struct tx_op *put = op_find(tx, OP_PUT_TREE, path);
	AUTO_FREE char *staged = put ? op_staged_path(tx, put) : NULL;
	int there = put ? op_path_exists(tx->journal->root, staged) : 1;

	return there < 0 ? there : !there;
}

static int op_apply_delete(const struct tx *tx, const struct tx_op *op)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *backup = op_backup_path(tx, op);
	/* In recovery: if the backup exists, the target was renamed away already. */
	int done = op->by_copy ? op_tree_is_replaced(tx, op->path) : op_path_exists(r, backup);

	if (done != 0)
		return done < 0 ? done : 0;
	return op->by_copy ? fs_remove_tree(r, op->path) : op_rename_if_exists(r, op->path, backup);
}

int op_apply(const struct tx *tx, const struct tx_op *op, struct strv *dirs)
{
	switch (op->kind) {
	case OP_PUT:
	case OP_PUT_TREE: op_add_parent(dirs, op->path); return op_apply_staged(tx, op);
	case OP_DEL:
	case OP_DEL_TREE: op_add_parent(dirs, op->path); return op_apply_delete(tx, op);
	default: return 0;
	}
}

static int op_remove_dir(const struct root *r, const char *path)
{
	int e = fs_rmdir_if_empty(r, path);

	return e == -EBUSY || e == -ENOTDIR ? 0 : e; /* a mount point or a symlink stays */
}

int op_clean(const struct tx *tx, const struct tx_op *op, struct strv *dirs)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *backup = op_backup_path(tx, op);
	bool nothing = op->kind == OP_PUT && !op->had_old;

	if (op->kind == OP_NONE || op->kind == OP_PUT_TREE || op->kind == OP_MKDIR || nothing)
		return 0;
	op_add_parent(dirs, op->path);
	if (op->kind == OP_RMDIR)
		return op_remove_dir(r, op->path);
	return op->kind == OP_DEL_TREE ? fs_remove_tree(r, backup) : fs_unlink(r, backup);
}

/* ---- back ---- */

static int op_unstage_put(const struct tx *tx, const struct tx_op *op)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *staged = op_staged_path(tx, op);
	AUTO_FREE char *backup = op_backup_path(tx, op);
	int e = fs_unlink(r, staged);

	return e < 0 ? e : fs_unlink(r, backup);
}

static int op_unstage_put_tree(const struct tx *tx, const struct tx_op *op, struct strv *dirs)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *staged = op_staged_path(tx, op);
	int e = op_path_exists(r, staged);

	op_add_parent(dirs, op->from);
	if (e <= 0)
		return e;
	e = fs_rename(r, staged, op->from);
	/*
	 * After these errors the tree cannot go back: its parent folder is gone, or something else
	 * has its name.
	 */
	if (e == -ENOENT || e == -ENOTEMPTY || e == -EEXIST || e == -ENOTDIR)
		return fs_remove_tree(r, staged);
	return e;
}

int op_unstage(const struct tx *tx, const struct tx_op *op, struct strv *dirs)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *backup = op_backup_path(tx, op);

	if (op->kind == OP_NONE || op->kind == OP_DEL || op->kind == OP_RMDIR)
		return 0;
	op_add_parent(dirs, op->path);
	switch (op->kind) {
	case OP_PUT: return op_unstage_put(tx, op);
	case OP_PUT_TREE: return op_unstage_put_tree(tx, op, dirs);
	case OP_DEL_TREE: return op->by_copy ? fs_remove_tree(r, backup) : 0;
	default: return op_remove_dir(r, op->path);
	}
}

static int op_undo_replaced(const struct root *r, const char *path, const char *backup)
{
	int there = op_path_exists(r, backup);

	return there <= 0 ? there : op_rename_over(r, backup, path);
}

static int op_undo_put(const struct tx *tx, const struct tx_op *op)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *staged = op_staged_path(tx, op);
	AUTO_FREE char *backup = op_backup_path(tx, op);
	int e;

	if (op->had_old) {
		e = op_undo_replaced(r, op->path, backup);
		return e < 0 ? e : fs_unlink(r, staged);
	}
	/* If the staged file exists, it was not put, so what is at op->path is not ours. */
	e = op_path_exists(r, staged);
	return e < 0 ? e : fs_unlink(r, e ? staged : op->path);
}

/* Is the tree at op->path the one that we put?  Returns 1, 0 or -errno. */
static int op_tree_is_ours(const struct tx *tx, const struct tx_op *op)
{
	const struct root *r = tx->journal->root;
	const struct tx_op *del = op_find(tx, OP_DEL_TREE, op->path);
	AUTO_FREE char *staged = op_staged_path(tx, op);
	AUTO_FREE char *backup = del ? op_backup_path(tx, del) : NULL;
	int there = op_path_exists(r, staged);

	if (there == 0)
		there = op_path_exists(r, op->from);
	if (there != 0)
		return there < 0 ? there : 0;
	/*
	 * A rollback takes the new tree away before it brings the old tree back.  So if the backup
	 * of the old tree is gone, the tree at op->path is the old tree.
	 */
	return del ? op_path_exists(r, backup) : 1;
}

static int op_undo_put_tree(const struct tx *tx, const struct tx_op *op, struct strv *dirs)
{
	AUTO_FREE char *staged = op_staged_path(tx, op);
	int e = op_tree_is_ours(tx, op);

	if (e > 0)
		e = op_rename_if_exists(tx->journal->root, op->path, staged);
	return e < 0 ? e : op_unstage_put_tree(tx, op, dirs);
}

static int op_undo_delete(const struct tx *tx, const struct tx_op *op)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *backup = op_backup_path(tx, op);
	int there = op_path_exists(r, backup);
	int e = 0;

	if (there <= 0)
		return there;
	/* Our target was renamed away.  A file that is at op->path came later, so it stays. */
	if (op->kind == OP_DEL)
		e = op_path_exists(r, op->path);
	if (e != 0)
		return e < 0 ? e : fs_unlink(r, backup);
	if (op->by_copy)
		e = fs_remove_tree(r, op->path);
	return e < 0 ? e : fs_rename(r, backup, op->path);
}

int op_undo(const struct tx *tx, const struct tx_op *op, struct strv *dirs)
{
	if (op->kind == OP_NONE || op->kind == OP_RMDIR)
		return 0;
	op_add_parent(dirs, op->path);
	switch (op->kind) {
	case OP_PUT: return op_undo_put(tx, op);
	case OP_PUT_TREE: return op_undo_put_tree(tx, op, dirs);
	case OP_DEL:
	case OP_DEL_TREE: return op_undo_delete(tx, op);
	default: return op_remove_dir(tx->journal->root, op->path);
	}
}

int op_yield(const struct tx *tx, const struct tx_op *op, struct strv *dirs)
{
	const struct root *r = tx->journal->root;
	AUTO_FREE char *backup = op_backup_path(tx, op);
	AUTO_FREE char *staged = op_staged_path(tx, op);
	struct stat st;
	int e;

	if (op->kind != OP_PUT)
		return 0;
	e = fs_lstat(r, op->path, &st);
	if (e < 0 && e != -ENOENT)
		return e;
	if (e == 0 && st.st_dev == op->dev && st.st_ino == op->ino)
		return 0;
	op_add_parent(dirs, op->path);
	if (op->had_old)
		return fs_unlink(r, backup);
	if (e == -ENOENT)
		return 0;
	e = clone_file(r, op->path, staged);
	/* -EEXIST: the link is there from an earlier attempt. */
	return e == -EEXIST ? 0 : e;
}

void op_release(struct tx_op *op)
{
	free(op->path);
	free(op->from);
	free(op->data);
}

void op_release_all(struct tx *tx)
{
	for (size_t i = 0; i < tx->n_ops; i++)
		op_release(&tx->ops[i]);
	free(tx->ops);
	free(tx->what);
	*tx = (struct tx){ .state = TX_ENDED };
}
