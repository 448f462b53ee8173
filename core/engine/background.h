/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * background - the setting rpm_run: an event of rpm's is handed to a unit of its own.
 *
 * Whoever asks for rpm_run=background does not want rpm's lock to be held while modules are built.
 * systemd-run starts a transient unit, "dkms-rpm-RUN", that runs `dkms event` with the same
 * text on its standard input (inside the unit's properties, so there is no file that could be left
 * over), under an inhibitor that puts off shutdown and sleep, if one can be had.
 *
 * Always in the transaction: other roots, machines without a running systemd, and offline updates,
 * because the machine restarts as soon as they end.
 */
#include "engine/engine.h"
#include "model/event.h"

/*
 * *ret_done: the unit has the event and nothing is left to do here; false: it is to be carried out
 * here and now.  Why not, if it was wanted and does not work, is a warning.
 */
void background_hand_over(const struct engine *e, const struct event *event, bool *ret_done);

/* The text as base64, without line breaks; caller frees.  Pure. */
char *background_base64(const char *text, size_t len);
