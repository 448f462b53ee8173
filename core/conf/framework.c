/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/framework.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "conf/confeval.h"
#include "engine/engine.h"
#include "engine/override.h"
#include "engine/trust.h"
#include "sys/fs.h"

#define FRAMEWORK_MAX 1048576

static void framework_add_variables(const struct engine *e, struct strv *vars)
{
	for (size_t i = 0; settings_late[i]; i++)
		strv_addf(vars, "%s=$%s", settings_late[i], settings_late[i]);
	strv_addf(vars, "dkms_tree=%s", settings_get(&e->settings, SET_DKMS_TREE));
	strv_addf(vars, "source_tree=%s", settings_get(&e->settings, SET_SOURCE_TREE));
	strv_addf(vars, "install_tree=%s", settings_get(&e->settings, SET_INSTALL_TREE));
	strv_addf(vars, "tmp_location=%s", settings_get(&e->settings, SET_TMP_LOCATION));
	strv_addf(vars, "running_distribution=%s", e->distro);
}

static char *framework_setting_names(void)
{
	AUTO_STRV struct strv names = STRV_INIT;

	for (size_t i = 0; i < SETTING_COUNT_; i++)
		strv_add(&names, settings_name((enum setting)i));
	return strv_join(&names, " ");
}

static void framework_warn(const char *file, const struct conf_values *values)
{
	if (values->error)
		log_warning("%s: %s; nothing of it counts", file,
			    values->error_text ? values->error_text : error_text(values->error));
	for (size_t i = 0; i < values->warnings.n; i++)
		log_warning("%s", values->warnings.v[i]);
}

static int framework_evaluate(struct engine *e, const char *file, struct err *err)
{
	AUTO_FREE char *names = framework_setting_names();
	struct confeval_job job = CONFEVAL_JOB_INIT;
	int r;

	job.names = names;
	strv_add(&job.files, file);
	framework_add_variables(e, &job.vars);
	r = confeval_jobs(e, &job, 1, err);
	if (r == 0) {
		framework_warn(file, &job.result);
		for (size_t i = 0; i < job.result.n; i++) {
			if (job.result.v[i].index == 0)
				settings_set_name(&e->settings, job.result.v[i].name,
						  job.result.v[i].value, file);
		}
	}
	confeval_job_release(&job);
	return r;
}

/*
 * Apply the pairs from the last to the first: in a file the last assignment wins, and
 * settings_set() keeps the first value that it gets.
 */
static void framework_apply(struct settings *s, const struct settings_pairs *found,
			    const char *file)
{
	for (size_t i = found->n; i-- > 0;) {
		const struct settings_pair *pair = &found->v[i];

		if (settings_is_set(s, pair->id))
			continue;
		settings_set(s, pair->id, pair->value, file);
		s->line[pair->id] = pair->line;
	}
}

/*
 * Is the file to be ignored, because somebody else than root can change it?  Checked even with
 * strict_modes=no, which this very file may have set.
 */
static bool framework_is_refused(const struct engine *e, const char *file)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (trust_settings(e, file, &err) == 0)
		return false;
	log_warning("%s: nothing of it counts. %s", file, err.text);
	return true;
}

static int framework_read_file(struct engine *e, const char *file, bool allow_process,
			       struct err *err)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct settings_pairs found = { 0 };
	unsigned int line;
	int r = fs_read(&e->root, file, FRAMEWORK_MAX, &text);

	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		log_warning("%s: %s", file, error_text(r));
		return 0;
	}
	if (framework_is_refused(e, file))
		return 0;
	if (settings_parse_plain(text.s, &found, &line)) {
		framework_apply(&e->settings, &found, file);
	} else if (allow_process) {
		r = framework_evaluate(e, file, err);
	} else {
		framework_apply(&e->settings, &found, file);
		log_warning("%s: line %u needs a shell, which this command does not start; "
			    "it and what follows does not count here",
			    file, line);
	}
	settings_pairs_release(&found);
	return r;
}

/*
 * Read the files from the last name to the first: the last file wins, and settings_set() keeps the
 * first value that it gets.
 */
static int framework_read_folder(struct engine *e, bool allow_process, struct err *err)
{
	static const char folder[] = OVERRIDE_DIR "/framework.conf.d";
	AUTO_STRV struct strv names = STRV_INIT;
	int r = fs_list(&e->root, folder, &names);

	if (r < 0 && r != -ENOENT)
		log_warning("%s: %s", folder, error_text(r));
	for (size_t i = names.n; i-- > 0;) {
		AUTO_FREE char *file = xasprintf("%s/%s", folder, names.v[i]);
		size_t n = strlen(names.v[i]);

		if (names.v[i][0] == '.' || n < 5 || strcmp(names.v[i] + n - 5, ".conf") != 0)
			continue;
		r = framework_read_file(e, file, allow_process, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Read ADDON_MODULES_DIR, which Fedora and SUSE set in this file.  The other variables of the file
 * are not for dkms.
 */
static void framework_read_sysconfig(struct engine *e)
{
	static const char file[] = "/etc/sysconfig/module-init-tools";
	AUTO_BUF struct buf text = BUF_INIT;
	struct settings_pairs found = { 0 };
	unsigned int line;

	if (fs_read(&e->root, file, FRAMEWORK_MAX, &text) < 0 || framework_is_refused(e, file))
		return;
	if (!settings_parse_plain(text.s, &found, &line))
		log_warning("%s: line %u needs a shell; it and what follows does not count", file,
			    line);
	for (size_t i = found.n; i-- > 0;) {
		if (found.v[i].id == SET_ADDON_MODULES_DIR)
			settings_set(&e->settings, SET_ADDON_MODULES_DIR, found.v[i].value, file);
	}
	settings_pairs_release(&found);
}

int framework_read(struct engine *e, bool allow_process, struct err *err)
{
	int r = framework_read_folder(e, allow_process, err);

	if (r == 0)
		r = framework_read_file(e, OVERRIDE_DIR "/framework.conf", allow_process, err);
	if (r == 0)
		framework_read_sysconfig(e);
	return r;
}
