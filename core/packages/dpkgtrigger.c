/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/dpkgtrigger.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/childenv.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define ADMINDIR     "/var/lib/dpkg"
#define TIMEOUT_SECS 60

const char *dpkgtrigger_other_root(void)
{
	const char *root = getenv("DPKG_ROOT");

	return root && *root && strcmp(root, "/") != 0 ? root : NULL;
}

bool dpkgtrigger_is_script(void)
{
	const char *package = getenv("DPKG_MAINTSCRIPT_PACKAGE");

	return package && *package && strcmp(package, PACKAGE_NAME) != 0;
}

bool dpkgtrigger_can_wait(const struct engine *e)
{
	const char *admindir = getenv("DPKG_ADMINDIR");
	AUTO_FREE char *triggers = xasprintf("%s/info/" PACKAGE_NAME ".triggers",
					     admindir && *admindir ? admindir : ADMINDIR);

	if (!dpkgtrigger_is_script() || dpkgtrigger_other_root())
		return false;
	return !root_is_foreign(&e->root) && fs_is_file(&e->root, triggers);
}

bool dpkgtrigger_activate(const struct engine *e, bool await)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	AUTO_FREE char *how = NULL;
	int r;

	strv_split(&spec.argv, await ? "dpkg-trigger dkms" : "dpkg-trigger --no-await dkms", " ");
	childenv_tool(&spec.env);
	spec.timeout = TIMEOUT_SECS;
	spec.quiet = e->quiet;
	r = proc_run(&spec, &res);
	if (r == 0 && res.end == PROC_EXITED && res.status == 0)
		return true;
	how = r < 0 ? xstrdup(error_text(r)) : proc_result_text(&spec, &res);
	log_warning("dpkg-trigger: %s; nothing is put off", how);
	return false;
}
