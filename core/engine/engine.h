/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * engine - what every part of the engine is given: root, settings, places.
 *
 * There is no state at file scope; the one struct engine is made by cli and
 * handed down.  Paths are absolute inside the root (sys/root.h) and free of
 * symlinks in <dkms_tree> itself: engine_open() resolves it once, so that a
 * symlinked /var/lib/dkms works (DKMS compares literal paths and then never finds anything
 * installed).
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
	char *arch;	       /* default architecture: uname -m or -a */
	struct timespec begun; /* engine_open(), as the kernel stamps files */
	char *run_id;	       /* of this run: UTC time and pid, "20261121T220102-4711" */
	char *distro;	       /* "debian", "rhel fedora", ...: engine/distro.h; "" unknown */
	struct journal_place place;
	struct journal journal;
	struct kerneltree *kerneltrees; /* kerneltree.c's listings */
	struct owners_lists *owners;	/* owners.c's memory; NULL: none */
	struct trust *trust;		/* trust.c's; the same */

	/* What the person asked for on the command line. */
	bool force_version_override, no_depmod, quiet, verbose, rpm_safe_upgrade;
	char *conf_file;	 /* -c, NULL */
	char *kernel_config;	 /* --config, NULL */
	char *kernel_source_dir; /* --kernelsourcedir, NULL */
	struct strv directives;	 /* --directive NAME=VALUE */
	char *last_word; /* what a person must still do, to be said when all is done; NULL */
	bool reader;	 /* goes on with defaults where settings cannot be used */
	bool no_process; /* start none for the framework files either (status) */
};
#define ENGINE_INIT                                           \
	{                                                     \
		.root = { .fd = -1 }, .directives = STRV_INIT \
	}

/* <source_tree>/REST, <install_tree>/REST, formatted; caller frees.  In <dkms_tree>: treepath.h. */
char *engine_source(const struct engine *e, const char *fmt, ...) PRINTF(2, 3);
char *engine_modules(const struct engine *e, const char *fmt, ...) PRINTF(2, 3);
/* <install_tree>/K/build or --kernelsourcedir; caller frees. */
char *engine_headers_dir(const struct engine *e, const char *release);
