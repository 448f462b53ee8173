/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * foldernames - all names in a folder in which a compiler looks for headers.
 *
 * A header that appears in a folder that is searched early takes the place of another.  So the
 * names are a part of the key.  The names of files that kbuild makes beside the sources are left
 * out, because they come and go during a build, and no header has such a name.  A folder is left
 * out only if its name begins with ".tmp_".
 */
#include "replay/sha256.h"

#include "base/util.h"

/*
 * Add all names in the folder and below, at most *left.  A folder that is missing is as good as an
 * empty one.  Returns false if not all can be seen: there are more than *left, a folder cannot be
 * read, or a symlink leads to a folder.
 */
bool foldernames_add(struct sha256 *h, const char *folder, unsigned int *left) MUST_CHECK;
/* Is it the name of a file that kbuild makes, such as "x.o" or ".x.o.cmd"? */
bool foldernames_is_made(const char *name);
/* Has the path a component such as ".tmp_12", the name of a folder that is not listed? */
bool foldernames_has_temporary(const char *path);
