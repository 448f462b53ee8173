/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* calls - how many files a build's compiler compiled, and how many were replayed.  Pure. */
#include "base/buf.h"
#include "base/strv.h"

struct calls {
	bool counted; /* false: nobody counted, and the numbers say nothing */
	unsigned int compiled, replayed;
};

/* Append "compiled 3, replayed 12". */
void calls_print(const struct calls *c, struct buf *b);
/* Parse the words of such a text.  Returns false if it is another one. */
bool calls_parse(const struct strv *words, struct calls *ret) MUST_CHECK;
