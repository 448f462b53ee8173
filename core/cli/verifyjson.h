/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* verifyjson - the document of dkms verify --json. */
#include "cli/jsondoc.h"
#include "verify/verify.h"

/* What was found of one module. */
struct json_object *json_verify_module(const struct verify_module *m);
void json_verify(const struct verify *v, struct buf *ret);
