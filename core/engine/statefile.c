/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/statefile.h"

#include <errno.h>

#include "engine/trust.h"
#include "sys/fs.h"

int statefile_read(const struct engine *e, const char *path, size_t max, struct buf *ret,
		   struct err *err)
{
	AUTO_FREE char *unsafe = NULL;
	size_t before = ret->len;
	struct stat st;
	int r = fs_read_stat(&e->root, path, max, ret, &st);

	unsafe = r == 0 ? trust_stat(e, path, &st) : NULL;
	if (unsafe) {
		buf_truncate(ret, before);
		return err_set(err, -E_CORRUPT, "%s", unsafe);
	}
	switch (r) {
	case 0:
	case -ENOENT: return r;
	case -EINVAL:
	case -ELOOP: return err_set(err, -E_CORRUPT, "%s: it is no file", path);
	case -EFBIG: return err_set(err, -E_CORRUPT, "%s: it is too large", path);
	default: return err_sys(err, r, "%s", path);
	}
}
