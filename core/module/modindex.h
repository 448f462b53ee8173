/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modindex - one of the indexes that depmod(8) makes and the loader reads: modules.dep.bin.
 *
 * A tree of characters; numbers are big endian.  A node's offset has flags in its upper bits that
 * say which of these follow there: the text that all names below begin with; the first and the last
 * character that can come next, and the offset of a node for each of them; values, with a priority
 * each.  Nothing in it is believed: it may be damaged, and no look-up takes more steps than the
 * name has characters.  Pure.
 */
#include "base/util.h"

/*
 * The value of name with the lowest priority: points into data, which ends with a NUL that len does
 * not count.  -ENOENT: there is none; -EBADMSG: no index, or damaged where we looked.
 */
int modindex_find(const void *data, size_t len, const char *name, const char **ret) MUST_CHECK;
