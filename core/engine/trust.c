/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/trust.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "engine/override.h"
#include "engine/treepath.h"
#include "sys/fs.h"

/* A checked source. */
struct trust_known {
	char *folder;
	char *problem; /* text of the error; NULL: none */
};

struct trust {
	struct strv good; /* folders that passed as MODES_WAY */
	struct trust_known *known;
	size_t n, next; /* next: where a search begins; the order is alike for each kernel */
	bool listed, config_is_good;
	struct strv config; /* names in /etc/dkms, once listed is set */
};

struct trust *trust_remember(void)
{
	struct trust *t = xcalloc(1, sizeof(*t));

	*t = (struct trust){ .good = STRV_INIT, .config = STRV_INIT };
	return t;
}

void trust_forget(struct engine *e)
{
	struct trust *t = e->trust;

	e->trust = NULL;
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++) {
		free(t->known[i].folder);
		free(t->known[i].problem);
	}
	free(t->known);
	strv_release(&t->good);
	strv_release(&t->config);
	free(t);
}

static bool trust_is_strict(const struct engine *e)
{
	return settings_true(&e->settings, SET_STRICT_MODES);
}

static struct modes_user trust_modes_user(void)
{
	return (struct modes_user){ geteuid(), getegid() };
}

static struct modes_file trust_modes_file(const struct stat *st)
{
	return (struct modes_file){ st->st_uid, st->st_gid, st->st_mode };
}

static unsigned int trust_judge(const struct stat *st, enum modes_use use)
{
	struct modes_user us = trust_modes_user();
	struct modes_file f = trust_modes_file(st);

	return modes_judge(&f, &us, use);
}

/*
 * Refuse `path` for its flaws.  The error's text has the commands that mend `fix`, and also
 * everything below it if `all` is true.
 */
static int trust_refuse(const char *path, const struct stat *st, unsigned int flaws,
			const char *fix, bool all, struct err *err)
{
	struct modes_user us = trust_modes_user();
	struct modes_file f = trust_modes_file(st);
	AUTO_FREE char *text = modes_text(path, &f, flaws);
	AUTO_FREE char *advice = modes_advice(fix, &us, flaws, all);

	return err_set(err, -E_UNSAFE,
		       "%s.\nWhat root runs must not be changed by others: %s\n"
		       "(or strict_modes=no in " OVERRIDE_DIR "/framework.conf, see dkms(8))",
		       text, advice);
}

char *trust_stat(const struct engine *e, const char *path, const struct stat *st)
{
	struct modes_user us = trust_modes_user();
	struct modes_file f = trust_modes_file(st);
	unsigned int flaws = modes_judge(&f, &us, MODES_BELIEVED);
	AUTO_FREE char *text = NULL, *advice = NULL;

	if (!flaws || !trust_is_strict(e))
		return NULL;
	text = modes_text(path, &f, flaws);
	advice = modes_advice(path, &us, flaws, false);
	return xasprintf("%s (%s)", text, advice);
}

/* ---- one path and the folders above it ---- */

static int trust_check_folder(const struct engine *e, const char *folder, struct err *err)
{
	unsigned int flaws;
	struct stat st;
	int r;

	if (e->trust && strv_has(&e->trust->good, folder))
		return 0;
	r = fs_lstat(&e->root, folder, &st);
	if (r < 0)
		return r == -ENOENT ? 0 : err_sys(err, r, "%s", folder);
	flaws = trust_judge(&st, MODES_WAY);
	if (flaws & MODES_BAD)
		return trust_refuse(folder, &st, flaws & MODES_BAD, folder, false, err);
	if (e->trust)
		strv_add(&e->trust->good, folder);
	return 0;
}

static int trust_check_way(const struct engine *e, const struct strv *way, struct err *err)
{
	const char *folder;
	int r = 0;

	STRV_FOREACH (folder, way) {
		if (r == 0)
			r = trust_check_folder(e, folder, err);
	}
	return r;
}

static int trust_check_path(const struct engine *e, const char *path, enum modes_use use,
			    struct err *err)
{
	AUTO_STRV struct strv way = STRV_INIT;
	AUTO_FREE char *real = NULL;
	unsigned int flaws;
	struct stat st;
	int r = root_way(&e->root, path, &way, &real);

