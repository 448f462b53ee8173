/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * verify - will our modules load, with the kernels that can boot here?
 *
 * Our modules are those that are installed according to the dkms tree, and those in updates/dkms of
 * which it does not know.
 */
#include "verify/found.h"

/* Look at these kernels; if none is named, at all that can boot. */
int verify_look(struct engine *e, const struct strv *releases, struct verify *ret,
		struct err *err) MUST_CHECK;
/*
 * After an event: look again at those kernels that can boot and for which something has changed
 * that the result depends on.  Remember what was found.
 */
void verify_refresh(struct engine *e);
/* What is remembered and still true.  Starts no process and writes nothing. */
void verify_known(struct engine *e, struct verify *ret);
