/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * options - the command line, parsed and nothing more.
 *
 * The forms are DKMS's (dkms(8)):
 *  - Actions, options and module names come in any order.
 *  - A short option takes its value as the next word, a long one as --opt=value or --opt value.
 *  - A long option with OPT_PREFIX is recognised by its beginning: --modulefoo=bar sets the module.
 *  - Blanks at both ends of a value, and all lines after its first, are dropped.
 *  - A value that is missing at the end of the command line is the empty string.
 *
 * The table is public because the usage text and the completions are made from it.
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
	OPT_PROBLEMS,
	OPT_CHECK,
	OPT_SINCE,
	OPT_NUMBER,
	OPT_FULL,
	OPT_LOG,
	OPT_FOLLOW,
	OPT_REFUSED,
	OPT_JUNIT,
	OPT_REFRESH,
	OPT_RELEASE,
	OPT_HEADERS,
	OPT_FETCH,
	OPT_CANDIDATES,
	OPT_STORE,
	OPT_KEY,
	OPT_CERT,
	OPT_TO,
	OPT_DEB,
	OPT_RPM,
	OPT_VERSION,
	OPT_HELP,
};

#define OPT_PREFIX 1 /* long option that is recognised by its beginning, as in DKMS */
#define OPT_VALUE  2 /* takes a value */
#define OPT_OURS   4 /* not in DKMS */

/* A set of options: OPTION(a) | OPTION(b). */
typedef unsigned long long option_set;
#define OPTION(id) (1ull << (id))

struct option_def {
	enum option_id id;
	const char *short_name; /* "-m", may be NULL */
	const char *long_name;	/* "--module", may be NULL */
	unsigned int flags;
	const char *value; /* name of the value in the usage text */
	const char *help;
};
/*
 * Ends with an entry without names.  The first entry that matches an option counts.  The entries
 * are in the order in which DKMS tries its own patterns.  E.g. --archive must stand before --arch,
 * which matches every option that begins with --arch.
 */
extern const struct option_def option_table[];

struct options {
	char *junit;   /* --junit */
	char *release; /* --release */
	char *headers; /* --headers */
	char *action;  /* name of a verb; NULL: none was given */
	char *command; /* the whole command line, for people to read */
	char *since;   /* --since as typed; NULL: not given */
	char *log;     /* --log as typed; NULL: not given */
	char *number;  /* -n as typed; NULL: not given */
	char *topic;   /* the action after "help"; NULL: none was given */
	char *store, *key, *cert, *to;
	struct modid id;
	struct strv kernels, archs; /* -k K/A adds to both */
	char *conf, *kernel_config, *archive, *template_kernel, *kernel_source_dir, *root;
	char *source_path; /* a folder with a dkms.conf; a word names it, or its dkms.conf */
	struct strv directives;
	struct strv words;	  /* all words that are no action, option or value */
	struct strv ignored;	  /* those of `words` that mean nothing */
	struct strv deprecated;	  /* given options that DKMS accepts and ignores */
	struct settings settings; /* those that the command line sets: trees, jobs, verbose ... */
	bool force, force_version_override, all, quiet, debug, no_depmod, rpm_safe_upgrade;
	bool binaries_only, source_only, dry_run, json, repair, failed, problems, check, later,
		full, follow, refused, refresh, fetch, candidates, deb, rpm, help, version;
	option_set given; /* all options that were given */
};

/* Is the value neither NULL nor the empty string? */
static inline bool option_is_set(const char *value)
{
	return value && *value;
}

void options_release(struct options *o);
/*
 * Parse the command line.  Parsing ends at --version; after --help, only an action counts.
 * is_action() says whether a word is an action.  A word that is the path of a file, or of a folder
 * with a dkms.conf, is a source or an archive; any other word names a module package.
 *
 * Fails with -E_USAGE or -E_TWO_ACTIONS; `ret` is set even then, and the caller releases it.
 */
int options_parse(int argc, char **argv, bool (*is_action)(const char *word), struct options *ret,
		  struct err *err) MUST_CHECK;
/*
 * Take the first word as a name, even if a folder or a file here has that name.  A word that begins
 * with '/' or '.' stays a path.  This is for verbs that take no folder and no archive.
 */
void options_word_is_name(struct options *o);
/*
 * Make the checks that DKMS makes before any action.  Fails with -E_BAD_CONF, -E_ARGS_MISSING,
 * -E_USAGE, -E_ALL_WITH_ARCH or -E_BAD_NAME.
 */
int options_check(const struct options *o, struct err *err) MUST_CHECK;
/*
 * Make a path of the command line absolute.  A relative path starts at the working directory, or at
 * the top of the root if --root is given.  Returns NULL for NULL and ""; caller frees.
 */
char *options_path(const struct options *o, const char *path);
/*
 * Set *ret to the folder that an action with WORDS_FOLDERS is about: the one word on the command
 * line, or "." if there is none, made absolute by options_path().  A dkms.conf stands for its
 * folder.  Fails with -E_USAGE if there are several words.  Caller frees.
 */
int options_folder(const struct options *o, char **ret, struct err *err) MUST_CHECK;
/* Does s match a pattern of fnmatch(3) from the command line?  NULL and "" match everything. */
bool options_match(const char *pattern, const char *s);
/* Does s match one of the patterns, as in options_match()?  An empty list matches everything. */
bool options_match_any(const struct strv *patterns, const char *s);
