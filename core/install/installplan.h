/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * installplan - where each module of a build goes, and what becomes of others of its name.
 *
 * installplan_decide() is pure: it looks at the gathered facts alone.
 *
 * Rules (HACKING.md, "Originals"): a file that a package owns is never moved
 * or replaced; ours goes to the first of the places where no such file is.
 * An unowned file of the same name is archived: the one in whose place ours goes or was, else the
 * first that DKMS would find, unless one version of the package is installed for the kernel
 * already.  What another module package of ours has installed is nobody's original: it is taken
 * over.  The installed copies of this package take no part in the version check.
 */
#include "base/strv.h"
#include "model/vercheck.h"

/* Another file of the same module name in the kernel's tree; not of this module package. */
struct installplan_other {
	char *path;
	bool owned;    /* by a package, or nobody knows */
	bool ours;     /* another module package of ours has installed it */
	bool in_place; /* stands where the active version's module was put */
	bool damaged;  /* in place, and ours with other bytes: not worth keeping */
};

struct installplan_place {
	char *path; /* where ours could be installed */
	bool taken; /* a package owns the file there */
};

struct installplan_module {
	char *dest;
	char *file;	/* name in the build's module/ folder */
	bool installed; /* the active version has a module of this name */
	struct installplan_place *places; /* preferred first */
	size_t n_places;
	struct installplan_other *others; /* in the order in which DKMS looks */
	size_t n_others;
	char *version, *srcversion;
	char *other_version, *other_srcversion; /* of others[0]; NULL without one */
	bool same_bytes;			/* as others[0] */

	/* decided */
	enum vercheck verdict;
	const char *path;     /* NULL: no place or refused */
	const char *original; /* the file that ours covers or replaces, NULL: none or as recorded */
	bool archive;	      /* original is moved to the archive, in place of what is there */
};

struct installplan {
	struct installplan_module *modules;
	size_t n;
};
#define AUTO_INSTALLPLAN CLEANUP(installplan_release)
void installplan_release(struct installplan *p);
/* force: no version check. */
void installplan_decide(struct installplan *p, bool force);
/* The file because of which a module is refused; NULL when it is not. */
const char *installplan_refused_by(const struct installplan_module *m);
/* Why a module is refused, for people; NULL when it is not.  Caller frees. */
char *installplan_refusal(const struct installplan_module *m, const char *release);
