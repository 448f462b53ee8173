/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * settings - what can be set, and who has set it.
 *
 * These sources are applied in this order, and the first one that sets a value wins:
 *
 *	command line
 *	environment (settings_set_env())
 *	/etc/dkms/framework.conf.d/NAME.conf, the last one by name first
 *	/etc/dkms/framework.conf
 *	/etc/sysconfig/module-init-tools, for ADDON_MODULES_DIR only
 *	default
 *
 * DKMS sources the files of framework.conf.d in the order of their names, so in DKMS, too, the last
 * one wins.  Each value keeps the name of its source for `dkms config` and for messages.
 *
 * A value may hold $name or ${name}, e.g. sign_file="...$kernelver...".  DKMS evaluates
 * framework.conf again for each kernel; here settings_expand() replaces the names when the value
 * is used.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

#define SETTINGS_LIST(X)                                                                      \
	/* id, name, default, taken from the environment? */                                  \
	X(SET_DKMS_TREE, "dkms_tree", "/var/lib/dkms", false)                                 \
	X(SET_SOURCE_TREE, "source_tree", "/usr/src", false)                                  \
	X(SET_INSTALL_TREE, "install_tree", "/lib/modules", false)                            \
	X(SET_TMP_LOCATION, "tmp_location", "/tmp", false)                                    \
	X(SET_VERBOSE, "verbose", "", false)                                                  \
	X(SET_SYMLINK_MODULES, "symlink_modules", "", false)                                  \
	X(SET_AUTOINSTALL_ALL_KERNELS, "autoinstall_all_kernels", "yes", false)               \
	X(SET_MODPROBE_ON_INSTALL, "modprobe_on_install", "", true)                           \
	X(SET_PARALLEL_JOBS, "parallel_jobs", "", true)                                       \
	X(SET_COMPRESS_GZIP_OPTS, "compress_gzip_opts", "-6", false)                          \
	X(SET_COMPRESS_XZ_OPTS, "compress_xz_opts", "--check=crc32 --lzma2=dict=1MiB", false) \
	X(SET_COMPRESS_ZSTD_OPTS, "compress_zstd_opts", "-q --rm -T0 -3", false)              \
	X(SET_POST_TRANSACTION, "post_transaction", "", true)                                 \
	X(SET_SIGN_FILE, "sign_file", "", true)                                               \
	X(SET_MOK_SIGNING_KEY, "mok_signing_key", "", true)                                   \
	X(SET_MOK_CERTIFICATE, "mok_certificate", "", true)                                   \
	X(SET_TRY_SIGN_MODULES, "try_sign_modules", "not_in_chroot", false)                   \
	X(SET_BUILD_ENVIRONMENT, "build_environment", "", false)                              \
	X(SET_CONTINUE_ON_ERROR, "continue_on_error", "", false)                              \
	X(SET_NO_WEAK_MODULES, "NO_WEAK_MODULES", "", true)                                   \
	X(SET_ADDON_MODULES_DIR, "ADDON_MODULES_DIR", "", true)                               \
	/* These are ours, not DKMS's. */                                                     \
	X(SET_INITRAMFS, "initramfs", "auto", false)                                          \
	X(SET_CONF_TIMEOUT, "conf_timeout", "10", false)                                      \
	X(SET_BUILD_TIMEOUT, "build_timeout", "21600", false)                                 \
	X(SET_STRICT_MODES, "strict_modes", "yes", false)                                     \
	X(SET_CONFINE, "confine", "auto", false)                                              \
	X(SET_CONFINE_USER, "confine_user", "dkms", false)                                    \
	X(SET_REPLAY, "replay", "auto", false)                                                \
	X(SET_REPLAY_SIZE, "replay_size", "512", false)                                       \
	X(SET_SCRIPT_TIMEOUT, "script_timeout", "3600", false)                                \
	X(SET_TOOL_TIMEOUT, "tool_timeout", "600", false)                                     \
	X(SET_INITRAMFS_TIMEOUT, "initramfs_timeout", "1800", false)                          \
	X(SET_BUNDLES, "bundles", "never", false)                                             \
	X(SET_BUNDLE_STORE, "bundle_store", "", false)                                        \
	X(SET_BUNDLE_MIRRORS, "bundle_mirrors", "", false)                                    \
	X(SET_BUNDLE_TIMEOUT, "bundle_timeout", "60", false)                                  \
	X(SET_SIGNATURES, "signatures", "1", false)                                           \
	X(SET_RPM_RUN, "rpm_run", "transaction", true)                                        \
	X(SET_JOURNAL, "journal", "yes", false)                                               \
	X(SET_ON_FAILURE, "on_failure", "", false)                                            \
	X(SET_ON_FAILURE_TIMEOUT, "on_failure_timeout", "60", false)                          \
	X(SET_MOTD, "motd", "/run/motd.d/dkms", false)                                        \
	X(SET_TEXTFILE, "textfile", "", false)                                                \
	X(SET_BOOT_CHECK, "boot_check", "all", false)                                         \
	X(SET_CRITICAL_MODULES, "critical_modules", "", false)                                \
	X(SET_GATE, "gate", "off", false)                                                     \
	X(SET_TRY_CANDIDATES, "try_candidates", "no", false)

