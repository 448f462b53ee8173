/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fscklook - what fsck finds in files that are made again by themselves, in confs and in kernels:
 * what no transaction mends, and a person should know of.
 */
#include "engine/engine.h"
#include "engine/fsck.h"

/* subject, text and advice are the callee's for the call alone. */
typedef void (*fscklook_fn)(enum fsck_kind kind, const char *subject, const char *text,
			    const char *advice, void *data);

/* Caches, the history, locks. */
void fscklook_state(const struct engine *e, fscklook_fn fn, void *data);
/* Confs that the last look found to be bad. */
void fscklook_confs(const struct engine *e, fscklook_fn fn, void *data);
/* Indexes, headers, and modules of the kernels that have the name of one of ours. */
void fscklook_kernels(struct engine *e, fscklook_fn fn, void *data);
