/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundleget - fetch a bundle from the first store that has one that this machine may believe.
 */
#include "bundle/bundlecheck.h"

struct bundle_got {
	struct bundle_checked checked;
	char *from; /* URL of the store, without a password */
	/*
	 * No store has answered, not even that it has no such bundle.  The next bundle of this run
	 * would fail in the same way.
	 */
	bool unreachable;
};
#define BUNDLE_GOT_INIT                         \
	{                                       \
		.checked = BUNDLE_CHECKED_INIT, \
	}
#define AUTO_BUNDLE_GOT CLEANUP(bundle_got_release)

void bundle_got_release(struct bundle_got *g);
/*
 * Fetch the bundle of a key into the folder `dest`, which is made or emptied.  Each of the stores
 * (bundlestore.h) is asked in turn, until one has a bundle that bundle_check() accepts.  *ret is
 * set in any case.
 *
 * -E_NO_BUNDLE: no store has it, or no store is set; -E_BUNDLE_BAD, -E_BUNDLE_TRUST: what was
 * fetched cannot be believed; -E_TIMEOUT; -E_INTERRUPTED; or another error.
 */
int bundle_get(const struct engine *e, const struct strv *stores, const char *key, const char *dest,
	       struct bundle_got *ret, struct err *err) MUST_CHECK;
