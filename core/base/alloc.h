/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * alloc - memory for a one-shot process.
 *
 * Inside core a failed allocation ends the process, here and nowhere else:
 * the engine must survive kill -9 at any moment anyway (journal, recovery),
 * so nobody else has an out-of-memory branch.  The message goes through
 * alloc_die, which the program may point at something that also flushes.
 * The RPM plugin lives in a foreign process and must not use this file.
 */
#include <stddef.h>

#include "base/util.h"

/* Called with no memory left; must not return.  Default: abort(). */
extern void (*alloc_die)(void);

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
/* n * size, overflow checked. */
void *xreallocarray(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
/* xstrdup(NULL) is NULL. */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n) __attribute__((returns_nonnull));
/* Formatted string; caller frees. */
char *xasprintf(const char *fmt, ...) PRINTF(1, 2) __attribute__((returns_nonnull));

/*
 * Make room for one more element in a growing array: VEC_PUSH(items, n, v)
 * where items is T *, n a size_t.  Capacity is the next power of two, so it
 * is not stored.  The array is freed with free().
 */
void *vec_grow(void *items, size_t n, size_t size) __attribute__((returns_nonnull));
#define VEC_PUSH(items, n, value)                                         \
	do {                                                              \
		(items) = vec_grow((items), (n), sizeof(*(items)));       \
		(items)[(n)++] = (value);                                 \
	} while (0)
