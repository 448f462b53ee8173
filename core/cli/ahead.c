/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/ahead.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/work.h"
#include "kernel/kernels.h"
#include "kernel/layheaders.h"
#include "packages/candidates.h"
#include "sys/fs.h"
#include "tree/ledgerfile.h"
#include "tree/staging.h"
#include "tree/tree.h"

/* The newest registered version of `name` whose source is there; NULL: none.  Caller frees. */
static char *ahead_newest(const struct engine *e, const char *name)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	const struct tree_module *m;

	if (modid_name_problem(name) || tree_list(e, name, NULL, &tree) < 0)
		return NULL;
	m = tree_module(&tree, name);
	for (size_t i = m ? m->n_versions : 0; i-- > 0;) {
		if (m->versions[i].source == SOURCE_OK)
			return xstrdup(m->versions[i].version);
	}
	return NULL;
}

/* Read "NAME" or "NAME/VERSION"; a name alone means the newest version that is registered. */
static int ahead_parse(const struct engine *e, const char *word, struct modid *ret, struct err *err)
{
	int r = modid_parse(word, ret, err);

	if (r == 0 && !ret->version)
		ret->version = ahead_newest(e, ret->name);
	if (r == 0 && !ret->version)
		return err_set(err, -E_NOT_ADDED, "No module package %s is registered.", ret->name);
	return r;
}

static bool ahead_is_registered(const struct engine *e, const char *word)
{
	AUTO_MODID struct modid id = MODID_INIT;
	AUTO_FREE char *version = NULL;

	if (*word == '/' || *word == '.' || modid_parse(word, &id, NULL) < 0)
		return false;
	version = ahead_newest(e, id.name);
	return version != NULL;
}

bool ahead_is_meant(const struct engine *e, const struct options *o)
{
	AUTO_FREE char *here = NULL, *conf = NULL;
	const char *word;

	if ((o->given & OPTION(OPT_HEADERS)) || o->fetch || o->candidates)
		return true;
	if (o->source_path)
		return false;
	STRV_FOREACH (word, &o->words) {
		if (!ahead_is_registered(e, word))
			return false;
	}
	if (o->words.n)
		return true;
	here = options_path(o, ".");
	conf = xasprintf("%s/dkms.conf", here);
	return o->kernels.n && !strv_has(&o->kernels, "all") && !fs_exists(&e->root, conf);
}

/* The two forms of the verb have different options. */
static int ahead_check_options(const struct options *o, struct err *err)
{
	const option_set others =
		OPTION(OPT_JUNIT) | OPTION(OPT_KERNEL_SOURCE_DIR) | OPTION(OPT_DIRECTIVE);

	if (o->given & others)
		return err_set(err, -E_USAGE,
			       "--junit, --kernelsourcedir and --directive are for the source in a "
			       "folder, not for a kernel that is to come.");
	if (o->kernels.n != 1 || !*o->kernels.v[0])
		return err_set(err, -E_KERNEL_COUNT, "One kernel has to be named (-k).");
	if (modid_kernel_problem(o->kernels.v[0]))
		return err_set(err, -E_BAD_NAME, "The kernel '%s' cannot be used: %s.",
			       o->kernels.v[0], modid_kernel_problem(o->kernels.v[0]));
	if ((o->given & OPTION(OPT_HEADERS)) && (!option_is_set(o->headers) || o->fetch))
		return err_set(err, -E_USAGE, "--headers names a folder, and excludes --fetch.");
	if (geteuid() != 0)
		return err_set(err, -E_NOT_ROOT, "You must be root to use this command.");
	return 0;
}

/* A kernel that is installed gets its modules by an event or by `dkms install`. */
static int ahead_check_kernel(struct engine *e, const struct options *o, struct err *err)
{
	AUTO_KERNEL_INFO struct kernel_info k = { .release = NULL };
	const char *release = o->kernels.v[0];
	int r = kernel_look(e, release, NULL, NULL, &k);

	if (r < 0)
		return err_sys(err, r, "Kernel %s", release);
	if (k.complete)
		return err_set(err, -E_USAGE,
			       "The kernel %s is installed, and not to come.\nTo install what is "
			       "missing: dkms autoinstall -k %s",
			       release, release);
	if (!k.headers && !option_is_set(o->headers) && !o->fetch)
		return err_set(err, -E_NO_HEADERS,
			       "There are no headers for %s.\n--headers DIR names a folder with "
			       "unpacked ones, --fetch downloads them.",
			       release);
	return 0;
}

