/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundlemake.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive.h"
#include "base/alloc.h"
#include "build/signature.h"
#include "bundle/bundlesign.h"
#include "engine/packed.h"
#include "engine/trust.h"
#include "module/kerneltree.h"
#include "sys/atomic.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "tree/tree.h"

#define KEY_MAX	   ((uint64_t)1 << 20)
#define MODULE_MAX ((uint64_t)512 << 20)
#define SYMVERS	   "Module.symvers"

void bundle_signer_release(struct bundle_signer *s)
{
	if (s->key.len)
		explicit_bzero(s->key.s, s->key.len);
	buf_release(&s->key);
	buf_release(&s->certificate);
}

int bundle_signer_read(const struct engine *e, const char *key, const char *certificate,
		       struct bundle_signer *ret, struct err *err)
{
	int r = trust_path(e, key, MODES_SECRET, err);

	if (r < 0)
		return r;
	r = fs_read(&e->root, key, KEY_MAX, &ret->key);
	if (r < 0)
		return err_sys(err, r, "%s", key);
	r = fs_read(&e->root, certificate, KEY_MAX, &ret->certificate);
	return r < 0 ? err_sys(err, r, "%s", certificate) : 0;
}

/* ---- the modules, as they were built ---- */

/* Read all of a descriptor, from its beginning. */
static int bundlemake_read_fd(int fd, struct buf *ret)
{
	char chunk[16384];
	ssize_t n;
	off_t at = 0;

	while ((n = pread(fd, chunk, sizeof(chunk), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		if ((uint64_t)at > MODULE_MAX)
			return -EFBIG;
		buf_add(ret, chunk, (size_t)n);
	}
	return 0;
}

/* Read a module file of a build, without its compression and its signature. */
static int bundlemake_read_module(const struct engine *e, const char *path, struct buf *ret)
{
	AUTO_FD int fd = fs_open_file(&e->root, path, 0);
	AUTO_FD int unpacked = -1;
	struct signature sig;
	int r = fd < 0 ? fd : packed_open(fd, &unpacked);

	if (r == 0)
		r = bundlemake_read_fd(unpacked >= 0 ? unpacked : fd, ret);
	if (r == 0 && !signature_find(ret->s, ret->len, &sig))
		buf_truncate(ret, sig.content_len);
	return r;
}

static int bundlemake_put(const struct engine *e, const char *folder, const char *name,
			  const struct buf *content, struct manifest_file *ret, struct err *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	int r = atomic_write_file(&e->root, path, content->s, content->len, 0644);

	ret->size = content->len;
	digest_bytes(content->s, content->len, ret->sha256);
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

static int bundlemake_take_modules(const struct engine *e, const struct target *t,
				   const struct record *rec, const char *to, struct manifest *m,
				   struct err *err)
{
	AUTO_FREE char *built = tree_built_dir(e, t);
	AUTO_FREE char *symvers = xasprintf("%s/" SYMVERS, built);
	AUTO_BUF struct buf b = BUF_INIT;

	for (size_t i = 0; i < rec->n_modules; i++) {
		const struct record_module *module = &rec->modules[i];
		AUTO_FREE char *path = xasprintf("%s/%s", built, module->file);
		AUTO_FREE char *name = xasprintf("%s.ko", module->dest);
		int r;

		if (module->left)
			continue;
		buf_reset(&b);
		r = bundlemake_read_module(e, path, &b);
		if (r < 0)
			return err_sys(err, r, "%s", path);
		r = bundlemake_put(e, to, name, &b, manifest_add_file(m, name), err);
		if (r < 0)
			return r;
	}
	if (!m->n_files)
		return err_set(err, -E_NOT_BUILT, "%s/%s has no module for %s", t->name, t->version,
			       t->release);
	if (!fs_is_file(&e->root, symvers))
		return 0;
	buf_reset(&b);
	if (fs_read(&e->root, symvers, MODULE_MAX, &b) < 0)
		return 0;
	return bundlemake_put(e, to, SYMVERS, &b, manifest_add_file(m, SYMVERS), err);
}

/* ---- the archive ---- */

static int bundlemake_write_archive(const struct engine *e, const struct target *t,
				    const char *modules, const char *path, struct err *err)
{
	AUTO_FREE char *link = tree_source_link(e, t->name, t->version);
	AUTO_FREE char *conf =
		e->conf_file ? xstrdup(e->conf_file) : xasprintf("%s/dkms.conf", link);
	AUTO_FREE char *release = xasprintf("dkms_main_tree/%s", t->release);
	AUTO_FREE char *arch = xasprintf("%s/%s", release, t->arch);
	AUTO_FREE char *module = tree_built_in(arch);
	AUTO_FREE char *name = xasprintf("%s\n", t->name), *version = xasprintf("%s\n", t->version);
	const char *const folders[] = { "dkms_main_tree", release, arch };
	struct tarball *w = NULL;
	int r = tarball_begin(e, path, &w, err);

	if (r < 0)
		return r;
	tarball_make_plain(w);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		tarball_add_folder(w, folders[i], modules);
	tarball_add_tree(w, module, modules, NULL);
	tarball_add_folder(w, "dkms_binaries_only", modules);
	tarball_add_text(w, "dkms_binaries_only/PACKAGE_NAME", name);
	tarball_add_text(w, "dkms_binaries_only/PACKAGE_VERSION", version);
	tarball_add_file(w, "dkms_binaries_only/dkms.conf", conf);
	r = tarball_commit(w, err);
	tarball_end(w);
	return r;
}

static int bundlemake_archive(const struct engine *e, const struct target *t, const char *modules,
			      const char *to, struct manifest *m, struct err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" BUNDLE_ARCHIVE, to);
	struct stat st;
	int r = bundlemake_write_archive(e, t, modules, path, err);

	if (r < 0)
		return r;
	m->archive.name = xstrdup(BUNDLE_ARCHIVE);
	r = fs_stat(&e->root, path, &st);
	if (r == 0)
		r = digest_file(&e->root, path, m->archive.sha256);
	if (r < 0)
		return err_sys(err, r, "%s", path);
	m->archive.size = (uint64_t)st.st_size;
	return 0;
}

/* ---- the bundle ---- */

static int bundlemake_sign(const struct engine *e, const struct bundle_signer *signer,
			   const char *to, const struct manifest *m, struct err *err)
{
	AUTO_FREE char *manifest = xasprintf("%s/" BUNDLE_MANIFEST, to);
	AUTO_FREE char *signatures = xasprintf("%s/" BUNDLE_SIGNATURES, to);
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_BUF struct buf file = BUF_INIT;
	AUTO_FREE char *why = NULL;
	int r;

	manifest_print(m, &text);
	why = bundlesign_make(&signer->key, &signer->certificate, text.s, text.len, &file);
	if (why)
		return err_set(err, -E_GENERAL, "The bundle cannot be signed: %s.", why);
	r = atomic_write_file(&e->root, manifest, text.s, text.len, 0644);
	if (r == 0)
		r = atomic_write_file(&e->root, signatures, file.s, file.len, 0644);
	return r < 0 ? err_sys(err, r, "%s", to) : 0;
}

static int bundlemake_facts(const struct engine *e, const struct target *t, struct record *rec,
			    struct manifest *m, struct err *err)
{
	int r = tree_record_read(e, t, rec, NULL);

	if (r < 0)
		return err_set(err, r == -ENOENT ? -E_NOT_BUILT : r,
			       "%s/%s is not built for %s (%s), or there is no record of it",
			       t->name, t->version, t->release, t->arch);
	if (rec->bundle)
		return err_set(err, -E_NO_BUNDLE,
			       "%s/%s for %s came from a bundle; only who built it signs it",
			       t->name, t->version, t->release);
	r = bundle_input_find(e, t, rec, &m->input, err);
	if (r < 0)
		return r;
	bundle_key(&m->input, m->key);
	m->compiler = xstrdup(rec->compiler);
	m->headers = xstrdup(rec->headers);
	return 0;
}

int bundle_make(struct engine *e, const struct target *t, const struct bundle_signer *signer,
		const char *to, struct manifest *ret, struct err *err)
{
	AUTO_MANIFEST struct manifest m = MANIFEST_INIT;
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_FREE char *modules = xasprintf("%s.modules", to);
	int r = bundlemake_facts(e, t, &rec, &m, err);

	if (r < 0)
		return r;
	r = fs_mkdir_p(&e->root, to);
	if (r == 0)
		r = fs_mkdir_p(&e->root, modules);
	if (r < 0)
		return err_sys(err, r, "%s", to);
	r = bundlemake_take_modules(e, t, &rec, modules, &m, err);
	if (r == 0)
		r = bundlemake_archive(e, t, modules, to, &m, err);
	if (r == 0)
		r = bundlemake_sign(e, signer, to, &m, err);
	if (r < 0)
		return r;
	r = fs_remove_tree(&e->root, modules);
	if (r < 0)
		return err_sys(err, r, "%s", modules);
	*ret = m;
	m = (struct manifest)MANIFEST_INIT;
	return 0;
}

int bundle_join_signatures(const struct engine *e, const char *folder, const char *others,
			   const struct bundle_signer *signer, struct err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" BUNDLE_SIGNATURES, folder);
	AUTO_BUF struct buf all = BUF_INIT;
	int r = fs_read(&e->root, others, BUNDLE_SIGNATURES_MAX, &all);

	if (r == 0 && !bundlesign_has(&all, &signer->certificate))
		r = fs_read(&e->root, path, BUNDLE_SIGNATURES_MAX, &all);
	if (r == 0)
		r = atomic_write_file(&e->root, path, all.s, all.len, 0644);
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}
