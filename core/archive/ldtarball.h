/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ldtarball - add a module package from an archive: one that mktarball made, or any with a
 * dkms.conf.
 *
 * Everything (source, builds, registration) comes with one transaction.  Then POST_ADD runs.
 *
 * An archive of mktarball: a build that exists already is passed over with a warning, or replaced
 * by force (what is installed stays on record).  Without source (--binaries-only) the module
 * package gets the source that <source_tree> has, else M/V/source becomes a folder with the conf
 * alone.  Records in it are not taken over; builds must be plain files, and their modules readable.
 *
 * Any other archive: the dkms.conf nearest to its top is the source's.
 */
#include "engine/engine.h"
#include "model/modid.h"

/*
 * archive: absolute inside the root.  ret is set when the package is there, also with -E_SCRIPT
 * (POST_ADD failed: it stays added).
 *
 * -E_ARCHIVE_MISSING; -E_ARCHIVE_NO_CONF (another archive without dkms.conf); -E_ARCHIVE_BAD
 * (refused, damaged, or mktarball's without dkms.conf); -E_ARCHIVE_ADDED, -E_ALREADY_ADDED
 * (mktarball's, another one) without force; -E_BAD_CONF; -E_NO_SPACE; -E_SCRIPT; -errno.
 */
int ldtarball_run(struct engine *e, const char *archive, bool force, struct modid *ret,
		  struct err *err) MUST_CHECK;
/* Is it to be given to rpm instead? */
bool ldtarball_is_rpm(const char *archive);
/* `rpm -Uvh ARCHIVE`; autoinstall is to follow.  -E_RPM. */
int ldtarball_rpm(struct engine *e, const char *archive, struct err *err) MUST_CHECK;
