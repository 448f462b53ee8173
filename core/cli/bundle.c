/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bundles of builds: made, put into stores, judged and fetched. */
#include "base/alloc.h"
#include "base/log.h"
#include "bundle/bundleget.h"
#include "bundle/bundlepackage.h"
#include "bundle/bundlepush.h"
#include "bundle/bundlestore.h"
#include "cli/bundlelist.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/work.h"
#include "sys/fs.h"
#include "sys/signals.h"
#include "tree/staging.h"

static int bundle_print(const struct options *o, const struct bundle_rows *rows)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (o->json)
		bundle_rows_json(rows, &b);
	else
		bundle_rows_text(rows, &b);
	return report_print(b.s);
}

/*
 * The store that an option names.  The option's value is a URL or a folder.  NULL: the option is
 * not given.  Caller frees.
 */
static char *bundle_option_url(const struct options *o, const char *value)
{
	if (!option_is_set(value))
		return NULL;
	return strstr(value, "://") ? xstrdup(value) : options_path(o, value);
}

/* Say each failure, and keep the first one's status. */
static void bundle_fail(struct err *err, int *status)
{
	int s = report_error(err);

	*status = *status ? *status : s;
	err_release(err);
	*err = (struct err)ERR_INIT;
}

/* ---- make, push ---- */

struct bundle_work {
	struct engine *e;
	const struct options *o;
	char *url;
	struct bundle_signer signer;
	struct staging staging;
};

static void bundle_work_release(struct bundle_work *w)
{
	staging_close(&w->staging);
	bundle_signer_release(&w->signer);
	free(w->url);
}

static int bundle_work_begin(struct bundle_work *w, struct err *err)
{
	AUTO_FREE char *key = options_path(w->o, w->o->key);
	AUTO_FREE char *cert = options_path(w->o, w->o->cert);
	int r;

	if (!key || !cert)
		return err_set(err, -E_ARGS_MISSING,
			       "Who signs the bundle? --key FILE --cert FILE name the builder.");
	if (!w->url)
		return err_set(err, -E_ARGS_MISSING, "Where to? --store URL names the store.");
	signals_catch();
	r = bundle_signer_read(w->e, key, cert, &w->signer, err);
	if (r == 0)
		r = work_begin(w->e, w->o, err);
	return r < 0 ? r : staging_open(w->e, &w->staging, err);
}

static int bundle_work_one(struct bundle_work *w, const struct bundle_row *row, struct err *err)
{
	static const char *const words[] = { [BUNDLE_PUSHED] = "is in",
					     [BUNDLE_JOINED] = "was in",
					     [BUNDLE_WAS_THERE] = "was already in" };
	AUTO_FREE char *folder = xasprintf("%s/%s", w->staging.dir, row->key ? row->key : "-");
	AUTO_FREE char *shown = bundle_store_shown(w->url);
	struct target t = { row->name, row->version, row->release, row->arch };
	AUTO_MANIFEST struct manifest m = MANIFEST_INIT;
	enum bundle_pushed what = BUNDLE_PUSHED;
	int r = bundle_make(w->e, &t, &w->signer, folder, &m, err);

	if (r == 0)
		r = bundle_push(w->e, w->url, &m, folder, &w->signer, w->o->force, &what, err);
	if (r == 0)
		log_note("%s/%s for %s: %s %s %s%s", t.name, t.version, t.release, m.key,
			 words[what], shown,
			 what == BUNDLE_JOINED ? "; our signature was added" : "");
	return r;
}

static int bundle_work_all(struct bundle_work *w)
{
	AUTO_BUNDLE_ROWS struct bundle_rows rows = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int status = 0, r = bundle_work_begin(w, &err);
	size_t done = 0;

	if (r == 0)
		r = bundle_rows_find(w->e, w->o, true, &rows, &err);
	if (r < 0)
		return report_error(&err);
	for (size_t i = 0; i < rows.n && !signals_interrupted(); i++) {
		/* A fetched build is in a store already, signed by the one who built it. */
		if (rows.v[i].from && w->o->words.n <= 1)
			continue;
		if (bundle_work_one(w, &rows.v[i], &err) < 0)
			bundle_fail(&err, &status);
		else
			done++;
	}
	if (signals_interrupted())
		return 128 + signals_interrupted();
	if (!done && !status)
		status =
			report_error((err_set(&err, -E_NOT_BUILT, "Nothing is built here."), &err));
	return status;
}

