/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/scratch.h"

#include "base/alloc.h"
#include "base/path.h"
#include "engine/treepath.h"
#include "sys/fs.h"
#include "tx/place.h"

int scratch_enter(struct engine *e, const char *tree, const struct modid *id, const char *source)
{
	AUTO_FREE char *link = NULL, *above = NULL;
	int r;

	free(e->dkms_tree);
	e->dkms_tree = xstrdup(tree);
	/* The open journal belongs to our parent, which still needs it: do not close it. */
	journal_place_release(&e->place);
	tree_journal_place(e, &e->place);
	journal_open(&e->journal, &e->place, e->run_id);
	link = tree_source_link(e, id->name, id->version);
	above = path_parent(link);
	r = fs_mkdir_p(&e->root, above);
	return r < 0 ? r : fs_symlink(&e->root, source, link);
}
