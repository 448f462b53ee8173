/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * recipes - the commands that make runs for some goals, as far as the text of a Makefile tells.
 * Pure.
 *
 * Rules whose names are variables or patterns are not looked at, nor are other Makefiles.
 */
#include "author/makefile.h"
#include "author/shelltext.h"

/*
 * Append the goals of the command "make a b X=1" to *ret.  Returns false if the command is not
 * make, or if make would read another Makefile.  It would do so with -f or M=, and also with -C if
 * `enters` is false.
 */
bool recipes_goals(const struct shell_command *c, bool enters, struct strv *ret);
/*
 * Call `tell` for each command that is run for the goals and what they need; if there are no goals,
 * for the first rule.  `command` has no "@", "-" or "+" before it.
 */
typedef void (*recipes_fn)(const char *command, size_t line, void *data);
void recipes_find(const struct makefile *m, const struct strv *goals, recipes_fn tell, void *data);
