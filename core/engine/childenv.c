/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/childenv.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fs.h"

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(name, *list))
			return true;
	return false;
}

bool childenv_drops(const char *name, bool in_make, bool in_kbuild)
{
	static const char *const always[] = { "CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", NULL };
	static const char *const make[] = { "MAKEFLAGS",    "MFLAGS",
					    "MAKELEVEL",    "MAKEOVERRIDES",
					    "GNUMAKEFLAGS", "MAKE_TERMOUT",
					    "MAKE_TERMERR", NULL };
	static const char *const kbuild[] = { "sub_make_done",
					      "srctree",
					      "objtree",
					      "abs_srctree",
					      "abs_objtree",
					      "srcroot",
					      "VPATH",
					      "building_out_of_srctree",
					      "need-sub-make",
					      "CONFIG_SHELL",
					      "MODLIB",
					      "KERNELRELEASE",
					      "KERNELVERSION",
					      "VERSION",
					      "PATCHLEVEL",
					      "SUBLEVEL",
					      "EXTRAVERSION",
					      "M",
					      "O",
					      "V",
					      "W",
					      "C",
					      "LD",
					      "AR",
					      "NM",
					      "AS",
					      "CPP",
					      "OBJCOPY",
					      "OBJDUMP",
					      "READELF",
					      "STRIP",
					      "HOSTCC",
					      "HOSTCXX",
					      "SRCARCH",
					      "UTS_MACHINE",
					      "INSTALL_PATH",
					      "INSTALL_MOD_PATH",
					      NULL };

	if (is_one_of(name, always))
		return true;
	if (in_make && is_one_of(name, make))
		return true;
	return in_kbuild && (!strncmp(name, "KBUILD_", 7) || is_one_of(name, kbuild));
}

static char *add_sbin(const char *path)
{
	static const char *const need[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };
	AUTO_STRV struct strv dirs = STRV_INIT;

	strv_split(&dirs, path, ":");
	for (size_t i = 0; i < ARRAY_SIZE(need); i++)
		if (!strv_has(&dirs, need[i]))
			strv_add(&dirs, need[i]);
	return strv_join(&dirs, ":");
}

void childenv_caller(struct strv *env)
{
	bool in_make = getenv("MAKELEVEL") != NULL;
	bool in_kbuild = getenv("sub_make_done") || getenv("KBUILD_OUTPUT");
	AUTO_FREE char *path = add_sbin(getenv("PATH") ? getenv("PATH") : "");

	for (char **v = environ; *v; v++) {
		AUTO_FREE char *name = xstrndup(*v, strcspn(*v, "="));

		if (!childenv_drops(name, in_make, in_kbuild))
			strv_add(env, *v);
	}
	childenv_set(env, "PATH", path);
}

void childenv_tool(struct strv *env)
{
	childenv_caller(env);
	childenv_set(env, "LC_ALL", "C");
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

void childenv_target(const struct engine *e, const struct target *t, struct strv *env)
{
	const char *directive;

	childenv_set(env, "module", t->name);
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

static bool is_program(const struct engine *e, const char *path)
{
	struct stat st;

	return fs_stat(&e->root, path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

bool childenv_has_command(const struct engine *e, const struct strv *env, const char *name)
{
	AUTO_STRV struct strv dirs = STRV_INIT;
	const char *path = childenv_get(env, "PATH"), *dir;

	if (strchr(name, '/'))
		return is_program(e, name);
	strv_split(&dirs, path ? path : "/usr/bin:/bin", ":");
	STRV_FOREACH (dir, &dirs) {
		AUTO_FREE char *full = xasprintf("%s/%s", dir, name);

		if (dir[0] == '/' && is_program(e, full))
			return true;
	}
	return false;
}
