/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/source.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/override.h"
#include "sys/fs.h"

#define MAX_CONF (1024 * 1024)

struct hasher {
	const struct root *root;
	const char *top;
	struct digest *digest;
	bool follow; /* add the bytes of a symlink's target, too */
	size_t n;    /* entries added */
};

static int hasher_add_file(struct hasher *h, const char *path)
{
	char hex[DIGEST_HEX];
	int r = digest_file(h->root, path, hex);

	if (r == 0)
		digest_add_string(h->digest, hex);
	return r;
}

static int hasher_add_link(struct hasher *h, const char *path)
{
	AUTO_FREE char *target = NULL;
	int r = fs_readlink(h->root, path, &target);

	if (r < 0)
		return r;
	digest_add_string(h->digest, target);
	return h->follow && fs_is_file(h->root, path) ? hasher_add_file(h, path) : 0;
}

static int hasher_add_entry(const char *rel, const struct stat *st, void *data)
{
	struct hasher *h = data;
	AUTO_FREE char *path = xasprintf("%s/%s", h->top, rel);
	bool is_file = S_ISREG(st->st_mode), is_link = S_ISLNK(st->st_mode);

	if (!is_file && !is_link && !S_ISDIR(st->st_mode))
		return 0;
	h->n++;
	digest_add_string(h->digest, rel);
	digest_add_string(h->digest, is_link		     ? "link"
				     : !is_file		     ? "folder"
				     : st->st_mode & S_IXUSR ? "program"
							     : "file");
	if (is_link)
		return hasher_add_link(h, path);
	return is_file ? hasher_add_file(h, path) : 0;
}

static int source_hash_tree(const struct root *r, const char *folder, char ret[DIGEST_HEX])
{
	struct digest d;
	struct hasher h = { .root = r, .top = folder, .digest = &d };
	int code;

	digest_begin(&d);
	code = fs_walk(r, folder, hasher_add_entry, &h);
	digest_end(&d, ret);
	return code;
}

static int source_stamp_entry(const char *rel, const struct stat *st, void *data)
{
	stamp_add(data, rel, st);
	return 0;
}

static int source_stamp_tree(const struct root *r, const char *folder, struct stamp *ret)
{
	struct stat st;
	int code;

	stamp_begin(ret);
	code = fs_stat(r, folder, &st);
	if (code == 0)
		stamp_add(ret, "", &st);
	if (code == 0)
		code = fs_walk(r, folder, source_stamp_entry, ret);
	stamp_end(ret);
	return code;
}

/* If the tree changed while it was hashed, hash it again: old and new files may be mixed. */
static int source_hash_stable(const struct root *r, const char *folder, struct stamp *before,
			      char ret[DIGEST_HEX])
{
	for (int tries = 0; tries < 3; tries++) {
		struct stamp after;
		int code = source_hash_tree(r, folder, ret);

		if (code == 0)
			code = source_stamp_tree(r, folder, &after);
		if (code < 0)
			return code;
		if (strcmp(before->hex, after.hex) == 0)
			return 0;
		*before = after;
	}
	return -EAGAIN;
}

int source_content(const struct engine *e, const char *folder, struct cache *c, char **ret)
{
	char hex[DIGEST_HEX];
	struct stamp stamp;
	const char *known;
	int r = source_stamp_tree(&e->root, folder, &stamp);

	if (r < 0)
		return r;
	known = cache_get(c, folder, &stamp);
	if (!known) {
		r = source_hash_stable(&e->root, folder, &stamp, hex);
		if (r < 0)
			return r;
		cache_put(c, folder, &stamp, hex);
	}
	*ret = xstrdup(known ? known : hex);
	return 0;
}

static int hasher_add_override(struct hasher *h, const char *path)
{
	int r;

	if (!fs_exists(h->root, path))
		return 0;
	h->n++;
	digest_add_string(h->digest, path);
	r = hasher_add_file(h, path);
	return r == -EINVAL ? 0 : r; /* a folder, not a conf */
}

/* May there be a file of this path in OVERRIDE_DIR?  `names` may be NULL. */
static bool source_is_listed(const struct strv *names, const char *path)
{
	return !names || strv_has(names, strrchr(path, '/') + 1);
}

static int hasher_add_overrides(struct hasher *h, const struct target *t, const struct strv *names)
{
	AUTO_STRV struct strv files = STRV_INIT;
	const char *path;
	int r = 0;

	override_files(t, &files);
	STRV_FOREACH (path, &files) {
		r = source_is_listed(names, path) ? hasher_add_override(h, path) : 0;
		if (r < 0)
			return r;
	}
	if (!source_is_listed(names, h->top))
		return 0;
	r = fs_walk(h->root, h->top, hasher_add_entry, h);
	return r == -ENOENT || r == -ENOTDIR ? 0 : r;
}

