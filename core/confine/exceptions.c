/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine/exceptions.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "engine/trust.h"
#include "sys/fs.h"

void exceptions_release(struct exceptions *x)
{
	strv_release(&x->write);
	strv_release(&x->read);
}

char *exceptions_path(const char *name)
{
	return xasprintf(EXCEPTIONS_DIR "/%s.conf", name);
}

/* Add the path of a line "write=" or "read=".  Refuse "/", which would undo all rules for files. */
static bool exceptions_add(struct strv *to, const char *path)
{
	if (!path_is_plain(path))
		return false;
	strv_add(to, path);
	return true;
}

static bool exceptions_line(const char *line, struct exceptions *ret)
{
	if (str_begins(line, "write="))
		return exceptions_add(&ret->write, line + strlen("write="));
	if (str_begins(line, "read="))
		return exceptions_add(&ret->read, line + strlen("read="));
	if (strcmp(line, "network=yes") == 0)
		return ret->network = true;
	if (strcmp(line, "network=no") == 0)
		return true;
	if (strcmp(line, "off") == 0)
		return ret->off = true;
	return false;
}

int exceptions_parse(const char *text, const char *path, struct exceptions *ret, struct err *err)
{
	unsigned int number = 1;

	for (const char *s = text; *s; number++) {
		size_t len = strcspn(s, "\n"), end = len;
		size_t start = strspn(s, " \t");
		AUTO_FREE char *line = NULL;

		while (end > start && strchr(" \t\r", s[end - 1]))
			end--;
		line = start < end ? xstrndup(s + start, end - start) : xstrdup("");
		if (*line && *line != '#' && !exceptions_line(line, ret))
			return err_set(
				err, -E_BAD_EXCEPTION,
				"%s:%u: %s is none of write=/PATH, read=/PATH, network=yes and off",
				path, number, line);
		s += len + (s[len] == '\n');
	}
	return 0;
}

int exceptions_read(const struct engine *e, const char *name, struct exceptions *ret,
		    struct err *err)
{
	AUTO_FREE char *path = exceptions_path(name);
	AUTO_BUF struct buf text = BUF_INIT;
	int r = fs_read(&e->root, path, EXCEPTIONS_MAX, &text);

	*ret = (struct exceptions)EXCEPTIONS_INIT;
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r == 0)
		r = trust_settings(e, path, err);
	else
		err_sys(err, r, "%s", path);
	if (r == 0 && strlen(text.s) != text.len)
		r = err_set(err, -E_BAD_EXCEPTION, "%s has a zero byte", path);
	return r < 0 ? r : exceptions_parse(text.s, path, ret, err);
}
