/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tx/place.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"

void journal_place_release(struct journal_place *p)
{
	free(p->dir);
	free(p->lock);
	free(p->broken);
	free(p->lost);
	strv_release(&p->trees);
	*p = (struct journal_place){ .trees = STRV_INIT };
}

bool place_has(const struct journal_place *p, const struct tx_op *op, const char *path)
{
	bool folder = op->kind == OP_MKDIR || op->kind == OP_RMDIR;
	const char *tree;

	if (!path_is_plain(path))
		return false;
	STRV_FOREACH (tree, &p->trees) {
		/* Folders above a tree are made with it, and removed only if they are empty. */
		if (path_is_below(path, tree) || strcmp(path, tree) == 0 ||
		    (folder && path_is_below(tree, path)))
			return true;
	}
	return false;
}

/*
 * The path, without symlinks, of the nearest folder above `path` that can be resolved.  NULL if
 * there is a loop of symlinks.  Caller frees.
 */
static char *place_real_parent(const struct root *r, const char *path)
{
	AUTO_FREE char *dir = path_parent(path);

	for (;;) {
		char *real = NULL, *up;
		int e = root_realpath(r, dir, &real);

		if (e == 0)
			return real;
		/* A folder that is missing or cannot be entered leads nowhere: go on above it. */
		if (e == -ELOOP || strcmp(dir, "/") == 0)
			return NULL;
		up = path_parent(dir);
		free(dir);
		dir = up;
	}
}

bool place_leads_out(const struct journal_place *p, const struct tx_op *op, const char *path)
{
	AUTO_FREE char *parent = place_real_parent(p->root, path);
	const char *tree;

	if (!parent)
		return true;
	STRV_FOREACH (tree, &p->trees) {
		AUTO_FREE char *own = NULL;
		int e = root_realpath(p->root, tree, &own);
		const char *real = e == 0 ? own : tree;

		/* A tree that does not exist yet has no symlinks in it. */
		if (path_is_below(path, tree) &&
		    (path_is_below(parent, real) || strcmp(parent, real) == 0 || e == -ENOENT))
			return false;
		if (strcmp(path, tree) == 0 ||
		    (path_is_below(tree, path) && place_has(p, op, path)))
			return false;
	}
	return true;
}

const char *place_refuses(const struct journal_place *p, const struct tx *tx)
{
	for (size_t i = 0; i < tx->n_ops; i++) {
		const struct tx_op *op = &tx->ops[i];

		if (!place_has(p, op, op->path) || place_leads_out(p, op, op->path))
			return op->path;
		if (op->kind == OP_PUT_TREE &&
		    (!place_has(p, op, op->from) || place_leads_out(p, op, op->from)))
			return op->from;
	}
	return NULL;
}
