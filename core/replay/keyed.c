/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key of a call: all that its result depends on, except the content of headers. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "replay/foldernames.h"
#include "replay/part.h"
#include "replay/standin.h"
#include "sys/fd.h"

#define INPUT_MAX ((size_t)16 << 20)
#define NAMES_MAX 20000U

/* Variables that change what a compiler prints or makes. */
static const char *const keyed_variables[] = { "LANG",	     "LANGUAGE",    "LC_ALL",
					       "LC_CTYPE",   "LC_MESSAGES", "SOURCE_DATE_EPOCH",
					       "GCC_COLORS", "GCC_URLS",    "COLUMNS" };
/* Variables that bring in programs, files or folders that are not seen. */
static const char *const plain_variables[] = {
	"GCC_EXEC_PREFIX",
	"COMPILER_PATH",
	"CPATH",
	"C_INCLUDE_PATH",
	"DEPENDENCIES_OUTPUT",
	"SUNPRO_DEPENDENCIES",
	"GCC_COMPARE_DEBUG",
	"CCC_OVERRIDE_OPTIONS",
	"CCC_ADD_ARGS",
	"CLANG_CONFIG_FILE_SYSTEM_DIR",
	"CLANG_CONFIG_FILE_USER_DIR",
	"LD_PRELOAD",
	"LD_AUDIT",
	"LD_LIBRARY_PATH",
	"LIBRARY_PATH",
	"GCONV_PATH",
	"LOCPATH",
	"GCC_EXTRA_DIAGNOSTIC_OUTPUT",
};

static bool keyed_has_plain_variable(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(plain_variables); i++) {
		if (getenv(plain_variables[i]))
			return true;
	}
	return false;
}

/* Is the compiler still the one that was identified? */
static bool keyed_compiler_is_same(const struct standin *s)
{
	const char *part;

	STRV_FOREACH (part, &s->compiler->parts) {
		const char *path = part_path(part);
		AUTO_FREE char *now = NULL;
		struct stat st;

		now = path ? part_text(path, stat(path, &st) < 0 ? NULL : &st) : NULL;
		if (!now || strcmp(now, part) != 0)
			return false;
	}
	return true;
}

static bool keyed_read_stdin(struct standin *s)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0)
		buf_add(&s->input, chunk, (size_t)n);
	return n == 0;
}

/* The clock of file times.  It stands still between two ticks. */
static struct timespec keyed_now(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return now;
}

static bool keyed_is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/*
 * Note the time.  If the file was changed in this very tick, wait for the next one first: otherwise
 * another change could leave the file's times as they are, and would not be seen.
 */
static void keyed_begin(struct standin *s, const char *path)
{
	const struct timespec tick = { 0, 1000000 };
	struct stat st;
	bool there = stat(path, &st) == 0;

	s->begun = keyed_now();
	for (int i = 0; there && i < 20 && !keyed_is_before(&st.st_ctim, &s->begun); i++) {
		nanosleep(&tick, NULL);
		s->begun = keyed_now();
	}
}

static bool keyed_read_input(struct standin *s)
{
	if (strcmp(s->call.input, "-") == 0)
		return keyed_read_stdin(s);
	if (strcmp(s->call.input, "/dev/null") == 0)
		return true;
	keyed_begin(s, s->call.input);
	return seen_read(s->call.input, INPUT_MAX, &s->input, NULL);
}

/* ---- folders ---- */

/*
 * Add the names in a folder that the compiler searches.  Those in the folders of the kernel's and
 * the compiler's own headers are known from the table and the compiler's identity.
 */
static bool keyed_add_folder(struct standin *s, struct sha256 *h, const char *folder,
			     unsigned int *left)
{
	AUTO_FREE char *path = standin_absolute(s, folder);
	AUTO_FREE char *real = realpath(path, NULL);
	AUTO_BUF struct buf masked = BUF_INIT;
	const char *at = real ? real : path, *listed;

	if (headertable_covers(&s->seen.table, at) || str_equal(at, s->compiler->include)) {
		/* A link can be made to lead to another of these folders. */
		release_words_mask(&s->seen.words, at, strlen(at), &masked);
		sha256_add_string(h, masked.s);
		return true;
	}
	if (s->build && (strcmp(at, s->build) == 0 || path_is_below(at, s->build))) {
		/* Names in a temporary folder of kbuild are not listed. */
		if (foldernames_has_temporary(at + strlen(s->build)))
			return false;
		at = s->build;
	}
	STRV_FOREACH (listed, &s->listed) {
		if (strcmp(at, listed) == 0)
			return true;
	}
	strv_add(&s->listed, at);
	release_words_mask(&s->seen.words, at, strlen(at), &masked);
	sha256_add_string(h, masked.s);
	return foldernames_add(h, at, left);
}

