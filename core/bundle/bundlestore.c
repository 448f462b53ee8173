/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundlestore.h"

#include <errno.h>

#include "base/alloc.h"
#include "engine/childenv.h"
#include "engine/tool.h"
#include "engine/trust.h"
#include "sys/proc.h"

#define GRACE 2 /* seconds that a helper gets beyond its limit, to say why it failed */

/*
 * The variable that names the file with passwords for registries, if that is not in its usual
 * place.
 */
#define AUTH_FILE "REGISTRY_AUTH_FILE"

enum { HELPER_DONE, HELPER_MISS };

void bundle_stores(const struct engine *e, struct strv *ret)
{
	strv_split(ret, settings_get(&e->settings, SET_BUNDLE_MIRRORS), " \t\n");
	strv_split(ret, settings_get(&e->settings, SET_BUNDLE_STORE), " \t\n");
}

char *bundle_store_helper(const char *url)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t n = strspn(url, letters);

	if (*url == '/')
		return xstrdup(BUNDLE_HELPERS "/file");
	if (!n || strncmp(url + n, "://", 3) != 0 || !url[n + 3])
		return NULL;
	return xasprintf(BUNDLE_HELPERS "/%.*s", (int)n, url);
}

char *bundle_store_shown(const char *url)
{
	const char *host = strstr(url, "://"), *at;

	if (*url == '/' || !host)
		return xstrdup(url);
	host += 3;
	at = memchr(host, '@', strcspn(host, "/"));
	return xasprintf("%.*s%s", (int)(host - url), url, at ? at + 1 : host);
}

static int bundlestore_spec(const struct engine *e, const char *url, struct proc_spec *spec,
			    struct err *err)
{
	AUTO_FREE char *helper = bundle_store_helper(url);
	AUTO_ERR struct err local = ERR_INIT;

	if (!helper)
		return err_set(err, -E_NO_BUNDLE,
			       "%s is neither a URL of a store nor an absolute path", url);
	if (trust_path(e, helper, MODES_BELIEVED, &local) < 0)
		return err_set(err, -E_UNSAFE, "%s", local.text);
	strv_add(&spec->argv, helper);
	return 0;
}

static int bundlestore_run(const struct engine *e, const char *url, const char *verb,
			   const char *key, const char *folder, struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_FREE char *how = NULL, *shown = bundle_store_shown(url);
	AUTO_BUF struct buf out = BUF_INIT;
	unsigned int limit = settings_number(&e->settings, SET_BUNDLE_TIMEOUT);
	struct proc_result res = { 0 };
	int r = bundlestore_spec(e, url, &spec, err);

	if (r < 0)
		return r;
	strv_add(&spec.argv, verb);
	strv_add(&spec.argv, key);
	strv_add(&spec.argv, folder);
	tool_prepare(e, SET_BUNDLE_TIMEOUT, &out, &spec);
	if (!childenv_get(&spec.env, "HOME"))
		childenv_set(&spec.env, "HOME", "/root");
	if (getenv(AUTH_FILE))
		childenv_set(&spec.env, AUTH_FILE, getenv(AUTH_FILE));
	childenv_set(&spec.env, "DKMS_STORE", url);
	childenv_set(&spec.env, "DKMS_STORE_TIMEOUT",
		     settings_get(&e->settings, SET_BUNDLE_TIMEOUT));
	spec.timeout = limit ? limit + GRACE : 0;
	r = proc_run(&spec, &res);
	if (r < 0)
		return err_set(err, -E_NO_BUNDLE, "%s: %s: %s", shown, spec.argv.v[0],
			       error_text(r));
	if (res.end == PROC_INTERRUPTED)
		return err_set(err, -E_INTERRUPTED, "interrupted");
	if (res.end == PROC_EXITED && (res.status == HELPER_DONE || res.status == HELPER_MISS))
		return res.status;
	how = proc_result_text(&spec, &res);
	while (out.len && (out.s[out.len - 1] == '\n' || out.s[out.len - 1] == '\0'))
		buf_truncate(&out, out.len - 1);
	return err_set(err, res.end == PROC_TIMED_OUT ? -E_TIMEOUT : -E_NO_BUNDLE, "%s: %s", shown,
		       out.len && res.end == PROC_EXITED ? out.s : how);
}

int bundle_store_fetch(const struct engine *e, const char *url, const char *key, const char *dest,
		       struct err *err)
{
	return bundlestore_run(e, url, "fetch", key, dest, err);
}

int bundle_store_push(const struct engine *e, const char *url, const char *key, const char *folder,
		      struct err *err)
{
	return bundlestore_run(e, url, "push", key, folder, err);
}
