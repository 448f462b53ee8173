/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text forms of world, goal and plan; the planner's decisions are in tests/plan. */
#include "model/world.h"

#include "unit.h"

#include "decide/plan.h"

static const char whole[] =
	"arch x86_64\n"
	"set all-kernels=no\n"
	"set no-autoinstall\n"
	"set initramfs=never\n"
	"kernel 6.2 x86_64 image headers=p=1|h running depmod-pending initramfs-pending\n"
	"kernel 6.1 x86_64 tree\n"
	"folder odd-1 id=odd/1 owner=odd-dkms owner-version=1-1\n"
	"module foo/1.0 folder=foo-1.0 content=c owner=p owner-version=1%20a\n"
	"module foo/2.0 missing\n"
	"module foo/3.0 broken\n"
	"module foo/4.0 no-source\n"
	"module foo/5.0 no-conf folder=foo-5.0\n"
	"conf foo/1.0 * autoinstall depends=a,b rebuild initrd excluded=no%20way key=k modules=foo\n"
	"conf foo/2.0 6.2 bad=because\n"
	"conf foo/3.0 6.2 unknown\n"
	"build foo/1.0 6.2 x86_64 installed no-record differs initrd content=c headers=h "
	"depends=a/1 modules=foo\n"
	"holds absent name=foo version=1.0 release=6.2 arch=x86_64 seen=1.0\n"
	"holds removed name=bar version=1\n"
	"failures failed name=foo version=2.0 release=6.2 arch=x86_64 key=k what=foo.c:1 log=/l\n"
	"owners kernel key=6.2 from=apt package=p version=\n"
	"requests remove name=foo version=1.0\n"
	"requests add name=bar version=2\n";

static void what_is_printed_is_what_was_read(void **state)
{
	AUTO_WORLD struct world w = { 0 };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(world_parse(whole, &w, &err), 0);
	world_print(&w, &b);
	assert_string_equal(b.s, whole);
}

static void bad_lines_are_named(void **state)
{
	static const char *const bad[] = {
		"kernel 6.1",
		"module foo",
		"module foo/",
		"conf foo/1",
		"build foo/1 6.1",
		"set x",
		"holds",
		"holds maybe name=foo version=1 release=6.1 arch=x",
		"holds absent name=foo version=1",
		"owners x key=y from=z package=p version=v",
		"folder x",
		"requests remove",
		"requests remove name=foo",
		"requests maybe name=foo version=1",
		"wonder",
		"kernel \xff x",
		"failures failed name=foo version=1",
		"verdicts conf name=foo version=1 release=6.1 arch=x key=k",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_WORLD struct world w = { 0 };
		AUTO_ERR struct err err = ERR_INIT;
		AUTO_FREE char *text = xasprintf("arch x\n%s\n", bad[i]);

		assert_int_equal(world_parse(text, &w, &err), -E_CORRUPT);
		assert_string_equal(err.text, "world: line 2 cannot be read");
	}
}

static void looks_things_up(void **state)
{
	AUTO_WORLD struct world w = { 0 };
	struct modid foo1 = { (char *)"foo", (char *)"1.0" },
		     foo2 = { (char *)"foo", (char *)"2.0" };

	(void)state;
	assert_int_equal(world_parse(whole, &w, NULL), 0);
	world_sort(&w);
	assert_string_equal(w.kernels[0].release, "6.2");
	assert_true(world_kernel(&w, "6.2")->image);
	assert_null(world_kernel(&w, "6"));
	assert_null(world_kernel(&w, NULL));
	assert_true(world_conf(&w, &foo1, "6.1")->autoinstall);
	assert_non_null(world_conf(&w, &foo2, "6.2")->bad);
	assert_null(world_conf(&w, &foo2, "6.1"));
	assert_non_null(world_build(&w, &foo1, "6.2", "x86_64"));
	assert_null(world_build(&w, &foo1, "6.2", "i686"));
	assert_non_null(world_installed(&w, "foo", "6.2", "x86_64"));
	assert_null(world_installed(&w, "foo", "6.1", "x86_64"));
}

static void compares_headers(void **state)
{
	(void)state;
	assert_false(world_headers_differ(NULL, "a|b"));
	assert_true(world_headers_differ("p=1|h1", "p=1|h2"));
	assert_true(world_headers_differ("p=1|h", "p=2|h"));
	assert_true(world_headers_differ("p=1|h", "p=10|h"));
	assert_false(world_headers_differ("|h", "p=2|h"));
	assert_true(world_headers_differ("|h1", "p=2|h2"));
	assert_true(world_headers_differ("x", "y"));
}

static void a_failure_is_the_same_whoever_knows_the_headers_package(void **state)
{
	(void)state;
	assert_true(world_failure_same("a/|h", "a/p=1|h"));
	assert_false(world_failure_same("a/p=1|h", "a/p=1|i"));
	assert_false(world_failure_same("a/p=1|h", "a/p=2|h"));
	assert_false(world_failure_same("a/|h", "b/|h"));
	assert_false(world_failure_same("a/|h", "ab/|h"));
	assert_true(world_failure_same("a", "a"));
	assert_false(world_failure_same("a", "a/|h"));
}

static void goals_are_lines(void **state)
{
	static const char *const good[] = { "add foo/1", "build foo/1 6.1 x86_64 force",
					    "autoinstall 6.1 x86_64", "remove foo/1" };
	static const char *const bad[] = { "", "jump foo/1", "build foo/1 6.1", "add a/b/../c",
					   "add foo/" };
	AUTO_GOALS struct goals g = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		AUTO_BUF struct buf b = BUF_INIT;

		assert_int_equal(goal_parse(good[i], &g, NULL), 0);
		goal_print(&g.v[i], &b);
		assert_string_equal(b.s, good[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_true(goal_parse(bad[i], &g, NULL) < 0);
	assert_int_equal(g.n, ARRAY_SIZE(good));
}

static void a_step_comes_after_what_it_waits_for(void **state)
{
	AUTO_PLAN struct plan p = { 0 };
	AUTO_WORLD struct world w = { 0 };
	AUTO_BUF struct buf b = BUF_INIT;
	struct modid id = { (char *)"foo", (char *)"1" };
	size_t install, build;

	(void)state;
	install = plan_add(&p, STEP_INSTALL, &id, "6.1", "x", "second");
	build = plan_add(&p, STEP_BUILD, &id, "6.1", "x", "%s", "first");
	assert_int_equal(plan_add(&p, STEP_BUILD, &id, "6.1", "x", "again"), build);
	plan_after(&p, install, build);
	plan_after(&p, install, build);
	plan_after(&p, install, PLAN_NONE);
	plan_after(&p, install, install);
	plan_add(&p, STEP_SKIP, &id, NULL, NULL, "told");
	assert_int_equal(plan_find(&p, STEP_CLEAN, NULL, NULL, NULL), PLAN_NONE);
	plan_finish(&p, &w, NULL);
	plan_print(&p, &b);
	assert_string_equal(b.s, "1 build foo/1 6.1 x: first\n"
				 "2 install foo/1 6.1 x: second (after 1)\n"
				 "- skip foo/1: told\n");
	assert_true(plan_acts(&p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_is_what_was_read),
		cmocka_unit_test(bad_lines_are_named),
		cmocka_unit_test(looks_things_up),
		cmocka_unit_test(compares_headers),
		cmocka_unit_test(a_failure_is_the_same_whoever_knows_the_headers_package),
		cmocka_unit_test(goals_are_lines),
		cmocka_unit_test(a_step_comes_after_what_it_waits_for),
	};

	return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
