/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/members.h"

#include "unit.h"

#include "archive/archive.h"

static void names(void **state)
{
	static const struct {
		const char *raw, *plain; /* NULL: refused */
	} cases[] = {
		{ "a", "a" },	    { "./a//b/", "a/b" }, { "./", "" },	      { ".", "" },
		{ "a/./b", "a/b" }, { "...", "..." },	  { "a..b", "a..b" }, { ".x", ".x" },
		{ "a b", "a b" },   { "", NULL },	  { "/a", NULL },     { "..", NULL },
		{ "../a", NULL },   { "a/../b", NULL },	  { "a/..", NULL },   { "./../a", NULL },
		{ "a\nb", NULL },   { "a\033[2J", NULL }, { "a\177", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_ERR struct err err = ERR_INIT;
		AUTO_FREE char *name = NULL;
		int r = member_name(cases[i].raw, &name, &err);

		assert_int_equal(r, cases[i].plain ? 0 : -E_ARCHIVE_BAD);
		if (cases[i].plain)
			assert_string_equal(name, cases[i].plain);
		else
			assert_null(strpbrk(err.text, "\n\033\177"));
	}
}

static void long_names(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_BUF struct buf deep = BUF_INIT;
	AUTO_FREE char *name = NULL;

	(void)state;
	for (int i = 0; i < 255; i++)
		buf_addch(&b, 'x');
	assert_int_equal(member_name(b.s, &name, NULL), 0);
	buf_addch(&b, 'x');
	assert_int_equal(member_name(b.s, &name, NULL), -E_ARCHIVE_BAD);
	for (int i = 0; i < 101; i++)
		buf_adds(&deep, "d/");
	assert_int_equal(member_name(deep.s, &name, NULL), -E_ARCHIVE_BAD);
}

static void symlinks(void **state)
{
	static const struct {
		const char *name, *target;
		bool good;
	} cases[] = {
		{ "a", "b", true },
		{ "a", "b/c", true },
		{ "a", ".", true },
		{ "d/a", "../b", true },
		{ "d/e/a", "../../b", true },
		{ "d/a", "..", true },
		{ "a", "./b/", true },
		{ "d/a", "./../b", true },
		{ "a", "..", false },
		{ "a", "../b", false },
		{ "d/a", "../../b", false },
		{ "a", "/b", false },
		{ "a", "b/..", false },
		{ "a", "", false },
		{ "d/a", "../b/../..", false },
		{ "d/a", "..//..//b", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *problem = member_link_problem(cases[i].name, cases[i].target);

		if (!problem != cases[i].good)
			fail_msg("%s -> %s: %s", cases[i].name, cases[i].target,
				 problem ? problem : "allowed");
	}
}

/* One member per line: "f NAME", "d NAME", "s NAME TARGET", "h NAME TARGET". */
static int check(const char *text, struct err *err)
{
	AUTO_MEMBERS struct members m = { .limits = MEMBER_LIMITS, .archive_size = 1000 };
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;
	int r = 0;

	strv_split(&lines, text, ";");
	STRV_FOREACH (line, &lines) {
		AUTO_STRV struct strv w = STRV_INIT;
		enum member_kind kind = line[0] == 'f'	 ? MEMBER_FILE
					: line[0] == 'd' ? MEMBER_FOLDER
					: line[0] == 's' ? MEMBER_SYMLINK
							 : MEMBER_HARDLINK;

		strv_split(&w, line, " ");
		r = members_add(&m, xstrdup(w.v[1]), kind, w.n > 2 ? xstrdup(w.v[2]) : NULL, 10,
				err);
		assert_int_equal(r, 0);
	}
	return members_check(&m, err);
}

static void whole_archives(void **state)
{
	static const struct {
		const char *members, *words; /* NULL: good */
	} cases[] = {
		{ "f a", NULL },
		{ "f a/b;f a/c", NULL },
		{ "d a;f a/b;d a", NULL },
		{ "f a;f a", "twice" },
		{ "f a;d a", "twice" },
		{ "s a b;f a", "twice" },
		{ "f a;f a/b", "which is a file" },
		{ "s a b;f a/b", "which is a link" },
		{ "f a/b;s a c", "which is a link" },
		{ "f x/y/z;s x c", "which is a link" },
		{ "f a;h b a;f b/c", "which is a link" },
		{ "s a .", NULL },
		{ "s a ..", "leads out" },
		{ "s a /etc", "absolute" },
		{ "f a;h b a", NULL },
		{ "h b a;f a", "no file before it" },
		{ "h b a", "no file before it" },
		{ "d a;h b a", "no file before it" },
		{ "s a x;h b a", "no file before it" },
		{ "f a;h b a;h c b", "no file before it" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_ERR struct err err = ERR_INIT;
		int r = check(cases[i].members, &err);

		assert_int_equal(r, cases[i].words ? -E_ARCHIVE_BAD : 0);
		if (r < 0 && !strstr(err.text, cases[i].words))
			fail_msg("%s: %s", cases[i].members, err.text);
	}
}

static int add(struct members *m, uint64_t size)
{
	AUTO_FREE char *name = xasprintf("f%zu", m->n);

	return members_add(m, TAKE(name), MEMBER_FILE, NULL, size, NULL);
}

static void limits(void **state)
{
	AUTO_MEMBERS struct members count = { .limits = MEMBER_LIMITS, .archive_size = 1 << 30 };
	AUTO_MEMBERS struct members bytes = { .limits = MEMBER_LIMITS, .archive_size = 1 << 30 };
	AUTO_MEMBERS struct members rise = { .limits = MEMBER_LIMITS, .archive_size = 50000 };
	AUTO_MEMBERS struct members huge = { .limits = MEMBER_LIMITS, .archive_size = 1 << 30 };

	(void)state;
	count.limits.count = 2;
	assert_int_equal(add(&count, 1), 0);
	assert_int_equal(add(&count, 1), 0);
	assert_int_equal(add(&count, 1), -E_ARCHIVE_BAD);
	assert_int_equal(add(&bytes, (uint64_t)3 << 30), 0);
	assert_int_equal(add(&bytes, (uint64_t)1 << 30), -E_ARCHIVE_BAD);
	assert_int_equal(add(&rise, (uint64_t)63 << 20), 0);
	assert_int_equal(add(&rise, (uint64_t)2 << 20), -E_ARCHIVE_BAD);
	assert_int_equal(add(&huge, UINT64_MAX), -E_ARCHIVE_BAD);
	assert_int_equal(add(&huge, UINT64_MAX), -E_ARCHIVE_BAD);
}

/* Hard links become copies, so they count against the limit. */
static void hard_links_count(void **state)
{
	AUTO_MEMBERS struct members m = { .limits = MEMBER_LIMITS, .archive_size = 1 << 30 };

	(void)state;
	assert_int_equal(add(&m, (uint64_t)1 << 30), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(members_add(&m, xasprintf("h%d", i), MEMBER_HARDLINK,
					     xstrdup("f0"), 0, NULL),
				 0);
	assert_int_equal(members_check(&m, NULL), -E_ARCHIVE_BAD);
}

static void compressions(void **state)
{
	(void)state;
	assert_string_equal(tarball_compression("a.dkms.tar.gz"), "gzip");
	assert_string_equal(tarball_compression("/x/a.tgz"), "gzip");
	assert_string_equal(tarball_compression("a.tar.xz"), "xz");
	assert_string_equal(tarball_compression("a.tar.zst"), "zstd");
	assert_string_equal(tarball_compression("a.tbz2"), "bzip2");
	assert_null(tarball_compression("a.tar"));
	assert_null(tarball_compression("gz"));
	assert_null(tarball_compression(".gz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),	cmocka_unit_test(long_names),
		cmocka_unit_test(symlinks),	cmocka_unit_test(whole_archives),
		cmocka_unit_test(limits),	cmocka_unit_test(hard_links_count),
		cmocka_unit_test(compressions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
