/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modindex - look a name up in an index that depmod(8) writes for the loader: modules.dep.bin.
 *
 * The index is a trie; numbers are big endian.  A node can have these parts, in this order:
 *  - a text: all names below this node go on with it;
 *  - children: the first and the last character that can come next, then the offset of a node for
 *    each character from the first to the last (0: no node);
 *  - values, each with a priority.
 * The upper bits of a node's offset are flags that say which parts the node has.
 *
 * The file may be damaged: every read is checked, and a look-up visits at most one node more than
 * the name has characters.  Pure.
 */
#include "base/util.h"

/*
 * *ret: the value of `name` with the lowest priority number; points into `data`.  -ENOENT: `name`
 * is not in the index.  -EBADMSG: `data` is no index, or the index is damaged where we read it.
 */
int modindex_find(const void *data, size_t len, const char *name, const char **ret) MUST_CHECK;
