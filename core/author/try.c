/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/try.h"

#include <errno.h>
#include <stdlib.h>

#include "archive/import.h"
#include "author/trywork.h"
#include "base/alloc.h"
#include "base/log.h"
#include "engine/trust.h"
#include "kernel/headershint.h"
#include "kernel/kernels.h"
#include "sys/fs.h"
#include "sys/jobs.h"
#include "sys/proc.h"
#include "sys/signals.h"

/* ---- kernels ---- */

static bool try_has_headers(const struct engine *e, const char *release)
{
	AUTO_KERNEL_INFO struct kernel_info k = { .release = NULL };

	return kernel_look(e, release, NULL, NULL, &k) == 0 && k.headers;
}

static int try_choose_named(const struct engine *e, const struct strv *names, struct strv *ret,
			    struct err *err)
{
	const char *release;

	STRV_FOREACH (release, names) {
		AUTO_FREE char *hint = NULL;

		if (strv_has(ret, release))
			continue;
		if (modid_kernel_problem(release))
			return err_set(err, -E_BAD_NAME, "The kernel '%s' cannot be used: %s.",
				       release, modid_kernel_problem(release));
		if (!try_has_headers(e, release)) {
			hint = headers_hint(e, release);
			return err_set(err, -E_NO_HEADERS, "There are no headers for %s.%s%s",
				       release, hint ? "\n" : "", hint ? hint : "");
		}
		strv_add(ret, release);
	}
	return 0;
}

int try_choose(const struct engine *e, const struct strv *wanted, struct strv *ret, struct err *err)
{
	AUTO_STRV struct strv names = STRV_INIT, here = STRV_INIT;
	const char *word;
	int r;

	STRV_FOREACH (word, wanted)
		strv_split(&names, word, ", ");
	if (names.n && !strv_has(&names, "all"))
		return try_choose_named(e, &names, ret, err);
	r = kernels_list(e, &here);
	if (r < 0)
		return err_sys(err, r, "%s", e->install_tree);
	STRV_FOREACH (word, &here) {
		if (try_has_headers(e, word))
			strv_add(ret, word);
	}
	if (ret->n)
		return 0;
	return err_set(err, -E_NO_HEADERS,
		       "No kernel here has headers, so there is nothing to build for.\nOn Debian, "
		       "linux-headers-amd64 brings those of the newest kernel (apt-get install).");
}

/* ---- the scratch folder ---- */

static int try_make_scratch(struct engine *e, struct tries *t, struct err *err)
{
	const char *tmp = settings_get(&e->settings, SET_TMP_LOCATION);
	AUTO_FREE char *inside = xasprintf("%s/dkms-try-XXXXXX", tmp);
	AUTO_FREE char *host = root_host_path(&e->root, inside);

	if (!mkdtemp(host))
		return err_sys(err, -errno, "%s", tmp);
	t->scratch = xasprintf("%s/%s", tmp, strrchr(host, '/') + 1);
	return 0;
}

static void try_remove(const struct engine *e, const char *path)
{
	int r = fs_remove_tree(&e->root, path);

	if (r < 0)
		log_warning("%s cannot be removed: %s", path, error_text(r));
}

/* Remove the trees, and the whole scratch folder if it has no log for a person to read. */
static void try_clean(const struct engine *e, struct tries *t)
{
	bool logs = false, keep = !signals_interrupted();

	if (!t->scratch)
		return;
	for (size_t i = 0; i < t->n; i++) {
		AUTO_FREE char *tree = trywork_tree(t, &t->v[i]);
		AUTO_FREE char *file = trywork_file(t, &t->v[i]);

		logs = logs || (keep && t->v[i].log);
		try_remove(e, tree);
		try_remove(e, file);
	}
	if (logs)
		return;
	try_remove(e, t->scratch);
	free(TAKE(t->scratch));
}

/* ---- builds ---- */

struct try_run {
	struct engine *e;
	const char *folder;
	struct tries *t;
	struct jobs jobs;
	bool shared;
	struct proc_worker *workers;
	size_t *working; /* for each worker, the index of its result */
	size_t n_workers;
};

static void try_open_jobs(struct try_run *run)
{
	const char *s = settings_get(&run->e->settings, SET_PARALLEL_JOBS);
	unsigned int jobs = *s ? (unsigned int)strtoul(s, NULL, 10) : jobs_default();

	run->n_workers = 1;
	if (run->t->n > 1 && jobs > 1 && jobs_open(&run->jobs, jobs) == 0) {
		run->shared = true;
		run->n_workers = jobs < run->t->n ? jobs : run->t->n;
	}
	run->workers = xcalloc(run->n_workers, sizeof(*run->workers));
	run->working = xcalloc(run->n_workers, sizeof(*run->working));
}