bool source_list_overrides(const struct engine *e, struct strv *ret)
{
	int r = fs_list(&e->root, OVERRIDE_DIR, ret);

	return r == 0 || r == -ENOENT;
}

int source_overrides(const struct engine *e, const struct target *t, const struct strv *names,
		     char **ret)
{
	AUTO_FREE char *top = xasprintf(OVERRIDE_DIR "/%s", t->name);
	char hex[DIGEST_HEX];
	struct digest d;
	struct hasher h = { .root = &e->root, .top = top, .digest = &d, .follow = true };
	int r;

	digest_begin(&d);
	r = hasher_add_overrides(&h, t, names);
	digest_end(&d, hex);
	if (r == 0)
		*ret = xstrdup(h.n ? hex : "");
	return r;
}

/*
 * `s` is the rest of a line after "NAME=".  Return the value without its quotes; NULL if a shell
 * would do more than remove quotes.  E.g. NULL for '$x': DKMS expands values a second time, so
 * single quotes do not protect the '$'.
 */
static char *source_literal(const char *s, size_t len)
{
	AUTO_BUF struct buf b = BUF_INIT;
	const char *end = s + len;
	char quote = 0;

	for (; s < end && (quote || (*s != ' ' && *s != '\t' && *s != '\r')); s++) {
		if (strchr("$`\\", *s) || (!quote && strchr("()<>;&|*?[]{}~!", *s)))
			return NULL;
		if (*s == quote)
			quote = 0;
		else if (!quote && (*s == '"' || *s == '\''))
			quote = *s;
		else
			buf_addch(&b, *s);
	}
	s += strspn(s, " \t\r");
	if (quote || (s < end && *s != '#'))
		return NULL;
	return buf_detach(&b);
}

static bool source_is_name_char(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* Does an assignment begin at `s`, with a name of `len` bytes? */
static bool source_is_assignment(const char *text, const char *s, size_t len)
{
	bool begins = s == text || (!source_is_name_char(s[-1]) && s[-1] != '$' && s[-1] != '{');

	return begins && (s[len] == '=' || s[len] == '[' || strncmp(s + len, "+=", 2) == 0);
}

/* Is s on a line that is a comment? */
static bool source_is_comment(const char *text, const char *s)
{
	while (s > text && s[-1] != '\n')
		s--;
	s += strspn(s, " \t");
	return *s == '#';
}

static char *source_literal_directive(const char *text, const char *directive)
{
	AUTO_FREE char *value = NULL;
	size_t len = strlen(directive);
	unsigned int seen = 0;

	for (const char *s = strstr(text, directive); s; s = strstr(s + len, directive)) {
		const char *from = s + len + 1;

		if (!source_is_assignment(text, s, len) || source_is_comment(text, s))
			continue;
		if (seen++ || s[len] != '=' || (s != text && s[-1] != '\n'))
			return NULL;
		value = source_literal(from, strcspn(from, "\n"));
	}
	return TAKE(value);
}

void source_literal_id(const char *conf, char **ret_name, char **ret_version)
{
	*ret_name = source_literal_directive(conf, "PACKAGE_NAME");
	*ret_version = source_literal_directive(conf, "PACKAGE_VERSION");
}

void source_folders_release(struct source_folders *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].folder);
		free(f->v[i].name);
		free(f->v[i].version);
	}
	free(f->v);
	*f = (struct source_folders){ 0 };
}

static void source_folders_add(const struct engine *e, const char *name, struct source_folders *ret)
{
	AUTO_FREE char *conf = engine_source(e, "%s/dkms.conf", name);
	AUTO_BUF struct buf text = BUF_INIT;
	struct source_folder f = { 0 };
	int r = fs_read(&e->root, conf, MAX_CONF, &text);

	if (r == -ENOENT || r == -ENOTDIR || r == -EINVAL || r == -ELOOP)
		return;
	if (r < 0)
		log_debug("%s: %s", conf, error_text(r));
	f.folder = xstrdup(name);
	if (r == 0)
		source_literal_id(text.s, &f.name, &f.version);
	VEC_PUSH(ret->v, ret->n, f);
}

static int source_compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool source_is_skipped(const struct strv *skip, const char *name)
{
	return skip && skip->n &&
	       bsearch(&name, skip->v, skip->n, sizeof(*skip->v), source_compare_names);
}

int source_folders(const struct engine *e, const struct strv *skip, struct source_folders *ret)
{
	AUTO_STRV struct strv names = STRV_INIT;
	struct source_folders found = { 0 };
	const char *name;
	int r = fs_list(&e->root, e->source_tree, &names);

	if (r < 0 && r != -ENOENT)
		return r;
	STRV_FOREACH (name, &names) {
		if (!source_is_skipped(skip, name))
			source_folders_add(e, name, &found);
	}
	*ret = found;
	return 0;
}
