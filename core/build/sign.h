/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * sign - sign the modules of a build with the machine owner's key (mok.h).
 *
 *	struct signers s = SIGNERS_INIT;			once for a run
 *	sign_for_build(e, &s, t, config, &opts, &facts);	before each build, in the parent
 *	signers_release(&s);
 *
 * Signing needs a kernel configuration with CONFIG_MODULE_SIG_HASH, a key and a certificate.  If
 * one is missing, a message says so and the build goes on without signing.
 *
 * This process signs by libcrypto, so that no child ever has the key.  The kernel's program
 * sign-file is run only if the setting sign_file names a program, or if the key is in a token
 * ("pkcs11:...").
 *
 * With try_sign_modules=not_in_chroot (the default), nothing is signed in a chroot or in another
 * root.
 *
 * For a token the program is the one that the setting sign_file names, else the distribution's,
 * else the one in the headers.
 *
 * Each signature is verified: it must be a PKCS#7 message made with the certificate's key, and
 * follow the unchanged bytes of the module.  If the check fails, the unsigned module is restored,
 * with a warning.
 */
#include "build/build.h"
#include "build/mok.h"
#include "engine/engine.h"
#include "engine/target.h"
#include "model/kconfig.h"
#include "model/record.h"

/* How modules of one kernel are signed. */
struct signer {
	char *release, *arch;
	bool ready;
	char *program; /* NULL: we sign ourselves */
	char *hash;
	struct mok mok;
	struct buf certificate; /* the file's content */
	char *name;		/* the certificate's common name */
	char *said;		/* line for the user: the key that signs, or why none does */
};
#define SIGNER_INIT                     \
	{                               \
		.certificate = BUF_INIT \
	}
void signer_release(struct signer *s);

/*
 * Find program, key and certificate for t's release and arch.  Make key and certificate if both are
 * missing (mok_ensure()).  ret->ready says if modules can be signed; ret->said is the line to
 * print.  `config` is NULL if the kernel's configuration is missing.
 */
void sign_prepare(struct engine *e, const struct target *t, const struct kconfig *config,
		  struct signer *ret);
/*
 * The function for build_opts.sign; `data` is a struct signer that is ready.  Returns 1 if the
 * module at `path` is signed; 0 if it is unchanged, after a warning that says why; or an error,
 * e.g. if sign-file was killed.
 */
int sign_module(const struct engine *e, const char *path, void *data, struct err *err) MUST_CHECK;
/*
 * Does the module file have a signature by the certificate's key?  Returns NULL, or a text that
 * says why not; caller frees.
 */
char *sign_check(const struct engine *e, const char *path, const struct buf *certificate);

/*
 * The signers of a run.  sign_prepare() is called once for each kernel.  If several kernels have
 * the same line for the user, the line is printed once.
 */
struct signers {
	struct signer **v;
	size_t n;
};
#define SIGNERS_INIT    \
	{               \
		NULL, 0 \
	}
#define AUTO_SIGNERS CLEANUP(signers_release)
void signers_release(struct signers *s);
/*
 * Set opts->sign, opts->sign_data and facts->signer.  All three are NULL if modules of the kernel
 * of `t` cannot be signed.  Set opts->key to the path of the key.  `s` must outlive the build.
 */
void sign_for_build(struct engine *e, struct signers *s, const struct target *t,
		    const struct kconfig *config, struct build_opts *opts, struct record *facts);

/* Does this process run in a chroot, or work on another root than "/"? */
bool sign_in_chroot(const struct engine *e);
/*
 * Path of sign-file: from the setting sign_file, else the distribution's if that exists (on Debian
 * "/usr/lib/linux-kbuild-6.1/scripts/sign-file"), else the one in the headers.  The returned file
 * need not exist.  Caller frees.
 */
char *sign_program(const struct engine *e, const char *release);
