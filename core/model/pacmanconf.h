/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pacmanconf - the one thing in pacman.conf(5) that we need to know.
 */
#define PACMAN_CONF "/etc/pacman.conf"

/*
 * The folder of pacman's database: DBPath of [options] in this text, or "/var/lib/pacman"; text may
 * be NULL.  No slash at its end.  Caller frees.
 */
char *pacmanconf_dbpath(const char *text);
