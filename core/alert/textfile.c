/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/textfile.h"

#include <inttypes.h>

#include "base/text.h"

static void textfile_head(struct buf *ret, const char *name, const char *help)
{
	buf_addf(ret, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* Append `sep` and NAME="VALUE".  In the value, '\' and '"' are escaped. */
static void textfile_label(struct buf *ret, const char *sep, const char *name, const char *value)
{
	AUTO_BUF struct buf visible = BUF_INIT;

	text_add_visible(&visible, value ? value : "");
	buf_addf(ret, "%s%s=\"", sep, name);
	for (const char *p = visible.s; *p; p++) {
		if (*p == '\\' || *p == '"')
			buf_addch(ret, '\\');
		buf_addch(ret, *p);
	}
	buf_addch(ret, '"');
}

static void textfile_labels(struct buf *ret, const struct standing *s)
{
	textfile_label(ret, "{", "module", s->id.name);
	textfile_label(ret, ",", "version", s->id.version);
	textfile_label(ret, ",", "kernel", s->release);
	textfile_label(ret, ",", "arch", s->arch);
	textfile_label(ret, ",", "state", standing_word(s->state));
	textfile_label(ret, ",", "cause", s->failure ? s->failure->cause : NULL);
	buf_adds(ret, "} ");
}

static size_t textfile_count(const struct standings *l, enum standing_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].state == state;
	return n;
}

static void textfile_problems(struct buf *ret, const struct standings *l)
{
	textfile_head(ret, "dkms_problem", "A module package on a kernel that needs a person.");
	for (size_t i = 0; i < l->n; i++) {
		if (!l->v[i].problem)
			continue;
		buf_adds(ret, "dkms_problem");
		textfile_labels(ret, &l->v[i]);
		buf_adds(ret, "1\n");
	}
	textfile_head(ret, "dkms_failed_since_timestamp_seconds", "When its build first failed.");
	for (size_t i = 0; i < l->n; i++) {
		const struct standing *s = &l->v[i];

		if (!s->problem || !s->failure || !s->failure->since)
			continue;
		buf_adds(ret, "dkms_failed_since_timestamp_seconds");
		textfile_labels(ret, s);
		buf_addf(ret, "%" PRId64 "\n", s->failure->since);
	}
}

void textfile_make(const struct standings *l, int64_t now, struct buf *ret)
{
	size_t problems = 0, missing = 0;

	for (size_t i = 0; i < l->n; i++) {
		problems += l->v[i].problem;
		missing += l->v[i].missing;
	}
	textfile_head(ret, "dkms_info", "The version of dkms.");
	buf_adds(ret, "dkms_info{version=\"" PACKAGE_VERSION "\"} 1\n");
	textfile_head(ret, "dkms_last_run_timestamp_seconds", "When dkms last looked.");
	buf_addf(ret, "dkms_last_run_timestamp_seconds %" PRId64 "\n", now);
	textfile_head(ret, "dkms_problems", "How many module packages and kernels need a person.");
	buf_addf(ret, "dkms_problems %zu\n", problems);
	textfile_head(ret, "dkms_missing",
		      "How many module packages are wanted on a kernel and not installed there.");
	buf_addf(ret, "dkms_missing %zu\n", missing);
	textfile_head(ret, "dkms_modules", "How many module packages and kernels are in a state.");
	for (size_t i = 0; i < STANDING_COUNT_; i++)
		buf_addf(ret, "dkms_modules{state=\"%s\"} %zu\n",
			 standing_word((enum standing_state)i),
			 textfile_count(l, (enum standing_state)i));
	textfile_problems(ret, l);
}
