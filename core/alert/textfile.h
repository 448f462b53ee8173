/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * textfile - figures for Prometheus, in a file that the textfile collector of node_exporter reads
 * (the setting textfile).  dkms(8) lists the metrics.
 */
#include "decide/standing.h"

/* Append the whole file.  `now` is the time of the run, in seconds since 1970.  Pure. */
void textfile_make(const struct standings *l, int64_t now, struct buf *ret);
