/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash - spoil every file-system call of dkms in turn and look at what is left.
 *
 *	crash DKMS TEMPLATE WORK kill|errors|power|full STRIDE [OPERATION]
 *
 * TEMPLATE is a tree made by tests/crash/template for the path WORK/t.  Every
 * STRIDE-th call is spoilt.  Prints a line for each violation, and at the end
 * the figures.  Exit status 1 after any violation.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine.h"
#include "spoil.h"

static const struct part {
	const char *name;
	void (*run)(const struct operation *op);
} parts[] = {
	{ "kill", kill_everywhere },
	{ "errors", fail_everywhere },
	{ "power", cut_everywhere },
	{ "full", full_everywhere },
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_part(const struct part *p, const char *only)
{
	double start = now();

	for (size_t i = 0; i < n_operations; i++) {
		if (!only || strcmp(only, operations[i].name) == 0) {
			unsigned int earlier = crash.points;

			p->run(&operations[i]);
			if (getenv("CRASH_VERBOSE"))
				printf("%s %s: %u points\n", p->name, operations[i].name,
				       crash.points - earlier);
		}
	}
	printf("%s: %u points, %u recoveries killed, %u violations, %.1f s\n", p->name,
	       crash.points, crash.recoveries, crash.violations, now() - start);
}

int main(int argc, char **argv)
{
	if (argc < 6)
		errx(2,
		     "usage: crash DKMS TEMPLATE WORK kill|errors|power|full STRIDE [OPERATION]");
	setvbuf(stdout, NULL, _IOLBF, 0);
	crash.dkms = argv[1];
	crash.template = argv[2];
	crash.work = argv[3];
	crash.stride = (unsigned int)strtoul(argv[5], NULL, 10);
	machine_begin();
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strcmp(parts[i].name, argv[4]) == 0 && crash.stride > 0)
			run_part(&parts[i], argc > 6 ? argv[6] : NULL);
	}
	return crash.violations || !crash.points;
}
