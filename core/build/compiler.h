/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * compiler - find the compiler and linker that built a kernel, and pass them to a build.
 *
 * Both come from the kernel's config.  The compiler is clang if CONFIG_CC_IS_CLANG is set, else the
 * first word of CONFIG_CC_VERSION_TEXT.  The linker is ld.lld if CONFIG_LD_IS_LLD is set.  A
 * command from the config counts only if it exists.
 *
 * Old Debian kernels name the compiler in .kernelvariables in the headers' folder.  The config
 * takes precedence over that file.
 */
#include "engine/engine.h"
#include "model/kconfig.h"

struct compiler {
	char *cc;	  /* CC, NULL: not set */
	char *ld;	  /* LD, NULL: not set */
	bool from_config; /* cc is from the config: set KERNEL_CC, too */
};

void compiler_release(struct compiler *c);
/*
 * Find compiler and linker.  `headers` is the folder of the kernel's headers.  `config` is NULL if
 * the kernel's config is missing.  Commands are searched in the PATH of `env`.
 */
void compiler_detect(const struct engine *e, const char *headers, const struct kconfig *config,
		     const struct strv *env, struct compiler *ret);
/* Set CC, LD and KERNEL_LD in env, as far as they are known; KERNEL_CC only if c->from_config. */
void compiler_apply(const struct compiler *c, struct strv *env);
/*
 * Returns name and version of the compiler c->cc, or of gcc if that is NULL; e.g. "gcc-12 12.2.0".
 * Runs the compiler to get the version; if it fails, the result is only the name.  Returns "" if
 * there is no such command.  Caller frees.
 */
char *compiler_identity(const struct engine *e, const struct compiler *c, const struct strv *env);
