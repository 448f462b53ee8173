/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/weakmodules.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/childenv.h"
#include "engine/distro.h"
#include "sys/fs.h"
#include "sys/proc.h"

char *weak_modules_command(const char *distro, enum weak_modules what, const char *release)
{
	const char *verb = what == WEAK_ADD ? "add" : "remove";

	if (distro_is(distro, "rhel"))
		return xasprintf("/usr/sbin/weak-modules --no-initramfs --%s-modules", verb);
	if (distro_is(distro, "sles") || distro_is(distro, "suse") || distro_is(distro, "opensuse"))
		return xasprintf("/usr/lib/module-init-tools/weak-modules2 --%s-kernel-modules %s",
				 verb, release);
	return NULL;
}

static void weak_modules_spawn(const struct engine *e, const char *command,
			       const struct strv *paths)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_FREE char *list = strv_join(paths, "\n");
	AUTO_FREE char *input = xasprintf("%s\n", list);
	AUTO_FREE char *how = NULL;
	struct proc_result res = { 0 };
	int r;

	strv_split(&spec.argv, command, " ");
	childenv_tool(&spec.env);
	spec.root = &e->root;
	spec.input = input;
	spec.input_len = strlen(input);
	/* weak-modules may call dracut. */
	spec.timeout = settings_number(&e->settings, SET_INITRAMFS_TIMEOUT);
	spec.to_the_end = true;
	spec.quiet = e->quiet;
	r = proc_run(&spec, &res);
	if (r == 0 && res.end == PROC_EXITED && res.status == 0)
		return;
	how = r < 0 ? xstrdup(error_text(r)) : proc_result_text(&spec, &res);
	log_warning("%s: %s", command, how);
}

void weak_modules_run(const struct engine *e, const struct target *t, enum weak_modules what,
		      const struct strv *paths)
{
	AUTO_FREE char *command = weak_modules_command(e->distro, what, t->release);
	AUTO_FREE char *program = NULL;

	if (!command || !paths->n || settings_true(&e->settings, SET_NO_WEAK_MODULES))
		return;
	program = xstrndup(command, strcspn(command, " "));
	if (!fs_is_file(&e->root, program))
		return;
	log_note("%s linked weak modules...", what == WEAK_ADD ? "Adding" : "Removing");
	weak_modules_spawn(e, command, paths);
}
