/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundlepush - put a bundle into a store, beside what other builders have put there.
 *
 * If the store has the bundle of that key already, and both manifests are the same to the byte, our
 * signature joins those of the others.  If they differ, somebody has built something else from the
 * same input, and nothing is pushed.
 */
#include "bundle/bundlemake.h"

enum bundle_pushed { BUNDLE_PUSHED, BUNDLE_JOINED, BUNDLE_WAS_THERE };

/*
 * Push the bundle in `folder`, which bundle_make() has made.  With `force`, replace another bundle
 * of the same key.  -E_BUNDLE_BAD: the store has another bundle of this key; or an error of
 * bundle_store_push().
 */
int bundle_push(const struct engine *e, const char *url, const struct manifest *m,
		const char *folder, const struct bundle_signer *signer, bool force,
		enum bundle_pushed *ret, struct err *err) MUST_CHECK;
