/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/buildlog.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

#define LINE_MAX_SHOWN 300

/*
 * Move *text, which must not be empty, to its second line.  Returns a copy of the first line for a
 * terminal: tabs become blanks, other control characters are dropped, and the copy is cut at
 * LINE_MAX_SHOWN bytes.  Caller frees.
 */
static char *buildlog_next_line(const char **text)
{
	const char *line = *text;
	size_t len = strcspn(line, "\n");
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < len && b.len < LINE_MAX_SHOWN; i++) {
		if ((unsigned char)line[i] >= 0x20 && line[i] != 0x7f)
			buf_addch(&b, line[i]);
		else if (line[i] == '\t')
			buf_addch(&b, ' ');
	}
	*text += len + (line[len] == '\n');
	return buf_detach(&b);
}

enum line_rank {
	RANK_NONE,
	RANK_MAKE_ERROR, /* "make: *** [Makefile:10: all] Error 2": no cause */
	RANK_MAKE,	 /* "make: *** No rule to make target" */
	RANK_CAUSE,
};

/* All that kbuild's scripts/basic/fixdep says when the disk is full. */
#define FIXDEP_FULL "not all data was written to the output"

static bool buildlog_line_is_cause(const char *line)
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
		"FAILED at ",
		"find file to patch at",
		"Permission denied",
		"internal compiler error",
		"Segmentation fault",
		"Out of memory",
		"collect2: error",
		"curl: (",
		"wget: unable to ",
		"unable to access 'http",
		"ld: cannot find ",
		"error while loading shared libraries",
		"signal terminated program",
		"Only garbage was found in the patch",
		"malformed patch",
	};

	line += strspn(line, " ");
	if (str_begins(line, "error: ") || str_begins(line, "ERROR: ") ||
	    str_begins(line, "fatal error: "))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (strstr(line, marks[i]))
			return true;
	return false;
}

static enum line_rank buildlog_line_rank(const char *line)
{
	const char *stars = strstr(line, "*** ");

	if (str_begins(line, "# command: "))
		return RANK_NONE;
	if (str_begins(line, "make") && strstr(line, ": No such file or directory"))
		return RANK_CAUSE; /* make: gcc-12: No such file or directory */
	if (stars && str_begins(line, "make"))
		return strstr(stars, "] Error ") ? RANK_MAKE_ERROR : RANK_MAKE;
	if (buildlog_line_is_cause(line))
		return RANK_CAUSE;
	/* Makefile:3: *** missing separator.  Stop. */
	return stars ? RANK_MAKE : RANK_NONE;
}

/* False for an empty line, and for a line that we or DKMS wrote into the log. */
static bool buildlog_line_is_output(const char *line)
{
	return line[0] && !str_begins(line, "# ") && !str_begins(line, "--------") &&
	       !str_begins(line, "DKMS (");
}

static char *buildlog_line_missing_command(const char *line);

struct buildlog_scan {
	const char *missing; /* see buildlog_missing_command() */
	enum line_rank best;
	size_t max;
	struct strv lines;
	char *last; /* last line of output */
};

