/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/headertable.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/path.h"

void headertable_close(struct headertable *t)
{
	if (t->map)
		munmap(t->map, t->len);
	*t = (struct headertable){ 0 };
}

/* Set the parts.  Returns false if they do not fill the file. */
static bool headertable_set_parts(struct headertable *t)
{
	const struct headertable_head *h = t->map;
	size_t left = t->len;

	if (left < sizeof(*h) || memcmp(h->magic, HEADERTABLE_MAGIC, sizeof(h->magic)) != 0)
		return false;
	left -= sizeof(*h);
	if (h->n_roots > left / sizeof(*t->roots))
		return false;
	left -= h->n_roots * sizeof(*t->roots);
	if (h->n_files > left / sizeof(*t->files))
		return false;
	left -= h->n_files * sizeof(*t->files);
	if (h->n_strings != left || (left && ((const char *)t->map)[t->len - 1]))
		return false;
	t->head = h;
	t->roots = (const uint32_t *)(h + 1);
	t->files = (const struct headertable_file *)(t->roots + h->n_roots);
	t->strings = (const char *)(t->files + h->n_files);
	return true;
}

int headertable_map(int fd, struct headertable *ret)
{
	struct headertable t = { 0 };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size <= 0)
		return -EPROTO;
	t.len = (size_t)st.st_size;
	t.map = mmap(NULL, t.len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (t.map == MAP_FAILED)
		return -errno;
	if (!headertable_set_parts(&t)) {
		headertable_close(&t);
		return -EPROTO;
	}
	*ret = t;
	return 0;
}

static const char *headertable_string(const struct headertable *t, uint32_t at)
{
	return at < t->head->n_strings ? t->strings + at : "";
}

const struct headertable_file *headertable_find(const struct headertable *t, const char *path)
{
	size_t from = 0, to = t->map ? t->head->n_files : 0;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int c = strcmp(path, headertable_string(t, t->files[middle].path));

		if (c == 0)
			return &t->files[middle];
		if (c < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

bool headertable_covers(const struct headertable *t, const char *path)
{
	for (size_t i = 0; t->map && i < t->head->n_roots; i++) {
		const char *root = headertable_string(t, t->roots[i]);

		if (*root && (strcmp(path, root) == 0 || path_is_below(path, root)))
			return true;
	}
	return false;
}
