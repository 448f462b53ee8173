/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run the planner on text.  Each file DIR/NAME.case has these parts:
 *
 *	@world		see model/world.h
 *	@event		see model/event.h (a bare list of lines will do), or
 *	@goals		see model/goal.h, one a line, or
 *	@status		an empty event; what is expected is what decide/standing.h says of it
 *	@expect		the plan, see decide/plan.h
 *
 * Lines that begin with '#' are remarks.  Output is TAP; with --update the
 * expected part is written anew (read the diff!).
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/strv.h"
#include "decide/standing.h"

struct section {
	struct buf head; /* everything up to and with the line @expect */
	struct buf world, event, goals, expect;
	bool is_event, is_goals, is_status;
};

static void read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "re");
	char chunk[4096];
	size_t n;

	if (!f) {
		printf("Bail out! cannot read %s\n", path);
		exit(1);
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(b, chunk, n);
	fclose(f);
}

static struct buf *choose(struct section *s, const char *line)
{
	if (strcmp(line, "@world") == 0)
		return &s->world;
	if (strcmp(line, "@event") == 0) {
		s->is_event = true;
		return &s->event;
	}
	if (strcmp(line, "@goals") == 0) {
		s->is_goals = true;
		return &s->goals;
	}
	if (strcmp(line, "@status") == 0) {
		s->is_event = s->is_status = true;
		return &s->event;
	}
	return strcmp(line, "@expect") == 0 ? &s->expect : NULL;
}

static void split(const char *text, struct section *s)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	struct buf *to = NULL;
	char *line;

	strv_split(&lines, text, "\n");
	STRV_FOREACH (line, &lines) {
		if (to != &s->expect)
			buf_addf(&s->head, "%s\n", line);
		if (*line == '@')
			to = choose(s, line);
		else if (to && *line != '#')
			buf_addf(to, "%s\n", line);
	}
}

static int parse_goals(const char *text, struct goals *ret, struct err *err)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	char *line;

	strv_split(&lines, text, "\n");
	STRV_FOREACH (line, &lines) {
		int r = goal_parse(line, ret, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int decide(struct section *s, struct world *w, struct plan *p, struct err *err)
{
	AUTO_GOALS struct goals goals = { NULL, 0 };
	AUTO_EVENT struct event event = EVENT_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	int r;

	if (s->is_goals) {
		r = parse_goals(s->goals.s, &goals, err);
		if (r == 0)
			plan_goals(w, &goals, p);
		return r;
	}
	if (!strstr(s->event.s, "dkms-event "))
		buf_adds(&text, "dkms-event 1\nfrom apt\n");
	buf_adds(&text, s->event.s);
	if (!strstr(s->event.s, "dkms-event "))
		buf_adds(&text, "end\n");
	r = event_parse(text.s, text.len, &event, err);
	if (r == 0)
		plan_event(w, &event, p);
	return r;
}

/* What is refused has an exit status, and nothing else. */
static void check_codes(const struct plan *p, struct buf *ret)
{
	for (size_t i = 0; i < p->n; i++) {
		if ((p->steps[i].kind == STEP_REFUSE) != (p->steps[i].code != 0))
			buf_addf(ret, "(step %zu has code %d)\n", i + 1, p->steps[i].code);
	}
}

static void judge(const struct world *w, const struct plan *p, struct buf *ret)
{
	AUTO_STANDINGS struct standings list = { NULL, 0 };
	AUTO_STRV struct strv headers = STRV_INIT;

	for (size_t i = 0; i < w->n_kernels; i++)
		strv_addf(&headers, "apt install linux-headers-%s", w->kernels[i].release);
	standings_judge(w, p, &headers, &list);
	standings_print(&list, ret);
}

static void result(struct section *s, struct buf *ret)
{
	AUTO_WORLD struct world w = { 0 };
	AUTO_PLAN struct plan p = { 0 };
	AUTO_ERR struct err err = ERR_INIT;

	if (world_parse(s->world.s, &w, &err) < 0) {
		buf_addf(ret, "%s\n", err.text);
		return;
	}
	world_sort(&w);
	if (decide(s, &w, &p, &err) < 0)
		buf_addf(ret, "%s\n", err.text);
	else if (s->is_status)
		judge(&w, &p, ret);
	else
		plan_print(&p, ret);
	check_codes(&p, ret);
	if (!ret->len)
		buf_adds(ret, "(nothing to do)\n");
}

static void update(const char *path, const struct section *s, const struct buf *now)
{
	FILE *f = fopen(path, "we");

	if (!f || fprintf(f, "%s%s", s->head.s, now->s) < 0 || fclose(f) != 0) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
}

static void show(const char *title, const char *text)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	char *line;

	printf("# %s\n", title);
	strv_split(&lines, text, "\n");
	STRV_FOREACH (line, &lines)
		printf("#   %s\n", line);
}

static bool run_case(const char *dir, const char *name, size_t number, bool rewrite)
{
	AUTO_FREE char *path = xasprintf("%s/%s", dir, name);
	AUTO_BUF struct buf text = BUF_INIT, now = BUF_INIT;
	struct section s = {
		BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, false, false, false
	};
	bool ok;

	read_file(path, &text);
	split(text.s, &s);
	result(&s, &now);
	ok = (s.is_event != s.is_goals) && s.expect.len && strcmp(s.expect.s, now.s) == 0;
	printf("%sok %zu - %s\n", ok ? "" : "not ", number, name);
	if (!ok) {
		show("expected", s.expect.s);
		show("got", now.s);
	}
	if (rewrite)
		update(path, &s, &now);
	buf_release(&s.head);
	buf_release(&s.world);
	buf_release(&s.event);
	buf_release(&s.goals);
	buf_release(&s.expect);
	return ok;
}

static void list_cases(const char *dir, struct strv *ret)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (n > 5 && strcmp(e->d_name + n - 5, ".case") == 0)
			strv_add(ret, e->d_name);
	}
	if (d)
		closedir(d);
	strv_sort(ret);
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	AUTO_FREE char *dir = xasprintf("%s/tests/plan", srcdir ? srcdir : ".");
	AUTO_STRV struct strv names = STRV_INIT;
	bool rewrite = argc > 1 && strcmp(argv[1], "--update") == 0;
	size_t bad = 0;

	list_cases(dir, &names);
	printf("1..%zu\n", names.n);
	for (size_t i = 0; i < names.n; i++)
		bad += !run_case(dir, names.v[i], i + 1, rewrite);
	return names.n == 0 || bad != 0;
}
