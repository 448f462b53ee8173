/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundlepush.h"

#include "base/alloc.h"
#include "bundle/bundlesign.h"
#include "bundle/bundlestore.h"
#include "sys/fs.h"

/* Is the manifest the same in both folders?  Returns 1 or 0, or an error if ours cannot be read. */
static int bundlepush_same(const struct engine *e, const char *folder, const char *there,
			   struct err *err)
{
	AUTO_FREE char *mine = xasprintf("%s/" BUNDLE_MANIFEST, folder);
	AUTO_FREE char *theirs = xasprintf("%s/" BUNDLE_MANIFEST, there);
	AUTO_BUF struct buf a = BUF_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	int r = fs_read(&e->root, mine, BUNDLE_MANIFEST_MAX, &a);

	if (r < 0)
		return err_sys(err, r, "%s", mine);
	return fs_read(&e->root, theirs, BUNDLE_MANIFEST_MAX, &b) == 0 && a.len == b.len &&
	       memcmp(a.s, b.s, a.len) == 0;
}

/*
 * Add the signatures of the same bundle in the folder `there` to ours.  Returns 1 if ours is among
 * them already.
 */
static int bundlepush_join(const struct engine *e, const char *folder, const char *there,
			   const struct bundle_signer *signer, struct err *err)
{
	AUTO_FREE char *others = xasprintf("%s/" BUNDLE_SIGNATURES, there);
	AUTO_BUF struct buf file = BUF_INIT;
	int r;

	/* What is no file of signatures is replaced by ours. */
	if (fs_read(&e->root, others, BUNDLE_SIGNATURES_MAX, &file) < 0 ||
	    !bundlesign_is_plain(&file))
		return 0;
	r = bundle_join_signatures(e, folder, others, signer, err);
	return r < 0 ? r : bundlesign_has(&file, &signer->certificate);
}

int bundle_push(const struct engine *e, const char *url, const struct manifest *m,
		const char *folder, const struct bundle_signer *signer, bool force,
		enum bundle_pushed *ret, struct err *err)
{
	AUTO_FREE char *there = xasprintf("%s.there", folder), *shown = bundle_store_shown(url);
	enum bundle_pushed what = BUNDLE_PUSHED;
	int r = fs_mkdir_p(&e->root, there);

	if (r < 0)
		return err_sys(err, r, "%s", there);
	r = bundle_store_fetch(e, url, m->key, there, err);
	if (r < 0)
		return r;
	if (r == 0) {
		r = bundlepush_same(e, folder, there, err);
		if (r == 0 && !force)
			return err_set(
				err, -E_BUNDLE_BAD,
				"%s has another bundle of %s/%s for %s: built from the same, "
				"with another result.\n--force replaces it.",
				shown, m->input.name, m->input.version, m->input.release);
		if (r > 0) {
			what = BUNDLE_JOINED;
			r = bundlepush_join(e, folder, there, signer, err);
		}
		if (r < 0)
			return r;
		if (r > 0) {
			*ret = BUNDLE_WAS_THERE;
			return 0;
		}
	}
	r = bundle_store_push(e, url, m->key, folder, err);
	if (r > 0)
		return err_set(err, -E_NO_BUNDLE, "%s does not take the bundle", shown);
	*ret = what;
	return r;
}
