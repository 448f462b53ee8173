/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * exceptions - what the admin allows the builds of one module package beyond confine.h.
 *
 * The file is /etc/dkms/confine.d/NAME.conf.  It must belong to root, and nobody else may be able
 * to write it.  Each line is one of these, or empty, or a comment that begins with '#':
 *
 *	write=/PATH	builds can write this folder
 *	read=/PATH	builds see this folder although it lies in a hidden one, such as /home
 *	network=yes	builds reach the network; network=no: they do not, as by default
 *	off		builds are not confined
 *
 * A folder that does not exist is ignored.  Owner and mode of a folder still count.
 *
 * Any other line is an error, and the package is not built: if a misspelt exception were ignored,
 * the build would fail later, and nobody would see why.
 */
#include "base/error.h"
#include "base/strv.h"
#include "engine/engine.h"

#define EXCEPTIONS_DIR "/etc/dkms/confine.d"
#define EXCEPTIONS_MAX (64 << 10) /* bytes */

struct exceptions {
	bool off, network;
	struct strv write, read; /* absolute inside the root, as written */
};
#define EXCEPTIONS_INIT                               \
	{                                             \
		.write = STRV_INIT, .read = STRV_INIT \
	}
#define AUTO_EXCEPTIONS CLEANUP(exceptions_release)
void exceptions_release(struct exceptions *x);

/* Path of the file; caller frees. */
char *exceptions_path(const char *name);
/* Read the file.  If there is none, *ret is empty.  -E_UNSAFE, -E_BAD_EXCEPTION, -errno. */
int exceptions_read(const struct engine *e, const char *name, struct exceptions *ret,
		    struct err *err) MUST_CHECK;
/* Parse the text of the file.  `path` is for messages.  Pure. */
int exceptions_parse(const char *text, const char *path, struct exceptions *ret,
		     struct err *err) MUST_CHECK;
