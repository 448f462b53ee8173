/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/buildprep.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "conf/script.h"
#include "engine/childenv.h"
#include "engine/override.h"
#include "engine/treepath.h"
#include "engine/trust.h"
#include "model/makecmd.h"
#include "sys/fs.h"

static char *buildprep_source_link(const struct engine *e, const struct target *t)
{
	return tree_source_link(e, t->name, t->version);
}

static int buildprep_check_headers(const struct engine *e, const struct target *t,
				   const char *headers, struct err *err)
{
	AUTO_FREE char *include = xasprintf("%s/include", headers);

	if (fs_is_dir(&e->root, include))
		return 0;
	return err_set(err, -E_NO_HEADERS,
		       "Your kernel headers for kernel %s cannot be found at %s.\nInstall the "
		       "headers package of this kernel, or name their folder with "
		       "--kernelsourcedir.",
		       t->release, headers);
}

static int buildprep_check_source(const struct engine *e, const char *source, struct err *err)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int r = fs_list(&e->root, source, &names);

	if (r < 0)
		return err_sys(err, r, "%s", source);
	if (names.n < 2)
		return err_set(err, -E_SOURCE_EMPTY,
			       "The directory %s does not appear to have module source located "
			       "within it.",
			       source);
	return 0;
}

static int buildprep_need_tool(const struct engine *e, const struct strv *env, const char *name,
			       const char *why, struct err *err)
{
	if (childenv_has_command(e, env, name))
		return 0;
	return err_set(err, -E_TOOL_MISSING, "the program %s is missing; it is needed %s", name,
		       why);
}

static bool buildprep_wants_strip(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_modules; i++)
		if (conf->modules[i].strip && !conf->modules[i].excluded)
			return true;
	return false;
}

static int buildprep_check_tools(const struct engine *e, const struct conf *conf,
				 const struct strv *env, struct err *err)
{
	int r = buildprep_need_tool(e, env, "bash", "to run the commands of a dkms.conf", err);

	if (r == 0 && conf->make && !strncmp(conf->make, "make", 4))
		r = buildprep_need_tool(e, env, "make", "to build modules", err);
	if (r == 0 && conf->patches.n)
		r = buildprep_need_tool(e, env, "patch",
					"to apply the patches of this module package", err);
	if (r == 0 && buildprep_wants_strip(conf) && !childenv_has_command(e, env, "llvm-strip"))
		r = buildprep_need_tool(e, env, "strip", "to strip modules", err);
	return r;
}

static int buildprep_add_size(const char *rel, const struct stat *st, void *data)
{
	(void)rel;
	*(uint64_t *)data += (uint64_t)st->st_blocks * 512;
	return 0;
}

#define MIB(n) (((n) + (1U << 20) - 1) >> 20)

/*
 * Require three times the size of the source: objects with debug information are a few times as
 * large as their source.
 */
static int buildprep_check_space(const struct engine *e, const char *source, struct err *err)
{
	AUTO_FREE char *real = NULL;
	struct fs_space space = { 0 };
	uint64_t need = 0;
	int r = root_realpath(&e->root, source, &real);

	if (r == 0)
		r = fs_walk(&e->root, real, buildprep_add_size, &need);
	if (r == 0)
		r = fs_free_space(&e->root, e->dkms_tree, &space);
	if (r < 0)
		return err_sys(err, r, "%s", source);
	need *= 3;
	if (space.bytes >= need)
		return 0;
	return err_set(err, -E_NO_SPACE,
		       "%s has %" PRIu64 " MiB free; a build of %s needs about %" PRIu64 " MiB",
		       e->dkms_tree, space.bytes >> 20, source, MIB(need));
}

int buildprep_check(const struct engine *e, const struct target *t, const struct conf *conf,
		    const char *headers, const struct strv *env, struct err *err)
{
	AUTO_FREE char *source = buildprep_source_link(e, t);
	int r = buildprep_check_source(e, source, err);

	if (r == 0)
		r = buildprep_check_headers(e, t, headers, err);
	if (r == 0)
		r = buildprep_check_tools(e, conf, env, err);
	return r < 0 ? r : buildprep_check_space(e, source, err);
}

struct overlay {
	const struct root *root;
	const char *from, *to;
};

