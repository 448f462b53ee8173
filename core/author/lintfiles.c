/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a source: their modes, and what an old build has left. */
#include <sys/stat.h>

#include "author/lintsource.h"
#include "base/alloc.h"
#include "sys/fs.h"

#define MAKEFILE_MAX  (1U << 20)
#define MAKEFILES_MAX 256

/* A fault that many files have is reported once, for the first of them. */
struct lint_walk {
	struct lint_source *s;
	char *others, *special, *object; /* the first file with that fault; NULL: none */
	size_t n_others, n_objects;
};

static bool lint_is_version_control(const char *rel)
{
	return str_begins(rel, ".git/") || !strcmp(rel, ".git") || str_begins(rel, ".svn/") ||
	       str_begins(rel, ".hg/");
}

static void lint_note(char **first, const char *rel)
{
	if (!*first)
		*first = xstrdup(rel);
}

static void lint_read_makefile(struct lint_source *s, const char *rel)
{
	AUTO_FREE char *path = xasprintf("%s/%s", s->folder, rel);
	AUTO_BUF struct buf text = BUF_INIT;
	struct lint_makefile f = { 0 };

	if (s->n_makefiles >= MAKEFILES_MAX || fs_read(&s->e->root, path, MAKEFILE_MAX, &text) < 0)
		return;
	f.path = xstrdup(rel);
	makefile_parse(text.s, &f.m);
	VEC_PUSH(s->makefiles, s->n_makefiles, f);
}

static bool lint_is_makefile(const char *rel)
{
	static const char *const names[] = { "Makefile", "makefile", "GNUmakefile", "Kbuild" };
	const char *slash = strrchr(rel, '/');
	const char *name = slash ? slash + 1 : rel;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

/* Has a build left this file?  kbuild writes .foo.o.cmd beside foo.o. */
static bool lint_is_leftover(const char *rel)
{
	const char *slash = strrchr(rel, '/');
	const char *name = slash ? slash + 1 : rel;

	return *name == '.' && (str_ends(name, ".o.cmd") || str_ends(name, ".ko.cmd"));
}

static int lint_walk_entry(const char *rel, const struct stat *st, void *data)
{
	struct lint_walk *w = data;

	if (lint_is_version_control(rel) || S_ISLNK(st->st_mode))
		return 0;
	if (st->st_mode & S_IWOTH) {
		lint_note(&w->others, rel);
		w->n_others++;
	}
	if (S_ISREG(st->st_mode) && (st->st_mode & (S_ISUID | S_ISGID)))
		lint_note(&w->special, rel);
	if (lint_is_leftover(rel)) {
		lint_note(&w->object, rel);
		w->n_objects++;
	}
	if (S_ISREG(st->st_mode) && lint_is_makefile(rel))
		lint_read_makefile(w->s, rel);
	return 0;
}

static void lint_report_files(struct lint_walk *w)
{
	struct lint_findings *ret = w->s->ret;
	AUTO_FREE char *more =
		w->n_others > 1 ? xasprintf(" (and %zu more)", w->n_others - 1) : xstrdup("");

	if (w->others)
		lint_add(ret, LINT_WARNING, "mode", w->others, 0, "chmod -R go-w .",
			 "everybody can write it%s: dkms does not build such a source in /usr/src",
			 more);
	if (w->special)
		lint_add(ret, LINT_WARNING, "mode", w->special, 0, "chmod ug-s FILE",
			 "it has a set-ID bit, which dkms add drops");
	if (w->object)
		lint_add(ret, LINT_NOTE, "leftover", w->object, 0, "make clean",
			 "an old build has left %zu such files: dkms removes them before it builds",
			 w->n_objects);
}

void lint_files(struct lint_source *s)
{
	struct lint_walk w = { .s = s };

	if (fs_walk(&s->e->root, s->folder, lint_walk_entry, &w) < 0)
		lint_add(s->ret, LINT_WARNING, "mode", ".", 0, "Make them readable.",
			 "not all files of this folder can be read");
	lint_report_files(&w);
	free(w.others);
	free(w.special);
	free(w.object);
}