static int ahead_make_goals(const struct engine *e, const struct options *o, struct goals *ret,
			    struct err *err)
{
	const char *release = o->kernels.v[0], *word;

	if (!o->words.n)
		goals_add(ret, GOAL_TRY, NULL, release, e->arch, o->force);
	STRV_FOREACH (word, &o->words) {
		AUTO_MODID struct modid id = MODID_INIT;
		int r = ahead_parse(e, word, &id, err);

		if (r < 0)
			return r;
		goals_add(ret, GOAL_TRY, &id, release, e->arch, o->force);
	}
	return 0;
}

int ahead_find(struct engine *e, const char *release, struct candidate *ret, struct err *err)
{
	struct candidates named = { NULL, 0 };
	AUTO_OWNERS struct owners owners = { NULL, 0 };
	AUTO_FREE char *manager = NULL;

	if (ledger_load(e, &named, NULL) < 0 || ledger_load(e, &owners, NULL) < 0)
		log_debug("not all kernels that are known can be read");
	manager = xstrdup(candidate_manager(&named, &owners, release));
	ledger_release(LEDGER_CANDIDATES, &named);
	return candidates_find(e, manager, release, ret, err);
}

/*
 * A dry run downloads nothing, and without the headers nobody knows what is built.  Say what would
 * be downloaded.
 */
static int ahead_tell_fetch(struct engine *e, const char *release, struct err *err)
{
	AUTO_CANDIDATE struct candidate c = CANDIDATE_INIT;
	int r = ahead_find(e, release, &c, err);

	if (r == 0)
		log_note("%s would download the headers of %s; what is to be built is known then.",
			 c.manager, release);
	return r;
}

/* Download and unpack the headers into the folder `to`. */
static int ahead_fetch(struct engine *e, const char *release, const char *to, struct err *err)
{
	AUTO_CANDIDATE struct candidate c = CANDIDATE_INIT;
	int r = ahead_find(e, release, &c, err);

	if (r < 0)
		return r;
	log_note("Downloading the headers of %s.", release);
	return candidates_fetch(e, &c, to, err);
}

/*
 * Find the headers that --headers names, or download them for --fetch.  Show them at the places
 * where their packages would put them.
 */
static int ahead_lay(struct engine *e, const struct options *o, const struct staging *s,
		     struct err *err)
{
	AUTO_FREE char *layer = xasprintf("%s/layer", s->dir);
	AUTO_FREE char *folder =
		o->fetch ? xasprintf("%s/fetched", s->dir) : options_path(o, o->headers);
	int r = o->fetch ? ahead_fetch(e, o->kernels.v[0], folder, err) : 0;

	return r == 0 && folder ? layheaders(e, folder, o->kernels.v[0], layer, err) : r;
}

static int ahead_print_json(const struct engine *e, const struct options *o, int status)
{
	AUTO_AHEAD_VERDICTS struct ahead_verdicts l = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	if (ahead_verdicts(e, o->kernels.v[0], &l, &err) < 0)
		return report_error(&err);
	json_ahead(e, o->kernels.v[0], &l, status, &b);
	return report_print(b.s) ? 1 : status;
}

int ahead_run(struct engine *e, const struct options *o)
{
	AUTO_GOALS struct goals goals = { NULL, 0 };
	AUTO_STAGING struct staging staging = STAGING_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	int r, status;

	if (o->candidates)
		return ahead_run_candidates(e, o);
	r = ahead_check_options(o, &err);
	if (r == 0)
		r = work_begin(e, o, &err);
	if (r == 0)
		r = ahead_check_kernel(e, o, &err);
	if (r == 0)
		r = ahead_make_goals(e, o, &goals, &err);
	if (r == 0 && o->dry_run && o->fetch) {
		r = ahead_tell_fetch(e, o->kernels.v[0], &err);
		return r < 0 ? report_error(&err) : 0;
	}
	if (r == 0)
		r = staging_open(e, &staging, &err);
	if (r == 0)
		r = ahead_lay(e, o, &staging, &err);
	status = r < 0 ? report_error(&err) : work_goals(e, o, &goals);
	if (o->json && !o->dry_run)
		status = ahead_print_json(e, o, status);
	return status;
}
