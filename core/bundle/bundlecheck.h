/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundlecheck - may this machine believe a bundle?  Its files are read as if an enemy had made
 * them.
 *
 * The order is: signatures of the manifest, then the manifest, then the archive's hash.  So the
 * archive is opened only if somebody who is trusted has signed its hash.
 */
#include "bundle/bundletrust.h"
#include "bundle/manifest.h"

struct bundle_checked {
	struct manifest manifest;
	struct strv signers; /* names of those that count */
};
#define BUNDLE_CHECKED_INIT                                     \
	{                                                       \
		.manifest = MANIFEST_INIT, .signers = STRV_INIT \
	}
#define AUTO_BUNDLE_CHECKED CLEANUP(bundle_checked_release)

void bundle_checked_release(struct bundle_checked *c);
/*
 * Check the bundle in a folder.  `key` is the key that it must have; NULL: any.  It needs as many
 * signatures as the setting `signatures` says.
 *
 * -E_BUNDLE_TRUST: too few signatures count; -E_BUNDLE_BAD: it is not valid, or has another key.
 */
int bundle_check(const struct engine *e, const struct bundle_trust *t, const char *folder,
		 const char *key, struct bundle_checked *ret, struct err *err) MUST_CHECK;
/* Read the manifest of a bundle whoever signed it.  Only for listing. */
int bundle_read(const struct engine *e, const char *folder, struct manifest *ret,
		struct err *err) MUST_CHECK;
