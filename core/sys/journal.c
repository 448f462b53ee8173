/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/mutation.h"
#include "sys/txop.h"

#define HEADER "dkms-journal 1\n"
#define END    "end\n"

enum { RECORD_MAX = 64 * 1024 * 1024 };

static const char *const suffixes[] = {
	[TX_OPEN] = "open",
	[TX_COMMITTED] = "commit",
	[TX_ABORTING] = "abort",
	[TX_DONE] = "done",
};

static const char *const kinds[] = {
	[OP_PUT] = "put",	   [OP_DEL] = "del",	 [OP_PUT_TREE] = "puttree",
	[OP_DEL_TREE] = "deltree", [OP_MKDIR] = "mkdir", [OP_RMDIR] = "rmdir",
};

static char *file_name(const struct tx *tx, enum tx_state state)
{
	return xasprintf("%s/%u.%s", tx->journal->dir, tx->id, suffixes[state]);
}

static int sync_dir(const struct root *r, const char *path)
{
	AUTO_STRV struct strv one = STRV_INIT;

	strv_add(&one, path);
	return sync_dirs(r, &one);
}

/* ---- the record ---- */

/* Fourth word, for the kinds that have one. */
static const char *detail(const struct tx_op *op)
{
	switch (op->kind) {
	case OP_PUT: return op->had_old ? "file" : "none";
	case OP_DEL_TREE: return op->by_copy ? "copy" : "rename";
	case OP_PUT_TREE: return op->from;
	default: return NULL;
	}
}

static void print_op(const struct tx_op *op, struct buf *b)
{
	const char *more = detail(op);

	buf_addf(b, "%s %u ", kinds[op->kind], op->number);
	buf_add_escaped(b, op->path);
	if (more) {
		buf_addch(b, ' ');
		buf_add_escaped(b, more);
	}
	buf_addch(b, '\n');
}

static void print_tx(const struct tx *tx, struct buf *b)
{
	buf_adds(b, HEADER "what ");
	buf_add_escaped(b, tx->what);
	buf_addch(b, '\n');
	for (size_t i = 0; i < tx->n_ops; i++) {
		if (tx->ops[i].kind != OP_NONE)
			print_op(&tx->ops[i], b);
	}
	buf_adds(b, END);
}

static bool parse_detail(struct tx_op *op, char *word)
{
	switch (op->kind) {
	case OP_PUT: op->had_old = strcmp(word, "file") == 0; break;
	case OP_DEL_TREE: op->by_copy = strcmp(word, "copy") == 0; break;
	case OP_PUT_TREE: op->from = word; return path_is_plain(word);
	default: break;
	}
	if (strcmp(word, detail(op)) != 0)
		return false;
	free(word);
	return true;
}

static char *unescape(const char *word)
{
	struct buf b = BUF_INIT;

	if (buf_add_unescaped(&b, word, strlen(word)))
		return buf_detach(&b);
	buf_release(&b);
	return NULL;
}

static enum op_kind find_kind(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i] && strcmp(kinds[i], word) == 0)
			return (enum op_kind)i;
	}
	return OP_NONE;
}

