/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* verifyjson - the document of dkms verify --json. */
#include "base/buf.h"
#include "verify/verify.h"

void json_verify(const struct verify *v, struct buf *ret);
