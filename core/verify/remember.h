/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * remember - what was found of a kernel's modules, until something changes that it depends on.
 *
 * A stamp (engine/cache.h) covers our modules, depmod's index, Module.symvers, the configuration,
 * the images, the rules of modprobe, the command line, and the firmware's keys.  What another
 * module's file says is not in it: such a file changes with its kernel.
 */
#include "engine/cache.h"
#include "verify/found.h"
#include "verify/look.h"

/* The stamp of a scene that look_for_ours() has begun. */
void remember_stamp(const struct look *l, const struct scene *s, struct stamp *ret);
/* A kernel as text, and back.  -E_CORRUPT: the text is damaged.  Pure. */
void remember_print(const struct verify_kernel *k, struct buf *ret);
int remember_parse(const char *text, struct verify_kernel *ret) MUST_CHECK;
