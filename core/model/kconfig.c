/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/kconfig.h"

#include <string.h>

#include "base/alloc.h"

struct kconfig_entry {
	char *name, *value;
};

/* Remove the quotes around a value, and the backslashes in it, in place. */
static char *kconfig_unquote(char *value)
{
	size_t n = strlen(value), out = 0;

	if (n < 2 || value[0] != '"' || value[n - 1] != '"')
		return value;
	for (size_t i = 1; i < n - 1; i++) {
		if (value[i] == '\\' && i + 1 < n - 1)
			i++;
		value[out++] = value[i];
	}
	value[out] = '\0';
	return value;
}

/* Returns false if the line sets nothing.  *ret points into the line, which is changed. */
static bool kconfig_parse_line(char *line, struct kconfig_entry *ret)
{
	size_t n = strlen(line);
	char *eq;

	if (n && line[n - 1] == '\r')
		line[n - 1] = '\0';
	if (!str_begins(line, "CONFIG_") || !(eq = strchr(line, '=')))
		return false;
	*eq = '\0';
	ret->name = line;
	ret->value = kconfig_unquote(eq + 1);
	return true;
}

/* Sort by name.  Of lines with the same name, the later one comes first: its address is higher. */
static int kconfig_compare(const void *va, const void *vb)
{
	const struct kconfig_entry *a = va, *b = vb;
	int r = strcmp(a->name, b->name);

	if (r)
		return r;
	return a->name > b->name ? -1 : a->name < b->name;
}

/* Take the first entry of each name. */
static void kconfig_fill(struct kconfig *c, const struct kconfig_entry *entries, size_t n)
{
	c->names = xcalloc(n, sizeof(*c->names));
	c->values = xcalloc(n, sizeof(*c->values));
	for (size_t i = 0; i < n; i++) {
		if (c->n && strcmp(c->names[c->n - 1], entries[i].name) == 0)
			continue;
		c->names[c->n] = entries[i].name;
		c->values[c->n++] = entries[i].value;
	}
}

void kconfig_parse(const char *text, struct kconfig *ret)
{
	struct kconfig c = { .text = xstrdup(text) };
	struct kconfig_entry *entries = NULL, entry;
	size_t n = 0;
	char *rest = c.text, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (kconfig_parse_line(line, &entry))
			VEC_PUSH(entries, n, entry);
	}
	if (n)
		qsort(entries, n, sizeof(*entries), kconfig_compare);
	kconfig_fill(&c, entries, n);
	free(entries);
	*ret = c;
}

void kconfig_release(struct kconfig *c)
{
	free(c->text);
	free(c->names);
	free(c->values);
	*c = (struct kconfig){ 0 };
}

const char *kconfig_get(const struct kconfig *c, const char *name)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int r = strcmp(name, c->names[mid]);

		if (r == 0)
			return c->values[mid];
		if (r < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

bool kconfig_enabled(const struct kconfig *c, const char *name)
{
	const char *value = kconfig_get(c, name);

	return value && (strcmp(value, "y") == 0 || strcmp(value, "m") == 0);
}
