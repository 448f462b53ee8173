/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pacmanconf - where pacman has its database, from pacman.conf(5).
 */
#define PACMAN_CONF "/etc/pacman.conf"

/*
 * DBPath in section [options] of text, without final slash; "/var/lib/pacman" if it is not set or
 * text is NULL.  Caller frees.
 */
char *pacmanconf_dbpath(const char *text);
