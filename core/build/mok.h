/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * mok - the machine owner's key and certificate, which modules are signed with.
 *
 * mokfiles.c knows where the two files are and makes them where both are missing; mok.c is the
 * door to libcrypto for everything but hashes (engine/digest.h).
 *
 * Places, the first that says something: the settings mok_signing_key and mok_certificate; on
 * Ubuntu /var/lib/shim-signed/mok/MOK.{priv,der}, made by update-secureboot-policy; on Gentoo
 * MODULES_SIGN_KEY and MODULES_SIGN_CERT of the environment, then of /etc/portage/make.conf, then
 * the kernel's CONFIG_MODULE_SIG_KEY, one file for both; else /var/lib/dkms/mok.{key,pub}, whatever
 * dkms_tree is.  All inside the root.
 *
 * A new pair is made as DKMS makes it (RSA of 2048 bits, 36500 days, CN "DKMS module signing key",
 * extended key usage code signing; key as PEM without passphrase, mode 0600, certificate as DER)
 * but *only when both files are missing*: where one is there, nothing is written.
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
 * Where the two are; says both as lines.  release and config may be NULL: they serve $kernelver in
 * settings, and Gentoo.
 */
void mok_locate(const struct engine *e, const char *release, const struct kconfig *config,
		struct mok *ret);
/*
 * Are both there, or can they be made?  Waits for another run that is making them.
 * -ENOENT with a text that names the missing file where the other one is there.
 */
int mok_ensure(struct engine *e, const struct mok *m, struct err *err) MUST_CHECK;
/* Where such a pair may be made: paths for struct journal_place. */
void mok_add_places(const struct engine *e, struct strv *ret);
/* The action generate_mok: mok_locate() and mok_ensure(). */
int mok_generate(struct engine *e, const char *release, const struct kconfig *config,
		 struct err *err) MUST_CHECK;

/* ---- libcrypto ---- */

/* A new pair. -EIO and libcrypto's own words in ret_why (caller frees). */
int mok_make(struct buf *ret_key, struct buf *ret_certificate, char **ret_why) MUST_CHECK;
/*
 * The certificate's common name, else its whole subject; DER or PEM, which may hold a key
 * too.  -EINVAL when it is no X.509 certificate.  Caller frees.
 */
int mok_certificate_name(const struct buf *certificate, char **ret) MUST_CHECK;
/*
 * Is message a PKCS#7 signature of content by the certificate's key?  Dates and chain
 * are not looked at: the kernel does not, either.  ret_why (caller frees) says why not.
 */
bool mok_verify(const struct buf *certificate, const void *content, size_t content_len,
		const void *message, size_t message_len, char **ret_why);
