/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/surveyed.h"

#include <stdlib.h>

#include "tree/ledgerfile.h"

void survey_release(struct survey *s)
{
	world_release(&s->world);
	confs_release(&s->confs);
	verdicts_release(&s->verdicts);
	cache_release(&s->headers);
	cache_release(&s->sources);
	cache_release(&s->loader);
	strv_release(&s->problems);
	for (size_t i = 0; i < s->n_toolchains; i++) {
		free(s->toolchains[i].release);
		free(s->toolchains[i].id);
	}
	free(s->toolchains);
}

int survey_save(struct engine *e, struct survey *s)
{
	struct cache *caches[] = { &s->headers, &s->sources, &s->loader };
	struct tx tx;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(caches); i++) {
		int k = cache_store(e, caches[i]);

		r = r < 0 ? r : k;
	}
	if (!s->verdicts_changed || r < 0)
		return r;
	tx_begin(&tx, &e->journal, "remember conf verdicts");
	ledger_store(e, &tx, &s->verdicts);
	r = tx_run(&tx, NULL);
	tx_release(&tx);
	return r;
}
