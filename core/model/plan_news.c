/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an event has brought, and so tells aloud.  What was so before has been told, and is there
 * for who asks: `dkms status`.
 */
#include <string.h>

#include "model/plan.h"

struct news {
	const struct world *w;
	const struct event *e;
	const struct ledger *owners; /* after the event */
};

static bool news_has(const struct news *n, enum owned_kind kind, const char *key)
{
	const struct owned *was = key ? ledger_owned(&n->w->ledger, kind, key) : NULL;
	const struct owned *now = key ? ledger_owned(n->owners, kind, key) : NULL;

	if (!was || !now)
		return was != now;
	return strcmp(was->package, now->package) != 0 || strcmp(was->version, now->version) != 0;
}

static const char *news_folder(const struct news *n, const struct modid *id)
{
	const struct world_module *m = world_module(n->w, id);
	const struct world_folder *f = world_folder(n->w, id);

	return m ? m->folder : f ? f->folder : NULL;
}

static bool news_is_of_kernel(const struct news *n, const char *release)
{
	return news_has(n, OWNED_KERNEL, release) || news_has(n, OWNED_HEADERS, release) ||
	       (n->e->kernel_only && event_kernel(n->e, release));
}

void plan_mark_news(const struct world *w, const struct event *e, const struct ledger *owners,
		    struct plan *p)
{
	struct news n = { w, e, owners };

	for (size_t i = 0; i < p->n; i++) {
		struct step *s = &p->steps[i];

		s->news = (s->release && news_is_of_kernel(&n, s->release)) ||
			  (s->id.name && news_has(&n, OWNED_SOURCE, news_folder(&n, &s->id)));
	}
}
