/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/install.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "conf/script.h"
#include "engine/childenv.h"
#include "engine/digest.h"
#include "install/adopt.h"
#include "install/installfacts.h"
#include "install/installplan.h"
#include "install/uninstall.h"
#include "install/weakmodules.h"
#include "module/kerneltree.h"
#include "sys/fs.h"
#include "tree/ours.h"
#include "tree/tree.h"

#define FORCE_FOLDER "/usr/share/dkms/modules_to_force_install"

struct install {
	struct engine *e;
	const struct target *t;
	const struct conf *conf;
	struct change *c;
	char *active;		     /* the version that is installed now; NULL: none */
	struct target active_target; /* t with that version */
	struct record active_record;
	struct record record; /* of t */
	struct installplan plan;
};

static void install_release(struct install *in)
{
	free(in->active);
	record_release(&in->active_record);
	record_release(&in->record);
	installplan_release(&in->plan);
}

/* What the files in FORCE_FOLDER say about this package. */
static struct force_words install_force_words(const struct engine *e, const char *name)
{
	AUTO_BUF struct buf b = BUF_INIT;

	fs_read_folder(&e->root, FORCE_FOLDER, 1 << 16, &b);
	return force_words_for(b.s, name);
}

static int install_load_records(struct install *in, struct err *err)
{
	int r;

	record_release(&in->record); /* leaves a valid empty record */
	record_release(&in->active_record);
	r = record_load(in->e, in->t, in->conf, &in->record, err);
	in->active = tree_active_version(in->e, in->t);
	if (r < 0 || !in->active)
		return r;
	in->active_target = *in->t;
	in->active_target.version = in->active;
	if (!strcmp(in->active, in->t->version))
		record_copy(&in->active_record, &in->record);
	else
		r = record_load(in->e, &in->active_target, NULL, &in->active_record, err);
	return r;
}

static int install_run_script(struct install *in, enum conf_script which, struct err *err)
{
	AUTO_STRV struct strv env = STRV_INIT;

	childenv_script(in->e, in->t, &env);
	return script_run(in->e, in->t, which, in->conf->scripts[which], &env, NULL, NULL, err);
}

static int install_pre_install(struct install *in, bool force, struct err *err)
{
	AUTO_ERR struct err script = ERR_INIT;
	int r = install_run_script(in, SCRIPT_PRE_INSTALL, &script);

	if (r == 0 || r == -E_INTERRUPTED)
		return r == 0 ? 0 : err_set(err, r, "%s", script.text);
	if (force) {
		log_warning("%s", script.text);
		return 0;
	}
	return err_set(err, -E_PRE_INSTALL,
		       "%s\nThe install is aborted; you may override by specifying --force.",
		       script.text);
}

static int install_check_kernel(const struct install *in, bool force, struct err *err)
{
	AUTO_FREE char *tree = engine_modules(in->e, "%s", in->t->release);
	const char *obsolete = in->conf->obsolete_by;

	if (!fs_is_dir(&in->e->root, tree))
		return err_set(err, -E_NO_KERNEL_TREE,
			       "The directory %s doesn't exist. You cannot install a module onto a "
			       "non-existent kernel.",
			       tree);
	if (!force && obsolete && vercheck_obsolete(obsolete, in->t->release))
		return err_set(err, -E_INSTALL,
			       "Module has been obsoleted due to being included in kernel %s.\nYou "
			       "may override by specifying --force.",
			       obsolete);
	return 0;
}

static struct record_module *install_record_entry(struct record *r, const char *dest,
						  const char *file)
{
	struct record_module *m = record_find_module(r, dest);

	return m ? m : record_add_module(r, dest, file);
}

static void install_set(char **to, const char *value)
{
	char *copy = xstrdup(value);

	free(*to);
	*to = copy;
}

