/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * compiler - which compiler and linker a kernel was built with, for the environment of a build.
 *
 * From .kernelvariables in the headers' folder (old Debian), then the
 * kernel's config: first word of CONFIG_CC_VERSION_TEXT, clang for
 * CONFIG_CC_IS_CLANG, ld.lld for CONFIG_LD_IS_LLD; each only if there is such a command.
 */
#include "engine/engine.h"
#include "model/kconfig.h"

struct compiler {
	char *cc;	  /* CC, NULL: not set */
	char *ld;	  /* LD, NULL: not set */
	bool from_config; /* KERNEL_CC is set, too */
};
#define AUTO_COMPILER CLEANUP(compiler_release)

void compiler_release(struct compiler *c);
/* headers: folder; config: NULL when the kernel's config is missing; env: for PATH. */
void compiler_detect(const struct engine *e, const char *headers, const struct kconfig *config,
		     const struct strv *env, struct compiler *ret);
/* CC, KERNEL_CC, LD, KERNEL_LD. */
void compiler_apply(const struct compiler *c, struct strv *env);
/* "gcc-12 12.2.0" by asking the compiler (gcc when c has none), "" when there is none; caller
 * frees. */
char *compiler_identity(const struct engine *e, const struct compiler *c, const struct strv *env);
