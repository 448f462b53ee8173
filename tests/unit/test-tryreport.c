/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/tryreport.h"

#include "test.h"

#include <string.h>

#include "base/alloc.h"

/* hello/1.0, built for K1, failed for K2 with this line, excluded on K3. */
static void make_tries(struct tries *t, const char *line)
{
	static const enum try_state states[] = { TRY_BUILT, TRY_FAILED, TRY_EXCLUDED };

	*t = (struct tries)TRIES_INIT;
	t->id = (struct modid){ xstrdup("hello"), xstrdup("1.0") };
	t->arch = xstrdup("x86_64");
	t->scratch = xstrdup("/tmp/dkms-try-x");
	t->n = t->ended = 3;
	t->v = xcalloc(t->n, sizeof(*t->v));
	for (size_t i = 0; i < t->n; i++)
		t->v[i] = (struct try_result){ .release = xasprintf("6.%zu", i),
					       .state = states[i],
					       .msec = 1500 * i,
					       .lines = STRV_INIT,
					       .modules = STRV_INIT };
	strv_add(&t->v[0].modules, "a.ko");
	strv_add(&t->v[0].modules, "b.ko");
	t->v[1].cause = xstrdup("api-removed");
	strv_add(&t->v[1].lines, line);
	t->v[2].reason = xstrdup("MIN=7 is above 6.2");
}

static void matrix(void **state)
{
	AUTO_TRIES struct tries t;
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_FREE char *line = NULL;

	(void)state;
	make_tries(&t, "a.c:1: error: no");
	tryreport_text(&t, &b);
	assert_string_equal(b.s, "hello/1.0 (x86_64)\n"
				 "  6.0  built     a.ko b.ko\n"
				 "  6.1  failed    api-removed: a.c:1: error: no\n"
				 "  6.2  excluded  MIN=7 is above 6.2\n"
				 "1 built, 1 failed, 1 excluded. Logs: /tmp/dkms-try-x\n");
	line = tryreport_line(&t, &t.v[1]);
	assert_string_equal(line, "hello/1.0 for 6.1: failed (3 of 3, 2 s): a.c:1: error: no");
}

static char *a_log(const struct try_result *r, void *data)
{
	(void)r;
	return xstrdup(data);
}

static void junit(void **state)
{
	static char log[] = "make\n\033[1mx\xff\xef\xbf\xbf & <b>\n";
	AUTO_TRIES struct tries t;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	make_tries(&t, "a.c:1: error: '\"x\" & <y>'");
	tryreport_junit(&t, a_log, log, &b);
	assert_string_equal(
		b.s,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\">\n"
		"\t<testsuite name=\"hello/1.0\" tests=\"3\" failures=\"1\" errors=\"0\" "
		"skipped=\"1\" time=\"4.500\">\n"
		"\t\t<testcase classname=\"hello/1.0\" name=\"6.0\" time=\"0.000\"/>\n"
		"\t\t<testcase classname=\"hello/1.0\" name=\"6.1\" time=\"1.500\">\n"
		"\t\t\t<failure message=\"a.c:1: error: '&quot;x&quot; &amp; &lt;y&gt;'\" "
		"type=\"api-removed\">a.c:1: error: '&quot;x&quot; &amp; &lt;y&gt;'</failure>\n"
		"\t\t\t<system-out>make\n?[1mx\xef\xbf\xbd? &amp; &lt;b&gt;\n</system-out>\n"
		"\t\t</testcase>\n"
		"\t\t<testcase classname=\"hello/1.0\" name=\"6.2\" time=\"3.000\">\n"
		"\t\t\t<skipped message=\"MIN=7 is above 6.2\"/>\n"
		"\t\t</testcase>\n"
		"\t</testsuite>\n</testsuites>\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matrix),
		cmocka_unit_test(junit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