/*
 * Record the file that keeps our module out, and the hash of that file.  As long as the file has
 * these bytes, events do not try to install our module.  A file that cannot be read is not
 * recorded, so the next event tries again.
 */
static void install_note_refusal(struct install *in, const struct installplan_module *m)
{
	struct record_module *rm = install_record_entry(&in->record, m->dest, m->file);
	const char *by = installplan_refused_by(m);
	char hex[DIGEST_HEX];

	install_set(&rm->refused_by, NULL);
	install_set(&rm->refused_sha256, NULL);
	if (!by || digest_file(&in->e->root, by, hex) < 0)
		return;
	install_set(&rm->refused_by, by);
	install_set(&rm->refused_sha256, hex);
}

/* Is there an installed module that this build does not have?  The install removes such modules. */
static bool install_has_left(const struct install *in)
{
	for (size_t i = 0; i < in->record.n_modules; i++) {
		if (in->record.modules[i].left && in->record.modules[i].path)
			return true;
	}
	return false;
}

/*
 * Collect a text for each refused module.  If every module is refused, and the install has no
 * module to remove (install_has_left()), return -E_INSTALL with all texts.
 */
static int install_tell_refused(struct install *in, struct err *err)
{
	AUTO_FREE char *texts = NULL;
	size_t refused = 0;

	for (size_t i = 0; i < in->plan.n; i++) {
		char *text = installplan_refusal(&in->plan.modules[i], in->t->release);

		if (!text)
			continue;
		install_note_refusal(in, &in->plan.modules[i]);
		strv_take(&in->c->refused, text);
		refused++;
	}
	if (!refused || refused < in->plan.n || install_has_left(in))
		return 0;
	texts = strv_join(&in->c->refused, "\n");
	return err_set(err, -E_INSTALL, "%s", texts);
}

/*
 * Archive the file `from`.  When the module `rm` is uninstalled, the file will go to the path
 * `original`.
 */
static void install_put_archive(struct install *in, const char *from, const char *original,
				struct record_module *rm)
{
	struct tx *tx = &in->c->tx;
	AUTO_FREE char *folder = tree_original_dir(in->e, in->t);
	AUTO_FREE char *archive = xasprintf("%s%s", folder, strrchr(original, '/'));
	AUTO_FREE char *origin = tree_origin_of(archive);
	AUTO_FREE char *text = xasprintf("%s\n", original);

	if (rm->archive && strcmp(rm->archive, archive) != 0)
		uninstall_drop_archive(in->c, in->e, in->t, rm->archive);
	tx_mkdir(tx, folder);
	tx_put_link(tx, archive, from);
	tx_put_data(tx, origin, text, strlen(text), 0644);
	install_set(&rm->original, original);
	install_set(&rm->archive, archive);
}

/*
 * Archive the original as DKMS does, and write a .origin file with its path.  If an older original
 * is in the archive, replace it: the kernel's package was installed again, and brought a new
 * original.
 */
static void install_archive_original(struct install *in, const struct installplan_module *m,
				     struct record_module *rm)
{
	log_note("Found pre-existing %s, archiving for uninstallation", m->original);
	install_put_archive(in, m->original, m->original, rm);
	if (strcmp(m->original, m->path) != 0)
		tx_del(&in->c->tx, m->original);
}

/* Record size, time and hash of the file that is about to be installed. */
static int install_note_file(const struct engine *e, const char *from, struct record_module *rm)
{
	char hex[DIGEST_HEX];
	struct stat st;
	int r = fs_stat(&e->root, from, &st);

	if (r == 0)
		r = digest_file(&e->root, from, hex);
	if (r < 0)
		return r;
	rm->size = (uint64_t)st.st_size;
	rm->mtime_ns = fs_mtime_ns(&st);
	rm->built_mtime_ns = 0;
	install_set(&rm->sha256, hex);
	return 0;
}

