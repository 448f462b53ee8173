/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * mok - the machine owner's key and certificate, with which modules are signed.
 *
 * mokfiles.c finds the two files, and makes them if both are missing.  mok.c is the door to
 * libcrypto for everything but hashes (engine/digest.h).
 *
 * The places, in this order: the settings mok_signing_key and mok_certificate; on Ubuntu
 * /var/lib/shim-signed/mok/MOK.{priv,der}, made by update-secureboot-policy; on Gentoo
 * MODULES_SIGN_KEY and MODULES_SIGN_CERT in the environment, then in /etc/portage/make.conf, then
 * the kernel's CONFIG_MODULE_SIG_KEY, one file for both; else /var/lib/dkms/mok.{key,pub}, even if
 * dkms_tree is another folder.  All are inside the root.
 *
 * A new pair is made as DKMS makes it: RSA of 2048 bits, valid for 36500 days, CN "DKMS module
 * signing key", extended key usage code signing; the key as PEM without passphrase, mode 0600, the
 * certificate as DER.  Unlike DKMS, a file that exists is never overwritten: a pair is made only if
 * both are missing.
 */
#include "base/buf.h"
#include "engine/engine.h"
#include "model/kconfig.h"

#define MOK_NAME "DKMS module signing key"
#define MOK_DAYS 36500

struct mok {
	char *key, *certificate; /* absolute inside the root; key may be "pkcs11:..." */
};
#define AUTO_MOK CLEANUP(mok_release)
void mok_release(struct mok *m);

/*
 * The value of a setting with the variables of the kernel release (may be NULL) put in; NULL if it
 * is empty.  Caller frees.
 */
char *mok_setting(const struct engine *e, enum setting id, const char *release);
/*
 * Find the paths of the two; the files need not exist.  release and config may be NULL: they are
 * used for $kernelver in settings, and on Gentoo.
 */
void mok_locate(const struct engine *e, const char *release, const struct kconfig *config,
		struct mok *ret);
/*
 * Make the pair if both files are missing.  Waits for another run that is making it.  -ENOENT if
 * only one of them exists, with a text that names the missing one.
 */
int mok_ensure(struct engine *e, const struct mok *m, struct err *err) MUST_CHECK;
/* Append the paths of the pair, which transactions may change: for struct journal_place. */
void mok_add_places(const struct engine *e, struct strv *ret);
/* The action generate_mok: mok_locate(), print both paths, mok_ensure(). */
int mok_generate(struct engine *e, const char *release, const struct kconfig *config,
		 struct err *err) MUST_CHECK;

/* ---- libcrypto ---- */

/* Make a new pair.  -EIO with libcrypto's reason in ret_why (caller frees). */
int mok_make(struct buf *ret_key, struct buf *ret_certificate, char **ret_why) MUST_CHECK;
/*
 * The common name of a certificate, or its whole subject if it has none.  The certificate is DER,
 * or PEM that may also contain a key.  -EINVAL if it is no X.509 certificate.  Caller frees.
 */
int mok_certificate_name(const struct buf *certificate, char **ret) MUST_CHECK;
/*
 * Is message a PKCS#7 signature of content by the certificate's key?  Dates and chain are not
 * checked, as in the kernel.  If not, ret_why says why (caller frees).
 */
bool mok_verify(const struct buf *certificate, const void *content, size_t content_len,
		const void *message, size_t message_len, char **ret_why);
