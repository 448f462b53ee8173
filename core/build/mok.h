/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * mok - the machine owner's key and certificate, with which modules are signed.
 *
 * mokfiles.c finds the two files, and makes them if both are missing.  mok.c is the door to
 * libcrypto for everything but hashes (engine/digest.h).
 *
 * The first of these that names a key says where the two files are, inside the root:
 *
 * - the settings mok_signing_key and mok_certificate;
 * - on Ubuntu: /var/lib/shim-signed/mok/MOK.{priv,der}, made by update-secureboot-policy;
 * - on Gentoo: MODULES_SIGN_KEY and MODULES_SIGN_CERT, in the environment, else in
 *   /etc/portage/make.conf;
 * - on Gentoo: the kernel's CONFIG_MODULE_SIG_KEY, one file for both;
 * - everywhere: /var/lib/dkms/mok.{key,pub}, even if dkms_tree is another folder.  If only
 *   mok_certificate is set, it replaces mok.pub, but not on Gentoo.
 *
 * If a key is named without a certificate, the certificate is /var/lib/dkms/mok.pub.
 *
 * A new pair is made as DKMS makes it.  The key is RSA of 2048 bits, as PEM without passphrase,
 * mode 0600.  The certificate is DER, valid for 36500 days, with CN "DKMS module signing key" and
 * extended key usage code signing.  Unlike DKMS, we never overwrite a file: a pair is made only if
 * both files are missing.
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
 * The value of a setting, with variables such as $kernelver replaced; NULL if it is empty.
 * `release` may be NULL.  Caller frees.
 */
char *mok_setting(const struct engine *e, enum setting id, const char *release);
/*
 * Find the paths of key and certificate; the files need not exist.  `release` and `config` are used
 * for $kernelver in settings, and on Gentoo.  Both may be NULL.
 */
void mok_locate(const struct engine *e, const char *release, const struct kconfig *config,
		struct mok *ret);
/*
 * Make the pair if both files are missing.  If another run is making the pair, wait for that run.
 * -ENOENT if only one file exists, with a text that names the missing one.
 */
int mok_ensure(struct engine *e, const struct mok *m, struct err *err) MUST_CHECK;
/*
 * Append the paths of the pair to `ret`.  The caller passes the `trees` of a struct journal_place
 * (tx/state.h), so that a transaction may write the two files.
 */
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
 * Append to `message` a detached PKCS#7 signature of `content`, in DER, with the digest `hash`
 * ("sha512").  It is made as the kernel's sign-file makes it: without certificates and attributes,
 * the signer named by issuer and serial number.  With an RSA key the bytes are the same.
 *
 * `key` is PEM without a passphrase.  Returns NULL, or a text that says what went wrong; caller
 * frees.
 */
char *mok_sign(const struct buf *key, const struct buf *certificate, const char *hash,
	       const void *content, size_t content_len, struct buf *message);
/*
 * Is `message` a PKCS#7 signature of `content`, made with the certificate's key?  As in the kernel,
 * dates and chain are not checked.  If it returns false, *ret_why says why; caller frees.
 */
bool mok_verify(const struct buf *certificate, const void *content, size_t content_len,
		const void *message, size_t message_len, char **ret_why);

/* What a signed module says of a certificate. */
enum mok_answer {
	MOK_SIGNED,	 /* the certificate's key has signed these bytes */
	MOK_OTHER_BYTES, /* the key is named as the signer, but has not signed these bytes */
	MOK_OTHER_KEY,	 /* another key is named */
};
/*
 * Read the message at the end of a signed module as the kernel does.  `ret_signer` gets the name of
 * the key, as hex digits: issuer and serial number of its certificate, or the key's identifier.
 * Returns NULL, or a static text that says why the kernel takes the message for damaged.
 */
const char *mok_read_message(const void *message, size_t len, struct buf *ret_signer);
/* What a message says of the certificate, if mok_read_message() took it. */
enum mok_answer mok_ask(const struct buf *certificate, const void *content, size_t content_len,
			const void *message, size_t message_len);
/* The SHA-256 of the signed part of a certificate, as lists of revoked ones have it: 32 bytes. */
int mok_certificate_digest(const struct buf *certificate, unsigned char ret[32]) MUST_CHECK;
