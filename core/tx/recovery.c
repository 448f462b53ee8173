/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tx/recovery.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/path.h"
#include "sys/fs.h"
#include "sys/mutation.h"
#include "tx/journalfile.h"
#include "tx/journaltext.h"
#include "tx/op.h"
#include "tx/place.h"
#include "tx/settle.h"

enum { RECORD_MAX = 64 * 1024 * 1024 };

struct recovery {
	struct journal journal;
	journal_note_fn note;
	void *data;
	char *why; /* the first problem, for which the journal is set aside; NULL: none */
};

static void PRINTF(2, 3) recovery_tell(struct recovery *v, const char *fmt, ...)
{
	AUTO_BUF struct buf b = BUF_INIT;
	va_list ap;

	if (!v->note)
		return;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	v->note(b.s, v->data);
}

static void PRINTF(2, 3) recovery_problem(struct recovery *v, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (v->why)
		return;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	v->why = buf_detach(&b);
}

/* ---- one file ---- */

/* Does the file belong to somebody else, or can its group or others write it? */
static bool recovery_is_foreign(const struct root *r, const char *path)
{
	struct stat st;

	return fs_lstat(r, path, &st) == 0 && (st.st_uid != geteuid() || (st.st_mode & 0022));
}

/*
 * Read all operations of a transaction's file into tx.  -EBADMSG: the file is damaged; -EPERM:
 * somebody else can write it, or it names a path outside of the trees.  After either of these
 * errors `text` holds what could be read.
 */
static int recovery_read_tx(struct recovery *v, struct tx *tx, const char *path, struct buf *text)
{
	int r = fs_read(tx->journal->root, path, RECORD_MAX, text);
	const char *refused;

	if (r == -EINVAL || r == -EFBIG || r == -EISDIR)
		return recovery_problem(v, "%s is damaged", path), -EBADMSG;
	if (r < 0)
		return recovery_problem(v, "%s: %s", path, error_text(r)), r;
	if (recovery_is_foreign(tx->journal->root, path) ||
	    recovery_is_foreign(tx->journal->root, tx->journal->dir))
		return recovery_problem(v, "somebody else can write %s", path), -EPERM;
	if (!journal_is_whole(text) || !journal_parse(tx, text->s))
		return recovery_problem(v, "%s is damaged", path), -EBADMSG;
	refused = place_refuses(tx->journal->place, tx);
	if (refused)
		return recovery_problem(v, "%s names %s, which is none of dkms's", path, refused),
		       -EPERM;
	return 0;
}

static bool recovery_goes_back(const struct tx *tx)
{
	return tx->state == TX_OPEN || tx->state == TX_ABORTING;
}

static int recovery_finish_tx(struct recovery *v, struct tx *tx)
{
	AUTO_ERR struct err err = ERR_INIT;
	bool back = recovery_goes_back(tx);
	int r = 0;

	if (back)
		r = settle_back(tx, &err);
	else if (tx->state == TX_COMMITTED)
		r = settle_apply(tx, &err);
	if (!back && r == 0)
		r = settle_finish(tx, &err);
	if (r < 0)
		recovery_problem(v, "%s: %s", tx->what, err.text ? err.text : error_text(r));
	else
		recovery_tell(v, "%s: %s", back ? "rolled back" : "completed", tx->what);
	return r;
}

static void recover_tx(struct recovery *v, struct tx *tx)
{
	AUTO_FREE char *path = journal_file(tx, tx->state);
	AUTO_BUF struct buf b = BUF_INIT, text = BUF_INIT;

	if (tx->state == TX_OPEN && fs_read(tx->journal->root, path, RECORD_MAX, &text) == 0 &&
	    !journal_is_whole(&text)) {
		/* The crash came before the file was complete, so before anything was staged. */
		if (journal_unlink(tx) < 0)
			recovery_problem(v, "%s cannot be removed", path);
		return;
	}
	if (recovery_read_tx(v, tx, path, &b) == 0)
		recovery_finish_tx(v, tx);
}

/*
 * Recover one file of a journal.  If `back` is true, a transaction that must be completed is
 * skipped; if `back` is false, one that must be rolled back is skipped.  Returns 0 in any case: a
 * failure is noted by recovery_problem().
 */
