/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/symvers.h"

#include <string.h>

#include "base/alloc.h"

enum { CRC, SYMBOL, MODULE, EXPORT, NAMESPACE, FIELDS };

void symvers_release(struct symvers *s)
{
	free(s->v);
	buf_release(&s->text);
	*s = (struct symvers)SYMVERS_INIT;
}

static int symvers_compare(const void *a, const void *b)
{
	return strcmp(((const struct symvers_symbol *)a)->name,
		      ((const struct symvers_symbol *)b)->name);
}

/* Cut the line into its fields; missing ones are "". */
static void symvers_split(char *line, char *fields[FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++) {
		size_t len = strcspn(line, "\t");

		fields[i] = line;
		line += len;
		if (*line)
			*line++ = '\0';
	}
}

static void symvers_add(struct symvers *s, char *line)
{
	struct symvers_symbol symbol = { 0 };
	char *fields[FIELDS], *end, *slash;
	unsigned long crc;

	symvers_split(line, fields);
	crc = strtoul(fields[CRC], &end, 16);
	if (end == fields[CRC] || *end || !*fields[SYMBOL] || !*fields[MODULE] ||
	    !str_begins(fields[EXPORT], "EXPORT_"))
		return;
	slash = strrchr(fields[MODULE], '/');
	symbol.name = fields[SYMBOL];
	symbol.module = slash ? slash + 1 : fields[MODULE];
	if (strcmp(fields[MODULE], "vmlinux") == 0)
		symbol.module = NULL;
	symbol.ns = fields[NAMESPACE];
	symbol.crc = (uint32_t)crc;
	symbol.gpl = strstr(fields[EXPORT], "_GPL");
	VEC_PUSH(s->v, s->n, symbol);
}

void symvers_parse(struct symvers *s)
{
	for (char *line = s->text.s; *line;) {
		size_t len = strcspn(line, "\n");
		bool last = !line[len];

		line[len] = '\0';
		symvers_add(s, line);
		line += len + !last;
	}
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), symvers_compare);
}

const struct symvers_symbol *symvers_find(const struct symvers *s, const char *name)
{
	struct symvers_symbol key = { .name = name };

	return s->n ? bsearch(&key, s->v, s->n, sizeof(key), symvers_compare) : NULL;
}
