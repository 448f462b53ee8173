/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/headershint.h"

#include "base/alloc.h"
#include "model/headerspkg.h"
#include "sys/fs.h"

#define PKGBASE_MAX 256

char *headers_hint(const struct engine *e, const char *release)
{
	AUTO_FREE char *file = engine_modules(e, "%s/pkgbase", release);
	AUTO_HEADERSPKG struct headerspkg p = { NULL, NULL };
	AUTO_BUF struct buf pkgbase = BUF_INIT;
	struct headerspkg_facts facts = { .distro = e->distro, .release = release };

	if (fs_read(&e->root, file, PKGBASE_MAX, &pkgbase) == 0)
		facts.pkgbase = pkgbase.s;
	headerspkg_find(&facts, &p);
	if (!p.package)
		return NULL;
	return xasprintf("Its headers are in the package %s: %s", p.package, p.command);
}
