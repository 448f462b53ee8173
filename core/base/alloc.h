/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * alloc - memory for a process that runs once.
 *
 * A failed allocation ends the process, here and nowhere else, so that no caller needs a branch for
 * it.  The engine must survive kill -9 at any moment anyway (journal and recovery).  The RPM plugin
 * uses this file too, in the process of rpm, which ends in the same way when it is out of memory.
 */
#include <stddef.h>

#include "base/util.h"

/* Called when there is no memory; must not return.  Programs may set it.  Default: abort(). */
extern void (*alloc_die)(void);

/* Sizes of 0 are allowed everywhere: the result is never NULL. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
/* An overflow of n * size is a failed allocation. */
void *xreallocarray(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
/* NULL for NULL. */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n) __attribute__((returns_nonnull));
/* As asprintf(3).  Caller frees. */
char *xasprintf(const char *fmt, ...) PRINTF(1, 2) __attribute__((returns_nonnull));

/*
 * VEC_PUSH() appends value to an array of n items that grows; free it with free().  Its capacity
 * follows from n, the next power of two, and is not stored: n may go down, but an array that was
 * not made by VEC_PUSH() must not be pushed to.  vec_grow() makes room for one more item.
 */
void *vec_grow(void *items, size_t n, size_t size) __attribute__((returns_nonnull));
#define VEC_PUSH(items, n, value)                                   \
	do {                                                        \
		(items) = vec_grow((items), (n), sizeof(*(items))); \
		(items)[(n)++] = (value);                           \
	} while (0)
