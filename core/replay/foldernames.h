/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * foldernames - all names in a folder, for the headers that a compiler did not find there.
 *
 * A header that appears in a folder that is searched early takes the place of another.  So the
 * names are a part of the key.  What kbuild makes beside the sources is left out: names with these
 * endings come and go during a build, and no header has one.
 */
#include "replay/sha256.h"

#include "base/util.h"

/*
 * Add all names in the folder and below.  A folder that is missing is as good as an empty one.
 * Returns false if not all can be seen: there are too many, a folder cannot be read, or a symlink
 * leads to a folder.
 */
bool foldernames_add(struct sha256 *h, const char *folder, unsigned int *left) MUST_CHECK;
/* Is it a name that kbuild makes, such as "x.o" or ".x.o.cmd"? */
bool foldernames_is_made(const char *name);
