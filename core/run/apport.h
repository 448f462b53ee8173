/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * apport - tell the distribution's crash reporter of a build that failed, where there is one.
 */
#include "engine/engine.h"
#include "engine/target.h"

/* Nothing without /usr/share/apport/apport and python3. */
void apport_report(const struct engine *e, const struct target *t);
