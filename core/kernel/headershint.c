/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/headershint.h"

#include "base/alloc.h"
#include "model/headerspkg.h"
#include "sys/fs.h"

#define PKGBASE_MAX 256

static void headers_find(const struct engine *e, const char *release, struct headerspkg *ret)
{
	AUTO_FREE char *file = engine_modules(e, "%s/pkgbase", release);
	AUTO_BUF struct buf pkgbase = BUF_INIT;
	struct headerspkg_facts facts = { .distro = e->distro, .release = release };

	if (fs_read(&e->root, file, PKGBASE_MAX, &pkgbase) == 0)
		facts.pkgbase = pkgbase.s;
	headerspkg_find(&facts, ret);
}

char *headers_hint(const struct engine *e, const char *release)
{
	AUTO_HEADERSPKG struct headerspkg p = { NULL, NULL };

	headers_find(e, release, &p);
	if (!p.package)
		return NULL;
	return xasprintf("Its headers are in the package %s: %s", p.package, p.command);
}

char *headers_command(const struct engine *e, const char *release)
{
	AUTO_HEADERSPKG struct headerspkg p = { NULL, NULL };

	headers_find(e, release, &p);
	return TAKE(p.command);
}
