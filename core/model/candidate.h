/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * candidate - a kernel that is not installed, and that the next upgrade would bring.
 *
 * The parsers read what package managers print; packages/candidates.h asks them.  A line that a
 * parser does not understand is skipped.
 */
#include "base/strv.h"
#include "model/ledger.h"

struct candidate {
	char *manager; /* "apt", "dnf" or "pacman" */
	char *release; /* what `uname -r` will say */
	/* "NAME=VERSION" of each package that the package manager has for this release. */
	struct strv packages;
};

struct candidate_list {
	struct candidate *v;
	size_t n;
};
#define AUTO_CANDIDATE	CLEANUP(candidate_release)
#define AUTO_CANDIDATES CLEANUP(candidates_release)
#define CANDIDATE_INIT                \
	{                             \
		.packages = STRV_INIT \
	}

void candidate_release(struct candidate *c);
void candidates_release(struct candidate_list *l);
void candidate_copy(struct candidate *to, const struct candidate *from);
/* NULL: there is none for this release.  `release` may be NULL. */
const struct candidate *candidates_at(const struct candidate_list *l, const char *release);
/* Append a candidate without packages, unless there is one for this release.  Returns it. */
struct candidate *candidates_put(struct candidate_list *l, const char *manager,
				 const char *release);

/*
 * Which package manager ("apt", "dnf", "pacman") has the headers of this kernel?  Another one may
 * have packages of the same name, but the kernel will not come from there.
 *
 * It is the one that named the kernel as a candidate.  Else it is the one whose packages all other
 * kernels and headers are, as far as they belong to a package.  NULL: that is none, or several.
 */
const char *candidate_manager(const struct candidates *named, const struct owners *owners,
			      const char *release);

/* The release in the list of files of a kernel's package; NULL: none.  Caller frees. */
char *candidate_files_release(const char *files);

/* ---- apt ---- */

/*
 * Append to *ret "NAME=VERSION" of all packages that `apt-get -s` would install or upgrade.  If
 * `only_new` is true, leave out packages of which some version is installed.
 */
void candidate_read_apt(const char *text, bool only_new, struct strv *ret);
/*
 * Find the kernels among the packages "NAME=VERSION" of `apt`.  A kernel is a package
 * linux-image-RELEASE, linux-image-unsigned-RELEASE, pve-kernel-RELEASE or proxmox-kernel-RELEASE.
 * Its other packages are those whose names end with the release.
 */
void candidates_from_apt(const struct strv *apt, struct candidate_list *ret);
/*
 * Is the package NAME or "NAME=VERSION" a part of the kernel `release` that a build does not need:
 * its image, its modules?
 */
bool candidate_is_image(const char *package, const char *release);

/* ---- dnf ---- */

/*
 * What is asked of dnf: its option --queryformat.  dnf 4 ends each answer with a newline of its
 * own.
 */
#define CANDIDATE_DNF_FORMAT "%{name} %{evr} %{arch}\n"
/*
 * Read the kernels in the answer of dnf for the names CANDIDATE_DNF_KERNELS.  Their releases are
 * formed as Fedora's kernel.spec does: "VERSION-RELEASE.ARCH", with "+VARIANT" for a package
 * kernel-VARIANT-core.
 */
#define CANDIDATE_DNF_KERNELS "kernel*-core kernel kernel-uek kernel-longterm"
void candidates_from_dnf(const char *text, struct candidate_list *ret);
/*
 * Append to c->packages all packages in dnf's answer for "kernel*" that have the same version as
 * the first package of *c.
 */
void candidate_add_dnf(const char *text, struct candidate *c);

/* ---- pacman ---- */

/* What is asked of pacman: its option --print-format. */
#define CANDIDATE_PACMAN_FORMAT "%n %v %l"
/*
 * Find the kernels, and their packages of headers, in the answer.  `bases` are the names of
 * packages that are kernels.  The release is formed as Arch does: 6.1.3.arch1-1 is 6.1.3-arch1-1,
 * and linux-lts 6.6.8-1 is 6.6.8-1-lts.
 */
void candidates_from_pacman(const char *text, const struct strv *bases, struct candidate_list *ret);
/*
 * Append to *ret the names of packages that are kernels: those among `names`, which has all names
 * of the lists, that begin with "linux" or are in `installed`, and that have headers there.
 */
void candidate_pacman_bases(const struct strv *names, const struct strv *installed,
			    struct strv *ret);
/*
 * The file of the package, if it is on this machine: in pacman's cache, or in a repository that is
 * a folder here.  NULL: it is not.  Caller frees.
 */
char *candidate_pacman_file(const char *text, const char *name);
