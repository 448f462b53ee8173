/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * metered - may we download without being asked?
 */
#include "engine/engine.h"

/*
 * Does NetworkManager say, or guess, that the network is paid for by volume?  False if
 * NetworkManager does not run.
 */
bool network_is_metered(const struct engine *e);
