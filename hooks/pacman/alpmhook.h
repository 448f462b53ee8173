/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * alpmhook - hook files of pacman, alpm-hooks(5), as far as ours must know the others.
 *
 * One list over all folders, by file name: of two files with the same name the later folder's
 * counts, and a link to /dev/null there is no hook.  PATH patterns are fnmatch(3) without
 * flags, as in libalpm.
 */
#include "base/strv.h"

enum alpm_operation { ALPM_INSTALL = 1, ALPM_UPGRADE = 2, ALPM_REMOVE = 4 };

struct alpm_trigger {
	unsigned int operations; /* enum alpm_operation */
	bool is_path;		 /* Type = Path or File */
	struct strv targets;
};
struct alpm_hook {
	char *name; /* the file's */
	char *path;
	char *exec;
	bool post; /* When = PostTransaction */
	struct alpm_trigger *triggers;
	size_t n_triggers;
};
struct alpm_hooks {
	struct alpm_hook *v; /* by name */
	size_t n;
};
#define AUTO_ALPM_HOOKS CLEANUP(alpm_hooks_release)
void alpm_hook_release(struct alpm_hook *h);
void alpm_hooks_release(struct alpm_hooks *h);

/* Text of a hook file.  What is not understood is passed over.  Pure. */
void alpm_hook_parse(const char *text, struct alpm_hook *ret);
/* Does the trigger name this path for this operation?  '!' in front of a pattern excludes.  Pure.
 */
bool alpm_trigger_matches(const struct alpm_trigger *t, const char *path, unsigned int operations);
/* The hooks of these folders; a folder or file that cannot be read has none. */
void alpm_hooks_load(const char *const *folders, size_t n, struct alpm_hooks *ret);
