/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/ldtarball.h"

#include <string.h>

#include "archive/archive.h"
#include "archive/import.h"
#include "archive/prebuilt.h"
#include "base/alloc.h"
#include "base/log.h"
#include "engine/childenv.h"
#include "install/register.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "tree/tree.h"

struct ldtarball {
	struct engine *e;
	struct staging staging;
	char *dir; /* where the archive is unpacked */
	bool force;
	bool dkms; /* mktarball made the archive */
	bool stub; /* M/V/source becomes a folder that holds only the conf */
	struct import source;
	char *conf; /* path of the dkms.conf in dir */
	struct prebuilts builds;
};

static void ldtarball_release(struct ldtarball *l)
{
	prebuilts_release(&l->builds);
	import_release(&l->source);
	staging_close(&l->staging);
	free(l->dir);
	free(l->conf);
}

/* ---- what is in it ---- */

struct ldtarball_search {
	char *best;   /* relative to the archive's top */
	size_t depth; /* number of folders above it */
};

static int ldtarball_walk_conf(const char *rel, const struct stat *st, void *data)
{
	struct ldtarball_search *s = data;
	const char *name = strrchr(rel, '/');
	size_t depth = 0;

	if (!S_ISREG(st->st_mode) || strcmp(name ? name + 1 : rel, "dkms.conf") != 0)
		return 0;
	for (const char *c = rel; *c; c++)
		depth += *c == '/';
	if (s->best && s->depth <= depth)
		return 0;
	free(s->best);
	s->best = xstrdup(rel);
	s->depth = depth;
	return 0;
}

static int ldtarball_find_conf(struct ldtarball *l, struct err *err)
{
	struct ldtarball_search s = { NULL, 0 };
	int r = fs_walk(&l->e->root, l->dir, ldtarball_walk_conf, &s);

	if (r < 0)
		return err_sys(err, r, "%s", l->dir);
	if (!s.best)
		return err_set(err, -E_ARCHIVE_NO_CONF,
			       "Tarball does not appear to be a correctly formed DKMS archive. No "
			       "dkms.conf found within it.");
	l->conf = xasprintf("%s/%s", l->dir, s.best);
	free(s.best);
	return 0;
}

