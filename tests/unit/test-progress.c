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

static void counts_what_has_begun(void **state)
{
	struct progress p = PROGRESS_INIT;
	struct step a = build("a", "6.1"), b = build("b", "6.1");
	struct step other = { .kind = STEP_INSTALL, .id = { (char *)"a", (char *)"1.0" } };
	AUTO_BUF struct buf text = BUF_INIT;

	(void)state;
	p.total = 3;
	progress_step(&p, RUN_BEGIN, &a);
	progress_step(&p, RUN_BEGIN, &b);
	progress_step(&p, RUN_BEGIN, &other);
	progress_text(&p, 62999, 200, &text);
	assert_string_equal(text.s, "Building 2 of 3, 1:02: a/1.0 for 6.1, b/1.0 for 6.1");
	progress_step(&p, RUN_END, &a);
	progress_step(&p, RUN_END, &other);
	buf_reset(&text);
	progress_text(&p, 63000, 200, &text);
	assert_string_equal(text.s, "Building 2 of 3, 1:03: b/1.0 for 6.1");
	progress_release(&p);
}

static void is_never_wider_than_the_terminal(void **state)
{
	struct progress p = PROGRESS_INIT;
	struct step a = build("a-rather-long-name", "6.1.0-56-cloud-amd64");
	AUTO_BUF struct buf text = BUF_INIT;

	(void)state;
	p.total = 1;
	progress_step(&p, RUN_BEGIN, &a);
	buf_adds(&text, "before ");
	progress_text(&p, 0, 20, &text);
	assert_string_equal(text.s, "before Building 1 of 1, 0:0");
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
	progress_open(&p, f, &plan);
	assert_int_equal(p.total, 1);
	progress_step(&p, RUN_BEGIN, &steps[0]);
	progress_step(&p, RUN_TICK, NULL);
	progress_hide(&p);
	assert_int_equal(ftell(f), 0);
	progress_release(&p);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_has_begun),
		cmocka_unit_test(is_never_wider_than_the_terminal),
		cmocka_unit_test(needs_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
