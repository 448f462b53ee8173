/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "base/alloc.h"
#include "base/strv.h"
#include "install/installplan.h"
#include "model/vercheck.h"

static void versions_decide(void **state)
{
	static const struct {
		const char *v, *s, *other_v, *other_s;
		bool bytes;
		enum vercheck out;
	} cases[] = {
		{ "2", "A", "1", "B", false, VERCHECK_INSTALL },
		{ "1", "A", "2", "B", false, VERCHECK_OLDER },
		{ "1.1000", "A", "1.999", "B", false, VERCHECK_INSTALL },
		{ "1", "A", "1", "A", false, VERCHECK_SAME },
		{ "1", "A", "1", "B", false, VERCHECK_INSTALL },
		{ "", "A", "1", "A", false, VERCHECK_OLDER },
		{ "1", "A", "", "A", false, VERCHECK_INSTALL },
		{ "", "A", "", "A", false, VERCHECK_SAME },
		{ "", "", "", "", false, VERCHECK_INSTALL },
		{ "", "", "", "", true, VERCHECK_SAME },
		{ "1", "", "1", "", false, VERCHECK_SAME },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vercheck_side a = { cases[i].v, cases[i].s };
		struct vercheck_side b = { cases[i].other_v, cases[i].other_s };

		assert_int_equal(vercheck(&a, &b, cases[i].bytes), cases[i].out);
	}
}

static void obsolete_by(void **state)
{
	(void)state;
	assert_true(vercheck_obsolete("6.1", "6.1"));
	assert_true(vercheck_obsolete("6.1", "6.2.0-1-amd64"));
	assert_false(vercheck_obsolete("6.1", "5.10.0-1"));
	assert_true(vercheck_obsolete("6.1.0-5", "6.1.0-5-amd64"));
	assert_true(vercheck_obsolete("6.1.0-5", "6.1.0-56-amd64"));
	assert_false(vercheck_obsolete("6.1.0-5", "6.1.0-4-amd64"));
	assert_false(vercheck_obsolete("6.1.0-5", "6.1.0"));
	assert_false(vercheck_obsolete("", "6.1.0"));
}

static void words_force(void **state)
{
	static const char text[] = "foo bar_version-override\nbazzle\n";

	(void)state;
	assert_true(force_words_for(text, "foo").force);
	assert_false(force_words_for(text, "fo").force);
	assert_false(force_words_for(text, "baz").force);
	assert_false(force_words_for(text, "bar").force);
	assert_true(force_words_for(text, "bar").force_version_override);
}

/* Plan one module.  Facts are text: places, then other modules; "!" in front: a package owns it. */
static struct installplan plan_of(const char *places, const char *others, const char *version)
{
	struct installplan_module m = { .dest = xstrdup("foo"),
					.file = xstrdup("foo.ko"),
					.version = xstrdup("1"),
					.srcversion = xstrdup("A"),
					.other_version = xstrdup(version),
					.other_srcversion = xstrdup("B") };
	AUTO_STRV struct strv p = STRV_INIT, o = STRV_INIT;
	struct installplan plan = { 0 };
	const char *s;

	strv_split(&p, places, " ");
	strv_split(&o, others, " ");
	STRV_FOREACH (s, &p) {
		struct installplan_place place = { xstrdup(s + (*s == '!')), *s == '!' };

		VEC_PUSH(m.places, m.n_places, place);
	}
	STRV_FOREACH (s, &o) {
		struct installplan_other other = { xstrdup(s + (*s == '!')), *s == '!' };

		VEC_PUSH(m.others, m.n_others, other);
	}
	VEC_PUSH(plan.modules, plan.n, m);
	return plan;
}

static void nothing_in_the_way(void **state)
{
	AUTO_INSTALLPLAN struct installplan p = plan_of("/u/foo.ko", "", NULL);

	(void)state;
	installplan_decide(&p, false);
	assert_string_equal(p.modules[0].path, "/u/foo.ko");
	assert_null(p.modules[0].original);
	assert_null(installplan_refusal(&p.modules[0], "K"));
}

static void an_unowned_original_is_archived(void **state)
{
	AUTO_INSTALLPLAN struct installplan p = plan_of("/u/foo.ko", "!/k/foo.ko /x/foo.ko", "0");

	(void)state;
	installplan_decide(&p, false);
	assert_string_equal(p.modules[0].original, "/x/foo.ko");
	assert_true(p.modules[0].archive);
}

