/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* packing - bodies of entries compressed; the door to libzstd. */
#include "base/buf.h"

/* Append the compressed text.  Returns false if libzstd cannot. */
bool packing_pack(const void *data, size_t len, struct buf *b) MUST_CHECK;
/* Append what was packed.  Returns false if it is damaged, or does not have `size` bytes. */
bool packing_unpack(const void *data, size_t len, size_t size, struct buf *b) MUST_CHECK;
