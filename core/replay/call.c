/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/call.h"

#include <string.h>

#include "base/alloc.h"

enum argument_kind {
	A_KEPT,	  /* is part of the key as it is */
	A_FOLDER, /* -I and its like: a folder that is searched */
	A_PATH,	  /* a path that changes names only */
	A_HEADER, /* -include, -imacros: the file is among the dependencies */
	A_PLAIN,  /* writes or reads what is not seen */
	A_MODE,
	A_LANGUAGE,
	A_OUTPUT,
	A_NOSTDINC,
	A_MD, /* -MD, -MMD */
	A_MF, /* -MF */
	A_MT, /* -MT, -MQ: a name in the file of dependencies */
	A_PREPROCESS,
	A_ASSEMBLER, /* -Wp, and -Wa, */
};

struct argument_rule {
	const char *text;
	enum argument_kind kind;
	bool whole;  /* the argument is this text, not only its beginning */
	bool joined; /* if nothing follows the text, the value is the next argument */
};

/* The first rule that fits counts. */
static const struct argument_rule argument_rules[] = {
	{ "@", A_PLAIN, false, false },
	/* Files beside the object. */
	{ "-save-temps", A_PLAIN, false, false },
	{ "--save-temps", A_PLAIN, false, false },
	{ "-fdump", A_PLAIN, false, false },
	{ "-fstack-usage", A_PLAIN, false, false },
	{ "-fcallgraph-info", A_PLAIN, false, false },
	{ "-ftest-coverage", A_PLAIN, false, false },
	{ "-fprofile", A_PLAIN, false, false },
	{ "-fauto-profile", A_PLAIN, false, false },
	{ "-fcoverage", A_PLAIN, false, false },
	{ "-fopt-info", A_PLAIN, false, false },
	{ "-fsave-optimization", A_PLAIN, false, false },
	{ "-foptimization-record", A_PLAIN, false, false },
	{ "-fdiagnostics-format", A_PLAIN, false, false },
	{ "-fdiagnostics-add-output", A_PLAIN, false, false },
	{ "-fcrash-diagnostics", A_PLAIN, false, false },
	{ "-fbranch-probabilities", A_PLAIN, false, false },
	{ "-fdeps-", A_PLAIN, false, false },
	/* All options are in the object, with the names of files that are no part of the key. */
	{ "-frecord-gcc-switches", A_PLAIN, false, false },
	{ "-frecord-command-line", A_PLAIN, false, false },
	{ "-grecord-command-line", A_PLAIN, false, false },
	{ "-gsplit-dwarf", A_PLAIN, false, false },
	/* The words of the release could not be seen in compressed data. */
	{ "-gz", A_PLAIN, false, false },
	/* The object is no machine code, and has names made up at random. */
	{ "-flto", A_PLAIN, false, false },
	{ "-ffat-lto", A_PLAIN, false, false },
	{ "-fthinlto", A_PLAIN, false, false },
	{ "-fembed-bitcode", A_PLAIN, false, false },
	/* Other programs and files have a part in it. */
	{ "-fplugin", A_PLAIN, false, false },
	{ "-fpass-plugin", A_PLAIN, false, false },
	{ "-fuse-ld", A_PLAIN, false, false },
	{ "-fno-integrated-as", A_PLAIN, false, false },
	{ "-no-integrated-as", A_PLAIN, false, false },
	{ "-fmodule", A_PLAIN, false, false },
	{ "-fpch", A_PLAIN, false, false },
	{ "-fsanitize-blacklist", A_PLAIN, false, false },
	{ "-fsanitize-ignorelist", A_PLAIN, false, false },
	{ "-fsanitize-system", A_PLAIN, false, false },
	{ "-fsanitize-coverage-", A_PLAIN, false, false },
	{ "-fxray", A_PLAIN, false, false },
	{ "-frandomize-layout-seed-file", A_PLAIN, false, false },
	{ "-fbasic-block-sections", A_PLAIN, false, false },
	{ "-fcompare-debug", A_PLAIN, false, false },
	{ "-ftime", A_PLAIN, false, false },
	{ "-fmem-report", A_PLAIN, false, false },
	{ "-fpre-ipa-mem-report", A_PLAIN, false, false },
	{ "-fpost-ipa-mem-report", A_PLAIN, false, false },
	{ "-fworking-directory", A_PLAIN, false, false },
	/* The processor decides. */
	{ "-march=native", A_PLAIN, false, false },
	{ "-mtune=native", A_PLAIN, false, false },
	{ "-mcpu=native", A_PLAIN, false, false },
	{ "-mllvm", A_PLAIN, false, false },
	/* How files are named in the object. */
	{ "-fmacro-prefix-map=", A_PATH, false, false },
	{ "-fdebug-prefix-map=", A_PATH, false, false },
	{ "-ffile-prefix-map=", A_PATH, false, false },
	{ "-fdebug-compilation-dir=", A_PATH, false, false },
	/* Where headers are. */
	{ "-I-", A_PLAIN, true, false },
	{ "-I", A_FOLDER, false, true },
	{ "-iquote", A_FOLDER, false, true },
	{ "-isystem", A_FOLDER, false, true },
	{ "-idirafter", A_FOLDER, false, true },
	{ "-include-pch", A_PLAIN, false, false },
	{ "-include", A_HEADER, false, true },
	{ "-imacros", A_HEADER, false, true },
	{ "-nostdinc", A_NOSTDINC, true, false },
	/* Files of dependencies. */
	{ "-MD", A_MD, true, false },
	{ "-MMD", A_MD, true, false },
	{ "-MF", A_MF, true, true },
	{ "-MT", A_MT, true, true },
	{ "-MQ", A_MT, true, true },
	{ "-MP", A_KEPT, true, false },
	{ "-Wp,", A_PREPROCESS, false, false },
	{ "-Wa,", A_ASSEMBLER, false, false },
	{ "-Wl,", A_PLAIN, false, false },
	{ "-c", A_MODE, true, false },
	{ "-S", A_MODE, true, false },
	{ "-E", A_MODE, true, false },
	{ "-x", A_LANGUAGE, false, true },
	{ "-o", A_OUTPUT, false, true },
	{ "-D", A_KEPT, false, true },
	{ "-U", A_KEPT, false, true },
	{ "--param=", A_KEPT, false, false },
	{ "--param", A_KEPT, true, true },
	{ "--target=", A_KEPT, false, false },
	{ "-std=", A_KEPT, false, false },
	{ "-f", A_KEPT, false, false },
	{ "-m", A_KEPT, false, false },
	{ "-W", A_KEPT, false, false },
	{ "-O", A_KEPT, false, false },
	{ "-g", A_KEPT, false, false },
	{ "-w", A_KEPT, true, false },
	{ "-pg", A_KEPT, true, false },
	{ "-P", A_KEPT, true, false },
	{ "-C", A_KEPT, true, false },
	{ "-CC", A_KEPT, true, false },
	{ "-undef", A_KEPT, true, false },
	{ "-ansi", A_KEPT, true, false },
	{ "-pedantic", A_KEPT, true, false },
	{ "-pipe", A_KEPT, true, false },
	{ "-no-pie", A_KEPT, true, false },
	{ "-Qunused-arguments", A_KEPT, true, false },
};

