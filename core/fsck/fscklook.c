/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsck/fscklook.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "engine/cache.h"
#include "engine/quiet.h"
#include "engine/treepath.h"
#include "kernel/kernels.h"
#include "module/kerneltree.h"
#include "module/modinfo.h"
#include "replay/compilers.h"
#include "run/history.h"
#include "sys/fs.h"
#include "tree/ledgerfile.h"
#include "tree/pending.h"
#include "tx/recovery.h"

struct fscklook {
	const struct engine *e;
	fscklook_fn fn;
	void *data;
};

/* ---- state ---- */

static int fscklook_check_cache(const struct engine *e, const char *name, struct err *err)
{
	if (strcmp(name, QUIET_NAME) == 0)
		return quiet_check(e, err);
	if (strcmp(name, COMPILERS_NAME) == 0)
		return compilers_check(e, err);
	return cache_check(e, name, err);
}

static void fscklook_caches(const struct fscklook *l)
{
	AUTO_FREE char *folder = tree_cache_dir(l->e);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_list(&l->e->root, folder, &names) < 0)
		return;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = tree_cache_path(l->e, name);
		AUTO_FREE char *advice = xasprintf("Delete it; it is made again: rm %s", path);
		AUTO_ERR struct err err = ERR_INIT;

		if (fscklook_check_cache(l->e, name, &err) == -E_CORRUPT)
			l->fn(FSCK_STATE, path, err.text, advice, l->data);
	}
}

static void fscklook_history(const struct fscklook *l)
{
	AUTO_FREE char *path = history_path(l->e);
	AUTO_FREE char *advice = xasprintf("What can be read of it counts. To begin a new one: "
					   "mv %s %s.damaged",
					   path, path);
	CLEANUP(history_release) struct history h = { 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int r = history_load(l->e, &h, &err);

	if (r < 0 && r != -EACCES)
		l->fn(FSCK_STATE, path, err.text, advice, l->data);
	else if (h.bad)
		l->fn(FSCK_STATE, path, "It has lines that are no entries.", advice, l->data);
}

static void fscklook_locks(const struct fscklook *l)
{
	AUTO_FREE char *folder = tree_lock_dir(l->e);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_list(&l->e->root, folder, &names) < 0)
		return;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
		AUTO_FREE char *advice = xasprintf("Delete it: rm -r %s", path);
		struct stat st;

		if (fs_lstat(&l->e->root, path, &st) == 0 && !S_ISREG(st.st_mode))
			l->fn(FSCK_STATE, path, "It stands in the place of a lock and is no file.",
			      advice, l->data);
	}
}

static void fscklook_links(const struct fscklook *l)
{
	char *path;

	for (size_t i = 0; (path = tree_native_folder(l->e, i)); i++) {
		AUTO_FREE char *to = NULL;

		if (fs_readlink(&l->e->root, path, &to) == 0)
			l->fn(FSCK_STATE, path, "It is a link in the place of a folder of dkms.",
			      "The next command that writes removes the link.", l->data);
		free(path);
	}
}

void fscklook_state(const struct engine *e, fscklook_fn fn, void *data)
{
	struct fscklook l = { e, fn, data };

	fscklook_links(&l);
	fscklook_caches(&l);
	fscklook_history(&l);
	fscklook_locks(&l);
}

/* ---- confs ---- */

void fscklook_confs(const struct engine *e, fscklook_fn fn, void *data)
{
	AUTO_VERDICTS struct verdicts l = { 0 };
	AUTO_STRV struct strv told = STRV_INIT;

	if (ledger_load(e, &l, NULL) < 0)
		return;
	for (size_t i = 0; i < l.n; i++) {
		const struct verdict *v = &l.v[i];
		AUTO_FREE char *subject = xasprintf("%s/%s", v->name, v->version);
		AUTO_FREE char *link = tree_source_link(e, v->name, v->version);
		AUTO_FREE char *advice = NULL;
		struct stat st;

		if (!v->bad || strv_has(&told, subject) || fs_lstat(&e->root, link, &st) < 0)
			continue;
		strv_add(&told, subject);
		advice = xasprintf("It is looked at again when its dkms.conf changes, or by "
				   "dkms build %s.",
				   subject);
		fn(FSCK_CONF, subject, v->bad, advice, data);
	}
}

/* ---- kernels ---- */

