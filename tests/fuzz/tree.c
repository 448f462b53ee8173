/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree - for libFuzzer: dkms status, --json and fsck of a hostile tree.
 *
 * The input lists what is in the tree, one entry a line, in at most LINES_MAX lines:
 *
 *	d PATH			a folder
 *	f PATH TEXT		a file; "%N" before TEXT makes it N bytes long, with holes
 *	l PATH TARGET		a link
 *
 * PATH begins with T for /var/lib/dkms, S for /usr/src, M for /lib/modules; the folders that it
 * needs are made.  The tree is unpacked in a root of its own.  Nothing in it may end a reader or
 * make it leave the root, and no reader may change the tree.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "cli/statusjson.h"
#include "conf/open.h"
#include "fsck/fsck.h"
#include "survey/survey.h"
#include "tree/tree.h"

#define must(condition) ((condition) ? (void)0 : abort())

enum { LINES_MAX = 40, FILE_MAX = 1 << 26 };

static const char *folder(void)
{
	static char in_memory[] = "/dev/shm/fuzz-journal.XXXXXX";
	static const char *path;
	FILE *f;

	if (path)
		return path;
	path = mkdtemp(in_memory);
	must(path && chdir(path) == 0 && mkdir("etc", 0755) == 0);
	f = fopen("etc/os-release", "w");
	must(f && fputs("ID=debian\n", f) > 0 && fclose(f) == 0);
	return path;
}

/* ---- unpacking ---- */

static const char *place(char letter)
{
	switch (letter) {
	case 'T': return "var/lib/dkms";
	case 'S': return "usr/src";
	case 'M': return "lib/modules";
	default: return NULL;
	}
}

/* The path relative to the root; NULL: an unpacker would not make it. */
static char *where(const char *word)
{
	const char *base = place(word[0]);

	if (!base || strstr(word, "..") || strstr(word, "//") || strlen(word) > 1000)
		return NULL;
	return xasprintf("%s%s%s", base, word[1] == '/' ? "" : "/", word + 1);
}

static void make_parents(char *path)
{
	for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
}

/* Does the path lead through a link?  It must not, because what is made must stay in the root. */
static bool has_link(char *path)
{
	struct stat st;
	bool found = false;

	for (char *p = strchr(path, '/'); p && !found; p = strchr(p + 1, '/')) {
		*p = '\0';
		found = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
		*p = '/';
	}
	return found;
}

static void make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
	unsigned long len = text[0] == '%' ? strtoul(text + 1, NULL, 10) : 0;

	if (fd < 0)
		return;
	for (const char *p = text; *p; p++) {
		char c = *p == '|' ? '\n' : *p;

		must(write(fd, &c, 1) == 1);
	}
	if (len)
		must(ftruncate(fd, (off_t)(len % FILE_MAX)) == 0);
	close(fd);
}

static void make_entry(const char *line)
{
	AUTO_STRV struct strv words = STRV_INIT;
	AUTO_FREE char *path = NULL;
	const char *rest;

	strv_split(&words, line, " ");
	if (words.n < 2)
		return;
	path = where(words.v[1]);
	if (!path || has_link(path))
		return;
	make_parents(path);
	rest = words.n > 2 ? strstr(line, words.v[2]) : "";
	if (line[0] == 'd')
		mkdir(path, 0755);
	else if (line[0] == 'f')
		make_file(path, rest);
	else if (line[0] == 'l' && *rest && symlink(rest, path) < 0)
		return;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_all(void)
{
	static const char *const tops[] = { "var", "usr", "lib" };

	for (size_t i = 0; i < ARRAY_SIZE(tops); i++) {
		if (access(tops[i], F_OK) == 0)
			must(nftw(tops[i], remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
	}
}

/* ---- reading ---- */

static size_t entries;

static int count_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)type;
	(void)ftw;
	entries += 1 + (S_ISREG(st->st_mode) ? (size_t)st->st_size : 0);
	return 0;
}

static size_t weight(void)
{
	entries = 0;
	must(nftw(".", count_one, 16, FTW_PHYS) == 0);
	return entries;
}

static void read_builds(const struct engine *e, const struct tree_module *m,
			const struct tree_version *v)
{
	for (size_t i = 0; i < v->n_builds; i++) {
		const struct tree_build *b = &v->builds[i];
		struct target t = { m->name, v->version, b->release, b->arch };
		AUTO_RECORD struct record rec = { .depends = STRV_INIT };
		AUTO_ERR struct err err = ERR_INIT;
		bool have = tree_record_read(e, &t, &rec, &err) == 0;

		tree_files_state(e, &t, have ? &rec : NULL, b->installed);
	}
}

static void read_all(struct engine *e)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	AUTO_FSCK struct fsck fsck = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	size_t before = weight();

	if (tree_list(e, NULL, NULL, &tree) == 0) {
		for (size_t i = 0; i < tree.n_modules; i++) {
			for (size_t k = 0; k < tree.modules[i].n_versions; k++)
				read_builds(e, &tree.modules[i], &tree.modules[i].versions[k]);
		}
	}
	if (fsck_look(e, &fsck, &err) == 0)
		json_fsck(&fsck, &out);
	for (size_t i = 0; i < fsck.n; i++)
		must(fsck.v[i].subject && fsck.v[i].text);
	must(weight() == before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf in = BUF_INIT;
	struct engine e = ENGINE_INIT;
	const char *root = folder();

	buf_add(&in, data, size);
	strv_split(&lines, in.s, "\n");
	for (size_t i = 0; i < lines.n && i < LINES_MAX; i++)
		make_entry(lines.v[i]);
	e.no_process = true;
	if (engine_open(&e, root, &err) == 0)
		read_all(&e);
	engine_close(&e);
	remove_all();
	return 0;
}
