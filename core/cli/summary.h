/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * summary - the last lines of an event, for a person who ran a package manager, not dkms.
 *
 *	dkms: installed for 6.1.0-56-amd64: v4l2loopback/0.12.7 zfs/2.1.11
 *	dkms: removed for 6.1.0-55-amd64: v4l2loopback/0.12.7
 *	dkms: failed for 6.1.0-56-amd64: rtl8812au/5.6: os_intfs.c:12:10: fatal error: ...
 *	dkms: rtl8812au/5.5 stays installed for 6.1.0-56-amd64: 5.6 does not build
 *	dkms: NOT available on 6.1.0-57-amd64: zfs/2.1.11: apt install linux-headers-6.1.0-57-amd64
 *	dkms: jool is kept off 6.1.0-56-amd64 (4.1 was uninstalled by hand); to lift this hold: ...
 *	dkms: 1 build failed; details: dkms log RUN
 *
 * The lines go to standard output, without colours.
 *
 * Under apt, other triggers print much after these lines, so that nobody would see them.  Therefore
 * an event "from apt" or "from kernel" that runs below apt (DPKG_FRONTEND_LOCKED is set) appends
 * its lines to SUMMARY_FILE.  When dpkg is done, the DPkg::Post-Invoke line of apt's configuration
 * 90dkms prints and removes that file.
 *
 * The apt that installs 90dkms read its configuration before 90dkms was there, so it would never
 * print the file.  Therefore lines go to SUMMARY_FILE only if /run/dkms/apt exists, which the
 * Pre-Invoke line of 90dkms makes.
 */
#include "run/run.h"

#define SUMMARY_FILE "/run/dkms/summary" /* inside the root; file 0644 in a folder 0755 */
#define SUMMARY_MAX  (64u << 10)	 /* bytes; what does not fit is printed at once */

/*
 * Append the lines about a run.  If its plan changes nothing, the only lines are about what waits
 * for headers.  A module package that waits is named only by the first event that finds it waiting.
 *
 * `w` is the world before the run.  `settled`: the package manager is done, so no other event
 * follows that might bring the headers.  If `settled` is false, there are no lines about headers
 * and holds.  `logged`: the run is in the history.
 */
void summary_make(const struct run *run, const struct world *w, bool settled, bool logged,
		  struct buf *ret);
/* Print the text or leave it for apt; `from` is event.from.  With --quiet, do neither. */
void summary_tell(const struct engine *e, const char *from, const struct buf *text);
