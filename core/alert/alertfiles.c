/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How everything stands, in two files that other programs show: the motd and the textfile. */
#include <time.h>

#include "alert/alert.h"
#include "alert/motd.h"
#include "alert/textfile.h"
#include "base/log.h"
#include "base/path.h"
#include "sys/atomic.h"
#include "sys/fs.h"

enum { FILE_MAX = 1 << 20 };

static int alert_write(const struct engine *e, const char *path, const struct buf *text)
{
	AUTO_FREE char *folder = path_parent(path);
	int k = fs_mkdir_p(&e->root, folder);

	return k < 0 ? k : atomic_write_file(&e->root, path, text->s, text->len, 0644);
}

static bool alert_file_is(const struct engine *e, const char *path, const struct buf *text)
{
	AUTO_BUF struct buf is = BUF_INIT;

	return fs_read(&e->root, path, FILE_MAX, &is) == 0 && strcmp(is.s, text->s) == 0;
}

static void alert_write_motd(const struct engine *e, const struct standings *l)
{
	const char *path = settings_get(&e->settings, SET_MOTD);
	AUTO_BUF struct buf text = BUF_INIT;
	struct stat st;
	int k = 0;

	if (!*path)
		return;
	motd_make(l, &text);
	if (text.len && !alert_file_is(e, path, &text))
		k = alert_write(e, path, &text);
	else if (!text.len && fs_lstat(&e->root, path, &st) == 0)
		k = fs_unlink(&e->root, path);
	if (k < 0)
		log_debug("%s: %s", path, error_text(k));
}

static void alert_write_textfile(const struct engine *e, const struct standings *l)
{
	const char *path = settings_get(&e->settings, SET_TEXTFILE);
	AUTO_BUF struct buf text = BUF_INIT;
	int k;

	if (!*path)
		return;
	textfile_make(l, time(NULL), &text);
	k = alert_write(e, path, &text);
	if (k < 0)
		log_warning("textfile=%s: %s", path, error_text(k));
}

void alert_files(const struct engine *e, const struct standings *l)
{
	alert_write_motd(e, l);
	alert_write_textfile(e, l);
}
