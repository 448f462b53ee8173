/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/confeval.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/path.h"
#include "conf/confoutput.h"
#include "conf/headerless.h"
#include "confine/confine.h"
#include "engine/childenv.h"
#include "engine/distro.h"
#include "engine/engine.h"
#include "engine/override.h"
#include "kernel/kernels.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define OUTPUT_MAX (8u << 20)

/* Generated from confeval.bash by the makefile. */
extern const char confeval_program[];

static const char conf_names[] =
	"PACKAGE_NAME PACKAGE_VERSION POST_ADD POST_BUILD POST_INSTALL POST_REMOVE PRE_BUILD "
	"PRE_INSTALL BUILD_DEPENDS BUILD_EXCLUSIVE_ARCH BUILD_EXCLUSIVE_CONFIG "
	"BUILD_EXCLUSIVE_KERNEL BUILD_EXCLUSIVE_KERNEL_MIN BUILD_EXCLUSIVE_KERNEL_MAX "
	"build_exclude OBSOLETE_BY MAKE MAKE_MATCH PATCH PATCH_MATCH patch_array "
	"BUILT_MODULE_NAME built_module_name BUILT_MODULE_LOCATION built_module_location "
	"DEST_MODULE_NAME dest_module_name DEST_MODULE_LOCATION dest_module_location "
	"STRIP strip AUTOINSTALL NO_WEAK_MODULES BUILD_DEPENDS_REBUILD CLEAN REMAKE_INITRD "
	"MODULES_CONF MODULES_CONF_ALIAS_TYPE MODULES_CONF_OBSOLETE_ONLY";

void confeval_job_release(struct confeval_job *job)
{
	strv_release(&job->vars);
	strv_release(&job->files);
	strv_release(&job->directives);
	conf_values_release(&job->result);
}

static void confeval_add_item(struct buf *b, const char *item)
{
	buf_add(b, item, strlen(item) + 1);
}

static void confeval_add_list(struct buf *b, const struct strv *list)
{
	buf_addf(b, "%zu", list->n);
	buf_addch(b, '\0');
	for (size_t i = 0; i < list->n; i++)
		confeval_add_item(b, list->v[i]);
}

static void confeval_add_job(struct buf *b, const struct confeval_job *job, size_t number)
{
	buf_addf(b, "%zu", number);
	buf_addch(b, '\0');
	confeval_add_list(b, &job->vars);
	confeval_add_item(b, job->names);
	confeval_add_list(b, &job->files);
	confeval_add_list(b, &job->directives);
}

