/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/foldernames.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/strv.h"

#define TEMPORARY ".tmp_"

bool foldernames_is_made(const char *name)
{
	static const char *const endings[] = { ".o",	 ".cmd",   ".d",       ".ko", ".mod",
					       ".mod.c", ".order", ".symvers", ".a",  ".log" };

	if (str_begins(name, TEMPORARY))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		if (str_ends(name, endings[i]))
			return true;
	}
	return false;
}

bool foldernames_has_temporary(const char *path)
{
	return str_begins(path, TEMPORARY) || strstr(path, "/" TEMPORARY);
}

static bool foldernames_add_entry(struct sha256 *h, const char *folder, const char *name,
				  unsigned char type, unsigned int *left)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	bool made = foldernames_is_made(name);
	struct stat st;

	if (type == DT_UNKNOWN && lstat(path, &st) == 0)
		type = S_ISDIR(st.st_mode) ? DT_DIR : S_ISLNK(st.st_mode) ? DT_LNK : DT_REG;
	if (!made || type == DT_DIR)
		sha256_add_string(h, name);
	if (type == DT_DIR)
		return foldernames_add(h, path, left);
	if (type != DT_LNK)
		return true;
	if (stat(path, &st) == 0)
		return !S_ISDIR(st.st_mode);
	/* What it leads to may appear. */
	if (!made)
		sha256_add_string(h, "nowhere");
	return true;
}

bool foldernames_add(struct sha256 *h, const char *folder, unsigned int *left)
{
	AUTO_STRV struct strv names = STRV_INIT;
	DIR *d = opendir(folder);
	const struct dirent *entry;
	bool good = true;
	const char *word;

	if (!d)
		return errno == ENOENT || errno == ENOTDIR;
	/* "NAME/T", where T is one more than the type: a NUL would end the string. */
	while (good && (entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    str_begins(entry->d_name, TEMPORARY))
			continue;
		if (!foldernames_is_made(entry->d_name)) {
			good = *left > 0;
			*left -= good;
		}
		strv_addf(&names, "%s/%c", entry->d_name, entry->d_type + 1);
	}
	closedir(d);
	strv_sort(&names);
	STRV_FOREACH (word, &names) {
		AUTO_FREE char *name = xstrndup(word, strlen(word) - 2);

		good = good &&
		       foldernames_add_entry(h, folder, name,
					     (unsigned char)(word[strlen(word) - 1] - 1), left);
	}
	/* The end of the folder. */
	sha256_add_string(h, "");
	return good;
}