static int overlay_add(const char *rel, const struct stat *st, void *data)
{
	const struct overlay *o = data;
	AUTO_FREE char *from = xasprintf("%s/%s", o->from, rel);
	AUTO_FREE char *to = xasprintf("%s/%s", o->to, rel);
	int r;

	if (S_ISDIR(st->st_mode))
		return fs_mkdir_p(o->root, to);
	if (!fs_is_file(o->root, from))
		return 0;
	r = fs_unlink(o->root, to);
	if (r == 0 && S_ISLNK(st->st_mode)) {
		AUTO_FREE char *real = NULL;

		r = root_realpath(o->root, from, &real);
		return r < 0 ? r : fs_copy_file(o->root, real, to);
	}
	return r < 0 ? r : fs_copy_file(o->root, from, to);
}

static int buildprep_overlay_patches(const struct engine *e, const struct target *t,
				     const char *dir)
{
	AUTO_FREE char *from = xasprintf(OVERRIDE_DIR "/%s/patches", t->name);
	AUTO_FREE char *to = xasprintf("%s/patches", dir);
	struct overlay o = { &e->root, from, to };
	int r;

	if (!fs_is_dir(&e->root, from))
		return 0;
	r = fs_mkdir_p(&e->root, to);
	return r < 0 ? r : fs_walk(&e->root, from, overlay_add, &o);
}

int buildprep_copy(const struct engine *e, const struct target *t, const char *dir, struct err *err)
{
	AUTO_FREE char *source = buildprep_source_link(e, t);
	AUTO_FREE char *real = NULL;
	int r = root_realpath(&e->root, source, &real);

	if (r == 0)
		r = fs_copy_tree(&e->root, real, dir);
	if (r == 0)
		r = buildprep_overlay_patches(e, t, dir);
	if (r == -ENOSPC || r == -EDQUOT)
		return err_set(err, -E_NO_SPACE, "%s: no space left while copying %s", dir, source);
	return r < 0 ? err_sys(err, r, "copy of %s to %s", source, dir) : 0;
}

struct leftovers {
	const struct root *root;
	const char *dir;
	struct strv files; /* absolute: objects and their .cmd files */
};

/* Collect ".foo.o.cmd" and "foo.o" where both exist. */
static int leftovers_add(const char *rel, const struct stat *st, void *data)
{
	struct leftovers *l = data;
	const char *name = strrchr(rel, '/') ? strrchr(rel, '/') + 1 : rel;
	size_t len = strlen(name);
	AUTO_FREE char *object = NULL;

	if (!S_ISREG(st->st_mode) || len < 8 || name[0] != '.' ||
	    strcmp(name + len - 6, ".o.cmd") != 0)
		return 0;
	object = xasprintf("%s/%.*s%.*s", l->dir, (int)(name - rel), rel, (int)len - 5, name + 1);
	if (fs_is_file(l->root, object)) {
		strv_addf(&l->files, "%s/%s", l->dir, rel);
		strv_take(&l->files, TAKE(object));
	}
	return 0;
}

static int buildprep_run_clean(const struct engine *e, const char *command, const char *build,
			       const struct strv *env, struct makelog *log)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	int r;

	script_eval_spec(e, NULL, command, &spec);
	strv_add_all(&spec.env, env);
	spec.root = &e->root;
	spec.cwd = build;
	spec.timeout = settings_number(&e->settings, SET_SCRIPT_TIMEOUT);
	r = makelog_run(log, "Cleaning the source", command, &spec, &res);
	if (r == 0 && (res.end != PROC_EXITED || res.status != 0)) {
		AUTO_FREE char *how = proc_result_text(&spec, &res);

		log_warning("CLEAN of %s failed: %s", build, how);
	}
	return r;
}

int buildprep_clean(const struct engine *e, const struct conf *conf, const char *dir,
		    const char *build, const struct strv *env, struct makelog *log, struct err *err)
{
	struct leftovers l = { &e->root, dir, STRV_INIT };
	int r = fs_walk(&e->root, dir, leftovers_add, &l);
	const char *file;

	if (r == 0 && l.files.n && conf->clean)
		r = buildprep_run_clean(e, conf->clean, build, env, log);
	STRV_FOREACH (file, &l.files)
		if (r == 0)
			r = fs_unlink(&e->root, file);
	strv_release(&l.files);
	return r < 0 ? err_sys(err, r, "%s: cannot be cleaned", dir) : 0;
}

