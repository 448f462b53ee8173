/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * outside - commands that want more than a confined build has (confine/confine.h).  Pure.
 *
 * Only what the text says in plain words is found: where a path is a variable, or a script is run,
 * nothing is known.
 */
#include "author/shelltext.h"

enum outside_kind {
	OUTSIDE_NETWORK, /* "curl" */
	OUTSIDE_WRITE,	 /* "cp x /etc" */
	OUTSIDE_ROOT,	 /* "sudo" */
};
struct outside {
	enum outside_kind kind;
	const char *program; /* "curl", "make modules_install"; ">" for the file of a redirection */
	const char *folder;  /* OUTSIDE_WRITE: "/etc"; NULL: it is not in the text */
};
typedef void (*outside_fn)(const struct outside *o, size_t line, void *data);

/* Call `tell` for each such command of the text.  Below the folder `own` everything is allowed. */
void outside_find(const char *text, const char *own, outside_fn tell, void *data);