/* The folder that --to names, which is made if need be; NULL: that failed.  Caller frees. */
static char *bundle_folder(const struct engine *e, const struct options *o, struct err *err)
{
	AUTO_FREE char *to = options_path(o, option_is_set(o->to) ? o->to : ".");
	int r = fs_mkdir_p(&e->root, to);

	if (r < 0)
		err_sys(err, r, "%s", to);
	return r < 0 ? NULL : TAKE(to);
}

static int bundle_make_run(struct engine *e, const struct options *o)
{
	AUTO_ERR struct err err = ERR_INIT;
	CLEANUP(bundle_work_release)
	struct bundle_work w = { .e = e,
				 .o = o,
				 .signer = BUNDLE_SIGNER_INIT,
				 .staging = STAGING_INIT,
				 .url = bundle_folder(e, o, &err) };

	if (!w.url)
		return report_error(&err);

	return bundle_work_all(&w);
}

static int bundle_push_run(struct engine *e, const struct options *o)
{
	CLEANUP(bundle_work_release)
	struct bundle_work w = { .e = e,
				 .o = o,
				 .signer = BUNDLE_SIGNER_INIT,
				 .staging = STAGING_INIT,
				 .url = bundle_option_url(o, o->store) };

	return bundle_work_all(&w);
}

/* ---- list ---- */

static int bundle_list_run(struct engine *e, const struct options *o)
{
	AUTO_BUNDLE_ROWS struct bundle_rows rows = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;

	if (bundle_rows_find(e, o, false, &rows, &err) < 0)
		return report_error(&err);
	return bundle_print(o, &rows);
}

/* ---- verify ---- */

struct bundle_verify {
	struct engine *e;
	struct bundle_trust *trust;
	const char *folder;
	struct bundle_rows rows;
	int status;
};

static void bundle_verify_release(struct bundle_verify *v)
{
	bundle_trust_free(&v->trust);
	bundle_rows_release(&v->rows);
}

static void bundle_verify_one(struct bundle_verify *v, const char *folder)
{
	AUTO_BUNDLE_CHECKED struct bundle_checked c = BUNDLE_CHECKED_INIT;
	AUTO_MANIFEST struct manifest unsure = MANIFEST_INIT;
	const char *slash = strrchr(folder, '/'), *name = slash ? slash + 1 : folder;
	AUTO_ERR struct err err = ERR_INIT;
	const struct manifest *m = &c.manifest;
	struct bundle_row *row;
	int r = bundle_check(v->e, v->trust, folder, bundle_is_key(name) ? name : NULL, &c, &err);

	if (r < 0 && bundle_read(v->e, folder, &unsure, NULL) == 0)
		m = &unsure;
	row = bundle_rows_add(&v->rows, &(struct target){ m->input.name ? m->input.name : name,
							  m->input.version ? m->input.version : "?",
							  m->input.release ? m->input.release : "?",
							  m->input.arch ? m->input.arch : "?" });
	row->key = xstrdup(m->input.name ? m->key : NULL);
	row->by = r < 0 ? NULL : strv_join(&c.signers, ", ");
	row->reason = r < 0 ? xstrdup(err.text ? err.text : error_text(r)) : NULL;
	if (r < 0 && !v->status)
		v->status = err_status(&err);
}

static int bundle_verify_walk(const char *rel, const struct stat *st, void *data)
{
	struct bundle_verify *v = data;
	const char *slash = strrchr(rel, '/');
	AUTO_FREE char *folder = NULL;

	if (S_ISDIR(st->st_mode) || strcmp(slash ? slash + 1 : rel, BUNDLE_MANIFEST) != 0)
		return 0;
	folder = slash ? xasprintf("%s/%.*s", v->folder, (int)(slash - rel), rel)
		       : xstrdup(v->folder);
	bundle_verify_one(v, folder);
	return 0;
}

