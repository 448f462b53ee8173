/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/apport.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/childenv.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define APPORT	"/usr/share/apport/apport"
#define HOOK	"/usr/share/apport/package-hooks/dkms_packages.py"
#define SECONDS 120

void apport_report(const struct engine *e, const struct target *t)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	struct stat st;
	int r;

	if (fs_stat(&e->root, APPORT, &st) < 0 || !(st.st_mode & 0111))
		return;
	childenv_tool(&spec.env);
	if (!childenv_has_command(e, &spec.env, "python3"))
		return;
	strv_split(&spec.argv, "python3 " HOOK " -m", " ");
	strv_add(&spec.argv, t->name);
	strv_add(&spec.argv, "-v");
	strv_add(&spec.argv, t->version);
	strv_add(&spec.argv, "-k");
	strv_add(&spec.argv, t->release);
	spec.root = &e->root;
	spec.timeout = SECONDS;
	spec.quiet = e->quiet;
	r = proc_run(&spec, &res);
	if (r < 0 || res.end != PROC_EXITED || res.status != 0)
		log_debug("%s did not take the report", HOOK);
}
