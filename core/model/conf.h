/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * conf - a dkms.conf for one kernel, as data.
 *
 * A dkms.conf is a shell script.  conf/confeval.h has bash evaluate it; the result is a list of
 * NAME[INDEX]=VALUE, in which values are expanded twice, as in DKMS.  conf_interpret() makes a
 * struct conf from the list and reports all errors, not only the first.  It is pure: what it must
 * know of the kernel is in struct conf_kernel.
 *
 * The rules are those of DKMS 3.4.3 (section DKMS.CONF of its manual).  Our manual is
 * dkms.conf(5).
 *
 * BUILD_EXCLUSIVE_KERNEL, _KERNEL_MIN, _KERNEL_MAX, _ARCH and _CONFIG are arrays.  Element 0, in
 * bash the same as the scalar, applies to all modules.  Any other element i applies to module i
 * only.
 *
 * Patterns are POSIX extended regular expressions, not anchored.  A pattern that does not compile
 * matches nothing and adds a warning.
 *
 * Some confs that DKMS accepts are refused here:
 *
 * - more than CONF_MODULES_MAX modules, or an index above CONF_INDEX_MAX
 * - a BUILT_MODULE_NAME, BUILT_MODULE_LOCATION or DEST_MODULE_NAME with a ".." component
 * - a control character in one of these, or in DEST_MODULE_LOCATION
 * - a DEST_MODULE_NAME with a '/' or with more than 200 bytes
 * - a DEST_MODULE_LOCATION that leaves the kernel's tree
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

#define CONF_MODULES_MAX 4096
#define CONF_INDEX_MAX	 65535

struct conf_value {
	char *name;	    /* of the directive: "MAKE" */
	unsigned int index; /* in the array; 0 for a scalar */
	char *value;
};

/* What bash returned for one conf and one kernel. */
#define CONF_VALUES_INIT              \
	{                             \
		.warnings = STRV_INIT \
	}
struct conf_values {
	struct conf_value *v; /* the last value of a NAME[INDEX] wins */
	size_t n;
	struct strv warnings; /* what bash said on stderr ("dkms.conf: line 7: ...") */
	bool syntax;	      /* bash could not parse a file; the warnings have its message */
	int error;	      /* 0, -E_TIMEOUT, -E_CONF_MISSING, -E_UNSAFE, -E_BAD_CONF, -errno */
	char *error_text;     /* explains error; may be NULL */
};
#define AUTO_CONF_VALUES CLEANUP(conf_values_release)
void conf_values_release(struct conf_values *v);
void conf_values_add(struct conf_values *v, const char *name, unsigned int index,
		     const char *value);

/* What conf_interpret() must know about the target. */
struct conf_kernel {
	const char *release, *arch;
	const char *name, *version;   /* of the package, for conf.missing; may be NULL */
	const char *source_dir;	      /* kernel_source_dir, for the default MAKE */
	const char *build_dir;	      /* <dkms_tree>/M/V/build, for the default MAKE */
	const struct kconfig *config; /* NULL: the kernel has no config file */
	const char *target_dir;	      /* of engine_target_dir(); NULL: the conf's location counts */
	bool clang;		      /* the kernel is built by clang: add LLVM=1 to make */
};

struct conf_module {
	char *built_name, *built_location; /* location: "src/" or "" */
	char *dest_name, *dest_location;   /* from the conf; dest_name defaults to built_name */
	char *target; /* folder below <install_tree>/RELEASE: "/updates/dkms" */
	bool strip;
	char *excluded; /* why it is not built for this kernel; NULL: it is built */
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
	char *make;		      /* chosen by MAKE_MATCH; has LLVM=1 for clang, but no -j */
	struct strv patches;	      /* those whose PATCH_MATCH fits, by index */
	char *scripts[SCRIPT_COUNT_]; /* "SCRIPT ARGUMENTS" or NULL */
	bool autoinstall, depends_rebuild, no_weak_modules, remake_initrd;
	char *clean;		   /* NULL: no CLEAN, or it is "true" */
	struct strv depends;	   /* names of module packages */
	char *excluded;		   /* why all modules are excluded; NULL: not all are */
	char *obsolete_by;	   /* may be NULL */
	struct strv errors;	   /* not empty: the conf is not valid */
	struct strv strict_errors; /* duplicate modules: errors for add, build, install */
	struct strv warnings;	   /* also what bash printed on stderr */
	struct strv missing;	   /* lines that the author must add */
};
#define CONF_INIT                                                                       \
	{                                                                               \
		.patches = STRV_INIT, .depends = STRV_INIT, .errors = STRV_INIT,        \
		.strict_errors = STRV_INIT, .warnings = STRV_INIT, .missing = STRV_INIT \
	}
#define AUTO_CONF CLEANUP(conf_release)
/*
 * A DEST_MODULE_LOCATION without ".", ".." and superfluous slashes: "/kernel/../updates/" becomes
 * "/updates".  NULL if it leaves the kernel's tree.  Caller frees.
 */
char *conf_normal_location(const char *location);
/* The name of the script's directive, e.g. "PRE_BUILD". */
const char *conf_script_name(enum conf_script script);

void conf_release(struct conf *conf);
/*
 * Always fills *ret, without releasing its old content.  Call conf_check() before using *ret.  If
 * bash failed (values->error), the values that bash returned before it failed are interpreted.
 */
void conf_interpret(const struct conf_values *values, const struct conf_kernel *kernel,
		    struct conf *ret);
/*
 * Returns 0 if the conf can be used, values->error if that is set, and -E_BAD_CONF if the conf has
 * errors.  With `strict`, strict_errors count as errors, too.
 *
 * For -E_UNSAFE the text in err is values->error_text alone.  Any other text begins with `file`.
 * If bash failed or could not parse the conf, the text says so and adds what bash printed.  Else it
 * lists all errors and the lines that the author must add.
 */
int conf_check(const struct conf *conf, const struct conf_values *values, const char *file,
	       bool strict, struct err *err) MUST_CHECK;
/* All directives as lines NAME[I]='...', for tests. */
void conf_print(const struct conf *conf, struct buf *b);
