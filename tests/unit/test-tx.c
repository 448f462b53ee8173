/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tx/recovery.h"
#include "tx/tx.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "tx/op.h"

static char journal_dir[] = "/state/journal", tree_lock[] = "/state/lock",
	    aside[] = "/state/broken", lost[] = "/state/lost";
static char everything[] = "/", *all_trees[] = { everything, NULL };
static const struct journal_place PLACE = { &R,	   journal_dir, tree_lock,
					    aside, lost,	{ all_trees, 1 } };
static struct journal J;
static struct tx T;
static struct err E = ERR_INIT;

static void begin(const char *run)
{
	journal_open(&J, &PLACE, run);
	tx_begin(&T, &J, "install foo/1.0");
}

static void end(void)
{
	tx_release(&T);
	journal_close(&J);
	err_release(&E);
}

static void to_buf(const char *text, void *data)
{
	buf_addf(data, "%s\n", text);
}

static void assert_recovers(const char *notes)
{
	AUTO_BUF struct buf b = BUF_INIT;

	assert_int_equal(journal_recover(&PLACE, to_buf, &b), 0);
	assert_string_equal(b.s, notes);
	assert_false(journal_is_stale(&PLACE));
	if (fs_exists(&R, "/state/journal"))
		assert_names("/state/journal", "");
}

/* The files that declare() changes. */
static void make_machine(void)
{
	make_dir("/mod/old");
	make_dir("/archive");
	make_dir("/src");
	make_dir("/tree/t");
	make_dir("/build/t/d");
	make_dir("/empty/deep");
	put("/mod/a.ko", "old a");
	put("/mod/o.ko", "original");
	put("/mod/old/x.ko", "x");
	put("/src/a.ko", "new a");
	put("/tree/t/f", "old tree");
	put("/build/t/d/g", "new tree");
	assert_int_equal(fs_symlink(&R, "before", "/link"), 0);
}

static void declare(void)
{
	tx_mkdir(&T, "/mod/new/sub/");
	tx_put_data(&T, "/mod/new/sub/n.ko", "n", 1, 0600);
	tx_put_copy(&T, "/mod//a.ko", "/src/a.ko", 0644);
	tx_put_link(&T, "/archive/o.ko", "/mod/o.ko");
	tx_del(&T, "/mod/o.ko");
	tx_put_symlink(&T, "/link", "after");
	tx_del_tree(&T, "/tree/t");
	tx_put_tree(&T, "/tree/t", "/build/t");
	tx_del(&T, "/mod/old/x.ko");
	tx_del(&T, "/mod/never.ko");
	tx_rmdir_up(&T, "/mod/old", "/mod");
	tx_rmdir_up(&T, "/empty/deep", "/");
}

static void assert_link(const char *path, const char *expected)
{
	char *target = NULL;

	assert_int_equal(fs_readlink(&R, path, &target), 0);
	assert_string_equal(target, expected);
	free(target);
}

static void assert_before(void)
{
	assert_names("/mod", "a.ko o.ko old");
	assert_names("/mod/old", "x.ko");
	assert_names("/archive", "");
	assert_names("/tree", "t");
	assert_names("/build", "t");
	assert_content("/mod/a.ko", "old a");
	assert_content("/mod/o.ko", "original");
	assert_content("/tree/t/f", "old tree");
	assert_content("/build/t/d/g", "new tree");
	assert_true(fs_is_dir(&R, "/empty/deep"));
	assert_link("/link", "before");
}

static void assert_after(void)
{
	assert_names("/mod", "a.ko new");
	assert_names("/mod/new/sub", "n.ko");
	assert_names("/archive", "o.ko");
	assert_names("/tree", "t");
	assert_names("/build", "");
	assert_content("/mod/a.ko", "new a");
	assert_content("/archive/o.ko", "original");
	assert_content("/tree/t/d/g", "new tree");
	assert_missing("/tree/t/f");
	assert_missing("/empty");
	assert_link("/link", "after");
}