static int recover_file(struct recovery *v, const char *name, bool back)
{
	struct tx tx = { .journal = &v->journal, .recovered = true };

	if (journal_file_parse(name, &tx)) {
		if (recovery_goes_back(&tx) == back)
			recover_tx(v, &tx);
	} else if (!back && strcmp(name, JOURNAL_LOCK) != 0) {
		recovery_problem(v, "%s/%s does not belong there", v->journal.dir, name);
	}
	op_release_all(&tx);
	return 0;
}

/* ---- one run ---- */

/* For qsort(3): files of a journal in the order in which their transactions began. */
static int recovery_compare_ids(const void *a, const void *b)
{
	unsigned long m = strtoul(*(char *const *)a, NULL, 10);
	unsigned long n = strtoul(*(char *const *)b, NULL, 10);

	return m < n ? -1 : m > n;
}

typedef int (*recovery_file_fn)(struct recovery *v, const char *name, bool back);

/*
 * Call fn twice for each file of the journal: first with `back` true, from the newest transaction
 * to the oldest, to roll some of them back; then with `back` false, from the oldest to the newest,
 * to complete the others.  The order matters if several transactions changed one target.  Rolling
 * back in this order leaves what was there before the oldest of them, and completing in this order
 * leaves what the newest of them put there.  Returns the first error.
 */
static int recovery_each_file(struct recovery *v, recovery_file_fn fn)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int first = fs_list(v->journal.root, v->journal.dir, &names);

	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), recovery_compare_ids);
	for (size_t i = 0; i < 2 * names.n; i++) {
		bool back = i < names.n;
		int r = fn(v, names.v[back ? names.n - 1 - i : i - names.n], back);

		if (r < 0 && first == 0)
			first = r;
	}
	return first;
}

static void recover_run(struct recovery *v)
{
	int r = recovery_each_file(v, recover_file);

	if (r == 0)
		r = journal_remove_dir(&v->journal);
	if (r < 0)
		recovery_problem(v, "%s: %s", v->journal.dir, error_text(r));
}

static bool recovery_is_run_id(const char *s)
{
	return *s && s[strspn(s, "0123456789abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ-")] == '\0';
}

static bool recovery_is_folder(const struct root *r, const char *path)
{
	struct stat st;

	return fs_lstat(r, path, &st) == 0 && S_ISDIR(st.st_mode);
}

/*
 * Lock a dead run's journal.  -EWOULDBLOCK: the run lives, or its folder is gone; -EBADMSG: j->dir
 * is not a run's folder, or a folder that is not empty has the lock's name.
 */
static int recovery_take_over(struct journal *j)
{
	AUTO_FREE char *lock = journal_lock_path(j->place, j->run_id);
	struct stat st;
	int r;

	if (!recovery_is_run_id(j->run_id) || !recovery_is_folder(j->root, j->dir))
		return fs_lstat(j->root, j->dir, &st) == 0 ? -EBADMSG : -EWOULDBLOCK;
	/* Remove a folder that a crash left empty: on a full disk we could not make its lock. */
	r = fs_rmdir_if_empty(j->root, j->dir);
	if (r < 0)
		return r;
	if (!recovery_is_folder(j->root, j->dir))
		return -EWOULDBLOCK;
	r = lock_take(&j->lock, j->root, lock, "recovery", LOCK_TRY, NULL, NULL, NULL);
	if (r == -ENOTEMPTY || r == -EEXIST)
		return -EBADMSG;
	return r == -EDEADLK ? -EWOULDBLOCK : r;
}

/* As recovery_take_over(), but first remove what stands at the lock's path and cannot be locked. */
static int recovery_take_over_without_lock(struct journal *j)
{
	AUTO_FREE char *lock = journal_lock_path(j->place, j->run_id);
	int r = fs_remove_tree(j->root, lock);

	return r < 0 ? r : recovery_take_over(j);
}

static int recovery_move_aside(const struct journal *j, const char *to)
{
	AUTO_STRV struct strv dirs = STRV_INIT;
	int r = fs_exists(j->root, to) ? -EEXIST : fs_mkdir_p(j->root, j->place->broken);

	if (r == 0)
		r = fs_rename(j->root, j->dir, to);
	if (r < 0)
		return r;
	strv_add(&dirs, j->place->broken);
	strv_add(&dirs, j->place->dir);
	return op_sync_dirs(j->root, &dirs);
}

