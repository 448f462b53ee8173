/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ldtarball - add a module package from an archive that mktarball made, or from any other archive
 * with a dkms.conf.
 *
 * One transaction brings source, builds and registration.  Then POST_ADD runs, if there is a source.
 *
 * An archive of mktarball can hold builds.  They must be plain files with readable modules; records
 * in the archive are dropped.  If the tree has a build already, the archive's build is skipped with
 * a warning.  With force the archive's build replaces the one in the tree, with a record that
 * still says what is installed.
 *
 * An archive of mktarball may have no source (--binaries-only).  Then the source in <source_tree>
 * is used.  If there is none, M/V/source becomes a folder that holds only the conf.
 *
 * In any other archive, the folder of the dkms.conf nearest to the top is the source.
 */
#include "engine/engine.h"
#include "model/modid.h"

/*
 * archive: absolute inside the root.  ret is set if the module package was added.  This is so after
 * -E_SCRIPT, too: POST_ADD failed, but the package stays added.
 *
 * -E_ARCHIVE_MISSING, -E_BAD_CONF, -E_NO_SPACE, -E_SCRIPT, -errno;
 * -E_ARCHIVE_NO_CONF: no archive of mktarball, and no dkms.conf in it;
 * -E_ARCHIVE_BAD: refused or damaged, or an archive of mktarball without dkms.conf;
 * -E_ARCHIVE_ADDED (archive of mktarball) or -E_ALREADY_ADDED (any other): the package is added
 * already, and force is false.
 */
int ldtarball_run(struct engine *e, const char *archive, bool force, struct modid *ret,
		  struct err *err) MUST_CHECK;
/* Is it an RPM package (".rpm"), for ldtarball_rpm()? */
bool ldtarball_is_rpm(const char *archive);
/* Run `rpm -Uvh ARCHIVE`; the caller then runs autoinstall.  -E_ARCHIVE_MISSING, -E_RPM. */
int ldtarball_rpm(struct engine *e, const char *archive, struct err *err) MUST_CHECK;
