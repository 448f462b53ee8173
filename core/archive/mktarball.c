/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/mktarball.h"

#include <string.h>

#include "archive/archive.h"
#include "archive/import.h"
#include "base/alloc.h"
#include "base/log.h"
#include "sys/fs.h"
#include "tree/tree.h"

/* If the list of kernels is longer, the default name has "manykernels" instead, as in DKMS. */
#define KERNELS_LONGEST 199

/* ---- its name ---- */

static char *mktarball_kernels(const struct mktarball *what)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (what->source_only)
		return xstrdup("source-only");
	for (size_t i = 0; i < what->releases->n; i++)
		buf_addf(&b, "%skernel%s-%s", i ? "-" : "", what->releases->v[i],
			 what->archs->v[i]);
	return b.len > KERNELS_LONGEST ? xstrdup("manykernels") : buf_detach(&b);
}

char *mktarball_name(const struct modid *id, const struct mktarball *what)
{
	AUTO_FREE char *kernels = mktarball_kernels(what);

	return xasprintf("%s-%s-%s.dkms.tar.gz", id->name, id->version, kernels);
}

static char *mktarball_path(const struct engine *e, const struct modid *id,
			    const struct mktarball *what)
{
	AUTO_FREE char *folder = tree_tarball_dir(e, id->name, id->version);
	AUTO_FREE char *name = mktarball_name(id, what);

	if (!what->archive)
		return xasprintf("%s/%s", folder, name);
	return strchr(what->archive, '/') ? xstrdup(what->archive)
					  : xasprintf("%s/%s", folder, what->archive);
}

static int mktarball_check_folder(const struct engine *e, const char *path, struct err *err)
{
	AUTO_FREE char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	int r = fs_mkdir_p(&e->root, *folder ? folder : "/");

	if (r == 0)
		r = fs_may_write(&e->root, *folder ? folder : "/");
	return r < 0 ? err_set(err, -E_ARCHIVE_DIR, "Missing write permissions for %s: %s.", folder,
			       error_text(r))
		     : 0;
}

/* ---- what goes into it ---- */

static int mktarball_check_added(const struct engine *e, const struct modid *id, struct err *err)
{
	AUTO_FREE char *link = tree_source_link(e, id->name, id->version);
	struct stat st;

	if (fs_is_dir(&e->root, link))
		return 0;
	if (fs_lstat(&e->root, link, &st) == 0)
		return err_set(err, -E_BROKEN, "%s/%s is broken!\n%s leads nowhere.", id->name,
			       id->version, link);
	return err_set(err, -E_NOT_ADDED,
		       "The module/version combo: %s/%s is not located in the DKMS tree.", id->name,
		       id->version);
}

static char *mktarball_conf_path(const struct engine *e, const struct modid *id)
{
	AUTO_FREE char *link = tree_source_link(e, id->name, id->version);

	return e->conf_file ? xstrdup(e->conf_file) : xasprintf("%s/dkms.conf", link);
}

static int mktarball_check_conf(struct engine *e, const struct modid *id,
				const struct mktarball *what, struct err *err)
{
	bool kernel = !what->source_only && what->releases->n;
	struct target t = { id->name, id->version, kernel ? what->releases->v[0] : "",
			    kernel ? what->archs->v[0] : e->arch };
	AUTO_FREE char *path = mktarball_conf_path(e, id);
	AUTO_CONF struct conf conf = CONF_INIT;

	return import_conf(e, path, &t, false, &conf, err);
}

static int mktarball_check_built(const struct engine *e, const struct modid *id,
				 const struct mktarball *what, struct err *err)
{
	for (size_t i = 0; !what->source_only && i < what->releases->n; i++) {
		struct target t = { id->name, id->version, what->releases->v[i],
				    what->archs->v[i] };
		AUTO_FREE char *built = tree_built_dir(e, &t);

		if (!fs_is_dir(&e->root, built))
			return err_set(err, -E_NOT_BUILT,
				       "No modules built for %s (%s).\nModules must already be in "
				       "the built state before using mktarball.",
				       t.release, t.arch);
		log_note("Marking modules for %s (%s) for archiving...", t.release, t.arch);
	}
	return 0;
}

