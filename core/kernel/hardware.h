/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * hardware - load newly installed modules into the running kernel (modprobe_on_install).
 */
#include "engine/engine.h"

/*
 * If `release` is the running kernel of this root, call modprobe with the modaliases of all
 * devices, and restart systemd-modules-load.service if it is installed.  Failures are only logged:
 * the next boot loads the modules.
 */
void hardware_load(const struct engine *e, const char *release);
