/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * class - what kind of cause a failed build has: the names that logs, records and JSON use.  Pure.
 */
#include "base/util.h"

/* X(class, name, lasting, what it means to people) */
#define CAUSE_LIST(X)                                                                       \
	X(CAUSE_OTHER, "other", true, "the source does not build")                          \
	X(CAUSE_MISSING_HEADERS, "missing-headers", true,                                   \
	  "the kernel's headers are missing or not complete")                               \
	X(CAUSE_MISSING_COMPILER, "missing-compiler", false, "a compiler is missing")       \
	X(CAUSE_WRONG_COMPILER, "wrong-compiler", true,                                     \
	  "the compiler does not fit this kernel or this source")                           \
	X(CAUSE_API_REMOVED, "api-removed", true,                                           \
	  "this kernel does not have what the source uses")                                 \
	X(CAUSE_API_CHANGED, "api-changed", true, "this kernel's interface is another one") \
	X(CAUSE_MISSING_DEPENDENCY, "missing-dependency-module", true,                      \
	  "another module, which it needs, is missing")                                     \
	X(CAUSE_MISSING_TOOL, "missing-tool", false, "a program or library is missing")     \
	X(CAUSE_MISSING_CONFIG, "missing-config-option", true,                              \
	  "this kernel was built without an option that it needs")                          \
	X(CAUSE_SCRIPT_FAILED, "script-failed", true, "a script of the source failed")      \
	X(CAUSE_PATCH_FAILED, "patch-failed", true, "a patch does not fit the source")      \
	X(CAUSE_UNAME_R, "uname-r-mismatch", true,                                          \
	  "the source builds for the running kernel instead of the one that was asked for") \
	X(CAUSE_NETWORK, "network", false, "a download failed")                             \
	X(CAUSE_DISK_FULL, "disk-full", false, "the disk was full")                         \
	X(CAUSE_MEMORY, "memory", false, "there was too little memory")

#define CAUSE_ENUM(class, name, lasting, text) class,
enum cause_class { CAUSE_LIST(CAUSE_ENUM) CAUSE_CLASSES };

/* "api-removed" */
const char *cause_name(enum cause_class class);
/* Returns false if no class has this name. */
bool cause_parse(const char *name, enum cause_class *ret) MUST_CHECK;
/* Does a build that failed for this reason fail again until source, kernel or compiler change? */
bool cause_lasts(enum cause_class class);
/* What the class means to people, e.g. "a download failed". */
const char *cause_text(enum cause_class class);
