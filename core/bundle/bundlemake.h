/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundlemake - make the bundle of a build that is in the dkms tree.
 *
 * The modules go into it as they were before they were signed and compressed here.  The archive is
 * in the layout of `dkms mktarball --binaries-only`.  Same build, same bytes.
 */
#include "bundle/manifest.h"

/* The builder who signs.  Key and certificate are as in bundlesign_make(). */
struct bundle_signer {
	struct buf key, certificate;
};
#define BUNDLE_SIGNER_INIT                               \
	{                                                \
		.key = BUF_INIT, .certificate = BUF_INIT \
	}
void bundle_signer_release(struct bundle_signer *s);
/* Read both files.  -E_UNSAFE: somebody other than root can change or read the key. */
int bundle_signer_read(const struct engine *e, const char *key, const char *certificate,
		       struct bundle_signer *ret, struct err *err) MUST_CHECK;

/*
 * Make the bundle in the folder `to`, which does not exist.  -E_NOT_BUILT: there is no build;
 * -E_NO_BUNDLE: the build cannot be bundled, e.g. because DKMS made it, or because it was itself
 * fetched.  *ret is the manifest.
 */
int bundle_make(struct engine *e, const struct target *t, const struct bundle_signer *signer,
		const char *to, struct manifest *ret, struct err *err) MUST_CHECK;
/*
 * Put the signatures in the file `others`, which are for the same manifest, before ours in the
 * bundle in `folder`.  If one of them is by our signer already, the bundle gets the file as it is.
 */
int bundle_join_signatures(const struct engine *e, const char *folder, const char *others,
			   const struct bundle_signer *signer, struct err *err) MUST_CHECK;
