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

#define VERB_ROOT	 1   /* uid 0 */
#define VERB_WRITE_TREE	 2   /* the DKMS tree must be writable */
#define VERB_MODULE	 4   /* needs a name and a version */
#define VERB_ONE_KERNEL	 8   /* takes one kernel */
#define VERB_NEED_KERNEL 16  /* ... which must be given */
#define VERB_NO_ALL	 32  /* --all is not possible */
#define VERB_NO_PROCESS	 64  /* starts no process, not even for framework.conf */
#define VERB_HIDDEN	 128 /* not in the usage text */

struct verb {
	const char *name, *help;
	unsigned int flags;
	int (*run)(struct engine *e, const struct options *o);
};

extern const struct verb verb_add, verb_build, verb_install, verb_uninstall, verb_unbuild,
	verb_remove, verb_autoinstall, verb_kernel_preinst, verb_kernel_postinst, verb_kernel_prerm,
	verb_status, verb_event, verb_config;

/* NULL-terminated, in the order of the usage text. */
extern const struct verb *const verb_table[];
const struct verb *verb_find(const char *name);

/* Look, decide, act, tell: what all goal verbs and event have in common.  Returns the exit status.
 */
struct goals;
int cli_run_goals(struct engine *e, const struct options *o, struct goals *goals);
/* The kernels that a verb is about, with their archs; see DESIGN 6.5. */
struct kernel_choice {
	struct strv releases, archs; /* same length */
};
void kernel_choice_release(struct kernel_choice *c);
int choose_kernels(struct engine *e, const struct options *o, bool removing,
		   struct kernel_choice *ret, struct err *err) MUST_CHECK;
