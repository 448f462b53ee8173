/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/world.h"

#include <string.h>

#include "base/alloc.h"
#include "model/kver.h"

/* The name for the index, which cannot hold NULL. */
static const char *world_id_name(const struct modid *id)
{
	return id->name ? id->name : "";
}

static void world_kernel_release(struct world_kernel *k)
{
	free(k->release);
	free(k->arch);
	free(k->headers);
}

static void world_folder_release(struct world_folder *f)
{
	free(f->folder);
	free(f->owner);
	free(f->owner_version);
	modid_release(&f->id);
}

static void world_module_release(struct world_module *m)
{
	modid_release(&m->id);
	free(m->folder);
	free(m->content);
	free(m->owner);
	free(m->owner_version);
}

static void world_conf_release(struct world_conf *c)
{
	modid_release(&c->id);
	free(c->release);
	free(c->excluded);
	free(c->bad);
	free(c->key);
	strv_release(&c->depends);
	strv_release(&c->modules);
}

static void world_build_release(struct world_build *b)
{
	modid_release(&b->id);
	free(b->release);
	free(b->arch);
	free(b->content);
	free(b->headers);
	free(b->rival);
	strv_release(&b->depends);
	strv_release(&b->modules);
}

void world_release(struct world *w)
{
	for (size_t i = 0; i < w->n_kernels; i++)
		world_kernel_release(&w->kernels[i]);
	for (size_t i = 0; i < w->n_folders; i++)
		world_folder_release(&w->folders[i]);
	for (size_t i = 0; i < w->n_modules; i++)
		world_module_release(&w->modules[i]);
	for (size_t i = 0; i < w->n_confs; i++)
		world_conf_release(&w->confs[i]);
	for (size_t i = 0; i < w->n_builds; i++)
		world_build_release(&w->builds[i]);
	free(w->kernels);
	free(w->folders);
	free(w->modules);
	free(w->confs);
	free(w->builds);
	names_release(&w->folder_names);
	names_release(&w->module_names);
	names_release(&w->conf_names);
	names_release(&w->build_names);
	free(w->arch);
	free(w->source_tree);
	ledger_release(LEDGER_OWNERS, &w->owners);
	ledger_release(LEDGER_HOLDS, &w->holds);
	ledger_release(LEDGER_FAILURES, &w->failures);
	ledger_release(LEDGER_REQUESTS, &w->requests);
	ledger_release(LEDGER_CANDIDATES, &w->candidates);
	*w = (struct world){ 0 };
}

struct world_kernel *world_add_kernel(struct world *w, const char *release, const char *arch)
{
	struct world_kernel k = { .release = xstrdup(release), .arch = xstrdup(arch) };

	VEC_PUSH(w->kernels, w->n_kernels, k);
	return &w->kernels[w->n_kernels - 1];
}

struct world_folder *world_add_folder(struct world *w, const char *folder, const struct modid *id)
{
	struct world_folder f = { .folder = xstrdup(folder) };

	modid_copy(&f.id, id);
	VEC_PUSH(w->folders, w->n_folders, f);
	names_add(&w->folder_names, world_id_name(&f.id));
	return &w->folders[w->n_folders - 1];
}

struct world_module *world_add_module(struct world *w, const struct modid *id)
{
	struct world_module m = { .source = SOURCE_OK };

	modid_copy(&m.id, id);
	VEC_PUSH(w->modules, w->n_modules, m);
	names_add(&w->module_names, world_id_name(&m.id));
	return &w->modules[w->n_modules - 1];
}

struct world_conf *world_add_conf(struct world *w, const struct modid *id, const char *release)
{
	struct world_conf c = { .depends = STRV_INIT, .modules = STRV_INIT };

	modid_copy(&c.id, id);
	c.release = xstrdup(release);
	VEC_PUSH(w->confs, w->n_confs, c);
	names_add(&w->conf_names, world_id_name(&c.id));
	return &w->confs[w->n_confs - 1];
}

struct world_build *world_add_build(struct world *w, const struct modid *id, const char *release,
				    const char *arch)
{
	struct world_build b = { .depends = STRV_INIT, .modules = STRV_INIT };

	modid_copy(&b.id, id);
	b.release = xstrdup(release);
	b.arch = xstrdup(arch);
	VEC_PUSH(w->builds, w->n_builds, b);
	names_add(&w->build_names, world_id_name(&b.id));
	return &w->builds[w->n_builds - 1];
}

const struct world_kernel *world_kernel(const struct world *w, const char *release)
{
	for (size_t i = 0; release && i < w->n_kernels; i++) {
		if (strcmp(w->kernels[i].release, release) == 0)
			return &w->kernels[i];
	}
	return NULL;
}

bool world_kernel_is_here(const struct world_kernel *k)
{
	return k && (k->image || k->tree || k->headers);
}

