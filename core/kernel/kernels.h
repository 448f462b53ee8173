/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kernels - the kernels in <install_tree> and their headers, as they are on the disk.
 *
 * Nothing here writes or starts a process, with one exception: to tell whether a tree with modules
 * but without an image is a kernel, owners_of() may run rpm.
 */
#include "engine/cache.h"
#include "engine/engine.h"
#include "model/kconfig.h"
#include "model/ledger.h"

/*
 * Append the names of folders (or links to folders) in <install_tree> that can be a release
 * (modid_kernel_problem()), newest first.  None if <install_tree> is missing.
 */
int kernels_list(const struct engine *e, struct strv *ret) MUST_CHECK;

struct kernel_info {
	char *release;
	bool tree; /* <install_tree>/RELEASE is a folder */
	/*
	 * The kernel itself is installed.  Our modules and depmod's files do not show that, nor
	 * does what headers bring (a build link and, since Debian forky, modules.order and
	 * modules.builtin).  One of these shows it:
	 *  - an image in the tree or in /boot;
	 *  - a module below kernel/ that a package owns;
	 *  - more than a few modules below kernel/ that nobody owns.  A few can be originals that
	 *    came back when our modules were removed.
	 * Modules that our records name do not count.
	 */
	bool complete;
	/*
	 * The headers are usable: they have a Makefile and a folder "include".  If the Makefile
	 * includes the Makefile of a common part, that Makefile exists, too.  If "scripts" is a
	 * symlink, its target exists.
	 */
	bool headers;
	char *headers_dir; /* <install_tree>/RELEASE/build or --kernelsourcedir */
	/*
	 * Identity of the headers: "PACKAGE=VERSION,...|sym:HEX"; NULL if they are not usable.
	 * First comes the package of the headers, then the package of a common part
	 * (kernel_common_dir()).  A package that the ledger does not know is left out.  HEX is a
	 * hash of Module.symvers and autoconf.h.  Compare two identities only by
	 * world_headers_differ(), because the ledger may learn of a package later.
	 */
	char *headers_id;
};
#define AUTO_KERNEL_INFO CLEANUP(kernel_info_release)
void kernel_info_release(struct kernel_info *k);
/*
 * Fill ret for a release.  `l` is the ledger of owners, `c` the cache "headers"; both may be NULL.
 * A missing kernel is no error.  -errno: the headers cannot be read.
 */
int kernel_look(const struct engine *e, const char *release, const struct owners *l,
		struct cache *c, struct kernel_info *ret) MUST_CHECK;

/* The kernel's image, in its tree or in /boot; NULL: there is none.  Caller frees. */
char *kernel_image(const struct engine *e, const char *release);
/*
 * Returns DIR of the first line "include DIR/Makefile" in the Makefile of the headers in `dir`, or
 * NULL if there is no such line.  Debian's headers are a thin layer over such a common part.
 * Caller frees.
 */
char *kernel_common_dir(const struct engine *e, const char *dir);

/*
 * The configuration that the kernel itself brings: /boot/config-RELEASE, else
 * <install_tree>/RELEASE/config; NULL: there is none.  Caller frees.
 */
char *kernel_boot_config(const struct engine *e, const char *release);
/*
 * Append the folders that belong to the headers in `dir`: the common part, and the kernel's sources
 * (<install_tree>/RELEASE/source), as far as they are known.
 */
void kernel_more_headers(const struct engine *e, const char *release, const char *dir,
			 struct strv *ret);

/*
 * Read the kernel's configuration: the file that --config names, else include/config/auto.conf in
 * the headers, else .config in the headers, else kernel_boot_config().  -ENOENT: there is no such
 * file.
 */
int kernel_config(const struct engine *e, const char *release, struct kconfig *ret) MUST_CHECK;
/*
 * Was the kernel built by clang?  If the headers have a vmlinux, its section .comment tells that,
 * else CONFIG_CC_IS_CLANG in `c`.  `c` may be NULL.
 */
bool kernel_by_clang(const struct engine *e, const char *release, const struct kconfig *c);

/*
 * The release of the running kernel.  NULL: this is a foreign root, or that kernel has no folder in
 * <install_tree>.  Caller frees.
 */
char *kernels_running(const struct engine *e);
/*
 * The kernel for which commands build if -k is not given.  The first that exists of:
 *  - the running kernel;
 *  - the newest complete kernel with usable headers;
 *  - the newest kernel with usable headers, e.g. in a build container.
 * -E_NO_KERNEL: no kernel is installed; -E_NO_HEADERS: none has usable headers; else -errno.
 * Caller frees.
 */
int kernels_default(const struct engine *e, char **ret, struct err *err) MUST_CHECK;
