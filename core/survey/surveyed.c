/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/surveyed.h"

#include <stdlib.h>

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
