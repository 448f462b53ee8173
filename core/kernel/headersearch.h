/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * headersearch - does a name occur in the headers of a kernel?  For `dkms why`: "no header has this
 * function any more" says more to a person than the compiler's message.
 *
 * Reads the folders include and arch/A/include of the headers, and Module.symvers.  After
 * HEADERSEARCH_FILES files or HEADERSEARCH_BYTES bytes the search gives up.
 */
#include "engine/engine.h"

enum {
	HEADERSEARCH_FILES = 60000,
	HEADERSEARCH_BYTES = 512 << 20,
};

struct headersearch {
	bool known;    /* the headers are usable, and the search did not give up */
	bool exported; /* Module.symvers has the word as a symbol */
	char *file;    /* a header that has the word, e.g. "include/linux/fs.h"; NULL: none has */
};
#define AUTO_HEADERSEARCH CLEANUP(headersearch_release)
void headersearch_release(struct headersearch *s);
/*
 * Search the headers of the kernel for an identifier.  If `word` is a path that ends with ".h",
 * e.g. "linux/fs.h", search for that header instead.  If `word` is neither, ret->known is false.
 */
void headersearch(const struct engine *e, const char *release, const char *word,
		  struct headersearch *ret);
