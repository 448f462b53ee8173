/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strv.h"

#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

char *strv_empty[1];

void strv_release(struct strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i]);
	if (v->alloc)
		free(v->v);
	*v = (struct strv)STRV_INIT;
}

void strv_take(struct strv *v, char *s)
{
	if (v->n + 1 >= v->alloc) {
		size_t alloc = v->alloc ? 2 * v->alloc : 8;

		v->v = xreallocarray(v->alloc ? v->v : NULL, alloc, sizeof(*v->v));
		v->alloc = alloc;
	}
	v->v[v->n++] = s;
	v->v[v->n] = NULL;
}

void strv_add(struct strv *v, const char *s)
{
	strv_take(v, xstrdup(s));
}

void strv_addn(struct strv *v, const char *s, size_t n)
{
	strv_take(v, xstrndup(s, n));
}

void strv_addf(struct strv *v, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	strv_take(v, buf_detach(&b));
}

void strv_add_all(struct strv *v, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		strv_add(v, from->v[i]);
}

bool strv_has(const struct strv *v, const char *s)
{
	for (size_t i = 0; i < v->n; i++) {
		if (strcmp(v->v[i], s) == 0)
			return true;
	}
	return false;
}

bool strv_equal(const struct strv *a, const struct strv *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = strcmp(a->v[i], b->v[i]) == 0;
	return same;
}

static int strv_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *v)
{
	if (v->n > 1)
		qsort(v->v, v->n, sizeof(*v->v), strv_compare);
}

void strv_split(struct strv *v, const char *s, const char *seps)
{
	for (s += strspn(s, seps); *s; s += strspn(s, seps)) {
		size_t n = strcspn(s, seps);

		strv_addn(v, s, n);
		s += n;
	}
}

char *strv_join(const struct strv *v, const char *sep)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < v->n; i++) {
		if (i)
			buf_adds(&b, sep);
		buf_adds(&b, v->v[i]);
	}
	return buf_detach(&b);
}

void strv_remove(struct strv *v, size_t i)
{
	free(v->v[i]);
	memmove(v->v + i, v->v + i + 1, (v->n - i) * sizeof(*v->v));
	v->n--;
}
