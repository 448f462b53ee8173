/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * rpmscript - does a scriptlet of an RPM package run this command, and is our plugin at work?
 *
 * librpm tells a scriptlet nothing about itself.  It sets no variable (but for the prefixes of a
 * relocatable package), it closes the descriptors, and the parent may be any program that uses
 * librpm.  But a command of a scriptlet has at least one of the signs below.  They hold from rpm
 * 4.14 to 6, for rpm, dnf, PackageKit and zypper, and with --root.
 *
 *	One of our ancestors holds a lock of fcntl(2) on a file ".rpm.lock".  The process that runs
 *	a transaction takes that lock, in the folder of the database, before the first scriptlet,
 *	and drops it after the last one.  The kernel says who holds it.  That an ancestor has the
 *	file open is not enough: librpm keeps the file open when the transaction is over.
 *
 *	The variable RPMSCRIPT_VARIABLE=PID is set.  Our plugin (hooks/rpm/plugin.c) puts it into
 *	each scriptlet's environment; PID is the process that runs the transaction.  At the end of
 *	the transaction the plugin sends an event if there are requests.  We rely on that event
 *	only if PID is one of our ancestors, or if there is no /proc.
 *
 *	One of our ancestors runs a file "rpm-tmp.XXXXXX", as librpm calls all scriptlets.  If rpm
 *	is killed, its scriptlet goes on without the lock.  Only this sign and the variable are
 *	left then.
 */
#include <sys/types.h>

#include "base/util.h"
#include "engine/engine.h"

#define RPMSCRIPT_VARIABLE "DKMS_RPM_TRANSACTION"

bool rpmscript_is_script(void);
/* The process in whose transaction we are; 0: none, or not known. */
pid_t rpmscript_find_rpm(void);
/*
 * Will the plugin's event carry out a request?  Yes, if the plugin is at work, and <dkms_tree> is
 * the root's own /var/lib/dkms, where the plugin looks for requests.
 */
bool rpmscript_can_wait(const struct engine *e);
