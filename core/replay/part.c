/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/part.h"

#include <string.h>

#include "base/alloc.h"
#include "sys/looks.h"

char *part_text(const char *path, const struct stat *st)
{
	if (!st)
		return xasprintf("- %s", path);
	return xasprintf("%llx:%llu:%lld:%lld.%09ld:%lld.%09ld %s",
			 (unsigned long long)looks_lasting_device(st),
			 (unsigned long long)looks_lasting_inode(st), (long long)st->st_size,
			 (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
			 (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec, path);
}

const char *part_path(const char *text)
{
	const char *blank = strchr(text, ' ');

	return blank && blank[1] == '/' ? blank + 1 : NULL;
}
