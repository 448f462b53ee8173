/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/complete.h"
#include "cli/help.h"
#include "cli/report.h"
#include "conf/open.h"
#include "packages/dpkgtrigger.h"
#include "sys/fd.h"

const struct verb *const verb_table[] = {
	&verb_add,
	&verb_remove,
	&verb_build,
	&verb_unbuild,
	&verb_install,
	&verb_uninstall,
	&verb_autoinstall,
	&verb_hold,
	&verb_unhold,
	&verb_holds,
	&verb_retry,
	&verb_gate,
	&verb_match,
	&verb_mktarball,
	&verb_ldtarball,
	&verb_generate_mok,
	&verb_status,
	&verb_why,
	&verb_check,
	&verb_verify,
	&verb_log,
	&verb_event,
	&verb_fsck,
	&verb_config,
	&verb_lint,
	&verb_try,
	&verb_init,
	&verb_bundle,
	&verb_help,
	&verb_kernel_preinst,
	&verb_kernel_postinst,
	&verb_kernel_prerm,
	NULL,
};

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; verb_table[i]; i++) {
		if (strcmp(verb_table[i]->name, name) == 0)
			return verb_table[i];
	}
	return NULL;
}

static bool verb_exists(const char *word)
{
	return verb_find(word);
}

/* ---- start ---- */

static void main_set_log_level(bool debug, bool verbose)
{
	log_set_level(debug ? LOG_DEBUG : verbose ? LOG_INFO : LOG_NOTE);
}

static int main_open_engine(struct engine *e, struct options *o, const struct verb *v,
			    struct err *err)
{
	extern char **environ;

	e->settings = o->settings;
	o->settings = (struct settings){ 0 };
	settings_set_env(&e->settings, environ);
	e->force_version_override = o->force_version_override;
	e->no_depmod = o->no_depmod;
	e->quiet = o->quiet;
	e->no_process = v->flags & VERB_NO_PROCESS;
	e->reader = (v->flags & VERB_READER) && !o->repair;
	e->rpm_safe_upgrade = o->rpm_safe_upgrade;
	e->conf_file = options_path(o, o->conf);
	e->kernel_config = options_path(o, o->kernel_config);
	e->kernel_source_dir = options_path(o, o->kernel_source_dir);
	if (o->archs.n && strcmp(v->name, "status") != 0)
		e->arch = xstrdup(o->archs.v[0]);
	strv_add_all(&e->directives, &o->directives);
	return engine_open(e, o->root ? o->root : "/", err);
}

/*
 * Does a maintainer script run us while dpkg fills another root from outside (DPKG_ROOT)?  Then a
 * verb that writes does nothing, because the script asks for a change of that root, not of ours.
 */
static bool main_is_for_another_root(const struct options *o, const struct verb *v)
{
	const char *root = dpkgtrigger_other_root();

	if (!root || o->root || v->flags & VERB_READER)
		return false;
	log_warning("dpkg fills %s from outside (DPKG_ROOT), so dkms %s does nothing, neither here "
		    "nor there. Later, in that root: /usr/lib/dkms/dpkgdb",
		    root, v->name);
	return true;
}

/* Report the error.  For status --check, monitoring wants its own line and exit status instead. */
static int main_fail(const struct options *o, const struct err *err)
{
	if (o->check && o->action && strcmp(o->action, verb_status.name) == 0)
		return status_unknown(err);
	return report_error(err);
}

static int main_run_verb(struct options *o, const struct verb *v)
{
	AUTO_ERR struct err err = ERR_INIT;
	struct engine e = ENGINE_INIT;
	int status, r;

	if (main_is_for_another_root(o, v))
		return 0;
	if ((v->flags & VERB_OURS) && (v->uses & OPTION(OPT_MODULE)))
		options_word_is_name(o);
	r = options_check(o, &err);
	if (r == 0)
		r = needs_options(o, v, &err);
	if (r == 0)
		r = unused_check(o, v, &err);
	if (r == 0)
		r = main_open_engine(&e, o, v, &err);
	if (r == 0) {
		e.verbose = settings_true(&e.settings, SET_VERBOSE);
		main_set_log_level(o->debug, e.verbose);
		r = needs_engine(&e, o, v, &err);
	}
	if (r == 0) {
		status = v->run(&e, o);
		if (e.last_word)
			log_note("%s", e.last_word);
	} else {
		status = main_fail(o, &err);
	}
	engine_close(&e);
	return status;
}

static int main_dispatch(struct options *o)
{
	const struct verb *v = o->action ? verb_find(o->action) : NULL;
	AUTO_FREE char *meant = NULL, *usage = NULL;
	AUTO_ERR struct err err = ERR_INIT;
	int status;

	if (v)
		return main_run_verb(o, v);
	meant = help_similar_verb(o->id.name ? o->id.name : "");
	if (o->id.name)
		err_set(&err, -E_USAGE,
			"Unknown action specified: \"%s\"%s\n"
			"dkms --help lists the actions and the options.",
			o->id.name, meant);
	else
		err_set(&err, -E_USAGE, "No action is specified.");
	status = report_error(&err);
	usage = help_usage();
	if (!o->id.name)
		fputs(usage, stderr);
	return status;
}

/* --quiet silences children, too: the exit status is the only answer. */
static void main_silence(void)
{
	int fd = fd_open_null(O_WRONLY);

	if (fd < 0)
		return;
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
}

/* Output that cannot be written (full disk, closed pipe) makes a successful command fail. */
static int main_flush(int status)
{
	if (fflush(stdout) == 0 || status)
		return status;
	return 1;
}

int main(int argc, char **argv)
{
	struct report report = REPORT_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct options o;
	int r, status;

	umask(022);
	if (argc > 1 && strcmp(argv[1], "complete") == 0)
		return main_flush(complete_answer(argc, argv));
	report_open(&report);
	r = options_parse(argc, argv, verb_exists, &o, &err);
	if (o.quiet)
		main_silence();
	report.document = o.json;
	main_set_log_level(o.debug, settings_true(&o.settings, SET_VERBOSE));
	if (r < 0) {
		status = main_fail(&o, &err);
	} else if (o.version) {
		puts("dkms-" DKMS_COMPAT " (" PACKAGE_NAME " " PACKAGE_VERSION ")");
		status = 0;
	} else if (o.help || (o.action && strcmp(o.action, verb_help.name) == 0)) {
		status = help_answer(&o);
	} else {
		status = main_dispatch(&o);
	}
	options_release(&o);
	report_close(&report);
	return main_flush(status);
}
