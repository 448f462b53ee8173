/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/vercmp.h"

#include <string.h>

#include "base/util.h"

static bool vercmp_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int vercmp_numbers(const char **a, const char **b)
{
	size_t na, nb;
	int r;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	na = strspn(*a, "0123456789");
	nb = strspn(*b, "0123456789");
	r = na != nb ? (na < nb ? -1 : 1) : strncmp(*a, *b, na);
	*a += na;
	*b += nb;
	return r;
}

int vercmp(const char *a, const char *b)
{
	while (*a && *b) {
		int r;

		if (vercmp_is_digit(*a) && vercmp_is_digit(*b)) {
			r = vercmp_numbers(&a, &b);
		} else {
			r = (unsigned char)*a - (unsigned char)*b;
			a++;
			b++;
		}
		if (r)
			return r;
	}
	return (unsigned char)*a - (unsigned char)*b;
}
