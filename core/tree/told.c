/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/told.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/statefile.h"
#include "engine/treepath.h"
#include "sys/atomic.h"
#include "sys/fs.h"

#define TOLD_MAX ((size_t)1 << 20)

void told_release(struct told *t)
{
	strv_release(&t->before);
	strv_release(&t->now);
}

static void told_load(const struct engine *e, struct strv *ret)
{
	AUTO_FREE char *path = tree_told_path(e);
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	int r = statefile_read(e, path, TOLD_MAX, &text, &err);

	if (r == 0)
		strv_split(ret, text.s, "\n");
	else if (r != -ENOENT)
		log_debug("%s", err.text);
}

static char *told_line(const struct step *s)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct buf line = BUF_INIT;

	step_print(s, &text);
	buf_add_escaped(&line, text.s);
	return buf_detach(&line);
}

static void told_keep(struct told *t, char *line)
{
	if (strv_has(&t->now, line))
		free(line);
	else
		strv_take(&t->now, line);
}

void told_add(struct told *t, const struct step *s)
{
	told_keep(t, told_line(s));
	strv_sort(&t->now);
}

void told_mark(const struct engine *e, struct plan *p, bool kernel_only, struct told *ret)
{
	told_load(e, &ret->before);
	if (kernel_only)
		strv_add_all(&ret->now, &ret->before);
	for (size_t i = 0; i < p->n; i++) {
		struct step *s = &p->steps[i];
		char *line = step_is_told_once(s->kind) ? told_line(s) : NULL;
		bool known;

		if (!line)
			continue;
		known = strv_has(&ret->before, line);
		s->news = !s->told && !known;
		if (s->fallback || (s->told && !known))
			free(line);
		else
			told_keep(ret, line);
	}
	strv_sort(&ret->now);
}

int told_save(const struct engine *e, const struct told *t)
{
	AUTO_FREE char *folder = tree_native_dir(e), *path = tree_told_path(e);
	AUTO_BUF struct buf b = BUF_INIT;
	const char *line;
	int r;

	if (strv_equal(&t->before, &t->now))
		return 0;
	if (!t->now.n)
		return fs_unlink(&e->root, path);
	STRV_FOREACH (line, &t->now)
		buf_addf(&b, "%s\n", line);
	r = fs_mkdir_p(&e->root, folder);
	return r < 0 ? r : atomic_write_file(&e->root, path, b.s, b.len, 0644);
}
