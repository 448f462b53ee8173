/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundlepackage.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "packages/ask.h"
#include "packages/owners.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "tree/tree.h"

/* The time of all files, 1980-01-01: no tool takes it for a mistake. */
#define PACKAGE_TIME "SOURCE_DATE_EPOCH=315532800"
#define PACKAGE_MAX  ((size_t)1 << 30)

/* ---- the kernel's package ---- */

/* Ask a program; `argv` ends with NULL.  *ret: the first line that it prints. */
static int bundlepackage_ask(const struct engine *e, const char *const *argv, char **ret,
			     struct err *err)
{
	AUTO_STRV struct strv words = STRV_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	int r;

	for (; *argv; argv++)
		strv_add(&words, *argv);
	r = ask(e, &words, NULL, &out, err);
	if (r == 0)
		*ret = xstrndup(out.s, strcspn(out.s, "\n"));
	return r;
}

/* Files that the package of a kernel has; which of them depends on the distribution. */
static void bundlepackage_kernel_files(const char *release, struct strv *ret)
{
	strv_addf(ret, "/boot/vmlinuz-%s", release);
	strv_addf(ret, "/lib/modules/%s/vmlinuz", release);
	strv_addf(ret, "/lib/modules/%s/kernel", release);
}

/* Where only the headers are, the kernel's package has the name of Debian and its derivatives. */
static int bundlepackage_deb_kernel(const struct engine *e, struct package_facts *f,
				    struct err *err)
{
	const char *const arch[] = { "dpkg", "--print-architecture", NULL };
	AUTO_FREE char *headers = engine_headers_dir(e, f->release);
	AUTO_STRV struct strv files = STRV_INIT;
	AUTO_FREE char *owner = NULL;
	int r = bundlepackage_ask(e, arch, &f->package_arch, err);

	bundlepackage_kernel_files(f->release, &files);
	for (size_t i = 0; i < files.n && !owner; i++)
		owners_of(e, files.v[i], &owner);
	f->kernel = owner ? xstrdup(owner) : xasprintf("linux-image-%s", f->release);
	if (!owner)
		owners_of(e, headers, &owner);
	if (r == 0 && owner) {
		const char *const version[] = { "dpkg-query", "-W",  "-f=${Version}\n",
						"--",	      owner, NULL };

		r = bundlepackage_ask(e, version, &f->kernel_version, err);
	}
	return r;
}

/*
 * What the kernels of Fedora, Enterprise Linux and SUSE provide is the best name.  A release with
 * two dashes cannot be a version, and is no kernel of theirs; then it is the kernel's folder.
 */
static void bundlepackage_rpm_kernel(const struct engine *e, struct package_facts *f)
{
	AUTO_FREE char *name = xasprintf("kernel-uname-r = %s", f->release);
	const char *const provided[] = { "rpm", "-q", "--whatprovides", name, NULL };
	bool is_version = strchr(f->release, '-') == strrchr(f->release, '-');
	AUTO_STRV struct strv files = STRV_INIT;
	AUTO_FREE char *provider = NULL;
	int r = is_version ? bundlepackage_ask(e, provided, &provider, NULL) : -ENOENT;

	f->package_arch = xstrdup(f->arch);
	bundlepackage_kernel_files(f->release, &files);
	for (size_t i = 0; i < files.n && r < 0; i++) {
		const char *const owner[] = { "rpm",
					      "-q",
					      "--queryformat",
					      "%{NAME} = %{VERSION}-%{RELEASE}\n",
					      "-f",
					      files.v[i],
					      NULL };

		r = bundlepackage_ask(e, owner, &f->kernel, NULL);
	}
	if (!f->kernel)
		f->kernel = is_version ? TAKE(name)
				       : xasprintf("(/lib/modules/%s or /usr/lib/modules/%s)",
						   f->release, f->release);
}

/* ---- the package of the source ---- */

/* The version of an installed package, by dpkg or by rpm; NULL: not known.  Caller frees. */
static char *bundlepackage_version_of(const struct engine *e, const char *package)
{
	const char *const dpkg[] = { "dpkg-query", "-W", "-f=${Version}\n", "--", package, NULL };
	const char *const rpm[] = { "rpm",   "-q", "--queryformat", "%{VERSION}-%{RELEASE}\n", "--",
				    package, NULL };
	AUTO_FREE char *ret = NULL;

	if (bundlepackage_ask(e, dpkg, &ret, NULL) < 0 && bundlepackage_ask(e, rpm, &ret, NULL) < 0)
		return NULL;
	return *ret ? TAKE(ret) : NULL;
}

