/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/open.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "conf/framework.h"
#include "confine/confine.h"
#include "engine/distro.h"
#include "engine/treepath.h"
#include "engine/trust.h"
#include "module/kerneltree.h"
#include "packages/owners.h"
#include "sys/fs.h"
#include "tx/place.h"

static char *engine_make_run_id(void)
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32];

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm);
	return xasprintf("%s-%ld", stamp, (long)getpid());
}

/*
 * If a run with our id left a journal, choose another id: containers that share a tree can have
 * processes with the same id.
 */
static void engine_make_run_id_unique(struct engine *e)
{
	AUTO_FREE char *first = xstrdup(e->run_id);

	for (unsigned int n = 2; n < 1000; n++) {
		AUTO_FREE char *journal = xasprintf("%s/%s", e->place.dir, e->run_id);

		if (!fs_exists(&e->root, journal))
			return;
		free(e->run_id);
		e->run_id = xasprintf("%s-%u", first, n);
	}
}

static char *engine_machine(void)
{
	struct utsname u;

	return xstrdup(uname(&u) == 0 ? u.machine : "");
}

/*
 * Return the path of a tree, with $arch replaced and without trailing slashes, so that paths can be
 * joined and compared.  Caller frees.
 */
static char *engine_tree_path(const struct engine *e, enum setting id)
{
	AUTO_STRV struct strv vars = STRV_INIT;
	size_t n;
	char *path;

	strv_addf(&vars, "arch=%s", e->arch);
	path = settings_expand(settings_get(&e->settings, id), &vars);
	n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	return path;
}

/*
 * Set e->dkms_tree to the path with its symlinks resolved.  If the tree does not exist yet, the
 * path stays as it is.
 */
static int engine_resolve_dkms_tree(struct engine *e, struct err *err)
{
	AUTO_FREE char *path = engine_tree_path(e, SET_DKMS_TREE);
	int r = root_realpath(&e->root, path, &e->dkms_tree);

	if (r == -ENOENT) {
		e->dkms_tree = TAKE(path);
		return 0;
	}
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

static int engine_check_settings(struct engine *e, struct err *err)
{
	AUTO_STRV struct strv warnings = STRV_INIT;
	int r = settings_check(&e->settings, e->reader, &warnings, err);
	const char *text;

	STRV_FOREACH (text, &warnings)
		log_warning("%s", text);
	return r;
}

/* If the folder tmp_location does not exist, use another one, so that builds do not fail. */
static void engine_check_tmp(struct engine *e)
{
	static const char *const others[] = { "/tmp", "/var/tmp" };
	AUTO_FREE char *tmp = xstrdup(settings_get(&e->settings, SET_TMP_LOCATION));
	const char *inherited = getenv("TMPDIR");

	if (e->reader)
		return;
	/* Do not let children inherit a TMPDIR that does not exist. */
	if (inherited && !fs_is_dir(&e->root, inherited))
		unsetenv("TMPDIR");
	if (fs_is_dir(&e->root, tmp))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (!fs_is_dir(&e->root, others[i]))
			continue;
		log_warning("The folder for temporary files, %s (%s), is not there; %s is taken.",
			    tmp, settings_source(&e->settings, SET_TMP_LOCATION), others[i]);
		free(TAKE(e->settings.value[SET_TMP_LOCATION]));
		free(TAKE(e->settings.source[SET_TMP_LOCATION]));
		settings_set(&e->settings, SET_TMP_LOCATION, others[i], "default");
		return;
	}
}

int engine_open(struct engine *e, const char *root_path, struct err *err)
{
	int r = root_open(root_path, &e->root);

	if (r < 0)
		return err_sys(err, r, "%s", root_path);
	clock_gettime(CLOCK_REALTIME_COARSE, &e->begun);
	e->run_id = engine_make_run_id();
	if (!e->arch)
		e->arch = engine_machine();
	r = distro_detect(e, &e->distro, err);
	if (r < 0)
		return r;
	e->trust = trust_remember();
	r = framework_read(e, !e->no_process, err);
	if (r < 0)
		return r;
	r = engine_check_settings(e, err);
	if (r < 0)
		return r;
	engine_check_tmp(e);
	e->source_tree = engine_tree_path(e, SET_SOURCE_TREE);
	e->install_tree = engine_tree_path(e, SET_INSTALL_TREE);
	r = engine_resolve_dkms_tree(e, err);
	if (r < 0)
		return r;
	e->owners = owners_remember();
	tree_journal_place(e, &e->place);
	engine_make_run_id_unique(e);
	journal_open(&e->journal, &e->place, e->run_id);
	return 0;
}

void engine_close(struct engine *e)
{
	/* journal.root is NULL if engine_open() failed before journal_open(). */
	if (e->journal.root)
		journal_close(&e->journal);
	journal_place_release(&e->place);
	kerneltree_forget(e);
	owners_forget(e);
	trust_forget(e);
	confine_forget(e);
	settings_release(&e->settings);
	strv_release(&e->directives);
	strv_release(&e->headers_read);
	free(e->dkms_tree);
	free(e->source_tree);
	free(e->install_tree);
	free(e->arch);
	free(e->run_id);
	free(e->distro);
	free(e->conf_file);
	free(e->kernel_config);
	free(e->kernel_source_dir);
	free(e->last_word);
	root_close(&e->root);
	*e = (struct engine)ENGINE_INIT;
}
