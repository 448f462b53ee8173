/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/outbox.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/treepath.h"
#include "sys/fs.h"
#include "sys/harvest.h"

enum { FILES_MAX = 1024 };
#define BYTES_MAX ((uint64_t)1 << 30) /* of all files */

int outbox_open(struct confine *c, struct engine *e, const struct target *t)
{
	AUTO_FREE char *folder = tree_workspace_outbox(e, t), *place = tree_build_dir(e, t);
	int r;

	if (c->tier != CONFINE_FULL)
		return 0;
	r = fs_remove_tree(&e->root, folder);
	if (r == 0)
		r = fs_mkdir_p(&e->root, folder);
	if (r == 0)
		r = confine_give(c, e, folder);
	if (r == 0)
		confine_outbox(c, e, folder, place);
	return r;
}

/* ---- copy ---- */

struct outbox {
	const struct root *root;
	const char *folder, *place;
	struct strv known; /* names that the build has */
	size_t files;
	uint64_t bytes;
};

static int outbox_refuse(const struct outbox *o, const char *rel, const char *why)
{
	log_warning("%s/%s, which POST_BUILD has made, %s: it is left out", o->place, rel, why);
	return 0;
}

static int outbox_take_file(struct outbox *o, const char *rel, const struct stat *st,
			    const char *to)
{
	int r;

	if (++o->files > FILES_MAX)
		return outbox_refuse(o, rel, "is one file too many");
	if ((uint64_t)st->st_size > BYTES_MAX - o->bytes)
		return outbox_refuse(o, rel, harvest_problem(-EFBIG));
	r = harvest_file(o->root, o->folder, rel, to, BYTES_MAX - o->bytes);
	if (r < 0 && harvest_problem(r))
		return outbox_refuse(o, rel, harvest_problem(r));
	o->bytes += (uint64_t)st->st_size;
	return r;
}

static int outbox_take_one(const char *rel, const struct stat *st, void *data)
{
	struct outbox *o = data;
	AUTO_FREE char *to = xasprintf("%s/%s", o->place, rel);
	AUTO_FREE char *first = xstrndup(rel, strcspn(rel, "/"));

	if (strv_has(&o->known, first))
		return rel[strlen(first)] ? 0 : outbox_refuse(o, rel, "is the build's own");
	if (S_ISDIR(st->st_mode))
		return fs_mkdir_p(o->root, to);
	return outbox_take_file(o, rel, st, to);
}

int outbox_take(const struct confine *c, struct engine *e, const struct target *t)
{
	AUTO_FREE char *folder = tree_workspace_outbox(e, t), *place = tree_build_dir(e, t);
	struct outbox o = { &e->root, folder, place, STRV_INIT, 0, 0 };
	int r;

	if (!c->outbox)
		return 0;
	r = fs_list(&e->root, place, &o.known);
	if (r == 0)
		r = fs_walk(&e->root, folder, outbox_take_one, &o);
	strv_release(&o.known);
	return r;
}

int outbox_remove(struct confine *c, struct engine *e, const struct target *t)
{
	AUTO_FREE char *folder = tree_workspace_outbox(e, t);

	if (!c->outbox)
		return 0;
	free(c->outbox);
	free(c->outbox_at);
	c->outbox = c->outbox_at = NULL;
	return fs_remove_tree(&e->root, folder);
}
