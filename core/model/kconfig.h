/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kconfig - the configuration of a kernel: its .config or include/config/auto.conf.
 *
 * Lines are CONFIG_NAME=VALUE.  VALUE is y, m, a number or "text"; newer kernels have text without
 * quotes in auto.conf.  All other lines are ignored.  If a name is set twice, the last value
 * counts.
 */
#include "base/util.h"

struct kconfig {
	char *text;    /* names and values point into it */
	char **names;  /* sorted */
	char **values; /* without quotes */
	size_t n;
};

/* Overwrites *ret. */
void kconfig_parse(const char *text, struct kconfig *ret);
void kconfig_release(struct kconfig *c);
/* The value of `name`, which includes the prefix CONFIG_; NULL if it is not set. */
const char *kconfig_get(const struct kconfig *c, const char *name);
/* Is `name` set to y or m? */
bool kconfig_enabled(const struct kconfig *c, const char *name);
