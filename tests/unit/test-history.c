/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history: entries and their lines, runs put together, the file and its bound. */
#include "run/history.h"

#include "unit.h"

#include "disk.h"
#include "run/historyjson.h"

#define LOG "/var/log/dkms/history.json"

static struct history_entry entry(enum history_line line, const char *run, int64_t time)
{
	struct history_entry e = HISTORY_ENTRY_INIT;

	e.line = line;
	e.run = xstrdup(run);
	e.time = time;
	e.cause.uid = 1000;
	e.cause.command = xstrdup("dkms event");
	return e;
}

static struct history_entry step(const char *run, uint64_t number, const char *name,
				 enum history_result result)
{
	struct history_entry e = entry(HISTORY_STEP, run, 1000);

	e.step.number = number;
	e.step.time = e.time;
	e.step.kind = xstrdup("build");
	e.step.name = xstrdup(name);
	e.step.version = xstrdup("1.0");
	e.step.release = xstrdup("6.1.0-1-amd64");
	e.step.arch = xstrdup("x86_64");
	e.step.result = result;
	return e;
}

static void add(struct history *h, struct history_entry e)
{
	assert_true(history_add(h, &e));
	history_entry_release(&e);
}

/* ---- lines ---- */

static void a_line_comes_back_as_it_was(void **state)
{
	AUTO_HISTORY_ENTRY struct history_entry e = step("r1", 3, "foo", HISTORY_FAILED), back;
	AUTO_BUF struct buf line = BUF_INIT, again = BUF_INIT;

	(void)state;
	e.cause.user = xstrdup("anna");
	e.cause.from = xstrdup("apt");
	e.cause.packages = xcalloc(1, sizeof(*e.cause.packages));
	e.cause.n = 1;
	e.cause.packages[0].kind = xstrdup("source");
	e.cause.packages[0].package = xstrdup("foo-dkms");
	e.step.msec = 1234;
	e.step.status = 10;
	e.step.reason = xstrdup("asked \"for\"\nor not");
	e.step.error = xstrdup("");
	strv_add(&e.step.lines, "foo.c:1: error");
	e.step.log = xstrdup("/var/lib/dkms/x");
	history_entry_print(&e, &line);
	assert_int_equal(strchr(line.s, '\n') - line.s, line.len - 1);
	assert_int_equal(history_entry_parse(line.s, line.len - 1, &back), 0);
	assert_string_equal(back.step.reason, e.step.reason);
	assert_string_equal(back.cause.packages[0].package, "foo-dkms");
	assert_null(back.cause.packages[0].version);
	assert_int_equal(back.step.number, 3);
	history_entry_print(&back, &again);
	assert_string_equal(line.s, again.s);
	history_entry_release(&back);
}

static void long_and_odd_texts_keep_a_line_short_and_valid(void **state)
{
	AUTO_HISTORY_ENTRY struct history_entry e = step("r1", 1, "foo", HISTORY_FAILED), back;
	AUTO_BUF struct buf line = BUF_INIT, huge = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addch(&huge, (char)(1 + i % 255));
	e.step.error = xstrdup(huge.s);
	e.step.reason = xstrdup(huge.s);
	e.cause.packages = xcalloc(1000, sizeof(*e.cause.packages));
	e.cause.n = 1000;
	for (int i = 0; i < 1000; i++) {
		e.cause.packages[i].package = xstrdup(huge.s);
		strv_add(&e.step.lines, huge.s);
	}
	history_entry_print(&e, &line);
	assert_true(line.len < HISTORY_LINE_MAX);
	assert_int_equal(history_entry_parse(line.s, line.len - 1, &back), 0);
	assert_int_equal(back.step.lines.n, HISTORY_LINES_MAX);
	assert_int_equal(back.cause.n, HISTORY_PACKAGES_MAX);
	assert_int_equal(back.cause.left_out, 1000 - HISTORY_PACKAGES_MAX);
	history_entry_release(&back);
}