static bool keyed_add_folders(struct standin *s, struct sha256 *h)
{
	unsigned int left = NAMES_MAX;
	bool good = keyed_add_folder(s, h, s->cwd, &left);
	const char *folder;

	if (s->input.len && strchr(s->call.input, '/')) {
		AUTO_FREE char *path = standin_absolute(s, s->call.input);
		AUTO_FREE char *parent = path_parent(path);

		good = good && keyed_add_folder(s, h, parent, &left);
	}
	STRV_FOREACH (folder, &s->call.folders)
		good = good && keyed_add_folder(s, h, folder, &left);
	return good;
}

/* ---- the key ---- */

static void keyed_add_variables(struct sha256 *h)
{
	for (size_t i = 0; i < ARRAY_SIZE(keyed_variables); i++) {
		const char *value = getenv(keyed_variables[i]);

		sha256_add_string(h, value ? value : "");
		sha256_add(h, value ? "+" : "-", 1);
	}
}

/*
 * Is a line of the text split?  Compilers allow blanks behind the backslash, which can also be
 * written as a trigraph.
 */
static bool keyed_has_split_line(const struct buf *text)
{
	const char *at = text->s, *end = text->s + text->len;

	while (at && (at = memchr(at, '\\', (size_t)(end - at)))) {
		at++;
		while (at < end && *at != '\n' && isspace((unsigned char)*at))
			at++;
		if (at < end && *at == '\n')
			return true;
	}
	return text->s && memmem(text->s, text->len, "?\?/", 3);
}

/* Could a directive in the text name another file?  A split line could hide the word. */
static bool keyed_names_files(const struct buf *text)
{
	static const char *const words[] = { "include", "import", "embed" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (memmem(text->s, text->len, words[i], strlen(words[i])))
			return true;
	}
	return keyed_has_split_line(text);
}

static bool keyed_add_compilation(struct standin *s, struct sha256 *h)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const char *slash = strrchr(s->argv[0], '/');

	if (!keyed_read_input(s))
		return false;
	/* It could look into the folders of the system, whose names are not in the key. */
	if (s->call.has_std && (s->call.includes || keyed_names_files(&s->input)))
		return false;
	release_words_mask(&s->seen.words, s->cwd, strlen(s->cwd), &text);
	buf_addch(&text, '\0');
	/* A compiler may take its target from its name. */
	sha256_add_string(h, slash ? slash + 1 : s->argv[0]);
	call_key(&s->call, s->argc, s->argv, &s->seen.words, &text);
	sha256_add(h, text.s, text.len);
	sha256_add_string(h, "");
	sha256_add(h, s->input.s, s->input.len);
	sha256_add_string(h, "");
	/* If nothing is included, as in most probes, no folder counts: headers come and go. */
	if (s->call.has_std)
		return true;
	sha256_add(h, s->seen.table.head->names, SHA256_SIZE);
	return keyed_add_folders(s, h);
}

static void keyed_add_query(struct standin *s, struct sha256 *h)
{
	/* The answer of clang has its own path. */
	sha256_add_string(h, s->compiler->path);
	sha256_add_string(h, s->argv[0]);
	for (int i = 1; i < s->argc; i++)
		sha256_add_string(h, s->argv[i]);
}

bool standin_key(struct standin *s)
{
	unsigned char hash[SHA256_SIZE];
	struct stat out, err;
	struct sha256 h;

	if (keyed_has_plain_variable() || isatty(STDERR_FILENO) || !keyed_compiler_is_same(s) ||
	    fstat(STDOUT_FILENO, &out) < 0 || fstat(STDERR_FILENO, &err) < 0)
		return false;
	s->together = out.st_dev == err.st_dev && out.st_ino == err.st_ino;
	s->begun = keyed_now();
	s->build = realpath(s->room.build, NULL);
	sha256_begin(&h);
	sha256_add_string(&h, s->compiler->identity);
	sha256_add_string(&h, s->together ? "together" : "");
	keyed_add_variables(&h);
	if (s->call.kind == CALL_QUERY)
		keyed_add_query(s, &h);
	else if (!keyed_add_compilation(s, &h))
		return false;
	sha256_end(&h, hash);
	sha256_hex(hash, s->key);
	return true;
}
