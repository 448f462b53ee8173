/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kver - kernel releases ("6.1.0-56-amd64") and which of two is newer.
 *
 * The order is that of boot loader menus (the UAPI Group's version format specification, and rpm):
 *
 * - A run of digits is one number: 6.1.0-9 < 6.1.0-56 and 6.9 < 6.10.
 * - Digits sort above letters, and letters above other characters.
 * - Two letters, or two other characters, are compared by byte.
 * - '~' or "-rc" with a digit marks a pre-release.  A pre-release sorts below the string that ends
 *   before the mark: 6.12-rc1 < 6.12 and 6.12~rc7 < 6.12.
 */
#include "base/util.h"

/* As strcmp(3); 0 only for equal strings. */
int kver_compare(const char *a, const char *b);
/*
 * Does the release begin with digits and a dot?  DKMS lists a folder of its tree as a kernel only
 * if its name begins like that.
 */
bool kver_is_listed(const char *release);