enum setting {
#define X(id, name, def, env) id,
	SETTINGS_LIST(X)
#undef X
		SETTING_COUNT_
};

struct settings {
	char *value[SETTING_COUNT_];	   /* NULL: not set, the default applies */
	char *source[SETTING_COUNT_];	   /* "command line", "environment", a file's path */
	unsigned int line[SETTING_COUNT_]; /* in that file; 0: not known */
};
#define AUTO_SETTINGS CLEANUP(settings_release)

void settings_release(struct settings *s);
/*
 * Does nothing if the setting is set already, because the stronger sources come first.  Copies
 * `value` and `source`.
 */
void settings_set(struct settings *s, enum setting id, const char *value, const char *source);
/* settings_set() by the setting's name.  Returns false if there is no such setting. */
bool settings_set_name(struct settings *s, const char *name, const char *value, const char *source);
/*
 * Set what is taken from the environment: settings marked in the list, TMPDIR, and
 * DKMS_DIRECTIVE*.  env is a NULL-terminated array of NAME=VALUE (environ).
 */
void settings_set_env(struct settings *s, char *const *env);

/* The value, or the default if it is not set; never NULL. */
const char *settings_get(const struct settings *s, enum setting id);
/* "default" if it is not set. */
const char *settings_source(const struct settings *s, enum setting id);
bool settings_is_set(const struct settings *s, enum setting id);
/* As DKMS tests a switch: "", "0", "no" and "false" are false, all else is true. */
bool settings_true(const struct settings *s, enum setting id);
/* Are builds looked for in stores of bundles? */
bool settings_take_bundles(const struct settings *s);
/* For settings that settings_check() requires to be numbers; 0 if empty. */
unsigned int settings_number(const struct settings *s, enum setting id);
const char *settings_name(enum setting id);
/* SETTING_COUNT_: there is no setting of this name. */
enum setting settings_find(const char *name);
/*
 * Check values.  Trees and tmp_location must be absolute paths without ".."; motd and textfile,
 * too, unless they are empty.  Timeouts and jobs must be numbers.  Each word of build_environment
 * must be a name, NAME=VALUE or an absolute path.  A setting with a fixed choice must have one of
 * its words.
 *
 * A bad value is replaced by the default, because a typo in a file must not leave a new kernel
 * without modules.  A warning that names the file and its line is appended to warnings.
 *
 * In these cases the function returns -E_USAGE instead, with the same text in err:
 *
 * - The bad value is from the command line.
 * - The bad value is from the environment, and `reader` is false.
 * - The bad value is that of a tree or of tmp_location, from any source, and `reader` is false.
 *
 * `reader` is true for a command that writes nothing.
 */
int settings_check(struct settings *s, bool reader, struct strv *warnings,
		   struct err *err) MUST_CHECK;

/*
 * Variables whose values are not known when the files are read, because they depend on the kernel,
 * the module package or a failure; NULL-terminated.  A setting keeps references to them, such as
 * "$kernelver", and settings_expand() or a shell replaces them later.
 */
extern const char *const settings_late[];
/*
 * Returns the text `templ` with $name and ${name} replaced by their values.  `vars` has strings
 * "name=value".  A name that is not in `vars` becomes empty.  Caller frees.
 */
char *settings_expand(const char *templ, const struct strv *vars);

/*
 * Read a framework.conf without a shell, as far as that is safe: empty lines, comments, and
 * NAME=VALUE with a literal value, quoted or not.  If an earlier line of the file assigns a
 * variable, $name of that variable is replaced at once.  $name of a variable that DKMS sets, e.g.
 * $kernelver, stays in the value for settings_expand().  DKMS expands a value twice, so each run of
 * white space in the value becomes one blank.  An assignment to a name that is no setting is read,
 * but not appended.
 *
 * Appends the settings to *found in the order of the file; the last value of a setting wins.
 * Returns false at the first line that needs a shell.  Then *ret_line is the number of that line,
 * and *found has the settings of the lines before it.
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
/* One line for each setting: "name=value  (source)". */
void settings_print(const struct settings *s, struct buf *b);
