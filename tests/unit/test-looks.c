/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "sys/looks.h"

#define AUTO_LOOKS CLEANUP(looks_release)

static struct stat made(mode_t type, ino_t ino)
{
	return (struct stat){ .st_mode = type | 0644, .st_ino = ino, .st_ctim = { 5, 0 } };
}

static void note(struct looks *l, enum look_kind kind, const char *path, mode_t type, ino_t ino)
{
	struct stat st = made(type, ino);

	looks_note(l, kind, path, type ? 0 : -ENOENT, &st);
}

/* The looks as "KIND PATH ...". */
static char *all(const struct looks *l)
{
	AUTO_BUF struct buf b = BUF_INIT;

	for (size_t i = 0; i < l->n; i++)
		buf_addf(&b, "%s%c%s", i ? " " : "", l->v[i].kind, l->v[i].path);
	return buf_detach(&b);
}

static void expect_all(struct looks *l, const char *wanted)
{
	AUTO_FREE char *text = NULL;

	looks_settle(l);
	text = all(l);
	assert_string_equal(text, wanted);
}

static void a_folder_comes_before_what_is_in_it(void **state)
{
	AUTO_LOOKS struct looks l = { 0 };

	(void)state;
	note(&l, LOOK_FILE, "/a-b", S_IFREG, 1);
	note(&l, LOOK_FILE, "/a/z", S_IFREG, 2);
	note(&l, LOOK_FILE, "/a", S_IFDIR, 3);
	note(&l, LOOK_FILE, "/a/b/c", S_IFREG, 4);
	expect_all(&l, "f/a f/a/b/c f/a/z f/a-b");
	assert_false(l.blind);
}

static void what_follows_is_dropped(void **state)
{
	AUTO_LOOKS struct looks l = { 0 };

	(void)state;
	note(&l, LOOK_TYPE, "/d", S_IFDIR, 1);	 /* /d/f is there */
	note(&l, LOOK_TYPE, "/d/f", S_IFREG, 2); /* seen as a file */
	note(&l, LOOK_FILE, "/d/f", S_IFREG, 2); /* twice */
	note(&l, LOOK_FILE, "/d/f", S_IFREG, 2);
	note(&l, LOOK_FILE, "/s", S_IFDIR, 3);
	note(&l, LOOK_LINK, "/s/link", S_IFLNK, 4); /* changes with /s only */
	note(&l, LOOK_LINK, "/s/nothing", 0, 0);    /* so does this */
	note(&l, LOOK_FILE, "/s/file", S_IFREG, 5); /* the same, but less strict */
	note(&l, LOOK_LINK, "/s/file", S_IFREG, 5);
	expect_all(&l, "f/d/f f/s l/s/file");
	assert_false(l.blind);
}

static void what_does_not_follow_stays(void **state)
{
	AUTO_LOOKS struct looks l = { 0 };

	(void)state;
	note(&l, LOOK_TYPE, "/d", S_IFDIR, 1);
	note(&l, LOOK_LINK, "/d/link", S_IFLNK, 2); /* the folder's type alone tells nothing */
	note(&l, LOOK_TYPE, "/e", S_IFDIR, 3);	    /* nothing is in it */
	note(&l, LOOK_FILE, "/e/x", 0, 0);
	note(&l, LOOK_FILE, "/s", S_IFDIR, 4);
	note(&l, LOOK_FILE, "/s/dangling", 0, 0); /* the end of a link is elsewhere */
	note(&l, LOOK_TYPE, "/s/gone", 0, 0);
	note(&l, LOOK_LINK, "/s/to", S_IFLNK, 5);
	note(&l, LOOK_FILE, "/s/to", S_IFREG, 6);
	/* /d follows from the link in it, which stays */
	expect_all(&l, "l/d/link t/e f/e/x f/s f/s/dangling t/s/gone f/s/to");
}

static void two_answers_make_it_blind(void **state)
{
	AUTO_LOOKS struct looks l = { 0 }, m = { 0 }, n = { 0 };

	(void)state;
	note(&l, LOOK_FILE, "/f", S_IFREG, 1);
	note(&l, LOOK_FILE, "/f", S_IFREG, 2);
	looks_settle(&l);
	assert_true(l.blind);
	note(&m, LOOK_FILE, "/f", S_IFREG, 1);
	note(&m, LOOK_FILE, "/f", 0, 0);
	looks_settle(&m);
	assert_true(m.blind);
	note(&n, LOOK_FILE, "/a\nb", S_IFREG, 1);
	assert_true(n.blind);
	looks_release(&m);
	looks_release(&n);
}

