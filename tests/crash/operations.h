/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * operations - what is spoilt: from a state before, by one command, to a state after.
 *
 * A command is the words of dkms's command line; %t stands for the machine's folder, and the
 * options for its trees and its kernel are added, and keys belong into %t/mok.  "event" gets an
 * empty event, "event-kernel-removed" one that says so.  Of what begins with '!' the shell makes
 * something: it is run in that folder.
 */
#include <stddef.h>

struct operation {
	const char *name;
	const char *setup[7]; /* from the template to the state before */
	const char *command;
	const char *between[4]; /* what the command does first, in its order */
	const char *original;	/* module that must exist somewhere all the time */
	const char *changes;	/* part of a line that only one of before and after has */
	/*
	 * The state before is this command's, killed after so many percent of its calls; what it
	 * began may end as before or as after.
	 */
	const char *broken;
	unsigned int percent;
};

extern const struct operation operations[];
extern const size_t n_operations;
