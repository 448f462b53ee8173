/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundlecheck.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "sys/fd.h"
#include "sys/fs.h"

void bundle_checked_release(struct bundle_checked *c)
{
	manifest_release(&c->manifest);
	strv_release(&c->signers);
}

/* Read a small file of the bundle; it must be a file of its own, and no link. */
static int bundlecheck_read(const struct engine *e, const char *folder, const char *name,
			    uint64_t max, struct buf *ret, struct err *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	struct stat st;
	int r = fs_lstat(&e->root, path, &st);

	if (r == 0 && !S_ISREG(st.st_mode))
		return err_set(err, -E_BUNDLE_BAD, "%s is no file", path);
	if (r == 0)
		r = fs_read(&e->root, path, max, ret);
	if (r == -ENOENT || r == -EFBIG)
		return err_set(err, -E_BUNDLE_BAD, "%s %s", path,
			       r == -EFBIG ? "is too large" : "is missing");
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

static int bundlecheck_signatures(const struct engine *e, const struct bundle_trust *t,
				  const char *folder, const struct buf *manifest, struct strv *ret,
				  struct err *err)
{
	const char *number = settings_get(&e->settings, SET_SIGNATURES);
	unsigned int need = settings_number(&e->settings, SET_SIGNATURES);
	AUTO_BUF struct buf file = BUF_INIT;
	AUTO_FREE char *why = NULL;
	int r = bundlecheck_read(e, folder, BUNDLE_SIGNATURES, BUNDLE_SIGNATURES_MAX, &file, err);

	if (r < 0)
		return r;
	if (!need || number[strspn(number, "0123456789")])
		return err_set(err, -E_BUNDLE_TRUST,
			       "signatures=%s (%s) is no number from 1 on, so no bundle is taken",
			       number, settings_source(&e->settings, SET_SIGNATURES));
	bundlesign_check(t, &file, manifest->s, manifest->len, ret, &why);
	if (ret->n >= need)
		return 0;
	if (!ret->n)
		return err_set(err, -E_BUNDLE_TRUST, "%s",
			       why ? why : "nobody has signed the bundle");
	return err_set(err, -E_BUNDLE_TRUST, "it has %zu of the %u signatures that are needed%s%s",
		       ret->n, need, why ? "; " : "", why ? why : "");
}

static int bundlecheck_archive(const struct engine *e, const char *folder,
			       const struct manifest_file *archive, struct err *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, BUNDLE_ARCHIVE);
	char hex[DIGEST_HEX];
	struct stat st;
	int r = fs_lstat(&e->root, path, &st);

	if (r < 0 || !S_ISREG(st.st_mode))
		return err_set(err, -E_BUNDLE_BAD, "%s is missing", path);
	if ((uint64_t)st.st_size != archive->size || archive->size > BUNDLE_ARCHIVE_MAX)
		return err_set(err, -E_BUNDLE_BAD, "%s has not the size that its manifest says",
			       path);
	r = digest_file(&e->root, path, hex);
	if (r < 0)
		return err_sys(err, r, "%s", path);
	return strcmp(hex, archive->sha256) != 0
		       ? err_set(err, -E_BUNDLE_BAD,
				 "%s has not the content that its manifest says", path)
		       : 0;
}

int bundle_read(const struct engine *e, const char *folder, struct manifest *ret, struct err *err)
{
	AUTO_BUF struct buf b = BUF_INIT;
	int r = bundlecheck_read(e, folder, BUNDLE_MANIFEST, BUNDLE_MANIFEST_MAX, &b, err);

	return r < 0 ? r : manifest_parse(b.s, b.len, ret, err);
}

int bundle_check(const struct engine *e, const struct bundle_trust *t, const char *folder,
		 const char *key, struct bundle_checked *ret, struct err *err)
{
	AUTO_BUNDLE_CHECKED struct bundle_checked c = BUNDLE_CHECKED_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	int r = bundlecheck_read(e, folder, BUNDLE_MANIFEST, BUNDLE_MANIFEST_MAX, &b, err);

	if (r == 0)
		r = bundlecheck_signatures(e, t, folder, &b, &c.signers, err);
	if (r == 0)
		r = manifest_parse(b.s, b.len, &c.manifest, err);
	if (r == 0 && key && strcmp(c.manifest.key, key) != 0)
		r = err_set(err, -E_BUNDLE_BAD,
			    "it is the bundle of another key: %s/%s for %s (%s)",
			    c.manifest.input.name, c.manifest.input.version,
			    c.manifest.input.release, c.manifest.input.arch);
	if (r == 0)
		r = bundlecheck_archive(e, folder, &c.manifest.archive, err);
	if (r < 0)
		return r;
	*ret = c;
	c = (struct bundle_checked)BUNDLE_CHECKED_INIT;
	return 0;
}
