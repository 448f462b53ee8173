/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/holdtext.h"

void hold_add_text(const struct hold *h, struct buf *ret)
{
	const char *where = h->release ? h->release : "every kernel";

	switch (h->kind) {
	case HOLD_ABSENT:
		buf_addf(ret, "%s is kept off %s", h->name, where);
		if (!hold_is_firm(h))
			buf_addf(ret, " (%s was uninstalled by hand)", h->version);
		break;
	case HOLD_VERSION:
		buf_addf(ret, "%s stays at %s for %s", h->name, h->version, where);
		if (!hold_is_firm(h))
			buf_adds(ret, " (installed by hand)");
		break;
	case HOLD_REMOVED:
		buf_addf(ret, "%s/%s is kept off every kernel (removed by hand)", h->name,
			 h->version);
		break;
	}
}

void hold_add_cure(const struct hold *h, struct buf *ret)
{
	buf_addf(ret, "dkms unhold %s", h->name);
	if (h->kind == HOLD_REMOVED)
		buf_addf(ret, "/%s", h->version);
	if (h->release)
		buf_addf(ret, " -k %s", h->release);
}
