/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dkms-check.service fails at boot if the running kernel lacks a module, and leaves a mark.  The
 * first run after which nothing is missing sees the mark and starts the unit again.  Otherwise the
 * unit would look failed until the next boot, although nothing is missing.
 */
#include "alert/alert.h"
#include "base/log.h"
#include "engine/childenv.h"
#include "model/modid.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define MARK_DIR "/run/dkms"
#define MARK	 MARK_DIR "/check-failed" /* contains the kernel's release */

enum { MARK_MAX = 4096, SECONDS = 10 };

void alert_note_missing(const struct engine *e, const char *release)
{
	int k = fs_mkdir_p(&e->root, MARK_DIR);

	if (k == 0)
		k = atomic_write_file(&e->root, MARK, release, strlen(release), 0644);
	if (k < 0)
		log_debug("%s: %s", MARK, error_text(k));
}

void alert_find_missing(const struct engine *e, const struct world *w, const struct standings *l,
			const char *release, struct missing_list *ret)
{
	AUTO_STRV struct strv critical = STRV_INIT;
	const char *check = settings_get(&e->settings, SET_BOOT_CHECK);

	if (strcmp(check, "no") == 0)
		return;
	strv_split(&critical, settings_get(&e->settings, SET_CRITICAL_MODULES), " \t\n");
	missing_find(w, l, release, &critical, strcmp(check, "all") == 0, ret);
}

static void alert_start_unit(const struct engine *e)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	int k;

	if (!fs_exists(&e->root, "/run/systemd/system"))
		return;
	strv_split(&spec.argv, "systemctl --no-block start dkms-check.service", " ");
	childenv_tool(&spec.env);
	spec.root = &e->root;
	spec.quiet = true;
	spec.timeout = SECONDS;
	k = proc_run(&spec, &res);
	if (k < 0 || res.end != PROC_EXITED || res.status != 0)
		log_debug("dkms-check.service was not started");
}

void alert_settle_unit(const struct engine *e, const struct world *w, const struct standings *l)
{
	AUTO_MISSING_LIST struct missing_list missing = { 0 };
	AUTO_BUF struct buf release = BUF_INIT;

	if (fs_read(&e->root, MARK, MARK_MAX, &release) < 0)
		return;
	if (!modid_kernel_problem(release.s))
		alert_find_missing(e, w, l, release.s, &missing);
	if (missing.n)
		return;
	/* Remove the mark first, so that the next run does not start the unit once more. */
	if (fs_unlink(&e->root, MARK) == 0)
		alert_start_unit(e);
}
