/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/event.h"

#include "unit.h"

static int parse(const char *text, struct event *ret)
{
	return event_parse(text, strlen(text), ret, NULL);
}

static const char whole[] = "dkms-event 1\n"
			    "from apt\n"
			    "headers 6.1.0-56-amd64 added linux-headers-6.1.0-56-amd64 6.1.192-2\n"
			    "source foo-1.0 removed\n"
			    "complete source\n"
			    "end\n";

static void what_is_printed_is_what_was_read(void **state)
{
	AUTO_EVENT struct event e = EVENT_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(parse(whole, &e), 0);
	assert_int_equal(e.n, 2);
	assert_int_equal(e.items[0].kind, OWNED_HEADERS);
	assert_int_equal(e.items[1].change, EVENT_REMOVED);
	assert_null(e.items[1].package);
	assert_true(e.complete[OWNED_SOURCE]);
	assert_false(e.complete[OWNED_KERNEL]);
	assert_int_equal(e.warnings.n, 0);
	event_print(&e, &b);
	assert_string_equal(b.s, whole);
}

static void what_is_printed_can_be_read_again(void **state)
{
	AUTO_EVENT struct event e = EVENT_INIT, again = EVENT_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(parse("dkms-event 1\nfrom d%25x%20y\nphase last\nend\n", &e), 0);
	event_print(&e, &b);
	assert_int_equal(parse(b.s, &again), 0);
	assert_string_equal(again.from, "d%x y");
	assert_true(again.last);
	assert_int_equal(again.warnings.n, 0);
}

static void the_empty_text_is_the_empty_event(void **state)
{
	AUTO_EVENT struct event e = EVENT_INIT;

	(void)state;
	assert_int_equal(parse("", &e), 0);
	assert_int_equal(e.n, 0);
	assert_int_equal(e.warnings.n, 0);
}

static void odd_lines_make_their_kind_incomplete(void **state)
{
	static const char *const odd[] = {
		"source foo-1 vanished",   "source", "source a/b added", "source .. added",
		"source a added p v more",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		AUTO_EVENT struct event e = EVENT_INIT;
		AUTO_FREE char *text = xasprintf("dkms-event 1\n%s\nkernel 6.1 added\n"
						 "complete source\ncomplete kernel\nend\n",
						 odd[i]);

		assert_int_equal(parse(text, &e), 0);
		assert_int_equal(e.n, 1);
		assert_int_equal(e.warnings.n, 1);
		assert_false(e.complete[OWNED_SOURCE]);
		assert_true(e.complete[OWNED_KERNEL]);
	}
}

static void unknown_lines_are_told(void **state)
{
	AUTO_EVENT struct event e = EVENT_INIT;

	(void)state;
	assert_int_equal(parse("dkms-event 1\nfirmware x added\ncomplete source\nend\n", &e), 0);
	assert_int_equal(e.warnings.n, 1);
	assert_string_equal(e.warnings.v[0], "line 2: firmware: unknown, skipped");
	assert_true(e.complete[OWNED_SOURCE]);
}

static void nothing_is_complete_in_half_an_event(void **state)
{
	static const char *const half[] = {
		"dkms-event 1\ncomplete source\n",
		"dkms-event 2\ncomplete source\nend\n",
		"dkms-event 1\ncomplete source\n\x01\nend\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(half); i++) {
		AUTO_EVENT struct event e = EVENT_INIT;

		assert_int_equal(parse(half[i], &e), 0);
		assert_false(e.complete[OWNED_SOURCE]);
		assert_true(e.warnings.n > 0);
	}
}

static void other_texts_are_no_event(void **state)
{
	static const char *const bad[] = { "hello", "dkms-event", "dkms-event 1 2", "\xff\xfe" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_EVENT struct event e = EVENT_INIT;

		assert_int_equal(parse(bad[i], &e), -E_BAD_EVENT);
	}
}

static void add_owned(struct owners *l, enum owned_kind kind, const char *key, const char *from)
{
	struct owned o = { kind, xstrdup(key), xstrdup(from), xstrdup("p"), xstrdup("1") };

	ledger_put_owned(l, &o);
}