/* Decimal as "%u" prints it. */
static bool parse_number(const char *s, size_t len, unsigned int *ret)
{
	unsigned int n = 0;

	if (len == 0 || len > 9 || (len > 1 && s[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		n = 10 * n + (unsigned int)(s[i] - '0');
	}
	*ret = n;
	return true;
}

static bool parse_op(struct tx *tx, const struct strv *words)
{
	struct tx_op op = { .kind = words->n > 2 ? find_kind(words->v[0]) : OP_NONE };
	char *more;
	size_t n;

	if (op.kind == OP_NONE || !parse_number(words->v[1], strlen(words->v[1]), &op.number))
		return false;
	op.path = unescape(words->v[2]);
	if (!op.path)
		return false;
	VEC_PUSH(tx->ops, tx->n_ops, op);
	n = op.kind == OP_PUT || op.kind == OP_PUT_TREE || op.kind == OP_DEL_TREE ? 4 : 3;
	if (words->n != n || !path_is_plain(op.path))
		return false;
	if (n == 3)
		return true;
	more = unescape(words->v[3]);
	if (more && parse_detail(&tx->ops[tx->n_ops - 1], more))
		return true;
	if (more && !tx->ops[tx->n_ops - 1].from)
		free(more);
	return false;
}

static bool parse_tx(struct tx *tx, const char *text)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;

	if (strncmp(text, HEADER, strlen(HEADER)) != 0)
		return false;
	strv_split(&lines, text + strlen(HEADER), "\n");
	strv_remove(&lines, lines.n - 1); /* end */
	STRV_FOREACH (line, &lines) {
		AUTO_STRV struct strv words = STRV_INIT;

		strv_split(&words, line, " ");
		if (words.n == 2 && !tx->what && strcmp(words.v[0], "what") == 0)
			tx->what = unescape(words.v[1]);
		else if (!parse_op(tx, &words))
			return false;
	}
	return tx->what != NULL;
}

static bool is_whole(const struct buf *b)
{
	return b->len > strlen(HEADER END) && strlen(b->s) == b->len &&
	       strcmp(b->s + b->len - strlen("\n" END), "\n" END) == 0;
}

/* ---- files ---- */

#define LOCK_NAME "lock"

void journal_place_release(struct journal_place *p)
{
	free(p->dir);
	free(p->lock);
	*p = (struct journal_place){ NULL, NULL, NULL };
}

char *journal_lock_path(const struct journal_place *p, const char *run_id)
{
	return xasprintf("%s/%s/" LOCK_NAME, p->dir, run_id);
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

/* Unless something is left in it.  The lock must be held. */
static int remove_dir(const struct journal *j)
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
	/* What cannot be removed now is the next recovery's. */
	if (j->lock.fd >= 0 && remove_dir(j) < 0)
		lock_release(&j->lock);
	lock_release(&j->lock);
	lock_release(&j->tree);
	free(j->dir);
	free(j->run_id);
	*j = (struct journal){ .lock = LOCK_INIT, .tree = LOCK_INIT };
}

/* The folders above j->dir from the first one that exists, before j->dir is made. */
static void list_new_parents(const struct journal *j, struct strv *ret)
{
	AUTO_FREE char *dir = parent_of(j->dir);

	for (;;) {
		char *up;

		strv_add(ret, dir);
		if (fs_is_dir(j->root, dir) || strcmp(dir, "/") == 0)
			return;
		up = parent_of(dir);
		free(dir);
		dir = up;
	}
}

/* The run's folder, durable but for what will be in it. */
static int make_dir(struct journal *j)
{
	AUTO_FREE char *lock = journal_lock_path(j->place, j->run_id);
	AUTO_STRV struct strv parents = STRV_INIT;
	int r;

	if (j->lock.fd >= 0)
		return 0;
	list_new_parents(j, &parents);
	/* Wait: recovery may have found the folder before there was a lock in it. */
	r = lock_take(&j->lock, j->root, lock, j->run_id, LOCK_WAIT, NULL, NULL, NULL);
	return r < 0 ? r : sync_dirs(j->root, &parents);
}

static int write_new(const struct root *r, const char *path, const struct buf *b)
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
	AUTO_FREE char *path = file_name(tx, TX_OPEN);
	AUTO_BUF struct buf b = BUF_INIT;
	int r = make_dir(j);

	if (r < 0)
		return r;
	print_tx(tx, &b);
	r = write_new(j->root, path, &b);
	if (r == 0)
		r = sync_dir(j->root, j->dir);
	/* Of no use now; where it cannot be removed, recovery finds nothing staged. */
	if (r < 0 && r != -EEXIST && fs_unlink(j->root, path) == 0)
		return r;
	if (r == 0)
		tx->state = TX_OPEN;
	return r;
}