static const struct argument_rule *argument_find(const char *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(argument_rules); i++) {
		const struct argument_rule *r = &argument_rules[i];

		if (r->whole ? strcmp(arg, r->text) == 0 : str_begins(arg, r->text))
			return r;
	}
	return NULL;
}

/* One argument, with the value that belongs to it. */
struct argument {
	const struct argument_rule *rule; /* NULL: an input, or not known */
	const char *value;		  /* what follows the rule's text, or the next argument */
	size_t at, n;			  /* argv[at], and how many of argv it is */
	size_t prefix; /* bytes of argv[at] before the value; 0: the value is the next argument */
};

/* The argument at argv[*at].  Returns false at the end, and if a value is missing. */
static bool argument_next(int argc, char *const *argv, size_t *at, struct argument *ret)
{
	const char *arg = *at < (size_t)argc ? argv[*at] : NULL;
	size_t n;

	if (!arg)
		return false;
	*ret = (struct argument){ argument_find(arg), arg, *at, 1, 0 };
	if (ret->rule) {
		n = strlen(ret->rule->text);
		ret->prefix = n;
		ret->value = arg + n;
		if (ret->rule->joined && !arg[n]) {
			ret->value = argv[*at + 1];
			ret->n = 2;
			ret->prefix = 0;
		}
	}
	*at += ret->n;
	return ret->value != NULL;
}

void call_release(struct call *c)
{
	strv_release(&c->folders);
	free(c->made_output);
	free(c->made_depfile);
	*c = (struct call)CALL_INIT;
}

static void call_set_plain(struct call *c, const char *why)
{
	c->kind = CALL_PLAIN;
	if (!c->why)
		c->why = why;
}

static bool call_is_query(int argc, char *const *argv)
{
	static const char *const queries[] = { "--version", "-dumpversion", "-dumpfullversion",
					       "-dumpmachine" };
	int known = 0;

	for (int i = 1; i < argc; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(queries); k++)
			known += strcmp(argv[i], queries[k]) == 0;
	}
	return argc > 1 && known == argc - 1;
}

/*
 * Of -Wp, only these are understood: -Wp,-MD,FILE and -Wp,-MMD,FILE, which kernels use, and the
 * definition of a macro.
 */
