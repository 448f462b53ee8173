/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * finding - what fsck has found.
 */
#include "model/ledger.h"

#define FSCK_KIND_LIST(X)                                                                          \
	X(FSCK_JOURNAL, "interrupted-run")     /* a dead run's journal */                          \
	X(FSCK_ASIDE, "damaged-run")	       /* a journal that was set aside */                  \
	X(FSCK_DEPMOD, "depmod-pending")       /* modules changed, depmod never ran */             \
	X(FSCK_INITRAMFS, "initramfs-pending") /* the same for the initramfs */                    \
	X(FSCK_STAGING, "stale-staging")       /* work folders of dead builds */                   \
	X(FSCK_MODES, "unsafe-modes")	       /* others can change what root runs or believes */  \
	X(FSCK_LEDGER, "ledger-damaged")                                                           \
	X(FSCK_STATE, "state-damaged")		/* what is made again by itself */                 \
	X(FSCK_CONF, "conf-bad")		/* a conf that was found to be bad */              \
	X(FSCK_KERNEL_FILES, "kernel-damaged")	/* indexes, headers, modules of a kernel */        \
	X(FSCK_NO_ORIGINAL, "original-missing") /* it was archived, and is not there */            \
	X(FSCK_ODD, "unknown-entry")		/* what tree_list() could not make sense of */     \
	X(FSCK_LINK, "dangling-link")		/* M/kernel-K-A without its build */               \
	X(FSCK_BAD_LINK, "wrong-link")		/* ... that leads somewhere else */                \
	X(FSCK_SOURCE, "source-missing")	/* "broken" */                                     \
	X(FSCK_KERNEL, "kernel-gone")		/* build for a kernel that is not there */         \
	X(FSCK_RECORD, "record-damaged")                                                           \
	X(FSCK_BUILD, "build-incomplete")    /* module lost from the build, record without it */   \
	X(FSCK_FILE_MISSING, "file-missing") /* installed file */                                  \
	X(FSCK_FILE_TRUNCATED, "file-truncated")                                                   \
	X(FSCK_FILE_DIFFERS, "file-differs")                                                       \
	X(FSCK_NOT_INSTALLED, "install-pending") /* of an older build, or not all of it */         \
	X(FSCK_NOT_LINKED, "link-missing") /* files are installed, the kernel link is not there */ \
	X(FSCK_ORIGINAL, "original-unowned") /* archived, and nothing of M is installed */

enum fsck_kind {
#define X(id, name) id,
	FSCK_KIND_LIST(X)
#undef X
		FSCK_KIND_COUNT_
};
const char *fsck_kind_name(enum fsck_kind kind);

struct fsck_finding {
	enum fsck_kind kind;
	char *subject; /* path, or "NAME/VERSION for KERNEL (ARCH)" */
	char *text;    /* one sentence */
	char *advice;  /* what a person must decide or do; NULL: --repair mends it */
	bool mended;
	char *failure; /* why mending failed, NULL */
	/* for mending */
	char *name, *version, *release, *arch; /* NULL where it does not apply */
	char *path, *from;
	enum ledger_file ledger;
};
/* The same kind about the same thing? */
bool fsck_is_same(const struct fsck_finding *a, const struct fsck_finding *b);

struct fsck {
	struct fsck_finding *v;
	size_t n;
};
#define AUTO_FSCK CLEANUP(fsck_release)
void fsck_release(struct fsck *f);
/* How many are not mended. */
size_t fsck_left(const struct fsck *f);
