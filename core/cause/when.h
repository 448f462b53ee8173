/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * when - what kind of name a line of a log has: of a compiler, of a header of the kernel ...  Pure.
 */
#include "base/util.h"

/* What else must hold so that a rule fits.  `name` is the name in the line. */
enum cause_when {
	WHEN_ALWAYS,
	WHEN_COMPILER,	     /* name is a compiler, linker or assembler */
	WHEN_BUILD_TOOL,     /* name is another program that builds of kernel modules need */
	WHEN_127,	     /* name is a program, and the build ended because it is missing */
	WHEN_127_FILE,	     /* the same for a file of the source */
	WHEN_OTHER_KERNEL,   /* name is a release, and not that of the log */
	WHEN_OTHER_MODULE,   /* name is in DKMS's tree, and not below the module of the log */
	WHEN_GONE_HEADER,    /* name is a header that kernels had once */
	WHEN_BASE_HEADER,    /* name is a header without which no kernel's headers are complete */
	WHEN_KERNEL_HEADER,  /* name is a header as kernels have them */
	WHEN_INCLUDED,	     /* the same, and the line is about a header of the kernel */
	WHEN_KERNEL_CODE,    /* the line is about a header of the kernel */
	WHEN_LIBRARY_HEADER, /* name is a header of a library of the system */
	WHEN_OPTION,	     /* name is a CONFIG_ option */
	WHEN_GONE_SYMBOL,    /* name is a symbol that kernels exported once */
	WHEN_NAMESPACE,	     /* name is a namespace of symbols that a kernel exports */
	WHEN_BASE_SYMBOL,    /* name is a symbol that every kernel gives to modules */
	WHEN_OPTION_SYMBOL, /* name is a symbol of a part of the kernel that an option leaves out */
	WHEN_OPTION_MEMBER, /* name is a member of a structure that an option leaves out */
	WHEN_COMPILER_SYMBOL, /* name is a symbol that compilers use by themselves */
	WHEN_HEADERS_TOOL,    /* name is a program that comes with headers */
	WHEN_NO_HEADERS,      /* the line says that a kernel's headers or source are missing */
	WHEN_KERNEL_TARGET,   /* make has no rule for a file of the kernel's headers */
	WHEN_MODULES,	 /* name is kbuild's "modules...", and the folder of make is not known */
	WHEN_IN_HEADERS, /* make works in a folder of headers, and name may be a target there */
};

/* What a log is about; NULL: not known. */
struct when_log {
	const char *release;
	const char *module; /* its name, perhaps with "-VERSION" */
	const char *folder; /* of the make that wrote the line */
	const char *line;
};

/* Is the path in a folder where systems have headers of kernels? */
bool cause_is_in_headers(const char *path);
/*
 * Does the condition hold for `name`?  For WHEN_127 and WHEN_127_FILE the caller has to find out
 * why the build ended.
 */
bool cause_when_holds(enum cause_when when, const char *name, const struct when_log *log);
