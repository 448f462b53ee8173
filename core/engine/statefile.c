/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/statefile.h"

#include <errno.h>

#include "sys/fs.h"

int statefile_read(const struct engine *e, const char *path, size_t max, struct buf *ret,
		   struct err *err)
{
	int r = fs_read(&e->root, path, max, ret);

	switch (r) {
	case 0:
	case -ENOENT: return r;
	case -EINVAL:
	case -ELOOP: return err_set(err, -E_CORRUPT, "%s: it is no file", path);
	case -EFBIG: return err_set(err, -E_CORRUPT, "%s: it is too large", path);
	default: return err_sys(err, r, "%s", path);
	}
}
