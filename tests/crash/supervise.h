/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * supervise - run a command whose file-system calls are counted and spoilt.
 *
 * The command and all its descendants live in a PID namespace of their own
 * and under a seccomp filter that hands every call that changes files, about
 * forty of them, to this process; one counter goes over them all.  Calls
 * that touch nothing below the folders watched are neither counted nor spoilt.
 */
#include "base/strv.h"

enum spoil {
	SPOIL_NOTHING, /* count only */
	SPOIL_KILL,    /* at call N, which is not executed, everything dies */
	SPOIL_ONCE,    /* call N fails */
	SPOIL_FROM,  /* call N and all after it fail; with EINTR a few dozen, or loops would not end
		      */
	SPOIL_POWER, /* at call N cut() is called, then everything dies */
};

struct supervise {
	const struct strv *argv;
	const char *input;	/* path of what is standard input, NULL: /dev/null */
	const char *output;	/* path that gets stdout and stderr */
	const char *watched[2]; /* folders, NULL: none */
	enum spoil spoil;
	unsigned int at; /* N, from 1 */
	int error;	 /* errno for ONCE and FROM */
	void (*cut)(void);
	const char *trace; /* path that gets a line a counted call, NULL: none */
};

struct supervised {
	unsigned int calls; /* counted */
	bool spoilt;	    /* call N was reached */
	int status;	    /* exit status, 128 + signal */
};

/* Ends the program when the machine cannot do this. */
void supervise(const struct supervise *s, struct supervised *ret);
