/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cause/cause.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cause/line.h"
#include "cause/pattern.h"
#include "cause/rules.h"

void cause_release(struct cause *c)
{
	free(c->line);
	free(c->about);
	*c = (struct cause)CAUSE_INIT;
}

/* A line of the log that a rule fits. */
struct cause_find {
	const struct cause_rule *rule; /* NULL: none */
	enum cause_rank rank;	       /* of the rule, or a lower one: cause_rank_of() */
	char *line, *about;
};

struct cause_scan {
	struct pattern_pairs *pairs; /* of each rule */
	char *release, *module;	     /* of the log's header; NULL: not known */
	struct cause_find best;
	struct cause_find ended;   /* the best line of the last command, which ended with 0 */
	struct cause_find missing; /* a missing program: cause_scan_missing() */
	struct strv lines;	   /* of the best rank, the best line first */
	size_t max;
	char *last; /* the last line of output */
	char *said; /* the same, if it may be a program's own words; else NULL */
	const struct cause_rule *words; /* the rule of RANK_SAID that fits `last` */
	char *place;	  /* "file:line:" of the last compiler error whose rule has no `follows` */
	char *make_line;  /* the last line in which a make names its folder */
	char *command;	  /* COMMAND of the last line "# command: COMMAND" */
	bool script;	  /* a command other than make was run */
	bool traceback;	  /* a program of Python has failed */
	bool traced;	  /* `best` was found after such a program had failed */
	bool modules;	  /* kbuild has compiled a part of a module */
	bool make_error;  /* make said that a command failed, after `best` */
	bool kernel_code; /* that command was the compiler of a module */
	bool ended_well;  /* the last command ended with 0 */
	bool next;	  /* the line after the best one may have the reason */
	bool own_twice;	  /* `best` is about a name that the source itself defines twice */
	bool stars;	  /* the best line began with "***", and the lines after it may, too */
	bool date;	  /* the next line has the date of the log */
};

static void cause_find_release(struct cause_find *f)
{
	free(f->line);
	free(f->about);
	*f = (struct cause_find){ 0 };
}

/* Cut at `max` bytes, between two characters. */
static char *cause_cut(const char *s, size_t max)
{
	size_t n = strlen(s), at = 0, len;

	while (at < n && (len = text_length(s + at, n - at) ?: 1, at + len <= max))
		at += len;
	return xstrndup(s, at);
}

/* Add a line after the others, or with `front` before them. */
static void cause_scan_add_line(struct cause_scan *s, const char *text, bool front)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	AUTO_FREE char *cut = NULL;

	if (!s->max || (!front && s->lines.n >= s->max))
		return;
	cut = cause_cut(text, CAUSE_LINES_MAX);
	if (!front) {
		if (!strv_has(&s->lines, cut))
			strv_take(&s->lines, TAKE(cut));
		return;
	}
	strv_take(&lines, TAKE(cut));
	for (size_t i = 0; i < s->lines.n && lines.n < s->max; i++)
		if (!strv_has(&lines, s->lines.v[i]))
			strv_add(&lines, s->lines.v[i]);
	strv_release(&s->lines);
	s->lines = lines;
	lines = (struct strv)STRV_INIT;
}

/* "make[1]: " at the front of a line: its length; 0: the line is of no make. */
static size_t cause_make_length(const char *line)
{
	size_t n = strcspn(line, ":");
	bool make = str_begins(line, "make[") || str_begins(line, "make:") ||
		    str_begins(line, "make :");

	return make && line[n] ? n + 1 : 0;
}

/*
 * Does a make say in which folder it works: "make[1]: Entering directory '/a'"?  In any language,
 * this is the line without "***" that has an absolute path in quotation marks.
 */
static bool cause_line_names_folder(const char *line)
{
	size_t n = cause_make_length(line);

	const char *at = n ? strchr(line + n, '/') : NULL;

	return at && !strstr(line, "*** ") &&
	       (at[-1] == '\'' || at[-1] == '"' || strstr(line, "\xc2\xab"));
}

/* The folder of the make that wrote the line, and what follows it; NULL: not known. */
static const char *cause_folder(const struct cause_scan *s, const char *line)
{
	size_t n = cause_make_length(line);

	if (!n || !s->make_line || strncmp(s->make_line, line, n) != 0)
		return NULL;
	return strchr(s->make_line, '/');
}

/*
 * The best rule that fits the line.  With `said` only rules of RANK_SAID are tried, without it only
 * the others.  *ret_about: the name in the line, or NULL; caller frees.
 */
