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

/* Links in the place of dkms's own folders, damaged caches and history, and what is no lock. */
void fscklook_state(const struct engine *e, fscklook_fn fn, void *data);
/* Confs of registered sources whose remembered verdict is that they are bad. */
void fscklook_confs(const struct engine *e, fscklook_fn fn, void *data);
/*
 * Each kernel's modules.dep.bin, headers, its own modules that have the name of one of ours, and a
 * read-only folder in which something has to be done.
 */
void fscklook_kernels(struct engine *e, fscklook_fn fn, void *data);
