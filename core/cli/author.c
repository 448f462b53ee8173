/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs for authors of module sources.  They need no root, and no registered module package. */
#include "author/lint.h"
#include "author/template.h"
#include "author/try.h"
#include "author/tryreport.h"
#include "base/alloc.h"
#include "base/log.h"
#include "cli/ahead.h"
#include "cli/authorjson.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "sys/signals.h"

#define LOG_MAX (64U << 20)

/* Errors and warnings make the command fail; notes do not. */
static int lint_status(const struct lint_findings *l)
{
	return lint_count(l, LINT_ERROR) || lint_count(l, LINT_WARNING);
}

static int lint_verb_run(struct engine *e, const struct options *o)
{
	AUTO_LINT_FINDINGS struct lint_findings l = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_FREE char *folder = NULL;
	int r = options_folder(o, &folder, &err);

	if (r == 0)
		r = lint_run(e, folder, &l, &err);
	if (r < 0)
		return report_error(&err);
	if (o->json)
		json_lint(&l, folder, &b);
	else
		lint_print(&l, o->words.n ? o->words.v[0] : "", &b);
	r = report_print(b.s);
	return r ? r : lint_status(&l);
}

const struct verb verb_lint = {
	.name = "lint",
	.help = "look for faults in a module source",
	.args = "[FOLDER]",
	.about = "Looks at the dkms.conf of a folder, at what it names, at Makefiles and at the\n"
		 "modes of files, and prints each fault with its line, the reason and the cure.\n"
		 "Nothing is compiled. The exit status is 1 if there are errors or warnings.\n",
	.words = WORDS_FOLDERS,
	.flags = VERB_OURS | VERB_READER,
	.run = lint_verb_run,
	.uses = OPTION(OPT_JSON) | OPTION(OPT_DIRECTIVE),
};

/* ---- try ---- */

static void try_tell(const struct tries *t, const struct try_result *r, void *data)
{
	AUTO_FREE char *line = tryreport_line(t, r);

	(void)data;
	log_note("%s", line);
}

static char *try_log_text(const struct try_result *r, void *data)
{
	const struct engine *e = data;
	struct buf b = BUF_INIT;

	if (!r->log || fs_read(&e->root, r->log, LOG_MAX, &b) < 0)
		return NULL;
	for (size_t i = 0; i < b.len; i++) {
		if (!b.s[i])
			b.s[i] = ' ';
	}
	return buf_detach(&b);
}

static int try_write_junit(struct engine *e, const struct options *o, const struct tries *t,
			   struct err *err)
{
	AUTO_FREE char *path = options_path(o, o->junit);
	AUTO_BUF struct buf b = BUF_INIT;
	int r;

	if (!path)
		return 0;
	tryreport_junit(t, try_log_text, e, &b);
	r = atomic_write_file(&e->root, path, b.s, b.len, 0644);
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

/* A try in which nothing was built proves nothing, so it is no success. */
static int try_status(const struct tries *t)
{
	if (try_count(t, TRY_FAILED))
		return error_status(-E_GENERAL);
	return try_count(t, TRY_BUILT) ? 0 : error_status(-E_EXCLUDED);
}

static int try_print(struct engine *e, const struct options *o, const struct tries *t,
		     struct err *err)
{
	AUTO_FREE char *depends = strv_join(&t->depends, ", ");
	AUTO_BUF struct buf b = BUF_INIT;
	int r = try_write_junit(e, o, t, err);
	int status;