static int bundle_verify_run(struct engine *e, const struct options *o)
{
	AUTO_FREE char *folder = options_path(o, o->words.n > 1 ? o->words.v[1] : ".");
	CLEANUP(bundle_verify_release) struct bundle_verify v = { .e = e };
	AUTO_ERR struct err err = ERR_INIT;
	size_t n = strlen(folder);
	int r, status;

	while (n > 1 && folder[n - 1] == '/')
		folder[--n] = '\0';
	v.folder = folder;
	if (o->words.n > 2)
		return report_error((err_set(&err, -E_USAGE, "verify takes one folder."), &err));
	r = bundle_trust_read(e, &v.trust, &err);
	if (r < 0)
		return report_error(&err);
	r = fs_walk(&e->root, folder, bundle_verify_walk, &v);
	if (r < 0)
		return report_error((err_sys(&err, r, "%s", folder), &err));
	if (!v.rows.n)
		return report_error(
			(err_set(&err, -E_NO_BUNDLE, "There is no bundle in %s.", folder), &err));
	status = bundle_print(o, &v.rows);
	return status ? status : v.status;
}

/* ---- fetch ---- */

static int bundle_fetch_one(struct engine *e, const struct strv *stores,
			    const struct bundle_row *row, const char *staging, const char *to,
			    struct err *err)
{
	AUTO_BUNDLE_GOT struct bundle_got got = BUNDLE_GOT_INIT;
	AUTO_FREE char *folder = xasprintf("%s/bundle", staging), *by = NULL;
	int r;

	if (!row->key)
		return err_set(err, -E_NO_BUNDLE, "%s/%s for %s: %s", row->name, row->version,
			       row->release, row->reason);
	r = bundle_get(e, stores, row->key, folder, &got, err);
	if (r < 0)
		return err ? err_prefix(err, "%s/%s for %s", row->name, row->version, row->release)
			   : r;
	r = bundle_store_push(e, to, row->key, folder, err);
	if (r)
		return r < 0 ? r : err_set(err, -E_GENERAL, "%s: no bundle can be put there", to);
	by = strv_join(&got.checked.signers, ", ");
	log_note("%s/%s for %s: %s from %s, signed by %s", row->name, row->version, row->release,
		 row->key, got.from, by);
	return 0;
}

static int bundle_fetch_run(struct engine *e, const struct options *o)
{
	AUTO_BUNDLE_ROWS struct bundle_rows rows = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *to = bundle_folder(e, o, &err);
	AUTO_FREE char *url = bundle_option_url(o, o->store);
	AUTO_STAGING struct staging staging = STAGING_INIT;
	AUTO_STRV struct strv stores = STRV_INIT;
	int status = 0, r;

	if (!to)
		return report_error(&err);
	signals_catch();
	if (url)
		strv_add(&stores, url);
	else
		bundle_stores(e, &stores);
	r = work_begin(e, o, &err);
	if (r == 0)
		r = staging_open(e, &staging, &err);
	if (r == 0)
		r = bundle_rows_find(e, o, false, &rows, &err);
	if (r < 0)
		return report_error(&err);
	for (size_t i = 0; i < rows.n && !signals_interrupted(); i++) {
		if (bundle_fetch_one(e, &stores, &rows.v[i], staging.dir, to, &err) < 0)
			bundle_fail(&err, &status);
	}
	return signals_interrupted() ? 128 + signals_interrupted() : status;
}

/* ---- packages ---- */

static int bundle_package_one(struct engine *e, const struct bundle_row *row,
			      enum package_kind kind, const char *staging, const char *to,
			      struct err *err)
{
	AUTO_FREE char *folder = xasprintf("%s/package", staging), *path = NULL;
	struct target t = { row->name, row->version, row->release, row->arch };
	int r = fs_remove_tree(&e->root, folder);

	if (r == 0)
		r = fs_mkdir_p(&e->root, folder);
	if (r < 0)
		return err_sys(err, r, "%s", folder);
	r = bundle_package(e, &t, kind, folder, to, &path, err);
	if (r == 0)
		log_note("%s/%s for %s: %s", t.name, t.version, t.release, path);
	return r;
}

static int bundle_packages_check(const struct options *o, struct err *err)
{
	if (o->given & (OPTION(OPT_STORE) | OPTION(OPT_KEY) | OPTION(OPT_CERT) | OPTION(OPT_JSON)))
		return err_set(err, -E_USAGE,
			       "Packages are not signed, and go into a folder: --deb and --rpm "
			       "take --to only.");
	return 0;
}

