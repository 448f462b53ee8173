/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>

#include "base/buf.h"

static struct {
	log_sink_fn fn;
	void *data;
	enum log_level max;
} sink = { NULL, NULL, LOG_NOTE };

void log_set_sink(log_sink_fn fn, void *data)
{
	sink.fn = fn;
	sink.data = data;
}

void log_set_level(enum log_level max)
{
	sink.max = max;
}

bool log_wants(enum log_level level)
{
	return sink.fn && level <= sink.max;
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	AUTO_BUF struct buf b = BUF_INIT;
	va_list ap;

	if (!log_wants(level))
		return;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	sink.fn(level, b.s, sink.data);
}