static int try_start(struct try_run *run, size_t w, size_t i)
{
	struct trywork work = {
		.e = run->e,
		.t = run->t,
		.result = &run->t->v[i],
		.folder = run->folder,
		.jobs = run->shared ? &run->jobs : NULL,
	};

	run->working[w] = i;
	return proc_worker_start(&run->workers[w], trywork_run, &work);
}

static size_t try_free_worker(const struct try_run *run, bool *ret_busy)
{
	size_t found = run->n_workers;

	*ret_busy = false;
	for (size_t w = run->n_workers; w-- > 0;) {
		if (run->workers[w].pid)
			*ret_busy = true;
		else
			found = w;
	}
	return found;
}

static void try_wait(struct try_run *run, try_tell_fn tell, void *data)
{
	struct try_result *r;
	size_t w;

	if (proc_worker_wait(run->workers, run->n_workers, 0, &w) < 0)
		return;
	run->workers[w].pid = 0;
	if (run->shared)
		jobs_put(&run->jobs);
	r = &run->t->v[run->working[w]];
	trywork_take(run->e, run->t, r);
	if (signals_interrupted())
		return;
	run->t->ended++;
	tell(run->t, r, data);
}

static int try_all(struct try_run *run, try_tell_fn tell, void *data, struct err *err)
{
	size_t next = 0, w;
	bool busy = true;

	while (busy || (next < run->t->n && !signals_interrupted())) {
		w = try_free_worker(run, &busy);
		if (next < run->t->n && w < run->n_workers && !signals_interrupted() &&
		    (!run->shared || jobs_take(&run->jobs))) {
			int r = try_start(run, w, next);

			if (r < 0)
				return err_sys(err, r, "The build could not be started");
			next++;
			busy = true;
			continue;
		}
		if (busy)
			try_wait(run, tell, data);
		try_free_worker(run, &busy);
	}
	return signals_interrupted() ? err_set(err, -E_INTERRUPTED, "Interrupted.") : 0;
}

/* Accept any owners and modes: an author need not be root to try a source of his own. */
static void try_allow_modes(struct engine *e)
{
	free(TAKE(e->settings.value[SET_STRICT_MODES]));
	free(TAKE(e->settings.source[SET_STRICT_MODES]));
	settings_set(&e->settings, SET_STRICT_MODES, "no", "dkms try");
	trust_forget(e);
	e->trust = trust_remember();
}

static int try_read_conf(struct engine *e, const char *folder, const char *release,
			 struct tries *ret, struct err *err)
{
	AUTO_FREE char *path = xasprintf("%s/dkms.conf", folder);
	struct target t = { "", "", release, e->arch };
	AUTO_CONF struct conf conf = CONF_INIT;
	int r;

	if (!fs_is_file(&e->root, path))
		return err_set(err, -E_TREE_NO_CONF, "There is no dkms.conf in %s.", folder);
	r = import_conf(e, path, &t, true, &conf, err);
	if (r < 0)
		return r;
	if (modid_name_problem(conf.package_name) || modid_version_problem(conf.package_version))
		return err_set(err, -E_BAD_CONF, "%s/%s cannot be the name of a module package.",
			       conf.package_name, conf.package_version);
	ret->id.name = xstrdup(conf.package_name);
	ret->id.version = xstrdup(conf.package_version);
	strv_add_all(&ret->depends, &conf.depends);
	return 0;
}

int try_run(struct engine *e, const char *folder, const struct strv *releases, try_tell_fn tell,
	    void *data, struct tries *ret, struct err *err)
{
	struct try_run run = { .e = e, .folder = folder, .t = ret, .jobs = JOBS_INIT };
	int r;

	*ret = (struct tries)TRIES_INIT;
	ret->arch = xstrdup(e->arch);
	try_allow_modes(e);
	r = try_read_conf(e, folder, releases->v[0], ret, err);
	if (r == 0)
		r = try_make_scratch(e, ret, err);
	if (r < 0)
		return r;
	ret->n = releases->n;
	ret->v = xcalloc(ret->n, sizeof(*ret->v));
	for (size_t i = 0; i < ret->n; i++)
		ret->v[i] = (struct try_result){ .release = xstrdup(releases->v[i]),
						 .lines = STRV_INIT,
						 .modules = STRV_INIT };
	try_open_jobs(&run);
	r = try_all(&run, tell, data, err);
	if (run.shared)
		jobs_close(&run.jobs);
	free(run.workers);
	free(run.working);
	try_clean(e, ret);
	return r;
}