static const struct cause_rule *cause_rule_of(const struct cause_scan *s, const struct line *l,
					      bool said, char **ret_about)
{
	struct when_log log = { s->release, s->module, cause_folder(s, l->plain.s), l->plain.s };
	struct pattern_pairs pairs = pattern_pairs_of_line(l->plain.s);
	const struct cause_rule *r, *best = NULL;
	char *about = NULL;

	for (size_t i = 0; (r = cause_rule(i)); i++) {
		AUTO_FREE char *name = NULL;

		if ((r->rank == RANK_SAID) != said || (best && r->rank <= best->rank) ||
		    (r->error && !l->error) || !pattern_pairs_may_fit(&s->pairs[i], &pairs))
			continue;
		if (!pattern_fits(r->pattern, r->error ? l->error : l->plain.s, &name) ||
		    !cause_when_holds(r->when, name ? name : "", &log))
			continue;
		best = r;
		free(about);
		about = TAKE(name);
	}
	*ret_about = about;
	return best;
}

/* Errors of a compiler are shown together, whatever their rank. */
static bool cause_ranks_are_shown_together(enum cause_rank a, enum cause_rank b)
{
	return a == b || (a >= RANK_CODE && a <= RANK_TYPE && b >= RANK_CODE && b <= RANK_TYPE);
}

/*
 * Where the driver misuses a macro, the compiler may report an error in the kernel's header that
 * defines it.  An error in the driver itself says more, so one in a header has a lower rank.
 */
static enum cause_rank cause_rank_of(const struct cause_rule *rule, const char *text)
{
	bool header = cause_is_in_headers(line_skip_prefix(text));

	return header && (rule->rank == RANK_TYPE || rule->rank == RANK_NAME) ? RANK_CODE
									      : rule->rank;
}

/* The length of "file:line:" at the front of a compiler's line; 0: it is not there. */
static size_t cause_place_length(const char *text)
{
	const char *from = line_skip_prefix(text);
	size_t n = (size_t)(from - text) + strcspn(from, ":"), digits;

	if (!text[n])
		return 0;
	digits = strspn(text + n + 1, "0123456789");
	return digits && text[n + 1 + digits] == ':' ? n + digits + 2 : 0;
}

static bool cause_same_place(const char *a, const char *b)
{
	size_t n = a ? cause_place_length(a) : 0;

	return n && !strncmp(a, b, n);
}

/*
 * For one fault, a compiler may report several errors at one line of the source.  An error whose
 * rule has `follows` counts only if no other error stands at that line: "the value does not fit"
 * says less than "the function is unknown".
 */
static bool cause_scan_is_better(struct cause_scan *s, const struct cause_rule *rule,
				 enum cause_rank rank, const char *text)
{
	if (rule->follows)
		return rank > s->best.rank && !cause_same_place(s->place, text);
	if (rule->error) {
		free(s->place);
		s->place = xstrndup(text, cause_place_length(text));
	}
	return rank > s->best.rank ||
	       (s->best.rule && s->best.rule->follows && cause_same_place(s->best.line, text));
}

static void cause_scan_found(struct cause_scan *s, const struct cause_rule *rule, const char *text,
			     char *about)
{
	AUTO_FREE char *owned = about;
	enum cause_rank best = s->best.rank, rank = cause_rank_of(rule, text);

	if (cause_scan_is_better(s, rule, rank, text)) {
		if (!cause_ranks_are_shown_together(rank, best))
			strv_release(&s->lines);
		cause_find_release(&s->best);
		s->best.rule = rule;
		s->best.rank = rank;
		s->best.line = cause_cut(text, CAUSE_LINE_MAX);
		s->best.about = TAKE(owned);
		s->next = rule->next;
		s->traced = s->traceback;
		s->make_error = s->kernel_code = s->own_twice = false;
		cause_scan_add_line(s, text, true);
	} else if (cause_ranks_are_shown_together(rank, best)) {
		cause_scan_add_line(s, text, false);
		/*
		 * If even kfree() is missing, so are all symbols of the kernel, and not one
		 * module's.
		 */
		if (rule->when == WHEN_BASE_SYMBOL && rank == best)
			s->best.rule = rule;
	}
}

/* Did make, or a script, end because a program was missing? */
static bool cause_line_is_127(const char *line)
{
	return (str_begins(line, "make") && strstr(line, "] Error 127")) ||
	       !strcmp(line, "# exit code: 127");
}

/*
 * Remember a missing program.  The build may do without the program.  So it counts only if exit
 * status 127 follows, or if the command fails and prints nothing after this line.
 */
static void cause_scan_missing(struct cause_scan *s, const struct cause_rule *rule,
			       const char *text, char *about)
{
	cause_find_release(&s->missing);
	s->missing = (struct cause_find){ rule, rule->rank, xstrdup(text), about };
}

