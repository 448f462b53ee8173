/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * nextboot - what dkms verify has found, for status and why.  Nothing is looked at anew.
 */
#include "cli/jsondoc.h"
#include "decide/standing.h"
#include "verify/verify.h"

/*
 * An installed module package of which a module will not load becomes a problem, with the reason
 * and what to type.  An entry that has a reason already stays as it is.
 */
void nextboot_mark(const struct verify *v, struct standings *l);
/*
 * Add the member "verify": the modules of the package on this kernel, with what was found of them;
 * null if nothing is known.
 */
void nextboot_add_json(struct json_object *o, const struct verify *v, const struct modid *id,
		       const char *release, const char *arch);
