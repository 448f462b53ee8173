/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/childenv.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fs.h"

static bool childenv_is_proxy(const char *name)
{
	static const char *const list[] = { "http_proxy",  "https_proxy", "ftp_proxy",
					    "rsync_proxy", "all_proxy",	  "no_proxy",
					    "HTTP_PROXY",  "HTTPS_PROXY", "FTP_PROXY",
					    "RSYNC_PROXY", "ALL_PROXY",	  "NO_PROXY" };

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		if (!strcmp(name, list[i]))
			return true;
	return false;
}

/*
 * Is `name` a variable that package managers, kernel-install or initramfs generators pass to their
 * children?
 */
static bool childenv_is_for_tools(const char *name)
{
	static const char *const prefixes[] = { "DPKG_",     "DEBIAN_",	      "DEBCONF_",
						"DEB_",	     "SYSTEMD_",      "KERNEL_INSTALL_",
						"INITRAMFS", "FLASH_KERNEL_", "DRACUT_" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

bool childenv_passes(const char *name, bool tool)
{
	return !strcmp(name, "HOME") || !strcmp(name, "TERM") ||
	       !strcmp(name, "SOURCE_DATE_EPOCH") || childenv_is_proxy(name) ||
	       (tool && childenv_is_for_tools(name));
}

static void childenv_base(struct strv *env, bool tool)
{
	for (char **v = environ; *v; v++) {
		AUTO_FREE char *name = xstrndup(*v, strcspn(*v, "="));

		if (childenv_passes(name, tool))
			childenv_set(env, name, *v + strlen(name) + ((*v)[strlen(name)] == '='));
	}
	childenv_set(env, "PATH", CHILDENV_PATH);
	childenv_set(env, "LC_ALL", "C");
}

void childenv_tool(struct strv *env)
{
	const char *tmp = getenv("TMPDIR");

	childenv_base(env, true);
	if (tmp && *tmp == '/')
		childenv_set(env, "TMPDIR", tmp);
}

void childenv_added(const struct engine *e, const char *release, const char *arch, struct strv *ret)
{
	AUTO_STRV struct strv vars = STRV_INIT, words = STRV_INIT;
	AUTO_FREE char *text = NULL;
	const char *word;

	strv_addf(&vars, "kernelver=%s", release ? release : "");
	strv_addf(&vars, "arch=%s", arch ? arch : "");
	text = settings_expand(settings_get(&e->settings, SET_BUILD_ENVIRONMENT), &vars);
	strv_split(&words, text, " \t\n");
	STRV_FOREACH (word, &words) {
		if (*word == '/' || strchr(word, '='))
			strv_add(ret, word);
		else if (getenv(word))
			strv_addf(ret, "%s=%s", word, getenv(word));
	}
}

static void childenv_target(const struct engine *e, const struct target *t, struct strv *env)
{
	const char *directive;

	childenv_set(env, "dkms_tree", e->dkms_tree);
	childenv_set(env, "source_tree", e->source_tree);
	childenv_set(env, "install_tree", e->install_tree);
	if (t->name)
		childenv_set(env, "module", t->name);
	if (t->version)
		childenv_set(env, "module_version", t->version);
	if (t->release) {
		childenv_set(env, "kernelver", t->release);
		childenv_set(env, "KERNELVERSION", t->release);
	}
	if (t->arch)
		childenv_set(env, "arch", t->arch);
	STRV_FOREACH (directive, &e->directives) {
		AUTO_FREE char *name = xstrndup(directive, strcspn(directive, "="));

		if (strchr(directive, '='))
			childenv_set(env, name, strchr(directive, '=') + 1);
	}
}

void childenv_build(const struct engine *e, const struct target *t, struct strv *env)
{
	const char *tmp = settings_get(&e->settings, SET_TMP_LOCATION);
	AUTO_STRV struct strv added = STRV_INIT;
	const char *word;

	childenv_base(env, false);
	if (settings_is_set(&e->settings, SET_TMP_LOCATION) && fs_is_dir(&e->root, tmp))
		childenv_set(env, "TMPDIR", tmp);
	childenv_added(e, t->release, t->arch, &added);
	STRV_FOREACH (word, &added) {
		AUTO_FREE char *name = xstrndup(word, strcspn(word, "="));

		if (*word != '/')
			childenv_set(env, name, word + strlen(name) + 1);
	}
	childenv_target(e, t, env);
}

void childenv_script(const struct engine *e, const struct target *t, struct strv *env)
{
	childenv_build(e, t, env);
	for (char **v = environ; *v; v++) {
		AUTO_FREE char *name = xstrndup(*v, strcspn(*v, "="));

		if (childenv_is_for_tools(name) && !childenv_get(env, name) &&
		    (*v)[strlen(name)] == '=')
			childenv_set(env, name, *v + strlen(name) + 1);
	}
}

/* Append `word`, which is NAME=VALUE or a path; of a proxy variable only the name. */
static void childenv_add_fact(const char *word, struct strv *ret)
{
	AUTO_FREE char *name = xstrndup(word, strcspn(word, "="));

	if (!childenv_is_proxy(name))
		strv_add(ret, word);
	else if (!strv_has(ret, name))
		strv_add(ret, name);
}

void childenv_passed(const struct engine *e, const struct target *t, struct strv *ret)
{
	AUTO_STRV struct strv added = STRV_INIT;
	const char *word;

	for (char **v = environ; *v; v++) {
		AUTO_FREE char *name = xstrndup(*v, strcspn(*v, "="));

		if (childenv_passes(name, false))
			childenv_add_fact(*v, ret);
	}
	childenv_added(e, t->release, t->arch, &added);
	STRV_FOREACH (word, &added)
		childenv_add_fact(word, ret);
	strv_sort(ret);
}

void childenv_set(struct strv *env, const char *name, const char *value)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (!strncmp(env->v[i], name, len) && env->v[i][len] == '=') {
			strv_remove(env, i);
			break;
		}
	strv_addf(env, "%s=%s", name, value);
}

const char *childenv_get(const struct strv *env, const char *name)
{
	size_t len = strlen(name);
	const char *s;

	STRV_FOREACH (s, env)
		if (!strncmp(s, name, len) && s[len] == '=')
			return s + len + 1;
	return NULL;
}

static bool childenv_is_program(const struct engine *e, const char *path)
{
	struct stat st;

	return fs_stat(&e->root, path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

bool childenv_has_command(const struct engine *e, const struct strv *env, const char *name)
{
	AUTO_STRV struct strv dirs = STRV_INIT;
	const char *path = childenv_get(env, "PATH"), *dir;

	if (strchr(name, '/'))
		return childenv_is_program(e, name);
	strv_split(&dirs, path ? path : "/usr/bin:/bin", ":");
	STRV_FOREACH (dir, &dirs) {
		AUTO_FREE char *full = xasprintf("%s/%s", dir, name);

		if (dir[0] == '/' && childenv_is_program(e, full))
			return true;
	}
	return false;
}