int journal_rename(struct tx *tx, enum tx_state to)
{
	AUTO_FREE char *old = file_name(tx, (enum tx_state)tx->state);
	AUTO_FREE char *new = file_name(tx, to);
	int r = mutation("journal-early") && to == TX_DONE ? 0
							   : fs_rename(tx->journal->root, old, new);

	if (r < 0)
		return r;
	tx->state = (int)to;
	return sync_dir(tx->journal->root, tx->journal->dir);
}

int journal_unlink(struct tx *tx)
{
	AUTO_FREE char *path = file_name(tx, (enum tx_state)tx->state);
	int r = fs_unlink(tx->journal->root, path);

	if (r < 0 || tx->state != TX_ABORTING)
		return r;
	return sync_dir(tx->journal->root, tx->journal->dir);
}

/* ---- recovery ---- */

struct recovery {
	struct journal journal;
	journal_note_fn note;
	void *data;
	int first; /* error */
};

static void PRINTF(3, 4) tell(struct recovery *v, int r, const char *fmt, ...)
{
	AUTO_BUF struct buf b = BUF_INIT;
	va_list ap;

	if (r < 0 && v->first == 0)
		v->first = r;
	if (!v->note)
		return;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	v->note(b.s, v->data);
}

static enum tx_state find_state(const char *suffix)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (suffixes[i] && strcmp(suffixes[i], suffix) == 0)
			return (enum tx_state)i;
	}
	return TX_NEW;
}

/* "3.commit" */
static bool parse_name(const char *name, struct tx *tx)
{
	size_t len = strcspn(name, ".");

	if (!name[len] || !parse_number(name, len, &tx->id))
		return false;
	tx->state = (int)find_state(name + len + 1);
	return tx->state != TX_NEW;
}

static void finish_tx(struct recovery *v, struct tx *tx)
{
	AUTO_ERR struct err err = ERR_INIT;
	bool back = tx->state == TX_OPEN || tx->state == TX_ABORTING;
	int r = 0;

	if (back)
		r = tx_rollback(tx, &err);
	else if (tx->state == TX_COMMITTED)
		r = tx_apply(tx, &err);
	if (!back && r == 0)
		r = tx_finish(tx, &err);
	if (r < 0)
		tell(v, r, "%s: %s", tx->what, err.text);
	else
		tell(v, 0, "%s: %s", back ? "rolled back" : "completed", tx->what);
	/* Whatever it is, it has been told; releasing must not try again. */
	tx->state = TX_ENDED;
}

static void recover_tx(struct recovery *v, struct tx *tx)
{
	AUTO_FREE char *path = file_name(tx, (enum tx_state)tx->state);
	AUTO_BUF struct buf b = BUF_INIT;
	int r = fs_read(tx->journal->root, path, RECORD_MAX, &b);

	if (r < 0) {
		tell(v, r, "%s: %s", path, error_text(r));
	} else if (is_whole(&b) && parse_tx(tx, b.s)) {
		finish_tx(v, tx);
	} else if (tx->state == TX_OPEN && !is_whole(&b)) {
		/* The crash came before the record was whole, so before anything was staged. */
		r = journal_unlink(tx);
		if (r < 0)
			tell(v, r, "%s: %s", path, error_text(r));
	} else {
		tell(v, -EBADMSG, "%s is damaged and was left alone", path);
	}
	tx->state = TX_ENDED;
}

static void recover_name(struct recovery *v, const char *name, bool back)
{
	struct tx tx = { .journal = &v->journal, .recovered = true };

	if (!parse_name(name, &tx)) {
		if (!back && strcmp(name, LOCK_NAME) != 0)
			tell(v, -EBADMSG, "%s/%s does not belong there", v->journal.dir, name);
		return;
	}
	if ((tx.state == TX_OPEN || tx.state == TX_ABORTING) == back)
		recover_tx(v, &tx);
	tx.state = TX_ENDED;
	tx_release(&tx);
}

static int newest_last(const void *a, const void *b)
{
	unsigned long m = strtoul(*(char *const *)a, NULL, 10);
	unsigned long n = strtoul(*(char *const *)b, NULL, 10);

	return m < n ? -1 : m > n;
}

