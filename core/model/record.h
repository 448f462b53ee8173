/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * record - what was written down when building and installing.
 *
 * One record for each built module package × kernel,
 * <dkms_tree>/M/V/KVER/ARCH/record.  With it a module can be uninstalled when
 * source, conf and kernel are gone, and a later run knows whether the build is
 * current (DESIGN 6.2).  Text, one "key words..." a line, words escaped by
 * buf_add_escaped(); first line "dkms-record 1", last line "end".  Unknown
 * keys are kept out (an older engine may read a newer record); a record
 * without its last line is damaged.  So is one whose names are no plain path
 * components or whose paths are not absolute and free of "." and "..": root deletes what it names.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

/*
 * One module of the package: what was built (dest, file), and apart from it what was installed.  A
 * new build takes over what is installed of the old one, so the two may differ until the next
 * install: the build is what lies in its folder, the installed file is what this says.
 */
struct record_module {
	char *dest;	  /* destination name without suffix */
	char *file;	  /* name in the build's module/ folder: "dest.ko.xz" */
	bool left;	  /* the build has no such module; what is installed is of an older one */
	char *path;	  /* installed path, absolute inside the root; NULL: not installed */
	uint64_t size;	  /* of the installed file */
	int64_t mtime_ns; /* of the installed file, since the epoch */
	int64_t built_mtime_ns; /* of the build's file with the same bytes, where DKMS installed it */
	char *sha256;	  /* of the installed file, hex */
	char *original;	  /* path of the module that ours covers or replaced, NULL: none */
	char *archive; /* where original was moved to; NULL: it stays where it is (package-owned) */
	char *refused_by;     /* this build's module was not installed because of the one there, */
	char *refused_sha256; /* as long as that has these bytes; both NULL: it was not refused */
};

struct record {
	char *content;	 /* source content (conf/source.h), hex */
	char *overrides; /* content of /etc/dkms overrides, hex, "" when none */
	char *headers;	 /* headers' identity (kernel/kernels.h) */
	char *compiler;	 /* "gcc-12 12.2.0" */
	char *options;	 /* what the person asked for, "" or "force" ... */
	char *owner;	 /* package that ships the source, NULL: a person's */
	char *owner_version;
	char *kernel_owner; /* package that ships the kernel, NULL: not known */
	char *signer;	    /* subject of the certificate, NULL: unsigned */
	char *environment;  /* lines of NAME=VALUE that the build got from outside; NULL: unknown */
	bool remake_initrd;
	bool adopted;	     /* made from conf and disk, not by our own build */
	struct strv depends; /* "NAME/VERSION" of what it was built against */
	char *post_remove;   /* script words, NULL: none */
	struct record_module *modules;
	size_t n_modules;
};
#define AUTO_RECORD CLEANUP(record_release)

void record_release(struct record *r);
void record_copy(struct record *to, const struct record *from);
void record_module_release(struct record_module *m);
void record_module_copy(struct record_module *to, const struct record_module *from);
/* Copy to `to` what `from` says of the installed file; what it says of the build stays out. */
void record_module_inherit(struct record_module *to, const struct record_module *from);
struct record_module *record_add_module(struct record *r, const char *dest, const char *file);
void record_print(const struct record *r, struct buf *b);
/* -E_CORRUPT with the line's number in err. */
int record_parse(const char *text, struct record *ret, struct err *err) MUST_CHECK;
/* Without modules that the build does not have and that are not installed either. */
void record_drop_left(struct record *r);
/* The module dest is not installed any more; NULL: none is.  What was left goes with that. */
void record_forget_installed(struct record *r, const char *dest);
/* NULL when there is none. */
const struct record_module *record_module_get(const struct record *r, const char *dest);