static void what_is_no_entry_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"null",
		"[]",
		"7",
		"{}",
		"{\"schema\":1}",
		"{\"schema\":1,\"line\":\"end\",\"time\":\"2026-11-21T22:01:02Z\"}",
		"{\"schema\":1,\"line\":\"end\",\"run\":\"\",\"time\":\"2026-11-21T22:01:02Z\"}",
		"{\"schema\":1,\"line\":\"end\",\"run\":[],\"time\":\"2026-11-21T22:01:02Z\"}",
		"{\"schema\":1,\"line\":\"end\",\"run\":\"r\",\"time\":\"yesterday\"}",
		"{\"schema\":1,\"line\":\"end\",\"run\":\"r\",\"time\":5}",
		"{\"schema\":1,\"line\":\"dance\",\"run\":\"r\",\"time\":\"2026-11-21T22:01:02Z\"}",
		"{\"schema\":2,\"line\":\"end\",\"run\":\"r\",\"time\":\"2026-11-21T22:01:02Z\"}",
		"{\"schema\":1,\"line\":\"step\",\"run\":\"r\",\"time\":\"2026-11-21T22:01:02Z\"}",
		"{\"schema\":1,\"line\":\"end\",\"run\":\"r\",\"time\":\"2026-11-21T22:01:02Z\"}x",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct history_entry e;

		assert_int_equal(history_entry_parse(bad[i], strlen(bad[i]), &e), -EBADMSG);
	}
}

static void members_of_a_wrong_type_are_as_if_null(void **state)
{
	static const char odd[] =
		"{\"schema\":1,\"line\":\"end\",\"run\":\"r\",\"time\":\"2026-11-21T22:01:02Z\","
		"\"packages\":[7,{\"package\":[]},null],\"uid\":\"x\",\"status\":{},\"msec\":null,"
		"\"interrupted\":1,\"command\":3,\"more\":true}";
	AUTO_HISTORY_ENTRY struct history_entry e;

	(void)state;
	assert_int_equal(history_entry_parse(odd, strlen(odd), &e), 0);
	assert_int_equal(e.cause.n, 1);
	assert_null(e.cause.packages[0].package);
	assert_int_equal(e.cause.uid, -1);
	assert_int_equal(e.time, 1795298462);
	assert_false(e.interrupted);
	assert_null(e.cause.command);
}

/* A line damaged by disk or hand is read or refused, and does no other harm. */
static void no_damage_does_harm(void **state)
{
	AUTO_HISTORY_ENTRY struct history_entry e = step("r1", 1, "foo", HISTORY_DONE);
	AUTO_BUF struct buf line = BUF_INIT;
	AUTO_HISTORY struct history h = HISTORY_INIT;
	unsigned int seed = 1;

	(void)state;
	strv_add(&e.step.lines, "one \xe2\x80\x98two\xe2\x80\x99");
	history_entry_print(&e, &line);
	for (int i = 0; i < 20000; i++) {
		AUTO_FREE char *copy = xstrdup(line.s);
		size_t len = line.len - 1;
		struct history_entry back;

		for (int k = rand_r(&seed) % 4; k >= 0; k--)
			copy[(size_t)rand_r(&seed) % len] = (char)rand_r(&seed);
		len -= i % 3 ? 0 : (size_t)rand_r(&seed) % len;
		if (history_entry_parse(copy, len, &back) < 0)
			continue;
		history_add(&h, &back);
		history_entry_release(&back);
	}
	assert_true(h.n > 0);
	history_sort(&h);
}

/* ---- runs ---- */

