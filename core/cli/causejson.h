/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* causejson - dkms why --log --json: {"schema":1,"cause":CLASS,"line":TEXT,"lasting":BOOL}. */
#include "base/buf.h"
#include "cause/cause.h"

void cause_json(const struct cause *c, struct buf *ret);
