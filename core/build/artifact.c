/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/artifact.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "module/modinfo.h"
#include "sys/fs.h"
#include "sys/harvest.h"
#include "sys/proc.h"

#define MODULE_MAX ((uint64_t)1 << 30)
#define MADE_MAX   8 /* if a module is missing, the message names at most so many others */

/* The module's path in the build folder, as the conf spells it.  Caller frees. */
static char *artifact_built_name(const struct conf_module *m)
{
	return xasprintf("%s%s.ko", m->built_location, m->built_name);
}

static char *artifact_path(const struct conf_module *m, const char *to)
{
	return xasprintf("%s/%s.ko", to, m->dest_name);
}

/* Collect the modules that a build made: the paths of .ko files below its folder. */
static int artifact_note_module(const char *rel, const struct stat *st, void *data)
{
	struct strv *made = data;

	if (S_ISREG(st->st_mode) && str_ends(rel, ".ko") && made->n < MADE_MAX)
		strv_add(made, rel);
	return 0;
}

static bool artifact_is_expected(const struct conf *conf, const char *rel)
{
	for (size_t i = 0; i < conf->n_modules; i++) {
		AUTO_FREE char *name = artifact_built_name(&conf->modules[i]);

		if (!strcmp(name, rel))
			return true;
	}
	return false;
}

/* Say what the build made instead of `name`: usually the conf has the wrong name or folder. */
static int artifact_missing(const struct engine *e, const struct target *t, const struct conf *conf,
			    const char *dir, const char *name, struct err *err)
{
	AUTO_STRV struct strv made = STRV_INIT;
	AUTO_FREE char *list = NULL;

	if (fs_walk(&e->root, dir, artifact_note_module, &made) < 0)
		log_debug("%s cannot be listed", dir);
	for (size_t i = made.n; i-- > 0;) {
		if (artifact_is_expected(conf, made.v[i]))
			strv_remove(&made, i);
	}
	list = strv_join(&made, ", ");
	return err_set(err, -E_NO_MODULE,
		       "The build made %s; dkms.conf expects %s (kernel %s, %s).\n"
		       "BUILT_MODULE_NAME is the name of the file without .ko, and "
		       "BUILT_MODULE_LOCATION its folder.",
		       made.n ? list : "no module", name, t->release, t->arch);
}

static int artifact_harvest_module(const struct engine *e, const struct target *t,
				   const struct conf *conf, const struct conf_module *m,
				   const char *dir, const char *to, struct err *err)
{
	AUTO_FREE char *name = artifact_built_name(m), *file = artifact_path(m, to);
	int r = harvest_file(&e->root, dir, name, file, MODULE_MAX);

	if (r == -ENOENT || r == -ENOTDIR)
		return artifact_missing(e, t, conf, dir, name, err);
	if (r < 0 && harvest_problem(r))
		return err_set(
			err, -E_WRONG_MODULE,
			"%s %s.\nOnly files that the build made in its own folder are taken.", name,
			harvest_problem(r));
	return r < 0 ? err_sys(err, r, "%s", file) : 0;
}

