/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * vercmp - DKMS's order of versions.
 *
 * DKMS (its function VER()) pads runs of one or two digits to three, and compares the strings.  So
 * in DKMS 1.1000 < 1.999.  We compare runs of digits as numbers of any length.  Both orders are
 * the same if no number has more than three digits.
 *
 * All other characters are compared by byte, not by the locale.  A string is higher than its
 * prefixes: "6.1" < "6.1.0-56".  So BUILD_EXCLUSIVE_KERNEL_MAX=6.1 excludes the kernel 6.1.0-56.
 */
int vercmp(const char *a, const char *b);
/*
 * Compare the runs of digits at *a and *b as numbers of any length, and move both pointers behind
 * them.  A missing run counts as 0.
 */
int vercmp_numbers(const char **a, const char **b);
