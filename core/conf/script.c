/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/script.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/childenv.h"
#include "engine/override.h"
#include "engine/treepath.h"
#include "engine/trust.h"
#include "model/makecmd.h"
#include "sys/fs.h"

/* Spelled as in DKMS's messages. */
static const char *const script_names[SCRIPT_COUNT_] = {
	[SCRIPT_POST_ADD] = "post_add",		[SCRIPT_PRE_BUILD] = "pre_build",
	[SCRIPT_POST_BUILD] = "post_build",	[SCRIPT_PRE_INSTALL] = "pre_install",
	[SCRIPT_POST_INSTALL] = "post_install", [SCRIPT_POST_REMOVE] = "post_remove",
};

void script_eval_spec(const struct engine *e, const char *kernel_source_dir, const char *command,
		      struct proc_spec *spec)
{
	strv_add(&spec->argv, "bash");
	strv_add(&spec->argv, "-c");
	strv_add(&spec->argv,
		 "dkms_tree=$1 source_tree=$2 install_tree=$3 kernel_source_dir=$4 dkms_eval=$5; "
		 "set --; eval \"$dkms_eval\"");
	strv_add(&spec->argv, "dkms");
	strv_add(&spec->argv, e->dkms_tree);
	strv_add(&spec->argv, e->source_tree);
	strv_add(&spec->argv, e->install_tree);
	strv_add(&spec->argv, kernel_source_dir ? kernel_source_dir : "");
	strv_add(&spec->argv, command);
}

static bool script_is_executable(const struct engine *e, const char *path)
{
	struct stat st;

	return fs_stat(&e->root, path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

/* The folder in which the script is executable; NULL: none.  Caller frees. */
static char *script_folder(const struct engine *e, const struct target *t, enum conf_script which,
			   const char *word)
{
	bool build = which == SCRIPT_PRE_BUILD || which == SCRIPT_POST_BUILD;
	AUTO_FREE char *folder = xasprintf(OVERRIDE_DIR "/%s", t->name);
	AUTO_FREE char *file = xasprintf("%s/%s", folder, word);

	if (script_is_executable(e, file))
		return TAKE(folder);
	free(folder);
	free(file);
	folder = build ? tree_work_dir(e, t->name, t->version)
		       : tree_source_link(e, t->name, t->version);
	file = xasprintf("%s/%s", folder, word);
	return script_is_executable(e, file) ? TAKE(folder) : NULL;
}

static int script_run_logged(const struct engine *e, enum conf_script which, const char *folder,
			     const char *words, struct proc_spec *spec, struct makelog *log,
			     struct proc_result *res)
{
	AUTO_FREE char *title = xasprintf("Running the %s script", script_names[which]);
	AUTO_FREE char *command = xasprintf("cd %s/ && %s/%s", folder, folder, words);

	script_eval_spec(e, NULL, command, spec);
	return makelog_run(log, title, command, spec, res);
}

static int script_run_plain(const struct engine *e, enum conf_script which, const char *folder,
			    const char *words, struct proc_spec *spec, struct proc_result *res)
{
	AUTO_FREE char *command = xasprintf("%s/%s", folder, words);
	int r;

	log_note("Running the %s script:", script_names[which]);
	strv_split(&spec->argv, command, " \t\n");
	spec->quiet = e->quiet;
	r = proc_run(spec, res);
	if (r != -ENOEXEC)
		return r;
	/* The script has no "#!" line: bash runs it, as in DKMS. */
	strv_release(&spec->argv);
	strv_add(&spec->argv, "bash");
	strv_split(&spec->argv, command, " \t\n");
	return proc_run(spec, res);
}

static int script_outcome(const struct proc_spec *spec, enum conf_script which,
			  const struct target *t, const struct proc_result *res, struct err *err)
{
	AUTO_FREE char *how = proc_result_text(spec, res);
	int code = -E_SCRIPT;

	if (res->end == PROC_EXITED && res->status == 0)
		return 0;
	if (res->end == PROC_INTERRUPTED)
		code = -E_INTERRUPTED;
	else if (res->end == PROC_TIMED_OUT)
		code = -E_TIMEOUT;
	err_set(err, code, "the %s script of %s/%s failed: %s", script_names[which], t->name,
		t->version, how);
	if (err && code == -E_SCRIPT)
		err->status = makelog_exit_code(res);
	return code;
}

/*
 * Fail if somebody else than root can change the source.  For a script of a build there is nothing
 * to check: it runs from a copy of the source, which was checked before the copy was made.
 */
static int script_check_source(const struct engine *e, const struct target *t,
			       enum conf_script which, struct err *err)
{
	AUTO_FREE char *source = tree_source_link(e, t->name, t->version);
	int r;

	if (which == SCRIPT_PRE_BUILD || which == SCRIPT_POST_BUILD)
		return 0;
	r = trust_source(e, t, source, err);
	return r < 0 ? err_prefix(err, "the %s script is not run", script_names[which]), r : 0;
}

int script_run(const struct engine *e, const struct target *t, enum conf_script which,
	       const char *words, const struct strv *env, struct makelog *log, bool *ret_memorable,
	       struct err *err)
{
	AUTO_FREE char *word = makecmd_script_word(words ? words : "");
	AUTO_FREE char *folder = NULL;
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	int r;

	if (!*word)
		return 0;
	folder = script_folder(e, t, which, word);
	if (!folder) {
		log_warning("The %s script is not executable.", script_names[which]);
		return 0;
	}
	r = script_check_source(e, t, which, err);
	if (r < 0)
		return r;
	strv_add_all(&spec.env, env);
	spec.root = &e->root;
	spec.cwd = folder;
	spec.timeout = settings_number(&e->settings, SET_SCRIPT_TIMEOUT);
	/*
	 * A script of a build must not leave a process behind, because that could change modules.
	 * Other scripts may leave one: e.g. a script of an install may start a service.
	 */
	spec.may_leave = !log;
	/* Set PWD as "cd" does: to the path with its symlinks, not to the resolved path. */
	childenv_set(&spec.env, "PWD", folder);
	if (log)
		r = script_run_logged(e, which, folder, words, &spec, log, &res);
	else
		r = script_run_plain(e, which, folder, words, &spec, &res);
	if (r < 0)
		return err_sys(err, r, "the %s script %s/%s", script_names[which], folder, word);
	if (ret_memorable)
		*ret_memorable = res.end == PROC_EXITED && res.status != 0 && res.status < 126;
	return script_outcome(&spec, which, t, &res, err);
}