static void confeval_set_environment(const struct engine *e, struct proc_spec *spec)
{
	const char *tmp = settings_get(&e->settings, SET_TMP_LOCATION);

	/* bash writes here-documents to TMPDIR, and only tmp_location may be writable. */
	if (settings_is_set(&e->settings, SET_TMP_LOCATION) && fs_is_dir(&e->root, tmp))
		proc_setenv(spec, "TMPDIR", tmp);
	proc_setenv(spec, "PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
	proc_setenv(spec, "HOME", "/");
	proc_setenv(spec, "LC_ALL", "C");
	for (char **p = environ; *p; p++) {
		if (strncmp(*p, "DKMS_DIRECTIVE", 14) == 0)
			strv_add(&spec->env, *p);
	}
}

struct outputs {
	struct buf values, messages;
};

static void confeval_on_output(const char *data, size_t len, void *arg)
{
	buf_add(&((struct outputs *)arg)->values, data, len);
}

/* Discard what a conf prints; output_max limits the amount. */
static void confeval_on_extra(const char *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	(void)arg;
}

static void confeval_on_error(const char *data, size_t len, void *arg)
{
	buf_add(&((struct outputs *)arg)->messages, data, len);
}

static int confeval_run_bash(const struct engine *e, const struct confine *c,
			     const struct buf *input, struct outputs *out, struct proc_result *ret)
{
	AUTO_FD int nothing = fd_open_null(O_RDONLY);
	struct proc_spec spec = PROC_INIT;
	int r;

	if (nothing < 0)
		return -errno;
	strv_add(&spec.argv, "bash");
	strv_add(&spec.argv, "-c");
	strv_add(&spec.argv, confeval_program);
	strv_add(&spec.argv, "dkms");
	confeval_set_environment(e, &spec);
	spec.root = &e->root;
	spec.input = input->s;
	spec.input_len = input->len;
	spec.on_output = confeval_on_output;
	spec.on_error = confeval_on_error;
	spec.on_extra = confeval_on_extra;
	spec.keep_fd[1] = nothing;
	spec.data = out;
	spec.output_max = OUTPUT_MAX;
	spec.timeout = settings_number(&e->settings, SET_CONF_TIMEOUT);
	/* confeval.bash writes before and after each job, so each job has the whole time limit. */
	spec.output_is_progress = true;
	spec.only_writable = settings_get(&e->settings, SET_TMP_LOCATION);
	confine_child(c, &spec);
	r = proc_run(&spec, ret);
	proc_spec_release(&spec);
	return r;
}

/* Set the error of the job at which bash ended, according to the way in which bash ended. */
static void confeval_fail_job(const struct engine *e, struct confeval_job *job,
			      const struct proc_result *res)
{
	struct conf_values *v = &job->result;

	v->error = -E_BAD_CONF;
	switch (res->end) {
	case PROC_TIMED_OUT:
		v->error = -E_TIMEOUT;
		v->error_text = xasprintf("it takes longer than %s seconds (conf_timeout)",
					  settings_get(&e->settings, SET_CONF_TIMEOUT));
		break;
	case PROC_OUTPUT_FULL:
		v->error_text = xasprintf("it prints, or sets, more than %u bytes", OUTPUT_MAX);
		break;
	case PROC_SIGNALED:
		v->error_text = xasprintf("bash was ended by signal %d in it", res->status);
		break;
	case PROC_EXITED:
	case PROC_INTERRUPTED: /* never: see confeval_fail_conf() */
		v->error_text = xasprintf("bash ended in it with exit status %d", res->status);
		break;
	}
}

/*
 * Fail the job at which bash ended, unless bash was interrupted.  If the job hit a limit, fail the
 * conf's jobs for other kernels as well, because each of them would hit the limit.
 */
static void confeval_fail_conf(const struct engine *e, struct confeval_job *jobs, size_t i,
			       size_t n, const struct proc_result *res)
{
	const char *file = jobs[i].files.v[0];

	if (res->end == PROC_INTERRUPTED)
		return;
	confeval_fail_job(e, &jobs[i], res);
	for (i++; i < n && (res->end == PROC_TIMED_OUT || res->end == PROC_OUTPUT_FULL); i++) {
		if (!jobs[i].result.error && strcmp(jobs[i].files.v[0], file) == 0)
			confeval_fail_job(e, &jobs[i], res);
	}
}

/* Index of the first job that has no result yet; n if there is none. */
static size_t confeval_first_open(const struct confeval_job *jobs, const bool *done, size_t n)
{
	size_t i = 0;

	while (i < n && (done[i] || jobs[i].result.error))
		i++;
	return i;
}

/*
 * Start one bash for all jobs that have no result yet.  If bash ends before they are done, fail the
 * job at which it ended.  Two exceptions leave that job without a result: bash was interrupted, or
 * earlier jobs may have used up the limit of the output.
 */
static int confeval_run_round(const struct engine *e, const struct confine *c,
			      struct confeval_job *jobs, bool *done, size_t n, struct err *err)
{
	size_t first = confeval_first_open(jobs, done, n), stopped;
	AUTO_BUF struct buf input = BUF_INIT;
	struct outputs out = { BUF_INIT, BUF_INIT };
	struct proc_result res;
	int r;

	for (size_t i = first; i < n; i++) {
		if (!jobs[i].result.error)
			confeval_add_job(&input, &jobs[i], i);
	}
	r = confeval_run_bash(e, c, &input, &out, &res);
	if (r == 0) {
		confoutput_values(&out.values, jobs, done, n);
		stopped = confeval_first_open(jobs, done, n);
		/*
		 * output_max limits what all jobs of one bash print together.  If earlier jobs may
		 * have used it up, the job at which bash ended is tried again, as the first job of
		 * the next round.
		 */
		if (stopped < n && (stopped == first || res.end != PROC_OUTPUT_FULL))
			confeval_fail_conf(e, jobs, stopped, n, &res);
		confoutput_messages(&out.messages, jobs, done, n);
	}
	buf_release(&out.values);
	buf_release(&out.messages);
	if (r == -ENOENT)
		return err_set(err, -E_TOOL_MISSING, "bash, which evaluates dkms.conf, is missing");
	if (r == -EPERM && root_is_foreign(&e->root))
		return err_set(err, r, "only root can run programs in %s (chroot)", e->root.path);
	if (r < 0)
		return err_sys(err, r, "bash");
	if (res.end == PROC_INTERRUPTED)
		return err_set(err, -E_INTERRUPTED, "interrupted");
	return 0;
}

static int confeval_run_confined(const struct engine *e, const struct confine *c,
				 struct confeval_job *jobs, size_t n, struct err *err)
{
	bool *done = xcalloc(n, sizeof(*done));
	int r = 0;

	while (r == 0 && confeval_first_open(jobs, done, n) < n)
		r = confeval_run_round(e, c, jobs, done, n, err);
	free(done);
	return r;
}

int confeval_jobs(struct engine *e, struct confeval_job *jobs, size_t n, struct err *err)
{
	AUTO_CONFINE struct confine none = CONFINE_INIT;

	return confeval_run_confined(e, &none, jobs, n, err);
}

void confeval_overrides(const struct engine *e, const struct confeval_pair *pair, struct strv *ret)
{
	struct target t = { pair->name, pair->version, *pair->release ? pair->release : NULL,
			    pair->arch };
	AUTO_STRV struct strv files = STRV_INIT;
	const char *file;

	override_files(&t, &files);
	STRV_FOREACH (file, &files) {
		if (fs_exists(&e->root, file))
			strv_add(ret, file);
	}
}

/*
 * The folder of kernel headers that the pair's conf sees: p->headers_dir if it is set, else
 * engine_headers_dir().  "" if the pair has no kernel and --kernelsourcedir is not given.  Caller
 * frees.
 */
static char *confeval_headers_dir(const struct engine *e, const struct confeval_pair *p)
{
	if (p->headers_dir)
		return xstrdup(p->headers_dir);
	return *p->release || e->kernel_source_dir ? engine_headers_dir(e, p->release)
						   : xstrdup("");
}

static char *confeval_config_path(const struct engine *e, const char *release, const char *headers)
{
	AUTO_FREE char *path = NULL, *boot = NULL;

	if (e->kernel_config || !*headers)
		return xstrdup(e->kernel_config ? e->kernel_config : "");
	path = xasprintf("%s/include/config/auto.conf", headers);
	if (fs_exists(&e->root, path))
		return TAKE(path);
	free(path);
	path = xasprintf("%s/.config", headers);
	boot = fs_exists(&e->root, path) ? NULL : kernel_boot_config(e, release);
	return boot ? TAKE(boot) : TAKE(path);
}

static void confeval_add_parallel_jobs(const struct engine *e, struct strv *vars)
{
	const char *set = settings_get(&e->settings, SET_PARALLEL_JOBS);

	if (*set)
		strv_addf(vars, "parallel_jobs=%s", set);
	else
		strv_addf(vars, "parallel_jobs=%ld", sysconf(_SC_NPROCESSORS_ONLN));
}

/* `instead`: the folder that is shown in the place of the headers; NULL: none. */
static void confeval_add_variables(const struct engine *e, const struct confeval_pair *p,
				   const char *instead, struct strv *vars)
{
	AUTO_STRV struct strv added = STRV_INIT;
	AUTO_FREE char *headers = confeval_headers_dir(e, p), *target = engine_target_dir(e);
	const char *word;
	AUTO_FREE char *config = p->kernel_config ? xstrdup(p->kernel_config)
						  : confeval_config_path(e, p->release, headers);

	childenv_added(e, p->release, p->arch, &added);
	STRV_FOREACH (word, &added) {
		if (*word != '/')
			strv_add(vars, word);
	}
	strv_addf(vars, "kernelver=%s", p->release);
	strv_addf(vars, "arch=%s", p->arch);
	strv_addf(vars, "module=%s", p->name);
	strv_addf(vars, "module_version=%s", p->version);
	strv_addf(vars, "kernel_source_dir=%s", instead ? instead : headers);
	strv_addf(vars, "kernel_config=%s", config);
	strv_addf(vars, "dkms_tree=%s", e->dkms_tree);
	strv_addf(vars, "source_tree=%s", e->source_tree);
	strv_addf(vars, "install_tree=%s", e->install_tree);
	strv_addf(vars, "tmp_location=%s", settings_get(&e->settings, SET_TMP_LOCATION));
	strv_addf(vars, "running_distribution=%s", e->distro);
	strv_addf(vars, "_dkms_target=%s", target ? target : "");
	strv_add(vars, "current_os=Linux");
	confeval_add_parallel_jobs(e, vars);
}

static void confeval_make_job(const struct engine *e, const struct confeval_pair *pair,
			      struct headerless *h, struct confeval_job *ret)
{
	AUTO_FREE char *instead = NULL;
	int r;

	*ret = (struct confeval_job)CONFEVAL_JOB_INIT;
	ret->names = conf_names;
	if (!fs_exists(&e->root, pair->conf_path)) {
		ret->result.error = -E_CONF_MISSING;
		ret->result.error_text = xstrdup("the file does not exist");
		return;
	}
	r = pair->headers_dir ? 0 : headerless_show(h, pair->release, &instead);
	if (r < 0) {
		ret->result.error = r;
		ret->result.error_text = xasprintf(
			"what stands for the headers of %s cannot be made in %s: %s", pair->release,
			settings_get(&e->settings, SET_TMP_LOCATION), error_text(r));
		return;
	}
	confeval_add_variables(e, pair, instead, &ret->vars);
	strv_add(&ret->files, pair->conf_path);
	confeval_overrides(e, pair, &ret->files);
	strv_add_all(&ret->directives, &e->directives);
}

/* Fail a job whose conf the child's user cannot read: what bash says of it is no help. */
static void confeval_check_reader(const struct engine *e, const struct confine *c,
				  const char *conf_path, struct confeval_job *job)
{
	AUTO_FREE char *folder = path_parent(conf_path);
	struct stat st;

	if (c->tier == CONFINE_NONE || job->result.error)
		return;
	if (fs_stat(&e->root, folder, &st) == 0 && (st.st_mode & 05) == 05 &&
	    fs_stat(&e->root, conf_path, &st) == 0 && (st.st_mode & 04))
		return;
	job->result.error = -E_BAD_CONF;
	job->result.error_text = xasprintf("the user %s, as whom it is evaluated, cannot read it. "
					   "To mend it: chmod -R a+rX %s",
					   settings_get(&e->settings, SET_CONFINE_USER), folder);
}

static void confeval_show(const struct engine *e, struct confine *c, const char *conf_path)
{
	AUTO_FREE char *folder = path_parent(conf_path);

	confine_show(c, e, folder);
}

int confeval_run(struct engine *e, struct confeval_pair *pairs, size_t n, struct err *err)
{
	AUTO_CONFINE struct confine c = CONFINE_INIT;
	AUTO_HEADERLESS struct headerless h = HEADERLESS_INIT(e);
	struct confeval_job *jobs;
	int r = confine_choose(e, NULL, &c, err);

	if (r < 0)
		return r;
	jobs = xcalloc(n, sizeof(*jobs));
	for (size_t i = 0; i < n; i++) {
		confeval_make_job(e, &pairs[i], &h, &jobs[i]);
		confeval_check_reader(e, &c, pairs[i].conf_path, &jobs[i]);
		confeval_show(e, &c, pairs[i].conf_path);
	}
	if (h.dir)
		confine_show(&c, e, h.dir);
	r = confeval_run_confined(e, &c, jobs, n, err);
	for (size_t i = 0; i < n; i++) {
		headerless_replace(&h, &jobs[i].result);
		pairs[i].result = jobs[i].result;
		jobs[i].result = (struct conf_values)CONF_VALUES_INIT;
		confeval_job_release(&jobs[i]);
	}
	free(jobs);
	return r;
}
