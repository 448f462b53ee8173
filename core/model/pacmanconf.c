/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/pacmanconf.h"

#include <string.h>

#include "base/alloc.h"
#include "base/strv.h"

#define BLANKS " \t\r"

/* FOLDER of a line "DBPath = FOLDER", NULL for any other line. */
static char *pacmanconf_dbpath_of_line(const char *line)
{
	size_t len;

	if (strcspn(line, BLANKS "=") != 6 || strncmp(line, "DBPath", 6) != 0)
		return NULL;
	line += 6 + strspn(line + 6, BLANKS "=");
	len = strlen(line);
	while (len && strchr(BLANKS "/", line[len - 1]))
		len--;
	return len ? xstrndup(line, len) : NULL;
}

char *pacmanconf_dbpath(const char *text)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	bool in_options = false;
	const char *line;

	strv_split(&lines, text ? text : "", "\n");
	STRV_FOREACH (line, &lines) {
		char *found;

		line += strspn(line, BLANKS);
		if (line[0] == '[')
			in_options = str_begins(line, "[options]");
		found = in_options ? pacmanconf_dbpath_of_line(line) : NULL;
		if (found)
			return found;
	}
	return xstrdup("/var/lib/pacman");
}
