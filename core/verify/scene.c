/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/scene.h"

#include <string.h>

#include "base/alloc.h"

static void scene_module_release(struct scene_module *m)
{
	free(m->name);
	free(m->path);
	free(m->package);
	free(m->version);
	free(m->taken);
	free(m->identity);
	free(m->image_path);
	free(m->image_why);
	ko_release(&m->ko);
}

void scene_release(struct scene *s)
{
	for (size_t i = 0; i < s->n; i++)
		scene_module_release(&s->v[i]);
	free(s->v);
	names_release(&s->module_names);
	free(s->exports);
	names_release(&s->export_names);
	free(s->release);
	free(s->arch);
	kconfig_release(&s->config);
	symvers_release(&s->symvers);
	strv_release(&s->words);
	modprobe_release(&s->modprobe);
	free(s->vermagic);
	buf_release(&s->signer);
	free(s->update);
	free(s->certificate);
	*s = (struct scene)SCENE_INIT;
}

struct scene_module *scene_add(struct scene *s, const char *name, const char *path)
{
	struct scene_module m = { .name = modinfo_loader_name(name),
				  .path = xstrdup(path),
				  .ko = KO_INIT };

	VEC_PUSH(s->v, s->n, m);
	names_add(&s->module_names, m.name);
	return &s->v[s->n - 1];
}

size_t scene_find(const struct scene *s, const char *name)
{
	return names_first(&s->module_names, name);
}

void scene_index_exports(struct scene *s, size_t i)
{
	const struct ko *k = &s->v[i].ko;

	for (size_t j = 0; j < k->n_exports; j++) {
		struct scene_export x = { i, j };

		VEC_PUSH(s->exports, s->n_exports, x);
		names_add(&s->export_names, k->exports[j].name);
	}
}

size_t scene_exporter(const struct scene *s, const char *symbol, const struct ko_symbol **ret)
{
	for (size_t i = names_first(&s->export_names, symbol); i != NAMES_NONE;
	     i = names_next(&s->export_names, i)) {
		const struct scene_module *m = &s->v[s->exports[i].module];

		if (m->in_tree)
			continue;
		*ret = &m->ko.exports[s->exports[i].symbol];
		return s->exports[i].module;
	}
	return SCENE_NONE;
}
