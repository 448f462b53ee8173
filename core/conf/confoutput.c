/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/confoutput.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"

#define LINES_MAX 20
#define BYTES_MAX 4096

/* The next NUL-terminated item; NULL at the end, or if the item was cut off. */
static const char *confoutput_next_item(const struct buf *b, size_t *at)
{
	const char *item = b->s + *at;
	const char *end = *at < b->len ? memchr(item, '\0', b->len - *at) : NULL;

	if (!end)
		return NULL;
	*at += (size_t)(end - item) + 1;
	return item;
}

/* Parse one to nine digits.  Returns UINT_MAX for anything else; conf_interpret() refuses it. */
static unsigned int confoutput_number(const char *item)
{
	if (!*item || strlen(item) > 9 || item[strspn(item, "0123456789")])
		return UINT_MAX;
	return (unsigned int)strtoul(item, NULL, 10);
}

/* The number of a job; n if `item` is not the number of a job. */
static size_t confoutput_job_number(const char *item, size_t n)
{
	size_t number = confoutput_number(item);

	return number < n ? number : n;
}

static bool confoutput_take_value(const struct buf *b, size_t *at, struct conf_values *v)
{
	const char *name = confoutput_next_item(b, at);
	const char *index = name ? confoutput_next_item(b, at) : NULL;
	const char *value = index ? confoutput_next_item(b, at) : NULL;

	if (value)
		conf_values_add(v, name, confoutput_number(index), value);
	return value != NULL;
}

static bool confoutput_take_problem(const struct buf *b, size_t *at, struct conf_values *v)
{
	const char *text = confoutput_next_item(b, at);

	if (text && !v->error) {
		v->error = -E_BAD_CONF;
		v->error_text = xstrdup(text);
	}
	return text != NULL;
}

/* Parse a job, from after '(' NUMBER up to and including ')' NUMBER; false if it was cut off. */
static bool confoutput_take_job(const struct buf *b, size_t *at, struct conf_values *v)
{
	bool complete = false;
	const char *item;

	while ((item = confoutput_next_item(b, at)) && *item != ')') {
		if (*item == '=' && !confoutput_take_value(b, at, v))
			return false;
		if (*item == '!' && !confoutput_take_problem(b, at, v))
			return false;
		v->syntax = v->syntax || *item == '?';
		complete = complete || *item == '+';
	}
	if (!item || !confoutput_next_item(b, at))
		return false;
	if (!complete && !v->error) {
		v->error = -E_BAD_CONF;
		v->error_text = xstrdup("a value of it ends the shell that reads it");
	}
	return true;
}

void confoutput_values(const struct buf *b, struct confeval_job *jobs, bool *done, size_t n)
{
	const char *item;
	size_t at = 0;

	while ((item = confoutput_next_item(b, &at)) && *item == '(') {
		struct conf_values v = CONF_VALUES_INIT;
		const char *number = confoutput_next_item(b, &at);
		size_t i = number ? confoutput_job_number(number, n) : n;

		if (i < n && !done[i] && confoutput_take_job(b, &at, &v)) {
			conf_values_release(&jobs[i].result);
			jobs[i].result = v;
			done[i] = true;
			continue;
		}
		conf_values_release(&v);
		return;
	}
}

static size_t confoutput_length(const struct strv *lines)
{
	size_t bytes = 0;

	for (size_t i = 0; i < lines->n; i++)
		bytes += strlen(lines->v[i]);
	return bytes;
}

/* Replace control characters: a conf must not send them to the user's terminal. */
static char *confoutput_printable(const char *line, size_t len)
{
	char *s = xstrndup(line, len);

	for (char *p = s; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = *p == '\t' ? ' ' : '?';
	}
	return s;
}

/*
 * If a value fails in its second expansion, bash's message begins with a line number of
 * confeval.bash, which tells the user nothing.  Return what follows the line number, or `line`
 * itself for any other message.  bash calls confeval.bash "dkms", or "environment" within a
 * function.
 */
static const char *confoutput_strip_location(const char *line)
{
	static const char *const prefixes[] = { "environment: eval: line ", "environment: line ",
						"dkms: eval: line ", "dkms: line " };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t n = strlen(prefixes[i]);
		size_t digits =
			strncmp(line, prefixes[i], n) == 0 ? strspn(line + n, "0123456789") : 0;

		if (digits && line[n + digits] == ':' && line[n + digits + 1] == ' ')
			return line + n + digits + 2;
	}
	return line;
}

static void confoutput_add_warning(struct strv *warnings, const char *line, size_t len)
{
	AUTO_FREE char *text = confoutput_printable(line, len);
	const char *own = confoutput_strip_location(text);

	/*
	 * Drop empty lines, and what bash itself says when "set -e" ends a shell within a function.
	 */
	if (!*own || strncmp(own, "pop_var_context:", 16) == 0)
		return;
	strv_addf(warnings, "%s%s", own == text ? "" : "in a value: ", own);
}

static void confoutput_add_warnings(struct strv *warnings, const char *text)
{
	size_t used = confoutput_length(warnings), left = used < BYTES_MAX ? BYTES_MAX - used : 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		size_t shown = len < left ? len : left;

		if (warnings->n >= LINES_MAX || !left) {
			strv_add(warnings, "(more lines are not shown)");
			return;
		}
		confoutput_add_warning(warnings, text, shown);
		left -= shown;
		text += len + (text[len] == '\n');
	}
}

void confoutput_messages(const struct buf *b, struct confeval_job *jobs, const bool *done, size_t n)
{
	static const char mark[] = "dkms-job ";
	size_t job = n;

	/* A struct buf has a NUL after its end, so the last piece is terminated as well. */
	for (size_t at = 0; at < b->len; at += strlen(b->s + at) + 1) {
		const char *piece = b->s + at;
		size_t number = strncmp(piece, mark, sizeof(mark) - 1) == 0
					? confoutput_job_number(piece + sizeof(mark) - 1, n)
					: n;

		if (number < n)
			job = number;
		else if (job < n && (done[job] || jobs[job].result.error) &&
			 jobs[job].result.warnings.n <= LINES_MAX)
			confoutput_add_warnings(&jobs[job].result.warnings, piece);
	}
}
