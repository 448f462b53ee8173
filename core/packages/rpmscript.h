/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * rpmscript - does a scriptlet of an RPM package run this command, and is our plugin at work?
 *
 * librpm does not tell a scriptlet that librpm runs it: it sets no variable (except the prefixes of
 * a relocatable package) and closes its descriptors, and the parent may be any program that uses
 * librpm.  But a command that a scriptlet runs sees at least one of the signs below.  They are
 * valid for rpm 4.14 to 6, with rpm, dnf, PackageKit and zypper, and with --root.
 *
 *	One of our ancestors holds an fcntl(2) lock on a file ".rpm.lock".  The process that runs
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
 * Will the plugin's event carry out a request?  Yes, if the plugin is at work, --root is not given,
 * and <dkms_tree> is /var/lib/dkms, where the plugin looks for requests.
 */
bool rpmscript_can_wait(const struct engine *e);
