/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * makelog - make.log in DKMS's form, and the running of what is logged there.
 *
 *	DKMS (dkms-3.4.3) make.log for M/V for kernel KVER (ARCH)
 *	Sat Nov 21 22:01:02 UTC 2026
 *	(empty line)
 *	Building module(s)
 *	# command: make -j2 ...
 *	...output...
 *	(empty line)
 *	# exit code: 0
 *	# elapsed time: 00:00:05
 *	----------------------------------------------------------------
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "sys/proc.h"

/*
 * The log never takes more than MAKELOG_MAX bytes.  What would pass it costs the middle: the head
 * of the log and the end of it stay, and a line between them says what is missing.
 */
#define MAKELOG_MAX  ((off_t)64 << 20)
#define MAKELOG_HEAD ((off_t)1 << 20)

struct makelog {
	char *path;
	int fd; /* -1: not open */
	off_t size;
	off_t dropped; /* bytes, behind the head */
};
#define MAKELOG_INIT           \
	{                      \
		NULL, -1, 0, 0 \
	}
#define AUTO_MAKELOG CLEANUP(makelog_close)

/* Makes the file and writes the two header lines. */
int makelog_open(struct makelog *log, const struct engine *e, const char *path,
		 const struct target *t) MUST_CHECK;
void makelog_close(struct makelog *log);
/*
 * Say title, log title and command, run spec with its output in the log, log how it
 * ended.  A signal's exit code is 128 + signal.  0 when it ran, else -errno.
 */
int makelog_run(struct makelog *log, const char *title, const char *command, struct proc_spec *spec,
		struct proc_result *ret) MUST_CHECK;
/* One more line, e.g. why a module is refused. */
void makelog_add(struct makelog *log, const char *text);
/* The exit code that a result is logged as. */
int makelog_exit_code(const struct proc_result *res);
/* The end of the log, at most max bytes, for the classifier; caller frees. */
char *makelog_text(const struct makelog *log, size_t max);
