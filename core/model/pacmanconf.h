/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pacmanconf - where pacman has its database, from pacman.conf(5).
 */
#define PACMAN_CONF "/etc/pacman.conf"

/*
 * Returns DBPath from the section [options] of `text`, without its final slash, or
 * "/var/lib/pacman" if DBPath is not set or `text` is NULL.  Caller frees.
 */
char *pacmanconf_dbpath(const char *text);