/* What is rolled back first, the newest one first; then what was committed, in its order. */
static int recover_run(struct recovery *v)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int r = fs_list(v->journal.root, v->journal.dir, &names);

	if (r < 0)
		return r;
	qsort(names.v, names.n, sizeof(*names.v), newest_last);
	for (size_t i = names.n; i-- > 0;)
		recover_name(v, names.v[i], true);
	for (size_t i = 0; i < names.n; i++)
		recover_name(v, names.v[i], false);
	return remove_dir(&v->journal);
}

static bool is_run_id(const char *s)
{
	return *s && s[strspn(s, "0123456789abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ-")] == '\0';
}

/* 0 with the lock, -EWOULDBLOCK when the run lives or is not there any more. */
static int take_over(struct journal *j)
{
	AUTO_FREE char *lock = journal_lock_path(j->place, j->run_id);
	/* A crash may have left it empty; making a lock file could fail on a full disk. */
	int r = fs_rmdir_if_empty(j->root, j->dir);

	if (r < 0)
		return r == -ENOTDIR ? -EWOULDBLOCK : r;
	if (!fs_is_dir(j->root, j->dir))
		return -EWOULDBLOCK;
	r = lock_take(&j->lock, j->root, lock, "recovery", LOCK_TRY, NULL, NULL, NULL);
	return r == -EDEADLK ? -EWOULDBLOCK : r;
}

/* Every run but skip (NULL: none).  The tree's lock must be held. */
static int recover_all(struct recovery *v, const struct journal_place *p, const char *skip)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int e = fs_list(p->root, p->dir, &names);
	const char *name;

	if (e < 0 || mutation("no-recovery"))
		return e == -ENOENT ? 0 : e;
	STRV_FOREACH (name, &names) {
		if (!is_run_id(name) || (skip && strcmp(name, skip) == 0))
			continue;
		journal_open(&v->journal, p, name);
		v->journal.depth = 1;
		e = take_over(&v->journal);
		if (e == 0)
			e = recover_run(v);
		if (e < 0 && e != -EWOULDBLOCK)
			tell(v, e, "%s: %s", v->journal.dir, error_text(e));
		lock_release(&v->journal.lock);
		journal_close(&v->journal);
	}
	return v->first;
}

static int take_tree(struct journal *j)
{
	return lock_take(&j->tree, j->root, j->place->lock, "changing the tree", LOCK_END, NULL,
			 NULL, NULL);
}

int journal_lock(struct journal *j, bool recover)
{
	struct recovery v = { .note = NULL };
	int r;

	if (j->depth == 0) {
		r = take_tree(j);
		if (r < 0)
			return r;
		/* What cannot be recovered was told at the start of this run, or will be at the
		 * start of the next. */
		if (recover && recover_all(&v, j->place, j->run_id) < 0)
			v.first = 0;
	}
	j->depth++;
	return 0;
}

void journal_unlock(struct journal *j)
{
	if (--j->depth == 0)
		lock_release(&j->tree);
}

static bool has_runs(const struct journal_place *p)
{
	AUTO_STRV struct strv names = STRV_INIT;

	return fs_list(p->root, p->dir, &names) != 0 || names.n > 0;
}

int journal_recover(const struct journal_place *p, journal_note_fn on_note, void *data)
{
	struct recovery v = { .note = on_note, .data = data };
	CLEANUP(journal_close) struct journal j = { .lock = LOCK_INIT, .tree = LOCK_INIT };
	int e;

	if (!fs_exists(p->root, p->dir) || !has_runs(p))
		return 0;
	journal_open(&j, p, "recovery");
	e = take_tree(&j);
	return e < 0 ? e : recover_all(&v, p, NULL);
}

bool journal_is_stale(const struct journal_place *p)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_list(p->root, p->dir, &names) < 0)
		return false;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *lock = journal_lock_path(p, name);

		if (is_run_id(name) && !lock_holder_lives(p->root, lock))
			return true;
	}
	return false;
}
