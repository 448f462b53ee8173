/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/smoke.h"

#include <string.h>

#include "archive/import.h"
#include "base/alloc.h"
#include "base/log.h"
#include "build/build.h"
#include "build/scratch.h"
#include "engine/treepath.h"
#include "kernel/kernels.h"
#include "module/modulesuffix.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define SMOKE_NAME  "dkms_smoke"
#define SMOKE_NAMES "smoke"
#define RESULT_MAX  (1U << 20)

static const struct {
	const char *name, *text;
} smoke_files[] = {
	{ "dkms.conf", "PACKAGE_NAME=" SMOKE_NAME "\n"
		       "PACKAGE_VERSION=1\n"
		       "BUILT_MODULE_NAME[0]=" SMOKE_NAME "\n"
		       "DEST_MODULE_LOCATION[0]=/updates/dkms\n" },
	{ "Makefile", "obj-m := " SMOKE_NAME ".o\n" },
	{ SMOKE_NAME ".c", "#include <linux/module.h>\n"
			   "MODULE_DESCRIPTION(\"empty\");\n"
			   "MODULE_LICENSE(\"GPL\");\n" },
};

static int smoke_write_source(struct engine *e, const char *source)
{
	int r = fs_mkdir_p(&e->root, source);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(smoke_files); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", source, smoke_files[i].name);
		const char *text = smoke_files[i].text;

		r = atomic_write_file(&e->root, path, text, strlen(text), 0644);
	}
	return r;
}

/* May headers be to blame for this error? */
static bool smoke_is_of_headers(int code)
{
	return code == -E_MAKE || code == -E_NO_MODULE || code == -E_WRONG_MODULE ||
	       code == -E_OTHER_KERNEL || code == -E_NO_HEADERS;
}

static int smoke_blame(const struct target *t, const struct build_result *res, struct err *err)
{
	AUTO_FREE char *lines = strv_join(&res->lines, "\n  ");
	const char *text = err->text ? err->text : error_text(err->code);

	if (!smoke_is_of_headers(err->code))
		return err->code;
	return err_set(err, -E_BAD_HEADERS,
		       "The headers of %s cannot be used: an empty module cannot be built with "
		       "them.\n  %s",
		       t->release, *lines ? lines : text);
}

static int smoke_build_conf(struct engine *e, const struct target *t, const struct conf *conf,
			    struct err *err)
{
	AUTO_FREE char *headers = engine_headers_dir(e, t->release);
	AUTO_FREE char *uts = build_utsrelease(e, headers);
	AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
	struct kconfig config = { 0 };
	bool has_config = kernel_config(e, t->release, &config) == 0;
	struct build_opts opts = {
		.headers = headers,
		.config = has_config ? &config : NULL,
		.jobs = "-j1",
		.suffix = kernel_module_suffix(e, t->release, has_config ? &config : NULL),
	};
	int r;

	if (uts && strcmp(uts, t->release) != 0)
		r = err_set(err, -E_BAD_HEADERS, "The headers in %s are those of %s, not of %s.",
			    headers, uts, t->release);
	else
		r = build_run(e, t, conf, &opts, &res, err);
	if (r < 0)
		r = smoke_blame(t, &res, err);
	if (has_config)
		kconfig_release(&config);
	return r;
}

int smoke_build(struct engine *e, const char *release, const char *scratch, struct err *err)
{
	const struct modid id = { (char *)SMOKE_NAME, (char *)"1" };
	struct target t = { id.name, id.version, release, e->arch };
	AUTO_FREE char *dir = tree_staging_run(e, e->run_id);
	AUTO_FREE char *source = xasprintf("%s/%s-source", dir, scratch);
	AUTO_FREE char *tree = xasprintf("%s/%s", dir, scratch);
	AUTO_FREE char *path = xasprintf("%s/dkms.conf", source);
	AUTO_CONF struct conf conf = CONF_INIT;
	AUTO_ERR struct err local = ERR_INIT;
	int r = smoke_write_source(e, source);

	log_set_level(LOG_ERROR);
	if (r == 0)
		r = scratch_enter(e, tree, &id, source);
	if (r < 0)
		return err_sys(err, r, "%s", dir);
	r = import_conf(e, path, &t, true, &conf, &local);
	if (r == 0)
		r = smoke_build_conf(e, &t, &conf, &local);
	if (r < 0 && !local.code)
		err_sys(&local, r, "build");
	if (r < 0 && err)
		err_move(err, &local);
	return r;
}

/* ---- in a worker of its own ---- */

struct smoke {
	struct engine *e;
	const char *release;
	const char *result; /* a file for the error, in the form of build_result_print() */
};

static int smoke_work(void *arg)
{
	const struct smoke *s = arg;
	AUTO_BUILD_RESULT struct build_result none = BUILD_RESULT_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	int r = smoke_build(s->e, s->release, SMOKE_NAMES, &err);

	build_result_print(&none, &err, &b);
	return atomic_write_file(&s->e->root, s->result, b.s, b.len, 0600) < 0 || r < 0;
}

int smoke_run(struct engine *e, const char *release, struct err *err)
{
	AUTO_FREE char *dir = tree_staging_run(e, e->run_id);
	AUTO_FREE char *result = xasprintf("%s/" SMOKE_NAMES "-result", dir);
	AUTO_BUILD_RESULT struct build_result none = BUILD_RESULT_INIT;
	struct smoke s = { e, release, result };
	struct proc_worker worker = { 0 };
	AUTO_BUF struct buf text = BUF_INIT;
	int r = fs_mkdir_p(&e->root, dir);
	size_t i;

	if (r == 0)
		r = proc_worker_start(&worker, smoke_work, &s);
	if (r == 0)
		r = proc_worker_wait(&worker, 1, 0, &i);
	if (r == 0)
		r = fs_read(&e->root, result, RESULT_MAX, &text);
	if (r < 0)
		return err_sys(err, r, "The headers of %s could not be tried", release);
	r = build_result_parse(text.s, &none, err);
	return r < 0 ? r : err->code;
}
