/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * settings - what is adjustable, and who set it.
 *
 * Sources are applied from strongest to weakest and the first wins: command
 * line, environment where DKMS takes it, /etc/dkms/framework.conf.d/(name).conf,
 * /etc/dkms/framework.conf, default.  (Among several files of the folder the last in name order is
 * the strongest, as DKMS reads them one after the other.)  Each value keeps its source's name for
 * `dkms config` and for messages.
 *
 * Values are templates: $name and ${name} are put in when used (settings_expand), because
 * DKMS evaluates framework.conf again for each kernel (sign_file="...$kernelver...").
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

#define SETTINGS_LIST(X)                                                                         \
	/* id, name, default, may come from the environment */                                   \
	X(SET_DKMS_TREE, "dkms_tree", "/var/lib/dkms", false)                                    \
	X(SET_SOURCE_TREE, "source_tree", "/usr/src", false)                                     \
	X(SET_INSTALL_TREE, "install_tree", "/lib/modules", false)                               \
	X(SET_TMP_LOCATION, "tmp_location", "/tmp", false)                                       \
	X(SET_VERBOSE, "verbose", "", false)                                                     \
	X(SET_SYMLINK_MODULES, "symlink_modules", "", false)                                     \
	X(SET_AUTOINSTALL_ALL_KERNELS, "autoinstall_all_kernels", "yes", false)                  \
	X(SET_MODPROBE_ON_INSTALL, "modprobe_on_install", "", true)                              \
	X(SET_PARALLEL_JOBS, "parallel_jobs", "", true)                                          \
	X(SET_COMPRESS_GZIP_OPTS, "compress_gzip_opts", "-6", false)                             \
	X(SET_COMPRESS_XZ_OPTS, "compress_xz_opts", "--check=crc32 --lzma2=dict=1MiB", false)    \
	X(SET_COMPRESS_ZSTD_OPTS, "compress_zstd_opts", "-q --rm -T0 -3", false)                 \
	X(SET_POST_TRANSACTION, "post_transaction", "", true)                                    \
	X(SET_SIGN_FILE, "sign_file", "", true)                                                  \
	X(SET_MOK_SIGNING_KEY, "mok_signing_key", "", true)                                      \
	X(SET_MOK_CERTIFICATE, "mok_certificate", "", true)                                      \
	X(SET_TRY_SIGN_MODULES, "try_sign_modules", "not_in_chroot", false)                      \
	X(SET_BUILD_ENVIRONMENT, "build_environment", "", false)                                 \
	X(SET_CONTINUE_ON_ERROR, "continue_on_error", "", false)                                 \
	X(SET_NO_WEAK_MODULES, "NO_WEAK_MODULES", "", true)                                      \
	X(SET_ADDON_MODULES_DIR, "ADDON_MODULES_DIR", "", true)                                  \
	/* ours */                                                                               \
	X(SET_INITRAMFS, "initramfs", "auto", false)                                             \
	X(SET_CONF_TIMEOUT, "conf_timeout", "10", false)                                         \
	X(SET_BUILD_TIMEOUT, "build_timeout", "21600", false)                                    \
	X(SET_STRICT_MODES, "strict_modes", "yes", false)                                        \
	X(SET_SCRIPT_TIMEOUT, "script_timeout", "3600", false)                                   \
	X(SET_TOOL_TIMEOUT, "tool_timeout", "600", false)                                        \
	X(SET_INITRAMFS_TIMEOUT, "initramfs_timeout", "1800", false)                             \
	X(SET_RPM_RUN, "rpm_run", "transaction", true)

enum setting {
#define X(id, name, def, env) id,
	SETTINGS_LIST(X)
#undef X
		SETTING_COUNT_
};

struct settings {
	char *value[SETTING_COUNT_];	   /* NULL: nobody has set it, the default counts */
	char *source[SETTING_COUNT_];	   /* "command line", "environment", a file's path */
	unsigned int line[SETTING_COUNT_]; /* of that file; 0: not known */
};
#define AUTO_SETTINGS CLEANUP(settings_release)

void settings_release(struct settings *s);
/* Keeps what a stronger source has set already.  source is copied. */
void settings_set(struct settings *s, enum setting id, const char *value, const char *source);
/* By name; false for a name that is no setting. */
bool settings_set_name(struct settings *s, const char *name, const char *value, const char *source);
/* env: NAME=VALUE strings (environ); what DKMS takes from there, TMPDIR and DKMS_DIRECTIVE* too. */
void settings_set_env(struct settings *s, char *const *env);

/* Never NULL. */
const char *settings_get(const struct settings *s, enum setting id);
/* "default" when nobody has. */
const char *settings_source(const struct settings *s, enum setting id);
bool settings_is_set(const struct settings *s, enum setting id);
/* yes/true/1/non-empty, as DKMS's scripts test the value; "no", "false", "0", "" are false. */
bool settings_true(const struct settings *s, enum setting id);
/* Of one that is a number: settings_check() has seen to it; 0 for an empty one. */
unsigned int settings_number(const struct settings *s, enum setting id);
const char *settings_name(enum setting id);
/*
 * Trees must be absolute paths without "..", numbers numbers, choices one of theirs
 * (try_sign_modules true false not_in_chroot, initramfs auto always never, rpm_run transaction
 * background).  A typo in a file must not keep a new kernel without its modules: such a value gives
 * way to the default, and a warning (appended to warnings) names it, file and line.  -E_USAGE and
 * the same as a text for what the command line has, and for a wrong tree or environment where
 * something is to be written (reader false).
 */
int settings_check(struct settings *s, bool reader, struct strv *warnings,
		   struct err *err) MUST_CHECK;

/* Put values of $name and ${name} in; unknown names become empty.  vars: "name=value". */
char *settings_expand(const char *templ, const struct strv *vars);

/*
 * Read a framework.conf that is plain: blank lines, comments and NAME=VALUE with a
 * literal, quoted or unquoted, value that may hold $name of a DKMS variable (it stays a template)
 * or of an assignment above it (put in).  White space in values is treated as DKMS's double
 * expansion does. Settings are appended to found in file order (the last of one name wins), unknown
 * names are skipped as DKMS does.  Returns false at the first line that only a shell can evaluate
 * (ret_line is its number); found holds what stands above it then.
 */
struct settings_pair {
	enum setting id;
	char *value;
	unsigned int line;
};
struct settings_pairs {
	struct settings_pair *v;
	size_t n;
};
void settings_pairs_release(struct settings_pairs *p);
bool settings_parse_plain(const char *text, struct settings_pairs *found, unsigned int *ret_line);
/* One line a setting: "name=value  (source)". */
void settings_print(const struct settings *s, struct buf *b);
