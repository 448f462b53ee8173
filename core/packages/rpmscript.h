/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * rpmscript - is this command run by a scriptlet of an RPM package, and does our plugin know?
 *
 * librpm tells a scriptlet nothing about itself: no variable is set (but for the prefixes of a
 * relocatable package), the parent may be any program that has librpm, and the descriptors are
 * closed.  What holds from rpm 4.14 to 6, for rpm, dnf, PackageKit and zypper, and with --root:
 *
 *	The process that runs a transaction has a lock of fcntl(2) on ".rpm.lock", in the folder
 *	of the database, from before the first scriptlet until after the last one.  So: one of our
 *	ancestors has a file of that name open, and the kernel names it as the holder of the lock.
 *	An open file alone would not do: librpm keeps it open when the transaction is over.
 *
 *	Our plugin (hooks/rpm/plugin.c) puts RPMSCRIPT_VARIABLE=PID into each scriptlet's
 *	environment.  At the end of that transaction it sends an event if there are requests.  So
 *	it is relied on only if that process is one of our ancestors, or there is no /proc.
 *
 *	A scriptlet goes on when its rpm is killed.  Then the variable tells what it is, or that
 *	one of our ancestors runs a file "rpm-tmp.XXXXXX", librpm's name for all scriptlets.
 */
#include <sys/types.h>

#include "base/util.h"
#include "engine/engine.h"

#define RPMSCRIPT_VARIABLE "DKMS_RPM_TRANSACTION"

bool rpmscript_is_script(void);
/* The process in whose transaction we are; 0: none, or not known. */
pid_t rpmscript_find_rpm(void);
/*
 * Will the plugin's event carry out a request?  Yes, if the plugin is at work, and the requests are
 * where it looks for them: in the root's own /var/lib/dkms.
 */
bool rpmscript_can_wait(const struct engine *e);
