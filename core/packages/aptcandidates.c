/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates of apt: what `apt-get -s dist-upgrade` says. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "engine/treepath.h"
#include "packages/ask.h"
#include "packages/candidates.h"
#include "packages/gatepins.h"
#include "sys/fs.h"
#include "sys/lock.h"

static bool aptcandidates_is_here(const struct engine *e)
{
	return fs_is_file(&e->root, "/var/lib/dpkg/status") && ask_has(e, "apt-get");
}

/*
 * Fill `folder` with links to all files of preferences.d but our own, so that apt answers as if
 * nothing were held back.
 */
static int aptcandidates_link_preferences(const struct engine *e, const char *folder)
{
	AUTO_FREE char *from = path_parent(GATEPINS_APT);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int r = fs_mkdir_p(&e->root, folder);

	if (r == 0)
		r = fs_list(&e->root, from, &names);
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *target = xasprintf("%s/%s", from, name);
		AUTO_FREE char *link = xasprintf("%s/%s", folder, name);

		if (r == 0 && strcmp(target, GATEPINS_APT) != 0)
			r = fs_symlink(&e->root, target, link);
	}
	return r;
}

/*
 * Ask apt-get to simulate "WORD...", as if our gate were open; append what it would install.  The
 * folder for that is like one of staging.h: if this run is killed, another removes it.
 */
static int aptcandidates_simulate(struct engine *e, const char *words, bool only_new,
				  struct strv *ret, struct err *err)
{
	AUTO_FREE char *run = xasprintf("%s-apt", e->run_id), *dir = tree_staging_run(e, run);
	AUTO_FREE char *lock_path = tree_staging_lock(e, run);
	AUTO_FREE char *folder = xasprintf("%s/preferences", dir);
	CLEANUP(lock_release) struct lock lock = LOCK_INIT;
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_BUF struct buf answer = BUF_INIT;
	int r = 0;

	strv_split(&argv, "apt-get -s -q -o APT::Get::Show-User-Simulation-Note=no", " ");
	if (fs_exists(&e->root, GATEPINS_APT)) {
		r = lock_take(&lock, &e->root, lock_path, "asking apt", LOCK_WAIT, NULL, NULL,
			      NULL);
		if (r == 0)
			r = aptcandidates_link_preferences(e, folder);
		strv_add(&argv, "-o");
		strv_addf(&argv, "Dir::Etc::PreferencesParts=%s", folder);
	}
	strv_split(&argv, words, " ");
	if (r < 0)
		r = err_sys(err, r, "%s", folder);
	else
		r = ask(e, &argv, NULL, &answer, err);
	if (fs_exists(&e->root, dir) && fs_remove_tree(&e->root, dir) < 0)
		r = r < 0 ? r : err_set(err, -E_GENERAL, "%s cannot be removed", dir);
	if (r == 0)
		candidate_read_apt(answer.s, only_new, ret);
	return r;
}

static int aptcandidates_list(struct engine *e, struct candidate_list *ret, struct err *err)
{
	AUTO_STRV struct strv packages = STRV_INIT;
	int r = aptcandidates_simulate(e, "dist-upgrade", true, &packages, err);

	if (r == 0)
		candidates_from_apt(&packages, ret);
	return r;
}

/* The packages that the headers of a kernel bring with them, "NAME=VERSION". */
static int aptcandidates_headers(struct engine *e, const char *headers, struct strv *ret,
				 struct err *err)
{
	AUTO_FREE char *words = xasprintf("--no-install-recommends install %s", headers);

	return aptcandidates_simulate(e, words, false, ret, err);
}

static int aptcandidates_find_by(struct engine *e, const char *prefix, const char *release,
				 struct candidate *ret, struct err *err)
{
	AUTO_FREE char *headers = xasprintf("%s%s", prefix, release);
	AUTO_FREE char *begin = xasprintf("%s=", headers);
	AUTO_STRV struct strv packages = STRV_INIT;
	const char *package;
	int r = aptcandidates_headers(e, headers, &packages, err);

	if (r < 0)
		return r;
	STRV_FOREACH (package, &packages) {
		if (!str_begins(package, begin))
			continue;
		candidate_release(ret);
		ret->manager = xstrdup("apt");
		ret->release = xstrdup(release);
		strv_add(&ret->packages, package);
		return 0;
	}
	return err_set(err, -E_NO_KERNEL, "apt has no %s that is not installed", headers);
}

static int aptcandidates_find(struct engine *e, const char *release, struct candidate *ret,
			      struct err *err)
{
	static const char *const prefixes[] = { "linux-headers-", "proxmox-headers-",
						"pve-headers-" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		AUTO_ERR struct err why = ERR_INIT;

		if (aptcandidates_find_by(e, prefixes[i], release, ret, &why) == 0)
			return 0;
	}
	return err_set(err, -E_NO_KERNEL, "apt has no headers of %s that are not installed",
		       release);
}

/* linux-headers-RELEASE=VERSION among the candidate's packages, else without a version. */
static char *aptcandidates_headers_name(const struct candidate *c)
{
	AUTO_FREE char *begin = xasprintf("linux-headers-%s=", c->release);
	const char *package;

	STRV_FOREACH (package, &c->packages) {
		if (str_begins(package, begin) || strstr(package, "-headers-"))
			return xstrdup(package);
	}
	return xasprintf("linux-headers-%s", c->release);
}

static int aptcandidates_download(struct engine *e, const struct candidate *c, const char *to,
				  struct strv *ret, struct err *err)
{
	AUTO_FREE char *headers = aptcandidates_headers_name(c);
	AUTO_STRV struct strv packages = STRV_INIT, argv = STRV_INIT;
	AUTO_BUF struct buf answer = BUF_INIT;
	const char *package;
	int r = aptcandidates_headers(e, headers, &packages, err);

	if (r < 0)
		return r;
	strv_split(&argv, "apt-get -q -o APT::Sandbox::User=root download", " ");
	STRV_FOREACH (package, &packages) {
		if (!candidate_is_image(package, c->release))
			strv_add(&argv, package);
	}
	r = ask(e, &argv, to, &answer, err);
	return r < 0 ? r : candidates_files(e, to, ".deb", ret);
}

static int aptcandidates_unpack(struct engine *e, const char *package, const char *folder,
				struct err *err)
{
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_BUF struct buf answer = BUF_INIT;

	strv_split(&argv, "dpkg-deb --extract", " ");
	strv_add(&argv, package);
	strv_add(&argv, folder);
	return ask(e, &argv, NULL, &answer, err);
}

const struct candidates_manager candidates_apt = {
	.name = "apt",
	.is_here = aptcandidates_is_here,
	.list = aptcandidates_list,
	.find = aptcandidates_find,
	.download = aptcandidates_download,
	.unpack = aptcandidates_unpack,
};