/*
 * Move the journal to BROKEN and say so.  If it cannot be moved, it stays, and the message says
 * why.  Later recoveries try again to complete a journal in BROKEN, and say nothing if they cannot.
 */
static void recovery_set_aside(struct recovery *v)
{
	const struct journal *j = &v->journal;
	AUTO_FREE char *to = xasprintf("%s/%s", j->place->broken, j->run_id);
	AUTO_BUF struct buf text = BUF_INIT;
	int r = recovery_move_aside(j, to);

	buf_addf(&text, "What an interrupted run left cannot be completed: %s. ", v->why);
	if (r < 0)
		buf_addf(&text, "It stays in %s: %s.", j->dir, error_text(r));
	else
		buf_addf(&text,
			 "It is set aside in %s, and what it names has to wait: see dkms fsck.",
			 to);
	if (v->note)
		v->note(text.s, v->data);
	else
		log_warning("%s", text.s);
}

/*
 * Recover one journal.  If `aside` is true, the journal is in BROKEN already.  Then a journal that
 * cannot be completed stays there, and nothing is said.
 */
static void recover_journal(struct recovery *v, const struct journal_place *p, const char *name,
			    bool aside)
{
	int r;

	journal_open(&v->journal, p, name);
	r = recovery_take_over(&v->journal);
	if (r == 0)
		recover_run(v);
	else if (r == -EBADMSG)
		recovery_problem(v, "%s does not belong there", v->journal.dir);
	else if (r != -EWOULDBLOCK && !aside)
		recovery_tell(v, "%s: %s", v->journal.dir, error_text(r));
	if (v->why && !aside)
		recovery_set_aside(v);
	free(TAKE(v->why));
	lock_release(&v->journal.lock);
	journal_close(&v->journal);
}

static int recover_place(struct recovery *v, const struct journal_place *p, const char *skip,
			 bool aside)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int r = fs_list(p->root, p->dir, &names);
	const char *name;

	STRV_FOREACH (name, &names) {
		if (!skip || strcmp(name, skip) != 0)
			recover_journal(v, p, name, aside);
	}
	return r == -ENOENT ? 0 : r;
}

/*
 * Returns a place whose journals are those in BROKEN.  BROKEN has the layout of JOURNAL, so the
 * same functions work on both.
 */
static struct journal_place recovery_aside_place(const struct journal_place *p)
{
	struct journal_place aside = *p;

	aside.dir = p->broken;
	return aside;
}

static void recovery_remove_aside(const struct journal_place *p)
{
	if (fs_rmdir_if_empty(p->root, p->broken) < 0)
		log_debug("%s stays", p->broken);
}

/* If something that is not a folder has the name of JOURNAL, set it aside. */
static void recovery_check_folder(struct recovery *v, const struct journal_place *p)
{
	struct journal_place above = *p;
	AUTO_FREE char *parent = path_parent(p->dir);
	struct stat st;

	if (fs_lstat(p->root, p->dir, &st) < 0 || S_ISDIR(st.st_mode))
		return;
	above.dir = parent;
	journal_open(&v->journal, &above, strrchr(p->dir, '/') + 1);
	recovery_problem(v, "%s is no folder", p->dir);
	recovery_set_aside(v);
	free(TAKE(v->why));
	journal_close(&v->journal);
}

int journal_recover_others(struct journal *j, const char *skip, journal_note_fn note, void *data)
{
	struct recovery v = { .note = note, .data = data };
	struct journal_place aside = recovery_aside_place(j->place);
	int r;

	if (mutation("no-recovery"))
		return 0;
	recovery_check_folder(&v, j->place);
	/* First try the older journals, in BROKEN: perhaps their file system can be written now. */
	if (recovery_is_folder(j->root, aside.dir)) {
		r = recover_place(&v, &aside, NULL, true);
		recovery_remove_aside(j->place);
		if (r < 0)
			return r;
	}
	return recover_place(&v, j->place, skip, false);
}

static bool recovery_has_entries(const struct root *r, const char *dir)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int e = fs_list(r, dir, &names);

	return e == 0 ? names.n > 0 : e != -ENOENT;
}

