/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/told.h"

#include "base/alloc.h"
#include "base/log.h"
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
	AUTO_FREE char *path = tree_cache_path(e, "told");
	AUTO_BUF struct buf text = BUF_INIT;

	if (fs_read(&e->root, path, TOLD_MAX, &text) < 0)
		log_debug("%s: nothing was told", path);
	else
		strv_split(ret, text.s, "\n");
}

static char *told_line(const struct step *s)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct buf line = BUF_INIT;

	step_print(s, &text);
	buf_add_escaped(&line, text.s);
	return buf_detach(&line);
}

void told_mark(const struct engine *e, struct plan *p, bool kernel_only, struct told *ret)
{
	told_load(e, &ret->before);
	if (kernel_only)
		strv_add_all(&ret->now, &ret->before);
	for (size_t i = 0; i < p->n; i++) {
		struct step *s = &p->steps[i];
		char *line = step_acts(s->kind) ? NULL : told_line(s);

		if (!line)
			continue;
		s->news = !s->told && !strv_has(&ret->before, line);
		if (strv_has(&ret->now, line))
			free(line);
		else
			strv_take(&ret->now, line);
	}
	strv_sort(&ret->now);
}

int told_save(const struct engine *e, const struct told *t)
{
	AUTO_FREE char *folder = tree_cache_dir(e), *path = tree_cache_path(e, "told");
	AUTO_BUF struct buf b = BUF_INIT;
	const char *line;
	int r;

	if (strv_equal(&t->before, &t->now))
		return 0;
	STRV_FOREACH (line, &t->now)
		buf_addf(&b, "%s\n", line);
	r = fs_mkdir_p(&e->root, folder);
	return r < 0 ? r : atomic_write_file(&e->root, path, b.s ? b.s : "", b.len, 0644);
}
