/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * scratch - let a worker build in a dkms tree of its own, which keeps nothing.
 */
#include "engine/engine.h"
#include "model/modid.h"

/*
 * Make the dkms tree `tree`, which no other process uses, and let the engine of this process work
 * in it.  The module package `id` is registered there, with its source in the folder `source`.
 */
int scratch_enter(struct engine *e, const char *tree, const struct modid *id,
		  const char *source) MUST_CHECK;