static void entries_become_runs(void **state)
{
	AUTO_HISTORY struct history h = HISTORY_INIT;
	struct history_entry e;

	(void)state;
	add(&h, entry(HISTORY_BEGIN, "r1", 100));
	add(&h, entry(HISTORY_BEGIN, "r2", 200));
	add(&h, step("r1", 2, "bar", HISTORY_DONE));
	add(&h, step("r2", 1, "foo", HISTORY_DONE));
	add(&h, step("r1", 1, "foo", HISTORY_DONE));
	add(&h, step("r1", 2, "bar", HISTORY_FAILED)); /* taken back */
	e = entry(HISTORY_END, "r1", 101);
	e.status = 6;
	add(&h, e);
	history_sort(&h);
	assert_int_equal(h.n, 2);
	assert_string_equal(h.runs[0].id, "r2");
	assert_int_equal(h.runs[0].ended, -1);
	assert_int_equal(history_state(&h.runs[0], true), HISTORY_RUNNING);
	assert_int_equal(history_state(&h.runs[0], false), HISTORY_STOPPED);
	assert_int_equal(h.runs[1].n, 2);
	assert_string_equal(h.runs[1].steps[0].name, "foo");
	assert_int_equal(h.runs[1].steps[1].result, HISTORY_FAILED);
	assert_int_equal(history_state(&h.runs[1], false), HISTORY_HAS_FAILED);
}

static void filters(void **state)
{
	AUTO_HISTORY struct history h = HISTORY_INIT;
	AUTO_STRV struct strv kernels = STRV_INIT;
	struct history_filter all = { 0 }, f;
	const struct history_run *r;

	(void)state;
	add(&h, entry(HISTORY_BEGIN, "20261121T220102-1", 100));
	add(&h, step("20261121T220102-1", 1, "foo", HISTORY_DONE));
	add(&h, step("20261121T220102-1", 2, "bar", HISTORY_FAILED));
	add(&h, entry(HISTORY_END, "20261121T220102-1", 101));
	r = &h.runs[0];
	assert_true(history_run_fits(r, &all, HISTORY_OK));
	f = (struct history_filter){ .name = "foo", .version = "1.*" };
	assert_true(history_run_fits(r, &f, HISTORY_HAS_FAILED));
	f.failed = true; /* another step failed */
	assert_false(history_run_fits(r, &f, HISTORY_HAS_FAILED));
	f.name = "bar";
	assert_true(history_run_fits(r, &f, HISTORY_HAS_FAILED));
	f = (struct history_filter){ .name = "fo" };
	assert_false(history_run_fits(r, &f, HISTORY_OK));
	f = (struct history_filter){ .run = "20261121T" };
	assert_true(history_run_fits(r, &f, HISTORY_OK));
	f.run = "20261122T";
	assert_false(history_run_fits(r, &f, HISTORY_OK));
	f = (struct history_filter){ .since = 101 };
	assert_false(history_run_fits(r, &f, HISTORY_OK));
	f.since = 100;
	assert_true(history_run_fits(r, &f, HISTORY_OK));
	f = (struct history_filter){ .failed = true };
	assert_false(history_run_fits(r, &f, HISTORY_OK));
	assert_true(history_run_fits(r, &f, HISTORY_STOPPED));
	strv_add(&kernels, "5.10");
	f = (struct history_filter){ .kernels = &kernels };
	assert_false(history_run_fits(r, &f, HISTORY_OK));
	strv_add(&kernels, "6.1.0-*");
	assert_true(history_run_fits(r, &f, HISTORY_OK));
}

