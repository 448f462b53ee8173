/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * headerscan - read all headers of a kernel, once: their content, their names, their identity.
 *
 * The table is kept as long as stat(2) says of each file that it is unchanged; looking costs some
 * ten milliseconds.  A folder that a symlink in the headers leads to belongs to them, such as the
 * one with the kernel's scripts.
 *
 * The identity covers each header (*.h but those of scripts/ and tools/) and Module.symvers.  It
 * leaves out what two uploads of the same kernel differ in: the words of the release, and the files
 * package.h, compile.h and utsversion.h, which name the upload.
 */
#include "engine/engine.h"
#include "replay/headertable.h"

/*
 * The table of the headers in the folder `headers` and in those of `more`.  -E_NO_HEADERS: they
 * have no files, or symlinks in them lead to far too many folders.  -EFBIG: there are far too many
 * files.  Any other -errno: a file cannot be read, or a new table cannot be stored.  *ret_path is
 * where it is stored; caller frees.
 */
int headerscan_table(struct engine *e, const char *release, const char *headers,
		     const struct strv *more, struct headertable *ret, char **ret_path) MUST_CHECK;
/* Is the table as it was made?  Reads all of it. */
bool headerscan_whole(const struct headertable *t);
