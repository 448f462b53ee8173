/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * machine - the folder that dkms works on, and dkms itself.
 *
 * Errors of the test's own end the program.
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

/* The rest, when dkms, template and work are set. */
void machine_begin(void);
/* The machine as folder from is; folder to as the machine is. */
void machine_reset(const char *from);
void machine_save(const char *to);

/*
 * dkms with these words (operations.h).  cut: what a power cut does.  run_whole: not spoilt, and
 * words may also be the shell's; it must end well.
 */
struct supervised run(const char *words, enum spoil spoil, unsigned int at, int error,
		      void (*cut)(void));
void run_whole(const char *words);
void show_output(void);

/* Counted and told. */
void violation(const char *fmt, ...) PRINTF(1, 2);
