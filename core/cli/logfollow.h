/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * logfollow - dkms log --follow: the last runs, the oldest first, and then each step as it is done.
 *
 * It goes on until a signal ends it, or nobody reads the output any more.
 */
#include "base/error.h"
#include "engine/engine.h"
#include "model/history.h"

/* `most`: how many of the runs so far to print at first.  Returns an exit status. */
int logfollow(const struct engine *e, const struct history_filter *f, size_t most);
