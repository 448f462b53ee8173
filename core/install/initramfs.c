/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/initramfs.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "decide/step.h"
#include "engine/tool.h"
#include "engine/treepath.h"
#include "install/change.h"
#include "install/initramfslook.h"
#include "model/buildlog.h"
#include "sys/lock.h"
#include "sys/proc.h"

bool initramfs_exists(const struct engine *e, const char *release)
{
	enum initramfs_kind kind = initramfs_kind(e);
	AUTO_STRV struct strv images = STRV_INIT;

	if (kind != INITRAMFS_NONE)
		initramfs_images(e, kind, release, &images);
	return images.n > 0;
}

void initramfs_command(const struct engine *e, enum initramfs_kind kind, const char *release,
		       struct strv *argv)
{
	AUTO_FREE char *package = initramfs_kernel_package(e, release);
	AUTO_STRV struct strv images = STRV_INIT;

	switch (kind) {
	case INITRAMFS_NONE: return;
	case INITRAMFS_TOOLS: strv_split(argv, "update-initramfs -u -k", " "); break;
	case INITRAMFS_DRACUT: strv_split(argv, "dracut --force --kver", " "); break;
	case INITRAMFS_MKINITCPIO:
		strv_split(argv, "mkinitcpio -p", " ");
		strv_add(argv, package ? package : "linux");
		return;
	case INITRAMFS_BOOSTER:
		strv_split(argv, "booster build --force --kernel-version", " ");
		strv_add(argv, release);
		initramfs_images(e, kind, release, &images);
		strv_add(argv, images.n ? images.v[0] : "/boot/booster-linux.img");
		return;
	}
	strv_add(argv, release);
}

/* ret_why: the reason, for people; NULL if not needed.  Caller frees. */
static bool initramfs_needed(const struct engine *e, enum initramfs_kind kind, const char *release,
			     const struct strv *names, char **ret_why)
{
	AUTO_FREE char *found = NULL;

	*ret_why = NULL;
	if (strv_has(names, "*")) {
		*ret_why = xstrdup("a dkms.conf says REMAKE_INITRD");
		return true;
	}
	if (strv_has(names, PLAN_OWED)) {
		*ret_why = xstrdup("an earlier run did not come to it");
		return true;
	}
	if (!names->n)
		return false;
	if (!strcmp(settings_get(&e->settings, SET_INITRAMFS), "always")) {
		*ret_why = xstrdup("initramfs=always");
		return true;
	}
	if (initramfs_configured(e, kind, names, &found)) {
		*ret_why = xasprintf("its configuration names %s", found);
		return true;
	}
	switch (initramfs_contains(e, kind, release, names, &found)) {
	case INITRAMFS_HAS_NOT: return false;
	case INITRAMFS_HAS: *ret_why = xasprintf("it contains %s", found); return true;
	case INITRAMFS_CANNOT_TELL:
		*ret_why = xstrdup("what it contains cannot be listed");
		return true;
	}
	return true;
}

static int initramfs_spawn(struct engine *e, enum initramfs_kind kind, const char *release,
			   struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_FREE char *how = NULL, *lines = NULL;
	AUTO_STRV struct strv errors = STRV_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	struct proc_result res = { 0 };
	int r;

	initramfs_command(e, kind, release, &spec.argv);
	tool_prepare(e, SET_INITRAMFS_TIMEOUT, &out, &spec);
	r = proc_run(&spec, &res);
	if (r < 0)
		return err_sys(err, r, "%s", spec.argv.v[0]);
	if (res.end == PROC_EXITED && res.status == 0)
		return 0;
	how = proc_result_text(&spec, &res);
	buildlog_first_errors(out.s, 3, &errors);
	lines = strv_join(&errors, "\n");
	return err_set(err, -E_INITRAMFS, "%s for %s failed: %s%s%s", spec.argv.v[0], release, how,
		       *lines ? "\n" : "", lines);
}

/*
 * Hold the lock from the check to the end: pending.c takes a held lock as a sign that the initramfs
 * is being made.
 */
static int initramfs_update_locked(struct engine *e, enum initramfs_kind kind, const char *release,
				   const struct strv *names, struct err *err)
{
	AUTO_FREE char *path = tree_initramfs_lock(e, release);
	AUTO_FREE char *what = xasprintf("making the initramfs of %s", release);
	AUTO_FREE char *why = NULL;
	struct lock lock = LOCK_INIT;
	int r = lock_take(&lock, &e->root, path, what, LOCK_WAIT, NULL, NULL, NULL);

	if (r < 0)
		return lock_failed(err, r, path);
	if (initramfs_needed(e, kind, release, names, &why)) {
		log_note("Updating the initramfs of %s: %s", release, why);
		r = initramfs_spawn(e, kind, release, err);
		r = r < 0 ? r : 1;
	} else {
		log_info("The initramfs of %s contains none of the changed modules", release);
	}
	lock_release(&lock);
	return r;
}

static int initramfs_update(struct engine *e, const char *release, const struct strv *names,
			    struct err *err)
{
	enum initramfs_kind kind = initramfs_kind(e);

	if (!strcmp(settings_get(&e->settings, SET_INITRAMFS), "never")) {
		log_info("The initramfs of %s is left alone: initramfs=never", release);
		return 0;
	}
	if (kind == INITRAMFS_NONE) {
		log_note(
			"No initramfs generator was found; if modules of %s are in an initramfs, it "
			"must be made anew by hand.",
			release);
		return 0;
	}
	if (!initramfs_exists(e, release)) {
		log_info("%s has no initramfs", release);
		return 0;
	}
	return initramfs_update_locked(e, kind, release, names, err);
}

int initramfs_run(struct engine *e, const char *release, const struct strv *names, struct err *err)
{
	AUTO_FREE char *mark = tree_pending_mark(e, PENDING_INITRAMFS, release);
	struct stat seen = change_stat_mark(e, mark);
	int r = initramfs_update(e, release, names, err), r2;

	if (r < 0 || !seen.st_ino)
		return r;
	r2 = change_clear_mark(e, mark, &seen);
	return r2 < 0 ? err_sys(err, r2, "%s", mark) : r;
}