int artifact_harvest(const struct engine *e, const struct target *t, const struct conf *conf,
		     const char *dir, const char *to, struct err *err)
{
	for (size_t i = 0; i < conf->n_modules; i++) {
		const struct conf_module *m = &conf->modules[i];
		int r = m->excluded ? 0 : artifact_harvest_module(e, t, conf, m, dir, to, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int artifact_check_elf(const struct engine *e, const struct target *t, const char *file,
			      const char *name, struct err *err)
{
	unsigned int machine = modelf_machine(t->arch);
	struct modelf elf;
	int r = modelf_read(&e->root, file, &elf);

	if (r == -ENOEXEC)
		return err_set(err, -E_WRONG_MODULE, "%s is empty or no ELF file", name);
	if (r < 0)
		return err_sys(err, r, "%s", file);
	if (!elf.relocatable || (elf.whole && !elf.has_modinfo))
		return err_set(err, -E_WRONG_MODULE, "%s is an ELF file but no kernel module",
			       name);
	if (!elf.whole)
		return err_set(err, -E_WRONG_MODULE, "%s is not complete", name);
	if (machine && elf.machine != machine)
		return err_set(err, -E_WRONG_MODULE, "%s is for %s, not for %s (%s)", name,
			       modelf_machine_text(elf.machine), modelf_machine_text(machine),
			       t->arch);
	return 0;
}

static int artifact_check_vermagic(const struct engine *e, const char *file, const char *name,
				   const char *utsrelease, struct err *err)
{
	AUTO_MODINFO struct modinfo info = { 0 };
	AUTO_FREE char *release = NULL;
	int r = modinfo_read(&e->root, file, &info);

	if (r < 0)
		return err_set(err, -E_WRONG_MODULE, "%s cannot be read as a module: %s", name,
			       error_text(r));
	release = modinfo_release_word(&info);
	if (!strcmp(release, utsrelease))
		return 0;
	if (!*release)
		return err_set(err, -E_WRONG_MODULE, "%s has no vermagic", name);
	return err_set(err, -E_OTHER_KERNEL,
		       "%s was built for kernel %s instead of %s.\nOften a Makefile or the MAKE "
		       "directive asks `uname -r`; $kernelver or KERNELRELEASE is the target.",
		       name, release, utsrelease);
}

static int artifact_check_module(const struct engine *e, const struct target *t,
				 const struct conf_module *m, const char *to,
				 const char *utsrelease, struct err *err)
{
	AUTO_FREE char *file = artifact_path(m, to), *name = artifact_built_name(m);
	int r = artifact_check_elf(e, t, file, name, err);

	return r < 0 ? r : artifact_check_vermagic(e, file, name, utsrelease, err);
}

int artifact_check(const struct engine *e, const struct target *t, const struct conf *conf,
		   const char *to, const char *utsrelease, struct err *err)
{
	for (size_t i = 0; i < conf->n_modules; i++) {
		const struct conf_module *m = &conf->modules[i];
		int r = m->excluded ? 0 : artifact_check_module(e, t, m, to, utsrelease, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Run WORDS... FILE.  Returns 1 if it succeeded, and 0 if it failed, after a warning with the end
 * of its output.  If it was killed, returns an error: whoever kills a whole build may reach strip
 * first, and that must not change what is built.
 */
static int artifact_run_tool(const struct engine *e, const struct artifact_opts *opts,
			     const char *words, const char *file, struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	struct proc_result res = { 0 };
	AUTO_FREE char *how = NULL;
	bool ok;
	int r;

	strv_split(&spec.argv, words, " \t");
	strv_add(&spec.argv, file);
	strv_add_all(&spec.env, opts->env);
	spec.root = &e->root;
	spec.on_output = proc_tail;
	spec.data = &out;
	spec.timeout = settings_number(&e->settings, SET_TOOL_TIMEOUT);
	r = proc_run(&spec, &res);
	ok = r == 0 && res.end == PROC_EXITED && res.status == 0;
	how = r < 0 ? xstrdup(error_text(r)) : proc_result_text(&spec, &res);
	if (r == 0 && proc_was_killed(&res))
		return err_set(err, proc_killed_error(&res), "%s %s: %s", spec.argv.v[0], file,
			       how);
	if (!ok)
		log_warning("%s %s: %s%s%s", spec.argv.v[0], file, how, out.len ? "\n" : "", out.s);
	return ok;
}

static const struct {
	const char *suffix, *tool;
	enum setting opts;
} compressors[] = {
	{ ".gz", "gzip", SET_COMPRESS_GZIP_OPTS },
	{ ".xz", "xz", SET_COMPRESS_XZ_OPTS },
	{ ".zst", "zstd", SET_COMPRESS_ZSTD_OPTS },
};

/*
 * Compress the module file as opts->suffix says.  *ret is the suffix that was added to its name; ""
 * if the file is not compressed.  Static string.
 */
static int artifact_compress(const struct engine *e, const struct artifact_opts *opts,
			     const char *file, const char **ret, struct err *err)
{
	*ret = "";
	for (size_t i = 0; i < ARRAY_SIZE(compressors); i++) {
		AUTO_FREE char *words = NULL, *made = NULL;
		int r;

		if (strcmp(compressors[i].suffix, opts->suffix) != 0)
			continue;
		words = xasprintf("%s %s -f", compressors[i].tool,
				  settings_get(&e->settings, compressors[i].opts));
		made = xasprintf("%s%s", file, opts->suffix);
		r = artifact_run_tool(e, opts, words, file, err);
		if (r < 0)
			return r;
		if (r > 0 && fs_is_file(&e->root, made) && fs_unlink(&e->root, file) == 0) {
			*ret = compressors[i].suffix;
			return 0;
		}
		log_warning("%s stays uncompressed", file);
		if (fs_unlink(&e->root, made) < 0)
			log_debug("%s stays", made);
		return 0;
	}
	return 0;
}

static int artifact_stage_module(const struct engine *e, const struct conf_module *m,
				 const char *to, const struct artifact_opts *opts,
				 struct record *record, struct err *err)
{
	AUTO_FREE char *file = artifact_path(m, to);
	AUTO_FREE char *strip = opts->strip ? xasprintf("%s -g", opts->strip) : NULL;
	AUTO_FREE char *name = NULL;
	const char *suffix;
	int r = m->strip && strip ? artifact_run_tool(e, opts, strip, file, err) : 1;

	if (r < 0)
		return r;
	if (r == 0)
		log_debug("%s keeps its debug information", file);
	if (opts->sign) {
		r = opts->sign(e, file, opts->sign_data, err);
		if (r < 0)
			return r;
		/* The record has a signer only if every module is signed. */
		if (r == 0)
			free(TAKE(record->signer));
	}
	r = artifact_compress(e, opts, file, &suffix, err);
	if (r < 0)
		return r;
	name = xasprintf("%s.ko%s", m->dest_name, suffix);
	record_add_module(record, m->dest_name, name);
	return 0;
}

int artifact_stage(const struct engine *e, const struct conf *conf, const char *to,
		   const struct artifact_opts *opts, struct record *record, struct err *err)
{
	for (size_t i = 0; i < conf->n_modules; i++) {
		const struct conf_module *m = &conf->modules[i];
		int r = m->excluded ? 0 : artifact_stage_module(e, m, to, opts, record, err);

		if (r < 0)
			return r;
	}
	return 0;
}
