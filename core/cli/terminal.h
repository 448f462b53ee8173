/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * terminal - is standard output a terminal, and what can it show?
 */
#include "base/util.h"

struct terminal {
	bool is;      /* standard output is a terminal */
	bool color;   /* it shows colours, and NO_COLOR is not set */
	bool ascii;   /* the locale has no UTF-8 */
	size_t width; /* columns; 0: it is no terminal, so there is no limit */
};

/* Ask the terminal, and the variables TERM, NO_COLOR, LC_ALL, LC_CTYPE and LANG. */
struct terminal terminal_look(void);
