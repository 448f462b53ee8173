/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What builds leave, and what of it comes into the store. */
#include "replay/store.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "disk.h"
#include "engine/treepath.h"
#include "replay/compilers.h"
#include "replay/entry.h"
#include "replay/headerscan.h"
#include "replay/part.h"
#include "sys/fs.h"

#define ROOM "/var/lib/dkms/.native/replay/foo/1/k-a"
#define KEY  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static int setup(void **state)
{
	disk_setup(state);
	disk_file(*state, ROOM "/new/log", "compiled x\nreplayed " KEY ".0\nasked x\ncompiled y\n");
	return 0;
}

/* Leave an entry in the room; `text` makes it differ. */
static void leave(struct disk *d, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s" ROOM "/new/%s", d->e.root.path, name);
	AUTO_BUF struct buf file = BUF_INIT;
	FILE *f = fopen(path, "w");

	entry_seal(text, strlen(text), strlen(text), &file);
	assert_non_null(f);
	assert_int_equal(fwrite(file.s, 1, file.len, f), file.len);
	fclose(f);
}

static size_t stored(struct disk *d)
{
	struct store_size size;

	store_measure(&d->e, &size);
	return size.files;
}

static void take(struct disk *d, bool anew)
{
	struct calls calls;

	assert_int_equal(store_take(&d->e, "foo", ROOM, anew, &calls), 0);
	assert_true(calls.counted);
	assert_int_equal(calls.compiled, 2);
	assert_int_equal(calls.replayed, 1);
}

static void what_a_build_left_is_kept(void **state)
{
	struct disk *d = *state;

	leave(d, KEY, "a");
	take(d, false);
	assert_int_equal(stored(d), 1);
	assert_true(fs_is_file(&d->e.root, "/var/lib/dkms/.native/compiled/foo/00/" KEY ".0"));
}

static void a_key_has_four_places(void **state)
{
	static const char *const texts[] = { "a", "b", "c", "d", "e", "f" };
	struct disk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		leave(d, KEY, texts[i]);
		take(d, false);
	}
	assert_int_equal(stored(d), 4);
	/* With --force one takes the place of all. */
	leave(d, KEY, "g");
	take(d, true);
	assert_int_equal(stored(d), 1);
}

static void what_is_no_entry_stays_out(void **state)
{
	struct disk *d = *state;

	disk_file(d, ROOM "/new/" KEY, "torn");
	disk_file(d, ROOM "/new/" KEY ".123", "a temporary file");
	disk_file(d, ROOM "/new/..x", "x");
	disk_link(d, ROOM "/new/1" KEY, "/etc/passwd");
	disk_link(d, ROOM "/new/ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
		  "/etc/passwd");
	take(d, false);
	assert_int_equal(stored(d), 0);
}

static void the_log_is_no_way_out(void **state)
{
	AUTO_FREE char *host = disk_host(*state, ROOM "/new/log");
	struct disk *d = *state;
	struct calls calls;

	assert_int_equal(unlink(host), 0);
	disk_link(d, ROOM "/new/log", "/etc/passwd");
	assert_int_equal(store_take(&d->e, "foo", ROOM, false, &calls), 0);
	assert_int_equal(calls.compiled, 0);
}

static void damage_is_found(void **state)
{
	AUTO_STRV struct strv bad = STRV_INIT, none = STRV_INIT;
	struct disk *d = *state;

	leave(d, KEY, "a");
	take(d, false);
	store_check(&d->e, &bad);
	assert_int_equal(bad.n, 0);
	disk_file(d, "/var/lib/dkms/.native/compiled/foo/00/" KEY ".1", "dkms-compiled-1\n");
	disk_file(d, "/var/lib/dkms/.native/compiled/foo/00/stranger", "");
	store_check(&d->e, &bad);
	assert_int_equal(bad.n, 2);
	for (size_t i = 0; i < bad.n; i++)
		assert_int_equal(store_drop(&d->e, bad.v[i]), 0);
	store_check(&d->e, &none);
	assert_int_equal(none.n, 0);
	assert_int_equal(stored(d), 1);
	/* What is whole is not removed. */
	assert_int_equal(store_drop(&d->e, "/var/lib/dkms/.native/compiled/foo/00/" KEY ".0"), 0);
	assert_int_equal(stored(d), 1);
}

