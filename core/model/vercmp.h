/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * vercmp - DKMS's order of versions.
 *
 * DKMS pads every run of one or two digits to three and compares the strings
 * (dkms: VER()); longer numbers stay as they are, so that 1.1000 < 1.999.  Ours is
 * the same order with every run of digits compared as a number of any
 * length; where no number has more than three digits both agree.  Bytes are compared, not
 * the locale's collation.  A string that is a prefix of the other is lower: "6.1" < "6.1.0-56",
 * which BUILD_EXCLUSIVE_KERNEL_MAX=6.1 relies on.
 */
int vercmp(const char *a, const char *b);
/*
 * Compare the runs of digits at *a and *b as numbers of any length, and move both pointers behind
 * them.  A missing run counts as 0.
 */
int vercmp_numbers(const char **a, const char **b);
