/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "archive/archive.h"

/*
 * The suffixes of GNU tar's --auto-compress, without those for which libarchive would start a
 * program.
 */
static const struct {
	const char *suffix, *filter;
} suffixes[] = {
	{ ".gz", "gzip" },	{ ".tgz", "gzip" },  { ".taz", "gzip" },  { ".Z", "compress" },
	{ ".taZ", "compress" }, { ".bz2", "bzip2" }, { ".tz2", "bzip2" }, { ".tbz2", "bzip2" },
	{ ".tbz", "bzip2" },	{ ".lz", "lzip" },   { ".lzma", "lzma" }, { ".tlz", "lzma" },
	{ ".xz", "xz" },	{ ".txz", "xz" },    { ".zst", "zstd" },  { ".tzst", "zstd" },
};

const char *tarball_compression(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t n = strlen(suffixes[i].suffix);

		if (len > n && strcmp(path + len - n, suffixes[i].suffix) == 0)
			return suffixes[i].filter;
	}
	return NULL;
}
