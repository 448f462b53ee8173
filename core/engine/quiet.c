/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/quiet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/statefile.h"
#include "engine/treepath.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "sys/process.h"

#define HEAD	  "dkms-quiet 1\n"
#define END	  "end\n"
#define MAX_BYTES (16 * 1024 * 1024)
#define HEX	  (DIGEST_HEX - 1)

/* ---- the key ---- */

/* May this variable have any value?  Shells set it, and nothing here reads it. */
static bool quiet_is_free(const char *variable)
{
	static const char *const names[] = { "_=", "SHLVL=", "PWD=", "OLDPWD=" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

static void quiet_add_environment(struct buf *b)
{
	for (char **p = environ; *p; p++) {
		if (!quiet_is_free(*p))
			buf_addf(b, "%s\n", *p);
	}
}

static void quiet_add_engine(const struct engine *e, struct buf *b)
{
	for (int i = 0; i < SETTING_COUNT_; i++) {
		const char *value = settings_get(&e->settings, (enum setting)i);

		buf_addf(b, "%s\n", value ? value : "");
	}
	buf_addf(b, "%s\n%s\n%s\n%s\n%s\n%d%d%d%d\n", e->dkms_tree, e->source_tree, e->install_tree,
		 e->arch, e->distro ? e->distro : "", e->force_version_override, e->no_depmod,
		 e->quiet, e->rpm_safe_upgrade);
}

/*
 * Must the event do its work in any case?  In another root, and with some options, the key does not
 * tell all that the result depends on.  With the setting textfile, each event writes that file.
 */
static bool quiet_is_barred(const struct engine *e)
{
	return root_is_foreign(&e->root) || e->verbose || e->conf_file || e->kernel_config ||
	       e->kernel_source_dir || e->directives.n || *settings_get(&e->settings, SET_TEXTFILE);
}

static bool quiet_make_key(const struct engine *e, const struct event *event, char *ret)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct look_facts program;
	struct utsname u;
	struct stat st;

	if (quiet_is_barred(e) || uname(&u) < 0 || process_program(&st) < 0)
		return false;
	program = looks_facts(LOOK_FILE, 0, &st);
	buf_add(&b, &program, sizeof(program));
	buf_addf(&b, "%s\n%d\n", u.release, (int)geteuid());
	quiet_add_engine(e, &b);
	quiet_add_environment(&b);
	event_print(event, &b);
	digest_bytes(b.s, b.len, ret);
	return true;
}

/* ---- the file ---- */

/* Add what one look sees to the hash of all. */
static void quiet_add_seen(struct digest *d, enum look_kind kind, const char *path,
			   const struct look_facts *facts)
{
	char letter = (char)kind;

	digest_add(d, &letter, 1);
	digest_add_string(d, path);
	digest_add(d, facts, sizeof(*facts));
}

/* The lines of the looks in the text; NULL: it is damaged.  Each ends in a newline. */
static char *quiet_body(struct buf *text)
{
	size_t head = strlen(HEAD), first = head + 2 * HEX + 2;
	bool whole = text->len >= first + strlen(END) && strlen(text->s) == text->len &&
		     strncmp(text->s, HEAD, head) == 0 && text->s[head + HEX] == ' ' &&
		     text->s[first - 1] == '\n' &&
		     strcmp(text->s + text->len - strlen(END) - 1, "\n" END) == 0;

	if (!whole)
		return NULL;
	buf_truncate(text, text->len - strlen(END));
	return text->s + first;
}

static bool quiet_is_kind(char c)
{
	return c == LOOK_FILE || c == LOOK_LINK || c == LOOK_TYPE;
}

/*
 * Split the lines, each a kind and a path, into *ret_paths.  The letter of a path's kind stands
 * before it.  Returns false if a line is no look.
 */
static bool quiet_split(char *line, const char ***ret_paths, size_t *ret_n)
{
	while (*line) {
		char *end = strchr(line, '\n');

		if (!end || !quiet_is_kind(*line) || line[1] != '/')
			return false;
		*end = '\0';
		VEC_PUSH(*ret_paths, *ret_n, line + 1);
		line = end + 1;
	}
	return true;
}

/* Look at all paths again.  *ret: the hash of what is there. */
static void quiet_look_again(const char *const *paths, size_t n, char ret[DIGEST_HEX])
{
	struct looks_again again = LOOKS_AGAIN_INIT;
	struct digest d;

	digest_begin(&d);
	for (size_t i = 0; i < n; i++) {
		enum look_kind kind = (enum look_kind)paths[i][-1];
		struct look_facts facts = looks_look_again(&again, kind, paths, n, i);

		quiet_add_seen(&d, kind, paths[i], &facts);
	}
	digest_end(&d, ret);
	looks_again_release(&again);
}

static bool quiet_is_unchanged(const struct quiet *q, const struct engine *e)
{
	AUTO_FREE char *path = tree_cache_path(e, QUIET_NAME);
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	char hex[DIGEST_HEX], *lines;
	const char *head, **paths = NULL;
	size_t n = 0;
	bool same;

	if (statefile_read(e, path, MAX_BYTES, &text, &err) < 0)
		return false;
	lines = quiet_body(&text);
	head = text.s + strlen(HEAD);
	same = lines && strncmp(head, q->key, HEX) == 0 && quiet_split(lines, &paths, &n);
	if (same) {
		quiet_look_again(paths, n, hex);
		same = strncmp(head + HEX + 1, hex, HEX) == 0;
	}
	free(paths);
	return same;
}

static void quiet_print(const struct quiet *q, struct buf *ret)
{
	AUTO_BUF struct buf lines = BUF_INIT;
	char hex[DIGEST_HEX];
	struct digest d;

	digest_begin(&d);
	for (size_t i = 0; i < q->looks.n; i++) {
		const struct look *l = &q->looks.v[i];

		quiet_add_seen(&d, l->kind, l->path, &l->facts);
		buf_addf(&lines, "%c%s\n", l->kind, l->path);
	}
	digest_end(&d, hex);
	buf_addf(ret, HEAD "%s %s\n", q->key, hex);
	buf_add(ret, lines.s, lines.len);
	buf_adds(ret, END);
}

static int quiet_store(const struct quiet *q, const struct engine *e)
{
	AUTO_FREE char *folder = tree_cache_dir(e);
	AUTO_FREE char *path = tree_cache_path(e, QUIET_NAME);
	AUTO_BUF struct buf text = BUF_INIT;
	int r;

	quiet_print(q, &text);
	if (text.len > MAX_BYTES)
		return -EFBIG;
	r = fs_mkdir_p(&e->root, folder);
	return r < 0 ? r : atomic_write_file(&e->root, path, text.s, text.len, 0644);
}

int quiet_check(const struct engine *e, struct err *err)
{
	AUTO_FREE char *path = tree_cache_path(e, QUIET_NAME);
	AUTO_BUF struct buf text = BUF_INIT;
	int r = statefile_read(e, path, MAX_BYTES, &text, err);

	if (r < 0 || quiet_body(&text))
		return r;
	return err_set(err, -E_CORRUPT, "it is cut off, or no list of looks");
}

/* ---- begin and end ---- */

/*
 * Page faults of all children that have ended.  Each process has at least one.  So if the number
 * is the same later, no child has ended meanwhile.
 */
static long quiet_children(void)
{
	struct rusage u;

	return getrusage(RUSAGE_CHILDREN, &u) < 0 ? -1 : u.ru_minflt + u.ru_majflt;
}

bool quiet_begin(struct quiet *q, struct engine *e, const struct event *event)
{
	struct timespec now;

	if (!quiet_make_key(e, event, q->key))
		return false;
	if (quiet_is_unchanged(q, e))
		return true;
	clock_gettime(CLOCK_REALTIME, &now);
	q->children = quiet_children();
	q->begun_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	e->root.looks = &q->looks;
	return false;
}

void quiet_end(struct quiet *q, struct engine *e, bool nothing)
{
	int r;

	e->root.looks = NULL;
	if (!nothing || !*q->key || q->looks.blind ||
	    q->looks.newest_ns > q->begun_ns - q->settle_ns || quiet_children() != q->children)
		return;
	looks_settle(&q->looks);
	r = q->looks.blind ? 0 : quiet_store(q, e);
	if (r < 0)
		log_debug("the quiet event is not remembered: %s", error_text(r));
}

void quiet_release(struct quiet *q, struct engine *e)
{
	e->root.looks = NULL;
	looks_release(&q->looks);
}
