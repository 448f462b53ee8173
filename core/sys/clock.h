/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* clock - how long something takes. */
#include <stdint.h>

/* Milliseconds of the monotonic clock. */
uint64_t clock_msec(void);