static void cause_scan_settle_missing(struct cause_scan *s)
{
	if (!s->missing.rule)
		return;
	cause_scan_found(s, s->missing.rule, s->missing.line, TAKE(s->missing.about));
	cause_find_release(&s->missing);
}

/* Does the line only announce the reason: "configure: error:", "CMake Error at x (message):"? */
static bool cause_line_announces(const char *line)
{
	return str_ends(line, "error:") || (str_begins(line, "CMake Error") && str_ends(line, ":"));
}

/* If the best line only announces the reason, the next line that is not empty takes its place. */
static bool cause_scan_take_next(struct cause_scan *s, const struct line *l)
{
	const struct cause_rule *rule;
	const char *text = l->text.s;
	AUTO_FREE char *about = NULL;

	if (!s->next || !*text)
		return false;
	s->next = false;
	if (!cause_line_announces(s->best.line) || line_is_frame(l))
		return false;
	rule = cause_rule_of(s, l, false, &about) ?: cause_rule_of(s, l, true, &about);
	if (rule && rule->class != CAUSE_OTHER)
		s->best.rule = rule;
	free(s->best.line);
	s->best.line = cause_cut(text, CAUSE_LINE_MAX);
	strv_release(&s->lines);
	cause_scan_add_line(s, text, false);
	s->stars = str_begins(l->plain.s, "***");
	return true;
}

/* ZFS's configure explains a fault in several lines that begin with "***". */
static bool cause_scan_take_stars(struct cause_scan *s, const struct line *l)
{
	AUTO_FREE char *about = NULL;
	const struct cause_rule *rule;

	s->stars &= str_begins(l->plain.s, "***");
	if (!s->stars)
		return false;
	rule = cause_rule_of(s, l, true, &about);
	if (rule && s->best.rule->class == CAUSE_SCRIPT_FAILED)
		s->best.rule = rule;
	return true;
}

/*
 * Is the command make, perhaps after VAR=VALUE words?  A command that begins with cd or env counts
 * as make.
 */
static bool cause_command_is_make(const char *command)
{
	while (*command) {
		size_t n = strcspn(command, " ");
		const char *equals = memchr(command, '=', n);

		if (!equals)
			break;
		command += n + strspn(command + n, " ");
	}
	command += *command == '\'' || *command == '"';
	return str_begins(command, "make") || str_begins(command, "cd ") ||
	       str_begins(command, "env ");
}

/*
 * Call it when a command has ended well: forget what was found in its output, unless the machine
 * was at fault.
 */
static void cause_scan_forget(struct cause_scan *s)
{
	cause_find_release(&s->missing);
	if (s->best.rule && s->best.rule->rank != RANK_MACHINE) {
		s->ended = s->best;
		s->best = (struct cause_find){ 0 };
		strv_release(&s->lines);
	}
}

/*
 * Call it at the end of the log.  If nothing was found, and the last command ended with 0, take the
 * best line of that command: a command may end with 0 although a make in it failed.
 */
static void cause_scan_remember(struct cause_scan *s)
{
	if (s->best.rule || !s->ended_well || !s->ended.rule || s->ended.rank <= RANK_FILE)
		return;
	s->best = s->ended;
	s->ended = (struct cause_find){ 0 };
	cause_scan_add_line(s, s->best.line, true);
}

/* What follows `mark` in the line; NULL: the mark is not there. */
static char *cause_word_after(const char *line, const char *mark, const char *end_mark)
{
	const char *at = strstr(line, mark);

	return at ? xstrndup(at + strlen(mark), strcspn(at + strlen(mark), end_mark)) : NULL;
}

/* "DKMS (dkms-3.0.10) make.log for M/V for kernel K (A)"; before DKMS 3: "M-V". */
static void cause_scan_header(struct cause_scan *s, const char *line)
{
	free(s->release);
	free(s->module);
	s->release = cause_word_after(line, " for kernel ", " ");
	s->module = cause_word_after(line, "make.log for ", "/ ");
	s->date = true;
}