static void buildlog_scan_add_line(struct buildlog_scan *s, char *line)
{
	AUTO_FREE char *name = buildlog_line_missing_command(line);
	enum line_rank rank = buildlog_line_rank(line);

	if (name && s->missing && !strcmp(name, s->missing))
		rank = RANK_CAUSE;
	if (buildlog_line_is_output(line)) {
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

/* make.log begins with two lines of ours: "DKMS (...)" and the date. */
static const char *buildlog_skip_header(const char *text)
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
	AUTO_FREE char *missing = buildlog_missing_command(text);
	struct buildlog_scan s = { .missing = missing, .max = max, .lines = STRV_INIT };

	text = buildlog_skip_header(text);
	while (*text) {
		AUTO_FREE char *line = buildlog_next_line(&text);

		buildlog_scan_add_line(&s, line);
	}
	if (!s.lines.n && s.last && max)
		strv_add(&s.lines, s.last);
	strv_add_all(ret, &s.lines);
	strv_release(&s.lines);
	free(s.last);
}

/* ---- blame ---- */

static const struct buildlog_sign {
	enum buildlog_blame blame;
	const char *text;
} buildlog_signs[] = {
	{ BUILDLOG_DISK, "No space left on device" },
	{ BUILDLOG_DISK, "Disk quota exceeded" },
	{ BUILDLOG_DISK, FIXDEP_FULL },
	{ BUILDLOG_MEMORY, "Cannot allocate memory" },
	{ BUILDLOG_MEMORY, "memory exhausted" },
	{ BUILDLOG_MEMORY, "out of memory" },
	{ BUILDLOG_MEMORY, "Out of memory" },
	{ BUILDLOG_MEMORY, "fork: Resource temporarily unavailable" },
	{ BUILDLOG_MEMORY, "fork: retry: Resource temporarily unavailable" },
	{ BUILDLOG_KILLED, "Killed signal terminated program" },
	{ BUILDLOG_KILLED, "Terminated signal terminated program" },
	{ BUILDLOG_KILLED, "internal compiler error: Killed" },
	{ BUILDLOG_KILLED, "internal compiler error: Terminated" },
	{ BUILDLOG_KILLED, "unable to execute command: Killed" },
	{ BUILDLOG_KILLED, "unable to execute command: Terminated" },
	{ BUILDLOG_NETWORK, "curl: (" },
	{ BUILDLOG_NETWORK, "wget: unable to resolve" },
	{ BUILDLOG_NETWORK, "wget: can't connect" },
	{ BUILDLOG_NETWORK, "wget: bad address" },
	{ BUILDLOG_NETWORK, "Could not resolve host" },
	{ BUILDLOG_NETWORK, "Temporary failure in name resolution" },
	{ BUILDLOG_NETWORK, "Network is unreachable" },
	{ BUILDLOG_NETWORK, "unable to access 'http" },
	{ BUILDLOG_NETWORK, "fatal: unable to connect to " },
	{ BUILDLOG_NETWORK, "Could not read from remote repository" },
	{ BUILDLOG_NETWORK, "ssh: connect to host " },
	{ BUILDLOG_BROKEN, "error while loading shared libraries" },
	{ BUILDLOG_BROKEN, "error: cannot execute " },
	{ BUILDLOG_BROKEN, "version `GLIBC" },
};

/*
 * Did a signal end a program?  make says "make[2]: *** [Makefile:1: a.o] Killed"; after a shell it
 * is "Error 137" (128 + signal).
 */
static bool buildlog_line_is_killed(const char *line)
{
	static const char *const ends[] = { "] Killed",	   "] Terminated", "] Hangup",
					    "] Interrupt", "] Error 129",  "] Error 130",
					    "] Error 137", "] Error 143" };
	bool killed = false;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		killed |= str_ends(line, ends[i]);
	return killed && str_begins(line, "make");
}

/*
 * A compiler quotes the source in lines like "  12 | code".  The quoted source may contain the
 * text of any error.
 */
static bool buildlog_line_is_quote(const char *line)
{
	line += strspn(line, " 0123456789");
	return *line == '|';
}

static enum buildlog_blame buildlog_line_blame(const char *line)
{
	if (!buildlog_line_is_output(line) || buildlog_line_is_quote(line))
		return BUILDLOG_SOURCE;
	for (size_t i = 0; i < ARRAY_SIZE(buildlog_signs); i++)
		if (strstr(line, buildlog_signs[i].text))
			return buildlog_signs[i].blame;
	return buildlog_line_is_killed(line) ? BUILDLOG_KILLED : BUILDLOG_SOURCE;
}

enum buildlog_blame buildlog_blame(const char *text)
{
	enum buildlog_blame blame = BUILDLOG_SOURCE;
	AUTO_FREE char *missing = NULL;
	const char *at = buildlog_skip_header(text);

	while (*at && blame == BUILDLOG_SOURCE) {
		AUTO_FREE char *line = buildlog_next_line(&at);

		blame = buildlog_line_blame(line);
	}
	if (blame == BUILDLOG_SOURCE)
		missing = buildlog_missing_command(text);
	return missing ? BUILDLOG_TOOL : blame;
}

/* The word of line that ends before `at`; NULL if there is none.  Caller frees. */
static char *buildlog_line_word_before(const char *line, const char *at)
{
	const char *from = at;

	while (from > line && from[-1] != ' ' && from[-1] != '\t')
		from--;
	return from == at ? NULL : xstrndup(from, (size_t)(at - from));
}

/*
 * The program that this line says is missing; NULL: none.  Caller frees.
 *
 *	/bin/sh: 1: gcc-12: not found			dash
 *	bash: line 1: gcc-12: command not found		bash
 *	make[1]: gcc-12: No such file or directory	make, which runs simple commands itself
 */
static char *buildlog_line_missing_command(const char *line)
{
	const char *at = strstr(line, ": command not found");
	AUTO_FREE char *name = NULL;

	if (!at && strstr(line, "sh: "))
		at = strstr(line, ": not found");
	if (!at && str_begins(line, "make")) {
		at = strstr(line, ": No such file or directory");
		/* "make: *** /some/folder: No such file or directory" is about a folder. */
		if (at &&
		    (strstr(line, "***") || strstr(line, "stat: ") || strstr(line, "Makefile:")))
			at = NULL;
	}
	name = at ? buildlog_line_word_before(line, at) : NULL;
	if (!name ||
	    (strchr(name, '/') && !str_begins(name, "/usr/") && !str_begins(name, "/bin/")))
		return NULL;
	return TAKE(name);
}

/* "/usr/bin/x86_64-linux-gnu-gcc-12" -> "gcc": without folder, target and version. */
static char *buildlog_command_plain_name(const char *command)
{
	const char *base = strrchr(command, '/') ? strrchr(command, '/') + 1 : command;
	size_t len = strlen(base);
	size_t from;

	while (len && strchr("0123456789.", base[len - 1]))
		len--;
	if (len && base[len] && base[len - 1] == '-')
		len--;
	for (from = len; from && base[from - 1] != '-'; from--)
		;
	return xstrndup(base + from, len - from);
}

/* Is it a program that builds of kernel modules need? */
static bool buildlog_command_builds_kernels(const char *command)
{
	static const char *const names[] = { "make",  "gcc",	 "cc",	    "clang",   "rustc",
					     "ld",    "ld.lld",	 "ld.bfd",  "lld",     "as",
					     "ar",    "nm",	 "objcopy", "objdump", "readelf",
					     "strip", "ranlib",	 "perl",    "python",  "bc",
					     "flex",  "bison",	 "awk",	    "gawk",    "sed",
					     "patch", "openssl", NULL };
	AUTO_FREE char *name = buildlog_command_plain_name(command);

	for (size_t i = 0; names[i]; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

char *buildlog_missing_command(const char *text)
{
	AUTO_FREE char *last = NULL;

	while (*text) {
		AUTO_FREE char *line = buildlog_next_line(&text);
		char *name =
			buildlog_line_is_output(line) ? buildlog_line_missing_command(line) : NULL;

		if (name) {
			free(last);
			last = name;
		}
		if (last && ((name && buildlog_command_builds_kernels(name)) ||
			     (str_begins(line, "make") && strstr(line, "] Error 127"))))
			return TAKE(last);
	}
	return NULL;
}
