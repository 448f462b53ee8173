/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * motd - what people see when they log in: a file of at most MOTD_LINES lines, which exists as long
 * as there is a problem (the setting motd).
 *
 * pam_motd(8) shows the files in /run/motd.d, but not on Debian.  There it runs scripts, and our
 * script (hooks/apt/95-dkms) prints this file.
 */
#include "decide/standing.h"

enum { MOTD_LINES = 10, MOTD_WIDTH = 100 };

/*
 * Append the text of the file.  Names and reasons are made visible by text_add_visible().  If there
 * is no problem, append nothing.  Pure.
 */
void motd_make(const struct standings *l, struct buf *ret);
