/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * vercheck - may a built module go over one that the kernel's tree has already?  Pure.
 *
 * Rules: DKMS's check_version_sanity.  The other module's version greater:
 * no.  Equal versions and equal srcversions: no, it is installed already
 * (if both are empty, only when the files are the same byte for byte).  Everything else: yes.  No
 * version is lower than any.  Our own installed copies are never asked about.
 */
#include "base/util.h"

struct vercheck_side {
	const char *version, *srcversion; /* "" when absent */
};

enum vercheck {
	VERCHECK_INSTALL,
	VERCHECK_OLDER, /* the kernel's tree has a newer one */
	VERCHECK_SAME,	/* the kernel's tree has this one */
};

enum vercheck vercheck(const struct vercheck_side *ours, const struct vercheck_side *theirs,
		       bool same_bytes);

/* Words of /usr/share/dkms/modules_to_force_install/, as they concern a package or module name. */
struct force_words {
	bool force;		     /* NAME: as with --force */
	bool force_version_override; /* NAME_version-override: version check only */
};
struct force_words force_words_for(const char *text, const char *name);

/*
 * Does OBSOLETE_BY ("6.5", "6.5-3") say that kernel release has the module itself?  The part before
 * the first
 * '-' is compared, and where that is equal the next part, if OBSOLETE_BY has one.
 */
bool vercheck_obsolete(const char *obsolete_by, const char *release);
