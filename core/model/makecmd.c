/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/makecmd.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"

char *makecmd_make(const char *make, const char *jobs, const char *release)
{
	if (!str_begins(make, "make"))
		return xstrdup(make);
	return xasprintf("make%s%s KERNELRELEASE=%s%s", *jobs ? " " : "", jobs, release, make + 4);
}

char *makecmd_script_word(const char *script)
{
	return xstrndup(script, strcspn(script, " \t"));
}

const char *makecmd_patch_problem(const char *name)
{
	if (!*name)
		return "its name is empty";
	if (*name == '/')
		return "its name begins with a slash";
	return path_has_dotdot(name) ? "its name has a '..' in it" : NULL;
}

char *makecmd_elapsed(uint64_t msec)
{
	uint64_t s = msec / 1000;

	return xasprintf("%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60, s % 60);
}