static void an_owned_original_stays(void **state)
{
	AUTO_INSTALLPLAN struct installplan p = plan_of("/u/foo.ko", "!/k/foo.ko", "0");

	(void)state;
	installplan_decide(&p, false);
	assert_string_equal(p.modules[0].path, "/u/foo.ko");
	assert_string_equal(p.modules[0].original, "/k/foo.ko");
	assert_false(p.modules[0].archive);
}

static void an_owned_place_is_avoided(void **state)
{
	AUTO_INSTALLPLAN struct installplan p =
		plan_of("!/e/foo.ko /u/foo.ko /v/foo.ko", "!/e/foo.ko", "0");
	AUTO_INSTALLPLAN struct installplan full = plan_of("!/e/foo.ko", "!/e/foo.ko", "0");
	AUTO_FREE char *why = NULL;

	(void)state;
	installplan_decide(&p, false);
	assert_string_equal(p.modules[0].path, "/u/foo.ko");
	installplan_decide(&full, false);
	why = installplan_refusal(&full.modules[0], "K");
	assert_non_null(why);
	assert_null(full.modules[0].path);
}

static void a_newer_one_refuses_unless_forced(void **state)
{
	AUTO_INSTALLPLAN struct installplan p = plan_of("/u/foo.ko", "/x/foo.ko", "2");
	AUTO_FREE char *why = NULL;

	(void)state;
	installplan_decide(&p, false);
	why = installplan_refusal(&p.modules[0], "K");
	assert_non_null(why);
	assert_null(p.modules[0].path);
	assert_false(p.modules[0].archive);
	installplan_decide(&p, true);
	assert_string_equal(p.modules[0].path, "/u/foo.ko");
	assert_true(p.modules[0].archive);
}

static void what_was_archived_before_is_not_archived_again(void **state)
{
	AUTO_INSTALLPLAN struct installplan p = plan_of("/u/foo.ko", "/x/foo.ko", "0");

	(void)state;
	p.modules[0].installed = true;
	installplan_decide(&p, false);
	assert_null(p.modules[0].original);
	assert_false(p.modules[0].archive);
}

static void a_newer_original_in_our_place_is_kept(void **state)
{
	AUTO_INSTALLPLAN struct installplan p = plan_of("/k/foo.ko", "/x/foo.ko /k/foo.ko", "0");

	(void)state;
	p.modules[0].installed = true;
	p.modules[0].others[1].in_place = true;
	installplan_decide(&p, false);
	assert_string_equal(p.modules[0].original, "/k/foo.ko");
	assert_true(p.modules[0].archive);
	p.modules[0].others[1].damaged = true;
	installplan_decide(&p, false);
	assert_false(p.modules[0].archive);
}

static void what_would_be_overwritten_is_archived_first(void **state)
{
	AUTO_INSTALLPLAN struct installplan p = plan_of("/u/foo.ko", "/x/foo.ko /u/foo.ko", "0");

	(void)state;
	installplan_decide(&p, false);
	assert_string_equal(p.modules[0].original, "/u/foo.ko");
}

static void another_package_of_ours_has_no_originals(void **state)
{
	AUTO_INSTALLPLAN struct installplan p = plan_of("/u/foo.ko", "/u/foo.ko", "0");

	(void)state;
	p.modules[0].others[0].ours = true;
	installplan_decide(&p, false);
	assert_string_equal(p.modules[0].path, "/u/foo.ko");
	assert_null(p.modules[0].original);
	assert_false(p.modules[0].archive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_decide),
		cmocka_unit_test(obsolete_by),
		cmocka_unit_test(words_force),
		cmocka_unit_test(nothing_in_the_way),
		cmocka_unit_test(an_unowned_original_is_archived),
		cmocka_unit_test(an_owned_original_stays),
		cmocka_unit_test(an_owned_place_is_avoided),
		cmocka_unit_test(a_newer_one_refuses_unless_forced),
		cmocka_unit_test(what_was_archived_before_is_not_archived_again),
		cmocka_unit_test(a_newer_original_in_our_place_is_kept),
		cmocka_unit_test(what_would_be_overwritten_is_archived_first),
		cmocka_unit_test(another_package_of_ours_has_no_originals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
