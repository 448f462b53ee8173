/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* whytext - what dkms why says about one module package on one kernel, as text for people. */
#include "decide/why.h"

void whytext_add(const struct why *y, struct buf *ret);
