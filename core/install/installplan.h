/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * installplan - decide where each module of a build goes, and what becomes of other files with the
 * same module name.
 *
 * installplan_decide() is pure: it uses the gathered facts alone.  Its rules:
 *
 * - A file that a package owns is never moved or replaced.  Our file goes to the first place that
 *   has no such file.
 * - A file that another module package has installed through us is not archived: the new module
 *   takes its place.
 * - Of the remaining files of the same name at most one is archived, as the original.  It is the
 *   file that ours overwrites, or the file where the active version's module was installed.  If
 *   there is no such file, and the active version has not installed a module of this name, it is
 *   the first file in DKMS's order.
 * - Files that this module package has installed take no part in the version check.
 */
#include "model/vercheck.h"

/*
 * A file in the kernel's tree that has the same module name.  Either this module package has not
 * installed it, or it was changed after the install.
 */
struct installplan_other {
	char *path;
	bool owned;    /* a package owns it, or may own it */
	bool ours;     /* another module package has installed it through us */
	bool in_place; /* it is where the active version's module was installed */
	bool damaged;  /* it is the active version's module, but damaged: do not archive it */
};

/* A path where the module could be installed. */
struct installplan_place {
	char *path;
	/* A package owns the file at `path`, or a file of the same module in the same folder. */
	bool taken;
};

struct installplan_module {
	char *dest;			  /* destination name, without suffix */
	char *file;			  /* name in the build's module/ folder */
	bool installed;			  /* the active version has installed this module */
	struct installplan_place *places; /* preferred first */
	size_t n_places;
	struct installplan_other *others; /* in the order in which DKMS searches */
	size_t n_others;
	char *version, *srcversion;
	char *other_version, *other_srcversion; /* of others[0]; NULL: none, or not readable */
	bool same_bytes;			/* others[0] has the bytes of our file */
	/*
	 * Where this very version has installed the module, if the file there has the bytes of our
	 * file and the module loader takes it; else NULL.
	 */
	char *same_at;

	/* Set by installplan_decide(). */
	enum vercheck verdict;
	const char *path; /* where to install; NULL: refused, or every place is taken */
	/*
	 * The file that ours covers or replaces; NULL: none, or the active version's record names
	 * it already.
	 */
	const char *original;
	bool archive; /* move the file `original` to the archive, replacing an older one */
};

struct installplan {
	struct installplan_module *modules;
	size_t n;
};
#define AUTO_INSTALLPLAN CLEANUP(installplan_release)
void installplan_release(struct installplan *p);
/* If `force` is true, the version check is skipped. */
void installplan_decide(struct installplan *p, bool force);
/* Is each module of this build installed already, at its place and with its bytes? */
bool installplan_is_unchanged(const struct installplan *p);
/* The file that keeps the module out; NULL: the module is not refused. */
const char *installplan_refused_by(const struct installplan_module *m);
/* Why the module is refused, for people; NULL: it is not refused.  Caller frees. */
char *installplan_refusal(const struct installplan_module *m, const char *release);