static void install_put_file(struct install *in, const char *path, const char *from)
{
	AUTO_FREE char *folder = path_parent(path);

	tx_mkdir(&in->c->tx, folder);
	if (settings_true(&in->e->settings, SET_SYMLINK_MODULES))
		tx_put_symlink(&in->c->tx, path, from);
	else
		tx_put_copy(&in->c->tx, path, from, 0644);
}

/*
 * Let our module `rm` take the place of `f`, a file of another module package.  Note in that
 * package's record that our file keeps its module out.  If that package has archived an original,
 * and we have none, move the original to our archive.
 */
static int install_take_over(struct install *in, const struct ours_file *f,
			     struct record_module *rm, struct err *err)
{
	struct target t = { f->name, f->version, in->t->release, f->arch };
	AUTO_RECORD struct record record = { .depends = STRV_INIT };
	struct record_module *theirs;
	int r = tree_record_read(in->e, &t, &record, err);

	if (r < 0)
		return r;
	log_note("%s takes the place of that of %s/%s", rm->path, f->name, f->version);
	if (strcmp(f->module.path, rm->path) != 0)
		uninstall_delete(in->c, in->e, &t, f->module.path);
	if (f->module.archive && !rm->archive) {
		install_put_archive(in, f->module.archive, f->module.original, rm);
		uninstall_drop_archive(in->c, in->e, &t, f->module.archive);
	}
	record_forget_installed(&record, f->module.dest);
	theirs = install_record_entry(&record, f->module.dest, f->module.file);
	install_set(&theirs->refused_by, rm->path);
	install_set(&theirs->refused_sha256, rm->sha256);
	change_put_record(in->c, in->e, &t, &record);
	return 0;
}

static int install_take_over_all(struct install *in, const struct installplan_module *m,
				 struct record_module *rm, struct err *err)
{
	AUTO_OURS struct ours ours = { NULL, 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n_others; i++) {
		const struct ours_file *f;

		if (!m->others[i].ours)
			continue;
		if (!ours.n)
			ours_list(in->e, in->t->release, &ours);
		f = ours_at(in->e, &ours, in->t->release, m->others[i].path);
		if (f)
			r = install_take_over(in, f, rm, err);
	}
	return r;
}

/* Is the active version's module `old` still where it was installed?  Returns 1, 0 or an error. */
static int install_is_still_ours(const struct install *in, const struct record_module *old,
				 struct err *err)
{
	struct stat st;
	int r = fs_lstat(&in->e->root, old->path, &st);

	if (r == 0)
		r = ours_stands(in->e, &in->active_target, old, &st);
	else if (r == -ENOENT)
		return 0;
	return r < 0 ? err_sys(err, r, "%s", old->path) : r;
}

static int install_put_module(struct install *in, const struct installplan_module *m,
			      struct err *err)
{
	AUTO_FREE char *folder = tree_built_dir(in->e, in->t);
	AUTO_FREE char *from = xasprintf("%s/%s", folder, m->file);
	const struct record_module *old = record_module_get(&in->active_record, m->dest);
	struct record_module *rm = install_record_entry(&in->record, m->dest, m->file);
	int r = install_note_file(in->e, from, rm), moved = 0;

	if (r < 0)
		return err_sys(err, r, "%s", from);
	if (old && old->path && strcmp(old->path, m->path) != 0)
		moved = install_is_still_ours(in, old, err);
	if (moved < 0)
		return moved;
	install_set(&rm->file, m->file);
	install_set(&rm->path, m->path);
	install_set(&rm->refused_by, NULL);
	install_set(&rm->refused_sha256, NULL);
	install_set(&rm->original, old ? old->original : NULL);
	install_set(&rm->archive, old ? old->archive : NULL);
	if (m->original)
		install_set(&rm->original, m->original);
	if (m->archive)
		install_archive_original(in, m, rm);
	install_put_file(in, m->path, from);
	if (moved)
		uninstall_delete(in->c, in->e, in->t, old->path);
	change_add_name(in->c, m->dest);
	strv_add(&in->c->paths, m->path);
	log_info("Installing %s", m->path);
	return install_take_over_all(in, m, rm, err);
}

