/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/alloc.h"

#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void (*alloc_die)(void) = abort;

static void *alloc_checked(void *p)
{
	if (!p) {
		alloc_die();
		abort();
	}
	return p;
}

void *xmalloc(size_t size)
{
	return alloc_checked(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return alloc_checked(calloc(n ? n : 1, size ? size : 1));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return alloc_checked(reallocarray(p, n ? n : 1, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return s ? alloc_checked(strdup(s)) : NULL;
}

char *xstrndup(const char *s, size_t n)
{
	return alloc_checked(strndup(s, n));
}

char *xasprintf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return alloc_checked(s);
}

void *xtsearch(const void *key, void **root, int (*compare)(const void *, const void *))
{
	return alloc_checked(tsearch(key, root, compare));
}

void *vec_grow(void *items, size_t n, size_t size)
{
	/* The array is full if n is 0 or a power of two. */
	if (n & (n - 1))
		return items;
	return xreallocarray(items, n ? 2 * n : 1, size);
}
