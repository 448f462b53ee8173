/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/hardware.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/childenv.h"
#include "kernel/kernels.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define ALIAS_MAX   4096
#define ALIASES_RUN 500 /* the most aliases in one call of modprobe */
#define SERVICE	    "/lib/systemd/system/systemd-modules-load.service"

struct hardware_aliases {
	const struct engine *e;
	struct strv list;
};

static int hardware_add_alias(const char *rel, const struct stat *st, void *data)
{
	const char *name = strrchr(rel, '/') ? strrchr(rel, '/') + 1 : rel;
	struct hardware_aliases *a = data;
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_FREE char *path = NULL;

	if (!S_ISREG(st->st_mode) || strcmp(name, "modalias") != 0)
		return 0;
	path = xasprintf("/sys/devices/%s", rel);
	/* Errors are ignored: the device may have been unplugged meanwhile. */
	if (fs_read(&a->e->root, path, ALIAS_MAX, &b) == 0)
		strv_split(&a->list, b.s, " \t\r\n");
	return 0;
}

static void hardware_run_tool(const struct engine *e, struct proc_spec *spec)
{
	AUTO_FREE char *how = NULL;
	struct proc_result res = { 0 };
	int r;

	childenv_tool(&spec->env);
	spec->root = &e->root;
	spec->quiet = true;
	spec->may_leave = true;
	spec->timeout = settings_number(&e->settings, SET_TOOL_TIMEOUT);
	r = proc_run(spec, &res);
	how = r < 0 ? xstrdup(error_text(r)) : proc_result_text(spec, &res);
	log_debug("%s: %s", spec->argv.v[0], how);
	proc_spec_release(spec);
}

/*
 * Call modprobe with the next aliases of the sorted list, from index `from` on.  Returns the index
 * of the first alias that is left for the next call.
 */
static size_t hardware_load_some(const struct engine *e, const struct strv *list, size_t from)
{
	struct proc_spec spec = PROC_INIT;
	size_t n = 0;

	strv_split(&spec.argv, "modprobe -a -b -q", " ");
	for (; from < list->n && n < ALIASES_RUN; from++) {
		if (from && strcmp(list->v[from], list->v[from - 1]) == 0)
			continue;
		strv_add(&spec.argv, list->v[from]);
		n++;
	}
	hardware_run_tool(e, &spec);
	return from;
}

void hardware_load(const struct engine *e, const char *release)
{
	AUTO_FREE char *running = kernels_running(e);
	struct hardware_aliases a = { e, STRV_INIT };
	struct proc_spec spec = PROC_INIT;

	if (!running || strcmp(running, release) != 0)
		return;
	if (fs_walk(&e->root, "/sys/devices", hardware_add_alias, &a) < 0)
		log_debug("/sys/devices cannot be read to its end");
	strv_sort(&a.list);
	for (size_t i = 0; i < a.list.n;)
		i = hardware_load_some(e, &a.list, i);
	strv_release(&a.list);
	if (!fs_is_file(&e->root, SERVICE))
		return;
	strv_split(&spec.argv, "systemctl restart systemd-modules-load.service", " ");
	hardware_run_tool(e, &spec);
}
