/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundleuse.h"

#include <errno.h>

#include "archive/archive.h"
#include "base/alloc.h"
#include "base/path.h"
#include "build/publish.h"
#include "build/workspace.h"
#include "bundle/bundlestore.h"
#include "engine/childenv.h"
#include "engine/treepath.h"
#include "sys/atomic.h"
#include "sys/fs.h"

/* What an archive has beside the files of its manifest: folders, and the conf. */
#define MEMBERS_BESIDE 16
#define BYTES_BESIDE   ((uint64_t)16 << 20)

static int bundleuse_unpack(const struct engine *e, const struct manifest *m, const char *folder,
			    const char *to, struct err *err)
{
	struct member_limits limits = { .count = m->n_files + MEMBERS_BESIDE,
					.bytes = BYTES_BESIDE,
					.free_rise = BUNDLE_ARCHIVE_MAX,
					.rise = 1000 };
	AUTO_FREE char *archive = xasprintf("%s/" BUNDLE_ARCHIVE, folder);
	int r = fs_mkdir_p(&e->root, to);

	for (size_t i = 0; i < m->n_files; i++)
		limits.bytes += m->files[i].size;
	return r < 0 ? err_sys(err, r, "%s", to) : tarball_unpack(e, archive, to, &limits, err);
}

/* Are the files those that the manifest names, with its hashes, and no others? */
static int bundleuse_check_files(const struct engine *e, const struct manifest *m,
				 const char *modules, struct err *err)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int r = fs_list(&e->root, modules, &names);

	if (r < 0 || names.n != m->n_files)
		return err_set(err, -E_BUNDLE_BAD, "%s has not the files that its manifest names",
			       BUNDLE_ARCHIVE);
	for (size_t i = 0; i < names.n; i++) {
		const struct manifest_file *f = manifest_file(m, names.v[i]);
		AUTO_FREE char *path = xasprintf("%s/%s", modules, names.v[i]);
		char hex[DIGEST_HEX];

		if (!f || digest_file(&e->root, path, hex) < 0 || strcmp(hex, f->sha256) != 0)
			return err_set(err, -E_BUNDLE_BAD, "%s: %s is not what its manifest says",
				       BUNDLE_ARCHIVE, names.v[i]);
	}
	return 0;
}

static int bundleuse_move(const struct engine *e, const char *modules, const char *name,
			  const char *to, struct err *err)
{
	AUTO_FREE char *from = xasprintf("%s/%s", modules, name);
	AUTO_FREE char *folder = path_parent(to);
	int r = fs_mkdir_p(&e->root, folder);

	if (r == 0)
		r = fs_rename(&e->root, from, to);
	return r < 0 ? err_sys(err, r, "%s", to) : 0;
}

/* Put each module where a build leaves it: BUILT_MODULE_LOCATION/BUILT_MODULE_NAME.ko. */
static int bundleuse_place(const struct engine *e, const struct conf *conf,
			   const struct manifest *m, const char *modules, const char *out,
			   struct err *err)
{
	size_t placed = manifest_file(m, "Module.symvers") != NULL;
	AUTO_FREE char *symvers = xasprintf("%s/Module.symvers", out);
	int r = placed ? bundleuse_move(e, modules, "Module.symvers", symvers, err) : 0;

	for (size_t i = 0; r == 0 && i < conf->n_modules; i++) {
		const struct conf_module *c = &conf->modules[i];
		AUTO_FREE char *name = xasprintf("%s.ko", c->dest_name);
		AUTO_FREE char *to = xasprintf("%s/%s%s.ko", out, c->built_location, c->built_name);

		if (c->excluded)
			continue;
		if (!manifest_file(m, name) || path_has_dotdot(to))
			return err_set(err, -E_BUNDLE_BAD, "the bundle has no %s", name);
		r = bundleuse_move(e, modules, name, to, err);
		placed++;
	}
	if (r == 0 && placed != m->n_files)
		return err_set(err, -E_BUNDLE_BAD,
			       "the bundle has %zu files, and dkms.conf names %zu of them",
			       m->n_files, placed);
	return r;
}

