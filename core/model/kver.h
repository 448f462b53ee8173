/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kver - kernel releases ("6.1.0-56-amd64") and which of two is newer.
 *
 * The order is that of boot loader menus (the UAPI Group's version format specification, and rpm):
 * runs of digits are numbers, digits sort above letters, letters by byte, and '~' or "-rc" marks a
 * pre-release, which sorts below the string that ends there.  So 6.1.0-9 < 6.1.0-56, 6.9 < 6.10,
 * 6.12-rc1 < 6.12, 6.12~rc7 < 6.12.
 */
#include "base/util.h"

/* As strcmp(3); 0 only for equal strings. */
int kver_compare(const char *a, const char *b);
/* DKMS lists a folder of its tree as a kernel only if its name begins with digits and a dot. */
bool kver_is_listed(const char *release);
