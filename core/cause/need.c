/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cause/need.h"

#include <string.h>

#include "base/alloc.h"
#include "base/path.h"

static const struct {
	const char *text;
	enum cause_need_kind kind;
} need_texts[] = {
	{ "Read-only file system", NEED_WRITE },
	{ "Permission denied", NEED_ACCESS },
	{ "Operation not permitted", NEED_ACCESS },
	{ "Network is unreachable", NEED_NETWORK },
	{ "Could not resolve host", NEED_NETWORK },
	{ "unable to resolve host", NEED_NETWORK },
	{ "Temporary failure in name resolution", NEED_NETWORK },
	{ "Name or service not known", NEED_NETWORK },
	{ "Address family not supported by protocol", NEED_NETWORK },
};

#define NEED_PATH_CHARS                                               \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456" \
	"789/._+@:,=~-"

void cause_need_release(struct cause_need *n)
{
	free(n->path);
	*n = (struct cause_need)CAUSE_NEED_INIT;
}

/* Can a path begin at `at`?  Not after a letter, as in "and/or", or in an address. */
static bool need_begins(const char *line, const char *at)
{
	return *at == '/' && at[1] != '/' &&
	       (at == line || strchr(" \t'\"`=(<[:", at[-1]) || (unsigned char)at[-1] >= 0x80);
}

/*
 * The path at `at`, with a length in *ret_len.  It ends where the next character cannot be in one;
 * colons, commas and stops at its end belong to the sentence.  NULL: it has characters that a shell
 * may take for more than themselves; caller frees.
 */
static char *need_path(const char *at, size_t *ret_len)
{
	size_t n = strspn(at, NEED_PATH_CHARS);
	unsigned char next = (unsigned char)at[n];
	AUTO_FREE char *path = NULL;

	*ret_len = n;
	if (next && !strchr(" \t'\"`)>]", next) && next < 0x80)
		return NULL;
	while (n > 1 && strchr(":,.", at[n - 1]))
		n--;
	path = xstrndup(at, n);
	return path_is_plain(path) ? TAKE(path) : NULL;
}

/* The last path before `error`; if there is none, the first one after it.  NULL: none. */
static char *need_find_path(const char *line, const char *error)
{
	char *best = NULL;

	for (const char *at = line; *at; at++) {
		size_t len = 0;
		char *path;

		if (at > error && best)
			break;
		if (!need_begins(line, at))
			continue;
		path = need_path(at, &len);
		if (path) {
			free(best);
			best = path;
		}
		at += len ? len - 1 : 0;
	}
	return best;
}

void cause_need_find(const char *line, struct cause_need *ret)
{
	*ret = (struct cause_need)CAUSE_NEED_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(need_texts); i++) {
		const char *error = strstr(line, need_texts[i].text);

		if (!error)
			continue;
		ret->kind = need_texts[i].kind;
		if (ret->kind != NEED_NETWORK)
			ret->path = need_find_path(line, error);
		return;
	}
}
