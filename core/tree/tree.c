/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/tree.h"

#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "engine/statefile.h"

#define MAX_RECORD (16 * 1024 * 1024)
#define MAX_ORIGIN 4096

static void tree_version_release(struct tree_version *v)
{
	for (size_t i = 0; i < v->n_builds; i++) {
		free(v->builds[i].release);
		free(v->builds[i].arch);
	}
	free(v->builds);
	free(v->version);
	free(v->link);
	free(v->folder);
}

static void tree_module_release(struct tree_module *m)
{
	for (size_t i = 0; i < m->n_versions; i++)
		tree_version_release(&m->versions[i]);
	for (size_t i = 0; i < m->n_actives; i++) {
		free(m->actives[i].release);
		free(m->actives[i].arch);
		free(m->actives[i].version);
	}
	free(m->versions);
	free(m->actives);
	free(m->name);
}

void tree_release(struct tree *t)
{
	for (size_t i = 0; i < t->n_modules; i++)
		tree_module_release(&t->modules[i]);
	free(t->modules);
	strv_release(&t->problems);
	*t = (struct tree)TREE_INIT;
}

const struct tree_module *tree_module(const struct tree *t, const char *name)
{
	for (size_t i = 0; i < t->n_modules; i++) {
		if (strcmp(t->modules[i].name, name) == 0)
			return &t->modules[i];
	}
	return NULL;
}

const struct tree_version *tree_version(const struct tree *t, const char *name, const char *version)
{
	const struct tree_module *m = tree_module(t, name);

	for (size_t i = 0; m && i < m->n_versions; i++) {
		if (strcmp(m->versions[i].version, version) == 0)
			return &m->versions[i];
	}
	return NULL;
}

const struct tree_build *tree_build(const struct tree *t, const struct target *target)
{
	const struct tree_version *v = tree_version(t, target->name, target->version);

	for (size_t i = 0; v && i < v->n_builds; i++) {
		if (strcmp(v->builds[i].release, target->release) == 0 &&
		    strcmp(v->builds[i].arch, target->arch) == 0)
			return &v->builds[i];
	}
	return NULL;
}

const struct tree_active *tree_module_active(const struct tree_module *m, const char *release,
					     const char *arch)
{
	for (size_t i = 0; i < m->n_actives; i++) {
		if (strcmp(m->actives[i].release, release) == 0 &&
		    strcmp(m->actives[i].arch, arch) == 0)
			return &m->actives[i];
	}
	return NULL;
}

const struct tree_active *tree_active(const struct tree *t, const char *name, const char *release,
				      const char *arch)
{
	const struct tree_module *m = tree_module(t, name);

	return m ? tree_module_active(m, release, arch) : NULL;
}

/*
 * Is `path` below `folder`?  If the texts do not show that, resolve both paths: a folder in one of
 * them may be a symlink.
 */
static bool tree_lies_below(const struct engine *e, const char *path, const char *folder)
{
	AUTO_FREE char *home = NULL, *real = NULL, *top = NULL;

	if (path_is_below(path, folder))
		return true;
	home = path_parent(path);
	if (root_realpath(&e->root, home, &real) < 0 || root_realpath(&e->root, folder, &top) < 0)
		return false;
	return strcmp(real, top) == 0 || path_is_below(real, top);
}

static int tree_record_check_path(const struct engine *e, const char *path, const char *folder,
				  struct err *err)
{
	if (!path || tree_lies_below(e, path, folder))
		return 0;
	return err_set(err, -E_CORRUPT, "it names %s, which is not below %s", path, folder);
}

/* Check the paths in a record, because as root we delete, move and restore the files there. */
static int tree_record_check_paths(const struct engine *e, const struct target *t,
				   const struct record *rec, struct err *err)
{
	AUTO_FREE char *modules = engine_modules(e, "%s", t->release);
	AUTO_FREE char *originals = tree_original_dir(e, t);
	int r = 0;

	for (size_t i = 0; i < rec->n_modules && r == 0; i++) {
		const struct record_module *m = &rec->modules[i];

		r = tree_record_check_path(e, m->path, modules, err);
		if (r == 0)
			r = tree_record_check_path(e, m->original, modules, err);
		if (r == 0)
			r = tree_record_check_path(e, m->archive, originals, err);
		if (r == 0)
			r = tree_record_check_path(e, m->refused_by, modules, err);
	}
	return r;
}

int tree_record_read(const struct engine *e, const struct target *t, struct record *ret,
		     struct err *err)
{
	AUTO_FREE char *path = tree_record_path(e, t);
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_BUF struct buf text = BUF_INIT;
	int r = statefile_read(e, path, MAX_RECORD, &text, err);

	if (r < 0)
		return r;
	/* A NUL byte would hide what follows it from the parser. */
	if (strlen(text.s) != text.len)
		return err_set(err, -E_CORRUPT, "%s: it has NUL bytes", path);
	r = record_parse(text.s, &rec, err);
	if (r == 0)
		r = tree_record_check_paths(e, t, &rec, err);
	if (r < 0)
		return err_prefix(err, "%s", path), r;
	*ret = rec;
	rec = (struct record){ .depends = STRV_INIT };
	return 0;
}

int tree_origin_read(const struct engine *e, const struct target *t, const char *archive,
		     char **ret)
{
	AUTO_FREE char *file = tree_origin_of(archive);
	AUTO_FREE char *modules = engine_modules(e, "%s", t->release);
	AUTO_BUF struct buf b = BUF_INIT;
	int r = statefile_read(e, file, MAX_ORIGIN, &b, NULL);

	if (r < 0)
		return r;
	buf_truncate(&b, strcspn(b.s, "\r\n"));
	if (!path_is_plain(b.s) || !tree_lies_below(e, b.s, modules))
		return -E_CORRUPT;
	*ret = buf_detach(&b);
	return 0;
}

char *tree_active_version(const struct engine *e, const struct target *t)
{
	AUTO_FREE char *link = tree_active_link(e, t);
	AUTO_FREE char *real = NULL, *version = NULL;
	AUTO_FREE char *base = tree_module_dir(e, t->name);
	size_t len = strlen(base);
	struct target active = *t;
	char *place;
	bool same;

	if (root_realpath(&e->root, link, &real) < 0 || strncmp(real, base, len) != 0 ||
	    real[len] != '/')
		return NULL;
	version = xstrndup(real + len + 1, strcspn(real + len + 1, "/"));
	active.version = version;
	place = tree_build_dir(e, &active);
	same = !strcmp(place, real);
	free(place);
	return same ? TAKE(version) : NULL;
}

void tree_add_dependency(const struct engine *e, const struct target *on, struct strv *ret)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };

	if (!on->version)
		return;
	if (tree_record_read(e, on, &rec, NULL) == 0 && rec.content)
		strv_addf(ret, "%s/%s=%s", on->name, on->version, rec.content);
	else
		strv_addf(ret, "%s/%s", on->name, on->version);
}
