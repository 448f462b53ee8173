/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * mktarball - a module package as one archive, in DKMS's form.
 *
 *	./dkms_main_tree/K/A/		every build named (nothing with source_only)
 *	./dkms_source_tree/		the source
 *	./dkms_binaries_only/		instead, with binaries_only: PACKAGE_NAME, PACKAGE_VERSION,
 *dkms.conf
 *
 * Our records are left out: they are about this machine.
 */
#include "engine/engine.h"
#include "model/modid.h"

struct mktarball {
	const struct strv *releases, *archs; /* pairs; not looked at with source_only */
	bool source_only, binaries_only;
	/*
	 * NULL: M/V/tarball/NAME.  Without '/': a name in that folder; else absolute inside the
	 * root. The suffix says how it is compressed (archive/archive.h).
	 */
	const char *archive;
};

/*
 * ret (caller frees): where it is.  -E_NOT_ADDED, -E_BROKEN, -E_BAD_CONF, -E_NOT_BUILT,
 * -E_ARCHIVE_DIR (no write access), -E_ARCHIVE_MAKE, -E_INTERRUPTED.
 */
int mktarball_run(struct engine *e, const struct modid *id, const struct mktarball *what,
		  char **ret, struct err *err) MUST_CHECK;
/* "M-V-kernelK-A[-kernelK-A...].dkms.tar.gz", "M-V-source-only...", "M-V-manykernels..."; caller
 * frees.  Pure. */
char *mktarball_name(const struct modid *id, const struct mktarball *what);
