/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * terminal - what standard output is, for text that has a form of its own there.
 */
#include "base/util.h"

struct terminal {
	bool is;      /* standard output is a terminal */
	bool color;   /* it takes colours, and nobody has asked for none (NO_COLOR) */
	bool ascii;   /* the locale has no UTF-8 */
	size_t width; /* columns; 0: no limit, because it is no terminal */
};

/* By the environment: TERM, NO_COLOR, LC_ALL, LC_CTYPE, LANG; and by the terminal itself. */
struct terminal terminal_look(void);
