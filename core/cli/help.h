/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * help - the usage text, the help of one verb, and what somebody may have meant.  All of it comes
 * from the tables of verbs and options.
 */
#include "cli/options.h"

/* The list of actions and options, as lines.  Caller frees. */
char *help_usage(void);
/*
 * Answer --help and the verb help: the help of the action that the command line names, or the usage
 * text.  Returns an exit status: that of -E_USAGE if the help is about no action, else 0.
 */
int help_answer(const struct options *o);
/* "\nDid you mean the action X?", if a verb has a similar name, else "".  Caller frees. */
char *help_similar_verb(const char *word);
