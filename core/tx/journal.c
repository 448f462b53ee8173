/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tx/journal.h"

#include "base/log.h"
#include "tx/journalfile.h"
#include "tx/recovery.h"

int journal_lock(struct journal *j, bool recover)
{
	int r;

	if (j->depth == 0) {
		r = journal_take_tree(j);
		if (r < 0)
			return r;
		/* An error means only that a folder of journals cannot be listed: go on. */
		if (recover && journal_recover_others(j, j->run_id, NULL, NULL) < 0)
			log_debug("%s cannot be listed", j->place->dir);
	}
	j->depth++;
	return 0;
}

void journal_unlock(struct journal *j)
{
	if (--j->depth == 0)
		lock_release(&j->tree);
}
