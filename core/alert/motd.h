/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * motd - what people see when they log in: a file of at most MOTD_LINES lines, which exists as long
 * as there is a problem (the setting motd).
 *
 * pam_motd(8) shows the files in /run/motd.d.  On Debian it is set up not to, but it runs a script
 * of ours that prints this file (hooks/apt/95-dkms).
 */
#include "decide/standing.h"

enum { MOTD_LINES = 10, MOTD_WIDTH = 100 };

/* Append the file's text, as visible text; nothing if there is no problem.  Pure. */
void motd_make(const struct standings *l, struct buf *ret);
