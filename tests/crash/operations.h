/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * operations - the operations that are spoilt.  By one command, each leads from a state before to a
 * state after.
 *
 * A command has the words of dkms's command line.  %t stands for the machine's folder.  The options
 * for its trees and its kernel are added.  Keys go to %t/mok.  "event" gets an empty event, and
 * "event-kernel-removed" an event that says that the kernel was removed.  What follows a '!' is run
 * by the shell in the machine's folder.
 */
#include <stddef.h>

struct operation {
	const char *name;
	const char *setup[7]; /* from the template to the state before */
	const char *command;
	const char *between[4]; /* what the command does first, in this order */
	const char *again[2];	/* is run after the recovery, and leads to the state after */
	const char *original;	/* module that must exist somewhere all the time */
	const char *changes; /* part of a line that only one of the states before and after has */
	/*
	 * The state before is what this command leaves when it is killed after so many percent of
	 * its calls.  What it began may end in the state before it or after it.
	 */
	const char *broken;
	unsigned int percent;
};

extern const struct operation operations[];
extern const size_t n_operations;
