/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ask - a program of a package manager whose answer is read.
 *
 * It runs in the root, with the environment of childenv_tool() and the time limit tool_timeout.
 */
#include "base/buf.h"
#include "base/error.h"
#include "engine/engine.h"

/*
 * Run `argv`, in the folder `cwd` ("/" if it is NULL), and append its standard output to *ret.
 * Fails with -E_TOOL_MISSING, -E_TIMEOUT, -E_INTERRUPTED, -ENOSPC if the program says that the disk
 * is full, or -E_GENERAL; the text in err has the last line of its standard error.
 */
int ask(const struct engine *e, const struct strv *argv, const char *cwd, struct buf *ret,
	struct err *err) MUST_CHECK;
/*
 * As ask(), for a program that converts a file: its standard input is the file `from`, and what it
 * prints becomes the new file `to`.  After an error, `to` may have a part of it.
 */
int ask_convert(const struct engine *e, const struct strv *argv, const char *from, const char *to,
		struct err *err) MUST_CHECK;
/* Is the program in the root's PATH? */
bool ask_has(const struct engine *e, const char *program);
