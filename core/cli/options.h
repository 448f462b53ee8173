/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * options - the command line, parsed and nothing more.
 *
 * DKMS's forms are kept (reference: dkms(8)): actions, options and module
 * names in any order; a short option takes its value only as the next word;
 * a long one as --opt=value or --opt value; the long options marked
 * OPT_PREFIX match by their beginning (--modulefoo=bar sets the module);
 * blanks at both ends of a value and everything after a newline are dropped;
 * a value missing at the very end is the empty string.
 *
 * The table is public: usage, completions and the manual are checked against it.
 */
#include "base/error.h"
#include "base/strv.h"
#include "model/modid.h"
#include "model/settings.h"

enum option_id {
	OPT_MODULE,
	OPT_VERSION_OF_MODULE,
	OPT_KERNEL,
	OPT_ARCH,
	OPT_CONF,
	OPT_CONFIG,
	OPT_ARCHIVE,
	OPT_TEMPLATE_KERNEL,
	OPT_DKMS_TREE,
	OPT_SOURCE_TREE,
	OPT_INSTALL_TREE,
	OPT_KERNEL_SOURCE_DIR,
	OPT_DIRECTIVE,
	OPT_JOBS,
	OPT_FORCE,
	OPT_FORCE_VERSION_OVERRIDE,
	OPT_ALL,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_DEBUG,
	OPT_NO_DEPMOD,
	OPT_MODPROBE_ON_INSTALL,
	OPT_SYMLINK_MODULES,
	OPT_RPM_SAFE_UPGRADE,
	OPT_BINARIES_ONLY,
	OPT_SOURCE_ONLY,
	OPT_DEPRECATED,
	OPT_ROOT,
	OPT_DRY_RUN,
	OPT_JSON,
	OPT_REPAIR,
	OPT_LATER,
	OPT_FAILED,
	OPT_SINCE,
	OPT_VERSION,
	OPT_HELP,
};

#define OPT_PREFIX 1 /* a long option matched by its beginning, as DKMS does */
#define OPT_VALUE  2
#define OPT_OURS   4 /* DKMS does not have it */

/* Sets of options. */
typedef unsigned long long option_set;
#define OPTION(id) (1ull << (id))

struct option_def {
	enum option_id id;
	const char *short_name; /* "-m", may be NULL */
	const char *long_name;	/* "--module", may be NULL */
	unsigned int flags;
	const char *value; /* name of the value, for the usage text */
	const char *help;
};
/* Ends with an entry without names.  In the order in which DKMS tests them (--archive before
 * --arch). */
extern const struct option_def option_table[];

struct options {
	char *action;  /* a word of the verb table, NULL: none */
	char *command; /* the whole command line, as it can be typed again */
	char *since;   /* --since, not looked at yet; NULL: not given */
	struct modid id;
	struct strv kernels, archs; /* -k K/A puts both in */
	char *conf, *kernel_config, *archive, *template_kernel, *kernel_source_dir, *root;
	char *source_path; /* positional: a folder with a dkms.conf */
	struct strv directives;
	struct strv ignored;	  /* words nobody understands, for a warning */
	struct strv deprecated;	  /* old options that do nothing any more */
	struct settings settings; /* trees, jobs, verbose ... as set on the command line */
	bool force, force_version_override, all, quiet, debug, no_depmod, rpm_safe_upgrade;
	bool binaries_only, source_only, dry_run, json, repair, failed, later, help, version;
	option_set given; /* every option that was there */
};

void options_release(struct options *o);
/*
 * is_action: knows the actions.  Looks at the file system only to tell a path
 * from a module's name (files and folders that exist).  -E_USAGE, -E_TWO_ACTIONS, -E_BAD_NAME.
 */
int options_parse(int argc, char **argv, bool (*is_action)(const char *word), struct options *ret,
		  struct err *err) MUST_CHECK;
/* What DKMS checks before any action: exits 1, 2, 3, 8. */
int options_check(const struct options *o, struct err *err) MUST_CHECK;
/*
 * A path of the command line as an absolute one: meant from the folder where the command was given,
 * and in another root (--root) from its top.  NULL for NULL and ""; caller frees.
 */
char *options_path(const struct options *o, const char *path);