static void all_of_it(void **state)
{
	struct stat before, after;

	(void)state;
	make_machine();
	assert_int_equal(fs_stat(&R, "/mod/o.ko", &before), 0);
	begin("run-1");
	declare();
	assert_before();
	assert_missing("/state");
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_names("/state/journal/run-1", "0.open lock");
	assert_int_equal(tx_commit(&T, &E), 0);
	assert_names("/state/journal/run-1", "0.commit lock");
	assert_int_equal(tx_finish(&T, &E), 0);
	end();
	assert_after();
	assert_names("/state/journal", "");
	assert_int_equal(fs_stat(&R, "/archive/o.ko", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(fs_stat(&R, "/mod/new/sub/n.ko", &after), 0);
	assert_int_equal(after.st_mode & 07777, 0600);
}

static void targets_are_untouched_until_commit(void **state)
{
	(void)state;
	make_machine();
	begin("r");
	declare();
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_content("/mod/a.ko", "old a");
	assert_content("/tree/t/f", "old tree");
	assert_link("/link", "before");
	end();
	assert_before();
	assert_names("/state/journal", "");
}

static void rollback_after_commit(void **state)
{
	(void)state;
	make_machine();
	begin("r");
	declare();
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_int_equal(tx_commit(&T, &E), 0);
	assert_content("/mod/a.ko", "new a");
	assert_missing("/mod/o.ko");
	assert_int_equal(tx_rollback(&T, &E), 0);
	assert_before();
	end();
	assert_names("/state/journal", "");
}

static void release_rolls_back_what_was_committed_only(void **state)
{
	(void)state;
	make_machine();
	begin("r");
	declare();
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_int_equal(tx_commit(&T, &E), 0);
	end();
	assert_before();
}

static void nothing_to_do_leaves_nothing(void **state)
{
	(void)state;
	make_dir("/d");
	begin("r");
	tx_del(&T, "/none");
	tx_del_tree(&T, "/none");
	tx_mkdir(&T, "/d");
	assert_int_equal(tx_run(&T, &E), 0);
	end();
	assert_names("/", "d");
}

static void several_in_a_run(void **state)
{
	(void)state;
	make_dir("/d");
	begin("r");
	tx_put_data(&T, "/d/f", "1", 1, 0644);
	assert_int_equal(tx_run(&T, &E), 0);
	tx_release(&T);
	tx_begin(&T, &J, "second");
	tx_put_data(&T, "/d/f", "2", 1, 0644);
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_names("/state/journal/r", "1.open lock");
	assert_int_equal(tx_commit(&T, &E), 0);
	assert_int_equal(tx_finish(&T, &E), 0);
	end();
	assert_content("/d/f", "2");
	assert_names("/d", "f");
}

static void last_declaration_counts(void **state)
{
	(void)state;
	put("/deleted", "x");
	put("/kept", "x");
	begin("r");
	tx_put_data(&T, "/deleted", "y", 1, 0644);
	tx_del(&T, "/deleted");
	tx_del(&T, "/kept");
	tx_put_data(&T, "/kept", "1", 1, 0644);
	tx_put_data(&T, "/kept", "2", 1, 0644);
	assert_int_equal(tx_run(&T, &E), 0);
	end();
	assert_names("/", "kept state");
	assert_content("/kept", "2");
}

static void link_to_the_same_inode(void **state)
{
	(void)state;
	put("/a", "same");
	begin("r");
	tx_put_link(&T, "/b", "/a");
	assert_int_equal(tx_run(&T, &E), 0);
	tx_release(&T);
	tx_begin(&T, &J, "again");
	tx_put_link(&T, "/b", "/a");
	tx_put_data(&T, "/a", "other", 5, 0644);
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_int_equal(tx_commit(&T, &E), 0);
	assert_content("/a", "other");
	assert_int_equal(tx_rollback(&T, &E), 0);
	end();
	assert_names("/", "a b state");
	assert_content("/a", "same");
	assert_content("/b", "same");
}

static void refuse(void (*fn)(struct tx *tx), int code, const char *names)
{
	begin("r");
	fn(&T);
	assert_int_equal(tx_run(&T, &E), code);
	assert_non_null(E.text);
	end();
	assert_names("/", names);
}

static void put_over_dir(struct tx *tx)
{
	tx_put_data(tx, "/d", "x", 1, 0644);
}

static void delete_dir(struct tx *tx)
{
	tx_del(tx, "/d");
}

static void climb(struct tx *tx)
{
	tx_put_data(tx, "/d/../f", "x", 1, 0644);
}

static void tree_over_tree(struct tx *tx)
{
	tx_put_tree(tx, "/d", "/e");
}

static void bad_declarations_change_nothing(void **state)
{
	(void)state;
	make_dir("/d");
	make_dir("/e");
	refuse(put_over_dir, -EISDIR, "d e");
	refuse(delete_dir, -EISDIR, "d e");
	refuse(climb, -EINVAL, "d e");
	refuse(tree_over_tree, -EEXIST, "d e");
}

static void missing_source(struct tx *tx)
{
	tx_mkdir(tx, "/made/by/us");
	tx_put_data(tx, "/made/by/us/f", "x", 1, 0644);
	tx_put_data(tx, "/d/f", "x", 1, 0644);
	tx_put_copy(tx, "/d/g", "/none", 0644);
}

static void failed_staging_is_undone(void **state)
{
	(void)state;
	make_dir("/d");
	put("/d/f", "old");
	refuse(missing_source, -ENOENT, "d state");
	assert_names("/d", "f");
	assert_content("/d/f", "old");
	assert_names("/state/journal", "");
}

static void made_folders_with_something_in_them_stay(void **state)
{
	(void)state;
	begin("r");
	tx_mkdir(&T, "/a/b/c");
	tx_put_data(&T, "/a/b/c/f", "x", 1, 0644);
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_int_equal(tx_commit(&T, &E), 0);
	put("/a/foreign", "x");
	assert_int_equal(tx_rollback(&T, &E), 0);
	end();
	assert_names("/a", "foreign");
}

enum stop { AFTER_STAGE, AFTER_COMMIT };

/* In a child that exits without cleaning up: the kernel frees its lock, its files stay. */
static void die_after(enum stop stop)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		int r;

		begin("dead");
		declare();
		r = tx_stage(&T, &E);
		if (r == 0 && stop == AFTER_COMMIT)
			r = tx_commit(&T, &E);
		_exit(r != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(journal_is_stale(&PLACE));
}

static void recovery_undoes_what_was_staged(void **state)
{
	(void)state;
	make_machine();
	die_after(AFTER_STAGE);
	assert_recovers("rolled back: install foo/1.0\n");
	assert_before();
	assert_recovers("");
}

static void recovery_completes_what_was_committed(void **state)
{
	(void)state;
	make_machine();
	die_after(AFTER_COMMIT);
	assert_recovers("completed: install foo/1.0\n");
	assert_after();
	assert_recovers("");
}

static void change_state(const char *from, const char *to)
{
	char *a = xasprintf("/state/journal/dead/0.%s", from);
	char *b = xasprintf("/state/journal/dead/0.%s", to);

	assert_int_equal(fs_rename(&R, a, b), 0);
	free(a);
	free(b);
}

static void crash_right_at_the_commit_point(void **state)
{
	(void)state;
	make_machine();
	die_after(AFTER_STAGE);
	change_state("open", "commit");
	assert_recovers("completed: install foo/1.0\n");
	assert_after();
}

static void crash_while_rolling_back_a_commit(void **state)
{
	(void)state;
	make_machine();
	die_after(AFTER_COMMIT);
	change_state("commit", "abort");
	assert_recovers("rolled back: install foo/1.0\n");
	assert_before();
}

static void crash_before_the_first_rename_of_a_commit_taken_back(void **state)
{
	(void)state;
	make_machine();
	die_after(AFTER_STAGE);
	change_state("open", "abort");
	put("/mod/foreign", "x");
	assert_recovers("rolled back: install foo/1.0\n");
	assert_int_equal(fs_unlink(&R, "/mod/foreign"), 0);
	assert_before();
}

static void done_removes_only_what_is_ours(void **state)
{
	(void)state;
	make_machine();
	die_after(AFTER_COMMIT);
	change_state("commit", "done");
	put("/mod/o.ko", "came later");
	assert_recovers("completed: install foo/1.0\n");
	assert_content("/mod/o.ko", "came later");
	assert_names("/mod", "a.ko new o.ko");
}

static void a_living_run_is_left_alone(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	make_machine();
	begin("alive");
	declare();
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_int_equal(tx_commit(&T, &E), 0);
	assert_false(journal_is_stale(&PLACE));
	assert_int_equal(journal_recover(&PLACE, NULL, NULL), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(journal_recover(&PLACE, NULL, NULL) != 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_names("/state/journal/alive", "0.commit lock");
	assert_int_equal(tx_finish(&T, &E), 0);
	end();
	assert_after();
}

static void a_dead_run_is_completed_before_anything_is_staged(void **state)
{
	(void)state;
	make_machine();
	die_after(AFTER_COMMIT);
	begin("next");
	tx_put_data(&T, "/mod/a.ko", "newer a", 7, 0644);
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_names("/state/journal", "next");
	assert_int_equal(tx_commit(&T, &E), 0);
	assert_int_equal(tx_finish(&T, &E), 0);
	end();
	assert_content("/mod/a.ko", "newer a");
	assert_recovers("");
	assert_content("/mod/a.ko", "newer a");
}

/* Commit; then another run replaces or deletes four of the files. */
static void commit_and_let_another_in(void)
{
	struct journal other;
	struct tx tx;

	begin("dead");
	declare();
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_int_equal(tx_commit(&T, &E), 0);
	journal_open(&other, &PLACE, "second");
	tx_begin(&tx, &other, "install bar/1.0");
	tx_put_data(&tx, "/mod/a.ko", "theirs", 6, 0644);
	tx_put_data(&tx, "/mod/new/sub/n.ko", "theirs too", 10, 0644);
	tx_put_data(&tx, "/mod/o.ko", "and this", 8, 0644);
	tx_del(&tx, "/link");
	assert_int_equal(tx_run(&tx, &E), 0);
	tx_release(&tx);
	journal_close(&other);
}

static void assert_theirs(void)
{
	assert_content("/mod/a.ko", "theirs");
	assert_content("/mod/new/sub/n.ko", "theirs too");
	assert_content("/mod/o.ko", "and this");
	assert_names("/mod/new/sub", "n.ko");
	assert_int_equal(fs_lstat(&R, "/link", &(struct stat){ 0 }), -ENOENT);
}

static void what_can_not_be_taken_back_is_counted(void **state)
{
	(void)state;
	put("/a", "old");
	begin("r");
	tx_put_data(&T, "/a", "new", 3, 0644);
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_int_equal(tx_commit(&T, &E), 0);
	assert_int_equal(fs_rename(&R, "/state/journal/r", "/state/hidden"), 0);
	tx_release(&T);
	assert_int_equal(J.left, 1);
	assert_int_equal(fs_rename(&R, "/state/hidden", "/state/journal/r"), 0);
	journal_close(&J);
	assert_recovers("completed: install foo/1.0\n");
	assert_content("/a", "new");
}

static void a_rollback_leaves_what_others_put_there(void **state)
{
	(void)state;
	make_machine();
	commit_and_let_another_in();
	assert_int_equal(tx_rollback(&T, &E), 0);
	end();
	assert_theirs();
	assert_content("/mod/old/x.ko", "x");
	assert_names("/mod", "a.ko new o.ko old");
	assert_recovers("");
}

/* The same, and die during the rollback: recovery must see on the disk which files to leave. */
static void die_in_a_rollback(void)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		AUTO_STRV struct strv dirs = STRV_INIT;
		int r = 0;

		commit_and_let_another_in();
		for (size_t i = 0; r == 0 && i < T.n_ops; i++)
			r = op_yield(&T, &T.ops[i], &dirs);
		_exit(r != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_rollback_that_dies_early_leaves_it_too(void **state)
{
	(void)state;
	make_machine();
	die_in_a_rollback();
	assert_recovers("completed: install foo/1.0\n");
	assert_theirs();
}

static void a_rollback_that_dies_late_leaves_it_too(void **state)
{
	(void)state;
	make_machine();
	die_in_a_rollback();
	change_state("commit", "abort");
	assert_recovers("rolled back: install foo/1.0\n");
	assert_theirs();
	assert_names("/mod", "a.ko new o.ko old");
}

static void torn_record_means_nothing_was_staged(void **state)
{
	(void)state;
	make_dir("/state/journal/dead");
	put("/state/journal/dead/0.open", "dkms-journal 1\nwhat x\nput 0 /f fi");
	put("/state/journal/dead/1.open", "");
	put("/f", "x");
	assert_recovers("");
	assert_content("/f", "x");
}

/* The first recovery must say this, the next one nothing. */
static void assert_told_once(const struct journal_place *p, const char *part)
{
	AUTO_BUF struct buf b = BUF_INIT;

	assert_int_equal(journal_recover(p, to_buf, &b), 0);
	if (!strstr(b.s, part))
		fail_msg("not said: %s, but: %s", part, b.s);
	buf_reset(&b);
	assert_int_equal(journal_recover(p, to_buf, &b), 0);
	assert_string_equal(b.s, "");
	assert_false(journal_is_stale(p));
}

static void assert_damaged(const char *name, const char *text)
{
	char *path = xasprintf("/state/journal/dead/%s", name);
	char *aside_path = xasprintf("/state/broken/dead/%s", name);

	make_dir("/state/journal/dead");
	put(path, text);
	put("/f", "mine");
	assert_told_once(&PLACE, path);
	assert_content(aside_path, text);
	assert_content("/f", "mine");
	assert_int_equal(journal_settle(&PLACE, "dead", NULL), 0);
	assert_content("/f", "mine");
	assert_false(fs_exists(&R, "/state/broken"));
	free(path);
	free(aside_path);
}

#define RECORD(lines) "dkms-journal 1\nwhat x\n" lines "end\n"

static void damaged_record_is_set_aside_and_told(void **state)
{
	(void)state;
	assert_damaged("0.commit", "");
	assert_damaged("0.commit", "dkms-journal 1\nwhat x\nput 0 /f file\n");
	assert_damaged("0.open", "dkms-journal 2\nwhat x\nend\n");
	assert_damaged("0.commit", RECORD("del 0 f\n"));
	assert_damaged("0.commit", RECORD("del 0 /../f\n"));
	assert_damaged("0.commit", RECORD("del 0 /d/./f\n"));
	assert_damaged("0.commit", RECORD("del x /f\n"));
	assert_damaged("0.commit", RECORD("del 0 /f more\n"));
	assert_damaged("0.commit", RECORD("erase 0 /f\n"));
	assert_damaged("0.abort", RECORD("put 0 /f\n"));
	assert_damaged("0.abort", RECORD("put 0 /f some\n"));
	assert_damaged("0.abort", RECORD("puttree 0 /f g\n"));
	assert_damaged("0.abort", RECORD("put 0 %2 none\n"));
	assert_damaged("0.commit", "dkms-journal 1\nend\n");
	assert_damaged("0.what", RECORD("del 0 /f\n"));
	assert_damaged("00.commit", RECORD("del 0 /f\n"));
}

static void one_damaged_journal_stops_no_other(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	make_machine();
	die_after(AFTER_COMMIT);
	make_dir("/state/journal/a-first");
	put("/state/journal/a-first/0.commit", "rubbish");
	assert_int_equal(journal_recover(&PLACE, to_buf, &b), 0);
	assert_non_null(strstr(b.s, "completed: install foo/1.0\n"));
	assert_after();
	assert_names("/state/journal", "");
	assert_names("/state/broken", "a-first");
}

static void what_does_not_belong_there_stops_nothing(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	make_machine();
	die_after(AFTER_COMMIT);
	put("/state/journal/dead/stray", "x");
	put("/state/journal/file", "x");
	make_dir("/state/journal/.hidden");
	assert_int_equal(fs_symlink(&R, "/nowhere", "/state/journal/link"), 0);
	assert_int_equal(journal_recover(&PLACE, to_buf, &b), 0);
	assert_non_null(strstr(b.s, "completed: install foo/1.0\n"));
	assert_non_null(strstr(b.s, "dead/stray does not belong there"));
	assert_after();
	assert_names("/state/journal", "");
	assert_names("/state/broken", ".hidden dead file link");
	assert_int_equal(journal_settle(&PLACE, "dead", NULL), 0);
	assert_int_equal(journal_settle(&PLACE, "file", NULL), 0);
	assert_int_equal(journal_settle(&PLACE, ".hidden", NULL), 0);
	assert_int_equal(journal_settle(&PLACE, "link", NULL), 0);
	assert_recovers("");
}

/* A folder instead of a transaction's file or a lock, a file instead of a folder, ... */
static void other_things_of_their_names_stop_nothing(void **state)
{
	(void)state;
	make_dir("/state/journal/dead/0.commit/deep");
	assert_told_once(&PLACE, "0.commit is damaged");
	assert_int_equal(journal_settle(&PLACE, "dead", NULL), 0);
	make_dir("/state/journal/dead/lock");
	put("/state/journal/dead/0.commit", RECORD("del 0 /f\n"));
	put("/f", "x");
	assert_told_once(&PLACE, "completed: x");
	assert_missing("/f");
	make_dir("/state/journal/dead/lock/deep");
	put("/state/journal/dead/0.commit", RECORD("del 0 /f\n"));
	put("/f", "x");
	assert_told_once(&PLACE, "dead");
	assert_int_equal(journal_settle(&PLACE, "dead", NULL), 0);
	assert_missing("/f");
	assert_int_equal(fs_remove_tree(&R, "/state"), 0);
	make_dir("/state");
	put("/state/journal", "no folder");
	assert_told_once(&PLACE, "/state/journal is no folder");
	assert_int_equal(journal_settle(&PLACE, "journal", NULL), 0);
	assert_recovers("");
}

/* fsck settles what recovery set aside: of two committed changes of a file the later one counts. */
static void later_commit_counts(void **state)
{
	(void)state;
	make_dir("/state/broken/dead");
	put("/state/broken/dead/0.commit", RECORD("del 0 /f\n"));
	put("/state/broken/dead/1.commit", RECORD("put 0 /f none\n"));
	put("/.dkms-new.dead.1.0", "new");
	put("/f", "old");
	assert_int_equal(journal_settle(&PLACE, "dead", NULL), 0);
	assert_content("/f", "new");
}

static char mod[] = "/mod", *one_tree[] = { mod, NULL };
static const struct journal_place SMALL = {
	&R, journal_dir, tree_lock, aside, lost, { one_tree, 1 }
};

static void assert_refused(const char *text, const char *named)
{
	AUTO_ERR struct err err = ERR_INIT;

	make_dir("/state/journal/dead");
	put("/state/journal/dead/0.commit", text);
	assert_told_once(&SMALL, named);
	assert_int_equal(journal_settle(&SMALL, "dead", &err), -EPERM);
	assert_non_null(strstr(err.text, named));
	assert_names("/state/broken", "dead");
	assert_content("/precious/f", "mine");
	assert_int_equal(fs_remove_tree(&R, "/state/broken"), 0);
}

static void a_journal_touches_the_trees_alone(void **state)
{
	(void)state;
	make_dir("/precious");
	make_dir("/mod/deep");
	put("/precious/f", "mine");
	put("/mod/f", "ours");
	put("/mod/.dkms-new.dead.0.0", "theirs");
	put("/precious/.dkms-new.dead.0.0", "theirs");
	assert_int_equal(fs_symlink(&R, "/precious", "/mod/out"), 0);
	assert_int_equal(fs_symlink(&R, "..", "/mod/deep/up"), 0);
	assert_refused(RECORD("del 0 /precious/f\n"), "/precious/f");
	assert_refused(RECORD("put 0 /precious/f file\n"), "/precious/f");
	assert_refused(RECORD("deltree 0 /precious rename\n"), "/precious");
	assert_refused(RECORD("deltree 0 /module rename\n"), "/module");
	assert_refused(RECORD("puttree 0 /mod/x /precious\n"), "/precious");
	assert_refused(RECORD("del 0 /mod/out/f\n"), "/mod/out/f");
	/* A cut journal that names one path outside of the trees is not carried out at all. */
	make_dir("/state/journal/dead");
	put("/state/journal/dead/0.commit",
	    "dkms-journal 1\nwhat x\nput 0 /mod/f none\ndel 1 /precious/f\nput 2 /m");
	assert_told_once(&SMALL, "0.commit is damaged");
	assert_int_equal(journal_settle(&SMALL, "dead", NULL), -EPERM);
	assert_int_equal(fs_remove_tree(&R, "/state/broken"), 0);
	assert_content("/mod/f", "ours");
	put("/mod/deep/f", "ours");
	make_dir("/state/journal/dead");
	put("/state/journal/dead/0.commit", RECORD("mkdir 0 /mod\nput 1 /mod/deep/up/f file\n"));
	assert_told_once(&SMALL, "completed");
}

static void nothing_else_is_staged(void **state)
{
	(void)state;
	make_dir("/precious");
	put("/precious/f", "mine");
	make_dir("/mod");
	journal_open(&J, &SMALL, "run");
	tx_begin(&T, &J, "install foo/1.0");
	tx_put_data(&T, "/mod/a.ko", "a", 1, 0644);
	tx_put_link(&T, "/mod/shadow", "/precious/f");
	tx_del(&T, "/precious/f");
	assert_int_equal(tx_stage(&T, &E), -EPERM);
	assert_non_null(strstr(E.text, "/precious/f"));
	end();
	assert_content("/precious/f", "mine");
	assert_names("/mod", "");
	assert_int_equal(fs_symlink(&R, "/precious", "/mod/out"), 0);
	journal_open(&J, &SMALL, "run");
	tx_begin(&T, &J, "install foo/1.0");
	tx_put_data(&T, "/mod/out/f", "a", 1, 0644);
	assert_int_equal(tx_stage(&T, &E), -EPERM);
	assert_non_null(strstr(E.text, "/mod/out/f"));
	end();
	assert_content("/precious/f", "mine");
}

static void a_journal_of_others_is_not_believed(void **state)
{
	AUTO_FREE char *host = root_host_path(&R, "/state/journal/dead/0.commit");

	(void)state;
	make_dir("/state/journal/dead");
	put("/f", "mine");
	put("/state/journal/dead/0.commit", RECORD("del 0 /f\n"));
	assert_int_equal(fs_chmod(&R, "/state/journal/dead/0.commit", 0666), 0);
	assert_told_once(&PLACE, "somebody else can write");
	assert_content("/f", "mine");
	assert_int_equal(journal_settle(&PLACE, "dead", NULL), -EPERM);
	assert_content("/f", "mine");
	assert_int_equal(fs_remove_tree(&R, "/state"), 0);
	if (geteuid() != 0)
		SKIP("not root");
	make_dir("/state/journal/dead");
	put("/state/journal/dead/0.commit", RECORD("del 0 /f\n"));
	assert_int_equal(chown(host, 65534, 65534), 0);
	assert_told_once(&PLACE, "somebody else can write");
	assert_content("/f", "mine");
}

/* A folder that cannot be entered, as on a damaged file system; later it can. */
static void what_can_be_changed_again_is_completed(void **state)
{
	AUTO_STRV struct strv whats = STRV_INIT, paths = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	make_machine();
	die_after(AFTER_STAGE);
	change_state("open", "commit");
	assert_int_equal(fs_rename(&R, "/mod", "/away"), 0);
	put("/mod", "no folder");
	assert_told_once(&PLACE, "/mod");
	assert_int_equal(journal_settle(&PLACE, "dead", &err), -ENOTDIR);
	journal_read_aside(&PLACE, "dead", &whats, &paths);
	assert_true(strv_has(&whats, "install foo/1.0"));
	assert_true(strv_has(&paths, "/mod/a.ko"));
	assert_int_equal(fs_unlink(&R, "/mod"), 0);
	assert_int_equal(fs_rename(&R, "/away", "/mod"), 0);
	assert_int_equal(journal_recover(&PLACE, to_buf, &b), 0);
	assert_string_equal(b.s, "completed: install foo/1.0\n");
	assert_after();
	assert_false(fs_exists(&R, "/state/broken"));
}

/* The legible lines are completed; files of the other operations go to LOST. */
static void a_cut_journal_is_settled(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;
	char *at;

	(void)state;
	make_machine();
	die_after(AFTER_COMMIT);
	assert_int_equal(fs_read(&R, "/state/journal/dead/0.commit", 1 << 16, &b), 0);
	at = strstr(b.s, "/archive/o.ko");
	assert_non_null(at);
	*at = '\0';
	put("/state/journal/dead/0.commit", b.s);
	assert_told_once(&PLACE, "0.commit is damaged");
	assert_content("/mod/a.ko", "new a");
	assert_int_equal(fs_unlink(&R, "/archive/o.ko"), 0);
	assert_int_equal(journal_settle(&PLACE, "dead", NULL), 0);
	assert_content("/mod/a.ko", "new a");
	assert_content("/mod/new/sub/n.ko", "n");
	assert_names("/mod", "a.ko new old");
	assert_content("/state/lost/dead/.dkms-old.dead.0.6", "original");
	assert_false(fs_exists(&R, "/state/broken"));
	assert_recovers("");
}

static void odd_names_survive_the_record(void **state)
{
	(void)state;
	make_dir("/d");
	put("/d/a b%\n", "old");
	begin("r");
	tx_put_data(&T, "/d/a b%\n", "new", 3, 0644);
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_int_equal(tx_commit(&T, &E), 0);
	/* For recovery the run is dead from here on. */
	lock_release(&J.lock);
	assert_recovers("completed: install foo/1.0\n");
	assert_int_equal(tx_finish(&T, &E), 0);
	end();
	assert_content("/d/a b%\n", "new");
	assert_names("/d", "a b%\n");
}

static void no_journal_is_no_error(void **state)
{
	(void)state;
	assert_recovers("");
	make_dir("/state/journal/empty-run");
	assert_true(journal_is_stale(&PLACE));
	assert_recovers("");
}

static void link_across_file_systems_is_a_faithful_copy(void **state)
{
	char *other = root_host_path(&R, "/other");
	char *file = root_host_path(&R, "/other/f");
	char *copy = root_host_path(&R, "/f");
	struct timespec times[2] = { { 1000, 0 }, { 1234567890, 0 } };
	char value[8] = "";
	struct stat st;
	bool labelled;

	(void)state;
	make_dir("/other");
	if (mount("none", other, "tmpfs", 0, NULL) == 0) {
		put("/other/f", "content");
		assert_int_equal(fs_chmod(&R, "/other/f", 04711), 0);
		assert_int_equal(chown(file, 12, 34), 0);
		assert_int_equal(fs_chmod(&R, "/other/f", 04711), 0);
		labelled = setxattr(file, "trusted.test", "label", 5, 0) == 0;
		assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
		begin("r");
		tx_put_link(&T, "/f", "/other/f");
		tx_del(&T, "/other/f");
		assert_int_equal(tx_run(&T, &E), 0);
		end();
		assert_names("/other", "");
		assert_int_equal(umount(other), 0);
		assert_content("/f", "content");
		assert_int_equal(fs_stat(&R, "/f", &st), 0);
		assert_int_equal(st.st_mode & 07777, 04711);
		assert_int_equal(st.st_uid, 12);
		assert_int_equal(st.st_gid, 34);
		assert_int_equal(st.st_mtim.tv_sec, 1234567890);
		if (labelled && getxattr(copy, "trusted.test", value, sizeof(value)) >= 0)
			assert_string_equal(value, "label");
	} else {
		printf("# SKIP %s: cannot mount\n", __func__);
	}
	free(other);
	free(file);
	free(copy);
}

/* Mount an overlayfs with /tree and /build in its lower layer.  false: it cannot be mounted. */
static bool mount_overlay(struct root *ret_plain)
{
	char *options, *host = root_host_path(&R, "/root");
	int r;

	make_dir("/lower/tree/t/deep");
	make_dir("/upper");
	make_dir("/work");
	make_dir("/root");
	put("/lower/tree/t/deep/f", "old tree");
	options = xasprintf("lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work", R.path, R.path,
			    R.path);
	r = mount("overlay", host, "overlay", 0, options);
	free(options);
	if (r == 0) {
		*ret_plain = R;
		assert_int_equal(root_open(host, &R), 0);
	}
	free(host);
	return r == 0;
}

static void unmount_overlay(const struct root *plain)
{
	char *host = xstrdup(R.path);

	root_close(&R);
	R = *plain;
	assert_int_equal(umount(host), 0);
	free(host);
}

static void replace_tree(bool back)
{
	make_dir("/build/t");
	put("/build/t/g", "new tree");
	begin("r");
	tx_del_tree(&T, "/tree/t");
	tx_put_tree(&T, "/tree/t", "/build/t");
	assert_int_equal(tx_stage(&T, &E), 0);
	assert_content("/tree/t/deep/f", "old tree");
	assert_int_equal(tx_commit(&T, &E), 0);
	assert_content("/tree/t/g", "new tree");
	assert_missing("/tree/t/deep");
	assert_int_equal(back ? tx_rollback(&T, &E) : tx_finish(&T, &E), 0);
	end();
	assert_names("/tree", "t");
}

static void a_lower_layers_folder_is_replaced(void **state)
{
	struct root plain;

	(void)state;
	if (!mount_overlay(&plain))
		SKIP("cannot mount an overlay");
	replace_tree(true);
	assert_content("/tree/t/deep/f", "old tree");
	assert_content("/build/t/g", "new tree");
	replace_tree(false);
	assert_names("/tree/t", "g");
	unmount_overlay(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOT_TEST(all_of_it),
		ROOT_TEST(targets_are_untouched_until_commit),
		ROOT_TEST(rollback_after_commit),
		ROOT_TEST(release_rolls_back_what_was_committed_only),
		ROOT_TEST(nothing_to_do_leaves_nothing),
		ROOT_TEST(several_in_a_run),
		ROOT_TEST(last_declaration_counts),
		ROOT_TEST(link_to_the_same_inode),
		ROOT_TEST(bad_declarations_change_nothing),
		ROOT_TEST(failed_staging_is_undone),
		ROOT_TEST(made_folders_with_something_in_them_stay),
		ROOT_TEST(recovery_undoes_what_was_staged),
		ROOT_TEST(recovery_completes_what_was_committed),
		ROOT_TEST(crash_right_at_the_commit_point),
		ROOT_TEST(crash_while_rolling_back_a_commit),
		ROOT_TEST(crash_before_the_first_rename_of_a_commit_taken_back),
		ROOT_TEST(done_removes_only_what_is_ours),
		ROOT_TEST(a_living_run_is_left_alone),
		ROOT_TEST(a_dead_run_is_completed_before_anything_is_staged),
		ROOT_TEST(what_can_not_be_taken_back_is_counted),
		ROOT_TEST(a_rollback_leaves_what_others_put_there),
		ROOT_TEST(a_rollback_that_dies_early_leaves_it_too),
		ROOT_TEST(a_rollback_that_dies_late_leaves_it_too),
		ROOT_TEST(torn_record_means_nothing_was_staged),
		ROOT_TEST(damaged_record_is_set_aside_and_told),
		ROOT_TEST(one_damaged_journal_stops_no_other),
		ROOT_TEST(what_does_not_belong_there_stops_nothing),
		ROOT_TEST(other_things_of_their_names_stop_nothing),
		ROOT_TEST(later_commit_counts),
		ROOT_TEST(a_journal_touches_the_trees_alone),
		ROOT_TEST(nothing_else_is_staged),
		ROOT_TEST(a_journal_of_others_is_not_believed),
		ROOT_TEST(what_can_be_changed_again_is_completed),
		ROOT_TEST(a_cut_journal_is_settled),
		ROOT_TEST(odd_names_survive_the_record),
		ROOT_TEST(no_journal_is_no_error),
		ROOT_TEST(link_across_file_systems_is_a_faithful_copy),
		ROOT_TEST(a_lower_layers_folder_is_replaced),
	};

	return cmocka_run_group_tests_name("tx", tests, NULL, NULL);
}
