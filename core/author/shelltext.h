/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * shelltext - the commands in a shell script, or in a command of a Makefile.  Pure.
 *
 * Nothing is expanded: a word keeps its "$x" and "$(x)", but not its quotes.  The text in $(...) is
 * a command of its own if it has a blank; "$(x)" may be a variable of make.  The text in
 * backquotes, and each part of a pipeline or list, is a command of its own, too.  Comments,
 * here-documents, patterns of case, and arrays are no commands.
 */
#include "base/strv.h"

struct shell_command {
	struct strv words;   /* with assignments and keywords: "if", "X=1", "cp", "-a", "b" */
	struct strv written; /* the files of > and >> */
	size_t line;	     /* of its first word; the text begins with line 1 */
};
typedef void (*shelltext_fn)(const struct shell_command *c, void *data);

/* Call `tell` for each command of the text. */
void shelltext_commands(const char *text, shelltext_fn tell, void *data);
/*
 * The index of the word that names the program: the first that is no assignment, no keyword, and no
 * program that runs another, such as env.  words.n: there is none.
 */
size_t shelltext_program(const struct shell_command *c);