int journal_recover(const struct journal_place *p, journal_note_fn on_note, void *data)
{
	CLEANUP(journal_close) struct journal j = { .lock = LOCK_INIT, .tree = LOCK_INIT };
	int r;

	if (!recovery_has_entries(p->root, p->dir) && !recovery_has_entries(p->root, p->broken))
		return 0;
	journal_open(&j, p, "recovery");
	r = journal_take_tree(&j);
	return r < 0 ? r : journal_recover_others(&j, NULL, on_note, data);
}

bool journal_is_stale(const struct journal_place *p)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_list(p->root, p->dir, &names) < 0)
		return false;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *lock = journal_lock_path(p, name);

		if (!lock_holder_lives(p->root, lock))
			return true;
	}
	return false;
}

/* ---- what was set aside ---- */

int journal_list_aside(const struct journal_place *p, struct strv *ret)
{
	int r = fs_list(p->root, p->broken, ret);

	return r == -ENOENT || r == -ENOTDIR ? 0 : r;
}

/* Read every valid line of one file into tx. */
static void recovery_salvage(struct recovery *v, const char *name, struct tx *tx)
{
	AUTO_FREE char *path = xasprintf("%s/%s", v->journal.dir, name);
	AUTO_BUF struct buf b = BUF_INIT;

	if (fs_read(v->journal.root, path, RECORD_MAX, &b) == 0)
		journal_salvage(tx, b.s);
}

void journal_read_aside(const struct journal_place *p, const char *run, struct strv *ret_whats,
			struct strv *ret_paths)
{
	struct journal_place aside = recovery_aside_place(p);
	struct recovery v = { .note = NULL };
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	journal_open(&v.journal, &aside, run);
	if (fs_list(p->root, v.journal.dir, &names) < 0)
		log_debug("%s cannot be listed", v.journal.dir);
	STRV_FOREACH (name, &names) {
		struct tx tx = { .journal = &v.journal };

		recovery_salvage(&v, name, &tx);
		if (tx.what)
			strv_add(ret_whats, tx.what);
		for (size_t i = 0; i < tx.n_ops; i++)
			strv_add(ret_paths, tx.ops[i].path);
		op_release_all(&tx);
	}
	journal_close(&v.journal);
}

char *journal_why_aside(const struct journal_place *p, const char *run)
{
	struct journal_place aside = recovery_aside_place(p);
	struct recovery v = { .note = NULL };
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	journal_open(&v.journal, &aside, run);
	if (!recovery_is_folder(p->root, v.journal.dir) ||
	    fs_list(p->root, v.journal.dir, &names) < 0)
		recovery_problem(&v, "it is no run's folder");
	STRV_FOREACH (name, &names) {
		struct tx tx = { .journal = &v.journal };
		AUTO_FREE char *path = xasprintf("%s/%s", v.journal.dir, name);
		AUTO_BUF struct buf b = BUF_INIT;
		int r = 0;

		if (journal_file_parse(name, &tx))
			r = recovery_read_tx(&v, &tx, path, &b);
		else if (strcmp(name, JOURNAL_LOCK) != 0)
			recovery_problem(&v, "%s does not belong there", path);
		if (r < 0)
			log_debug("%s: %s", path, error_text(r));
		op_release_all(&tx);
	}
	recovery_problem(&v, "the files that it names cannot be changed");
	journal_close(&v.journal);
	return v.why;
}

struct sweep {
	const struct journal *j;
	const char *tree, *lost;
	struct strv found;
};

static int sweep_entry(const char *rel, const struct stat *st, void *data)
{
	struct sweep *s = data;
	const char *name = strrchr(rel, '/') ? strrchr(rel, '/') + 1 : rel;
	AUTO_FREE char *path = NULL;
	size_t len = strlen(s->lost);

	(void)st;
	if (!op_is_made_by(name, s->j->run_id))
		return 0;
	path = xasprintf("%s/%s", strcmp(s->tree, "/") == 0 ? "" : s->tree, rel);
	if (strncmp(path, s->lost, len) != 0 || path[len] != '/')
		strv_take(&s->found, TAKE(path));
	return 0;
}

/*
 * Move a staged file or backup to LOST, where a person finds it.  No journal names the file, so
 * nobody knows where it belongs.  It may be the only copy of an original module.
 */
