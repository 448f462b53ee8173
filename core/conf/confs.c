/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/confs.h"

#include <string.h>

#include "base/alloc.h"
#include "conf/confeval.h"
#include "conf/confwarn.h"
#include "engine/distro.h"
#include "engine/treepath.h"
#include "engine/trust.h"
#include "kernel/kernels.h"

static void confs_entry_release(struct confs_entry *e)
{
	free(e->name);
	free(e->version);
	free(e->release);
	free(e->arch);
	free(e->folder);
	conf_values_release(&e->values);
	conf_release(&e->conf);
}

void confs_release(struct confs *c)
{
	for (size_t i = 0; i < c->n; i++)
		confs_entry_release(&c->v[i]);
	free(c->v);
	*c = (struct confs){ NULL, 0 };
}

const struct confs_entry *confs_entry(const struct confs *c, const struct target *t)
{
	const char *release = t->release ? t->release : "";

	for (size_t i = 0; i < c->n; i++) {
		const struct confs_entry *e = &c->v[i];

		if (strcmp(e->release, release) == 0 && strcmp(e->name, t->name) == 0 &&
		    strcmp(e->version, t->version) == 0)
			return e;
	}
	return NULL;
}

void confs_want(struct confs *c, const struct target *t, const char *folder)
{
	struct confs_entry e = { .evaluated = false };

	if (confs_entry(c, t))
		return;
	e.name = xstrdup(t->name);
	e.version = xstrdup(t->version);
	e.release = xstrdup(t->release ? t->release : "");
	e.arch = xstrdup(t->arch ? t->arch : "");
	e.folder = xstrdup(folder);
	e.values = (struct conf_values)CONF_VALUES_INIT;
	VEC_PUSH(c->v, c->n, e);
}

const struct conf *confs_get(const struct confs *c, const struct target *t)
{
	const struct confs_entry *e = confs_entry(c, t);

	return e && e->evaluated && e->values.error == 0 ? &e->conf : NULL;
}

static char *confs_entry_path(const struct engine *e, const struct confs_entry *entry)
{
	return e->conf_file ? xstrdup(e->conf_file) : xasprintf("%s/dkms.conf", entry->folder);
}

/*
 * What the confs of one kernel share.  It is kept until an entry of another kernel comes, because
 * the entries of one kernel are mostly next to each other.
 */
struct confs_kernel {
	const char *release; /* NULL: none read yet */
	struct kconfig config;
	bool has_config, clang;
};

static void confs_kernel_read(const struct engine *e, const char *release,
			      struct confs_kernel *kernel)
{
	if (kernel->release && strcmp(kernel->release, release) == 0)
		return;
	if (kernel->has_config)
		kconfig_release(&kernel->config);
	kernel->release = release;
	kernel->has_config = *release && kernel_config(e, release, &kernel->config) == 0;
	kernel->clang = *release &&
			kernel_by_clang(e, release, kernel->has_config ? &kernel->config : NULL);
}

static void confs_entry_interpret(const struct engine *e, struct confs_entry *entry,
				  const struct confs_kernel *kernel)
{
	AUTO_FREE char *headers = engine_headers_dir(e, entry->release);
	AUTO_FREE char *build = tree_work_dir(e, entry->name, entry->version);
	AUTO_FREE char *target = engine_target_dir(e);
	AUTO_FREE char *path = confs_entry_path(e, entry);
	struct target t = { entry->name, entry->version, entry->release, entry->arch };
	struct conf_kernel k = {
		.release = entry->release,
		.arch = entry->arch,
		.name = entry->name,
		.version = entry->version,
		.source_dir = headers,
		.build_dir = build,
		.config = kernel->has_config ? &kernel->config : NULL,
		.target_dir = target,
		.clang = kernel->clang,
	};

	conf_interpret(&entry->values, &k, &entry->conf);
	confwarn_add(e, &t, path, &entry->conf, &entry->values);
	entry->evaluated = true;
}

