/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fscklook - look for what fsck --repair does not mend: state that dkms makes again by itself,
 * confs, and the kernels' own files.
 */
#include "engine/engine.h"
#include "fsck/finding.h"

/* subject, text and advice are valid during the call only. */
typedef void (*fscklook_fn)(enum fsck_kind kind, const char *subject, const char *text,
			    const char *advice, void *data);

/*
 * Look for symlinks in the place of dkms's own folders, damaged caches, a damaged history, and
 * entries in the folder of locks that are no files.
 */
void fscklook_state(const struct engine *e, fscklook_fn fn, void *data);
/* Look for confs of registered sources that are bad by their remembered verdict. */
void fscklook_confs(const struct engine *e, fscklook_fn fn, void *data);
/*
 * Look at these things of each kernel:
 *  - its modules.dep.bin and its headers,
 *  - its own modules that have the name of one of ours,
 *  - whether its folder is read-only although something has to be done there.
 */
void fscklook_kernels(struct engine *e, fscklook_fn fn, void *data);
