/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * finding - a list of what fsck has found, and what became of it.
 *
 * Below, M and V are the name and version of a module package, K and A the release and architecture
 * of a kernel.
 */
#include "model/ledger.h"

#define FSCK_KIND_LIST(X)                                                                          \
	X(FSCK_JOURNAL, "interrupted-run")     /* the journal of a dead run */                     \
	X(FSCK_ASIDE, "damaged-run")	       /* a journal that was set aside */                  \
	X(FSCK_DEPMOD, "depmod-pending")       /* modules changed, no depmod since */              \
	X(FSCK_INITRAMFS, "initramfs-pending") /* the same for the initramfs */                    \
	X(FSCK_STAGING, "stale-staging")       /* temporary folders of dead runs */                \
	X(FSCK_MODES, "unsafe-modes")	       /* others can change what root trusts */            \
	X(FSCK_LEDGER, "ledger-damaged")                                                           \
	X(FSCK_STATE, "state-damaged")	       /* caches, history, locks: dkms makes them again */ \
	X(FSCK_COMPILED, "compiled-damaged")   /* an entry of compiled/ is damaged */              \
	X(FSCK_CONF, "conf-bad")	       /* bad by its remembered verdict */                 \
	X(FSCK_KERNEL_FILES, "kernel-damaged") /* a kernel's index, headers, module or folder */   \
	X(FSCK_NO_ORIGINAL, "original-missing") /* an archived original is lost or damaged */      \
	X(FSCK_ODD, "unknown-entry")		/* a problem that tree_list() reports */           \
	X(FSCK_LINK, "dangling-link")		/* M/kernel-K-A without its build */               \
	X(FSCK_BAD_LINK, "wrong-link")		/* M/kernel-K-A does not lead to M/V/K/A */        \
	X(FSCK_SOURCE, "source-missing")	/* status calls it broken */                       \
	X(FSCK_KERNEL, "kernel-gone")		/* a build for a kernel that does not exist */     \
	X(FSCK_PREBUILT, "prebuilt-stale")	/* built ahead, but the kernel won't come */       \
	X(FSCK_RECORD, "record-damaged")                                                           \
	X(FSCK_BUILD, "build-incomplete")    /* a module of the build is lost */                   \
	X(FSCK_FILE_MISSING, "file-missing") /* an installed file is gone */                       \
	X(FSCK_FILE_TRUNCATED, "file-truncated")                                                   \
	X(FSCK_FILE_DIFFERS, "file-differs")                                                       \
	X(FSCK_NOT_INSTALLED, "install-pending") /* the build, or part of it, is not installed */  \
	X(FSCK_NOT_LINKED, "link-missing") /* files are installed, but M/kernel-K-A is missing */  \
	X(FSCK_ORIGINAL, "original-unowned") /* archived, but M is not installed any more */       \
	X(FSCK_STRAY, "stray-module")	     /* in updates/dkms, and nobody has it */

enum fsck_kind {
#define X(id, name) id,
	FSCK_KIND_LIST(X)
#undef X
		FSCK_KIND_COUNT_
};
/* "interrupted-run" */
const char *fsck_kind_name(enum fsck_kind kind);

struct fsck_finding {
	enum fsck_kind kind;
	char *subject; /* e.g. a path, or "NAME/VERSION for KERNEL (ARCH)" */
	char *text;    /* one sentence */
	char *advice;  /* what the user must decide or do; NULL: --repair mends it */
	bool mended;
	char *failure; /* why mending failed; NULL: it did not fail */
	/* For mending; NULL where it does not apply. */
	char *name, *version, *release, *arch;
	char *path, *from; /* file `from` belongs at `path`; FSCK_ASIDE: `path` is the run's id */
	enum ledger_file ledger;
};
/* Are both findings of the same kind and about the same thing? */
bool fsck_is_same(const struct fsck_finding *a, const struct fsck_finding *b);

struct fsck {
	struct fsck_finding *v;
	size_t n;
};
#define AUTO_FSCK CLEANUP(fsck_release)
void fsck_release(struct fsck *f);
/* Number of findings that are not mended. */
size_t fsck_left(const struct fsck *f);
