/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <string.h>

#include "base/alloc.h"
#include "model/record.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct record sample(void)
{
	struct record r = { .content = xstrdup("c0ffee"),
			    .overrides = xstrdup(""),
			    .headers = xstrdup("linux-headers-6.1=1|sym:ab"),
			    .compiler = xstrdup("gcc-12 12.2.0"),
			    .signer = xstrdup("force 100% \xc3\xa9\n# x"),
			    .no_weak_modules = true,
			    .kernel_owner = xstrdup("linux-image"),
			    .remake_initrd = true,
			    .depends = STRV_INIT };
	struct record_module *m;

	strv_add(&r.depends, "spl/1.0");
	strv_add(&r.depends, "end");
	m = record_add_module(&r, "foo", "foo.ko.xz");
	m->path = xstrdup("/lib/modules/6.1/updates/dkms/foo.ko.xz");
	m->size = 123456;
	m->mtime_ns = -5;
	m->built_mtime_ns = 7;
	m->sha256 = xstrdup(SHA);
	m->original = xstrdup("/lib/modules/6.1/extra/foo.ko");
	m->archive = xstrdup("/var/lib/dkms/foo/original_module/6.1/x86_64/foo.ko");
	m->left = true;
	m->refused_by = xstrdup("/lib/modules/6.1/kernel/foo.ko");
	m->refused_sha256 = xstrdup(SHA);
	record_add_module(&r, "bar", "bar.ko");
	return r;
}

static char *text_of(const struct record *r)
{
	struct buf b = BUF_INIT;

	record_print(r, &b);
	return buf_detach(&b);
}

static void round_trip(void **state)
{
	AUTO_RECORD struct record r = sample(), again = { 0 }, copy;
	AUTO_FREE char *text = text_of(&r), *text2 = NULL, *text3 = NULL;

	(void)state;
	assert_int_equal(record_parse(text, &again, NULL), 0);
	text2 = text_of(&again);
	assert_string_equal(text, text2);
	assert_string_equal(again.signer, "force 100% \xc3\xa9\n# x");
	assert_string_equal(again.overrides, "");
	assert_null(again.owner);
	assert_true(again.remake_initrd);
	assert_true(again.no_weak_modules);
	assert_false(again.adopted);
	assert_int_equal(again.depends.n, 2);
	assert_int_equal(again.n_modules, 2);
	assert_int_equal(again.modules[0].mtime_ns, -5);
	assert_int_equal(again.modules[0].built_mtime_ns, 7);
	assert_null(again.modules[1].path);
	record_copy(&copy, &again);
	text3 = text_of(&copy);
	assert_string_equal(text, text3);
	assert_ptr_equal(record_module_get(&copy, "bar"), &copy.modules[1]);
	assert_null(record_module_get(&copy, "baz"));
	record_release(&copy);
}

static void every_cut_is_damaged(void **state)
{
	AUTO_RECORD struct record r = sample();
	AUTO_FREE char *text = text_of(&r);
	size_t len = strlen(text);

	(void)state;
	/* The last newline may be missing. */
	for (size_t n = 0; n < len - 1; n++) {
		AUTO_FREE char *cut = xstrndup(text, n);
		AUTO_ERR struct err err = ERR_INIT;
		struct record ret = { .content = text };

		assert_int_equal(record_parse(cut, &ret, &err), -E_CORRUPT);
		assert_ptr_equal(ret.content, text);
		assert_non_null(err.text);
	}
}

static void empty_and_unknown_keys(void **state)
{
	AUTO_RECORD struct record r = { 0 }, q = { 0 };
	AUTO_FREE char *text = NULL;

	(void)state;
	assert_int_equal(record_parse("dkms-record 1\nend\n", &r, NULL), 0);
	text = text_of(&r);
	assert_string_equal(text, "dkms-record 1\nend\n");
	assert_int_equal(record_parse("dkms-record 1\nflavour x y z\ncontent ab\nend\n", &q, NULL),
			 0);
	assert_string_equal(q.content, "ab");
}

static void hostile(void **state)
{
	static const struct {
		const char *body, *where;
	} cases[] = {
		{ "content\n", "line 2" },
		{ "content a b\n", "line 2" },
		{ "content a\ncontent b\n", "line 3" },
		{ "content %zz\n", "line 2" },
		{ "content \x01\n", "line 2" },
		{ "original /a\n", "line 2: no module" },
		{ "module a\n", "line 2" },
		{ "module .. a.ko\n", "line 2" },
		{ "module a ../a.ko\n", "line 2" },
		{ "module a a.ko\noriginal a\n", "line 3" },
		{ "module a a.ko\noriginal /a/../b\n", "line 3" },
		{ "module a a.ko\narchive /a//b\n", "line 3" },
		{ "module a a.ko\narchive /\n", "line 3" },
		{ "module a a.ko\narchive /a/\n", "line 3" },
		{ "module a a.ko\narchive /a\narchive /b\n", "line 4" },
		{ "left\n", "line 2" },
		{ "refused /a 00\n", "line 2" },
		{ "module a a.ko\nrefused /a\n", "line 3" },
		{ "module a a.ko\nrefused /a 00\n", "line 3" },
		{ "module a a.ko\ninstalled a 1 1 " SHA "\n", "line 3" },
		{ "module a a.ko\ninstalled /a -1 1 " SHA "\n", "line 3" },
		{ "module a a.ko\ninstalled /a 1x 1 " SHA "\n", "line 3" },
		{ "module a a.ko\ninstalled /a 99999999999999999999 1 " SHA "\n", "line 3" },
		{ "module a a.ko\ninstalled /a 1 9223372036854775808 " SHA "\n", "line 3" },
		{ "module a a.ko\ninstalled /a 1 1 abc\n", "line 3" },
		{ "module a a.ko\ninstalled /a 1 1 " SHA "\ninstalled /a 1 1 " SHA "\n", "line 4" },
		{ "end\nmore\n", "line 3" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *text = xasprintf("dkms-record 1\n%send\n", cases[i].body);
		AUTO_ERR struct err err = ERR_INIT;
		struct record r = { 0 };

		assert_int_equal(record_parse(text, &r, &err), -E_CORRUPT);
		assert_non_null(strstr(err.text, cases[i].where));
	}
}

static void wrong_beginnings(void **state)
{
	static const char *const texts[] = { "",
					     "\n",
					     "end\n",
					     "dkms-record 2\nend\n",
					     "dkms-holds 1\nend\n",
					     "dkms-record\nend\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct record r = { 0 };

		assert_int_equal(record_parse(texts[i], &r, NULL), -E_CORRUPT);
	}
}

static void many_modules(void **state)
{
	AUTO_RECORD struct record r = { .depends = STRV_INIT }, again = { 0 };
	AUTO_FREE char *text = NULL;

	(void)state;
	for (int i = 0; i < 100000; i++)
		record_add_module(&r, "a", "a.ko");
	text = text_of(&r);
	assert_int_equal(record_parse(text, &again, NULL), 0);
	assert_int_equal(again.n_modules, 100000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(every_cut_is_damaged),
		cmocka_unit_test(empty_and_unknown_keys),
		cmocka_unit_test(hostile),
		cmocka_unit_test(wrong_beginnings),
		cmocka_unit_test(many_modules),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
