/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/verify.h"

#include <string.h>

#include "base/alloc.h"
#include "kernel/kernels.h"
#include "verify/look.h"

static void verify_module_release(struct verify_module *m)
{
	free(m->name);
	free(m->path);
	free(m->package);
	free(m->version);
	judgement_release(&m->judgement);
}

void verify_release(struct verify *v)
{
	for (size_t i = 0; i < v->n; i++) {
		for (size_t k = 0; k < v->v[i].n; k++)
			verify_module_release(&v->v[i].v[k]);
		free(v->v[i].v);
		free(v->v[i].release);
		free(v->v[i].arch);
	}
	free(v->v);
	*v = (struct verify){ 0 };
}

size_t verify_count(const struct verify *v, enum forecast forecast)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		for (size_t k = 0; k < v->v[i].n; k++)
			n += reason_forecast(v->v[i].v[k].judgement.reason) == forecast;
	}
	return n;
}

static int verify_compare(const void *a, const void *b)
{
	return strcmp(((const struct verify_module *)a)->name,
		      ((const struct verify_module *)b)->name);
}

static void verify_add_kernel(const struct look *l, const char *release, struct verify *ret)
{
	AUTO_SCENE struct scene s = SCENE_INIT;
	struct verify_kernel k = { .release = xstrdup(release) };

	look_at_kernel(l, release, &s);
	k.arch = xstrdup(s.arch);
	k.next = str_equal(l->boot->next, release);
	for (size_t i = 0; i < s.n; i++) {
		struct verify_module m = { 0 };

		if (!s.v[i].ours)
			continue;
		m.name = xstrdup(s.v[i].name);
		m.path = xstrdup(s.v[i].path);
		m.package = xstrdup(s.v[i].package);
		m.version = xstrdup(s.v[i].version);
		judge(&s, i, &m.judgement);
		VEC_PUSH(k.v, k.n, m);
	}
	if (k.n)
		qsort(k.v, k.n, sizeof(*k.v), verify_compare);
	VEC_PUSH(ret->v, ret->n, k);
}

/* Append the kernels that can boot, newest first. */
static int verify_list_kernels(struct engine *e, struct strv *ret)
{
	AUTO_STRV struct strv all = STRV_INIT;
	const char *release;
	int r = kernels_list(e, &all);

	if (r < 0)
		return r;
	STRV_FOREACH (release, &all) {
		AUTO_KERNEL_INFO struct kernel_info k = { 0 };

		if (kernel_look(e, release, NULL, NULL, &k) == 0 && k.complete)
			strv_add(ret, release);
	}
	return 0;
}

int verify_look(struct engine *e, const struct strv *releases, struct verify *ret, struct err *err)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	AUTO_STRV struct strv bootable = STRV_INIT;
	AUTO_BOOT struct boot boot = { 0 };
	const char *release;
	int r = tree_list(e, NULL, NULL, &tree);

	if (r == 0)
		r = verify_list_kernels(e, &bootable);
	if (r < 0)
		return err_sys(err, r, "%s", e->dkms_tree);
	boot_read(e, &bootable, &boot);
	if (!releases->n && boot.next)
		releases = &bootable;
	for (int pass = 0; pass < 2; pass++) {
		STRV_FOREACH (release, releases) {
			AUTO_FIRMWARE struct firmware firmware = { 0 };
			struct look l = { e, &tree, &firmware, &boot };

			if (str_equal(release, boot.next) != (pass == 0))
				continue;
			firmware_read(e, &firmware);
			ret->efi = firmware.efi;
			ret->boot = firmware.boot;
			verify_add_kernel(&l, release, ret);
		}
	}
	return 0;
}
