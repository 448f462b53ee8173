/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * error - one error channel for the whole engine.
 *
 * A function that can fail returns int: 0, -errno, or -E_... from the list
 * below (numbered above every errno, so both live in the same int).  The
 * list also fixes the exit status of the command; the statuses are DKMS's
 * (its manual's list of exit codes), which is why several kinds share one.
 *
 * sys returns only -errno and never a text.  engine and cli functions that
 * can explain themselves take a struct err * as their last parameter and
 * return err_set(err, code, "...").  The text is one or more lines without
 * prefix and final newline; it names the thing that failed.
 */
#include "base/util.h"

#define ERROR_LIST(X)                                                                 \
	/* name, exit status, text when nothing better is known */                    \
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
	/* Ours; DKMS has no such cases. */                                           \
	X(E_BAD_NAME, 2, "not a usable name")                                         \
	X(E_BUSY_ANCESTOR, 4, "asked by a script of a run for that run's own target") \
	X(E_BAD_EVENT, 2, "the event cannot be read")                                 \
	X(E_WRONG_MODULE, 7, "the build made a module for another target")            \
	X(E_NO_SPACE, 6, "not enough free space")                                     \
	X(E_TOOL_MISSING, 10, "a program is missing")                                 \
	X(E_TIMEOUT, 10, "the time limit passed")                                     \
	X(E_DEPMOD, 6, "depmod failed")                                               \
	X(E_INITRAMFS, 6, "the initramfs could not be made")                          \
	X(E_UNSAFE, 8, "others can change what root would run")                       \
	X(E_CORRUPT, 4, "a file of the DKMS tree is damaged")                         \
	X(E_SCRIPT, 1, "a script failed")                                             \
	X(E_INTERRUPTED, 130, "interrupted")

enum error_code {
	E_FIRST_ = 4096, /* MAX_ERRNO is 4095 */
#define X(name, status, text) name,
	ERROR_LIST(X)
#undef X
		E_LAST_
};

/*
 * An outcome with its text.  AUTO_ERR struct err err = ERR_INIT; zero code
 * means success.  status overrides the exit status of the code (a failing
 * PRE_BUILD script ends dkms with the script's own status).
 */
struct err {
	int code;   /* 0 or negative, as returned */
	int status; /* exit status, 0: that of the code */
	char *text; /* owned, may be NULL */
};
#define ERR_INIT           \
	{                  \
		0, 0, NULL \
	}
#define AUTO_ERR CLEANUP(err_release)

void err_release(struct err *err);
/* Set (replacing what was there) and return code.  err may be NULL. */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF(3, 4);
/* "WHAT: text of errno" for a plain -errno; returns code. */
int err_sys(struct err *err, int code, const char *fmt, ...) PRINTF(3, 4);
/* Put "fmt: " in front of the text that is there; returns err->code. */
int err_prefix(struct err *err, const char *fmt, ...) PRINTF(2, 3);
/* Move *from into *to, releasing what to held. */
void err_move(struct err *to, struct err *from);

/* Text for a code: strerror for -errno, the list's text for -E_.... Static. */
const char *error_text(int code);
/* Exit status for a code: 0 for 0, that of E_NO_SPACE for a full disk, 1 for any other -errno. */
int error_status(int code);
int err_status(const struct err *err);