/* Refused commands and what scripts only asked for are no runs, unless they are named. */
static void selection(void **state)
{
	AUTO_HISTORY struct history h = HISTORY_INIT;
	enum history_state states[4] = { HISTORY_OK, HISTORY_REFUSED, HISTORY_OK, HISTORY_OK };
	struct history_entry refused = entry(HISTORY_END, "r2", 101), ask = step("r3", 1, "foo", 0);
	struct history_filter f = { 0 };

	(void)state;
	add(&h, step("r1", 1, "foo", HISTORY_DONE));
	refused.refused = true;
	add(&h, refused);
	assert_int_equal(history_state(&h.runs[1], false), HISTORY_REFUSED);
	free(ask.step.kind);
	ask.step.kind = xstrdup("request");
	ask.cause.caller = xstrdup("apt-get install foo");
	add(&h, ask);
	add(&h, step("r4", 1, "foo", HISTORY_DONE));
	f.run = "r3";
	assert_true(history_run_fits(&h.runs[2], &f, HISTORY_OK));
	f = (struct history_filter){ .refused = true };
	assert_true(history_run_fits(&h.runs[1], &f, HISTORY_REFUSED));
	assert_false(history_run_fits(&h.runs[0], &f, HISTORY_OK));
	f.refused = false;
	history_select(&h, states, &f, 2);
	assert_int_equal(h.n, 2);
	assert_string_equal(h.runs[0].id, "r1");
	assert_string_equal(h.runs[1].id, "r4");
	history_select(&h, states, &f, 1);
	assert_int_equal(h.n, 1);
	assert_string_equal(h.runs[0].id, "r1");
}

static void run_ids(void **state)
{
	(void)state;
	assert_true(history_is_run_id("20261121T220102-4711"));
	assert_true(history_is_run_id("20261121T"));
	assert_false(history_is_run_id("20261121"));
	assert_false(history_is_run_id("v4l2loopback"));
	assert_false(history_is_run_id(NULL));
	assert_false(history_is_run_id("20261121Tx"));
}

/* ---- the file ---- */

static struct plan one_step(void)
{
	struct plan p = { 0 };
	struct modid id = { (char *)"foo", (char *)"1.0" };

	plan_add(&p, STEP_BUILD, &id, "6.1.0-1-amd64", "x86_64", "asked for");
	return p;
}

/* Write a run of one step; false if that failed. */
static bool run_once(struct disk *d, enum run_state end)
{
	AUTO_PLAN struct plan p = one_step();
	struct history_writer w;
	struct run_step result = {
		.state = end, .build = BUILD_RESULT_INIT, .warnings = STRV_INIT, .msec = 5
	};
	struct run run = { .e = &d->e, .p = &p, .steps = &result };
	bool written;

	history_begin(&w, &d->e, &p, "dkms build foo/1.0", NULL);
	if (end != RUN_NOT_DONE)
		history_step(&w, &p.steps[0], &result);
	history_end(&w, &run, NULL, 0);
	written = w.active;
	history_writer_release(&w);
	return written;
}

static void load(struct disk *d, struct history *ret)
{
	AUTO_ERR struct err err = ERR_INIT;

	assert_int_equal(history_load(&d->e, ret, &err), 0);
}

static void a_run_can_be_read_again(void **state)
{
	struct disk *d = *state;
	AUTO_HISTORY struct history h = HISTORY_INIT;

	load(d, &h);
	assert_int_equal(h.n, 0);
	assert_true(run_once(d, RUN_DONE));
	load(d, &h);
	assert_int_equal(h.n, 1);
	assert_int_equal(h.bad, 0);
	assert_string_equal(h.runs[0].id, "test");
	assert_string_equal(h.runs[0].cause.command, "dkms build foo/1.0");
	assert_int_equal(h.runs[0].n, 1);
	assert_string_equal(h.runs[0].steps[0].kind, "build");
	assert_string_equal(h.runs[0].steps[0].log,
			    "/var/lib/dkms/foo/1.0/6.1.0-1-amd64/x86_64/log/make.log");
	assert_int_equal(history_state_now(&h.runs[0]), HISTORY_OK);
}

static void what_was_not_done_is_told_at_the_end(void **state)
{
	struct disk *d = *state;
	AUTO_HISTORY struct history h = HISTORY_INIT;

	assert_true(run_once(d, RUN_NOT_DONE));
	load(d, &h);
	assert_int_equal(h.runs[0].n, 1);
	assert_int_equal(h.runs[0].steps[0].result, HISTORY_NOT_DONE);
}