static void mktarball_add_builds(const struct engine *e, const struct modid *id,
				 const struct mktarball *what, struct tarball *w)
{
	AUTO_FREE char *version = tree_version_dir(e, id->name, id->version);
	AUTO_STRV struct strv leave = STRV_INIT;
	AUTO_STRV struct strv seen = STRV_INIT;

	strv_add(&leave, "record");
	tarball_add_folder(w, "", version);
	tarball_add_folder(w, "dkms_main_tree", version);
	for (size_t i = 0; !what->source_only && i < what->releases->n; i++) {
		struct target t = { id->name, id->version, what->releases->v[i],
				    what->archs->v[i] };
		AUTO_FREE char *from = tree_build_dir(e, &t);
		AUTO_FREE char *folder = xasprintf("dkms_main_tree/%s", t.release);
		AUTO_FREE char *name = xasprintf("%s/%s", folder, t.arch);

		if (!strv_has(&seen, folder))
			tarball_add_folder(w, folder, version);
		strv_add(&seen, folder);
		if (!strv_has(&seen, name))
			tarball_add_tree(w, name, from, &leave);
		strv_add(&seen, name);
	}
}

static void mktarball_add_source(const struct engine *e, const struct modid *id, struct tarball *w)
{
	AUTO_FREE char *link = tree_source_link(e, id->name, id->version);

	log_note("Marking %s for archiving...", link);
	tarball_add_tree(w, "dkms_source_tree", link, NULL);
}

static void mktarball_add_stub(const struct engine *e, const struct modid *id, struct tarball *w)
{
	AUTO_FREE char *version = tree_version_dir(e, id->name, id->version);
	AUTO_FREE char *conf = mktarball_conf_path(e, id);
	AUTO_FREE char *name_text = xasprintf("%s\n", id->name);
	AUTO_FREE char *version_text = xasprintf("%s\n", id->version);

	log_note("Creating tarball structure to specifically accommodate binaries.");
	tarball_add_folder(w, "dkms_binaries_only", version);
	tarball_add_text(w, "dkms_binaries_only/PACKAGE_NAME", name_text);
	tarball_add_text(w, "dkms_binaries_only/PACKAGE_VERSION", version_text);
	tarball_add_file(w, "dkms_binaries_only/dkms.conf", conf);
}

static int mktarball_write(const struct engine *e, const struct modid *id,
			   const struct mktarball *what, const char *path, struct err *err)
{
	struct tarball *w = NULL;
	int r = tarball_begin(e, path, &w, err);

	if (r < 0)
		return r;
	mktarball_add_builds(e, id, what, w);
	if (what->binaries_only)
		mktarball_add_stub(e, id, w);
	else
		mktarball_add_source(e, id, w);
	r = tarball_commit(w, err);
	tarball_end(w);
	return r;
}

static int mktarball_make(const struct engine *e, const struct modid *id,
			  const struct mktarball *what, const char *path, struct err *err)
{
	AUTO_ERR struct err local = ERR_INIT;
	int r = mktarball_write(e, id, what, path, &local);

	if (r == 0)
		return 0;
	if (r == -E_INTERRUPTED || !tarball_supported()) {
		if (err)
			err_move(err, &local);
		return r;
	}
	return err_set(err, -E_ARCHIVE_MAKE, "Failed to make tarball.\n%s",
		       local.text ? local.text : error_text(r));
}

int mktarball_run(struct engine *e, const struct modid *id, const struct mktarball *what,
		  char **ret, struct err *err)
{
	AUTO_FREE char *path = mktarball_path(e, id, what);
	int r = mktarball_check_added(e, id, err);

	if (r == 0)
		r = mktarball_check_conf(e, id, what, err);
	if (r == 0)
		r = mktarball_check_built(e, id, what, err);
	if (r < 0)
		return r;
	log_note("Tarball location: %s", path);
	r = mktarball_check_folder(e, path, err);
	if (r == 0)
		r = mktarball_make(e, id, what, path, err);
	if (r == 0)
		*ret = TAKE(path);
	return r;
}
