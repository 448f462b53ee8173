/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* clock - a clock for durations. */
#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t clock_msec(void);
