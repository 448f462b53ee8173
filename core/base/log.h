/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * log - messages with a level.
 *
 * base, model, cause and decide log nothing.  sys says that it waits for a lock, and which files it
 * cannot read.  tx warns of what recovery could not complete.  The other rooms log steps and
 * warnings.  cli installs the sink; only cli prints.  A failure is not logged where it happens:
 * callers pass it up as struct err, and cli says it once.
 *
 *	LOG_ERROR	the command fails because of this
 *	LOG_WARNING	"Warning: ..." on standard error
 *	LOG_NOTE	progress, on standard output
 *	LOG_INFO	progress, with --verbose only
 *	LOG_DEBUG	for developers
 *
 * Without a sink, as in unit tests, messages are dropped.
 */
#include "base/util.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTE, LOG_INFO, LOG_DEBUG };

/* `text` is one or more lines, without prefix and final newline. */
typedef void (*log_sink_fn)(enum log_level level, const char *text, void *data);

void log_set_sink(log_sink_fn fn, void *data);
/*
 * Drop messages whose level comes after `max` in the list above, before they are formatted.
 * Default: LOG_NOTE.
 */
void log_set_level(enum log_level max);
/* Would a message of this level be passed on? */
bool log_wants(enum log_level level);
void log_msg(enum log_level level, const char *fmt, ...) PRINTF(2, 3);

#define log_warning(...) log_msg(LOG_WARNING, __VA_ARGS__)
#define log_note(...)	 log_msg(LOG_NOTE, __VA_ARGS__)
#define log_info(...)	 log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	 log_msg(LOG_DEBUG, __VA_ARGS__)
