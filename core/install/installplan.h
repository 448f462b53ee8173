/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * installplan - decide where each module of a build goes, and what becomes of other files of its
 * module name.
 *
 * installplan_decide() is pure: it uses the gathered facts alone.  Its rules:
 *
 * - A file that a package owns is never moved or replaced.  Ours goes to the first place that has
 *   no such file.
 * - An unowned file of the same name is archived: one that ours overwrites or that stands where the
 *   active version's module was; else, unless a version of this package is installed already, the
 *   first one in DKMS's order.
 * - A file of another module package of ours is nobody's original: ours takes its place.
 * - Files that this module package has installed take no part in the version check.
 */
#include "model/vercheck.h"

/* Another file of the same module name in the kernel's tree, not of this module package. */
struct installplan_other {
	char *path;
	bool owned;    /* by a package, or that could not be told */
	bool ours;     /* another module package of ours has installed it */
	bool in_place; /* it is where the active version's module was installed */
	bool damaged;  /* in_place, and it is that module with other bytes: do not archive it */
};

/* A path where the module could be installed. */
struct installplan_place {
	char *path;
	bool taken; /* a package owns that file, or one of the same module in that folder */
};

struct installplan_module {
	char *dest;			  /* destination name, without suffix */
	char *file;			  /* name in the build's module/ folder */
	bool installed;			  /* the active version has a module of this name */
	struct installplan_place *places; /* preferred first */
	size_t n_places;
	struct installplan_other *others; /* in the order in which DKMS searches */
	size_t n_others;
	char *version, *srcversion;
	char *other_version, *other_srcversion; /* of others[0]; NULL: none, or not readable */
	bool same_bytes;			/* as others[0] */

	/* Set by installplan_decide(). */
	enum vercheck verdict;
	const char *path; /* where to install; NULL: refused, or every place is taken */
	/* The file that ours covers or replaces; NULL: there is none, or the record names it. */
	const char *original;
	bool archive; /* move original to the archive, replacing an older one */
};

struct installplan {
	struct installplan_module *modules;
	size_t n;
};
#define AUTO_INSTALLPLAN CLEANUP(installplan_release)
void installplan_release(struct installplan *p);
/* force: skip the version check. */
void installplan_decide(struct installplan *p, bool force);
/* The file that keeps a module out; NULL: it is not refused. */
const char *installplan_refused_by(const struct installplan_module *m);
/* Why a module is refused, for people; NULL: it is not.  Caller frees. */
char *installplan_refusal(const struct installplan_module *m, const char *release);
