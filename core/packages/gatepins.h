/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * gatepins - the files by which package managers hold a kernel back (model/gatetext.h).
 *
 * They are ours alone, and exist only while a kernel is held back.  pacman has no such file.
 */
#include "base/error.h"
#include "engine/engine.h"
#include "model/ledger.h"

/* apt and dnf 5 read the first two.  In dnf 4 our plugin reads the third. */
#define GATEPINS_APT  "/etc/apt/preferences.d/90-dkms.pref"
#define GATEPINS_DNF5 "/etc/dnf/libdnf5.conf.d/90-dkms.conf"
#define GATEPINS_DNF4 "/etc/dnf/plugins/dkms-gate.conf"

/* Is there any of the files? */
bool gatepins_exist(const struct engine *e);
/*
 * Write the files that `l` asks for, and remove the others.  A file that is right already stays
 * untouched.
 */
int gatepins_write(struct engine *e, const struct gates *l, struct err *err) MUST_CHECK;
