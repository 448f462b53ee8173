/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundlesign - the signatures of a manifest, and who may make them.  A door to libcrypto, for CMS.
 *
 * A file of signatures has one PEM block ("-----BEGIN CMS-----") for each builder.  Each block is a
 * detached CMS message with one signer, SHA-256, no attributes, and the signer's certificate.  With
 * an RSA key the same content gives the same bytes.  A block in any other form than the one that
 * bundlesign_make() writes does not count, so no byte of it can be changed unnoticed.
 *
 * A signer counts if its certificate
 *  - is one of the trusted, or is issued by one of them;
 *  - is for code signing (extended key usage), and may make digital signatures;
 *  - is valid now, and is not in a CRL of its issuer.  If there is a CRL of the issuer, the CRL
 *    must be valid now, too.
 *
 * A trusted certificate for code signing is that of a builder and vouches for nobody else: only one
 * without that purpose can be an authority.  So one builder cannot be counted as two.
 */
#include "base/buf.h"
#include "base/strv.h"

struct bundle_trust;
struct bundle_trust *bundle_trust_new(void);
void bundle_trust_free(struct bundle_trust **t);
/* Add a certificate or a CRL, as PEM or DER.  Returns NULL, or a static text that says why not. */
const char *bundle_trust_add(struct bundle_trust *t, const struct buf *file, bool crl);
size_t bundle_trust_count(const struct bundle_trust *t);
/* Judge by this time (seconds since 1970) instead of the clock. */
void bundle_trust_at(struct bundle_trust *t, int64_t now);

/*
 * Append to `file` a signature of `content`.  `key` is PEM without a passphrase, `certificate` PEM
 * or DER.  Returns NULL, or a text that says what went wrong; caller frees.
 */
char *bundlesign_make(const struct buf *key, const struct buf *certificate, const void *content,
		      size_t len, struct buf *file);
/*
 * Which signers of `content` count?  Appends the common name of each to `ret`, a signer only once.
 * *ret_why is set if any signature does not count, and says why; caller frees.
 */
void bundlesign_check(const struct bundle_trust *t, const struct buf *file, const void *content,
		      size_t len, struct strv *ret, char **ret_why);
/* Does the file have nothing but such blocks? */
bool bundlesign_is_plain(const struct buf *file);
/* Does the file of signatures have one by this certificate? */
bool bundlesign_has(const struct buf *file, const struct buf *certificate);