static void owners_follow_the_event(void **state)
{
	AUTO_OWNERS struct owners known = { 0 }, now = { 0 };
	AUTO_EVENT struct event e = EVENT_INIT;

	(void)state;
	add_owned(&known, OWNED_SOURCE, "old-1", "apt");
	add_owned(&known, OWNED_SOURCE, "other-1", "rpm");
	add_owned(&known, OWNED_KERNEL, "6.1", "apt");
	add_owned(&known, OWNED_KERNEL, "6.0", "apt");
	assert_int_equal(parse("dkms-event 1\nfrom apt\nsource new-1 added p 2\n"
			       "kernel 6.0 removed p 1\ncomplete source\nend\n",
			       &e),
			 0);
	event_merge_owners(&e, &known, &now);
	assert_null(ledger_owned(&now, OWNED_SOURCE, "old-1"));
	assert_non_null(ledger_owned(&now, OWNED_SOURCE, "other-1"));
	assert_string_equal(ledger_owned(&now, OWNED_SOURCE, "new-1")->version, "2");
	assert_non_null(ledger_owned(&now, OWNED_KERNEL, "6.1"));
	assert_null(ledger_owned(&now, OWNED_KERNEL, "6.0"));
}

static void a_kernels_hook_is_believed_about_its_kernel_only(void **state)
{
	static const char text[] = "dkms-event 1\n"
				   "from kernel\n"
				   "source foo-1.0 removed\n"
				   "source bar-2.0 present bar-dkms 2.0-1\n"
				   "kernel 6.1 removed p 1\n"
				   "headers 6.2 added\n"
				   "headers 6.2 present linux-headers-6.2 2\n"
				   "headers 6.3 present linux-headers-6.3 2\n"
				   "complete source\n"
				   "complete kernel\n"
				   "end\n";
	static const char known[] = "dkms-owners 1\n"
				    "kernel key=6.1 from=apt package=linux-image-6.1 version=1\n"
				    "headers key=6.1 from=apt package=linux-headers-6.1 version=1\n"
				    "headers key=6.2 from=apt package=linux-headers-6.2 version=1\n"
				    "source key=foo-1.0 from=apt package=foo-dkms version=1\n"
				    "end\n";
	AUTO_EVENT struct event e = EVENT_INIT;
	AUTO_OWNERS struct owners before = { 0 }, after = { 0 };

	(void)state;
	assert_int_equal(parse(text, &e), 0);
	assert_true(e.kernel_only);
	assert_int_equal(e.warnings.n, 1);
	assert_non_null(strstr(e.warnings.v[0], "foo-1.0"));
	assert_int_equal(e.n, 5);
	assert_true(event_lists_source(&e, "bar-2.0"));
	assert_false(event_lists_source(&e, "foo-1.0"));
	for (size_t i = 0; i < EVENT_KINDS; i++)
		assert_false(e.complete[i]);
	assert_int_equal(event_kernel(&e, "6.1")->change, EVENT_REMOVED);
	assert_int_equal(event_kernel(&e, "6.2")->change, EVENT_ADDED);
	assert_null(event_kernel(&e, "6.3"));

	assert_int_equal(ledger_parse(LEDGER_OWNERS, known, strlen(known), &before, NULL), 0);
	event_merge_owners(&e, &before, &after);
	assert_null(ledger_owned(&after, OWNED_KERNEL, "6.1"));
	assert_null(ledger_owned(&after, OWNED_HEADERS, "6.1"));
	assert_string_equal(ledger_owned(&after, OWNED_HEADERS, "6.2")->version, "2");
	assert_non_null(ledger_owned(&after, OWNED_SOURCE, "foo-1.0"));
	assert_string_equal(ledger_owned(&after, OWNED_SOURCE, "bar-2.0")->package, "bar-dkms");
	assert_int_equal(after.n, 4);
}