static void fscklook_index(const struct fscklook *l, const char *release)
{
	AUTO_FREE char *folder = engine_modules(l->e, "%s", release);
	AUTO_FREE char *index = xasprintf("%s/modules.dep.bin", folder);
	AUTO_FREE char *advice = xasprintf("Make it anew: depmod %s", release);
	AUTO_FREE char *path = NULL;
	struct stat st;
	int r;

	if (fs_lstat(&l->e->root, index, &st) < 0)
		return;
	r = modinfo_lookup(&l->e->root, folder, "dkms", &path);
	if (r < 0 && r != -ENOENT)
		l->fn(FSCK_KERNEL_FILES, index, "The index of modules is damaged.", advice,
		      l->data);
}

/*
 * Do the headers have the files that the kernel's own build generated, and that builds of modules
 * need?  They are in include/generated; before Linux 2.6.33 they were in include/linux.
 */
static bool fscklook_is_generated(const struct engine *e, const char *headers)
{
	AUTO_FREE char *now = xasprintf("%s/include/generated", headers);
	AUTO_FREE char *before = xasprintf("%s/include/linux/autoconf.h", headers);

	return fs_is_dir(&e->root, now) || fs_is_file(&e->root, before);
}

static void fscklook_headers(const struct fscklook *l, const char *release)
{
	AUTO_KERNEL_INFO struct kernel_info info = { 0 };
	AUTO_FREE char *advice = xasprintf("Reinstall the package of the headers of %s.", release);

	if (kernel_look(l->e, release, NULL, NULL, &info) < 0 || !info.headers_dir ||
	    !fs_is_dir(&l->e->root, info.headers_dir) ||
	    (info.headers && fscklook_is_generated(l->e, info.headers_dir)))
		return;
	l->fn(FSCK_KERNEL_FILES, info.headers_dir,
	      "The headers are not whole: nothing can be built for this kernel.", advice, l->data);
}

static void fscklook_writable(const struct fscklook *l, const char *release)
{
	AUTO_FREE char *folder = engine_modules(l->e, "%s", release);
	AUTO_FREE char *advice = xasprintf(
		"Let it be written (mount -o remount,rw), then: dkms autoinstall -k %s", release);

	if (fs_is_read_only(&l->e->root, folder))
		l->fn(FSCK_KERNEL_FILES, folder,
		      "It cannot be written, and something is to be done in it.", advice, l->data);
}

/* Append the names of our modules, without duplicates, from the remembered verdicts. */
static void fscklook_module_names(const struct engine *e, struct strv *ret)
{
	AUTO_VERDICTS struct verdicts l = { 0 };

	if (ledger_load(e, &l, NULL) < 0)
		return;
	for (size_t i = 0; i < l.n; i++) {
		const char *name;

		STRV_FOREACH (name, &l.v[i].modules) {
			AUTO_FREE char *file = xasprintf("%s.ko", name);
			AUTO_FREE char *module = kerneltree_module_name(file);

			if (module && !strv_has(ret, module))
				strv_add(ret, module);
		}
	}
}

static void fscklook_modules(struct engine *e, const struct fscklook *l, const char *release,
			     const struct strv *names)
{
	AUTO_KERNELTREE_FILES struct kerneltree_files files = { 0 };
	AUTO_FREE char *own = engine_modules(e, "%s/kernel/", release);

	if (kerneltree_find(e, release, names, &files) < 0)
		return;
	for (size_t i = 0; i < files.n; i++) {
		AUTO_MODINFO struct modinfo info = { 0 };
		AUTO_FREE char *advice =
			xasprintf("Reinstall the package that has it, or delete it and run "
				  "depmod %s.",
				  release);
		int r = strncmp(files.v[i].path, own, strlen(own)) == 0
				? modinfo_read(&e->root, files.v[i].path, &info)
				: 0;

		if (r < 0 && r != -ENOENT && r != -EACCES)
			l->fn(FSCK_KERNEL_FILES, files.v[i].path, "This module cannot be read.",
			      advice, l->data);
	}
}

void fscklook_kernels(struct engine *e, fscklook_fn fn, void *data)
{
	struct fscklook l = { e, fn, data };
	AUTO_STRV struct strv releases = STRV_INIT, names = STRV_INIT;
	bool waits = journal_is_stale(&e->place);
	const char *release;

	if (kernels_list(e, &releases) < 0)
		return;
	fscklook_module_names(e, &names);
	STRV_FOREACH (release, &releases) {
		fscklook_index(&l, release);
		fscklook_headers(&l, release);
		fscklook_modules(e, &l, release, &names);
		if (waits || pending_is_left(e, PENDING_DEPMOD, release))
			fscklook_writable(&l, release);
	}
}
