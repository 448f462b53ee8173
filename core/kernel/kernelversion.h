/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kernelversion - which build of a kernel is this?  Its UTS_VERSION, the second half of what
 * `uname -v` prints: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-3 (2026-11-26)".
 *
 * Two kernels of one release differ in it if they were built differently or at another time.  The
 * headers have it in include/generated/utsversion.h (before Linux 6.1: compile.h), and the image
 * has it in its boot header, if it is an image for x86.  So a machine without headers knows it,
 * too.
 */
#include "engine/engine.h"

/*
 * The UTS_VERSION of a kernel, from its headers and its image.  -ENOENT: neither has one;
 * -ESTALE: they have different ones, so the headers are those of another build.  Caller frees.
 */
int kernel_uts_version(const struct engine *e, const char *release, char **ret) MUST_CHECK;
/*
 * The UTS_VERSION in the first bytes of an image for x86, if it is an image of `release`; NULL:
 * there is none.  Caller frees.  Pure.
 */
char *kernelversion_of_image(const void *data, size_t len, const char *release);
/* The same for the text of utsversion.h or compile.h. */
char *kernelversion_of_header(const char *text);
