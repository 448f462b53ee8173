/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/mount.h>

#include "sys/fd.h"

static void make_fifo(const char *path)
{
	char *host = root_host_path(&R, path);

	assert_int_equal(mkfifo(host, 0600), 0);
	free(host);
}

static void looks(void **state)
{
	struct stat st;

	(void)state;
	make_dir("/d");
	put("/f", "x");
	assert_int_equal(fs_symlink(&R, "/f", "/l"), 0);
	assert_int_equal(fs_symlink(&R, "/none", "/broken"), 0);
	assert_true(fs_is_dir(&R, "/d") && !fs_is_dir(&R, "/f") && fs_is_dir(&R, "/"));
	assert_true(fs_is_file(&R, "/l") && !fs_is_file(&R, "/d"));
	assert_true(fs_exists(&R, "/l") && !fs_exists(&R, "/broken") && !fs_exists(&R, "/x"));
	assert_int_equal(fs_stat(&R, "/l", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(fs_lstat(&R, "/l", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(fs_stat(&R, "/broken", &st), -ENOENT);
	assert_int_equal(fs_stat(&R, "/f/x", &st), -ENOTDIR);
}

static void may_write(void **state)
{
	(void)state;
	make_dir("/d");
	put("/f", "");
	assert_int_equal(fs_may_write(&R, "/d"), 0);
	assert_int_equal(fs_may_write(&R, "/none"), -ENOENT);
	assert_int_equal(fs_may_write(&R, "/f"), -ENOTDIR);
	if (geteuid() == 0)
		SKIP("root may write everywhere");
	assert_int_equal(fs_chmod(&R, "/d", 0555), 0);
	assert_int_equal(fs_may_write(&R, "/d"), -EACCES);
}

static void reads_up_to_a_limit(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	put("/f", "12345");
	put("/empty", "");
	buf_adds(&b, ">");
	assert_int_equal(fs_read(&R, "/f", 5, &b), 0);
	assert_string_equal(b.s, ">12345");
	assert_int_equal(fs_read(&R, "/f", 4, &b), -EFBIG);
	assert_string_equal(b.s, ">12345");
	assert_int_equal(fs_read(&R, "/empty", 0, &b), 0);
	assert_string_equal(b.s, ">12345");
	assert_int_equal(fs_read(&R, "/none", 5, &b), -ENOENT);
}

static void does_not_block_on_a_fifo(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	make_fifo("/fifo");
	assert_int_equal(fs_read(&R, "/fifo", 5, &b), -EINVAL);
	assert_int_equal(fs_read(&R, "/", 5, &b), -EINVAL);
}

static void reads_links(void **state)
{
	char *target = NULL;
	char long_target[1000];

	(void)state;
	memset(long_target, 'x', sizeof(long_target) - 1);
	long_target[sizeof(long_target) - 1] = '\0';
	assert_int_equal(fs_symlink(&R, long_target, "/l"), 0);
	assert_int_equal(fs_symlink(&R, "again", "/l"), -EEXIST);
	assert_int_equal(fs_readlink(&R, "/l", &target), 0);
	assert_string_equal(target, long_target);
	free(target);
	put("/f", "");
	assert_int_equal(fs_readlink(&R, "/f", &target), -EINVAL);
}

static void lists_in_order(void **state)
{
	struct strv v = STRV_INIT;

	(void)state;
	put("/b", "");
	put("/.hidden", "");
	put("/B", "");
	make_dir("/a");
	assert_names("/", ".hidden B a b");
	assert_names("/a", "");
	assert_int_equal(fs_list(&R, "/b", &v), -ENOTDIR);
	assert_int_equal(fs_list(&R, "/none", &v), -ENOENT);
}

static void makes_folders(void **state)
{
	(void)state;
	assert_int_equal(fs_mkdir_p(&R, "/a//b/c/"), 0);
	assert_int_equal(fs_mkdir_p(&R, "/a/b/c"), 0);
	assert_true(fs_is_dir(&R, "/a/b/c"));
	put("/f", "");
	assert_int_equal(fs_mkdir_p(&R, "/f"), -ENOTDIR);
	assert_int_equal(fs_mkdir_p(&R, "/f/x"), -ENOTDIR);
	assert_int_equal(fs_symlink(&R, "/a/b", "/link"), 0);
	assert_int_equal(fs_mkdir_p(&R, "/link/new"), 0);
	assert_true(fs_is_dir(&R, "/a/b/new"));
	assert_int_equal(fs_symlink(&R, "/nowhere", "/broken"), 0);
	assert_int_equal(fs_mkdir_p(&R, "/broken/x"), -ENOENT);
}

static void removes_small_things(void **state)
{
	(void)state;
	make_dir("/d/e");
	put("/f", "");
	assert_int_equal(fs_unlink(&R, "/f"), 0);
	assert_int_equal(fs_unlink(&R, "/f"), 0);
	assert_int_equal(fs_unlink(&R, "/none/f"), 0);
	assert_int_equal(fs_unlink(&R, "/d"), -EISDIR);
	assert_int_equal(fs_rmdir_if_empty(&R, "/d"), 0);
	assert_true(fs_is_dir(&R, "/d"));
	assert_int_equal(fs_rmdir_if_empty(&R, "/d/e"), 0);
	assert_int_equal(fs_rmdir_if_empty(&R, "/d"), 0);
	assert_int_equal(fs_rmdir_if_empty(&R, "/d"), 0);
	assert_missing("/d");
	put("/f", "");
	assert_int_equal(fs_rmdir_if_empty(&R, "/f"), -ENOTDIR);
}

static void removes_trees_not_what_links_name(void **state)
{
	(void)state;
	make_dir("/keep");
	put("/keep/f", "kept");
	make_dir("/t/a/b");
	put("/t/a/b/f", "");
	make_fifo("/t/fifo");
	assert_int_equal(fs_symlink(&R, "/keep", "/t/link"), 0);
	assert_int_equal(fs_remove_tree(&R, "/t"), 0);
	assert_int_equal(fs_remove_tree(&R, "/t"), 0);
	assert_missing("/t");
	assert_content("/keep/f", "kept");
	assert_int_equal(fs_symlink(&R, "/keep", "/link"), 0);
	assert_int_equal(fs_remove_tree(&R, "/link"), 0);
	assert_content("/keep/f", "kept");
}

static void stops_at_mount_points(void **state)
{
	char *from = root_host_path(&R, "/keep");
	char *to = root_host_path(&R, "/t/mnt");
	int r;

	(void)state;
	make_dir("/keep");
	make_dir("/t/mnt");
	put("/keep/f", "kept");
	put("/t/f", "");
	r = mount(from, to, NULL, MS_BIND, NULL);
	free(from);
	if (r < 0) {
		free(to);
		SKIP("cannot mount");
	}
	assert_int_equal(fs_remove_tree(&R, "/t"), -EBUSY);
	assert_int_equal(umount(to), 0);
	assert_content("/keep/f", "kept");
	assert_missing("/t/f");
	free(to);
}

static void renames(void **state)
{
	(void)state;
	put("/a", "new");
	put("/b", "old");
	assert_int_equal(fs_rename(&R, "/a", "/b"), 0);
	assert_content("/b", "new");
	assert_missing("/a");
	assert_int_equal(fs_rename(&R, "/a", "/b"), -ENOENT);
	assert_int_equal(fs_rename(&R, "/b", "/none/b"), -ENOENT);
}

static void copies_a_tree(void **state)
{
	char *host = root_host_path(&R, "/from/d/f");
	struct timespec times[2] = { { 1000, 0 }, { 1234567890, 500 } };
	struct stat st;
	char *target;

	(void)state;
	make_dir("/from/d/empty");
	make_dir("/to");
	put("/from/d/f", "content");
	put("/from/none", "");
	make_fifo("/from/fifo");
	assert_int_equal(fs_symlink(&R, "/not/followed", "/from/l"), 0);
	assert_int_equal(fs_chmod(&R, "/from/d/f", 06777), 0);
	assert_int_equal(fs_chmod(&R, "/from/d", 03777), 0);
	assert_int_equal(utimensat(AT_FDCWD, host, times, 0), 0);
	free(host);
	assert_int_equal(fs_copy_tree(&R, "/from", "/to"), 0);
	assert_names("/to", "d l none");
	assert_names("/to/d", "empty f");
	assert_content("/to/d/f", "content");
	assert_int_equal(fs_stat(&R, "/to/d/f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755); /* ours now: nobody else writes */
	assert_int_equal(st.st_mtim.tv_sec, 1234567890);
	assert_int_equal(fs_stat(&R, "/to/d", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(fs_readlink(&R, "/to/l", &target), 0);
	assert_string_equal(target, "/not/followed");
	free(target);
	assert_int_equal(fs_copy_tree(&R, "/from", "/to"), -EEXIST);
}

static void copying_into_itself_ends(void **state)
{
	(void)state;
	make_dir("/from/d/to");
	assert_int_equal(fs_copy_tree(&R, "/from", "/from/d/to"), -EINVAL);
	assert_int_equal(fs_copy_tree(&R, "/none", "/from"), -ENOENT);
	assert_int_equal(fs_copy_tree(&R, "/from", "/none"), -ENOENT);
}

static void copies_a_file(void **state)
{
	char *big = xmalloc(300001);
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	memset(big, 'b', 300000);
	big[300000] = '\0';
	put("/f", big);
	assert_int_equal(fs_symlink(&R, "/f", "/l"), 0);
	assert_int_equal(fs_copy_file(&R, "/l", "/g"), 0);
	assert_int_equal(fs_read(&R, "/g", 1 << 20, &b), 0);
	assert_string_equal(b.s, big);
	free(big);
	assert_int_equal(fs_copy_file(&R, "/f", "/g"), -EEXIST);
	assert_int_equal(fs_copy_file(&R, "/none", "/h"), -ENOENT);
	make_dir("/d");
	assert_int_equal(fs_copy_file(&R, "/d", "/h"), -EINVAL);
	assert_missing("/h");
}

static int note(const char *rel, const struct stat *st, void *data)
{
	buf_addf(data, "%s%s ", rel, S_ISDIR(st->st_mode) ? "/" : "");
	return strcmp(rel, "stop") == 0 ? 7 : 0;
}

static void walks_in_order(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	make_dir("/t/b/c");
	put("/t/b/c/x", "");
	put("/t/b/a", "");
	put("/t/a", "");
	assert_int_equal(fs_symlink(&R, "/t", "/t/loop"), 0);
	assert_int_equal(fs_walk(&R, "/t", note, &b), 0);
	assert_string_equal(b.s, "a b/ b/a b/c/ b/c/x loop ");
	put("/t/stop", "");
	put("/t/unseen", "");
	buf_reset(&b);
	assert_int_equal(fs_walk(&R, "/t", note, &b), 7);
	assert_string_equal(b.s, "a b/ b/a b/c/ b/c/x loop stop ");
	assert_int_equal(fs_walk(&R, "/none", note, &b), -ENOENT);
}

static void opens_beneath_a_folder(void **state)
{
	AUTO_FD int dir = -1, file = -1, link = -1;
	struct stat st;

	(void)state;
	make_dir("/d");
	make_dir("/d/in");
	put("/d/in/f", "x");
	assert_int_equal(fs_symlink(&R, "/d/in", "/d/link"), 0);
	dir = root_openat(&R, "/d", O_PATH | O_DIRECTORY, 0);
	file = fd_open_beneath(dir, "in/f", O_RDONLY);
	assert_true(file >= 0);
	link = fd_open_beneath(dir, "link", O_PATH);
	assert_int_equal(fstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(fd_open_beneath(dir, "link", O_RDONLY), -ELOOP);
	assert_int_equal(fd_open_beneath(dir, "link/f", O_RDONLY), -ELOOP);
	assert_int_equal(fd_open_beneath(dir, "../d/in/f", O_RDONLY), -EXDEV);
}

static void knows_free_space(void **state)
{
	struct fs_space here, deep;

	(void)state;
	assert_int_equal(fs_free_space(&R, "/", &here), 0);
	assert_int_equal(fs_free_space(&R, "/not/yet/there", &deep), 0);
	assert_true(here.bytes > 0 && here.inodes > 0);
	assert_true(deep.bytes > 0 && deep.inodes > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOT_TEST(looks),
		ROOT_TEST(may_write),
		ROOT_TEST(reads_up_to_a_limit),
		ROOT_TEST(does_not_block_on_a_fifo),
		ROOT_TEST(reads_links),
		ROOT_TEST(lists_in_order),
		ROOT_TEST(makes_folders),
		ROOT_TEST(removes_small_things),
		ROOT_TEST(removes_trees_not_what_links_name),
		ROOT_TEST(stops_at_mount_points),
		ROOT_TEST(renames),
		ROOT_TEST(copies_a_tree),
		ROOT_TEST(copying_into_itself_ends),
		ROOT_TEST(copies_a_file),
		ROOT_TEST(walks_in_order),
		ROOT_TEST(opens_beneath_a_folder),
		ROOT_TEST(knows_free_space),
	};

	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