	if (r == 0)
		r = fs_lstat(&e->root, real, &st);
	if (r < 0)
		return r == -ENOENT ? 0 : err_sys(err, r, "%s", path);
	flaws = trust_judge(&st, use);
	if (flaws)
		return trust_refuse(real, &st, flaws, real, false, err);
	return trust_check_way(e, &way, err);
}

int trust_settings(const struct engine *e, const char *path, struct err *err)
{
	return trust_check_path(e, path, MODES_BELIEVED, err);
}

int trust_path(const struct engine *e, const char *path, enum modes_use use, struct err *err)
{
	return trust_is_strict(e) ? trust_check_path(e, path, use, err) : 0;
}

void trust_tolerated(const struct engine *e, const char *path, struct strv *ret)
{
	AUTO_STRV struct strv way = STRV_INIT;
	AUTO_FREE char *real = NULL;
	const char *folder;

	if (!trust_is_strict(e) || root_way(&e->root, path, &way, &real) < 0)
		return;
	STRV_FOREACH (folder, &way) {
		AUTO_FREE char *text = NULL;
		struct modes_file f;
		struct stat st;

		if (fs_lstat(&e->root, folder, &st) < 0 ||
		    !(trust_judge(&st, MODES_WAY) & MODES_TOLERATED))
			continue;
		f = trust_modes_file(&st);
		text = modes_text(folder, &f, MODES_TOLERATED);
		strv_addf(ret, "%s: who is in it can change what is built", text);
	}
}

/* ---- everything below a folder ---- */

struct trust_walk {
	const struct engine *e;
	const char *top; /* resolved */
	bool (*skip)(const char *rel);
	unsigned int flaws; /* of all files together */
	size_t n;	    /* number of files with flaws */
	char *first;	    /* the first of them, and its stat */
	struct stat st;
	struct err *err;
};

static void trust_walk_note(struct trust_walk *w, const char *path, const struct stat *st)
{
	unsigned int flaws = trust_judge(st, MODES_BELIEVED);

	if (flaws && w->n++ == 0) {
		w->first = xstrdup(path);
		w->st = *st;
	}
	w->flaws |= flaws;
}

/*
 * Check the target of a link, but only a target outside of the folder: the walk reaches the others.
 */
static int trust_walk_link(const struct trust_walk *w, const char *path)
{
	AUTO_FREE char *real = NULL;

	if (root_realpath(&w->e->root, path, &real) < 0)
		return 0;
	if (strcmp(real, w->top) == 0 || path_is_below(real, w->top))
		return 0;
	return trust_check_path(w->e, path, MODES_BELIEVED, w->err);
}

static int trust_walk_entry(const char *rel, const struct stat *st, void *data)
{
	struct trust_walk *w = data;
	AUTO_FREE char *path = NULL;

	if (w->skip && w->skip(rel))
		return 0;
	path = xasprintf("%s/%s", w->top, rel);
	if (S_ISLNK(st->st_mode))
		return trust_walk_link(w, path);
	if (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode))
		trust_walk_note(w, path, st);
	return 0;
}

/* Check `path`, which is resolved, and everything below it, but not the folders above it. */
static int trust_check_below(const struct engine *e, const char *path,
			     bool (*skip)(const char *rel), struct err *err)
{
	struct trust_walk w = { .e = e, .top = path, .skip = skip, .err = err };
	struct stat st;
	int r = fs_lstat(&e->root, path, &st);

	if (r < 0)
		return r == -ENOENT ? 0 : err_sys(err, r, "%s", path);
	trust_walk_note(&w, path, &st);
	if (S_ISDIR(st.st_mode))
		r = fs_walk(&e->root, path, trust_walk_entry, &w);
	if (w.n)
		r = trust_refuse(w.first, &w.st, w.flaws, w.n == 1 ? w.first : path, w.n > 1, err);
	else if (r == -ENOENT)
		r = 0;
	else if (r < 0 && r != -E_UNSAFE)
		r = err_sys(err, r, "%s", path);
	free(w.first);
	return r;
}

static int trust_check_recursive(const struct engine *e, const char *folder,
				 bool (*skip)(const char *rel), struct err *err)
{
	AUTO_STRV struct strv way = STRV_INIT;
	AUTO_FREE char *real = NULL;
	int r = root_way(&e->root, folder, &way, &real);

	if (r < 0)
		return r == -ENOENT ? 0 : err_sys(err, r, "%s", folder);
	r = trust_check_below(e, real, skip, err);
	return r < 0 ? r : trust_check_way(e, &way, err);
}

