/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/whylog.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cause/cause.h"
#include "cli/causejson.h"
#include "cli/report.h"
#include "sys/fs.h"

/* Keep the last `max` bytes. */
static void whylog_drop_front(struct buf *b, size_t max)
{
	size_t drop = b->len > max ? b->len - max : 0;

	memmove(b->s, b->s + drop, b->len - drop);
	buf_truncate(b, b->len - drop);
}

/* Read the file to its end, and keep its head and tail (whylog.h). */
static int whylog_read(int fd, struct buf *ret)
{
	AUTO_BUF struct buf tail = BUF_INIT;
	char chunk[65536];
	ssize_t n;

	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_add(ret->len < WHYLOG_HEAD ? ret : &tail, chunk, (size_t)n);
		if (tail.len > 2 * (size_t)WHYLOG_TAIL)
			whylog_drop_front(&tail, WHYLOG_TAIL);
	}
	if (n < 0)
		return -errno;
	whylog_drop_front(&tail, WHYLOG_TAIL);
	buf_add(ret, tail.s, tail.len);
	return 0;
}

static int whylog_load(const struct engine *e, const struct options *o, struct buf *ret,
		       struct err *err)
{
	AUTO_FREE char *path = options_path(o, o->log);
	int fd, r;

	if (!strcmp(o->log, "-")) {
		r = whylog_read(STDIN_FILENO, ret);
		return r < 0 ? err_sys(err, r, "standard input") : 0;
	}
	if (!path)
		return err_set(err, -E_USAGE, "--log needs the name of a file.");
	fd = fs_open_file(&e->root, path, 0);
	if (fd == -EINVAL)
		return err_set(err, -E_USAGE, "%s is not a regular file.", path);
	if (fd < 0)
		return err_sys(err, fd, "%s", path);
	r = whylog_read(fd, ret);
	close(fd);
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

static void whylog_print(const struct cause *c, struct buf *ret)
{
	if (!*c->line) {
		buf_adds(ret, "The log is empty.\n");
		return;
	}
	buf_addf(ret, "%s\n  cause: %s (%s)%s%s\n", c->line, cause_text(c->class),
		 cause_name(c->class), c->about ? ": " : "", c->about ? c->about : "");
	if (c->lasting)
		buf_adds(ret, "  lasting: it fails again until the source, the kernel or the "
			      "compiler changes\n");
	else
		buf_adds(ret, "  not lasting: when that is mended, the same build may succeed\n");
}

int whylog_run(const struct engine *e, const struct options *o)
{
	AUTO_BUF struct buf text = BUF_INIT, out = BUF_INIT;
	AUTO_CAUSE struct cause c = CAUSE_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	if (whylog_load(e, o, &text, &err) < 0)
		return report_error(&err);
	cause_judge(text.s, text.len, &c);
	if (o->json)
		cause_json(&c, &out);
	else
		whylog_print(&c, &out);
	return report_print(out.s);
}
