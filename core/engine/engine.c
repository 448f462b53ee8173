/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/engine.h"

#include <stdarg.h>

#include "base/alloc.h"
#include "base/buf.h"

static char *engine_path(const char *folder, const char *fmt, va_list ap) PRINTF(2, 0);
static char *engine_path(const char *folder, const char *fmt, va_list ap)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/", folder);
	buf_vaddf(&b, fmt, ap);
	return buf_detach(&b);
}

char *engine_source(const struct engine *e, const char *fmt, ...)
{
	va_list ap;
	char *path;

	va_start(ap, fmt);
	path = engine_path(e->source_tree, fmt, ap);
	va_end(ap);
	return path;
}

char *engine_modules(const struct engine *e, const char *fmt, ...)
{
	va_list ap;
	char *path;

	va_start(ap, fmt);
	path = engine_path(e->install_tree, fmt, ap);
	va_end(ap);
	return path;
}

char *engine_headers_dir(const struct engine *e, const char *release)
{
	if (e->kernel_source_dir)
		return xstrdup(e->kernel_source_dir);
	return engine_modules(e, "%s/build", release);
}
