/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/progress.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct step build(const char *name, const char *release)
{
	return (struct step){
		.kind = STEP_BUILD,
		.id = { (char *)name, (char *)"1.0" },
		.release = (char *)release,
	};
}

static void counts_done_and_running(void **state)
{
	struct progress p = PROGRESS_INIT;
	struct step a = build("a", "6.1"), b = build("b", "6.1"), c = build("c", "6.1");
	struct step other = { .kind = STEP_INSTALL, .id = { (char *)"a", (char *)"1.0" } };
	struct run_step good = { .state = RUN_DONE }, bad = { .state = RUN_FAILED };
	AUTO_BUF struct buf text = BUF_INIT;

	(void)state;
	p.total = 3;
	progress_step(&p, RUN_BEGIN, &a, NULL);
	progress_step(&p, RUN_BEGIN, &b, NULL);
	progress_step(&p, RUN_BEGIN, &other, NULL);
	progress_text(&p, 62999, 200, &text);
	assert_string_equal(text.s, "0 of 3 done, 2 running, 1:02: a/1.0 for 6.1, b/1.0 for 6.1");
	progress_step(&p, RUN_END, &a, &good);
	progress_step(&p, RUN_END, &other, &good);
	buf_reset(&text);
	progress_text(&p, 63000, 200, &text);
	assert_string_equal(text.s, "1 of 3 done, 1 running, 1:03: b/1.0 for 6.1");
	/* c could not begin. */
	progress_step(&p, RUN_END, &c, &bad);
	buf_reset(&text);
	progress_text(&p, 63000, 200, &text);
	assert_string_equal(text.s, "2 of 3 done (1 failed), 1 running, 1:03: b/1.0 for 6.1");
	progress_release(&p);
}

/* Without a live line nobody waits for 30 seconds in silence; after the last build all is said. */
static void breaks_a_silence(void **state)
{
	struct progress p = PROGRESS_INIT;
	struct step a = build("a", "6.1");
	struct run_step good = { .state = RUN_DONE };
	uint64_t now;

	(void)state;
	p.total = 1;
	progress_step(&p, RUN_BEGIN, &a, NULL);
	progress_hide(&p);
	now = p.spoke;
	assert_false(progress_is_due(&p, now));
	assert_false(progress_is_due(&p, now + PROGRESS_SILENCE - 1));
	assert_true(progress_is_due(&p, now + PROGRESS_SILENCE));
	assert_true(PROGRESS_SILENCE + 1000 * RUN_TICK_SECONDS < 30000);
	p.spoke = now + 20000;
	assert_false(progress_is_due(&p, now + PROGRESS_SILENCE));
	progress_step(&p, RUN_END, &a, &good);
	assert_false(progress_is_due(&p, now + 100000));
	progress_release(&p);
}

static void is_never_wider_than_the_terminal(void **state)
{
	struct progress p = PROGRESS_INIT;
	struct step a = build("a-rather-long-name", "6.1.0-56-cloud-amd64");
	AUTO_BUF struct buf text = BUF_INIT;

	(void)state;
	p.total = 1;
	progress_step(&p, RUN_BEGIN, &a, NULL);
	buf_adds(&text, "before ");
	progress_text(&p, 0, 20, &text);
	assert_string_equal(text.s, "before 0 of 1 done, 1 runni");
	progress_release(&p);
}

/* A depmod or an initramfs that takes long is told as well. */
static void tells_what_else_takes_long(void **state)
{
	struct progress p = PROGRESS_INIT;
	struct step s = { .kind = STEP_INITRAMFS, .release = (char *)"6.1" };
	struct run_step good = { .state = RUN_DONE };
	AUTO_BUF struct buf text = BUF_INIT;

	(void)state;
	progress_step(&p, RUN_BEGIN, &s, NULL);
	progress_hide(&p);
	assert_false(progress_is_due(&p, p.spoke + PROGRESS_SILENCE - 1));
	assert_true(progress_is_due(&p, p.spoke + PROGRESS_SILENCE));
	progress_message(&p, p.since + 62000, &text);
	assert_string_equal(text.s, "still at work, 1:02: initramfs 6.1");
	progress_step(&p, RUN_END, &s, &good);
	assert_false(progress_is_due(&p, p.spoke + PROGRESS_SILENCE));
	progress_release(&p);
}

/* In a pipe or a file nothing is drawn, however much happens. */
static void needs_a_terminal(void **state)
{
	struct step steps[] = { build("a", "6.1") };
	struct plan plan = { .steps = steps, .n = 1 };
	struct progress p = PROGRESS_INIT;
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	setenv("TERM", "xterm", 1);
	progress_open(&p, &plan);
	progress_draw_on(&p, f);
	assert_int_equal(p.total, 1);
	progress_step(&p, RUN_BEGIN, &steps[0], NULL);
	progress_step(&p, RUN_TICK, NULL, NULL);
	progress_hide(&p);
	assert_int_equal(ftell(f), 0);
	progress_release(&p);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_done_and_running),
		cmocka_unit_test(breaks_a_silence),
		cmocka_unit_test(tells_what_else_takes_long),
		cmocka_unit_test(is_never_wider_than_the_terminal),
		cmocka_unit_test(needs_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
