/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * target - one module package for one kernel: what a step works on.
 *
 * The strings are the caller's and must outlive the call.  Functions that work on the module
 * package alone use only name and version; release and arch may be NULL for them.
 */
struct target {
	const char *name, *version;
	const char *release, *arch;
};