/* Nobody has used it for so many seconds. */
static void make_old(struct disk *d, const char *path, time_t seconds)
{
	AUTO_FREE char *host = disk_host(d, path);
	struct timespec times[2] = { { time(NULL) - seconds, 0 }, { time(NULL) - seconds, 0 } };

	assert_int_equal(utimensat(AT_FDCWD, host, times, 0), 0);
}

#define FOO_ENTRY "/var/lib/dkms/.native/compiled/foo/00/" KEY ".0"
#define BAR_ENTRY "/var/lib/dkms/.native/compiled/bar/00/" KEY ".0"

/* There is room for one of two entries: foo's was used 10 seconds ago, bar's `seconds` ago. */
static void expect_bar_goes(struct disk *d, time_t seconds)
{
	AUTO_FREE char *big = xmalloc(700000);

	memset(big, 'x', 700000);
	big[699999] = '\0';
	settings_set(&d->e.settings, SET_REPLAY_SIZE, "1", "test");
	disk_file(d, FOO_ENTRY, big);
	disk_file(d, BAR_ENTRY, big);
	make_old(d, FOO_ENTRY, 10);
	make_old(d, BAR_ENTRY, seconds);
	store_trim(&d->e);
	assert_true(fs_is_file(&d->e.root, FOO_ENTRY));
	assert_false(fs_is_file(&d->e.root, BAR_ENTRY));
}

static void what_was_used_longest_ago_goes(void **state)
{
	expect_bar_goes(*state, 100);
}

static void what_is_gone_is_forgotten(void **state)
{
	struct disk *d = *state;

	leave(d, KEY, "a");
	take(d, false);
	assert_int_equal(store_forget_module(&d->e, "bar"), 0);
	assert_int_equal(stored(d), 1);
	assert_int_equal(store_forget_module(&d->e, "foo"), 0);
	assert_false(fs_exists(&d->e.root, "/var/lib/dkms/.native/compiled/foo"));
}

static void the_future_is_no_use(void **state)
{
	expect_bar_goes(*state, -100);
}

static void a_build_cannot_choose_the_time(void **state)
{
	AUTO_FREE char *stored_at =
		disk_host(*state, "/var/lib/dkms/.native/compiled/foo/00/" KEY ".0");
	struct disk *d = *state;
	struct stat st;

	leave(d, KEY, "a");
	make_old(d, ROOM "/new/" KEY, -100000);
	take(d, false);
	assert_int_equal(stat(stored_at, &st), 0);
	/* time(2) reads a coarser clock than the file's time: it may still be in the second before. */
	assert_true(st.st_mtim.tv_sec <= time(NULL) + 1);
}

/* Files of 100 KiB, whole or not: no more than a quarter of replay_size is copied. */
static void a_build_leaves_no_more_than_a_quarter(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *text = xmalloc(100001);

	memset(text, 'x', 100000);
	text[100000] = '\0';
	settings_set(&d->e.settings, SET_REPLAY_SIZE, "1", "test");
	for (int i = 0; i < 5; i++) {
		AUTO_FREE char *key = xasprintf("%d%s", i, KEY + 1);
		AUTO_FREE char *path = xasprintf(ROOM "/new/%s", key);

		if (i == 0)
			disk_file(d, path, text);
		else
			leave(d, key, text);
	}
	take(d, false);
	assert_int_equal(stored(d), 1);
}

/* ---- headers ---- */

#define HEADERS "/usr/src/linux-headers-6.1.0-%d-amd64"

