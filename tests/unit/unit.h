/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * unit - what unit tests share that need a root: a temporary folder is the root.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fs.h"
#include "sys/root.h"

/* Make a new folder on the host.  The caller gives it to remove_folder(). */
static inline char *make_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/unit.XXXXXX", tmp ? tmp : "/tmp");

	assert_non_null(mkdtemp(path));
	return path;
}

/* Remove the folder, and free its name. */
static inline int remove_folder(char *path)
{
	struct root own;
	int r = root_open("/", &own);

	if (r == 0) {
		r = fs_remove_tree(&own, path);
		root_close(&own);
	}
	free(path);
	return r;
}

/* The root of the running test, which setup_root() opens and teardown_root() closes. */
static struct root R;

static inline int setup_root(void **state)
{
	AUTO_FREE char *path = make_folder();

	(void)state;
	return root_open(path, &R);
}

static inline int teardown_root(void **state)
{
	char *path = xstrdup(R.path);

	(void)state;
	root_close(&R);
	return remove_folder(path);
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

/* `names` has the names in the folder, joined by blanks. */
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
