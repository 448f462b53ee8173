/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kver - kernel releases ("6.1.0-56-amd64") and which of two is newer.
 *
 * The order is the one a boot loader menu uses (as uapi-group's version format
 * specification and rpm have it): runs of digits as numbers, '~' and "-rc" before the end of the
 * string, letters by byte, digits above letters, so 6.1.0-9 < 6.1.0-56, 6.9 < 6.10, 6.12-rc1
 * < 6.12, 6.12~rc7 < 6.12.  Only equal strings compare as 0.
 */
#include "base/util.h"

int kver_compare(const char *a, const char *b);
/* Does DKMS list such a name in its tree?  It wants digits and a dot ("next-2024" is invisible). */
bool kver_is_listed(const char *release);
