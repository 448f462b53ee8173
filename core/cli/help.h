/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * help - the usage text, the help of one verb, and the verb that a person may have meant.  All of
 * it comes from the tables of verbs and options.
 */
#include "cli/options.h"

/* The usage text: lists of all actions and options.  Caller frees. */
char *help_usage(void);
/*
 * Answer --help and the verb help: print the help of the action that the command line names, or the
 * usage text if it names none.  Returns the exit status, that of -E_USAGE for an unknown action.
 */
int help_answer(const struct options *o);
/* "\nDid you mean X?" if a verb X has a similar name, else "".  Caller frees. */
char *help_similar_verb(const char *word);