static void the_newest_time_counts(void **state)
{
	struct stat st = made(S_IFREG, 1);
	AUTO_LOOKS struct looks l = { 0 };

	(void)state;
	looks_note(&l, LOOK_FILE, "/a", 0, &st);
	st.st_ctim.tv_sec = 9;
	looks_note(&l, LOOK_TYPE, "/b", 0, &st); /* only its type counts */
	assert_int_equal(l.newest_ns, INT64_C(5000000000));
	looks_note(&l, LOOK_LINK, "/c", 0, &st);
	assert_int_equal(l.newest_ns, INT64_C(9000000000));
	looks_note(NULL, LOOK_FILE, "/c", 0, &st);
}

static void each_fact_counts(void **state)
{
	struct stat st = made(S_IFREG, 1), other;
	struct look_facts facts, now;

	(void)state;
	st.st_dev = makedev(8, 1);
	facts = looks_facts(LOOK_FILE, 0, &st);
#define DIFFERS(member)                                              \
	do {                                                         \
		other = st;                                          \
		other.member++;                                      \
		now = looks_facts(LOOK_FILE, 0, &other);             \
		assert_true(memcmp(&now, &facts, sizeof(now)) != 0); \
	} while (0)
	DIFFERS(st_mode);
	DIFFERS(st_dev);
	DIFFERS(st_ino);
	DIFFERS(st_uid);
	DIFFERS(st_gid);
	DIFFERS(st_size);
	DIFFERS(st_mtim.tv_nsec);
	DIFFERS(st_ctim.tv_sec);
	now = looks_facts(LOOK_FILE, -ENOENT, &st);
	assert_true(memcmp(&now, &facts, sizeof(now)) != 0);
	other = st;
	other.st_ino++;
	facts = looks_facts(LOOK_TYPE, 0, &st);
	now = looks_facts(LOOK_TYPE, 0, &other);
	assert_memory_equal(&now, &facts, sizeof(now));
	st.st_mode = S_IFDIR;
	other = st;
	other.st_ino++; /* as overlayfs does */
	facts = looks_facts(LOOK_FILE, 0, &st);
	now = looks_facts(LOOK_FILE, 0, &other);
	assert_memory_equal(&now, &facts, sizeof(now));
}

/* Paths with and without a folder in common give what stat(2) gives. */
static void looking_again_sees_the_same(void **state)
{
	enum { N = 200 };
	char dir[] = "/tmp/looks-XXXXXX";
	struct looks_again again = LOOKS_AGAIN_INIT;
	const char *paths[N];

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < N; i++) {
		paths[i] = i < 10 ? xasprintf("/nowhere/%03zu", i) : xasprintf("%s/%03zu", dir, i);
		if (i >= 10 && i % 3)
			assert_true(close(open(paths[i], O_CREAT | O_WRONLY, 0600)) == 0);
	}
	for (size_t i = 0; i < N; i++) {
		struct stat st;
		int code = lstat(paths[i], &st) < 0 ? -errno : 0;
		struct look_facts wanted = looks_facts(LOOK_LINK, code, &st);
		struct look_facts got = looks_look_again(&again, LOOK_LINK, paths, N, i);

		assert_memory_equal(&got, &wanted, sizeof(got));
	}
	looks_again_release(&again);
	for (size_t i = 0; i < N; i++) {
		unlink(paths[i]);
		free((char *)(uintptr_t)paths[i]);
	}
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_comes_before_what_is_in_it),
		cmocka_unit_test(what_follows_is_dropped),
		cmocka_unit_test(what_does_not_follow_stays),
		cmocka_unit_test(two_answers_make_it_blind),
		cmocka_unit_test(the_newest_time_counts),
		cmocka_unit_test(each_fact_counts),
		cmocka_unit_test(looking_again_sees_the_same),
	};

	return cmocka_run_group_tests_name("looks", tests, NULL, NULL);
}
