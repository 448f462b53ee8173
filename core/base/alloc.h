/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * alloc - memory for a process that runs once.
 *
 * A failed allocation ends the process, so no caller needs a branch for it.  The engine must
 * survive kill -9 at any moment anyway (journal and recovery).  The RPM plugin uses this file
 * inside rpm's process; rpm itself also ends when it is out of memory.
 */
#include <stddef.h>

#include "base/util.h"

/* Called when there is no memory; must not return.  Programs may set it.  Default: abort(). */
extern void (*alloc_die)(void);

/* `n` and `size` may be 0; the result is never NULL. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
/* An overflow of n * size is a failed allocation. */
void *xreallocarray(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
/* Returns NULL if s is NULL. */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n) __attribute__((returns_nonnull));
/* As asprintf(3).  Caller frees. */
char *xasprintf(const char *fmt, ...) PRINTF(1, 2) __attribute__((returns_nonnull));
/* As tsearch(3). */
void *xtsearch(const void *key, void **root, int (*compare)(const void *, const void *))
	__attribute__((returns_nonnull));

/*
 * VEC_PUSH() appends `value` to an array of `n` items, and makes the array larger if it is full.
 * Begin with NULL and n = 0; free the array with free().  Its capacity is not stored: VEC_PUSH()
 * assumes that it is n rounded up to a power of two.  So the caller may lower n, but must not use
 * VEC_PUSH() on an array from elsewhere.  vec_grow() makes room for one more item.
 */
void *vec_grow(void *items, size_t n, size_t size) __attribute__((returns_nonnull));
#define VEC_PUSH(items, n, value)                                   \
	do {                                                        \
		(items) = vec_grow((items), (n), sizeof(*(items))); \
		(items)[(n)++] = (value);                           \
	} while (0)
