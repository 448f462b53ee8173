/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/calls.h"

#include <limits.h>

#include "base/alloc.h"
#include "model/lines.h"

void calls_print(const struct calls *c, struct buf *b)
{
	buf_addf(b, "compiled %u, replayed %u", c->compiled, c->replayed);
}

bool calls_parse(const struct strv *words, struct calls *ret)
{
	AUTO_FREE char *first = NULL;
	uint64_t compiled, replayed;

	if (words->n != 4 || strcmp(words->v[0], "compiled") != 0 ||
	    strcmp(words->v[2], "replayed") != 0 || !str_ends(words->v[1], ","))
		return false;
	first = xstrndup(words->v[1], strlen(words->v[1]) - 1);
	if (!lines_u64(first, &compiled) || !lines_u64(words->v[3], &replayed) ||
	    compiled > UINT_MAX || replayed > UINT_MAX)
		return false;
	*ret = (struct calls){ true, (unsigned int)compiled, (unsigned int)replayed };
	return true;
}
