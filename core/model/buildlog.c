/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/buildlog.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

#define LINE_MAX_SHOWN 300

enum rank {
	RANK_NONE,
	RANK_MAKE_ERROR, /* make[2]: *** [Makefile:10: all] Error 2: only says that something failed
			  */
	RANK_MAKE,	 /* make: *** No rule to make target */
	RANK_CAUSE,
};

static bool has(const char *line, const char *what)
{
	return strstr(line, what) != NULL;
}

static bool begins(const char *line, const char *what)
{
	return !strncmp(line, what, strlen(what));
}

/* kbuild's scripts/basic/fixdep says no more than that of a full disk. */
#define FIXDEP_FULL "not all data was written to the output"

static bool is_cause(const char *line)
{
	static const char *const marks[] = {
		": error: ",
		": fatal error: ",
		": Error: ",
		"undefined reference to",
		"undefined!",
		"ERROR: modpost:",
		"No space left on device",
		FIXDEP_FULL,
		"command not found",
		": not found",
		"FAILED at ",
		"find file to patch at",
		"Permission denied",
		"internal compiler error",
		"Segmentation fault",
		"Out of memory",
		"collect2: error",
		"Only garbage was found in the patch",
		"malformed patch",
	};

	if (begins(line, "error: ") || begins(line, "ERROR: ") || begins(line, "fatal error: "))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (has(line, marks[i]))
			return true;
	return false;
}

static enum rank line_rank(const char *line)
{
	const char *stars = strstr(line, "*** ");

	if (begins(line, "# command: "))
		return RANK_NONE;
	if (begins(line, "make") && has(line, ": No such file or directory"))
		return RANK_CAUSE; /* make: gcc-12: No such file or directory */
	if (stars && begins(line, "make"))
		return has(stars, "] Error ") ? RANK_MAKE_ERROR : RANK_MAKE;
	if (is_cause(line))
		return RANK_CAUSE;
	/* Makefile:3: *** missing separator.  Stop. */
	return stars ? RANK_MAKE : RANK_NONE;
}

static char *tidy(const char *line, size_t len)
{
	AUTO_BUF struct buf b = BUF_INIT;

	for (size_t i = 0; i < len && b.len < LINE_MAX_SHOWN; i++)
		if ((unsigned char)line[i] >= 0x20 && line[i] != 0x7f)
			buf_addch(&b, line[i]);
		else if (line[i] == '\t')
			buf_addch(&b, ' ');
	return buf_detach(&b);
}

/* Is it output, not one of the lines that the log's own form has? */
static bool is_output(const char *line)
{
	return line[0] && !begins(line, "# ") && !begins(line, "--------") &&
	       !begins(line, "DKMS (");
}

struct scan {
	enum rank best;
	size_t max;
	struct strv lines;
	char *last; /* last line of output */
};

static void scan_line(struct scan *s, char *line)
{
	enum rank rank = line_rank(line);

	if (is_output(line)) {
		free(s->last);
		s->last = xstrdup(line);
	}
	if (rank == RANK_NONE || rank < s->best)
		return;
	if (rank > s->best)
		strv_release(&s->lines);
	s->best = rank;
	if (s->lines.n < s->max && !strv_has(&s->lines, line))
		strv_add(&s->lines, line);
}

/* make.log begins with our own line and the date. */
static const char *skip_header(const char *text)
{
	if (strncmp(text, "DKMS (", 6) != 0)
		return text;
	for (int i = 0; i < 2 && *text; i++) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text;
}

void buildlog_first_errors(const char *text, size_t max, struct strv *ret)
{
	struct scan s = { .max = max, .lines = STRV_INIT };

	text = skip_header(text);
	while (*text) {
		size_t len = strcspn(text, "\n");
		AUTO_FREE char *line = tidy(text, len);

		scan_line(&s, line);
		text += len + (text[len] == '\n');
	}
	if (!s.lines.n && s.last && max)
		strv_add(&s.lines, s.last);
	strv_add_all(ret, &s.lines);
	strv_release(&s.lines);
	free(s.last);
}

bool buildlog_disk_full(const char *text)
{
	return has(text, "No space left on device") || has(text, "Disk quota exceeded") ||
	       has(text, FIXDEP_FULL);
}

/* The word before at, back to a blank or the line's start. */
static char *word_before(const char *line, const char *at)
{
	const char *from = at;

	while (from > line && from[-1] != ' ' && from[-1] != '\t')
		from--;
	return from == at ? NULL : xstrndup(from, (size_t)(at - from));
}

/*
 *	/bin/sh: 1: gcc-12: not found		dash
 *	bash: line 1: gcc-12: command not found	bash
 *	make[1]: gcc-12: No such file or directory	make, which starts simple commands itself
 */
static char *missing_in_line(const char *line)
{
	const char *at = strstr(line, ": command not found");

	if (!at && has(line, "sh: "))
		at = strstr(line, ": not found");
	if (!at && begins(line, "make")) {
		at = strstr(line, ": No such file or directory");
		/* make: *** /some/folder: No such file or directory is no command. */
		if (at && (has(line, "***") || has(line, "stat: ") || has(line, "Makefile:")))
			at = NULL;
	}
	return at ? word_before(line, at) : NULL;
}

char *buildlog_missing_command(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		AUTO_FREE char *line = tidy(text, len);
		char *name = missing_in_line(line);

		if (name)
			return name;
		text += len + (text[len] == '\n');
	}
	return NULL;
}
