/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * hardware - make newly installed modules available to the running kernel at once
 * (modprobe_on_install).
 */
#include "engine/engine.h"

/*
 * If release is the running kernel of this root: give the aliases of all devices to modprobe, and
 * restart systemd-modules-load.service where that is installed.  What fails is left to the next
 * boot.
 */
void hardware_load(const struct engine *e, const char *release);
