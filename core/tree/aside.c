/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/aside.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/treepath.h"
#include "sys/fs.h"
#include "tx/recovery.h"

/* The first component of `path` below `folder`; NULL: `path` is not below it.  Caller frees. */
static char *aside_first_below(const char *path, const char *folder)
{
	size_t len = strlen(folder), n;

	if (strncmp(path, folder, len) != 0 || path[len] != '/')
		return NULL;
	n = strcspn(path + len + 1, "/");
	return n ? xstrndup(path + len + 1, n) : NULL;
}

/*
 * Is the text `what` about a module package of this name on this kernel?  The text is "VERB
 * NAME/VERSION" (all kernels) or "VERB NAME/VERSION RELEASE ARCH".  release NULL: any kernel.
 */
static bool aside_is_about(const char *what, const char *name, const char *release)
{
	AUTO_STRV struct strv words = STRV_INIT;
	size_t len = strlen(name);

	strv_split(&words, what, " ");
	if (words.n < 2 || strncmp(words.v[1], name, len) != 0 || words.v[1][len] != '/')
		return false;
	return words.n < 3 || !release || strcmp(words.v[2], release) == 0;
}

/*
 * Is one of `paths`, the files that a journal changes, in <dkms_tree>/NAME?  If a journal has no
 * texts for aside_is_about(), only this tells what it is about.
 */
static bool aside_touches(const struct engine *e, const struct strv *paths, const char *name)
{
	const char *path;

	STRV_FOREACH (path, paths) {
		AUTO_FREE char *first = aside_first_below(path, e->dkms_tree);

		if (first && strcmp(first, name) == 0)
			return true;
	}
	return false;
}

static bool aside_run_stops(const struct engine *e, const char *run, const char *name,
			    const char *release)
{
	AUTO_STRV struct strv whats = STRV_INIT, paths = STRV_INIT;
	const char *what;

	journal_read_aside(&e->place, run, &whats, &paths);
	if (!whats.n)
		return aside_touches(e, &paths, name);
	STRV_FOREACH (what, &whats) {
		if (aside_is_about(what, name, release))
			return true;
	}
	return false;
}

int aside_check(const struct engine *e, const char *name, const char *release, struct err *err)
{
	AUTO_STRV struct strv runs = STRV_INIT;
	const char *run;

	if (journal_list_aside(&e->place, &runs) < 0)
		log_debug("%s cannot be listed", e->place.broken);
	STRV_FOREACH (run, &runs) {
		if (aside_run_stops(e, run, name, release))
			return err_set(
				err, -E_CORRUPT,
				"%s%s%s was left half done by an interrupted run, whose journal "
				"(%s/%s) cannot be completed.\ndkms fsck tells why, and dkms "
				"fsck --repair is done with it.",
				name, release ? " on " : "", release ? release : "",
				e->place.broken, run);
	}
	return 0;
}

void aside_describe(const struct engine *e, const char *run, struct strv *ret)
{
	AUTO_STRV struct strv paths = STRV_INIT;
	const char *path;

	journal_read_aside(&e->place, run, ret, &paths);
	if (ret->n)
		return;
	STRV_FOREACH (path, &paths) {
		AUTO_FREE char *first = aside_first_below(path, e->dkms_tree);

		if (first && first[0] != '.' && !strv_has(ret, first))
			strv_add(ret, first);
	}
}

void aside_kernels(const struct engine *e, const char *run, struct strv *ret)
{
	AUTO_STRV struct strv whats = STRV_INIT, paths = STRV_INIT;
	const char *path;

	journal_read_aside(&e->place, run, &whats, &paths);
	STRV_FOREACH (path, &paths) {
		AUTO_FREE char *release = aside_first_below(path, e->install_tree);

		if (release && !strv_has(ret, release))
			strv_add(ret, release);
	}
}

void aside_remove_links(const struct engine *e)
{
	char *path;

	for (size_t i = 0; (path = tree_native_folder(e, i)); i++) {
		AUTO_FREE char *to = NULL;

		if (fs_readlink(&e->root, path, &to) == 0 && fs_unlink(&e->root, path) == 0)
			log_warning(
				"%s led to %s. dkms keeps its own files there and nowhere else; "
				"the link is removed.",
				path, to);
		free(path);
	}
}
