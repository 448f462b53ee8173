/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * gatejson - the document of `dkms gate --json`.
 */
#include "base/buf.h"
#include "engine/engine.h"
#include "model/ledger.h"

void json_gate(const struct engine *e, const struct gates *l, struct buf *ret);
