/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * unit - what the tests of sys share: a temporary folder as a root.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fs.h"
#include "sys/root.h"

/* The root of the test at hand: group setup and teardown of every test. */
static struct root R;

static inline int setup_root(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/unit.XXXXXX", tmp ? tmp : "/tmp");
	int r = mkdtemp(path) ? root_open(path, &R) : -1;

	(void)state;
	free(path);
	return r;
}

static inline int teardown_root(void **state)
{
	char *path = xstrdup(R.path);
	struct root own;
	int r = root_open("/", &own);

	(void)state;
	if (r == 0) {
		r = fs_remove_tree(&own, path);
		root_close(&own);
	}
	root_close(&R);
	free(path);
	return r;
}

#define ROOT_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup_root, teardown_root)

/* cmocka 1.1.5 prints its own skip() as a failure. */
#define SKIP(why)                                         \
	do {                                              \
		printf("# SKIP %s: %s\n", __func__, why); \
		return;                                   \
	} while (0)

static inline void put(const char *path, const char *text)
{
	char *host = root_host_path(&R, path);
	FILE *f = fopen(host, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	free(host);
}

static inline void make_dir(const char *path)
{
	assert_int_equal(fs_mkdir_p(&R, path), 0);
}

static inline void assert_content(const char *path, const char *text)
{
	struct buf b = BUF_INIT;

	assert_int_equal(fs_read(&R, path, 1 << 20, &b), 0);
	assert_string_equal(b.s, text);
	buf_release(&b);
}

static inline void assert_missing(const char *path)
{
	struct stat st;

	assert_int_equal(fs_lstat(&R, path, &st), -ENOENT);
}

/* Names in a folder, joined by blanks. */
static inline void assert_names(const char *path, const char *names)
{
	struct strv v = STRV_INIT;
	char *all;

	assert_int_equal(fs_list(&R, path, &v), 0);
	all = strv_join(&v, " ");
	assert_string_equal(all, names);
	free(all);
	strv_release(&v);
}
