/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * packagetext - what stands in a package of modules: its name, its relations and its scripts, for
 * dpkg and for rpm.  Pure.
 *
 * The package has the modules of one build in package_folder(), where depmod finds them before
 * those of the kernel.  Its scripts run depmod, and never fail the package manager.
 */
#include "base/buf.h"
#include "base/strv.h"

enum package_kind { PACKAGE_DEB, PACKAGE_RPM };

struct package_facts {
	enum package_kind kind;
	const char *name, *version; /* of the module package */
	const char *release, *arch; /* of the kernel */
	char *kernel;		    /* what it depends on: "linux-image-K", "kernel-uname-r = K" */
	char *kernel_version; /* of the package of the kernel; NULL: not known, or not wanted */
	char *source_version; /* of the package that has the source; NULL: none has it */
	char *package_arch;   /* as the package manager calls it */
	/* The module packages that it was built against: names, and whole versions of packages. */
	struct strv depends, depends_versions;
	uint64_t size; /* of its files, in bytes */
};
#define PACKAGE_FACTS_INIT                                          \
	{                                                           \
		.depends = STRV_INIT, .depends_versions = STRV_INIT \
	}

void package_facts_release(struct package_facts *f);
/* May this name stand in a package, and in its scripts, as it is? */
bool package_is_plain(const char *name);
/* The folder of the modules: "/lib/modules/K/updates/NAME".  Caller frees. */
char *package_folder(const struct package_facts *f);
/*
 * "demo-modules-K", "kmod-demo-K"; without `release`, the name that such packages for all kernels
 * provide.  Caller frees.
 */
char *package_name(enum package_kind kind, const char *name, const char *release);
/*
 * The version of the module package as one of the package manager, without a revision.  Caller
 * frees.
 */
char *package_version(const struct package_facts *f);
/*
 * What follows the version after a dash: the version of the kernel's package in a .deb, "1" in an
 * .rpm, and then that of the package that has the source.  So a kernel that was rebuilt, or a source
 * that was packaged again, brings a newer package.  In the version itself the two would upset the
 * order: 1.0a would not be newer than 1.0.  NULL: none.  Caller frees.
 */
char *package_revision(const struct package_facts *f);
/* Both.  Caller frees. */
char *package_full_version(const struct package_facts *f);
/* The name of the file; caller frees. */
char *package_file(const struct package_facts *f);

/* The file `control` of a .deb, and its scripts. */
void package_control(const struct package_facts *f, struct buf *ret);
void package_postinst(const struct package_facts *f, struct buf *ret);
void package_postrm(const struct package_facts *f, struct buf *ret);
/* The .spec of an .rpm.  The macro dkms_files is the folder that the files are copied from. */
void package_spec(const struct package_facts *f, struct buf *ret);
