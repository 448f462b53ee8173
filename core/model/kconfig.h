/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kconfig - a kernel's .config or include/config/auto.conf, as far as it matters here.
 *
 * Format: lines CONFIG_NAME=value (y, m, number, "text" or, in auto.conf of newer kernels, text
 * without quotes); everything else is skipped.
 */
#include "base/util.h"

struct kconfig {
	char *text;    /* owned copy, lines cut */
	char **names;  /* sorted */
	char **values; /* quotes removed */
	size_t n;
};

void kconfig_parse(const char *text, struct kconfig *ret);
void kconfig_release(struct kconfig *c);
/* name with CONFIG_; NULL when not set. */
const char *kconfig_get(const struct kconfig *c, const char *name);
/* y or m. */
bool kconfig_enabled(const struct kconfig *c, const char *name);
