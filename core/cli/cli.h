/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * cli - the command: a table of verbs, one file per verb or family of verbs.
 *
 * A verb is a const record.  main.c checks what the verb needs, opens the engine and calls run(),
 * which returns the exit status.  Only cli writes text for people (report.h).
 */
#include "base/error.h"
#include "cli/options.h"
#include "engine/engine.h"

#define VERB_ROOT	 1    /* must be root */
#define VERB_WRITE_TREE	 2    /* the dkms tree must be writable */
#define VERB_MODULE	 4    /* needs a name and a version */
#define VERB_ONE_KERNEL	 8    /* at most one -k */
#define VERB_NEED_KERNEL 16   /* exactly one -k */
#define VERB_NO_ALL	 32   /* --all is not possible */
#define VERB_NO_PROCESS	 64   /* the engine starts no process, not even for framework.conf */
#define VERB_ADDED	 128  /* the module package must be in the dkms tree */
#define VERB_SOURCE	 256  /* also takes a folder, a conf or a tarball instead of a name */
#define VERB_ROOT_FORCE	 512  /* must be root if --force is given */
#define VERB_OURS	 1024 /* not in DKMS: unused options and words are errors, not warnings */
#define VERB_READER	 2048 /* changes nothing, except fsck --repair; accepts bad settings */

/* What the words after a verb are, so that the completions can offer them. */
enum verb_words {
	WORDS_NONE,
	WORDS_VERBS,
	WORDS_SOURCES,	 /* sources that can be added */
	WORDS_BUILDABLE, /* sources, and module packages that are registered */
	WORDS_ADDED,	 /* module packages that are registered */
	WORDS_NAMES,	 /* names of registered module packages, without a version */
	WORDS_RUNS,	 /* module packages that are registered, and runs of the history */
	WORDS_SETTINGS,
	WORDS_FILES,
	WORDS_BUNDLES, /* a verb of bundle, then module packages that are registered */
	WORDS_FOLDERS, /* one folder, which need not have a dkms.conf: options_folder() */
};

struct verb {
	const char *name;
	const char *help; /* a few words, for the list of actions */
	const char
		*args; /* what follows the verb, for the usage line: "NAME/VERSION [-k KERNEL]" */
	const char *about; /* what it does: lines of at most 80 columns */
	enum verb_words words;
	unsigned int flags;
	int (*run)(struct engine *e, const struct options *o);
	option_set uses; /* its options, without USES_GENERAL */
};

/* Options that every verb takes. */
#define USES_GENERAL                                                                            \
	(OPTION(OPT_QUIET) | OPTION(OPT_VERBOSE) | OPTION(OPT_DEBUG) | OPTION(OPT_VERSION) |    \
	 OPTION(OPT_HELP) | OPTION(OPT_DEPRECATED) | OPTION(OPT_ROOT) | OPTION(OPT_DKMS_TREE) | \
	 OPTION(OPT_SOURCE_TREE) | OPTION(OPT_INSTALL_TREE))

/* For struct verb.uses. */
#define USES_MODULE (OPTION(OPT_MODULE) | OPTION(OPT_VERSION_OF_MODULE))
#define USES_KERNEL (OPTION(OPT_KERNEL) | OPTION(OPT_ARCH))
#define USES_CONF   (OPTION(OPT_CONF) | OPTION(OPT_DIRECTIVE))
#define USES_BUILD                                                                      \
	(USES_KERNEL | USES_CONF | OPTION(OPT_CONFIG) | OPTION(OPT_KERNEL_SOURCE_DIR) | \
	 OPTION(OPT_FORCE) | OPTION(OPT_JOBS) | OPTION(OPT_DRY_RUN) |                   \
	 OPTION(OPT_RPM_SAFE_UPGRADE))
#define USES_INSTALL                                                                         \
	(USES_BUILD | OPTION(OPT_FORCE_VERSION_OVERRIDE) | OPTION(OPT_MODPROBE_ON_INSTALL) | \
	 OPTION(OPT_SYMLINK_MODULES) | OPTION(OPT_NO_DEPMOD))
#define USES_REMOVE                                                                        \
	(USES_MODULE | USES_KERNEL | USES_CONF | OPTION(OPT_ALL) | OPTION(OPT_NO_DEPMOD) | \
	 OPTION(OPT_DRY_RUN))

extern const struct verb verb_add, verb_build, verb_install, verb_uninstall, verb_unbuild,
	verb_remove, verb_autoinstall, verb_kernel_preinst, verb_kernel_postinst, verb_kernel_prerm,
	verb_status, verb_event, verb_config, verb_fsck, verb_match, verb_mktarball, verb_ldtarball,
	verb_generate_mok, verb_check, verb_log, verb_help, verb_retry;
extern const struct verb verb_hold, verb_unhold, verb_holds, verb_why;
extern const struct verb verb_lint, verb_try, verb_init, verb_bundle;
extern const struct verb verb_verify, verb_gate;

/* NULL-terminated, in the order of the usage text. */
extern const struct verb *const verb_table[];
const struct verb *verb_find(const char *name);

/*
 * Check what a verb needs.  The checks are made in DKMS's order, so that a command with several
 * faults ends with the same exit status as in DKMS.  needs_options() is called before the engine is
 * opened, needs_engine() after.
 */
int needs_options(const struct options *o, const struct verb *v, struct err *err) MUST_CHECK;
int needs_engine(const struct engine *e, const struct options *o, const struct verb *v,
		 struct err *err) MUST_CHECK;

/*
 * Report options and words that the action does not use.  Where DKMS would ignore them, warn.  If
 * DKMS does not have the action or the option, fail with -E_USAGE.
 */
int unused_check(const struct options *o, const struct verb *v, struct err *err) MUST_CHECK;

/* Print the line of status --check for a machine that cannot be judged.  Returns 3, its status. */
int status_unknown(const struct err *err);

/* The kernels that a command is about: release i belongs to arch i. */
struct kernel_choice {
	struct strv releases, archs;
};
#define KERNEL_CHOICE_INIT           \
	{                            \
		STRV_INIT, STRV_INIT \
	}
#define AUTO_KERNEL_CHOICE CLEANUP(kernel_choice_release)
void kernel_choice_release(struct kernel_choice *c);
/*
 * Choose the kernels; the first line that applies counts:
 *  - with -k: the kernels that it names;
 *  - with --all: the kernels that the module package is built for (maybe none);
 *  - with `removing` set: the running kernel, as in DKMS;
 *  - otherwise: kernels_default().
 *
 * `ret` is set even after an error, and the caller releases it.  Fails with -E_NO_KERNEL,
 * -E_NO_HEADERS or -errno.
 */
int choose_kernels(struct engine *e, const struct options *o, bool removing,
		   struct kernel_choice *ret, struct err *err) MUST_CHECK;

/* Does the command line name a folder, a conf or a tarball instead of a module package? */
bool source_is_named(const struct options *o);
/*
 * The command line names a source: copy it to <source_tree>, if it is not there already.  An
 * archive is also registered in the dkms tree.  An .rpm file is given to rpm instead.
 *
 * `ret` gets the module package, but stays empty for an .rpm file.  `ret_copied` tells whether the
 * folder was copied; it is not set for an archive.
 */
int source_take(struct engine *e, const struct options *o, struct modid *ret, bool *ret_copied,
		struct err *err) MUST_CHECK;
