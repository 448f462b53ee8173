/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* times - points and spans of time, in words for people. */
#include <stdint.h>

#include "base/buf.h"

/* "2026-11-21 22:01:02", local time; `t` is in seconds since 1970. */
void times_add_date(struct buf *b, int64_t t);
/* "0.4 s", "12 s", "3 min 5 s" */
void times_add_span(struct buf *b, int64_t msec);
