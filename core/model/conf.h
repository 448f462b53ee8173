/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * conf - a dkms.conf for one kernel, as data.
 *
 * conf/confeval.h lets bash evaluate the files (they are shell); what comes
 * back is a list of NAME[INDEX]=VALUE, already expanded twice as DKMS does.
 * conf_interpret() turns it into a struct conf with every diagnostic, not
 * only the first.  Pure: it knows the kernel only through conf_kernel.
 *
 * Rules: DKMS 3.4.3, its manual's section DKMS.CONF; our manual dkms.conf(5).
 *
 * BUILD_EXCLUSIVE_KERNEL, _KERNEL_MIN, _KERNEL_MAX, _ARCH and _CONFIG: element 0, which is also the
 * scalar, counts for all modules; another element i for module i only.
 * Matching is POSIX extended, unanchored; a regular expression that cannot be compiled matches
 * nothing and makes a warning.
 *
 * Errors beyond DKMS's: more than CONF_MODULES_MAX modules, an index above CONF_INDEX_MAX, and
 * names that become file names with ".." components, control characters, or (DEST_MODULE_NAME) a
 * '/' or more than 200 bytes.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

#define CONF_MODULES_MAX 4096
#define CONF_INDEX_MAX 65535

struct conf_value {
	char *name;	    /* directive, "MAKE" */
	unsigned int index; /* array index; a scalar is 0 */
	char *value;
};

/* One conf × kernel pair as bash gave it. */
#define CONF_VALUES_INIT { .warnings = STRV_INIT }
struct conf_values {
	struct conf_value *v; /* order of files, then names, then indices; later ones win */
	size_t n;
	struct strv warnings; /* what bash said on stderr ("dkms.conf: line 7: ...") */
	int error;	      /* 0, -E_TIMEOUT, -E_CONF_MISSING, -E_BAD_CONF (too much output ...) */
	char *error_text;     /* for error, NULL when the code says it all */
};
#define AUTO_CONF_VALUES CLEANUP(conf_values_release)
void conf_values_release(struct conf_values *v);
void conf_values_add(struct conf_values *v, const char *name, unsigned int index,
		     const char *value);

/* What conf_interpret() must know about the target. */
struct conf_kernel {
	const char *release, *arch;
	const char *name, *version;	 /* of the module package, for lines to add; or NULL */
	const char *source_dir;		 /* kernel_source_dir, for the default MAKE */
	const char *build_dir;		 /* <dkms_tree>/M/V/build, for the default MAKE */
	const struct kconfig *config;	 /* NULL: the kernel's config file is missing */
	const char *target_dir;		 /* "/updates/dkms" (engine/distro.h); NULL: the conf's */
	bool clang;			 /* built by clang: " LLVM=1" goes to the make command */
};

struct conf_module {
	char *built_name, *built_location; /* location relative, with final '/', or "" */
	char *dest_name, *dest_location;   /* as the conf says */
	char *target;			   /* folder below <install_tree>/K, "/updates/dkms" */
	bool strip;
	char *excluded; /* reason, NULL: wanted for this kernel */
};

enum conf_script {
	SCRIPT_POST_ADD,
	SCRIPT_PRE_BUILD,
	SCRIPT_POST_BUILD,
	SCRIPT_PRE_INSTALL,
	SCRIPT_POST_INSTALL,
	SCRIPT_POST_REMOVE,
	SCRIPT_COUNT_
};

struct conf {
	char *package_name, *package_version;
	struct conf_module *modules;
	size_t n_modules;
	char *make;		       /* the command after MAKE_MATCH, LLVM=1 included, -j not */
	struct strv patches;	       /* PATCH/PATCH_MATCH, in index order */
	char *scripts[SCRIPT_COUNT_];  /* "script args" or NULL */
	bool autoinstall, depends_rebuild, no_weak_modules, remake_initrd;
	char *clean;		       /* CLEAN, NULL when absent or true */
	struct strv depends;	       /* BUILD_DEPENDS, package names */
	char *excluded;		       /* reason why no module is for this kernel, NULL: build it */
	char *obsolete_by;	       /* OBSOLETE_BY or NULL */
	struct strv errors;	       /* each makes the conf invalid (E_BAD_CONF) */
	struct strv strict_errors;     /* invalid for add, build, install only (duplicates) */
	struct strv warnings;	       /* zero modules, bash's own lines */
	struct strv missing;	       /* lines that an author must add, as typed */
};
#define CONF_INIT                                                                           \
	{                                                                                   \
		.patches = STRV_INIT, .depends = STRV_INIT, .errors = STRV_INIT,            \
		.strict_errors = STRV_INIT, .warnings = STRV_INIT, .missing = STRV_INIT     \
	}
#define AUTO_CONF CLEANUP(conf_release)
/*
 * DEST_MODULE_LOCATION as a folder below the kernel's tree: "/kernel/../updates/" is "/updates".
 * NULL where it leaves the tree; caller frees.
 */
char *conf_normal_location(const char *location);
/* "PRE_BUILD" */
const char *conf_script_name(enum conf_script script);

void conf_release(struct conf *conf);
/*
 * Always gives a conf; look at errors before using it.  *ret is overwritten, not released.
 * values that bash could not evaluate (values->error) give a conf with errors of its own.
 */
void conf_interpret(const struct conf_values *values, const struct conf_kernel *kernel,
		    struct conf *ret);
/*
 * 0, or -E_BAD_CONF / the values' own error with a text that has every diagnostic and the lines to
 * add.  strict: also strict_errors.  file is named in the text.
 */
int conf_check(const struct conf *conf, const struct conf_values *values, const char *file,
	       bool strict, struct err *err) MUST_CHECK;
/* All directives as NAME[I]='...' lines, for tests and --verbose. */
void conf_print(const struct conf *conf, struct buf *b);
