/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * need - a line of a log says that a program was refused something: a file, or the network.
 *
 * Tools print the error of the system call with the file's name before or after it:
 *
 *	touch: cannot touch '/opt/cache/a': Read-only file system
 *	OSError: [Errno 30] Read-only file system: '/opt/cache/a'
 *
 * A source can print anything, so the path is only a hint for a person.  Pure.
 */
#include "base/util.h"

enum cause_need_kind {
	NEED_NONE,
	NEED_WRITE,   /* EROFS: to write the file `path` */
	NEED_ACCESS,  /* EACCES, EPERM: to do something with the file `path` */
	NEED_NETWORK, /* ENETUNREACH, EAFNOSUPPORT, or a name that cannot be resolved */
};

struct cause_need {
	enum cause_need_kind kind;
	char *path; /* absolute, of letters, digits and /._+@:,=~- only; NULL: the line has none */
};
#define CAUSE_NEED_INIT                 \
	{                               \
		.kind = NEED_NONE, NULL \
	}
#define AUTO_CAUSE_NEED CLEANUP(cause_need_release)
void cause_need_release(struct cause_need *n);

void cause_need_find(const char *line, struct cause_need *ret);
