/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * error - codes, texts and exit statuses of all failures.
 *
 * A function that can fail returns an int: 0, -errno, or a code -E_... from the list below.  The
 * numbers of these codes are above those of errno.  The list also has the exit status of each
 * error.  The statuses are those of DKMS, which uses one status for several errors; dkms(8) lists
 * them.
 *
 * Functions of sys return -errno without a text; lock_failed() makes the text for a lock.
 * Functions of other rooms that can explain a failure take a struct err * as last parameter and
 * return err_set(err, code, "...").  The text has one or more lines, names the thing that failed,
 * and has no prefix and no final newline.
 */
#include "base/util.h"

#define ERROR_LIST(X)                                                                 \
	/* name, exit status, text if there is no better one */                       \
	X(E_GENERAL, 1, "the command failed")                                         \
	X(E_NOT_ROOT, 1, "you must be root")                                          \
	X(E_NO_WRITE, 1, "no write access to the DKMS tree")                          \
	X(E_ARGS_MISSING, 1, "module name or version missing")                        \
	X(E_USAGE, 2, "the command line cannot be understood")                        \
	X(E_NO_SOURCE, 2, "the source folder does not exist")                         \
	X(E_ARCHIVE_MISSING, 2, "the archive does not exist")                         \
	X(E_ALL_WITH_ARCH, 3, "--all and -a exclude each other")                      \
	X(E_ALREADY_ADDED, 3, "already added")                                        \
	X(E_NOT_ADDED, 3, "not in the DKMS tree")                                     \
	X(E_ARCHIVE_NO_CONF, 3, "the archive has no dkms.conf")                       \
	X(E_TWO_ACTIONS, 4, "two actions")                                            \
	X(E_NO_OS_RELEASE, 4, "os-release not found")                                 \
	X(E_CONF_MISSING, 4, "dkms.conf not found")                                   \
	X(E_KERNEL_COUNT, 4, "the action takes one kernel")                           \
	X(E_BROKEN, 4, "the module package is broken")                                \
	X(E_ALL_NOT_ALLOWED, 5, "--all is not possible here")                         \
	X(E_PATCH_MISSING, 5, "a patch does not exist")                               \
	X(E_PATCH_FAILED, 6, "a patch does not apply")                                \
	X(E_NO_KERNEL_TREE, 6, "the kernel's module tree does not exist")             \
	X(E_INSTALL, 6, "the install failed")                                         \
	X(E_NOT_BUILT, 6, "not built")                                                \
	X(E_ARCHIVE_MAKE, 6, "the archive cannot be made")                            \
	X(E_ARCHIVE_BAD, 7, "the archive is not valid")                               \
	X(E_NO_MODULE, 7, "the build made no module")                                 \
	X(E_BAD_CONF, 8, "the dkms.conf is not valid")                                \
	X(E_ARCHIVE_ADDED, 8, "already added")                                        \
	X(E_SOURCE_EMPTY, 8, "the source folder is empty")                            \
	X(E_RPM, 9, "rpm failed")                                                     \
	X(E_TREE_NO_CONF, 9, "no dkms.conf in the folder")                            \
	X(E_ARCHIVE_DIR, 9, "the archive cannot be written")                          \
	X(E_MAKE, 10, "make failed")                                                  \
	X(E_AUTOINSTALL, 11, "not all modules could be installed")                    \
	X(E_NO_ARCH, 12, "the architecture is not known")                             \
	X(E_DEPENDS, 13, "a module that this one depends on is missing")              \
	X(E_NO_KERNEL, 16, "no kernel is named")                                      \
	X(E_NO_HEADERS, 21, "the kernel's headers are missing")                       \
	X(E_EXCLUDED, 77, "excluded by BUILD_EXCLUSIVE")                              \
	X(E_PRE_INSTALL, 101, "the PRE_INSTALL script failed")                        \
	/* Not in DKMS. */                                                            \
	X(E_BAD_NAME, 2, "not a usable name")                                         \
	X(E_BUSY_ANCESTOR, 4, "asked by a script of a run for that run's own target") \
	X(E_BAD_EVENT, 2, "the event cannot be read")                                 \
	X(E_WRONG_MODULE, 7, "the build made a module for another target")            \
	X(E_OTHER_KERNEL, 7, "the build made a module for another kernel")            \
	X(E_NO_SPACE, 6, "not enough free space")                                     \
	X(E_TOOL_MISSING, 10, "a program is missing")                                 \
	X(E_TIMEOUT, 10, "the time limit passed")                                     \
	X(E_DEPMOD, 6, "depmod failed")                                               \
	X(E_INITRAMFS, 6, "the initramfs could not be made")                          \
	X(E_UNSAFE, 8, "others can change what root would run")                       \
	X(E_BAD_HEADERS, 21, "the kernel's headers cannot be used")                   \
	X(E_NO_BUNDLE, 10, "no bundle can be had")                                    \
	X(E_BUNDLE_BAD, 7, "the bundle is not valid")                                 \
	X(E_BUNDLE_TRUST, 7, "the bundle has no signature that counts here")          \
	X(E_CONFINE, 10, "builds cannot be confined here")                            \
	X(E_BAD_EXCEPTION, 8, "a file of exceptions cannot be understood")            \
	X(E_CORRUPT, 4, "a file of the DKMS tree is damaged")                         \
	X(E_SCRIPT, 1, "a script failed")                                             \
	X(E_INTERRUPTED, 130, "interrupted")

enum error_code {
	E_FIRST_ = 4096, /* Linux's MAX_ERRNO is 4095 */
#define X(name, status, text) name,
	ERROR_LIST(X)
#undef X
		E_LAST_
};

/*
 * A failure with its text.  Declare it as AUTO_ERR struct err err = ERR_INIT.  `status` overrides
 * the exit status of the code, e.g. if PRE_BUILD fails, dkms ends with the status of that script.
 */
struct err {
	int code;   /* 0 or negative, as returned */
	int status; /* exit status; 0: error_status(code) */
	char *text; /* owned, may be NULL */
};
#define ERR_INIT           \
	{                  \
		0, 0, NULL \
	}
#define AUTO_ERR CLEANUP(err_release)

void err_release(struct err *err);
/*
 * Set the code and text of *err, reset its status, and return `code`.  err may be NULL.  The
 * arguments may point into the old text.
 */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF(3, 4);
/* As err_set(), with ": " and error_text(code) at the end of the text. */
int err_sys(struct err *err, int code, const char *fmt, ...) PRINTF(3, 4);
/* Put "fmt: " before the text.  Returns err->code, or -E_GENERAL if err is NULL. */
int err_prefix(struct err *err, const char *fmt, ...) PRINTF(2, 3);
/* Release *to, move *from into it and leave *from empty. */
void err_move(struct err *to, struct err *from);

/* The text of a code, from the list or as strerror(3) has it, not localized.  A static string. */
const char *error_text(int code);
/* The exit status of a code.  -ENOSPC and -EDQUOT count as E_NO_SPACE; any other -errno has 1. */
int error_status(int code);
/* err->status or, if it is 0, error_status(err->code). */
int err_status(const struct err *err);
