/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * trusted - does the kernel take a module with this signature, or without one?  Pure.
 *
 * A damaged signature is refused even if none is asked for.  The kernel trusts the key that signs
 * its own modules; the kernels of most distributions also trust the keys in the firmware's db, and,
 * with Secure Boot, those that the owner has enrolled (MokListRT).
 */
#include "verify/reason.h"
#include "verify/scene.h"

/*
 * REASON_NONE: the kernel takes it.  Otherwise *ret_text says why not, and *ret_cure what helps
 * (NULL: to build the module again, or nothing); the caller frees both.
 */
enum reason trusted_judge(const struct scene *s, const struct scene_module *m, char **ret_text,
			  char **ret_cure);
enum enforcement { ENFORCED_NOT, ENFORCED, ENFORCED_MAYBE };
/* Does the kernel refuse modules without a trusted signature?  *ret_why says because of what. */
enum enforcement trusted_enforcement(const struct scene *s, const char **ret_why);
