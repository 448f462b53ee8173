/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fscklook - findings of fsck that --repair does not mend: state that dkms makes again by itself,
 * confs, and the kernels' own files.
 */
#include "engine/engine.h"
#include "fsck/finding.h"

/* subject, text and advice are valid during the call only. */
typedef void (*fscklook_fn)(enum fsck_kind kind, const char *subject, const char *text,
			    const char *advice, void *data);

/* Caches, the history, locks. */
void fscklook_state(const struct engine *e, fscklook_fn fn, void *data);
/* Confs that the last look found to be bad. */
void fscklook_confs(const struct engine *e, fscklook_fn fn, void *data);
/* Indexes, headers, and modules of the kernels that have the name of one of ours. */
void fscklook_kernels(struct engine *e, fscklook_fn fn, void *data);
