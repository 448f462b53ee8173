/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * replaylook - what replay looks at once in a run: whether it is on, and the headers of a kernel.
 */
#include "engine/engine.h"
#include "replay/headertable.h"

/*
 * Do the setting replay and the machine allow it?  It needs the stand-in and 64 MiB that are free
 * where builds are made.
 */
bool replaylook_is_on(const struct engine *e);
/*
 * headerscan_table().  In a run the table is made, or seen to be unchanged, only once; workers of
 * the run that start later know that.
 */
int replaylook_table(struct engine *e, const char *release, const char *headers,
		     const struct strv *more, struct headertable *ret, char **ret_path) MUST_CHECK;
/*
 * Before the first build for a kernel, if replay is on: read its headers, or see that they are as
 * they were.  `headers` is their folder, `more` are others that belong to them.
 */
void replaylook_headers(struct engine *e, const char *release, const char *headers,
			const struct strv *more);
/*
 * Are the headers of both kernels alike, so that what is compiled for one is replayed for the
 * other?  False if replaylook_headers() has not read both.
 */
bool replaylook_alike(const struct engine *e, const char *release, const char *other);
