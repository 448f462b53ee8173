/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * background - carry out rpm's event in a systemd unit, outside of rpm's transaction.
 *
 * With the setting rpm_run=background, rpm does not hold its lock while modules are built.
 * systemd-run(1) starts a transient unit, "dkms-rpm-RUN", that runs `dkms event` with the same
 * event on its standard input.  The event is part of the unit's properties, so there is no
 * temporary file that could be left behind.  If systemd-inhibit(1) works, the unit blocks shutdown
 * and sleep.
 *
 * In spite of the setting, these events are carried out in rpm's transaction:
 * - those for another root,
 * - those on a machine without a running systemd,
 * - those too long for one argument,
 * - those of an offline update, because the machine restarts as soon as the update ends.
 */
#include "engine/engine.h"
#include "model/event.h"

/*
 * Hand the event over to a unit, if the setting asks for that and no exception above applies.
 * *ret_done is true if the unit has taken the event over, false if the caller has to carry it out.
 * If the unit was wanted but could not be started, a warning says why.
 */
void background_hand_over(const struct engine *e, const struct event *event, bool *ret_done);

/* Base64 of the `len` bytes at `text`, without line breaks; caller frees.  Pure. */
char *background_base64(const char *text, size_t len);
