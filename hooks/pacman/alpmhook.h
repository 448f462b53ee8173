/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * alpmhook - read pacman's hook files (alpm-hooks(5)): our hook must know what other hooks do.
 *
 * If two folders have a file of the same name, the file in the later folder counts.  If that file
 * is a symlink to /dev/null, there is no such hook.  Path patterns are matched by fnmatch(3)
 * without flags, as in libalpm.
 */
#include "base/strv.h"

enum alpm_operation { ALPM_INSTALL = 1, ALPM_UPGRADE = 2, ALPM_REMOVE = 4 };

struct alpm_trigger {
	unsigned int operations; /* enum alpm_operation */
	bool is_path;		 /* Type = Path or File */
	struct strv targets;
};
struct alpm_hook {
	char *name; /* of the file, without folder; alpm_hook_parse() leaves it NULL */
	char *path; /* of the file; alpm_hook_parse() leaves it NULL */
	char *exec; /* NULL: none given */
	bool post;  /* When = PostTransaction */
	struct alpm_trigger *triggers;
	size_t n_triggers;
};
struct alpm_hooks {
	struct alpm_hook *v; /* sorted by name, as libalpm runs them */
	size_t n;
};
#define AUTO_ALPM_HOOKS CLEANUP(alpm_hooks_release)
void alpm_hook_release(struct alpm_hook *h);
void alpm_hooks_release(struct alpm_hooks *h);

/* Parse the text of a hook file.  Unknown lines are ignored.  Pure. */
void alpm_hook_parse(const char *text, struct alpm_hook *ret);
/*
 * Does the trigger name this path for all of these operations?  A pattern with '!' in front
 * excludes; the last pattern that matches decides.  Pure.
 */
bool alpm_trigger_matches(const struct alpm_trigger *t, const char *path, unsigned int operations);
/* Load the hooks of these folders.  A folder or file that cannot be read is skipped. */
void alpm_hooks_load(const char *const *folders, size_t n, struct alpm_hooks *ret);