static void confs_interpret_new(const struct engine *e, struct confs *c)
{
	struct confs_kernel kernel = { .release = NULL };

	for (size_t i = 0; i < c->n; i++) {
		if (c->v[i].evaluated)
			continue;
		confs_kernel_read(e, c->v[i].release, &kernel);
		confs_entry_interpret(e, &c->v[i], &kernel);
	}
	if (kernel.has_config)
		kconfig_release(&kernel.config);
}

static int confs_evaluate_entries(struct engine *e, struct confs_entry **list, size_t n,
				  struct err *err)
{
	struct confeval_pair *pairs = xcalloc(n, sizeof(*pairs));
	AUTO_FREE char *some = NULL;
	struct strv paths = STRV_INIT;
	int r;

	/* As in DKMS, a conf without a kernel gets the default kernel: many confs need one. */
	if (kernels_default(e, &some, NULL) < 0)
		some = xstrdup("");

	for (size_t i = 0; i < n; i++) {
		strv_take(&paths, confs_entry_path(e, list[i]));
		pairs[i].name = list[i]->name;
		pairs[i].version = list[i]->version;
		pairs[i].release = *list[i]->release ? list[i]->release : some;
		pairs[i].arch = list[i]->arch;
		pairs[i].conf_path = paths.v[i];
		pairs[i].result = (struct conf_values)CONF_VALUES_INIT;
	}
	r = confeval_run(e, pairs, n, err);
	for (size_t i = 0; i < n; i++)
		list[i]->values = pairs[i].result;
	free(pairs);
	strv_release(&paths);
	return r;
}

/* Refuse a conf that somebody else than root can change, because bash runs confs as root. */
static bool confs_entry_is_refused(const struct engine *e, struct confs_entry *entry)
{
	struct target t = { entry->name, entry->version, *entry->release ? entry->release : NULL,
			    entry->arch };
	AUTO_ERR struct err err = ERR_INIT;
	int r = trust_source(e, &t, entry->folder, &err);

	if (r == 0)
		return false;
	entry->values.error = r;
	entry->values.error_text = TAKE(err.text);
	entry->evaluated = true;
	return true;
}

int confs_evaluate(struct engine *e, struct confs *c, struct err *err)
{
	struct confs_entry **list = NULL;
	size_t n = 0;
	int r;

	for (size_t i = 0; i < c->n; i++) {
		if (!c->v[i].evaluated && !confs_entry_is_refused(e, &c->v[i]))
			VEC_PUSH(list, n, &c->v[i]);
	}
	r = n ? confs_evaluate_entries(e, list, n, err) : 0;
	for (size_t i = 0; i < n && r == 0; i++)
		trust_tolerated(e, list[i]->folder, &list[i]->values.warnings);
	free(list);
	if (r == 0)
		confs_interpret_new(e, c);
	return r;
}

int confs_check(const struct engine *e, const struct confs_entry *entry, bool strict,
		struct err *err)
{
	AUTO_FREE char *path = confs_entry_path(e, entry);

	return conf_check(&entry->conf, &entry->values, path, strict, err);
}

void confs_verdict(const struct engine *e, const struct confs_entry *entry, const char *key,
		   struct verdict *ret)
{
	AUTO_ERR struct err err = ERR_INIT;
	const struct conf *c = &entry->conf;

	*ret = (struct verdict){
		.name = xstrdup(entry->name),
		.version = xstrdup(entry->version),
		.release = xstrdup(entry->release),
		.arch = xstrdup(entry->arch),
		.key = xstrdup(key),
		.autoinstall = c->autoinstall,
		.remake_initrd = c->remake_initrd,
		.depends_rebuild = c->depends_rebuild,
		.excluded = xstrdup(c->excluded),
		.depends = STRV_INIT,
		.modules = STRV_INIT,
	};
	if (confs_check(e, entry, true, &err) < 0)
		ret->bad = TAKE(err.text);
	strv_add_all(&ret->depends, &c->depends);
	for (size_t i = 0; i < c->n_modules; i++) {
		if (!c->modules[i].excluded && c->modules[i].dest_name)
			strv_add(&ret->modules, c->modules[i].dest_name);
	}
}
