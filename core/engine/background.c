/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/background.h"

#include <string.h>

#include "base/log.h"
#include "engine/childenv.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define SECONDS_MAX  60	   /* systemd answers at once or not at all */
#define ARGUMENT_MAX 90000 /* bytes of an event; its base64 must fit into one argument */

char *background_base64(const char *text, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < len; i += 3) {
		unsigned int n = (unsigned int)(unsigned char)text[i] << 16;

		if (i + 1 < len)
			n |= (unsigned int)(unsigned char)text[i + 1] << 8;
		if (i + 2 < len)
			n |= (unsigned char)text[i + 2];
		buf_addch(&b, digits[n >> 18]);
		buf_addch(&b, digits[n >> 12 & 63]);
		buf_addch(&b, i + 1 < len ? digits[n >> 6 & 63] : '=');
		buf_addch(&b, i + 2 < len ? digits[n & 63] : '=');
	}
	return buf_detach(&b);
}

static bool background_succeeds(const struct engine *e, const char *command)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };

	strv_split(&spec.argv, command, " ");
	childenv_tool(&spec.env);
	spec.root = &e->root;
	spec.quiet = true;
	spec.timeout = SECONDS_MAX;
	return proc_run(&spec, &res) == 0 && res.end == PROC_EXITED && res.status == 0;
}

/*
 * Is an offline update due, or running now (systemd.offline-updates(7))?  The symlink
 * /system-update makes the next boot an offline update.  The link may be dangling, so lstat is
 * used.  The update removes the link when it begins, so also ask whether system-update.target is
 * active.
 */
static bool background_is_offline_update(const struct engine *e)
{
	struct stat st;

	return fs_lstat(&e->root, "/system-update", &st) == 0 ||
	       fs_lstat(&e->root, "/etc/system-update", &st) == 0 ||
	       background_succeeds(e, "systemctl is-active --quiet system-update.target");
}

static bool background_is_wanted(const struct engine *e, const struct event *event)
{
	return strcmp(settings_get(&e->settings, SET_RPM_RUN), "background") == 0 &&
	       strcmp(event->from, "rpm") == 0 && !root_is_foreign(&e->root);
}

static int background_unit_command(const struct engine *e, const struct buf *text,
				   struct strv *argv)
{
	static const char inhibit[] =
		"systemd-inhibit --what=shutdown:sleep --mode=block --who=dkms";
	AUTO_FREE char *data = background_base64(text->s, text->len), *engine = NULL;
	int r = fs_readlink(&e->root, "/proc/self/exe", &engine);

	if (r < 0)
		return r;
	strv_split(argv, "systemd-run --quiet --no-block --collect", " ");
	strv_addf(argv, "--unit=dkms-rpm-%s", e->run_id);
	strv_add(argv, "--description=Kernel modules after a transaction of rpm");
	strv_add(argv, "--setenv=rpm_run=transaction"); /* else the unit starts another one */
	strv_add(argv, "--property=StandardInput=data");
	strv_addf(argv, "--property=StandardInputData=%s", data);
	if (background_succeeds(e, "systemd-inhibit --what=shutdown:sleep --mode=block true")) {
		strv_split(argv, inhibit, " ");
		strv_add(argv, "--why=Kernel modules are being built");
	}
	strv_add(argv, engine);
	strv_add(argv, "event");
	return 0;
}

static int background_start_unit(const struct engine *e, const struct buf *text, char **ret_how)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	int r = background_unit_command(e, text, &spec.argv);

	if (r < 0)
		return r;
	childenv_tool(&spec.env);
	spec.root = &e->root;
	spec.output_fd = 2;
	spec.timeout = SECONDS_MAX;
	r = proc_run(&spec, &res);
	if (r == 0 && (res.end != PROC_EXITED || res.status != 0))
		*ret_how = proc_result_text(&spec, &res);
	return r;
}

void background_hand_over(const struct engine *e, const struct event *event, bool *ret_done)
{
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_FREE char *how = NULL;
	int r;

	*ret_done = false;
	if (!background_is_wanted(e, event) || !fs_exists(&e->root, "/run/systemd/system") ||
	    background_is_offline_update(e))
		return;
	event_print(event, &text);
	if (text.len > ARGUMENT_MAX)
		return;
	r = background_start_unit(e, &text, &how);
	if (r < 0 || how) {
		log_warning("rpm_run=background: systemd-run: %s; modules are built now.",
			    how ? how : error_text(r));
		return;
	}
	log_note("Modules are built in the background; see: systemctl status dkms-rpm-%s",
		 e->run_id);
	*ret_done = true;
}
