/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * logfollow - dkms log --follow: the last runs, the oldest first, and then each step as it is done.
 *
 * It ends on a signal, or when nobody reads the output any more.
 */
#include "base/error.h"
#include "engine/engine.h"
#include "model/history.h"

/* `most`: print at most this many of the runs that have begun already.  Returns an exit status. */
int logfollow(const struct engine *e, const struct history_filter *f, size_t most);
