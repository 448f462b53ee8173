/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * apport - report a failed build to Ubuntu's crash reporter.
 */
#include "engine/engine.h"
#include "engine/target.h"

/* Does nothing if apport or python3 is not installed.  A failure goes to the debug log. */
void apport_report(const struct engine *e, const struct target *t);