static void nothing_to_do_leaves_no_trace(void **state)
{
	struct disk *d = *state;
	AUTO_PLAN struct plan p = { 0 };
	struct modid id = { (char *)"foo", (char *)"1.0" };
	struct history_writer w;
	struct run run = { .e = &d->e, .p = &p };

	plan_add(&p, STEP_SKIP, &id, NULL, NULL, "is added already");
	history_begin(&w, &d->e, &p, "dkms add foo/1.0", NULL);
	history_end(&w, &run, NULL, 0);
	history_writer_release(&w);
	assert_false(fs_exists(&d->e.root, "/var/log"));
}

static void a_history_that_cannot_be_written_fails_nothing(void **state)
{
	struct disk *d = *state;

	disk_dir(d, LOG);
	assert_false(run_once(d, RUN_DONE));
	disk_remove(d, LOG);
	disk_file(d, "/var/log/dkms.file", "");
	assert_true(run_once(d, RUN_DONE));
}

static void damaged_lines_are_left_out_and_counted(void **state)
{
	struct disk *d = *state;
	AUTO_HISTORY struct history h = HISTORY_INIT;

	disk_file(d, LOG, "garbage\n\n{\"schema\":1}\n{\"schema\":1,\"line\":\"be");
	assert_true(run_once(d, RUN_DONE));
	load(d, &h);
	assert_int_equal(h.n, 1);
	assert_int_equal(h.bad, 3);
	history_release(&h);
	disk_file(d, LOG, "{\"schema\":1,\"line\":\"be");
	load(d, &h);
	assert_int_equal(h.n, 0);
	assert_int_equal(h.bad, 0); /* may be a line that is being written */
}

static void the_files_keep_to_their_bound(void **state)
{
	struct disk *d = *state;
	AUTO_HISTORY struct history h = HISTORY_INIT;
	AUTO_BUF struct buf fill = BUF_INIT;
	struct stat st;

	while (fill.len < HISTORY_MAX - 100)
		buf_adds(&fill, "{\"schema\":1,\"line\":\"end\",\"run\":\"old\","
				"\"time\":\"2026-11-21T22:01:02Z\"}\n");
	disk_file(d, LOG, fill.s);
	disk_file(d, LOG ".1", "older\n");
	assert_true(run_once(d, RUN_DONE));
	assert_int_equal(fs_stat(&d->e.root, LOG, &st), 0);
	assert_true(st.st_size < 10000);
	assert_int_equal(fs_stat(&d->e.root, LOG ".1", &st), 0);
	assert_int_equal(st.st_size, fill.len);
	load(d, &h);
	assert_int_equal(h.n, 2);
	assert_string_equal(h.runs[1].id, "old");
}

static void a_tree_of_ones_own_has_its_own_history(void **state)
{
	struct disk *d = *state;
	char *path = history_path(&d->e);

	assert_string_equal(path, LOG);
	free(path);
	settings_set(&d->e.settings, SET_DKMS_TREE, "/opt/tree", "command line");
	path = history_path(&d->e);
	assert_string_equal(path, "/var/lib/dkms/.native/history.json"); /* the disk's dkms_tree */
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_comes_back_as_it_was),
		cmocka_unit_test(long_and_odd_texts_keep_a_line_short_and_valid),
		cmocka_unit_test(what_is_no_entry_is_refused),
		cmocka_unit_test(members_of_a_wrong_type_are_as_if_null),
		cmocka_unit_test(no_damage_does_harm),
		cmocka_unit_test(entries_become_runs),
		cmocka_unit_test(filters),
		cmocka_unit_test(selection),
		cmocka_unit_test(run_ids),
		DISK_TEST(a_run_can_be_read_again),
		DISK_TEST(what_was_not_done_is_told_at_the_end),
		DISK_TEST(nothing_to_do_leaves_no_trace),
		DISK_TEST(a_history_that_cannot_be_written_fails_nothing),
		DISK_TEST(damaged_lines_are_left_out_and_counted),
		DISK_TEST(the_files_keep_to_their_bound),
		DISK_TEST(a_tree_of_ones_own_has_its_own_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
