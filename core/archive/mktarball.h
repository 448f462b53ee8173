/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * mktarball - write a module package to one archive, in DKMS's layout.
 *
 *	./dkms_main_tree/K/A/		the selected builds (none with source_only)
 *	./dkms_source_tree/		the source; or, with binaries_only,
 *	./dkms_binaries_only/		PACKAGE_NAME, PACKAGE_VERSION and dkms.conf
 *
 * Our records are left out, because they describe this machine.
 */
#include "engine/engine.h"
#include "model/modid.h"

struct mktarball {
	/* Build i is for releases->v[i] and archs->v[i].  Both are ignored with source_only. */
	const struct strv *releases, *archs;
	bool source_only, binaries_only;
	/*
	 * The file to write: a path, absolute inside the root; or a name without '/', for a file in
	 * M/V/tarball; or NULL, for mktarball_name() in M/V/tarball.  The suffix selects the
	 * compression (archive/archive.h).
	 */
	const char *archive;
};

/*
 * Write the archive.  *ret: its path; caller frees.  -E_ARCHIVE_DIR: we may not write there.
 * -E_GENERAL: dkms was built without libarchive.  -E_NOT_ADDED, -E_BROKEN, -E_BAD_CONF,
 * -E_NOT_BUILT, -E_ARCHIVE_MAKE, -E_INTERRUPTED, or another error.
 */
int mktarball_run(struct engine *e, const struct modid *id, const struct mktarball *what,
		  char **ret, struct err *err) MUST_CHECK;
/*
 * The default name, "M-V-KERNELS.dkms.tar.gz".  KERNELS is "kernelK-A[-kernelK-A...]", or
 * "manykernels" if that is too long, or "source-only".  Caller frees.  Pure.
 */
char *mktarball_name(const struct modid *id, const struct mktarball *what);