static void who_makes_an_initramfs_later_is_heard(void **state)
{
	static const char text[] = "dkms-event 1\n"
				   "from pacman\n"
				   "complete kernel\n"
				   "initramfs 6.1 follows\n"
				   "end\n";
	static const char odd[] = "dkms-event 1\n"
				  "initramfs 6.1 precedes\n"
				  "initramfs 6.1\n"
				  "initramfs ../6.1 follows\n"
				  "complete kernel\n"
				  "end\n";
	AUTO_EVENT struct event e = EVENT_INIT, o = EVENT_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(parse(text, &e), 0);
	assert_true(strv_has(&e.initramfs_follows, "6.1"));
	event_print(&e, &b);
	assert_string_equal(b.s, text);
	assert_int_equal(parse(odd, &o), 0);
	assert_int_equal(o.initramfs_follows.n, 0);
	assert_int_equal(o.warnings.n, 3);
	assert_true(o.complete[OWNED_KERNEL]);
}

static void nothing_is_gone_in_the_middle(void **state)
{
	static const char text[] = "dkms-event 1\n"
				   "from apt\n"
				   "headers 6.1 unready p 1\n"
				   "phase middle\n"
				   "end\n";
	AUTO_OWNERS struct owners known = { 0 }, now = { 0 };
	AUTO_EVENT struct event e = EVENT_INIT, gone = EVENT_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(parse(text, &e), 0);
	assert_true(e.middle);
	assert_true(event_headers_unready(&e, "6.1"));
	assert_false(event_headers_unready(&e, "6.2"));
	event_print(&e, &b);
	assert_string_equal(b.s, text);
	add_owned(&known, OWNED_SOURCE, "old-1", "apt");
	add_owned(&known, OWNED_SOURCE, "other-1", "apt");
	assert_int_equal(parse("dkms-event 1\nphase middle\nfrom apt\nsource new-1 present p 2\n"
			       "source old-1 removed p 1\ncomplete source\nend\n",
			       &gone),
			 0);
	assert_int_equal(gone.n, 1);
	assert_int_equal(gone.warnings.n, 1);
	assert_false(gone.complete[OWNED_SOURCE]);
	event_merge_owners(&gone, &known, &now);
	assert_int_equal(now.n, 3);
}

static void the_phase_has_three_names(void **state)
{
	static const struct {
		const char *text;
		bool middle;
		size_t warnings;
	} cases[] = {
		{ "from apt\n", false, 0 },
		{ "from boot\n", false, 0 },
		{ "from kernel\n", true, 0 },
		{ "from kernel\nphase settled\n", false, 0 },
		{ "phase settled\nfrom kernel\n", false, 0 },
		{ "from kernel\nphase middle\n", true, 0 },
		{ "from kernel\nphase last\n", false, 0 },
		{ "from apt\nphase end\n", false, 1 },
		{ "from apt\nphase\n", false, 1 },
		{ "source foo-1 unready p 1\n", false, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_EVENT struct event e = EVENT_INIT;
		AUTO_FREE char *text = xasprintf("dkms-event 1\n%send\n", cases[i].text);

		assert_int_equal(parse(text, &e), 0);
		assert_int_equal(e.middle, cases[i].middle);
		assert_int_equal(e.warnings.n, cases[i].warnings);
		assert_int_equal(e.last, strstr(text, "last") != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_is_what_was_read),
		cmocka_unit_test(the_empty_text_is_the_empty_event),
		cmocka_unit_test(what_is_printed_can_be_read_again),
		cmocka_unit_test(odd_lines_make_their_kind_incomplete),
		cmocka_unit_test(unknown_lines_are_told),
		cmocka_unit_test(nothing_is_complete_in_half_an_event),
		cmocka_unit_test(other_texts_are_no_event),
		cmocka_unit_test(owners_follow_the_event),
		cmocka_unit_test(a_kernels_hook_is_believed_about_its_kernel_only),
		cmocka_unit_test(who_makes_an_initramfs_later_is_heard),
		cmocka_unit_test(nothing_is_gone_in_the_middle),
		cmocka_unit_test(the_phase_has_three_names),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
