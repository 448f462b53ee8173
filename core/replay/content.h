/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * content - what in the text of a source or header keeps its compilation from being remembered.
 * Pure.
 */
#include "replay/release.h"

enum content_flag {
	CONTENT_RELEASE = 1, /* has a word of the release */
	CONTENT_CLOCK = 2,   /* __TIME__, __DATE__, __TIMESTAMP__ */
	CONTENT_INCLUDED =
		4, /* .incbin, .include, __has_include("/..."): looks at a file of which nobody tells */
	CONTENT_SALT = 8, /* CONFIG_BUILD_SALT, which has the release */
};

unsigned int content_flags(const struct release_words *words, const char *s, size_t len);
/* Is it a file that modpost makes, and that has nothing of the release but vermagic and salt? */
bool content_is_modpost(const char *path, const char *s, size_t len);
/*
 * Is `path` one of the two headers in which kbuild writes the release?  Its text is hashed with the
 * release masked.  *ret_salt: it is the one with CONFIG_BUILD_SALT, which each source includes.
 */
bool content_is_masked(const char *path, bool *ret_salt);
