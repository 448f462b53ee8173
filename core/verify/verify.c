/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/verify.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/kernels.h"
#include "verify/look.h"
#include "verify/remember.h"

static int verify_compare(const void *a, const void *b)
{
	return strcmp(((const struct verify_module *)a)->name,
		      ((const struct verify_module *)b)->name);
}

static void verify_judge_kernel(const struct look *l, struct scene *s, struct verify_kernel *ret)
{
	size_t ours = s->n;

	*ret = (struct verify_kernel){ .release = xstrdup(s->release), .arch = xstrdup(s->arch) };
	ret->next = str_equal(l->boot->next, s->release);
	look_at_kernel(l, s);
	for (size_t i = 0; i < ours; i++) {
		struct verify_module m = { 0 };

		m.name = xstrdup(s->v[i].name);
		m.path = xstrdup(s->v[i].path);
		m.package = xstrdup(s->v[i].package);
		m.version = xstrdup(s->v[i].version);
		judge(s, i, &m.judgement);
		VEC_PUSH(ret->v, ret->n, m);
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), verify_compare);
}

/* What is to be done with what is remembered. */
enum verify_memory {
	VERIFY_ANEW,	/* nothing */
	VERIFY_REFRESH, /* believe what is still true, and remember what is found */
	VERIFY_KNOWN,	/* believe what is still true, and look at nothing else */
};

static void verify_add_kernel(const struct look *l, const char *release, enum verify_memory memory,
			      struct cache *c, struct verify *ret)
{
	AUTO_SCENE struct scene s = SCENE_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	struct verify_kernel k = { 0 };
	const char *known = NULL;
	struct stamp stamp;

	look_for_ours(l, release, &s);
	if (memory != VERIFY_ANEW) {
		remember_stamp(l, &s, &stamp);
		known = cache_get(c, release, &stamp);
	}
	if (!known || remember_parse(known, &k) < 0) {
		if (memory == VERIFY_KNOWN)
			return;
		verify_judge_kernel(l, &s, &k);
		remember_print(&k, &text);
		if (memory == VERIFY_REFRESH)
			cache_put(c, release, &stamp, text.s);
	}
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

static void verify_add_all(struct engine *e, const struct strv *releases, const struct boot *boot,
			   enum verify_memory memory, struct cache *c, struct verify *ret)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	const char *release;

	if (tree_list(e, NULL, NULL, &tree) < 0)
		log_debug("%s cannot be read", e->dkms_tree);
	for (int pass = 0; pass < 2; pass++) {
		STRV_FOREACH (release, releases) {
			AUTO_FIRMWARE struct firmware firmware = { 0 };
			struct look l = { e, &tree, &firmware, boot };

			if (str_equal(release, boot->next) != (pass == 0))
				continue;
			firmware_read(e, &firmware);
			ret->efi = firmware.efi;
			ret->boot = firmware.boot;
			verify_add_kernel(&l, release, memory, c, ret);
		}
	}
}

int verify_look(struct engine *e, const struct strv *releases, struct verify *ret, struct err *err)
{
	AUTO_STRV struct strv bootable = STRV_INIT;
	AUTO_BOOT struct boot boot = { 0 };
	int r = verify_list_kernels(e, &bootable);

	if (r < 0)
		return err_sys(err, r, "%s", e->install_tree);
	boot_read(e, &bootable, &boot);
	verify_add_all(e, releases->n ? releases : &bootable, &boot, VERIFY_ANEW, NULL, ret);
	return 0;
}

/* The kernels of which something is remembered, newest first. */
static void verify_list_remembered(const struct cache *c, const struct strv *all, struct strv *ret)
{
	const char *release;

	STRV_FOREACH (release, all) {
		for (size_t i = 0; i < c->n; i++) {
			if (strcmp(c->entries[i].key, release) == 0)
				strv_add(ret, release);
		}
	}
}

void verify_refresh(struct engine *e)
{
	AUTO_VERIFY struct verify v = { .n = 0 };
	AUTO_STRV struct strv bootable = STRV_INIT;
	AUTO_BOOT struct boot boot = { 0 };
	AUTO_CACHE struct cache c = { .name = NULL };
	int r = verify_list_kernels(e, &bootable);

	if (r == 0) {
		cache_load(e, CACHE_VERIFY, &c);
		/*
		 * Remember the result although we changed files a moment ago: who reads it stamps
		 * the files again.
		 */
		c.settle_ns = 0;
		boot_read(e, &bootable, &boot);
		verify_add_all(e, &bootable, &boot, VERIFY_REFRESH, &c, &v);
		r = cache_store(e, &c);
	}
	if (r < 0)
		log_debug("what will load is not remembered: %s", error_text(r));
}

void verify_known(struct engine *e, struct verify *ret)
{
	AUTO_STRV struct strv all = STRV_INIT, remembered = STRV_INIT;
	AUTO_BOOT struct boot boot = { 0 };
	AUTO_CACHE struct cache c = { .name = NULL };

	cache_load(e, CACHE_VERIFY, &c);
	if (!c.n || kernels_list(e, &all) < 0)
		return;
	verify_list_remembered(&c, &all, &remembered);
	boot_read(e, &remembered, &boot);
	verify_add_all(e, &remembered, &boot, VERIFY_KNOWN, &c, ret);
}