static int bundle_packages_run(struct engine *e, const struct options *o)
{
	AUTO_BUNDLE_ROWS struct bundle_rows rows = { NULL, 0 };
	AUTO_STAGING struct staging staging = STAGING_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *to = NULL;
	int status = 0, r = bundle_packages_check(o, &err);

	if (r == 0) {
		signals_catch();
		r = work_begin(e, o, &err);
	}
	if (r == 0)
		r = staging_open(e, &staging, &err);
	if (r == 0)
		r = bundle_rows_find(e, o, true, &rows, &err);
	if (r == 0 && !rows.n)
		r = err_set(&err, -E_NOT_BUILT, "Nothing is built here.");
	if (r < 0 || !(to = bundle_folder(e, o, &err)))
		return report_error(&err);
	for (size_t i = 0; i < rows.n && !signals_interrupted(); i++) {
		const struct bundle_row *row = &rows.v[i];

		if (o->deb && bundle_package_one(e, row, PACKAGE_DEB, staging.dir, to, &err) < 0)
			bundle_fail(&err, &status);
		if (o->rpm && bundle_package_one(e, row, PACKAGE_RPM, staging.dir, to, &err) < 0)
			bundle_fail(&err, &status);
	}
	return signals_interrupted() ? 128 + signals_interrupted() : status;
}

/* ---- the verb ---- */

static const struct {
	const char *name;
	int (*run)(struct engine *e, const struct options *o);
} bundle_verbs[] = {
	{ "make", bundle_make_run }, { "list", bundle_list_run },   { "verify", bundle_verify_run },
	{ "push", bundle_push_run }, { "fetch", bundle_fetch_run },
};

static int bundle_run(struct engine *e, const struct options *o)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (o->deb || o->rpm)
		return bundle_packages_run(e, o);
	for (size_t i = 0; o->words.n && i < ARRAY_SIZE(bundle_verbs); i++) {
		if (!strcmp(bundle_verbs[i].name, o->words.v[0]))
			return bundle_verbs[i].run(e, o);
	}
	err_set(&err, -E_USAGE,
		"dkms bundle does not know what to do%s%s.\n"
		"It is followed by make, list, verify, push or fetch, or by --deb or --rpm; see dkms "
		"help bundle.",
		o->words.n ? " by " : "", o->words.n ? o->words.v[0] : "");
	return report_error(&err);
}

const struct verb verb_bundle = {
	.name = "bundle",
	.help = "build once for many machines",
	.args = "make|list|verify|push|fetch|--deb|--rpm [NAME[/VERSION]...] [-k K]...",
	.about = "A bundle has the modules of one build, and is signed by who built it.\n"
		 "  push --store URL --key FILE --cert FILE [NAME...]  put builds of this machine\n"
		 "        into a store: a folder, https:// or oci://\n"
		 "  make --key FILE --cert FILE [--to FOLDER] [NAME...]  the same into a folder\n"
		 "  list [NAME...]   print the key of each bundle that this machine can use\n"
		 "  fetch [--store URL] [--to FOLDER] [NAME...]  fetch and judge these, and put\n"
		 "        them into a folder that can serve as a store\n"
		 "  verify FOLDER    judge the bundles in a folder by /etc/dkms/bundles.d\n"
		 "  --deb|--rpm [--to FOLDER] [NAME...]  make packages of the modules, which need\n"
		 "        neither dkms nor a compiler where they are installed\n"
		 "Without -k it is about all kernels. From which bundles builds are taken is set\n"
		 "by bundles and bundle_store in framework.conf; see dkms-bundle(7).\n",
	.words = WORDS_BUNDLES,
	.flags = VERB_OURS,
	.run = bundle_run,
	.uses = USES_KERNEL | OPTION(OPT_STORE) | OPTION(OPT_KEY) | OPTION(OPT_CERT) |
		OPTION(OPT_TO) | OPTION(OPT_DEB) | OPTION(OPT_RPM) | OPTION(OPT_JSON) |
		OPTION(OPT_FORCE),
};
