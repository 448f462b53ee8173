/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * strv - a growing vector of owned strings, NULL-terminated for execve(2).
 *
 *	AUTO_STRV struct strv v = STRV_INIT;
 *	strv_add(&v, "make");
 *	strv_addf(&v, "-j%u", jobs);
 *
 * v.v is NULL only in a zeroed struct strv, which is an empty vector, too.  Strings are copied
 * unless a function says otherwise.
 */
#include "base/util.h"

struct strv {
	char **v;
	size_t n;
	size_t alloc; /* 0: v is not allocated */
};

extern char *strv_empty[1];
#define STRV_INIT                \
	{                        \
		strv_empty, 0, 0 \
	}
#define AUTO_STRV CLEANUP(strv_release)
#define STRV_FOREACH(s, sv) \
	for (size_t i_##s = 0; i_##s < (sv)->n && ((s) = (sv)->v[i_##s], true); i_##s++)

void strv_release(struct strv *v);
void strv_add(struct strv *v, const char *s);
void strv_addn(struct strv *v, const char *s, size_t n);
void strv_addf(struct strv *v, const char *fmt, ...) PRINTF(2, 3);
/* Append s and take ownership of it. */
void strv_take(struct strv *v, char *s);
void strv_add_all(struct strv *v, const struct strv *from);
bool strv_has(const struct strv *v, const char *s);
/* Are they the same strings in the same order? */
bool strv_equal(const struct strv *a, const struct strv *b);
/* Sort by strcmp(3), whatever the locale is. */
void strv_sort(struct strv *v);
/* Append the words of s, which are separated by one or more bytes of seps. */
void strv_split(struct strv *v, const char *s, const char *seps);
/* All strings with sep between them; "" if there are no strings.  Caller frees. */
char *strv_join(const struct strv *v, const char *sep);
/* Remove and free element i; the others keep their order. */
void strv_remove(struct strv *v, size_t i);