static void cause_scan_frame(struct cause_scan *s, const struct line *l)
{
	const char *text = l->plain.s;

	if (cause_line_is_127(text))
		cause_scan_settle_missing(s);
	if (str_begins(text, "# command: ")) {
		cause_find_release(&s->ended);
		free(s->command);
		s->command = xstrdup(text + strlen("# command: "));
		s->script |= !cause_command_is_make(s->command);
		s->ended_well = false;
	} else if (str_begins(text, "# exit code: ")) {
		s->ended_well = !strcmp(text, "# exit code: 0");
		if (s->ended_well)
			cause_scan_forget(s);
		else if (s->missing.rule && str_equal(s->missing.line, s->last))
			cause_scan_settle_missing(s);
	} else if (line_is_header(l)) {
		cause_scan_header(s, text);
	} else if (str_begins(text, "# ended by: ")) {
		AUTO_FREE char *about = NULL;
		const struct cause_rule *rule = cause_rule_of(s, l, false, &about);

		if (rule)
			cause_scan_found(s, rule, text, TAKE(about));
	}
}

/*
 * Remember the line: if the next one says that make stopped, this one says more.  Two kinds of
 * lines are not remembered.  A line that ends with ":" only announces the next one.  For a line
 * that ends with "not found", cause_scan_missing() decides whether the missing program counts.
 */
static void cause_scan_note_said(struct cause_scan *s, const struct line *l)
{
	const char *text = l->plain.s;
	bool said = line_may_be_cause(l) && !str_begins(text, "make") && !str_ends(text, ":") &&
		    !str_ends(text, "not found");

	const struct cause_rule *words;
	AUTO_FREE char *about = NULL;

	free(s->said);
	s->said = said ? xstrdup(l->text.s) : NULL;
	/* A command that make prints is remembered only if it is a download. */
	words = cause_rule_of(s, l, true, &about);
	s->words = words && (said || words->class == CAUSE_NETWORK) ? words : NULL;
}

/*
 * Of the tracebacks of Python, the last one counts.  If one error led to another, Python prints the
 * traceback of the first error, a line that says so, and then the traceback of the second.  At that
 * line, forget what the first traceback gave.
 */
static void cause_scan_traceback(struct cause_scan *s, const struct line *l)
{
	const char *text = l->plain.s;

	if (str_begins(text, "Traceback (most recent call last)")) {
		s->script = true;
		s->traceback = true;
	} else if (str_begins(text, "During handling of the above exception, another") ||
		   str_begins(text, "The above exception was the direct cause of")) {
		if (s->traced && s->best.rule) {
			cause_find_release(&s->best);
			strv_release(&s->lines);
		}
	}
}

/*
 * Note the first line after `best` in which make says that a command failed.  The line also tells
 * whether the command was kbuild's: "make[2]: *** [.../scripts/Makefile.build:250: a.o] Error 1".
 * Before 4.0, make named no file: "make[2]: *** [a.o] Error 1".
 */
static void cause_scan_make_error(struct cause_scan *s, const struct line *l)
{
	if (s->make_error || !s->best.rule || !str_begins(l->plain.s, "make") ||
	    !strstr(l->plain.s, ": *** ["))
		return;
	s->make_error = true;
	s->kernel_code = strstr(l->plain.s, "scripts/Makefile.build:") ||
			 (s->modules && strstr(l->plain.s, ".o] "));
}

/*
 * If a name is defined twice, the compiler notes where it was defined first.  If that is a header
 * of the kernel, the kernel now has what the source made up for older kernels.  Else the fault lies
 * in the source itself (own_twice).
 */
static void cause_scan_twice(struct cause_scan *s, const struct line *l)
{
	const char *text = l->plain.s;

	if (!s->best.rule || !strstr(s->best.rule->pattern, "redefinition of ") ||
	    !cause_same_place(s->place, s->best.line) ||
	    (!strstr(text, ": note: previous de") && !strstr(text, ": note: originally defined")))
		return;
	s->own_twice = !cause_is_in_headers(text) && !strstr(text, "/include/") &&
		       !cause_is_in_headers(line_skip_prefix(s->best.line));
}

static void cause_scan_line(struct cause_scan *s, const struct line *l)
{
	AUTO_FREE char *said = TAKE(s->said);
	const struct cause_rule *rule, *words = s->words;
	char *about = NULL;

	if (line_is_frame(l)) {
		cause_scan_frame(s, l);
		return;
	}
	if (str_begins(l->plain.s, "Running the ") && str_ends(l->plain.s, " script"))
		s->script = true;
	else if (!strcmp(l->plain.s, "Building module(s)"))
		s->script = false;
	if (cause_line_names_folder(l->plain.s)) {
		free(s->make_line);
		s->make_line = xstrdup(l->plain.s);
	} else if (*l->text.s && !s->date) {
		free(s->last);
		s->last = xstrdup(l->text.s);
		cause_scan_note_said(s, l);
	}
	s->date = false;
	if (cause_line_is_127(l->plain.s))
		cause_scan_settle_missing(s);
	s->modules |= str_begins(l->plain.s, "CC [M] ");
	cause_scan_traceback(s, l);
	cause_scan_make_error(s, l);
	cause_scan_twice(s, l);
	if (cause_scan_take_next(s, l) || cause_scan_take_stars(s, l) || !line_may_be_cause(l))
		return;
	rule = cause_rule_of(s, l, false, &about);
	if (!rule)
		return;
	if (rule->when == WHEN_127 || rule->when == WHEN_127_FILE)
		cause_scan_missing(s, rule, l->text.s, about);
	else if (rule->rank == RANK_MAKE_ERROR)
		cause_scan_found(s, words ? words : rule, said ? said : l->text.s, about);
	else
		cause_scan_found(s, rule, l->text.s, about);
}

