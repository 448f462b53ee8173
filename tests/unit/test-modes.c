/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/modes.h"

#include "unit.h"

enum { DIR = 040000, FILE_ = 0100000 };

static const struct modes_user root = { 0, 0 };
static const struct modes_user me = { 1000, 1000 };
static const struct modes_user me_in_users = { 1000, 100 };

static void what_is_judged(void **state)
{
	static const struct {
		const struct modes_user *u;
		enum modes_use use;
		struct modes_file f;
		unsigned int flaws;
	} cases[] = {
		{ &root, MODES_BELIEVED, { 0, 0, FILE_ | 0644 }, 0 },
		{ &root, MODES_BELIEVED, { 0, 40, FILE_ | 0444 }, 0 },
		{ &root, MODES_BELIEVED, { 1000, 0, FILE_ | 0644 }, MODES_OWNER },
		{ &root, MODES_BELIEVED, { 0, 0, FILE_ | 0664 }, MODES_GROUP },
		{ &root, MODES_BELIEVED, { 0, 40, DIR | 02775 }, MODES_GROUP },
		{ &root, MODES_BELIEVED, { 0, 0, FILE_ | 0646 }, MODES_OTHERS },
		{ &root, MODES_BELIEVED, { 0, 0, DIR | 01777 }, MODES_OTHERS | MODES_GROUP },
		{ &root, MODES_BELIEVED, { 65534, 0, FILE_ | 0602 }, MODES_OWNER | MODES_OTHERS },
		/* on the way: the rules of sshd, and folders that distributions ship */
		{ &root, MODES_WAY, { 0, 0, DIR | 0755 }, 0 },
		{ &root, MODES_WAY, { 0, 0, DIR | 01777 }, 0 },
		{ &root, MODES_WAY, { 1000, 0, DIR | 01777 }, MODES_OWNER },
		{ &root, MODES_WAY, { 0, 0, DIR | 0777 }, MODES_OTHERS | MODES_TOLERATED },
		{ &root, MODES_WAY, { 0, 40, DIR | 02775 }, MODES_TOLERATED },
		{ &root, MODES_WAY, { 0, 1000, DIR | 02775 }, MODES_GROUP },
		{ &root, MODES_WAY, { 1000, 1000, DIR | 0755 }, MODES_OWNER },
		/* keys */
		{ &root, MODES_SECRET, { 0, 0, FILE_ | 0600 }, 0 },
		{ &root, MODES_SECRET, { 0, 0, FILE_ | 0644 }, MODES_READ },
		{ &root, MODES_SECRET, { 0, 0, FILE_ | 0640 }, MODES_READ },
		{ &root, MODES_SECRET, { 0, 0, FILE_ | 0602 }, MODES_OTHERS },
		/* an ordinary user, in private trees */
		{ &me, MODES_BELIEVED, { 1000, 1000, FILE_ | 0664 }, 0 },
		{ &me, MODES_BELIEVED, { 0, 0, FILE_ | 0644 }, 0 },
		{ &me, MODES_BELIEVED, { 1001, 1000, FILE_ | 0644 }, MODES_OWNER },
		{ &me, MODES_BELIEVED, { 1000, 1001, FILE_ | 0664 }, MODES_GROUP },
		{ &me, MODES_BELIEVED, { 1000, 1000, FILE_ | 0666 }, MODES_OTHERS },
		{ &me_in_users, MODES_BELIEVED, { 1000, 100, FILE_ | 0664 }, MODES_GROUP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (modes_judge(&cases[i].f, cases[i].u, cases[i].use) != cases[i].flaws)
			fail_msg("case %zu", i);
	}
}

static void assert_text(char *text, const char *wanted)
{
	assert_string_equal(text, wanted);
	free(text);
}

static void what_is_said(void **state)
{
	const struct modes_file f = { 1000, 40, FILE_ | 0666 };

	(void)state;
	assert_text(modes_text("/a", &f, MODES_OWNER), "/a (mode 0666) belongs to user 1000");
	assert_text(modes_text("/a", &f, MODES_OWNER | MODES_OTHERS | MODES_GROUP),
		    "/a (mode 0666) belongs to user 1000 and can be written by everybody");
	assert_text(modes_text("/a", &f, MODES_GROUP), "/a (mode 0666) can be written by group 40");
	assert_text(modes_text("/a", &f, MODES_READ),
		    "/a (mode 0666) can be read by others than its owner");
}

static void what_mends_it(void **state)
{
	(void)state;
	assert_text(modes_advice("/a", &root, MODES_OWNER, false), "chown root:root /a");
	assert_text(modes_advice("/a", &root, MODES_OWNER | MODES_GROUP, true),
		    "chown -R root:root /a && chmod -R go-w /a");
	assert_text(modes_advice("/a", &me, MODES_OWNER, false), "chown 1000 /a");
	assert_text(modes_advice("/key", &root, MODES_READ | MODES_OTHERS, false),
		    "chmod go= /key");
	assert_text(modes_advice("/it's; a\n", &root, MODES_GROUP, false),
		    "chmod go-w '/it'\\''s; a\n'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_judged),
		cmocka_unit_test(what_is_said),
		cmocka_unit_test(what_mends_it),
	};

	return cmocka_run_group_tests_name("modes", tests, NULL, NULL);
}