static void recovery_keep_lost(const struct journal *j, const char *lost, const char *path)
{
	AUTO_FREE char *folder = xasprintf("%s/%s", lost, j->run_id);
	AUTO_FREE char *to = xasprintf("%s%s", folder, strrchr(path, '/'));
	int r = fs_mkdir_p(j->root, folder);

	if (r == 0)
		r = fs_rename(j->root, path, to);
	log_warning("The interrupted run does not say any more where %s belongs: it %s %s.", path,
		    r < 0 ? "stays:" : "is kept as", r < 0 ? error_text(r) : to);
}

/* Search the trees of p for staged files and backups that j's run left.  Move them to LOST. */
static void recovery_sweep(const struct journal *j, const struct journal_place *p)
{
	struct sweep s = { .j = j, .lost = p->lost, .found = STRV_INIT };
	const char *tree, *path;

	STRV_FOREACH (tree, &p->trees) {
		s.tree = tree;
		if (recovery_is_folder(j->root, tree) &&
		    fs_walk(j->root, tree, sweep_entry, &s) < 0)
			log_debug("%s cannot be searched", tree);
	}
	STRV_FOREACH (path, &s.found)
		recovery_keep_lost(j, p->lost, path);
	strv_release(&s.found);
}

/* Complete or roll back what is legible of a damaged file. */
static int recovery_settle_damaged(struct recovery *v, struct tx *tx, const struct buf *text)
{
	const char *refused;

	journal_salvage(tx, text->s);
	if (!tx->what)
		tx->what = xstrdup("a change");
	refused = place_refuses(tx->journal->place, tx);
	if (refused)
		return recovery_problem(v, "it names %s, which is none of dkms's", refused), -EPERM;
	return recovery_finish_tx(v, tx);
}

static int recovery_settle_file(struct recovery *v, const char *name, bool back)
{
	struct tx tx = { .journal = &v->journal, .recovered = true };
	AUTO_FREE char *path = NULL;
	AUTO_BUF struct buf b = BUF_INIT;
	int r = 0;

	/* Anything but a transaction's file is removed together with the folder. */
	if (journal_file_parse(name, &tx) && recovery_goes_back(&tx) == back)
		path = journal_file(&tx, tx.state);
	if (path && fs_is_file(v->journal.root, path)) {
		r = recovery_read_tx(v, &tx, path, &b);
		if (r == 0)
			r = recovery_finish_tx(v, &tx);
		else if (r == -EBADMSG) {
			struct tx some = { .journal = &v->journal,
					   .recovered = true,
					   .id = tx.id,
					   .state = tx.state };

			free(TAKE(v->why));
			r = recovery_settle_damaged(v, &some, &b);
			op_release_all(&some);
		}
	}
	op_release_all(&tx);
	return r;
}

static int recovery_settle_run(struct recovery *v, const struct journal_place *p)
{
	int r = recovery_each_file(v, recovery_settle_file);

	if (r == 0)
		recovery_sweep(&v->journal, p);
	return r;
}

int journal_settle(const struct journal_place *p, const char *name, struct err *err)
{
	struct journal_place aside = recovery_aside_place(p);
	CLEANUP(journal_close) struct journal j = { .lock = LOCK_INIT, .tree = LOCK_INIT };
	struct recovery v = { .note = NULL };
	int r;

	journal_open(&j, p, "recovery");
	r = journal_take_tree(&j);
	if (r < 0)
		return lock_failed(err, r, p->lock);
	journal_open(&v.journal, &aside, name);
	r = recovery_take_over(&v.journal);
	if (r == -EBADMSG && recovery_is_run_id(name) && recovery_is_folder(p->root, v.journal.dir))
		r = recovery_take_over_without_lock(&v.journal);
	if (r == 0)
		r = recovery_settle_run(&v, p);
	/* -EBADMSG: it is not a run's folder, and nothing in it can be settled. */
	if (r == 0 || r == -EBADMSG)
		r = fs_remove_tree(p->root, v.journal.dir);
	if (r < 0)
		err_set(err, r, "%s", v.why ? v.why : error_text(r));
	free(TAKE(v.why));
	lock_release(&v.journal.lock);
	journal_close(&v.journal);
	recovery_remove_aside(p);
	return r;
}
