/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * cli - the command: a table of verbs, one file a verb (or a family of them).
 *
 * A verb is a const record; the dispatcher (main.c) meets its needs, opens
 * the engine and calls run, whose return value is the exit status.  Text for
 * people is made here and nowhere else (report.h).
 */
#include "base/error.h"
#include "cli/options.h"
#include "engine/engine.h"

#define VERB_ROOT	 1    /* uid 0 */
#define VERB_WRITE_TREE	 2    /* the DKMS tree must be writable */
#define VERB_MODULE	 4    /* needs a name and a version */
#define VERB_ONE_KERNEL	 8    /* takes one kernel */
#define VERB_NEED_KERNEL 16   /* ... which must be given */
#define VERB_NO_ALL	 32   /* --all is not possible */
#define VERB_NO_PROCESS	 64   /* starts no process, not even for framework.conf */
#define VERB_HIDDEN	 128  /* not in the usage text */
#define VERB_ADDED	 256  /* the module package must be in the tree */
#define VERB_SOURCE	 512  /* instead of a name: a folder, a conf or a tarball */
#define VERB_ROOT_FORCE	 1024 /* uid 0, but only with --force */
#define VERB_OURS	 2048 /* DKMS does not have it: no script relies on what it lets pass */
#define VERB_READER	 4096 /* writes nothing, and goes on with settings that cannot be used */

struct verb {
	const char *name, *help;
	unsigned int flags;
	int (*run)(struct engine *e, const struct options *o);
	option_set uses; /* besides the general ones, see unused_check() */
};

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
	verb_generate_mok, verb_log;

/* NULL-terminated, in the order of the usage text. */
extern const struct verb *const verb_table[];
const struct verb *verb_find(const char *name);

/*
 * What a verb needs, in DKMS's order, which decides the exit status of a command that has more than
 * one fault.  needs_options() is before the engine is opened, needs_engine() after.
 */
int needs_options(const struct options *o, const struct verb *v, struct err *err) MUST_CHECK;
int needs_engine(const struct engine *e, const struct options *o, const struct verb *v,
		 struct err *err) MUST_CHECK;

/*
 * Options and words that the action has no use for.  A warning, where DKMS lets them pass;
 * -E_USAGE for our own actions and our own options.
 */
int unused_check(const struct options *o, const struct verb *v, struct err *err) MUST_CHECK;

/* The kernels that a verb is about, with their archs; see DESIGN 6.5. */
struct kernel_choice {
	struct strv releases, archs; /* same length */
};
#define KERNEL_CHOICE_INIT           \
	{                            \
		STRV_INIT, STRV_INIT \
	}
#define AUTO_KERNEL_CHOICE CLEANUP(kernel_choice_release)
void kernel_choice_release(struct kernel_choice *c);
int choose_kernels(struct engine *e, const struct options *o, bool removing,
		   struct kernel_choice *ret, struct err *err) MUST_CHECK;

/*
 * A verb that names a folder, a conf or a tarball instead of a module package: bring it to
 * <source_tree>; ret is what it holds, ret_copied whether that was not there before.  An .rpm file
 * is installed, and ret stays empty.
 */
bool source_is_named(const struct options *o);
int source_take(struct engine *e, const struct options *o, struct modid *ret, bool *ret_copied,
		struct err *err) MUST_CHECK;
