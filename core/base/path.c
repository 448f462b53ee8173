/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/path.h"

#include <string.h>

#include "base/alloc.h"

bool path_is_component(const char *s)
{
	return s && *s && !strchr(s, '/') && strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

bool path_is_plain(const char *path)
{
	if (!path || path[0] != '/' || !path[1])
		return false;
	while (*path) {
		size_t len = strcspn(++path, "/");

		if (len == 0 || (len == 1 && path[0] == '.') ||
		    (len == 2 && !strncmp(path, "..", 2)))
			return false;
		path += len;
	}
	return true;
}

bool path_has_dotdot(const char *path)
{
	for (const char *p = strstr(path, ".."); p; p = strstr(p + 1, "..")) {
		if ((p == path || p[-1] == '/') && (!p[2] || p[2] == '/'))
			return true;
	}
	return false;
}

bool path_is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (len && folder[len - 1] == '/')
		len--;
	return path_is_plain(path) && strncmp(path, folder, len) == 0 && path[len] == '/';
}

char *path_parent(const char *path)
{
	size_t len = (size_t)(strrchr(path, '/') - path);

	return xstrndup(path, len ? len : 1);
}
