/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modindex - look a name up in an index that depmod(8) writes for the loader: modules.dep.bin.
 *
 * The index is a trie; numbers are big endian.  The upper bits of a node's offset are flags that
 * say which of these parts the node has, in this order: a prefix, the text that all names below the
 * node share; the first and the last character that can follow, and for each one in between the
 * offset of its node; values, each with a priority.
 *
 * The file may be damaged: every read is checked, and the number of nodes that a look-up visits
 * is bounded by the length of the name.  Pure.
 */
#include "base/util.h"

/*
 * ret: the value of name with the lowest priority number; points into data.  -ENOENT: name is not
 * in the index; -EBADMSG: not an index, or one that is damaged where we read it.
 */
int modindex_find(const void *data, size_t len, const char *name, const char **ret) MUST_CHECK;
