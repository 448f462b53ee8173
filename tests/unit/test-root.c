/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/root.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

static void own_root_is_not_foreign(void **state)
{
	struct root r;

	(void)state;
	assert_int_equal(root_open("/", &r), 0);
	assert_false(root_is_foreign(&r));
	assert_string_equal(r.path, "");
	root_close(&r);
	assert_int_equal(root_open("//.", &r), 0);
	assert_false(root_is_foreign(&r));
	root_close(&r);
	assert_true(root_is_foreign(&R));
}

static void refuses_what_is_no_folder(void **state)
{
	struct root r = { -7, NULL };
	char *file = root_host_path(&R, "/file");

	(void)state;
	put("/file", "");
	assert_int_equal(root_open(file, &r), -ENOTDIR);
	assert_int_equal(root_open("/nonesuch", &r), -ENOENT);
	assert_int_equal(r.fd, -7);
	free(file);
}

static void host_path_has_no_final_slash(void **state)
{
	char *with_slash = root_host_path(&R, "/");
	char *inside = root_host_path(&R, "/a/b");
	struct root r;

	(void)state;
	assert_int_equal(root_open(with_slash, &r), 0);
	assert_string_equal(r.path, R.path);
	assert_int_equal(strncmp(inside, R.path, strlen(R.path)), 0);
	assert_string_equal(inside + strlen(R.path), "/a/b");
	root_close(&r);
	free(with_slash);
	free(inside);
}

static void links_stay_inside(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	make_dir("/usr/src");
	make_dir("/lib");
	put("/usr/src/file", "inside");
	assert_int_equal(fs_symlink(&R, "/usr/src", "/lib/build"), 0);
	assert_int_equal(fs_symlink(&R, "../../../../usr/src/file", "/lib/up"), 0);
	assert_content("/lib/build/file", "inside");
	assert_content("/lib/up", "inside");
	assert_content("/../../usr/src/file", "inside");
	assert_int_equal(fs_symlink(&R, "/etc/passwd", "/lib/out"), 0);
	assert_int_equal(fs_read(&R, "/lib/out", 1 << 20, &b), -ENOENT);
	buf_release(&b);
}

static void opens_close_on_exec(void **state)
{
	int fd = root_openat(&R, "/new", O_WRONLY | O_CREAT, 0600);
	struct stat st;

	(void)state;
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	close(fd);
	assert_int_equal(root_openat(&R, "/none", O_RDONLY, 0), -ENOENT);
}

static void parent_leaves_the_last_component_alone(void **state)
{
	const char *path = "/link/name";
	const char *name = NULL;
	struct stat a, b;
	int fd;

	(void)state;
	make_dir("/real");
	assert_int_equal(fs_symlink(&R, "/real", "/link"), 0);
	fd = root_open_parent(&R, path, &name);
	assert_true(fd >= 0);
	assert_ptr_equal(name, path + 6);
	assert_int_equal(fstat(fd, &a), 0);
	assert_int_equal(fs_stat(&R, "/real", &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	close(fd);
}

static void parent_refuses(void **state)
{
	static const char *const cases[] = { "/", "", "name", "/a/", "/a/.", "/a/..", "/.." };
	const char *name = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(root_open_parent(&R, cases[i], &name), -EINVAL);
	assert_null(name);
	assert_int_equal(root_open_parent(&R, "/none/x", &name), -ENOENT);
}

static void assert_real(const char *path, const char *expected)
{
	char *real = NULL;

	assert_int_equal(root_realpath(&R, path, &real), 0);
	assert_string_equal(real, expected);
	free(real);
}

static void realpath_resolves_inside(void **state)
{
	char *real = NULL;

	(void)state;
	make_dir("/usr/lib/modules");
	assert_int_equal(fs_symlink(&R, "usr/lib", "/lib"), 0);
	assert_int_equal(fs_symlink(&R, "/lib/modules", "/usr/m"), 0);
	assert_int_equal(fs_symlink(&R, "loop", "/loop"), 0);
	assert_int_equal(fs_symlink(&R, "gone", "/dangling"), 0);
	assert_real("/", "/");
	assert_real("/lib", "/usr/lib");
	assert_real("/usr/m", "/usr/lib/modules");
	assert_real("/usr//./m/../", "/usr/lib");
	assert_real("/../../lib", "/usr/lib");
	assert_int_equal(root_realpath(&R, "/loop", &real), -ELOOP);
	assert_int_equal(root_realpath(&R, "/dangling", &real), -ENOENT);
	assert_int_equal(root_realpath(&R, "/nonesuch/x", &real), -ENOENT);
	assert_null(real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOT_TEST(own_root_is_not_foreign),
		ROOT_TEST(refuses_what_is_no_folder),
		ROOT_TEST(host_path_has_no_final_slash),
		ROOT_TEST(links_stay_inside),
		ROOT_TEST(opens_close_on_exec),
		ROOT_TEST(parent_leaves_the_last_component_alone),
		ROOT_TEST(parent_refuses),
		ROOT_TEST(realpath_resolves_inside),
	};

	return cmocka_run_group_tests_name("root", tests, NULL, NULL);
}
