/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ldtarball - add a module package from an archive that mktarball made, or from any other archive
 * with a dkms.conf.
 *
 * One transaction adds source, builds and registration.  Then POST_ADD runs, if there is a source.
 *
 * An archive of mktarball can hold builds.  A build must contain only folders and plain files, and
 * its modules must be readable; its record is dropped.  If the tree has a build for the same target
 * already, the archive's build is skipped with a warning.  But if `force` is true, the archive's
 * build replaces the build in the tree.  Then a new record is written, which keeps what the old
 * record said of installed files.
 *
 * An archive of mktarball may have no source (--binaries-only).  Then the source in <source_tree>
 * is used.  If there is no such source, M/V/source becomes a folder that holds only the conf, and
 * POST_ADD does not run.
 *
 * In any other archive, the source is the folder that has the dkms.conf nearest to the top.
 */
#include "engine/engine.h"
#include "model/modid.h"

/*
 * `archive` is a path, absolute inside the root.  *ret is set if the module package was added, also
 * after -E_SCRIPT: then POST_ADD failed, but the package stays added.
 *
 * -E_ARCHIVE_BAD: the archive is refused or damaged, or mktarball made it and it has no dkms.conf.
 * -E_ARCHIVE_NO_CONF: mktarball did not make the archive, and it has no dkms.conf.
 * -E_ARCHIVE_ADDED, or -E_ALREADY_ADDED if mktarball did not make the archive: the package is added
 * already, and `force` is false.
 * -E_ARCHIVE_MISSING, -E_BAD_CONF, -E_NO_SPACE, -E_SCRIPT, or another error.
 */
int ldtarball_run(struct engine *e, const char *archive, bool force, struct modid *ret,
		  struct err *err) MUST_CHECK;
/* Is the archive an RPM package (".rpm"), for ldtarball_rpm()? */
bool ldtarball_is_rpm(const char *archive);
/* Run `rpm -Uvh ARCHIVE`; the caller then runs autoinstall.  -E_ARCHIVE_MISSING, -E_RPM. */
int ldtarball_rpm(struct engine *e, const char *archive, struct err *err) MUST_CHECK;