int bundle_lay_out(struct engine *e, const struct target *t, const struct conf *conf,
		   const struct manifest *m, const char *folder, const char *out, struct err *err)
{
	AUTO_FREE char *unpacked = xasprintf("%s/unpacked", folder);
	AUTO_FREE char *build = xasprintf("%s/dkms_main_tree/%s/%s", unpacked, t->release, t->arch);
	AUTO_FREE char *modules = tree_built_in(build);
	int r = bundleuse_unpack(e, m, folder, unpacked, err);

	if (r == 0)
		r = bundleuse_check_files(e, m, modules, err);
	if (r < 0)
		return r;
	r = fs_mkdir_p(&e->root, out);
	return r < 0 ? err_sys(err, r, "%s", out) : bundleuse_place(e, conf, m, modules, out, err);
}

/* ---- the record ---- */

static void bundleuse_fill_record(const struct conf *conf, const struct build_opts *opts,
				  const struct bundle_got *got, struct record *ret)
{
	const struct manifest *m = &got->checked.manifest;

	*ret = (struct record){ .depends = STRV_INIT };
	if (opts->facts)
		record_copy(ret, opts->facts);
	free(ret->compiler);
	ret->compiler = xstrdup(m->compiler);
	/* It was built against these headers, whatever this machine has. */
	free(ret->headers);
	ret->headers = xstrdup(m->headers);
	free(ret->post_remove);
	ret->post_remove = xstrdup(conf->scripts[SCRIPT_POST_REMOVE]);
	ret->remake_initrd = conf->remake_initrd;
	ret->bundle = xstrdup(m->key);
	ret->bundle_from = xstrdup(got->from);
	ret->bundle_by = strv_join(&got->checked.signers, ", ");
}

/* The log that a build here would have left. */
static int bundleuse_write_log(const struct engine *e, const struct target *t,
			       const struct record *rec)
{
	AUTO_FREE char *staged = tree_workspace_staged(e, t), *folder = tree_log_in(staged);
	AUTO_FREE char *path = xasprintf("%s/make.log", folder);
	AUTO_FREE char *text =
		xasprintf("DKMS (dkms-native) fetched %s/%s for kernel %s (%s)\n"
			  "bundle:   %s\nfrom:     %s\nsigned:   %s\ncompiler: %s\n",
			  t->name, t->version, t->release, t->arch, rec->bundle, rec->bundle_from,
			  rec->bundle_by, rec->compiler ? rec->compiler : "not known");

	return atomic_write_file(&e->root, path, text, strlen(text), 0644);
}

/* ---- a build ---- */

static int bundleuse_publish(struct engine *e, const struct target *t, const struct conf *conf,
			     const struct build_opts *opts, const struct bundle_got *got,
			     const char *out, struct err *err)
{
	AUTO_STRV struct strv env = STRV_INIT;
	AUTO_RECORD struct record record = { .depends = STRV_INIT };
	struct artifact_opts artifact = { .env = &env,
					  .suffix = opts->suffix,
					  .sign = opts->sign,
					  .sign_data = opts->sign_data };
	int r = publish_harvest(e, t, conf, out, t->release, err);

	childenv_tool(&env);
	bundleuse_fill_record(conf, opts, got, &record);
	if (r == 0)
		r = bundleuse_write_log(e, t, &record);
	if (r == 0)
		r = publish_build(e, t, conf, &artifact, &record, err);
	if (r < 0)
		publish_drop(e, t);
	return r;
}

static int bundleuse_build(struct engine *e, const struct target *t, const struct conf *conf,
			   const struct build_opts *opts, const char *key, const char *dir,
			   struct bundle_got *ret, struct err *err)
{
	AUTO_STRV struct strv stores = STRV_INIT;
	AUTO_FREE char *bundle = xasprintf("%s/bundle", dir), *out = xasprintf("%s/out", dir);
	int r;

	bundle_stores(e, &stores);
	r = bundle_get(e, &stores, key, bundle, ret, err);
	if (r < 0)
		return r;
	r = bundle_lay_out(e, t, conf, &ret->checked.manifest, bundle, out, err);
	return r < 0 ? r : bundleuse_publish(e, t, conf, opts, ret, out, err);
}

int bundle_build(struct engine *e, const struct target *t, const struct conf *conf,
		 const struct build_opts *opts, const char *key, struct bundle_got *ret,
		 struct err *err)
{
	struct workspace ws;
	int r = workspace_open(&ws, e, t, err);

	if (r == 0)
		r = bundleuse_build(e, t, conf, opts, key, ws.dir, ret, err);
	workspace_close(&ws);
	return r;
}