/* Is there a folder at `path`?  A symlink to a folder does not count. */
static bool ldtarball_is_folder(const struct engine *e, const char *path)
{
	struct stat st;

	return fs_lstat(&e->root, path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int ldtarball_find_dkms_conf(struct ldtarball *l, const char *archive, struct err *err)
{
	static const char *const folders[] = { "dkms_source_tree", "dkms_binaries_only" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO_FREE char *folder = xasprintf("%s/%s", l->dir, folders[i]);
		AUTO_FREE char *path = xasprintf("%s/dkms.conf", folder);
		struct stat st;

		if (!ldtarball_is_folder(l->e, folder) || fs_lstat(&l->e->root, path, &st) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		l->conf = TAKE(path);
		l->stub = i == 1;
		return 0;
	}
	return err_set(err, -E_ARCHIVE_BAD,
		       "No valid dkms.conf in dkms_source_tree or dkms_binaries_only.\n%s is not a "
		       "valid DKMS tarball.",
		       archive);
}

static int ldtarball_unpack(struct ldtarball *l, const char *archive, struct err *err)
{
	AUTO_FREE char *main_tree = NULL;
	int r = staging_open(l->e, &l->staging, err);

	if (r < 0)
		return r;
	l->dir = xasprintf("%s/archive", l->staging.dir);
	r = fs_mkdir_p(&l->e->root, l->dir);
	if (r < 0)
		return err_sys(err, r, "%s", l->dir);
	r = tarball_unpack(l->e, archive, l->dir, NULL, err);
	if (r < 0)
		return r;
	main_tree = xasprintf("%s/dkms_main_tree", l->dir);
	l->dkms = ldtarball_is_folder(l->e, main_tree);
	r = l->dkms ? ldtarball_find_dkms_conf(l, archive, err) : ldtarball_find_conf(l, err);
	return r < 0 ? r : import_read(l->e, l->conf, &l->source, err);
}

/* ---- checks, and the source ---- */

static int ldtarball_check_added(const struct ldtarball *l, struct err *err)
{
	const struct modid *id = &l->source.id;
	AUTO_FREE char *link = tree_source_link(l->e, id->name, id->version);

	if (l->force || !fs_is_dir(&l->e->root, link))
		return 0;
	if (l->dkms)
		return err_set(err, -E_ARCHIVE_ADDED, "%s/%s is already added!\nAborting.",
			       id->name, id->version);
	return err_set(err, -E_ALREADY_ADDED,
		       "DKMS tree already contains: %s/%s\nYou cannot add the same module/version "
		       "combo more than once.",
		       id->name, id->version);
}

struct ldtarball_links {
	const struct engine *e;
	const char *folder;
	struct err *err;
};

/*
 * Refuse a symlink that leads out of the source.  members_check() allows such a symlink if it stays
 * in the archive.  But once the source has moved to its place, the symlink would lead to something
 * else.
 */
static int ldtarball_walk_link(const char *rel, const struct stat *st, void *data)
{
	const struct ldtarball_links *l = data;
	AUTO_FREE char *path = xasprintf("%s/%s", l->folder, rel);
	AUTO_FREE char *target = NULL;
	const char *problem;
	int r;

	if (!S_ISLNK(st->st_mode))
		return 0;
	r = fs_readlink(&l->e->root, path, &target);
	if (r < 0)
		return err_sys(l->err, r, "%s", path);
	problem = member_link_problem(rel, target);
	return problem ? err_set(l->err, -E_ARCHIVE_BAD, "The source's link %s %s.", rel, problem)
		       : 0;
}

static int ldtarball_stage_source(struct ldtarball *l, struct err *err)
{
	AUTO_FREE char *folder = xstrndup(l->conf, (size_t)(strrchr(l->conf, '/') - l->conf));
	struct ldtarball_links links = { l->e, folder, err };
	int r;

	if (l->stub) {
		/* No stub is needed if the machine has the source. */
		l->stub = !fs_is_dir(&l->e->root, l->source.place);
		return 0;
	}
	r = fs_walk(&l->e->root, folder, ldtarball_walk_link, &links);
	if (r < 0)
		return r;
	return import_stage(l->e, &l->staging, folder, l->force, &l->source, err);
}

/* ---- the change ---- */

/*
 * If M/V/source is a folder (an older stub), remove it in a first transaction, `tx`: the main
 * transaction makes a symlink there, and one transaction cannot replace a folder by a symlink.
 * `tx` stays open until the main transaction has ended.  Then the caller finishes `tx`, or rolls it
 * back by tx_release().
 */
static int ldtarball_remove_stub(struct ldtarball *l, struct tx *tx, struct err *err)
{
	const struct modid *id = &l->source.id;
	AUTO_FREE char *link = tree_source_link(l->e, id->name, id->version);
	int r;

	tx_begin(tx, &l->e->journal, "ldtarball");
	if (!ldtarball_is_folder(l->e, link))
		return 0;
	tx_del_tree(tx, link);
	r = tx_stage(tx, err);
	return r < 0 ? r : tx_commit(tx, err);
}

/* Make a staged folder that holds only the conf.  *ret: its path; caller frees. */
static int ldtarball_stage_stub(const struct ldtarball *l, char **ret, struct err *err)
{
	AUTO_FREE char *folder = xasprintf("%s/stub", l->staging.dir);
	AUTO_FREE char *conf = xasprintf("%s/dkms.conf", folder);
	int r = fs_mkdir_p(&l->e->root, folder);

	if (r == 0)
		r = fs_copy_file(&l->e->root, l->conf, conf);
	if (r < 0)
		return err_sys(err, r, "%s", folder);
	*ret = TAKE(folder);
	return 0;
}

static int ldtarball_declare(struct ldtarball *l, struct tx *tx, struct err *err)
{
	const struct modid *id = &l->source.id;
	AUTO_FREE char *version = tree_version_dir(l->e, id->name, id->version);
	AUTO_FREE char *build = tree_work_dir(l->e, id->name, id->version);
	AUTO_FREE char *link = tree_source_link(l->e, id->name, id->version);
	AUTO_FREE char *stub = NULL;
	int r = l->stub ? ldtarball_stage_stub(l, &stub, err) : 0;

	if (r < 0)
		return r;
	tx_mkdir(tx, version);
	if (stub) {
		log_note("Creating %s", link);
		tx_put_tree(tx, link, stub);
	} else {
		log_note("Creating symlink %s -> %s", link, l->source.place);
		tx_mkdir(tx, build);
		import_declare(&l->source, &l->staging, tx);
		tx_put_symlink(tx, link, l->source.place);
	}
	prebuilts_declare(&l->builds, tx);
	return 0;
}

static int ldtarball_commit(struct ldtarball *l, struct err *err)
{
	const struct modid *id = &l->source.id;
	AUTO_FREE char *what = xasprintf("ldtarball %s/%s", id->name, id->version);
	CLEANUP(tx_release) struct tx first;
	CLEANUP(tx_release) struct tx tx;
	int r;

	tx_begin(&tx, &l->e->journal, what);
	r = ldtarball_remove_stub(l, &first, err);
	if (r == 0)
		r = ldtarball_declare(l, &tx, err);
	if (r == 0)
		r = tx_run(&tx, err);
	if (r < 0 || !first.n_ops)
		return r;
	return tx_finish(&first, err);
}

static int ldtarball_load(struct ldtarball *l, const char *archive, struct err *err)
{
	const struct modid *id = &l->source.id;
	int r = ldtarball_unpack(l, archive, err);

	if (r == 0)
		r = ldtarball_check_added(l, err);
	if (r < 0)
		return r;
	log_note("Loading tarball for %s/%s", id->name, id->version);
	r = ldtarball_stage_source(l, err);
	if (r == 0 && l->dkms)
		r = prebuilts_find(l->e, l->dir, id, &l->source.conf, l->force, &l->builds, err);
	return r < 0 ? r : ldtarball_commit(l, err);
}

int ldtarball_run(struct engine *e, const char *archive, bool force, struct modid *ret,
		  struct err *err)
{
	CLEANUP(ldtarball_release)
	struct ldtarball l = { .e = e, .force = force, .source = IMPORT_INIT };
	struct target t = { NULL, NULL, NULL, NULL };
	int r = ldtarball_load(&l, archive, err);

	if (r < 0)
		return r;
	t.name = l.source.id.name;
	t.version = l.source.id.version;
	if (!l.stub)
		r = register_run(e, &t, l.source.place, l.source.conf.scripts[SCRIPT_POST_ADD],
				 err);
	modid_copy(ret, &l.source.id);
	return r;
}

/* ---- rpm ---- */

bool ldtarball_is_rpm(const char *archive)
{
	size_t len = strlen(archive);

	return len >= 4 && strcmp(archive + len - 4, ".rpm") == 0;
}

int ldtarball_rpm(struct engine *e, const char *archive, struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_FREE char *how = NULL;
	struct proc_result res = { 0 };
	int r;

	if (!fs_exists(&e->root, archive))
		return err_set(err, -E_ARCHIVE_MISSING, "%s does not exist.", archive);
	strv_add(&spec.argv, "rpm");
	strv_add(&spec.argv, "-Uvh");
	strv_add(&spec.argv, archive);
	childenv_tool(&spec.env);
	spec.root = &e->root;
	spec.may_leave = true;
	spec.timeout = settings_number(&e->settings, SET_BUILD_TIMEOUT);
	r = proc_run(&spec, &res);
	if (r == 0 && res.end == PROC_EXITED && res.status == 0)
		return 0;
	how = r < 0 ? xstrdup(error_text(r)) : proc_result_text(&spec, &res);
	return err_set(err, -E_RPM,
		       "Unable to install %s using rpm: %s.\nCheck to ensure that your system can "
		       "install .rpm files.",
		       archive, how);
}
