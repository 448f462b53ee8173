/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/modid.h"

#include "test.h"

#include <string.h>

#include "base/alloc.h"

static void parses(void **state)
{
	AUTO_MODID struct modid id = MODID_INIT;
	AUTO_FREE char *text = NULL, *only = NULL;

	(void)state;
	assert_int_equal(modid_parse("v4l2loopback/0.12.7", &id, NULL), 0);
	assert_string_equal(id.name, "v4l2loopback");
	assert_string_equal(id.version, "0.12.7");
	text = modid_text(&id);
	assert_string_equal(text, "v4l2loopback/0.12.7");
	assert_int_equal(modid_parse("nvidia-current", &id, NULL), 0);
	assert_null(id.version);
	only = modid_text(&id);
	assert_string_equal(only, "nvidia-current");
	assert_int_equal(modid_parse("r8168/8.051.02+dfsg~bpo:1_git", &id, NULL), 0);
}

static void refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"/",
		"foo/",
		"/1",
		".",
		"..",
		"../1",
		"foo/..",
		"foo/1/2",
		"-foo/1",
		".native/1",
		"foo/-1",
		"foo bar/1",
		"foo/1 2",
		"foo\n/1",
		"foo/1\x7f",
		"foo*/1",
		"foo/$(id)",
		"foo/`id`",
		"foo/a;b",
		"foo/100%",
		"foo\\/1",
		"foo/original_module",
		"foo/kernel-6.1.0-amd64",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_MODID struct modid id = { xstrdup("kept"), NULL };
		AUTO_ERR struct err err = ERR_INIT;

		if (modid_parse(bad[i], &id, &err) != -E_BAD_NAME)
			fail_msg("accepted: %s", bad[i]);
		assert_string_equal(id.name, "kept");
		assert_non_null(err.text);
		assert_null(strpbrk(err.text, "\n\x7f"));
	}
}

static void length(void **state)
{
	AUTO_FREE char *name = xmalloc(202);

	(void)state;
	memset(name, 'a', 201);
	name[201] = '\0';
	assert_non_null(modid_name_problem(name));
	name[200] = '\0';
	assert_null(modid_name_problem(name));
}

static void order(void **state)
{
	struct modid a = { (char[]){ "a" }, (char[]){ "9.0" } };
	struct modid a10 = { (char[]){ "a" }, (char[]){ "10.0" } };
	struct modid a010 = { (char[]){ "a" }, (char[]){ "010.0" } };
	struct modid b = { (char[]){ "b" }, NULL };
	struct modid b1 = { (char[]){ "b" }, (char[]){ "1" } };

	(void)state;
	assert_true(modid_compare(&a, &a10) < 0);
	assert_true(modid_compare(&a10, &b) < 0);
	assert_true(modid_compare(&b, &b1) < 0);
	assert_true(modid_compare(&b1, &b) > 0);
	assert_true(modid_compare(&a010, &a10) < 0);
	assert_true(modid_equal(&a, &a));
	assert_true(modid_equal(&b, &b));
	assert_false(modid_equal(&a10, &a010));
}

static void copies(void **state)
{
	AUTO_MODID struct modid id = { xstrdup("a"), xstrdup("1") };
	AUTO_MODID struct modid copy = MODID_INIT;

	(void)state;
	modid_copy(&copy, &id);
	assert_true(modid_equal(&copy, &id));
	modid_copy(&copy, &copy);
	assert_true(modid_equal(&copy, &id));
}

static void kernels(void **state)
{
	(void)state;
	assert_null(modid_kernel_problem("6.1.0-56-amd64"));
	assert_null(modid_kernel_problem("x86_64"));
	assert_non_null(modid_kernel_problem("build"));
	assert_non_null(modid_kernel_problem("source"));
	assert_non_null(modid_kernel_problem("tarball"));
	assert_non_null(modid_kernel_problem("../6.1"));
	assert_non_null(modid_kernel_problem(".tmp_x86_64"));
	assert_non_null(modid_kernel_problem(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses), cmocka_unit_test(refuses), cmocka_unit_test(length),
		cmocka_unit_test(order),  cmocka_unit_test(copies),  cmocka_unit_test(kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
