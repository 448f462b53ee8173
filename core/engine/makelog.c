/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/makelog.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "model/makecmd.h"

/*
 * Write at the offset `at`.  Returns false after an error, of which nobody is told: on a full disk
 * the log loses lines, but the build fails, too.
 */
static bool makelog_put(struct makelog *log, const char *data, size_t len, off_t at)
{
	while (len) {
		ssize_t n = pwrite(log->fd, data, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Move what begins at the offset `from` to the lower offset `to`.  Returns the new end. */
static off_t makelog_move(struct makelog *log, off_t from, off_t to)
{
	char chunk[65536];

	while (from < log->size) {
		ssize_t n = pread(log->fd, chunk, sizeof(chunk), from);

		if (n <= 0 || !makelog_put(log, chunk, (size_t)n, to))
			break;
		from += n;
		to += n;
	}
	return to;
}

/*
 * Drop the older half of what follows the head.  Dropping so much at once means that each byte is
 * moved about once, however long the log gets.
 */
static void makelog_make_room(struct makelog *log)
{
	off_t keep = (MAKELOG_MAX - MAKELOG_HEAD) / 2, from = log->size - keep;
	AUTO_FREE char *line = NULL;
	off_t end;

	log->dropped += from - MAKELOG_HEAD;
	line = xasprintf("\n[... about %lld MiB of output are left out here ...]\n",
			 (long long)(log->dropped >> 20));
	if (!makelog_put(log, line, strlen(line), MAKELOG_HEAD))
		return;
	end = makelog_move(log, from, MAKELOG_HEAD + (off_t)strlen(line));
	if (ftruncate(log->fd, end) == 0)
		log->size = end;
}

static void makelog_output(const char *data, size_t len, void *arg)
{
	struct makelog *log = arg;

	if (log->fd < 0)
		return;
	if (log->size + (off_t)len > MAKELOG_MAX)
		makelog_make_room(log);
	if (makelog_put(log, data, len, log->size))
		log->size += (off_t)len;
}

static void makelog_write(struct makelog *log, const struct buf *b)
{
	makelog_output(b->s, b->len, log);
}

static void makelog_add_date(struct buf *b)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = time(NULL);
	struct tm tm;

	if (!localtime_r(&now, &tm))
		return;
	buf_addf(b, "%s %s %2d %02d:%02d:%02d %s %d\n", days[tm.tm_wday], months[tm.tm_mon],
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_zone, tm.tm_year + 1900);
}

int makelog_open(struct makelog *log, const struct engine *e, const char *path,
		 const struct target *t)
{
	AUTO_BUF struct buf b = BUF_INIT;
	int fd = root_openat(&e->root, path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);

	if (fd < 0)
		return fd;
	*log = (struct makelog){ .path = xstrdup(path), .fd = fd };
	buf_addf(&b, "DKMS (dkms-%s) make.log for %s/%s for kernel %s (%s)\n", DKMS_COMPAT, t->name,
		 t->version, t->release, t->arch);
	makelog_add_date(&b);
	makelog_write(log, &b);
	return 0;
}

int makelog_open_plain(struct makelog *log, const struct engine *e, char *path)
{
	struct stat st;

	log->path = path;
	/* Do not follow a symlink that stands there, or wait for a fifo. */
	log->fd = root_openat(&e->root, log->path,
			      O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
			      0644);
	if (log->fd >= 0 && (fstat(log->fd, &st) < 0 || !S_ISREG(st.st_mode)))
		return -EINVAL;
	if (log->fd >= 0 && ftruncate(log->fd, 0) < 0)
		return -errno;
	return log->fd < 0 ? log->fd : 0;
}

void makelog_close(struct makelog *log)
{
	if (log->fd >= 0)
		close(log->fd);
	free(log->path);
	*log = (struct makelog)MAKELOG_INIT;
}

int makelog_exit_code(const struct proc_result *res)
{
	if (res->end == PROC_EXITED)
		return res->status;
	if (res->end == PROC_SIGNALED)
		return 128 + res->status;
	return res->end == PROC_TIMED_OUT ? 124 : 130;
}

static void makelog_end(struct makelog *log, const struct proc_spec *spec,
			const struct proc_result *res)
{
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_FREE char *elapsed = makecmd_elapsed(res->msec);
	AUTO_FREE char *how = proc_result_text(spec, res);

	buf_addf(&b, "\n# exit code: %d\n", makelog_exit_code(res));
	if (res->end != PROC_EXITED)
		buf_addf(&b, "# ended by: %s\n", how);
	buf_addf(&b, "# elapsed time: %s\n", elapsed);
	buf_adds(&b, "----------------------------------------------------------------\n");
	makelog_write(log, &b);
}

int makelog_run(struct makelog *log, const char *title, const char *command, struct proc_spec *spec,
		struct proc_result *ret)
{
	AUTO_BUF struct buf b = BUF_INIT;
	int r;

	log_note("%s...", title);
	log_info("%s", command);
	buf_addf(&b, "\n%s\n# command: %s\n", title, command);
	if (log->confined)
		buf_addf(&b, "# confined: %s\n", log->confined);
	makelog_write(log, &b);
	spec->on_output = makelog_output;
	spec->data = log;
	spec->enter = log->enter;
	spec->kill = log->kill;
	spec->enter_data = log->enter_data;
	r = proc_run(spec, ret);
	if (r == 0)
		makelog_end(log, spec, ret);
	return r;
}

void makelog_add(struct makelog *log, const char *text)
{
	AUTO_BUF struct buf b = BUF_INIT;

	buf_addf(&b, "%s\n", text);
	makelog_write(log, &b);
}

char *makelog_text(const struct makelog *log, size_t max)
{
	struct stat st;
	char *text;
	off_t from;
	ssize_t n;

	if (log->fd < 0 || fstat(log->fd, &st) < 0)
		return xstrdup("");
	from = st.st_size > (off_t)max ? st.st_size - (off_t)max : 0;
	text = xcalloc(1, (size_t)(st.st_size - from) + 1);
	n = pread(log->fd, text, (size_t)(st.st_size - from), from);
	text[n > 0 ? n : 0] = '\0';
	for (ssize_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
	return text;
}