static void make_headers(struct disk *d, int abi, const char *used)
{
	AUTO_FREE char *dir = xasprintf(HEADERS, abi);
	AUTO_FREE char *a = xasprintf("%s/include/linux/a.h", dir);
	AUTO_FREE char *conf = xasprintf("%s/include/generated/autoconf.h", dir);
	AUTO_FREE char *salt = xasprintf("#define CONFIG_BUILD_SALT \"6.1.0-%d-amd64\"\n", abi);
	AUTO_FREE char *id = xasprintf("%s/include/generated/package.h", dir);
	AUTO_FREE char *upload =
		xasprintf("#define LINUX_PACKAGE_ID \" Debian 6.1.192-%d\"\n", abi);

	disk_file(d, a, used);
	disk_file(d, conf, salt);
	disk_file(d, id, upload);
}

static void scan(struct disk *d, int abi, struct headertable *ret)
{
	AUTO_FREE char *dir = xasprintf(HEADERS, abi), *path = NULL;
	AUTO_FREE char *release = xasprintf("6.1.0-%d-amd64", abi);
	AUTO_STRV struct strv more = STRV_INIT;

	assert_int_equal(headerscan_table(&d->e, release, dir, &more, ret, &path), 0);
	assert_true(headerscan_whole(ret));
}

static bool same_identity(struct disk *d, int a, int b)
{
	AUTO_HEADERTABLE struct headertable x = { 0 }, y = { 0 };

	scan(d, a, &x);
	scan(d, b, &y);
	assert_int_equal(x.head->n_files, y.head->n_files);
	return memcmp(x.head->identity, y.head->identity, SHA256_SIZE) == 0;
}

static void kernels_with_equal_headers_are_known(void **state)
{
	struct disk *d = *state;

	make_headers(d, 55, "int a;\n");
	make_headers(d, 56, "int a;\n");
	make_headers(d, 57, "long a;\n");
	assert_true(same_identity(d, 55, 56));
	assert_false(same_identity(d, 56, 57));
	/* Without other files, size or times: only the bytes. */
	make_headers(d, 57, "int a;\n");
	assert_true(same_identity(d, 56, 57));
}

static void headers_are_found(void **state)
{
	AUTO_HEADERTABLE struct headertable t = { 0 };
	const struct headertable_file *f;

	make_headers(*state, 55, "int a;\n");
	scan(*state, 55, &t);
	f = headertable_find(&t, "/usr/src/linux-headers-6.1.0-55-amd64/include/linux/a.h");
	assert_non_null(f);
	assert_int_equal(f->flags, 0);
	assert_null(
		headertable_find(&t, "/usr/src/linux-headers-6.1.0-55-amd64/include/linux/b.h"));
	assert_true(headertable_covers(&t, "/usr/src/linux-headers-6.1.0-55-amd64/include/x"));
	assert_false(headertable_covers(&t, "/usr/src/linux-headers-6.1.0-55-amd64x"));
}

/* The folder of the links is made to lead to another one, with the same names in it. */
static void a_link_to_a_folder_counts(void **state)
{
	struct disk *d = *state;
	AUTO_HEADERTABLE struct headertable x = { 0 }, y = { 0 };

	make_headers(d, 55, "int a;\n");
	disk_file(d, "/usr/src/linux-headers-6.1.0-55-amd64/one/b.h", "int b;\n");
	disk_file(d, "/usr/src/linux-headers-6.1.0-55-amd64/two/b.h", "long b;\n");
	disk_link(d, "/usr/src/linux-headers-6.1.0-55-amd64/chosen", "one");
	scan(d, 55, &x);
	disk_remove(d, "/usr/src/linux-headers-6.1.0-55-amd64/chosen");
	disk_link(d, "/usr/src/linux-headers-6.1.0-55-amd64/chosen", "two");
	scan(d, 55, &y);
	assert_memory_not_equal(x.head->names, y.head->names, SHA256_SIZE);
	assert_true(y.head->begun_ns >= x.head->begun_ns);
}