static void cause_scan_run(struct cause_scan *s, const char *text, size_t len)
{
	AUTO_LINE struct line l = LINE_INIT;
	const struct cause_rule *rule;
	const char *end = text + len, *at = text;

	s->pairs = xcalloc(cause_rules_count(), sizeof(*s->pairs));
	for (size_t i = 0; (rule = cause_rule(i)); i++)
		s->pairs[i] = pattern_pairs_of_pattern(rule->pattern);
	while (line_next(&l, &at, end))
		if (!line_names_recipe(&l))
			cause_scan_line(s, &l);
	cause_scan_remember(s);
}

static void cause_scan_release(struct cause_scan *s)
{
	cause_find_release(&s->best);
	cause_find_release(&s->ended);
	cause_find_release(&s->missing);
	strv_release(&s->lines);
	free(s->last);
	free(s->said);
	free(s->place);
	free(s->command);
	free(s->pairs);
	free(s->release);
	free(s->module);
	free(s->make_line);
}

/*
 * Call it if no rule fits any line.  If a script failed, blame the script.  Show the last line of
 * the log, or that the last command ended well.
 */
static void cause_judge_without_rule(struct cause_scan *s, struct cause *ret)
{
	const char *line = s->last ? s->last : "";

	if (s->script && !s->ended_well && s->last)
		ret->class = CAUSE_SCRIPT_FAILED;
	if (s->words && !s->ended_well)
		ret->class = s->words->class;
	if (s->ended_well)
		line = "# exit code: 0";
	ret->line = cause_cut(line, CAUSE_LINE_MAX);
	ret->lasting = cause_lasts(ret->class);
}

/* Does a shell say in this line that it cannot run a word of the command? */
static bool cause_line_is_of_command(const char *line, const char *command)
{
	for (const char *at = line; command && (at = strstr(at, ": ")); at++) {
		size_t n = strcspn(at + 2, ":");
		const char *found = strstr(command, " ");
		AUTO_FREE char *word = xstrndup(at + 2, n);

		if (n && at[2 + n] && !strchr(word, ' ') && (found = strstr(command, word)) &&
		    (found == command || found[-1] == ' '))
			return true;
	}
	return false;
}

static enum cause_class cause_scan_class(const struct cause_scan *s)
{
	const struct cause_rule *rule = s->best.rule;

	/* A module cannot use a library's header, so to install the library would not help. */
	if (rule->when == WHEN_LIBRARY_HEADER && s->kernel_code)
		return CAUSE_OTHER;
	if (s->own_twice)
		return CAUSE_OTHER;
	/* The script itself reports the fault, and no better rule fits. */
	if (rule->class == CAUSE_OTHER && s->script && !s->ended_well &&
	    (s->best.rank == RANK_FILE || str_begins(s->best.line, "error: ")) &&
	    !cause_line_is_of_command(s->best.line, s->command))
		return CAUSE_SCRIPT_FAILED;
	return rule->class;
}

void cause_judge(const char *text, size_t len, struct cause *ret)
{
	CLEANUP(cause_scan_release) struct cause_scan s = { .lines = STRV_INIT };
	const struct cause_rule *rule;

	*ret = (struct cause)CAUSE_INIT;
	cause_scan_run(&s, text, len);
	rule = s.best.rule;
	if (!rule) {
		cause_judge_without_rule(&s, ret);
		return;
	}
	ret->class = cause_scan_class(&s);
	ret->lasting = cause_lasts(ret->class) && !rule->passes;
	ret->line = TAKE(s.best.line);
	ret->about = TAKE(s.best.about);
}

void cause_lines(const char *text, size_t len, size_t max, struct strv *ret)
{
	CLEANUP(cause_scan_release) struct cause_scan s = { .lines = STRV_INIT, .max = max };

	cause_scan_run(&s, text, len);
	if (!s.best.rule && s.last && !s.ended_well)
		cause_scan_add_line(&s, s.last, false);
	strv_add_all(ret, &s.lines);
}
