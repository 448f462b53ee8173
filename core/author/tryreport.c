/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/tryreport.h"

#include "base/alloc.h"
#include "base/text.h"

/* The most bytes of a log in the document: more would be of no use on a web page. */
#define JUNIT_TEXT_MAX (64U << 10)

static unsigned long long tryreport_seconds(uint64_t msec)
{
	return (unsigned long long)((msec + 500) / 1000);
}

char *tryreport_line(const struct tries *t, const struct try_result *r)
{
	const char *why = r->state == TRY_FAILED && r->lines.n ? r->lines.v[0] : r->reason;

	return xasprintf("%s/%s for %s: %s (%zu of %zu, %llu s)%s%s", t->id.name, t->id.version,
			 r->release, try_state_name(r->state), t->ended, t->n,
			 tryreport_seconds(r->msec), why ? ": " : "", why ? why : "");
}

/* ---- text ---- */

static void tryreport_row(const struct try_result *r, int width, struct buf *b)
{
	AUTO_FREE char *modules = strv_join(&r->modules, " ");

	buf_addf(b, "  %-*s  %-9s", width, r->release, try_state_name(r->state));
	if (r->state == TRY_BUILT)
		buf_addf(b, " %s\n", modules);
	else if (r->state == TRY_FAILED)
		buf_addf(b, " %s%s%s\n", r->cause ? r->cause : "", r->cause ? ": " : "",
			 r->lines.n ? r->lines.v[0] : "");
	else
		buf_addf(b, " %s\n", r->reason ? r->reason : "");
}

void tryreport_text(const struct tries *t, struct buf *b)
{
	size_t width = 0;

	for (size_t i = 0; i < t->n; i++) {
		size_t n = strlen(t->v[i].release);

		width = n > width ? n : width;
	}
	buf_addf(b, "%s/%s (%s)\n", t->id.name, t->id.version, t->arch);
	for (size_t i = 0; i < t->n; i++)
		tryreport_row(&t->v[i], (int)width, b);
	buf_addf(b, "%zu built, %zu failed, %zu excluded.", try_count(t, TRY_BUILT),
		 try_count(t, TRY_FAILED), try_count(t, TRY_EXCLUDED));
	if (t->scratch && try_count(t, TRY_FAILED))
		buf_addf(b, " Logs: %s", t->scratch);
	buf_addch(b, '\n');
}

/* ---- JUnit ---- */

/*
 * XML cannot have most control characters, not even escaped, nor U+FFFE and U+FFFF.  '?' replaces
 * them.  text_add_valid() replaces what is not valid UTF-8.
 */
static void tryreport_xml(struct buf *b, const char *s, size_t max)
{
	AUTO_BUF struct buf valid = BUF_INIT;

	text_add_valid(&valid, s, max);
	for (const char *p = valid.s; *p; p++) {
		unsigned char c = (unsigned char)*p;

		switch (c) {
		case '&': buf_adds(b, "&amp;"); continue;
		case '<': buf_adds(b, "&lt;"); continue;
		case '>': buf_adds(b, "&gt;"); continue;
		case '"': buf_adds(b, "&quot;"); continue;
		default: break;
		}
		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			buf_addch(b, '?');
		else if (str_begins(p, "\xef\xbf\xbe") || str_begins(p, "\xef\xbf\xbf"))
			buf_addch(b, '?'), p += 2;
		else
			buf_addch(b, *p);
	}
}

static void tryreport_attribute(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, " %s=\"", name);
	tryreport_xml(b, value, JUNIT_TEXT_MAX);
	buf_addch(b, '"');
}

static void tryreport_time(struct buf *b, uint64_t msec)
{
	buf_addf(b, " time=\"%llu.%03u\"", (unsigned long long)(msec / 1000),
		 (unsigned int)(msec % 1000));
}

static void tryreport_failure(const struct try_result *r, tryreport_log_fn log, void *data,
			      struct buf *b)
{
	AUTO_FREE char *lines = strv_join(&r->lines, "\n");
	AUTO_FREE char *text = log ? log(r, data) : NULL;
	size_t n = text ? strlen(text) : 0;

	buf_adds(b, "\t\t\t<failure");
	tryreport_attribute(b, "message", r->lines.n ? r->lines.v[0] : "");
	tryreport_attribute(b, "type", r->cause ? r->cause : "other");
	buf_adds(b, ">");
	tryreport_xml(b, lines, JUNIT_TEXT_MAX);
	buf_adds(b, "</failure>\n");
	if (!text)
		return;
	buf_adds(b, "\t\t\t<system-out>");
	/* Of a long log, take the end, which says most. */
	tryreport_xml(b, n > JUNIT_TEXT_MAX ? text + n - JUNIT_TEXT_MAX : text, JUNIT_TEXT_MAX);
	buf_adds(b, "</system-out>\n");
}

static void tryreport_case(const struct tries *t, const struct try_result *r, tryreport_log_fn log,
			   void *data, struct buf *b)
{
	AUTO_FREE char *class = xasprintf("%s/%s", t->id.name, t->id.version);

	buf_adds(b, "\t\t<testcase");
	tryreport_attribute(b, "classname", class);
	tryreport_attribute(b, "name", r->release);
	tryreport_time(b, r->msec);
	if (r->state == TRY_BUILT) {
		buf_adds(b, "/>\n");
		return;
	}
	buf_adds(b, ">\n");
	if (r->state == TRY_FAILED) {
		tryreport_failure(r, log, data, b);
	} else {
		buf_adds(b, "\t\t\t<skipped");
		tryreport_attribute(b, "message", r->reason ? r->reason : "not tried");
		buf_adds(b, "/>\n");
	}
	buf_adds(b, "\t\t</testcase>\n");
}

void tryreport_junit(const struct tries *t, tryreport_log_fn log, void *data, struct buf *b)
{
	AUTO_FREE char *name = xasprintf("%s/%s", t->id.name, t->id.version);
	size_t failed = try_count(t, TRY_FAILED), built = try_count(t, TRY_BUILT);
	uint64_t msec = 0;

	for (size_t i = 0; i < t->n; i++)
		msec += t->v[i].msec;
	buf_addf(b,
		 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%zu\" "
		 "failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n\t<testsuite",
		 t->n, failed, t->n - failed - built);
	tryreport_attribute(b, "name", name);
	buf_addf(b, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", t->n, failed,
		 t->n - failed - built);
	tryreport_time(b, msec);
	buf_adds(b, ">\n");
	for (size_t i = 0; i < t->n; i++)
		tryreport_case(t, &t->v[i], log, data, b);
	buf_adds(b, "\t</testsuite>\n</testsuites>\n");
}