/* The version of the package that owns the dkms.conf; NULL: no package does.  Caller frees. */
static char *bundlepackage_source_version(const struct engine *e, const char *name,
					  const char *version)
{
	AUTO_FREE char *link = tree_source_link(e, name, version);
	AUTO_FREE char *folder = NULL, *conf = NULL, *owner = NULL;

	if (root_realpath(&e->root, link, &folder) < 0)
		return NULL;
	conf = xasprintf("%s/dkms.conf", folder);
	return owners_of(e, conf, &owner) == OWNER_PACKAGE ? bundlepackage_version_of(e, owner)
							   : NULL;
}

/* ---- its files ---- */

static int bundlepackage_add_module(const struct engine *e, const struct target *t,
				    const char *file, const char *folder, uint64_t *size,
				    struct err *err)
{
	AUTO_FREE char *built = tree_built_dir(e, t);
	AUTO_FREE char *from = xasprintf("%s/%s", built, file);
	AUTO_FREE char *to = xasprintf("%s/%s", folder, file);
	struct stat st;
	int r;

	if (!package_is_plain(file))
		return err_set(err, -E_NO_BUNDLE, "%s: no package can have this name", file);
	r = fs_copy_file(&e->root, from, to);
	if (r == 0)
		r = fs_chmod(&e->root, to, 0644);
	if (r == 0)
		r = fs_stat(&e->root, to, &st);
	if (r < 0)
		return err_sys(err, r, "%s", from);
	*size += (uint64_t)st.st_size;
	return 0;
}

/* What it was built against, "NAME/VERSION[=CONTENT]", has the package that is made of that here. */
static int bundlepackage_add_depend(const struct engine *e, const char *word,
				    struct package_facts *f, struct err *err)
{
	size_t len = strcspn(word, "/");
	AUTO_FREE char *name = xstrndup(word, len);
	const char *rest = word[len] ? word + len + 1 : "";
	AUTO_FREE char *version = xstrndup(rest, strcspn(rest, "="));
	AUTO_FREE char *source = bundlepackage_source_version(e, name, version), *full = NULL;
	struct package_facts other = { .kind = f->kind,
				       .version = version,
				       .kernel_version = f->kernel_version,
				       .source_version = source };

	if (!package_is_plain(name))
		return err_set(err, -E_NO_BUNDLE, "%s: no package can have this name", name);
	full = package_full_version(&other);
	strv_add(&f->depends, name);
	strv_add(&f->depends_versions, full);
	return 0;
}

/* Copy the modules to where they will be below `top`, and learn what the record says of them. */
static int bundlepackage_take(const struct engine *e, const struct target *t, const char *top,
			      struct package_facts *f, struct err *err)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_FREE char *place = package_folder(f);
	AUTO_FREE char *folder = xasprintf("%s%s", top, place);
	int r = tree_record_read(e, t, &rec, NULL);

	if (r < 0)
		return err_set(err, r == -ENOENT ? -E_NOT_BUILT : r,
			       "%s/%s is not built for %s (%s), or there is no record of it",
			       t->name, t->version, t->release, t->arch);
	r = fs_mkdir_p(&e->root, folder);
	if (r < 0)
		return err_sys(err, r, "%s", folder);
	for (size_t i = 0; i < rec.n_modules && r == 0; i++) {
		if (!rec.modules[i].left)
			r = bundlepackage_add_module(e, t, rec.modules[i].file, folder, &f->size,
						     err);
	}
	for (size_t i = 0; i < rec.depends.n && r == 0; i++)
		r = bundlepackage_add_depend(e, rec.depends.v[i], f, err);
	if (r == 0 && !f->size)
		r = err_set(err, -E_NOT_BUILT, "%s/%s has no module for %s", t->name, t->version,
			    t->release);
	return r;
}

