/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/distro.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "engine/engine.h"
#include "sys/fs.h"

#define OS_RELEASE_MAX 65536

/* The word at the beginning of s, as a shell would read it, but without expansions. */
static char *distro_unquote(const char *s)
{
	struct buf b = BUF_INIT;
	char quote = '\0';

	for (; *s && *s != '\n' && *s != '\r'; s++) {
		if (!quote && (*s == '"' || *s == '\''))
			quote = *s;
		else if (quote && *s == quote)
			quote = '\0';
		else if (!quote && strchr(" \t;", *s))
			break;
		else if (*s == '\\' && quote != '\'' && s[1] && (!quote || strchr("\"\\$`", s[1])))
			buf_addch(&b, *++s);
		else
			buf_addch(&b, *s);
	}
	return buf_detach(&b);
}

/* The value of the last assignment to `name` in an os-release file; "" if there is none. */
static char *distro_value(const char *text, const char *name)
{
	size_t n = strlen(name);
	char *value = NULL;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += strspn(line, " \t\r\n");
		if (strncmp(line, name, n) != 0 || line[n] != '=')
			continue;
		free(value);
		value = distro_unquote(line + n + 1);
	}
	return value ? value : xstrdup("");
}

char *distro_parse(const char *os_release)
{
	AUTO_FREE char *id = distro_value(os_release, "ID");
	AUTO_FREE char *like = distro_value(os_release, "ID_LIKE");

	return strcmp(id, "ubuntu") != 0 && *like ? TAKE(like) : TAKE(id);
}

int distro_detect(const struct engine *e, char **ret, struct err *err)
{
	static const char *const files[] = { "/etc/os-release", "/usr/lib/os-release" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO_BUF struct buf text = BUF_INIT;
		int r = fs_read(&e->root, files[i], OS_RELEASE_MAX, &text);

		if (r == -ENOENT)
			continue;
		if (r < 0)
			return err_sys(err, r, "%s", files[i]);
		*ret = distro_parse(text.s);
		return 0;
	}
	return err_set(err, -E_NO_OS_RELEASE,
		       "neither /etc/os-release nor /usr/lib/os-release exists");
}

bool distro_is(const char *distro, const char *prefix)
{
	return strncmp(distro, prefix, strlen(prefix)) == 0;
}

bool distro_is_here(const struct engine *e, const char *prefix)
{
	return distro_is(e->distro, prefix);
}

const char *distro_target_dir(const char *distro)
{
	static const struct {
		const char *prefix, *dir;
	} rules[] = {
		{ "fedora", "/extra" },	       { "rhel", "/extra" },
		{ "ovm", "/extra" },	       { "centos", "/extra" },
		{ "sles", "/updates" },	       { "suse", "/updates" },
		{ "opensuse", "/updates" },    { "debian", "/updates/dkms" },
		{ "ubuntu", "/updates/dkms" }, { "arch", "/updates/dkms" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (distro_is(distro, rules[i].prefix))
			return rules[i].dir;
	}
	return NULL;
}

char *engine_target_dir(const struct engine *e)
{
	const char *addon = settings_get(&e->settings, SET_ADDON_MODULES_DIR);

	if (*addon)
		return xasprintf("/%s", addon + strspn(addon, "/"));
	return xstrdup(distro_target_dir(e->distro));
}
