/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/times.h"

#include <time.h>

void times_add_date(struct buf *b, int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;
	char text[64];

	if (localtime_r(&when, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		buf_adds(b, text);
}

void times_add_span(struct buf *b, int64_t msec)
{
	int64_t s = msec / 1000, tenths = (msec + 99) / 100;

	if (tenths < 100)
		buf_addf(b, "%lld.%lld s", (long long)(tenths / 10), (long long)(tenths % 10));
	else if (s < 60)
		buf_addf(b, "%lld s", (long long)s);
	else
		buf_addf(b, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60));
}