static const struct installplan_module *install_planned(const struct install *in, const char *dest)
{
	for (size_t i = 0; i < in->plan.n; i++)
		if (!strcmp(in->plan.modules[i].dest, dest))
			return &in->plan.modules[i];
	return NULL;
}

/*
 * Remove installed modules that this install does not replace: those of another version, and those
 * that this build does not have.
 *
 * If a module is refused now, but an earlier install of this version has installed it, its file
 * stays, provided that the file is still ours.
 */
static int install_put_active(struct install *in, struct err *err)
{
	bool other = in->active && strcmp(in->active, in->t->version) != 0;
	int r, stays;

	for (size_t i = 0; i < in->active_record.n_modules; i++) {
		const struct record_module *old = &in->active_record.modules[i];
		const struct installplan_module *m = install_planned(in, old->dest);

		if (!old->path || (m && m->path))
			continue;
		stays = m && !other ? install_is_still_ours(in, old, err) : 0;
		if (stays < 0)
			return stays;
		if (stays) {
			record_module_inherit(
				install_record_entry(&in->record, old->dest, old->file), old);
			continue;
		}
		r = uninstall_module(in->c, in->e, &in->active_target, old, err);
		if (r < 0)
			return r;
		if (!other)
			record_forget_installed(&in->record, old->dest);
	}
	if (!other)
		return 0;
	record_forget_installed(&in->active_record, NULL);
	change_put_record(in->c, in->e, &in->active_target, &in->active_record);
	return 0;
}

/*
 * Check that there is space for the new modules beside the old ones, which stay until the change is
 * finished.  The files that depmod writes are not counted.
 */
static int install_check_space(const struct install *in, struct err *err)
{
	AUTO_FREE char *tree = engine_modules(in->e, "%s", in->t->release);
	struct fs_space space;
	uint64_t need = 0;

	for (size_t i = 0; i < in->record.n_modules; i++)
		need += (in->record.modules[i].size | 4095) + 1;
	if (fs_free_space(&in->e->root, tree, &space) < 0 || space.bytes >= need)
		return 0;
	return err_set(err, -E_NO_SPACE,
		       "%s has %" PRIu64 " KiB free; the modules of %s/%s need %" PRIu64
		       " KiB. Nothing was changed.",
		       tree, space.bytes >> 10, in->t->name, in->t->version, need >> 10);
}

static int install_commit(struct install *in, struct err *err)
{
	const struct target *t = in->t;
	AUTO_FREE char *link = tree_active_link(in->e, t);
	AUTO_FREE char *to = tree_active_text(t);
	int r = 0;

	change_begin(in->c, in->e, t, "install");
	for (size_t i = 0; r == 0 && i < in->plan.n; i++)
		if (in->plan.modules[i].path)
			r = install_put_module(in, &in->plan.modules[i], err);
	if (r == 0)
		r = install_check_space(in, err);
	if (r == 0)
		r = install_put_active(in, err);
	if (r < 0)
		return r;
	tx_put_symlink(&in->c->tx, link, to);
	in->record.prebuilt = false;
	change_put_record(in->c, in->e, t, &in->record);
	change_mark_depmod(in->c, in->e, t->release);
	return change_commit(in->c, err);
}

/*
 * Write only the record, with the refusals.  Returns `r`, the error of the install, or another
 * error if the record cannot be written.
 */
static int install_refuse(struct install *in, int r, struct err *err)
{
	AUTO_ERR struct err failed = ERR_INIT;
	int k;

	change_begin(in->c, in->e, in->t, "refuse");
	change_put_record(in->c, in->e, in->t, &in->record);
	k = change_commit(in->c, &failed);
	if (k == 0)
		k = change_finish(in->c, &failed);
	if (k == 0)
		return r;
	err_release(err);
	err_move(err, &failed);
	return k;
}