/* ---- sources ---- */

static struct trust_known *trust_find_known(struct trust *t, const char *folder)
{
	for (size_t i = 0; i < t->n; i++) {
		struct trust_known *k = &t->known[(t->next + i) % t->n];

		if (strcmp(k->folder, folder) != 0)
			continue;
		t->next = (t->next + i + 1) % t->n;
		return k;
	}
	return NULL;
}

static int trust_check_source(const struct engine *e, const char *folder, struct err *err)
{
	struct trust_known *k = e->trust ? trust_find_known(e->trust, folder) : NULL;
	AUTO_ERR struct err why = ERR_INIT;
	struct trust_known new = { NULL, NULL };
	int r;

	if (k)
		return k->problem ? err_set(err, -E_UNSAFE, "%s", k->problem) : 0;
	r = trust_check_recursive(e, folder, NULL, &why);
	if (e->trust && (r == 0 || r == -E_UNSAFE)) {
		new.folder = xstrdup(folder);
		new.problem = xstrdup(why.text);
		VEC_PUSH(e->trust->known, e->trust->n, new);
	}
	if (r < 0 && err)
		err_move(err, &why);
	return r;
}

/*
 * Does /etc/dkms have an entry of this name?  The folder is listed only once: on most machines it
 * has framework.conf alone, and no override that would have to be checked.
 */
static bool trust_has_config(const struct engine *e, const char *name)
{
	struct trust *t = e->trust;

	if (!t) {
		AUTO_FREE char *path = xasprintf(OVERRIDE_DIR "/%s", name);

		return fs_exists(&e->root, path);
	}
	if (!t->listed) {
		int r = fs_list(&e->root, OVERRIDE_DIR, &t->config);

		t->listed = r == 0 || r == -ENOENT;
	}
	/*
	 * If the folder cannot be listed, return true.  Then the check of the entry reports what is
	 * wrong.
	 */
	return !t->listed || strv_has(&t->config, name);
}

static int trust_check_config(const struct engine *e, struct err *err)
{
	int r = e->trust && e->trust->config_is_good
			? 0
			: trust_check_path(e, OVERRIDE_DIR, MODES_BELIEVED, err);

	if (r == 0 && e->trust)
		e->trust->config_is_good = true;
	return r;
}

static int trust_check_overrides(const struct engine *e, const struct target *t, struct err *err)
{
	AUTO_STRV struct strv files = STRV_INIT;
	AUTO_FREE char *folder = xasprintf(OVERRIDE_DIR "/%s", t->name);
	const char *file;
	int r = trust_check_config(e, err);

	override_files(t, &files);
	STRV_FOREACH (file, &files) {
		if (r == 0 && trust_has_config(e, strrchr(file, '/') + 1))
			r = trust_check_path(e, file, MODES_BELIEVED, err);
	}
	if (r == 0 && trust_has_config(e, t->name))
		r = trust_check_source(e, folder, err);
	return r;
}

int trust_source(const struct engine *e, const struct target *t, const char *folder,
		 struct err *err)
{
	int r;

	if (!trust_is_strict(e))
		return 0;
	r = trust_check_source(e, folder, err);
	return r < 0 ? r : trust_check_overrides(e, t, err);
}

int trust_below(const struct engine *e, const char *folder, bool (*skip)(const char *rel),
		struct err *err)
{
	return trust_is_strict(e) ? trust_check_recursive(e, folder, skip, err) : 0;
}

/* ---- the tree ---- */

int trust_tree(const struct engine *e, struct err *err)
{
	AUTO_FREE char *native = tree_native_dir(e), *to = NULL;
	int r = trust_path(e, e->dkms_tree, MODES_BELIEVED, err);

	if (r == 0 && fs_readlink(&e->root, native, &to) == 0)
		return err_set(
			err, -E_UNSAFE,
			"%s leads to %s. dkms believes what lies there and follows no link to "
			"it: put the folder itself in its place.",
			native, to);
	if (r == 0)
		r = trust_path(e, native, MODES_BELIEVED, err);
	/*
	 * Of the journals, check only the folder: recovery sets aside a journal that others can
	 * change.
	 */
	return r == 0 ? trust_path(e, e->place.dir, MODES_BELIEVED, err) : r;
}
