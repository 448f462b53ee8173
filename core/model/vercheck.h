/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * vercheck - may a module be installed over another one of its name in the kernel's tree?  Pure.
 *
 * The rules are those of DKMS's check_version_sanity():
 *
 * - No, if the other module has a higher version.  An empty version is lower than any other.
 * - No, if version and srcversion are equal: the module is there already.  If the modules have
 *   neither version nor srcversion, the answer is no only if the files are the same byte for byte.
 * - Otherwise yes.
 *
 * Callers do not ask about our own installed copies.
 */
#include "base/util.h"

struct vercheck_side {
	const char *version, *srcversion; /* "" if there is none */
};

enum vercheck {
	VERCHECK_INSTALL,
	VERCHECK_OLDER, /* no: ours is older */
	VERCHECK_SAME,	/* no: it is the same */
};

enum vercheck vercheck(const struct vercheck_side *ours, const struct vercheck_side *theirs,
		       bool same_bytes);

/* What files in /usr/share/dkms/modules_to_force_install/ say about a name. */
struct force_words {
	bool force;		     /* "NAME": as with --force */
	bool force_version_override; /* "NAME_version-override": skip the version check only */
};
/*
 * What `text`, the content of these files, says about `name`, the name of a module package or of a
 * module.
 */
struct force_words force_words_for(const char *text, const char *name);

/*
 * Does OBSOLETE_BY ("6.5", "6.5-3") say that this kernel comes with the module?  Yes, unless the
 * release is lower.  The parts before the first '-' are compared; if they are equal and OBSOLETE_BY
 * has a second part, the second parts decide.
 */
bool vercheck_obsolete(const char *obsolete_by, const char *release);
