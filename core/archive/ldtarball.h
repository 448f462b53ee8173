/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ldtarball - add a module package from an archive that mktarball made, or from any with a
 * dkms.conf.
 *
 * One transaction brings source, builds and registration.  Then POST_ADD runs.
 *
 * An archive of mktarball can hold builds.  They must be plain files with readable modules; records
 * in the archive are dropped.  A build that the tree has already is skipped with a warning, or
 * replaced with force; its record then still says what is installed.  An archive without source
 * (--binaries-only) uses the source in <source_tree>; if there is none, M/V/source becomes a folder
 * that holds only the conf.
 *
 * In any other archive, the folder of the dkms.conf nearest to the top is the source.
 */
#include "engine/engine.h"
#include "model/modid.h"

/*
 * archive: absolute inside the root.  ret is set if the module package was added, which includes
 * -E_SCRIPT (POST_ADD failed; the package stays added).
 *
 * -E_ARCHIVE_MISSING; -E_ARCHIVE_NO_CONF (no archive of mktarball, and no dkms.conf in it);
 * -E_ARCHIVE_BAD (refused, damaged, or mktarball's without dkms.conf); -E_ARCHIVE_ADDED
 * (mktarball's) or -E_ALREADY_ADDED (another) if the package is added already and force is false;
 * -E_BAD_CONF; -E_NO_SPACE; -E_SCRIPT; -errno.
 */
int ldtarball_run(struct engine *e, const char *archive, bool force, struct modid *ret,
		  struct err *err) MUST_CHECK;
/* Is it an RPM package (".rpm"), for ldtarball_rpm()? */
bool ldtarball_is_rpm(const char *archive);
/* Run `rpm -Uvh ARCHIVE`; the caller then runs autoinstall.  -E_ARCHIVE_MISSING, -E_RPM. */
int ldtarball_rpm(struct engine *e, const char *archive, struct err *err) MUST_CHECK;
