/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * engine - the context that every function of the engine is given: root, settings, folders.
 *
 * There is no state at file scope: cli makes the one struct engine and passes it down.  Paths are
 * absolute inside the root (sys/root.h).  engine_open() (conf/open.h) resolves symlinks in
 * <dkms_tree> once, so a symlinked /var/lib/dkms works.  (DKMS compares the paths as text, and with
 * such a link finds nothing installed.)
 */
#include <time.h>

#include "base/error.h"
#include "model/settings.h"
#include "sys/root.h"
#include "tx/tx.h"

struct engine {
	struct root root;
	struct settings settings;
	char *dkms_tree;       /* resolved */
	char *source_tree;     /* as set */
	char *install_tree;    /* as set */
	char *arch;	       /* default architecture: of the option -a, else of uname(2) */
	struct timespec begun; /* start of the run, by the clock that file times come from */
	char *run_id;	       /* UTC time and pid: "20261121T220102-4711" */
	char *distro;	       /* "debian", "rhel fedora"; "": unknown (engine/distro.h) */
	struct journal_place place;
	struct journal journal;
	/*
	 * What kerneltree.c, owners.c, trust.c and confine.c remember during the run; NULL:
	 * nothing.
	 */
	struct kerneltree *kerneltrees;
	struct owners_lists *owners;
	struct trust *trust;
	struct confine_machine *confine;
	struct strv headers_read; /* releases whose headers replay.c has looked at in this run */

	/* Options of the command line. */
	bool force_version_override, no_depmod, quiet, verbose, rpm_safe_upgrade;
	char *conf_file;	 /* -c; NULL: not given */
	char *kernel_config;	 /* --config; NULL: not given */
	char *kernel_source_dir; /* --kernelsourcedir; NULL: not given */
	struct strv directives;	 /* --directive NAME=VALUE */
	char *last_word; /* what is left for the user to do, printed at the end; NULL: nothing */
	bool reader;	 /* the command only reads: replace bad settings by defaults */
	bool no_process; /* start no process, not even to read framework.conf (status) */
};
#define ENGINE_INIT                                                                      \
	{                                                                                \
		.root = { .fd = -1 }, .directives = STRV_INIT, .headers_read = STRV_INIT \
	}

/*
 * The paths <source_tree>/REST and <install_tree>/REST.  REST is formatted as by printf(3).  Caller
 * frees.  For paths in <dkms_tree> see treepath.h.
 */
char *engine_source(const struct engine *e, const char *fmt, ...) PRINTF(2, 3);
char *engine_modules(const struct engine *e, const char *fmt, ...) PRINTF(2, 3);
/* --kernelsourcedir if it is given, else <install_tree>/K/build; caller frees. */
char *engine_headers_dir(const struct engine *e, const char *release);
