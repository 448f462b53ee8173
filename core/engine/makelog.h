/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * makelog - make.log in DKMS's format, and running the commands that it logs.
 *
 *	DKMS (dkms-3.4.3) make.log for M/V for kernel KVER (ARCH)
 *	Sat Nov 21 22:01:02 UTC 2026
 *	(empty line)
 *	Building module(s)
 *	# command: make -j2 ...
 *	# confined: full	only if the program is confined (confine/confine.h)
 *	...output...
 *	(empty line)
 *	# exit code: 0
 *	# ended by: ...		only if the program did not exit by itself
 *	# elapsed time: 00:00:05
 *	----------------------------------------------------------------
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "sys/proc.h"

/*
 * The log never exceeds MAKELOG_MAX bytes.  When it would, its middle is dropped: the first
 * MAKELOG_HEAD bytes and the end stay, and a line between them says how much is missing.
 */
#define MAKELOG_MAX  ((off_t)64 << 20)
#define MAKELOG_HEAD ((off_t)1 << 20)

struct makelog {
	char *path;
	int fd; /* -1: not open */
	off_t size;
	off_t dropped; /* bytes dropped behind the head */
	/* makelog_run() copies these three into the proc_spec of each program. */
	proc_enter_fn enter;
	proc_kill_fn kill;
	const void *enter_data;
	const char *confined; /* how, for the log; NULL: not at all */
};
#define MAKELOG_INIT     \
	{                \
		.fd = -1 \
	}
#define AUTO_MAKELOG CLEANUP(makelog_close)

/*
 * Create the file, which must not exist, and write the two header lines.  From then on only the
 * descriptor counts: a build can replace the file, which lies in its folder.  Returns 0 or -errno.
 */
int makelog_open(struct makelog *log, const struct engine *e, const char *path,
		 const struct target *t) MUST_CHECK;
/*
 * As makelog_open(), but without header lines, for a command that is about no target.  The log
 * takes ownership of `path`.  -EINVAL: what stands there is no regular file; a symlink is not
 * followed.
 */
int makelog_open_plain(struct makelog *log, const struct engine *e, char *path) MUST_CHECK;
void makelog_close(struct makelog *log);
/*
 * Tell the user `title`.  Write `title` and `command` into the log, run `spec` with its output in
 * the log, and write into the log how the child ended.  Sets spec->on_output and spec->data.
 * Returns 0 if the child ran, even if it failed; else -errno.
 */
int makelog_run(struct makelog *log, const char *title, const char *command, struct proc_spec *spec,
		struct proc_result *ret) MUST_CHECK;
/* Append a line, e.g. why a module is refused. */
void makelog_add(struct makelog *log, const char *text);
/*
 * The exit code to log.  For a child that exited: its exit status.  For a child that died by a
 * signal: 128 + signal.  For a child that we ended: 124 if its time was over (as timeout(1) does),
 * else 130.
 */
int makelog_exit_code(const struct proc_result *res);
/* The last `max` bytes of the log, for cause/cause.h.  NULs become spaces.  Caller frees. */
char *makelog_text(const struct makelog *log, size_t max);