static void call_take_preprocess(struct call *c, const struct argument *a)
{
	const char *value = a->value, *file = NULL;

	if (str_begins(value, "-MD,"))
		file = value + 4;
	else if (str_begins(value, "-MMD,"))
		file = value + 5;
	if (file && !c->dep_argument && *file && !strchr(file, ',')) {
		c->depfile = file;
		c->dep_argument = a->at;
	} else if (file || (!str_begins(value, "-D") && !str_begins(value, "-U")) ||
		   strchr(value, ',')) {
		call_set_plain(c, "an option of the preprocessor");
	}
}

static void call_take_assembler(struct call *c, const char *value)
{
	static const char *const known[] = { "--fatal-warnings", "--noexecstack",
					     "--divide",	 "-mrelax-relocations=no",
					     "-gdwarf-2",	 "-gdwarf-4",
					     "-gdwarf-5" };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(value, known[i]) == 0)
			return;
	}
	call_set_plain(c, "an option of the assembler");
}

struct call_state {
	const char *language, *mf;
	bool md;
};

static void call_take_input(struct call *c, struct call_state *s, const char *arg)
{
	if (arg[0] == '-' && arg[1]) {
		call_set_plain(c, "an option that is not known");
		return;
	}
	if (c->input)
		call_set_plain(c, "several inputs");
	c->input = arg;
	if (!s->language && !str_ends(arg, ".c") && !str_ends(arg, ".S"))
		call_set_plain(c, "another language");
}

static void call_take(struct call *c, struct call_state *s, const struct argument *a)
{
	switch (a->rule->kind) {
	case A_KEPT:
	case A_PATH: break;
	case A_HEADER: c->includes = true; break;
	case A_FOLDER:
		/* It lies in the folder that --sysroot or the compiler itself names. */
		if (a->value[0] == '=' || str_begins(a->value, "$SYSROOT"))
			call_set_plain(c, "a folder below the system's root");
		strv_add(&c->folders, a->value);
		break;
	case A_PLAIN: call_set_plain(c, "an option whose effect is not seen"); break;
	case A_MODE:
		if (c->mode && c->mode != a->rule->text[1])
			call_set_plain(c, "two kinds of output");
		c->mode = a->rule->text[1];
		break;
	case A_LANGUAGE:
		s->language = a->value;
		if (strcmp(a->value, "c") != 0 && strcmp(a->value, "assembler-with-cpp") != 0)
			call_set_plain(c, "another language");
		break;
	case A_OUTPUT: c->output = a->value; break;
	case A_NOSTDINC: c->has_std = false; break;
	case A_MD:
		if (c->dep_argument)
			call_set_plain(c, "two files of dependencies");
		s->md = true;
		c->dep_argument = a->at;
		break;
	case A_MF: s->mf = a->value; break;
	case A_MT: break;
	case A_PREPROCESS: call_take_preprocess(c, a); break;
	case A_ASSEMBLER: call_take_assembler(c, a->value); break;
	}
}

/* `path` with another suffix, and without its folder if `here` is true. */
static char *call_named_after(const char *path, const char *suffix, bool here)
{
	const char *slash = strrchr(path, '/'), *dot;

	if (here && slash)
		path = slash + 1;
	slash = strrchr(path, '/');
	dot = strrchr(slash ? slash : path, '.');
	return xasprintf("%.*s%s", (int)(dot ? (size_t)(dot - path) : strlen(path)), path, suffix);
}

/* Is it a path in /dev or /proc, such as /dev/stdout?  The compiler writes into what it finds. */
static bool call_is_special(const char *path)
{
	if (!path || path[0] != '/' || strcmp(path, "/dev/null") == 0)
		return false;
	path += strspn(path, "/");
	return str_begins(path, "dev/") || str_begins(path, "proc/");
}

/* Which files the call makes, if its arguments do not name them. */
static void call_name_files(struct call *c, const struct call_state *s)
{
	if (c->mode != 'E' && !c->output && strcmp(c->input, "-") != 0)
		c->output = c->made_output =
			call_named_after(c->input, c->mode == 'c' ? ".o" : ".s", true);
	if (c->mode != 'E' && !c->output)
		call_set_plain(c, "an output without a name");
	if (c->output && strcmp(c->output, "-") == 0)
		call_set_plain(c, "an output without a name");
	if (s->mf && !c->depfile)
		c->depfile = s->mf;
	else if (s->mf || (s->md && (c->mode == 'E' || c->depfile)))
		call_set_plain(c, "two files of dependencies");
	else if (s->md && c->output)
		c->depfile = c->made_depfile = call_named_after(c->output, ".d", false);
	if (s->mf && !s->md)
		call_set_plain(c, "two files of dependencies");
	if (call_is_special(c->output) || call_is_special(c->depfile))
		call_set_plain(c, "an output that is no file");
}