static int bundlepackage_write(const struct engine *e, const char *path,
			       void (*print)(const struct package_facts *f, struct buf *ret),
			       const struct package_facts *f, mode_t mode, struct err *err)
{
	AUTO_BUF struct buf text = BUF_INIT;
	int r;

	print(f, &text);
	r = atomic_write_file(&e->root, path, text.s, text.len, mode);
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

/* ---- the tools ---- */

/* Make the package from the files in `top`, beside it. */
static int bundlepackage_deb(const struct engine *e, const struct package_facts *f, const char *top,
			     const char *made, struct err *err)
{
	AUTO_FREE char *folder = xasprintf("%s/DEBIAN", top);
	AUTO_FREE char *control = xasprintf("%s/control", folder);
	AUTO_FREE char *postinst = xasprintf("%s/postinst", folder);
	AUTO_FREE char *postrm = xasprintf("%s/postrm", folder);
	/* With several threads, what xz writes depends on their number. */
	const char *const argv[] = { "env",
				     PACKAGE_TIME,
				     "DPKG_DEB_THREADS_MAX=1",
				     "dpkg-deb",
				     "--root-owner-group",
				     "-Zxz",
				     "--build",
				     top,
				     made,
				     NULL };
	AUTO_FREE char *line = NULL;
	int r = fs_mkdir_p(&e->root, folder);

	if (r < 0)
		return err_sys(err, r, "%s", folder);
	r = bundlepackage_write(e, control, package_control, f, 0644, err);
	if (r == 0)
		r = bundlepackage_write(e, postinst, package_postinst, f, 0755, err);
	if (r == 0)
		r = bundlepackage_write(e, postrm, package_postrm, f, 0755, err);
	return r < 0 ? r : bundlepackage_ask(e, argv, &line, err);
}

static int bundlepackage_rpm(const struct engine *e, const struct package_facts *f, const char *top,
			     const char *made, struct err *err)
{
	AUTO_FREE char *spec = xasprintf("%s.spec", top);
	AUTO_FREE char *work = xasprintf("_topdir %s.rpmbuild", top);
	AUTO_FREE char *files = xasprintf("dkms_files %s", top);
	const char *slash = strrchr(made, '/');
	AUTO_FREE char *to = xasprintf("_rpmdir %.*s", (int)(slash - made), made);
	AUTO_FREE char *name = xasprintf("_rpmfilename %s", slash + 1);
	const char *const argv[] = { "env",
				     PACKAGE_TIME,
				     "rpmbuild",
				     "-bb",
				     "--quiet",
				     "--target",
				     f->package_arch,
				     "--define",
				     work,
				     "--define",
				     files,
				     "--define",
				     to,
				     "--define",
				     name,
				     spec,
				     NULL };
	AUTO_FREE char *line = NULL;
	int r = bundlepackage_write(e, spec, package_spec, f, 0644, err);

	return r < 0 ? r : bundlepackage_ask(e, argv, &line, err);
}

static int bundlepackage_facts(const struct engine *e, const struct target *t,
			       struct package_facts *f, struct err *err)
{
	const char *tool = f->kind == PACKAGE_RPM ? "rpmbuild" : "dpkg-deb";

	if (!ask_has(e, tool))
		return err_set(err, -E_TOOL_MISSING, "%s is not installed", tool);
	if (!package_is_plain(t->name) || !package_is_plain(t->release))
		return err_set(err, -E_NO_BUNDLE, "%s for %s: no package can have this name",
			       t->name, t->release);
	f->source_version = bundlepackage_source_version(e, t->name, t->version);
	if (f->kind == PACKAGE_DEB)
		return bundlepackage_deb_kernel(e, f, err);
	bundlepackage_rpm_kernel(e, f);
	return 0;
}

/* Put the package into its place, as one step. */
static int bundlepackage_deliver(const struct engine *e, const char *made, const char *to,
				 struct err *err)
{
	AUTO_BUF struct buf b = BUF_INIT;
	int r = fs_read(&e->root, made, PACKAGE_MAX, &b);

	if (r < 0)
		return err_sys(err, r, "%s", made);
	r = atomic_write_file(&e->root, to, b.s, b.len, 0644);
	return r < 0 ? err_sys(err, r, "%s", to) : 0;
}

int bundle_package(struct engine *e, const struct target *t, enum package_kind kind,
		   const char *staging, const char *to, char **ret, struct err *err)
{
	CLEANUP(package_facts_release) struct package_facts f = PACKAGE_FACTS_INIT;
	AUTO_FREE char *top = xasprintf("%s/files", staging);
	AUTO_FREE char *file = NULL, *made = NULL, *path = NULL;
	int r;

	f.kind = kind;
	f.name = t->name;
	f.version = t->version;
	f.release = t->release;
	f.arch = t->arch;
	r = bundlepackage_facts(e, t, &f, err);
	if (r == 0)
		r = bundlepackage_take(e, t, top, &f, err);
	if (r < 0)
		return r;
	file = package_file(&f);
	made = xasprintf("%s/%s", staging, file);
	path = xasprintf("%s/%s", to, file);
	r = kind == PACKAGE_RPM ? bundlepackage_rpm(e, &f, top, made, err)
				: bundlepackage_deb(e, &f, top, made, err);
	if (r == 0)
		r = bundlepackage_deliver(e, made, path, err);
	if (r == 0)
		*ret = TAKE(path);
	return r;
}
