/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/kver.h"

#include <string.h>

#include "model/vercmp.h"

static bool kver_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool kver_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A pre-release mark: '~', or the '-' of "-rcN". */
static bool kver_is_prerelease(const char *s)
{
	return *s == '~' || (strncmp(s, "-rc", 3) == 0 && kver_is_digit(s[3]));
}

/*
 * The rank of what s begins with.  From low to high: pre-release, end of string, separators,
 * letters, digits.
 */
static int kver_rank(const char *s)
{
	if (kver_is_prerelease(s))
		return 0;
	if (!*s)
		return 1;
	if (kver_is_digit(*s))
		return 4;
	return kver_is_alpha(*s) ? 3 : 2;
}

/*
 * Compare one number or one character of *a and *b, and step over it.  Both have the same rank,
 * and neither has ended.
 */
static int kver_compare_part(const char **a, const char **b)
{
	int r = 0;

	if (kver_is_digit(**a))
		return vercmp_numbers(a, b);
	/* '~' and '-' of "-rc" are the same mark. */
	if (!kver_is_prerelease(*a))
		r = (unsigned char)**a - (unsigned char)**b;
	(*a)++;
	(*b)++;
	return r;
}

int kver_compare(const char *a, const char *b)
{
	const char *pa = a, *pb = b;
	int r = 0;

	while (!r && (*pa || *pb)) {
		r = kver_rank(pa) - kver_rank(pb);
		if (!r)
			r = kver_compare_part(&pa, &pb);
	}
	/* 6.01 and 6.1 are different kernels, so they must not compare as 0. */
	return r ? r : strcmp(a, b);
}

bool kver_is_listed(const char *release)
{
	size_t n = strspn(release, "0123456789");

	return n && release[n] == '.';
}
