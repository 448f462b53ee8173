/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * motd - what everybody sees who logs in: a file of at most MOTD_LINES lines, which is there as
 * long as there is a problem (the setting motd).
 *
 * pam_motd(8) shows the files in /run/motd.d.  Where it is told to show other files, as in Debian,
 * packages bring a script that prints this one.
 */
#include "decide/standing.h"

enum { MOTD_LINES = 10, MOTD_WIDTH = 100 };

/* Append the file's text; nothing if there is no problem.  Visible text.  Pure. */
void motd_make(const struct standings *l, struct buf *ret);
