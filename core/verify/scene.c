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
	return &s->v[s->n - 1];
}

size_t scene_find(const struct scene *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->v[i].name, name) == 0)
			return i;
	}
	return SCENE_NONE;
}

size_t scene_exporter(const struct scene *s, const char *symbol, const struct ko_symbol **ret)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct ko *k = &s->v[i].ko;

		for (size_t j = 0; j < k->n_exports && !s->v[i].in_tree; j++) {
			if (strcmp(k->exports[j].name, symbol) != 0)
				continue;
			*ret = &k->exports[j];
			return i;
		}
	}
	return SCENE_NONE;
}
