/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * supervise - run a command whose file-system calls are counted and spoilt.
 *
 * The command and all its descendants live in a PID namespace of their own and under a seccomp
 * filter.  The filter hands every call that changes files, one of about forty, to this process,
 * which counts them together.  Calls that touch nothing below the watched folders are neither
 * counted nor spoilt.
 */
#include "base/strv.h"

enum spoil {
	SPOIL_NOTHING, /* count only */
	SPOIL_KILL,    /* all processes are killed before call N is executed */
	SPOIL_ONCE,    /* call N fails */
	SPOIL_FROM, /* call N and later ones fail; with EINTR only some dozens, so that loops end */
	SPOIL_POWER, /* before call N, cut() is called and all processes are killed */
};

struct supervise {
	const struct strv *argv;
	const char *input;	/* path of the file that is standard input; NULL: /dev/null */
	const char *output;	/* path that gets stdout and stderr */
	const char *watched[2]; /* folders, NULL: none */
	enum spoil spoil;
	unsigned int at; /* N, from 1 */
	int error;	 /* errno for ONCE and FROM */
	void (*cut)(void);
	const char *trace; /* path of a file that gets a line for each counted call; NULL: none */
};

struct supervised {
	unsigned int calls; /* counted */
	bool spoilt;	    /* call N was reached */
	int status;	    /* exit status, or 128 + signal */
};

/* Run the command.  Ends the program if this machine cannot do that. */
void supervise(const struct supervise *s, struct supervised *ret);