static int buildprep_check_patches(const struct engine *e, const struct target *t,
				   const struct conf *conf, const char *dir, struct err *err)
{
	AUTO_FREE char *source = tree_source_link(e, t->name, t->version);
	const char *name;

	STRV_FOREACH (name, &conf->patches) {
		AUTO_FREE char *file = xasprintf("%s/patches/%s", dir, name);
		const char *problem = makecmd_patch_problem(name);

		if (problem)
			return err_set(err, -E_PATCH_MISSING,
				       "Patch %s as specified in dkms.conf cannot be used: %s",
				       name, problem);
		if (!fs_is_file(&e->root, file))
			return err_set(err, -E_PATCH_MISSING,
				       "Patch %s as specified in dkms.conf cannot be found in "
				       "%s/patches/ or " OVERRIDE_DIR "/%s/patches/.",
				       name, source, t->name);
	}
	return 0;
}

static int buildprep_apply_patch(const struct engine *e, const char *name, const char *build,
				 const struct strv *env, struct makelog *log, bool *ret_memorable,
				 struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_FREE char *title = xasprintf("Applying patch %s", name);
	AUTO_FREE char *command = xasprintf("patch -p1 < ./patches/%s", name);
	struct proc_result res = { 0 };
	int r;

	strv_split(&spec.argv, "patch -p1 -i", " ");
	strv_addf(&spec.argv, "./patches/%s", name);
	strv_add_all(&spec.env, env);
	spec.root = &e->root;
	spec.cwd = build;
	spec.timeout = settings_number(&e->settings, SET_TOOL_TIMEOUT);
	r = makelog_run(log, title, command, &spec, &res);
	if (r < 0)
		return err_sys(err, r, "patch");
	if (res.end == PROC_INTERRUPTED)
		return err_set(err, -E_INTERRUPTED, "interrupted");
	*ret_memorable = res.end == PROC_EXITED && res.status < 126;
	if (res.end != PROC_EXITED || res.status != 0)
		return err_set(err, -E_PATCH_FAILED, "Application of patch %s failed.", name);
	return 0;
}

int buildprep_patch(const struct engine *e, const struct target *t, const struct conf *conf,
		    const char *dir, const char *build, const struct strv *env, struct makelog *log,
		    bool *ret_memorable, struct err *err)
{
	int r = buildprep_check_patches(e, t, conf, dir, err);
	const char *name;

	*ret_memorable = r == -E_PATCH_MISSING;
	STRV_FOREACH (name, &conf->patches)
		if (r == 0)
			r = buildprep_apply_patch(e, name, build, env, log, ret_memorable, err);
	return r;
}

/* Replace `env` with the NUL-terminated NAME=VALUE strings in `out`. */
static void buildprep_take_environment(const struct buf *out, struct strv *env)
{
	strv_release(env);
	for (size_t at = 0; at < out->len; at += strlen(out->s + at) + 1)
		if (strchr(out->s + at, '='))
			strv_add(env, out->s + at);
}

static int buildprep_add_exports(const struct engine *e, const char *file, struct strv *env,
				 struct err *err)
{
	AUTO_BUF struct buf out = BUF_INIT;
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	int r;

	if (!fs_is_file(&e->root, file))
		return err_set(err, -E_GENERAL, "build_environment: %s does not exist", file);
	r = trust_path(e, file, MODES_BELIEVED, err);
	if (r < 0)
		return r;
	strv_split(&spec.argv, "bash -c", " ");
	strv_add(&spec.argv, ". \"$1\" >/dev/null && exec env -0");
	strv_add(&spec.argv, "dkms");
	strv_add(&spec.argv, file);
	strv_add_all(&spec.env, env);
	spec.root = &e->root;
	spec.on_output = proc_collect;
	spec.data = &out;
	spec.output_max = 4 << 20;
	spec.timeout = 60;
	r = proc_run(&spec, &res);
	if (r < 0 || res.end != PROC_EXITED || res.status != 0)
		return err_set(err, -E_GENERAL, "build_environment: %s cannot be read by bash",
			       file);
	buildprep_take_environment(&out, env);
	return 0;
}

int buildprep_environment(const struct engine *e, const struct target *t, struct strv *env,
			  struct err *err)
{
	AUTO_STRV struct strv added = STRV_INIT;
	const char *word;
	int r = 0;

	childenv_added(e, t->release, t->arch, &added);
	STRV_FOREACH (word, &added) {
		if (r == 0 && *word == '/')
			r = buildprep_add_exports(e, word, env, err);
	}
	return r;
}