static void names_of_compilers(void **state)
{
	static const char *const good[] = { "gcc",
					    "gcc-12",
					    "cc",
					    "clang",
					    "clang-14.0",
					    "x86_64-linux-gnu-gcc-12",
					    "aarch64-linux-gnu-gcc" };
	static const char *const bad[] = { "g++",    "gcc-ar",	     "gcc-ar-12", "c99-gcc",
					   "ccache", "cpp",	     "gccgo",	  "clang++",
					   "gcc-",   "clang-format", "as" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(compilers_is_name(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(compilers_is_name(bad[i]));
}

/* A compiler that is known, and that has not changed. */
static void know_gcc(struct disk *d)
{
	AUTO_FREE char *host = disk_host(d, "/usr/bin/gcc"), *part = NULL, *text = NULL;
	struct stat st;

	disk_file(d, "/usr/bin/gcc", "gcc");
	assert_int_equal(chmod(host, 0755), 0);
	assert_int_equal(stat(host, &st), 0);
	part = part_text("/usr/bin/gcc", &st);
	*strchr(part, ' ') = '\0';
	text = xasprintf("dkms-compilers 1\ncompiler /usr/bin/gcc abc\n"
			 "searched /usr/local/bin:/usr/bin\npart %s%%20/usr/bin/gcc\nend\n",
			 part);
	disk_file(d, "/var/lib/dkms/.native/cache/" COMPILERS_NAME, text);
}

static size_t compilers_in(struct disk *d, const char *path)
{
	CLEANUP(compilers_release) struct compilers found = { 0 };
	AUTO_STRV struct strv env = STRV_INIT;

	strv_addf(&env, "PATH=%s", path);
	compilers_look(&d->e, &env, &found);
	return found.n;
}

static void a_script_hides_a_compiler(void **state)
{
	AUTO_FREE char *host = disk_host(*state, "/usr/local/bin/gcc");
	struct disk *d = *state;

	disk_dir(d, "/usr/local/bin");
	know_gcc(d);
	assert_int_equal(compilers_in(d, "/usr/local/bin:/usr/bin"), 1);
	/* It may look for as elsewhere. */
	assert_int_equal(compilers_in(d, "/usr/bin:/usr/local/bin"), 0);
	disk_file(d, "/usr/local/bin/gcc", "#!/bin/sh\nexec /usr/bin/gcc -DX \"$@\"\n");
	assert_int_equal(compilers_in(d, "/usr/local/bin:/usr/bin"), 1);
	assert_int_equal(chmod(host, 0755), 0);
	assert_int_equal(compilers_in(d, "/usr/local/bin:/usr/bin"), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, disk_teardown)

static void what_is_known_of_them_is_checked(void **state)
{
	static const char file[] = "/var/lib/dkms/.native/cache/" COMPILERS_NAME;
	struct disk *d = *state;

	assert_int_equal(compilers_check(&d->e, NULL), -ENOENT);
	disk_file(d, file, "dkms-compilers 1\ncompiler /usr/bin/gcc abc\npart 1:2%20/a\nend\n");
	assert_int_equal(compilers_check(&d->e, NULL), 0);
	disk_file(d, file, "dkms-compilers 1\npart 1:2%20/a\nend\n");
	assert_int_equal(compilers_check(&d->e, NULL), -E_CORRUPT);
	disk_file(d, file, "dkms-compilers 1\ncompiler /usr/bin/gcc abc\n");
	assert_int_equal(compilers_check(&d->e, NULL), -E_CORRUPT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_a_build_left_is_kept),
		TEST(a_key_has_four_places),
		TEST(what_is_no_entry_stays_out),
		TEST(the_log_is_no_way_out),
		TEST(damage_is_found),
		TEST(what_was_used_longest_ago_goes),
		TEST(what_is_gone_is_forgotten),
		TEST(the_future_is_no_use),
		TEST(a_build_cannot_choose_the_time),
		TEST(a_build_leaves_no_more_than_a_quarter),
		TEST(a_link_to_a_folder_counts),
		TEST(a_script_hides_a_compiler),
		TEST(kernels_with_equal_headers_are_known),
		TEST(headers_are_found),
		TEST(names_of_compilers),
		TEST(what_is_known_of_them_is_checked),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
