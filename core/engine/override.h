/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * override - where an admin may put a conf over that of a module package.
 */
#include "base/strv.h"
#include "engine/target.h"

/*
 * Append the paths of all that may exist, in the order in which DKMS reads them.  t->release and
 * t->arch may be NULL: those for every kernel.
 */
void override_files(const struct target *t, struct strv *ret);
