/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * util - macros and small helpers that every file uses.
 *
 * A local variable that owns something is declared with CLEANUP(fn), or with an AUTO_... macro that
 * stands for CLEANUP(fn).  It is released at the end of its scope.  TAKE(ptr) returns the value of
 * ptr, which the receiver then owns, and sets ptr to NULL.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a)	  (sizeof(a) / sizeof((a)[0]))
#define CLEANUP(fn)	  __attribute__((cleanup(fn)))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK	  __attribute__((warn_unused_result))
#define NORETURN	  __attribute__((noreturn))

#define TAKE(ptr)                             \
	({                                    \
		__typeof__(ptr) *p_ = &(ptr); \
		__typeof__(ptr) v_ = *p_;     \
		*p_ = NULL;                   \
		v_;                           \
	})

static inline void free_charp(char **p)
{
	free(*p);
}
/* char *, freed at the end of its scope. */
#define AUTO_FREE CLEANUP(free_charp)

/* Are the strings equal?  NULL equals only NULL. */
static inline bool str_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static inline bool str_begins(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static inline bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}