/* Is the argument a path, or does it contain one?  There a word of the release names a folder. */
static bool call_is_masked(const struct call *c, const struct argument *a)
{
	if (!a->rule)
		return true;
	switch (a->rule->kind) {
	case A_FOLDER:
	case A_PATH:
	case A_HEADER:
	case A_MT:
	case A_MF:
	case A_OUTPUT: return true;
	case A_PREPROCESS: return a->at == c->dep_argument;
	default: return false;
	}
}

void call_parse(int argc, char *const *argv, const struct release_words *words, struct call *ret)
{
	struct call_state s = { 0 };
	struct argument a;
	size_t at = 1;

	*ret = (struct call)CALL_INIT;
	ret->has_std = true;
	if (call_is_query(argc, argv)) {
		ret->kind = CALL_QUERY;
		return;
	}
	ret->kind = CALL_COMPILE;
	while (argument_next(argc, argv, &at, &a)) {
		if (a.rule)
			call_take(ret, &s, &a);
		else
			call_take_input(ret, &s, a.value);
		if (memchr(argv[a.at], '\1', strlen(argv[a.at])))
			call_set_plain(ret, "an odd character");
		/*
		 * A call for another kernel could have the same argument, and so the same key.  But
		 * in the object of the answer the word would be replaced.
		 */
		if (a.rule && !call_is_masked(ret, &a) &&
		    release_words_in(words, a.value, strlen(a.value)))
			ret->kept_words = true;
	}
	if (at != (size_t)argc || !ret->input || !ret->mode)
		call_set_plain(ret, "no compilation of one input");
	ret->is_object = ret->mode == 'c' && ret->input && ret->input[0] != '-' &&
			 !str_begins(ret->input, "/dev/");
	if (ret->kind == CALL_COMPILE)
		call_name_files(ret, &s);
}

/* ---- the key ---- */

void call_key(const struct call *c, int argc, char *const *argv, const struct release_words *words,
	      struct buf *b)
{
	struct argument a;
	size_t at = 1;

	while (argument_next(argc, argv, &at, &a)) {
		if (a.rule && a.rule->kind == A_OUTPUT && !c->depfile) {
			buf_adds(b, strcmp(a.value, "/dev/null") == 0 ? "-o/dev/null" : "-o");
			buf_addch(b, '\0');
			continue;
		}
		for (size_t i = a.at; i < a.at + a.n; i++) {
			if (call_is_masked(c, &a))
				release_words_mask(words, argv[i], strlen(argv[i]), b);
			else
				buf_adds(b, argv[i]);
			buf_addch(b, '\0');
		}
	}
}

/* ---- what the compiler read ---- */

void call_telling(const struct call *c, int argc, char *const *argv, const char *depfile,
		  struct strv *ret)
{
	for (int i = 0; i < argc; i++) {
		/* -MMD leaves out headers of the system. */
		if (!c->dep_argument || (size_t)i != c->dep_argument)
			strv_add(ret, argv[i]);
		else if (argv[i][1] == 'M')
			strv_add(ret, "-MD");
		else
			strv_addf(ret, "-Wp,-MD,%s", c->depfile);
	}
	if (!c->dep_argument)
		strv_addf(ret, "-Wp,-MD,%s", depfile);
}

/* What follows the targets and the colon of the first rule.  NULL: there is no such colon. */
static const char *call_skip_targets(const char *s, const char *end)
{
	for (; s + 1 < end; s++) {
		if (*s == '\\' && s[1] != '\n')
			s++;
		else if (*s == ':' && strchr(" \t\r\n\\", s[1]))
			return s + 1;
		else if (*s == '\n' && s[-1] != '\\')
			return NULL;
	}
	return s < end && *s == ':' ? s + 1 : NULL;
}

bool call_parse_deps(const char *text, size_t len, struct strv *ret)
{
	AUTO_BUF struct buf name = BUF_INIT;
	const char *end = text + len, *s = call_skip_targets(text, end);

	for (; s && s < end; s++) {
		bool more = s + 1 < end;

		if (*s == '\\' && more && s[1] == '\n') {
			s++;
		} else if ((*s == '\\' && more && (s[1] == ' ' || s[1] == '#')) ||
			   (*s == '$' && more && s[1] == '$')) {
			buf_addch(&name, *++s);
			continue;
		} else if (*s != ' ' && *s != '\n') {
			buf_addch(&name, *s);
			continue;
		}
		if (name.len)
			strv_add(ret, name.s);
		buf_reset(&name);
		/* -MP adds a rule for each header. */
		if (*s == '\n' && s[-1] != '\\')
			return true;
	}
	if (name.len)
		strv_add(ret, name.s);
	return s != NULL;
}