	if (t->depends.n)
		log_note("It depends on %s (BUILD_DEPENDS), which is not built here.", depends);
	if (r < 0)
		return report_error(err);
	if (o->json)
		json_try(t, &b);
	else
		tryreport_text(t, &b);
	status = report_print(b.s);
	return status ? status : try_status(t);
}

static int try_folder(struct engine *e, const struct options *o)
{
	AUTO_TRIES struct tries t = TRIES_INIT;
	AUTO_STRV struct strv releases = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *folder = NULL;
	int r = options_folder(o, &folder, &err);

	if (r == 0 && (o->dry_run || o->force))
		r = err_set(&err, -E_USAGE,
			    "--dry-run and --force are for a kernel that is to come, not for the "
			    "source in a folder.");
	signals_catch();
	if (r == 0)
		r = try_choose(e, &o->kernels, &releases, &err);
	if (r == 0)
		r = try_run(e, folder, &releases, try_tell, NULL, &t, &err);
	if (r == 0)
		return try_print(e, o, &t, &err);
	if (!signals_interrupted())
		return report_error(&err);
	report_interrupted(NULL);
	return 128 + signals_interrupted();
}

static int try_verb_run(struct engine *e, const struct options *o)
{
	return ahead_is_meant(e, o) ? ahead_run(e, o) : try_folder(e, o);
}

const struct verb verb_try = {
	.name = "try",
	.help = "build a source for all kernels, or all sources for a kernel to come",
	.args = "[FOLDER] [-k KERNEL,... | -k all] [--junit FILE]\n"
		"       dkms try -k KERNEL [--headers DIR | --fetch] [NAME[/VERSION] ...]\n"
		"       dkms try --candidates [NAME[/VERSION] ...]",
	.about =
		"With a folder, it builds the source in it for each kernel whose headers are here,\n"
		"or for those that -k names, and prints what came of it. It needs no root,\n"
		"registers and installs nothing, and only reads the folder. Logs of failures are\n"
		"kept in a folder for temporary files. The exit status is 1 if a build failed, and\n"
		"77 if the source excludes every kernel.\n"
		"\n"
		"Without a folder, it builds the module packages that are registered, or those\n"
		"named, for a kernel that is not installed. What is built is kept, and is only\n"
		"installed when the kernel comes. --headers names a folder with the kernel's\n"
		"unpacked packages; --fetch lets the package manager download them.\n"
		"--candidates does that for all kernels that an upgrade would bring.\n",
	.words = WORDS_FOLDERS,
	.flags = VERB_OURS,
	.run = try_verb_run,
	.uses = OPTION(OPT_KERNEL) | OPTION(OPT_ARCH) | OPTION(OPT_JSON) | OPTION(OPT_JUNIT) |
		OPTION(OPT_DIRECTIVE) | OPTION(OPT_JOBS) | OPTION(OPT_CONFIG) |
		OPTION(OPT_KERNEL_SOURCE_DIR) | OPTION(OPT_HEADERS) | OPTION(OPT_FETCH) |
		OPTION(OPT_CANDIDATES) | OPTION(OPT_DRY_RUN) | OPTION(OPT_FORCE),
};

/* ---- init ---- */

static int init_verb_run(struct engine *e, const struct options *o)
{
	AUTO_MODID struct modid id = MODID_INIT;
	AUTO_STRV struct strv files = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *folder = NULL, *list = NULL;
	const char *word = o->words.n ? o->words.v[0] : ".";
	int r = options_folder(o, &folder, &err);

	if (r == 0)
		r = template_write(e, folder, &id, &files, &err);
	if (r < 0)
		return report_error(&err);
	list = strv_join(&files, ", ");
	log_note("%s/%s begins in %s: %s.\nNext: dkms lint %s && dkms try %s", id.name, id.version,
		 folder, list, word, word);
	return 0;
}

const struct verb verb_init = {
	.name = "init",
	.help = "begin a module source in a new folder",
	.args = "FOLDER",
	.about =
		"Writes a dkms.conf, a Kbuild, a Makefile and a module that only says hello. The\n"
		"folder's name, NAME or NAME-VERSION, is that of the module package. Nothing that\n"
		"exists is changed.\n",
	.words = WORDS_FOLDERS,
	.flags = VERB_OURS,
	.run = init_verb_run,
	.uses = 0,
};
