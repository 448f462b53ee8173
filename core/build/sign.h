/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * sign - sign the modules of a build with the machine owner's key (mok.h).
 *
 *	struct signers s = SIGNERS_INIT;	one a run
 *	sign_for_build(e, &s, t, config, &opts, &facts);	before each build, in the parent
 *	signers_release(&s);
 *
 * It takes a kernel configuration with CONFIG_MODULE_SIG_HASH, an executable sign-file, key and
 * certificate.  Where a piece is missing one line says so, and modules are not signed; the
 * build goes on.  try_sign_modules=not_in_chroot (the default) is false in a chroot or another
 * root.  sign-file: the setting sign_file, else the distribution's place, else the headers'.
 *
 * A signature counts only when it was read back: appended to the very bytes that were to
 * be signed, a PKCS#7 message, and made with the certificate's key.  Otherwise the module stays as
 *it was, unsigned, with a warning.
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
	char *program, *hash;
	struct mok mok;
	struct buf certificate; /* its bytes */
	char *name;		/* the certificate's common name */
	char *said;		/* one line for people: with what, or why not */
};
#define SIGNER_INIT                     \
	{                               \
		.certificate = BUF_INIT \
	}
void signer_release(struct signer *s);

/*
 * ret->ready is the result, ret->said what a person should know of it; details are said if that is
 * asked for (--verbose).  t: release and arch count.  config NULL: the kernel's configuration is
 * missing.
 */
void sign_prepare(struct engine *e, const struct target *t, const struct kconfig *config,
		  struct signer *ret);
/*
 * As build_opts.sign wants it; data: a struct signer that is ready.  1: path is signed now; 0: it
 * is as it was, and a warning said why.
 */
int sign_module(const struct engine *e, const char *path, void *data, struct err *err) MUST_CHECK;
/*
 * NULL when the module file carries a signature by the certificate; else the reason, to be freed by
 * the caller.
 */
char *sign_check(const struct engine *e, const char *path, const struct buf *certificate);

/* The signers of a run: each kernel is prepared for once, and the same is not said twice. */
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
 * Set opts->sign, opts->sign_data and facts->signer where modules of t's kernel are to be signed.
 * s must outlive the build.
 */
void sign_for_build(struct engine *e, struct signers *s, const struct target *t,
		    const struct kconfig *config, struct build_opts *opts, struct record *facts);

/* Are we in a chroot, or working on another root than our own? */
bool sign_in_chroot(const struct engine *e);
/*
 * "/usr/lib/linux-kbuild-6.1/scripts/sign-file" ...: where the distribution of e, or the
 * headers, have it; there need not be such a file.  Caller frees.
 */
char *sign_program(const struct engine *e, const char *release);
