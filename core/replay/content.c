/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/content.h"

#include <ctype.h>
#include <string.h>

static bool content_has(const char *s, size_t len, const char *text)
{
	return memmem(s, len, text, strlen(text)) != NULL;
}

/* .include of the assembler, which names its file in quotes. */
static bool content_has_include(const char *s, size_t len)
{
	static const char word[] = ".include";
	const char *end = s + len, *at = s;

	while ((at = memmem(at, (size_t)(end - at), word, strlen(word)))) {
		at += strlen(word);
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		if (at == end || *at != '<')
			return true;
	}
	return false;
}

/*
 * __has_include of a file outside of the folders that are searched: of an absolute path, or of one
 * with "..".  A macro may stand for such a path.
 */
static bool content_looks_elsewhere(const char *s, size_t len)
{
	static const char word[] = "__has_include";
	const char *end = s + len, *at = s;

	while ((at = memmem(at, (size_t)(end - at), word, strlen(word)))) {
		const char *line_end;

		at += strlen(word);
		line_end = memchr(at, '\n', (size_t)(end - at));
		if (content_has(at, (size_t)((line_end ? line_end : end) - at), ".."))
			return true;
		/* __has_include_next, and __has_include__ of old compilers */
		while (at < end && (*at == '_' || isalpha((unsigned char)*at)))
			at++;
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		if (at < end && *at != '(' && *at != '\\')
			continue; /* only its name, as in #ifdef */
		for (at++; at < end && (*at == ' ' || *at == '\t');)
			at++;
		if (end - at > 1 && (*at == '"' || *at == '<') && at[1] != '/')
			continue;
		return true;
	}
	return false;
}

unsigned int content_flags(const struct release_words *words, const char *s, size_t len)
{
	unsigned int flags = 0;

	if (release_words_in(words, s, len))
		flags |= CONTENT_RELEASE;
	if (content_has(s, len, "__TIME__") || content_has(s, len, "__DATE__") ||
	    content_has(s, len, "__TIMESTAMP__"))
		flags |= CONTENT_CLOCK;
	if (content_has(s, len, ".incbin") || content_has_include(s, len) ||
	    content_looks_elsewhere(s, len))
		flags |= CONTENT_INCLUDED;
	if (content_has(s, len, "BUILD_SALT"))
		flags |= CONTENT_SALT;
	return flags;
}

bool content_is_modpost(const char *path, const char *s, size_t len)
{
	static const char begin[] = "#include <linux/module.h>\n";

	return (str_ends(path, ".mod.c") || str_ends(path, "/module-common.c")) &&
	       content_has(s, len, "MODULE_INFO(vermagic, VERMAGIC_STRING);") &&
	       content_has(s, len, begin);
}

bool content_is_masked(const char *path, bool *ret_salt)
{
	*ret_salt = str_ends(path, "/include/generated/autoconf.h");
	return *ret_salt || str_ends(path, "/include/generated/utsrelease.h");
}
