/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/room.h"

#include <string.h>

#include "base/alloc.h"
#include "model/lines.h"

void room_release(struct room *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->compilers[i].name);
		free(r->compilers[i].path);
		free(r->compilers[i].identity);
		free(r->compilers[i].include);
		strv_release(&r->compilers[i].parts);
	}
	free(r->compilers);
	free(r->release);
	free(r->build);
	free(r->store);
	free(r->table);
	free(r->path);
	free(r->cc);
	*r = (struct room)ROOM_INIT;
}

static void room_print_word(struct buf *b, const char *key, const char *word)
{
	buf_adds(b, key);
	lines_add_word(b, word);
	buf_addch(b, '\n');
}

void room_print(const struct room *r, struct buf *b)
{
	const char *part;

	buf_adds(b, "dkms-replay 1\n");
	room_print_word(b, "release", r->release);
	room_print_word(b, "build", r->build);
	room_print_word(b, "store", r->store);
	room_print_word(b, "table", r->table);
	room_print_word(b, "path", r->path);
	if (r->cc)
		room_print_word(b, "cc", r->cc);
	if (r->answer)
		buf_adds(b, "answer\n");
	for (size_t i = 0; i < r->n; i++) {
		const struct room_compiler *c = &r->compilers[i];

		buf_adds(b, "compiler");
		lines_add_word(b, c->name);
		lines_add_word(b, c->path);
		lines_add_word(b, c->identity);
		buf_addch(b, '\n');
		if (c->include)
			room_print_word(b, "include", c->include);
		STRV_FOREACH (part, &c->parts)
			room_print_word(b, "part", part);
	}
	buf_adds(b, "end\n");
}

/* Set the member that the line is about.  Returns false if it is about a compiler. */
static bool room_set(struct room *r, const struct strv *words)
{
	const struct {
		const char *key;
		char **value;
	} members[] = {
		{ "release", &r->release }, { "build", &r->build }, { "store", &r->store },
		{ "table", &r->table },	    { "path", &r->path },   { "cc", &r->cc },
	};

	if (words->n == 1 && strcmp(words->v[0], "answer") == 0) {
		r->answer = true;
		return true;
	}
	for (size_t i = 0; words->n == 2 && i < ARRAY_SIZE(members); i++) {
		if (strcmp(words->v[0], members[i].key) == 0 && !*members[i].value) {
			*members[i].value = xstrdup(words->v[1]);
			return true;
		}
	}
	return false;
}

static const char *room_read_line(const struct strv *words, void *data)
{
	struct room *r = data;
	struct room_compiler *last = r->n ? &r->compilers[r->n - 1] : NULL, c = { 0 };
	const char *key = words->v[0];

	if (room_set(r, words))
		return NULL;
	if (words->n == 4 && strcmp(key, "compiler") == 0) {
		c = (struct room_compiler){ xstrdup(words->v[1]), xstrdup(words->v[2]),
					    xstrdup(words->v[3]), NULL, STRV_INIT };
		VEC_PUSH(r->compilers, r->n, c);
	} else if (words->n == 2 && last && strcmp(key, "include") == 0 && !last->include) {
		last->include = xstrdup(words->v[1]);
	} else if (words->n == 2 && last && strcmp(key, "part") == 0) {
		strv_add(&last->parts, words->v[1]);
	} else {
		return "not understood";
	}
	return NULL;
}

int room_parse(const char *text, struct room *ret, struct err *err)
{
	AUTO_ROOM struct room room = ROOM_INIT;
	int r = lines_parse(text, "replay", room_read_line, &room, err);

	if (r < 0)
		return r;
	if (!room.release || !room.build || !room.store || !room.table || !room.path)
		return err_set(err, -E_CORRUPT, "a line is missing");
	*ret = room;
	room = (struct room)ROOM_INIT;
	return 0;
}

const struct room_compiler *room_compiler(const struct room *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->compilers[i].name, name) == 0)
			return &r->compilers[i];
	}
	return NULL;
}
