/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * machine - the folder that dkms works on, and dkms itself.
 *
 * Errors of the test itself end the program.
 */
#include "supervise.h"

/* What the command line says, and where things are. */
struct crash {
	const char *dkms, *template, *work;
	char *tree;   /* WORK/t, the machine */
	char *kernel; /* its release */
	char *output; /* of the last run */
	unsigned int stride;
	unsigned int points, recoveries, violations; /* so far */
};
extern struct crash crash;

/* Set the other members, once dkms, template and work are set. */
void machine_begin(void);
/* Make the machine a copy of the folder `from`; make the folder `to` a copy of the machine. */
void machine_reset(const char *from);
void machine_save(const char *to);

/*
 * Run dkms with these words (operations.h).  cut() makes the power cut.  run_whole() spoils
 * nothing, takes commands of the shell, too, and ends the program if the command fails.
 */
struct supervised run(const char *words, enum spoil spoil, unsigned int at, int error,
		      void (*cut)(void));
void run_whole(const char *words);
void show_output(void);

/* Count and print a violation. */
void violation(const char *fmt, ...) PRINTF(1, 2);