/*
 * Are the modules in place already, so that there is nothing to install?  False if the conf has an
 * install script, because the script may do more than the modules show.
 */
static bool install_is_unchanged(const struct install *in)
{
	if (in->conf->scripts[SCRIPT_PRE_INSTALL] || in->conf->scripts[SCRIPT_POST_INSTALL] ||
	    !installplan_is_unchanged(&in->plan))
		return false;
	for (size_t i = 0; i < in->record.n_modules; i++) {
		const struct record_module *m = &in->record.modules[i];

		if (m->refused_by || !install_planned(in, m->dest))
			return false;
	}
	return true;
}

/*
 * Write the record anew.  For each module it gets the size, time and hash of the installed file,
 * and the time of the built file.  Then nobody has to read the two files again to compare them.
 */
static int install_renew(struct install *in, struct err *err)
{
	AUTO_FREE char *folder = tree_built_dir(in->e, in->t);

	change_begin(in->c, in->e, in->t, "renew");
	for (size_t i = 0; i < in->plan.n; i++) {
		const struct installplan_module *m = &in->plan.modules[i];
		struct record_module *rm = install_record_entry(&in->record, m->dest, m->file);
		AUTO_FREE char *built = xasprintf("%s/%s", folder, m->file);
		struct stat st;
		int r = fs_stat(&in->e->root, built, &st);

		if (r == 0)
			r = install_note_file(in->e, m->path, rm);
		if (r < 0)
			return err_sys(err, r, "%s", m->path);
		/* 0 says that the built file has the time of the installed one. */
		if (fs_mtime_ns(&st) != rm->mtime_ns)
			rm->built_mtime_ns = fs_mtime_ns(&st);
	}
	change_put_record(in->c, in->e, in->t, &in->record);
	log_info("%s/%s for %s is installed as it was built.", in->t->name, in->t->version,
		 in->t->release);
	return change_commit(in->c, err);
}

static int install_steps(struct install *in, const struct install_opts *opts, struct err *err)
{
	struct force_words words = install_force_words(in->e, in->t->name);
	bool force = opts->force || words.force;
	int r = install_check_kernel(in, force, err);

	if (r == 0)
		r = install_load_records(in, err);
	if (r == 0)
		r = install_pre_install(in, force, err);
	if (r == 0)
		r = installfacts_gather(in->e, in->t, in->conf,
					in->active ? &in->active_target : NULL,
					in->active ? &in->active_record : NULL, &in->plan, err);
	if (r < 0)
		return r;
	installplan_decide(&in->plan,
			   force || opts->force_version_override || words.force_version_override);
	if (!opts->force && install_is_unchanged(in))
		return install_renew(in, err);
	r = install_tell_refused(in, err);
	return r < 0 ? install_refuse(in, r, err) : install_commit(in, err);
}

int install_run(struct engine *e, const struct target *t, const struct conf *conf,
		const struct install_opts *opts, struct change *ret, struct err *err)
{
	AUTO_ERR struct err script = ERR_INIT;
	struct change c = CHANGE_INIT;
	struct install in = { .e = e, .t = t, .conf = conf, .c = &c };
	const char *path;
	int r;

	c.initramfs = opts->initramfs;
	r = install_steps(&in, opts, err);

	if (r == 0 && !conf->no_weak_modules) {
		weak_modules_run(e, t, WEAK_ADD, &c.paths);
		c.weak = true;
	}
	if (r == 0 && install_run_script(&in, SCRIPT_POST_INSTALL, &script) < 0)
		log_warning("%s", script.text);
	install_release(&in);
	if (r < 0) {
		change_release(&c);
		return r;
	}
	STRV_FOREACH (path, &c.paths)
		kerneltree_note(e, t->release, path);
	*ret = c;
	return 0;
}
