/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tx/journaltext.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/path.h"
#include "tx/op.h"

#define HEADER "dkms-journal 1\n"
#define END    "end\n"

static const char *const kinds[] = {
	[OP_PUT] = "put",	   [OP_DEL] = "del",	 [OP_PUT_TREE] = "puttree",
	[OP_DEL_TREE] = "deltree", [OP_MKDIR] = "mkdir", [OP_RMDIR] = "rmdir",
};

/* The fourth word of an operation's line; NULL for kinds that have none. */
static const char *journal_op_detail(const struct tx_op *op)
{
	switch (op->kind) {
	case OP_PUT: return op->had_old ? "file" : "none";
	case OP_DEL_TREE: return op->by_copy ? "copy" : "rename";
	case OP_PUT_TREE: return op->from;
	default: return NULL;
	}
}

static void journal_print_op(const struct tx_op *op, struct buf *b)
{
	const char *more = journal_op_detail(op);

	buf_addf(b, "%s %u ", kinds[op->kind], op->number);
	buf_add_escaped(b, op->path);
	if (more) {
		buf_addch(b, ' ');
		buf_add_escaped(b, more);
	}
	buf_addch(b, '\n');
}

void journal_print(const struct tx *tx, struct buf *b)
{
	buf_adds(b, HEADER "what ");
	buf_add_escaped(b, tx->what);
	buf_addch(b, '\n');
	for (size_t i = 0; i < tx->n_ops; i++) {
		if (tx->ops[i].kind != OP_NONE)
			journal_print_op(&tx->ops[i], b);
	}
	buf_adds(b, END);
}

/* Parse the fourth word of an operation's line.  Returns false if the word is not valid. */
static bool journal_parse_detail(struct tx_op *op, const char *word)
{
	switch (op->kind) {
	case OP_PUT: op->had_old = strcmp(word, "file") == 0; break;
	case OP_DEL_TREE: op->by_copy = strcmp(word, "copy") == 0; break;
	case OP_PUT_TREE: op->from = xstrdup(word); return path_is_plain(word);
	default: break;
	}
	return strcmp(word, journal_op_detail(op)) == 0;
}

static char *journal_unescape(const char *word)
{
	struct buf b = BUF_INIT;

	if (buf_add_unescaped(&b, word, strlen(word)))
		return buf_detach(&b);
	buf_release(&b);
	return NULL;
}

static enum op_kind journal_find_kind(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i] && strcmp(kinds[i], word) == 0)
			return (enum op_kind)i;
	}
	return OP_NONE;
}

bool journal_number(const char *s, size_t len, unsigned int *ret)
{
	unsigned int n = 0;

	if (len == 0 || len > 9 || (len > 1 && s[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		n = 10 * n + (unsigned int)(s[i] - '0');
	}
	*ret = n;
	return true;
}

/*
 * Parse the words of an operation's line into *op.  The caller releases op, also if this returns
 * false.
 */
static bool journal_parse_op(struct tx_op *op, const struct strv *words)
{
	AUTO_FREE char *more = NULL;
	size_t n;

	*op = (struct tx_op){ .kind = words->n > 2 ? journal_find_kind(words->v[0]) : OP_NONE };
	if (op->kind == OP_NONE || !journal_number(words->v[1], strlen(words->v[1]), &op->number))
		return false;
	n = op->kind == OP_PUT || op->kind == OP_PUT_TREE || op->kind == OP_DEL_TREE ? 4 : 3;
	op->path = journal_unescape(words->v[2]);
	if (!op->path || words->n != n || !path_is_plain(op->path))
		return false;
	if (n == 3)
		return true;
	more = journal_unescape(words->v[3]);
	return more && journal_parse_detail(op, more);
}

/* Add what a line says to tx.  Returns false, and adds nothing, if the line is not valid. */
static bool journal_parse_line(struct tx *tx, const char *line)
{
	AUTO_STRV struct strv words = STRV_INIT;
	struct tx_op op;

	strv_split(&words, line, " ");
	if (words.n == 2 && !tx->what && strcmp(words.v[0], "what") == 0) {
		tx->what = journal_unescape(words.v[1]);
		return tx->what != NULL;
	}
	if (!journal_parse_op(&op, &words)) {
		op_release(&op);
		return false;
	}
	VEC_PUSH(tx->ops, tx->n_ops, op);
	return true;
}

bool journal_parse(struct tx *tx, const char *text)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;

	if (strncmp(text, HEADER, strlen(HEADER)) != 0)
		return false;
	strv_split(&lines, text + strlen(HEADER), "\n");
	strv_remove(&lines, lines.n - 1); /* "end" */
	STRV_FOREACH (line, &lines) {
		if (!journal_parse_line(tx, line))
			return false;
	}
	return tx->what != NULL;
}

void journal_salvage(struct tx *tx, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		AUTO_FREE char *line = xstrndup(text, len);

		/* A last line without its '\n' may be cut in the middle of a path. */
		if (!text[len])
			return;
		if (!journal_parse_line(tx, line))
			log_debug("no line of a journal: %s", line);
		text += len + 1;
	}
}

bool journal_is_whole(const struct buf *b)
{
	return b->len > strlen(HEADER END) && strlen(b->s) == b->len &&
	       strcmp(b->s + b->len - strlen("\n" END), "\n" END) == 0;
}
