/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * candidates - which kernels an upgrade would bring, and their headers without an installation.
 *
 * The package managers in the root are asked: apt, dnf (4 or 5) and pacman.  Nothing is installed,
 * no list is refreshed, and each program has the time limit tool_timeout (ask.h).  What our own
 * gate holds back (gatepins.h) counts as a candidate all the same.
 */
#include "base/error.h"
#include "engine/engine.h"
#include "model/candidate.h"

/*
 * Append the candidates to *ret.  This downloads nothing.  Fails if no package manager could
 * answer; then err says what the last one said.
 */
int candidates_list(struct engine *e, struct candidate_list *ret, struct err *err) MUST_CHECK;
/*
 * Set *ret to the kernel of this release, if the lists of a package manager know its headers; an
 * upgrade need not bring it.  -E_NO_KERNEL: no list knows it.
 *
 * Only the package manager `manager` ("apt", "dnf", "pacman") is asked, and err has what it says.
 * NULL: one after the other, until one knows the kernel.
 */
int candidates_find(struct engine *e, const char *manager, const char *release,
		    struct candidate *ret, struct err *err) MUST_CHECK;
/* The name of the first package manager in the root; NULL: there is none. */
const char *candidates_manager_name(const struct engine *e);
/*
 * Download the headers and what they need that is not installed (kbuild, a common part, the
 * compiler), and unpack all that below `folder`: folder/usr/src/...  The folder is made if it is
 * missing.  The packages themselves lie in FOLDER.packages meanwhile.
 *
 * -E_NO_HEADERS: there is no package of headers; -ENOSPC; -E_TIMEOUT; -E_GENERAL, for example if
 * there is no network.
 */
int candidates_fetch(struct engine *e, const struct candidate *c, const char *folder,
		     struct err *err) MUST_CHECK;

/* ---- for the files of this room ---- */

struct candidates_manager {
	const char *name;
	bool (*is_here)(const struct engine *e);
	int (*list)(struct engine *e, struct candidate_list *ret, struct err *err);
	int (*find)(struct engine *e, const char *release, struct candidate *ret, struct err *err);
	/* Download into the folder `to`, and append the paths of the packages to *ret. */
	int (*download)(struct engine *e, const struct candidate *c, const char *to,
			struct strv *ret, struct err *err);
	int (*unpack)(struct engine *e, const char *package, const char *folder, struct err *err);
};
extern const struct candidates_manager candidates_apt, candidates_dnf, candidates_pacman;
/* Append the paths of the files in `folder` whose names end with `suffix`. */
int candidates_files(const struct engine *e, const char *folder, const char *suffix,
		     struct strv *ret) MUST_CHECK;
