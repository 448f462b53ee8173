/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * log - what is said on the way, as levels.
 *
 * Below the engine nothing speaks but at LOG_DEBUG; the engine reports steps
 * and warnings; cli owns the terminal and installs the sink.  A failure is
 * not logged where it happens: it travels up as struct err and is said once.
 *
 *	LOG_ERROR	the command fails because of this
 *	LOG_WARNING	"Warning: ..." on standard error
 *	LOG_NOTE	progress, standard output
 *	LOG_INFO	progress shown with --verbose only
 *	LOG_DEBUG	for people who read our code
 *
 * Without a sink (unit tests, libraries) nothing is said at all.
 */
#include "base/util.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTE, LOG_INFO, LOG_DEBUG };

/* text: one or more lines, no prefix, no final newline. */
typedef void (*log_sink_fn)(enum log_level level, const char *text, void *data);

void log_set_sink(log_sink_fn fn, void *data);
/* Messages above this level are not even formatted.  Default LOG_NOTE. */
void log_set_level(enum log_level max);
bool log_wants(enum log_level level);
void log_msg(enum log_level level, const char *fmt, ...) PRINTF(2, 3);

#define log_warning(...) log_msg(LOG_WARNING, __VA_ARGS__)
#define log_note(...) log_msg(LOG_NOTE, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)
