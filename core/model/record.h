/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * record - what was built and installed, written down when it was done.
 *
 * Each build of a module package for a kernel has one record, the file
 * <dkms_tree>/NAME/VERSION/RELEASE/ARCH/record.  The record is enough to uninstall when source,
 * conf and kernel are gone, and tells later runs whether the build is current.
 *
 * As text, a record begins with the line "dkms-record 1" and ends with the line "end".  Each line
 * between them is KEY WORD..., with words escaped by buf_add_escaped().  Unknown keys are ignored,
 * because a newer engine may have written them.
 *
 * Root deletes what a record names.  So a record counts as damaged if it has no last line, if a
 * name in it is not a plain path component, or if a path in it is not absolute or has "." or "..".
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "model/calls.h"

/*
 * One module of the package.  dest and file say what was built, the other members what is
 * installed.  The two may differ: between a new build and the next install, the other members still
 * describe what an older build has installed.
 */
struct record_module {
	char *dest;	  /* destination name, without suffix */
	char *file;	  /* name in the build's module/ folder: "dest.ko.xz" */
	bool left;	  /* this build has no such module; an older build has installed it */
	char *path;	  /* installed file, absolute inside the root; NULL: not installed */
	uint64_t size;	  /* of the installed file */
	int64_t mtime_ns; /* of the installed file, since the epoch */
	/*
	 * If DKMS installed the module, or if the module was built again after its install: mtime
	 * of the build's file, if that file has the same bytes as the installed file.  Else 0.
	 */
	int64_t built_mtime_ns;
	char *sha256;	/* of the installed file, hex; may be NULL */
	char *original; /* file that ours covers or replaced; NULL: none */
	char *archive;	/* where the original is now; NULL: not moved, a package owns it */
	/*
	 * The file that keeps this module out of the kernel's tree, and the SHA-256 of that file.
	 * As long as the file has these bytes, the module is refused without another version
	 * check.  Both NULL: not refused.
	 */
	char *refused_by, *refused_sha256;
};

struct record {
	char *content;	 /* hash of the source (conf/source.h), hex */
	char *overrides; /* hash of overrides in /etc/dkms, hex; "": none */
	char *headers;	 /* identity of the headers (kernel/kernels.h) */
	char *compiler;	 /* "gcc-12 12.2.0" */
	char *owner;	 /* package that ships the source; NULL: none */
	char *owner_version;
	char *kernel_owner; /* package that ships the kernel; NULL: not known */
	char *signer;	    /* subject of the certificate; NULL: unsigned */
	char *options;	    /* hash of what the admin added (bundle/bundlekey.h); NULL: nothing */
	/*
	 * Of a build that was not made here but fetched: key of the bundle, the store that it came
	 * from, and who signed it.  NULL: it was built here.
	 */
	char *bundle, *bundle_from, *bundle_by;
	char *environment; /* what childenv_passed() gave the build; NULL: not known */
	/*
	 * How its programs were confined, "full", "partial", "uid" or "none" (confine/confine.h),
	 * and why not fully.  NULL: not known; the reason is NULL if there is none.
	 */
	char *confined, *confined_why;
	struct calls calls; /* of the compiler */
	bool remake_initrd;
	bool no_weak_modules; /* the conf does not want weak-modules(8) to be called */
	bool adopted;	      /* DKMS built it; we made the record from the conf and the disk */
	bool prebuilt;	      /* built before its kernel came; false once it is installed */
	struct strv depends;  /* what it was built against, "NAME/VERSION[=CONTENT]" */
	char *post_remove;    /* POST_REMOVE of the conf; NULL: none */
	struct record_module *modules;
	size_t n_modules;
};
#define AUTO_RECORD CLEANUP(record_release)

void record_release(struct record *r);
/* Overwrites *to without releasing it.  record_module_copy() does the same. */
void record_copy(struct record *to, const struct record *from);
void record_module_release(struct record_module *m);
void record_module_copy(struct record_module *to, const struct record_module *from);
/*
 * Copy what `from` says of the installed file to `to`.  What `to` says of the build stays, but its
 * built_mtime_ns becomes 0.
 */
void record_module_inherit(struct record_module *to, const struct record_module *from);
/* Append a module that is not installed.  The pointer is valid until the next one is added. */
struct record_module *record_add_module(struct record *r, const char *dest, const char *file);
void record_print(const struct record *r, struct buf *b);
/* Returns 0, or -E_CORRUPT with the number of the line in err; then *ret is unchanged. */
int record_parse(const char *text, struct record *ret, struct err *err) MUST_CHECK;
/* Remove the entries of modules that are neither in the build nor installed. */
void record_drop_left(struct record *r);
/*
 * Record that the module named `dest` is not installed; if `dest` is NULL, that no module is.  This
 * also does what record_drop_left() does.
 */
void record_forget_installed(struct record *r, const char *dest);
/* The module called `dest`; NULL if there is none. */
const struct record_module *record_module_get(const struct record *r, const char *dest);
/* The same, to change it. */
struct record_module *record_find_module(struct record *r, const char *dest);
