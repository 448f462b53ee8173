/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kernels - the kernels in <install_tree> and their headers, as they lie on the disk.
 *
 * Nothing here writes, or starts a process but rpm where a tree lacks all of a kernel's own marks
 * and has modules of nobody's.  DESIGN: HACKING.md "What a reconcile wants".
 */
#include "engine/cache.h"
#include "engine/engine.h"
#include "model/kconfig.h"
#include "model/ledger.h"

/*
 * Releases that have a folder (or a link to one) in <install_tree> and a usable name
 * (modid_kernel_problem()), newest first.  A missing <install_tree> has none.
 */
int kernels_list(const struct engine *e, struct strv *ret) MUST_CHECK;

struct kernel_info {
	char *release;
	bool tree;	   /* <install_tree>/RELEASE is a folder */
	/*
	 * The kernel itself is in it, not only our modules, depmod's files or a build link:
	 * vmlinuz*, modules.order or modules.builtin; else a module below kernel/ that is neither
	 * ours by its record nor nobody's.  An original of nobody's that came back when ours went
	 * looks like any other file, so a few of nobody's make no kernel, and many do.
	 */
	bool complete;
	bool headers;	   /* usable: Makefile and include are there */
	char *headers_dir; /* <install_tree>/RELEASE/build or --kernelsourcedir */
	/*
	 * Identity of usable headers, NULL without: "PACKAGE=VERSION,...|sym:HEX".  Before the bar
	 * the owners that the ledger knows (a common part after the headers themselves), nothing
	 * when none; after it a hash of Module.symvers and autoconf.h.  Compared by
	 * world_headers_differ(), because an owner may become known later.
	 */
	char *headers_id;
};
#define AUTO_KERNEL_INFO CLEANUP(kernel_info_release)
void kernel_info_release(struct kernel_info *k);
/* l: owners, may be NULL.  c: cache "headers", may be NULL.  A missing kernel is no error. */
int kernel_look(const struct engine *e, const char *release, const struct ledger *l,
		struct cache *c, struct kernel_info *ret) MUST_CHECK;

/*
 * "include DIR/Makefile" as the first directive of the headers' Makefile: Debian's headers are a
 * thin layer over a common part.  DIR, NULL: there is none.  Caller frees.
 */
char *kernel_common_dir(const struct engine *e, const char *dir);

/*
 * The kernel's configuration: --config, else the headers' include/config/auto.conf, else their
 * .config.  -ENOENT when there is none.
 */
int kernel_config(const struct engine *e, const char *release, struct kconfig *ret) MUST_CHECK;
/* Path of that file, NULL when there is none; caller frees. */
char *kernel_config_path(const struct engine *e, const char *release);
/*
 * Built by clang?  The headers' vmlinux says so in .comment, or, where there is no vmlinux, c has
 * CONFIG_CC_IS_CLANG.  c may be NULL.
 */
bool kernel_by_clang(const struct engine *e, const char *release, const struct kconfig *c);

/* The running kernel if this is the machine's own root and has its tree; NULL otherwise.  Caller
 * frees. */
char *kernels_running(const struct engine *e);
/*
 * What building verbs take without -k: the running kernel, else the newest
 * that is installed and has usable headers, else (containers for building) the newest with usable
 * headers.  -E_NO_HEADERS, -E_NO_KERNEL.  Caller frees.
 */
int kernels_default(const struct engine *e, char **ret, struct err *err) MUST_CHECK;
