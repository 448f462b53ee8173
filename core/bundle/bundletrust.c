/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundletrust.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/trust.h"
#include "sys/fs.h"

#define FILE_MAX ((uint64_t)4 << 20)

static int bundletrust_add(const struct engine *e, struct bundle_trust *t, const char *path,
			   struct err *err)
{
	AUTO_ERR struct err local = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	bool crl = str_ends(path, ".crl");
	const char *problem;
	int r = trust_path(e, path, MODES_BELIEVED, &local);

	if (r < 0)
		return err_set(err, -E_BUNDLE_TRUST, "%s", local.text);
	r = fs_read(&e->root, path, FILE_MAX, &b);
	problem = r < 0 ? error_text(r) : bundle_trust_add(t, &b, crl);
	if (problem && crl)
		return err_set(err, -E_BUNDLE_TRUST, "%s: %s, so no bundle is taken", path,
			       problem);
	if (problem)
		log_warning("%s: %s; it is left out", path, problem);
	return 0;
}

int bundle_trust_read(const struct engine *e, struct bundle_trust **ret, struct err *err)
{
	CLEANUP(bundle_trust_free) struct bundle_trust *t = bundle_trust_new();
	AUTO_STRV struct strv names = STRV_INIT;
	int r = fs_list(&e->root, BUNDLE_TRUST, &names);

	if (r < 0 && r != -ENOENT)
		return err_sys(err, r, BUNDLE_TRUST);
	for (size_t i = 0; i < names.n; i++) {
		AUTO_FREE char *path = xasprintf(BUNDLE_TRUST "/%s", names.v[i]);

		r = *names.v[i] == '.' ? 0 : bundletrust_add(e, t, path, err);
		if (r < 0)
			return r;
	}
	if (!bundle_trust_count(t))
		return err_set(err, -E_BUNDLE_TRUST,
			       BUNDLE_TRUST " has no certificate, so no bundle is taken");
	*ret = TAKE(t);
	return 0;
}
