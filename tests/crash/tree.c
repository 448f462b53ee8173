/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

static void list(const char *path, struct strv *ret)
{
	DIR *dir = opendir(path);
	struct dirent *d;

	if (!dir)
		err(1, "%s", path);
	while ((d = readdir(dir))) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			strv_add(ret, d->d_name);
	}
	closedir(dir);
	strv_sort(ret);
}

/* A file with several names keeps them: a backup is a hard link to the file that it saves. */
static bool copy_as_link(const char *to, const struct stat *st, struct strv *seen)
{
	AUTO_FREE char *key = xasprintf("%ju ", (uintmax_t)st->st_ino);
	const char *line;

	if (st->st_nlink < 2)
		return false;
	STRV_FOREACH (line, seen) {
		if (strncmp(line, key, strlen(key)) != 0)
			continue;
		if (link(line + strlen(key), to) < 0)
			err(1, "%s", to);
		return true;
	}
	strv_addf(seen, "%s%s", key, to);
	return false;
}

static void copy_file(const char *from, const char *to, const struct stat *st)
{
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
	char data[65536];
	ssize_t n;

	if (in < 0 || out < 0)
		err(1, "%s to %s", from, to);
	while ((n = read(in, data, sizeof(data))) > 0) {
		if (write(out, data, (size_t)n) != n)
			err(1, "%s", to);
	}
	fchmod(out, st->st_mode & 07777);
	futimens(out, (struct timespec[]){ st->st_atim, st->st_mtim });
	close(in);
	close(out);
}

static void copy_link(const char *from, const char *to)
{
	char target[4096];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = '\0';
	if (n <= 0 || symlink(target, to) < 0)
		err(1, "%s", to);
}

static void copy(const char *from, const char *to, struct strv *seen)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (mkdir(to, 0755) < 0 && errno != EEXIST)
		err(1, "%s", to);
	list(from, &names);
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *a = xasprintf("%s/%s", from, name);
		AUTO_FREE char *b = xasprintf("%s/%s", to, name);
		struct stat st;

		if (lstat(a, &st) < 0)
			err(1, "%s", a);
		if (S_ISDIR(st.st_mode) && strcmp(name, "lost+found") != 0)
			copy(a, b, seen);
		else if (S_ISLNK(st.st_mode))
			copy_link(a, b);
		else if (S_ISREG(st.st_mode) && !copy_as_link(b, &st, seen))
			copy_file(a, b, &st);
	}
}

void tree_copy(const char *from, const char *to)
{
	AUTO_STRV struct strv seen = STRV_INIT;

	copy(from, to, &seen);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	if (ftw->level == 0 || strcmp(path + ftw->base, "lost+found") == 0)
		return 0;
	return remove(path);
}

void tree_empty(const char *path)
{
	if (nftw(path, remove_one, 64, FTW_DEPTH | FTW_PHYS) != 0)
		err(1, "%s cannot be emptied", path);
}

/* FNV-1a */
uint64_t tree_hash(const char *path)
{
	uint64_t h = 14695981039346656037ULL;
	unsigned char data[65536];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return 0;
	while ((n = read(fd, data, sizeof(data))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			h = (h ^ data[i]) * 1099511628211ULL;
	}
	close(fd);
	return n < 0 ? 0 : h;
}

static void describe_entry(const char *full, const char *rel, const struct stat *st,
			   struct strv *ret)
{
	char target[4096];
	ssize_t n;

	if (S_ISDIR(st->st_mode)) {
		strv_addf(ret, "%s/ %o", rel, st->st_mode & 07777);
	} else if (S_ISLNK(st->st_mode)) {
		n = readlink(full, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		strv_addf(ret, "%s -> %s", rel, target);
	} else {
		strv_addf(ret, "%s %o %" PRIx64, rel, st->st_mode & 07777, tree_hash(full));
	}
}

static void describe(const char *path, const char *prefix, bool (*skip)(const char *rel),
		     struct strv *ret)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	list(path, &names);
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *full = xasprintf("%s/%s", path, name);
		AUTO_FREE char *rel = xasprintf("%s%s%s", prefix, *prefix ? "/" : "", name);
		struct stat st;

		if (skip(rel))
			continue;
		if (lstat(full, &st) < 0)
			err(1, "%s", full);
		describe_entry(full, rel, &st, ret);
		if (S_ISDIR(st.st_mode))
			describe(full, rel, skip, ret);
	}
}

void tree_describe(const char *path, bool (*skip)(const char *rel), struct strv *ret)
{
	describe(path, "", skip, ret);
}
