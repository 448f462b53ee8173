/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/initramfs.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cause/cause.h"
#include "decide/step.h"
#include "engine/tool.h"
#include "engine/treepath.h"
#include "install/change.h"
#include "install/initramfsconf.h"
#include "install/initramfslook.h"
#include "kernel/kernels.h"
#include "sys/lock.h"
#include "sys/proc.h"

bool initramfs_exists(const struct engine *e, const char *release)
{
	enum initramfs_kind kind = initramfs_kind(e, release);
	AUTO_STRV struct strv images = STRV_INIT;

	if (kind != INITRAMFS_NONE)
		initramfs_images(e, kind, release, &images);
	return images.n > 0;
}

/* ---- commands ---- */

/*
 * Append the commands for the images that exist.  Debian's hooks and Arch's scripts tell dracut the
 * path of the image, so our command does the same.  Arch's scripts name the images after the
 * kernel's package, and make the fallback image without hostonly.  For all other images one command
 * is enough, because dracut itself decides where they go.
 */
static void command_dracut(const struct engine *e, const char *release, struct strv *ret)
{
	AUTO_FREE char *package = initramfs_kernel_package(e, release);
	AUTO_FREE char *debian = xasprintf("/boot/initrd.img-%s", release);
	AUTO_FREE char *host = xasprintf("/boot/initramfs-%s.img", package ? package : "");
	AUTO_FREE char *fallback =
		xasprintf("/boot/initramfs-%s-fallback.img", package ? package : "");
	AUTO_STRV struct strv images = STRV_INIT;
	AUTO_FREE char *usual = xasprintf("dracut --force --kver %s", release);
	const char *image;

	initramfs_images(e, INITRAMFS_DRACUT, release, &images);
	STRV_FOREACH (image, &images) {
		/* update-initramfs also runs the hooks of boot loaders. */
		if (strcmp(image, debian) == 0 && initramfs_update_runs_dracut(e))
			strv_addf(ret, "update-initramfs -u -k %s", release);
		else if (strcmp(image, debian) == 0)
			strv_addf(ret, "dracut --force %s %s", image, release);
		else if (strcmp(image, host) == 0)
			strv_addf(ret, "dracut --force --hostonly --no-hostonly-cmdline %s %s",
				  image, release);
		else if (strcmp(image, fallback) == 0)
			strv_addf(ret, "dracut --force --no-hostonly %s %s", image, release);
		else if (!strv_has(ret, usual))
			strv_add(ret, usual);
	}
}

static void command_booster(const struct engine *e, const char *release, struct strv *ret)
{
	AUTO_STRV struct strv images = STRV_INIT;
	const char *image;

	initramfs_images(e, INITRAMFS_BOOSTER, release, &images);
	STRV_FOREACH (image, &images)
		strv_addf(ret, "booster build --force --kernel-version %s %s", release, image);
}

static void command_kernel_install(const struct engine *e, const char *release, struct strv *ret)
{
	AUTO_FREE char *image = kernel_image(e, release);

	if (image)
		strv_addf(ret, "kernel-install add %s %s", release, image);
}

void initramfs_commands(const struct engine *e, enum initramfs_kind kind, const char *release,
			struct strv *ret)
{
	AUTO_FREE char *package = initramfs_kernel_package(e, release);

	switch (kind) {
	case INITRAMFS_NONE: break;
	case INITRAMFS_KERNEL_INSTALL: command_kernel_install(e, release, ret); break;
	case INITRAMFS_TOOLS: strv_addf(ret, "update-initramfs -u -k %s", release); break;
	case INITRAMFS_DRACUT: command_dracut(e, release, ret); break;
	case INITRAMFS_MKINITCPIO:
		strv_addf(ret, "mkinitcpio -p %s", package ? package : "linux");
		break;
	case INITRAMFS_BOOSTER: command_booster(e, release, ret); break;
	}
}

/* ---- is it needed? ---- */

/* Must the image be made anew?  *ret_why is the reason, for people; NULL: no.  Caller frees. */
static bool initramfs_needed(struct engine *e, enum initramfs_kind kind, const char *release,
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
	if (initramfs_configured(e, kind, release, names, &found)) {
		*ret_why = xasprintf("its configuration asks for %s", found);
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

/* ---- making it ---- */

static int initramfs_spawn(struct engine *e, const char *command, const char *release,
			   struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_FREE char *how = NULL, *lines = NULL;
	AUTO_STRV struct strv errors = STRV_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	struct proc_result res = { 0 };
	int r;

	strv_split(&spec.argv, command, " ");
	tool_prepare(e, SET_INITRAMFS_TIMEOUT, &out, &spec);
	r = proc_run(&spec, &res);
	if (r < 0)
		return err_sys(err, r, "%s", spec.argv.v[0]);
	if (res.end == PROC_EXITED && res.status == 0)
		return 0;
	how = proc_result_text(&spec, &res);
	cause_lines(out.s, out.len, 3, &errors);
	lines = strv_join(&errors, "\n");
	return err_set(err, -E_INITRAMFS, "%s for %s failed: %s%s%s", spec.argv.v[0], release, how,
		       *lines ? "\n" : "", lines);
}

static int initramfs_make(struct engine *e, enum initramfs_kind kind, const char *release,
			  struct err *err)
{
	AUTO_STRV struct strv commands = STRV_INIT;
	const char *command;
	int r = 0;

	initramfs_commands(e, kind, release, &commands);
	if (!commands.n)
		return err_set(err, -E_INITRAMFS,
			       "There is no image of kernel %s for kernel-install", release);
	STRV_FOREACH (command, &commands) {
		if (r == 0)
			r = initramfs_spawn(e, command, release, err);
	}
	return r;
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
		r = initramfs_make(e, kind, release, err);
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
	enum initramfs_kind kind = initramfs_kind(e, release);

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
