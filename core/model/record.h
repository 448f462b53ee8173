/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * record - what was built and installed, written down when it was done.
 *
 * Each build of a module package for a kernel has one,
 * <dkms_tree>/NAME/VERSION/RELEASE/ARCH/record. It is enough to uninstall when source, conf and
 * kernel are gone, and tells later runs whether the build is current.
 *
 * Text: a first line "dkms-record 1", one "KEY WORD..." a line, words escaped by buf_add_escaped(),
 * a last line "end".  Unknown keys are ignored, because a newer engine may have written them.  A
 * record without its last line is damaged.  So is one with a name that is not a plain path
 * component, or a path that is not absolute or has "." or "..": root deletes what a record names.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

/*
 * One module of the package.  dest and file say what was built, the other members what is
 * installed. The two may differ: a new build keeps what the old one has installed until the next
 * install.
 */
struct record_module {
	char *dest;	  /* destination name, without suffix */
	char *file;	  /* name in the build's module/ folder: "dest.ko.xz" */
	bool left;	  /* not in this build; an older one has installed it */
	char *path;	  /* installed file, absolute inside the root; NULL: not installed */
	uint64_t size;	  /* of the installed file */
	int64_t mtime_ns; /* of the installed file, since the epoch */
	/* For installs of DKMS: mtime of the build's file with the same bytes; 0: not known. */
	int64_t built_mtime_ns;
	char *sha256;	/* of the installed file, hex; may be NULL */
	char *original; /* the module that ours covers or replaced; NULL: none */
	char *archive;	/* where original was moved to; NULL: not moved, a package owns it */
	/*
	 * The file that kept this build's module from being installed, and its SHA-256.  Valid as
	 * long as that file has these bytes.  Both NULL: not refused.
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
	char *environment;  /* NAME=VALUE lines added to that of the build; NULL: not known */
	bool remake_initrd;
	bool no_weak_modules; /* the conf does not want weak-modules(8) to be called */
	bool adopted;	      /* DKMS built it; we made the record from the conf and the disk */
	struct strv depends;  /* what it was built against, "NAME/VERSION..." */
	char *post_remove;    /* POST_REMOVE of the conf; NULL: none */
	struct record_module *modules;
	size_t n_modules;
};
#define AUTO_RECORD CLEANUP(record_release)

void record_release(struct record *r);
/* *to is overwritten, not released; so it is by record_module_copy(). */
void record_copy(struct record *to, const struct record *from);
void record_module_release(struct record_module *m);
void record_module_copy(struct record_module *to, const struct record_module *from);
/* Replace in `to` what is known of the installed file by what `from` knows; not its build. */
void record_module_inherit(struct record_module *to, const struct record_module *from);
/* Append a module that is not installed.  Valid until the next one is added. */
struct record_module *record_add_module(struct record *r, const char *dest, const char *file);
void record_print(const struct record *r, struct buf *b);
/* -E_CORRUPT with the number of the line in err; *ret is unchanged then. */
int record_parse(const char *text, struct record *ret, struct err *err) MUST_CHECK;
/* Remove modules that the build does not have and that are not installed any more. */
void record_drop_left(struct record *r);
/* Note that module dest (NULL: all of them) is not installed any more, and record_drop_left(). */
void record_forget_installed(struct record *r, const char *dest);
/* NULL if there is none. */
const struct record_module *record_module_get(const struct record *r, const char *dest);
/* The same, to change it. */
struct record_module *record_find_module(struct record *r, const char *dest);
