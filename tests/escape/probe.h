/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * probe - what a build could try to do to the machine.
 *
 * A probe tries one thing, in a process of its own, and returns 0 if it was allowed, or the errno
 * with which it was refused.  It does no harm if it is allowed: files are opened and not written,
 * or marks are made (probe_mark), signals are 0, and what changes a value writes the value that is
 * there.  Where a call can only be tried with bad arguments, the error that comes behind the check
 * of permissions counts as allowed.
 *
 * escape.test prepares what the probes aim at, and tells where it is in the file PROBE_TARGETS, as
 * lines "NAME VALUE".
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROBE_HOME    "/usr/local/lib/escape"
#define PROBE_TARGETS PROBE_HOME "/targets"
#define PROBE_MARK    "escape-mark"

struct probe {
	const char *name;
	int (*run)(const char *arg);
	const char *arg; /* "@NAME": that line of PROBE_TARGETS */
};

extern const struct probe probes_files[], probes_links[], probes_proc[], probes_devices[],
	probes_sockets[], probes_processes[], probes_privileges[], probes_limits[], probes_ipc[],
	probes_mounts[], probes_kernel[];

/* The value of a line of PROBE_TARGETS.  Ends the process if there is none. */
const char *probe_target(const char *name);
pid_t probe_target_pid(const char *name);
/* A folder in which this process can write, to try things there: "." or /tmp. */
const char *probe_scratch(void);
/* "FOLDER/escape-mark.PROBE", or that with -SUFFIX; the string lives as long as the process. */
const char *probe_path(const char *folder, const char *suffix);
/* Create that file.  Returns its descriptor, or -1. */
int probe_create(const char *folder, const char *suffix);

/* Can the file be opened so? */
int probe_read(const char *path);
int probe_write(const char *path);
/* 0 if result is not negative, else errno. */
int probe_result(long result);
/* The same, but 0 if errno is `passed`, which comes behind the check of permissions. */
int probe_passed(long result, int passed);