const struct world_folder *world_folder(const struct world *w, const struct modid *id)
{
	const struct names *names = &w->folder_names;

	for (size_t i = names_first(names, world_id_name(id)); i != NAMES_NONE;
	     i = names_next(names, i)) {
		if (modid_equal(&w->folders[i].id, id))
			return &w->folders[i];
	}
	return NULL;
}

const struct world_module *world_module(const struct world *w, const struct modid *id)
{
	const struct names *names = &w->module_names;

	for (size_t i = names_first(names, world_id_name(id)); i != NAMES_NONE;
	     i = names_next(names, i)) {
		if (modid_equal(&w->modules[i].id, id))
			return &w->modules[i];
	}
	return NULL;
}

const struct world_conf *world_conf(const struct world *w, const struct modid *id,
				    const char *release)
{
	const struct names *names = &w->conf_names;
	const struct world_conf *any = NULL;

	for (size_t i = names_first(names, world_id_name(id)); i != NAMES_NONE;
	     i = names_next(names, i)) {
		const struct world_conf *c = &w->confs[i];

		if (!modid_equal(&c->id, id))
			continue;
		if (!c->release)
			any = c;
		else if (str_equal(c->release, release))
			return c;
	}
	return any;
}

const struct world_build *world_build(const struct world *w, const struct modid *id,
				      const char *release, const char *arch)
{
	const struct names *names = &w->build_names;

	for (size_t i = names_first(names, world_id_name(id)); i != NAMES_NONE;
	     i = names_next(names, i)) {
		const struct world_build *b = &w->builds[i];

		if (str_equal(b->release, release) && str_equal(b->arch, arch) &&
		    modid_equal(&b->id, id))
			return b;
	}
	return NULL;
}

const struct world_build *world_installed(const struct world *w, const char *name,
					  const char *release, const char *arch)
{
	const struct names *names = &w->build_names;

	for (size_t i = names_first(names, name); i != NAMES_NONE; i = names_next(names, i)) {
		const struct world_build *b = &w->builds[i];

		if (b->installed && str_equal(b->release, release) && str_equal(b->arch, arch))
			return b;
	}
	return NULL;
}

bool world_headers_differ(const char *a, const char *b)
{
	const char *bar_a, *bar_b;

	if (!a || !b)
		return false;
	bar_a = strchr(a, '|');
	bar_b = strchr(b, '|');
	if (!bar_a || !bar_b)
		return strcmp(a, b) != 0;
	if (bar_a != a && bar_b != b &&
	    (bar_a - a != bar_b - b || memcmp(a, b, (size_t)(bar_a - a)) != 0))
		return true;
	return strcmp(bar_a, bar_b) != 0;
}

bool world_failure_same(const char *a, const char *b)
{
	const char *slash_a = strchr(a, '/'), *slash_b = strchr(b, '/');

	if (!slash_a || !slash_b)
		return strcmp(a, b) == 0;
	return slash_a - a == slash_b - b && memcmp(a, b, (size_t)(slash_a - a)) == 0 &&
	       !world_headers_differ(slash_a + 1, slash_b + 1);
}

static int world_compare_release(const char *a, const char *arch_a, const char *b,
				 const char *arch_b)
{
	int c = kver_compare(b, a);

	return c ? c : strcmp(arch_a, arch_b);
}

static int world_compare_kernels(const void *pa, const void *pb)
{
	const struct world_kernel *a = pa, *b = pb;

	return world_compare_release(a->release, a->arch, b->release, b->arch);
}

static int world_compare_modules(const void *pa, const void *pb)
{
	return modid_compare(&((const struct world_module *)pa)->id,
			     &((const struct world_module *)pb)->id);
}

static int world_compare_builds(const void *pa, const void *pb)
{
	const struct world_build *a = pa, *b = pb;
	int c = modid_compare(&a->id, &b->id);

	return c ? c : world_compare_release(a->release, a->arch, b->release, b->arch);
}

static void world_sort_items(void *items, size_t n, size_t size,
			     int (*compare)(const void *, const void *))
{
	if (n > 1)
		qsort(items, n, size, compare);
}

void world_sort(struct world *w)
{
	world_sort_items(w->kernels, w->n_kernels, sizeof(*w->kernels), world_compare_kernels);
	world_sort_items(w->modules, w->n_modules, sizeof(*w->modules), world_compare_modules);
	world_sort_items(w->builds, w->n_builds, sizeof(*w->builds), world_compare_builds);
	names_release(&w->module_names);
	names_release(&w->build_names);
	for (size_t i = 0; i < w->n_modules; i++)
		names_add(&w->module_names, world_id_name(&w->modules[i].id));
	for (size_t i = 0; i < w->n_builds; i++)
		names_add(&w->build_names, world_id_name(&w->builds[i].id));
}
