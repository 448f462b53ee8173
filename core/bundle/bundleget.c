/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundleget.h"

#include "base/alloc.h"
#include "bundle/bundlestore.h"
#include "sys/fs.h"

#define KEY_SHOWN 12

void bundle_got_release(struct bundle_got *g)
{
	bundle_checked_release(&g->checked);
	free(g->from);
}

static int bundleget_empty(const struct engine *e, const char *dest, struct err *err)
{
	int r = fs_remove_tree(&e->root, dest);

	if (r == 0)
		r = fs_mkdir_p(&e->root, dest);
	return r < 0 ? err_sys(err, r, "%s", dest) : 0;
}

/*
 * Returns 1 if the store has no such bundle.  *ret_answered: the store has sent a bundle, or said
 * that it has none.
 */
static int bundleget_from(const struct engine *e, const struct bundle_trust *t, const char *url,
			  const char *key, const char *dest, struct bundle_got *ret,
			  bool *ret_answered, struct err *err)
{
	int r = bundleget_empty(e, dest, err);

	if (r == 0)
		r = bundle_store_fetch(e, url, key, dest, err);
	*ret_answered = r >= 0;
	if (r)
		return r;
	r = bundle_check(e, t, dest, key, &ret->checked, err);
	if (r == 0)
		ret->from = bundle_store_shown(url);
	return r;
}

int bundle_get(const struct engine *e, const struct strv *stores, const char *key, const char *dest,
	       struct bundle_got *ret, struct err *err)
{
	CLEANUP(bundle_trust_free) struct bundle_trust *t = NULL;
	AUTO_ERR struct err first = ERR_INIT;
	bool answered = false;
	int r = bundle_trust_read(e, &t, err);

	if (r < 0)
		return r;
	if (!stores->n)
		return err_set(err, -E_NO_BUNDLE, "no store is set (bundle_store)");
	for (size_t i = 0; i < stores->n; i++) {
		AUTO_ERR struct err local = ERR_INIT;
		AUTO_FREE char *shown = bundle_store_shown(stores->v[i]);
		bool one = false;

		r = bundleget_from(e, t, stores->v[i], key, dest, ret, &one, &local);
		if (r == 0 || r == -E_INTERRUPTED) {
			if (r < 0 && err)
				err_move(err, &local);
			return r;
		}
		answered |= one;
		/* If what a store has sent cannot be believed, name the store. */
		if (r < 0 && one)
			err_prefix(&local, "%s", shown);
		if (r < 0 && !first.code)
			err_move(&first, &local);
	}
	ret->unreachable = !answered;
	if (first.code) {
		r = first.code;
		if (err)
			err_move(err, &first);
		return r;
	}
	return err_set(err, -E_NO_BUNDLE, "no store has the bundle %.*s...", KEY_SHOWN, key);
}
