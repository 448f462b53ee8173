/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * summary - the last lines of a run, for who has asked for something else: packages.
 *
 *	dkms: installed for 6.1.0-56-amd64: v4l2loopback/0.12.7 zfs/2.1.11
 *	dkms: removed for 6.1.0-55-amd64: v4l2loopback/0.12.7
 *	dkms: failed for 6.1.0-56-amd64: rtl8812au/5.6: os_intfs.c:12:10: fatal error: ...
 *	dkms: 1 failure; the packages themselves are in place. To see more: dkms log
 *20261121T220102-4711
 *
 * Whole lines without colours, to standard output; none when nothing was done.  Under apt
 * they would be followed by the noise of other triggers: an event "from apt" or "from kernel" in
 * the environment of which apt has set DPKG_FRONTEND_LOCKED appends them to SUMMARY_FILE instead,
 * and a DPkg::Post-Invoke line (90dkms) prints that file and removes it.  Only if a Pre-Invoke line
 *of 90dkms has made /run/dkms/apt: the apt that brings 90dkms itself does not know it yet.
 */
#include "run/run.h"

#define SUMMARY_FILE "/run/dkms/summary" /* below the root; folder 0755, file 0644 */
#define SUMMARY_MAX  (64u << 10)	 /* bytes; more is printed at once */

/* What a run did, as text; empty when it did nothing.  logged: "dkms log" knows the run. */
void summary_make(const struct run *run, bool logged, struct buf *ret);
/* Print it, or leave it for apt.  from: of the event. */
void summary_tell(const struct engine *e, const char *from, const struct buf *text);
