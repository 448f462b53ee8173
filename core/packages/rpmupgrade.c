/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/rpmupgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fd.h"
#include "sys/fs.h"

#define STAT_MAX 65536
#define NOTE	 "dkms_rpm_safe_upgrade_lock"

/* Content of /proc/NAME of this machine: a note is about its processes, whatever the root. */
static char *rpmupgrade_read_proc(const char *name)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct root own;

	if (root_open("/", &own) < 0)
		return NULL;
	if (fs_read(&own, name, STAT_MAX, &b) < 0)
		buf_reset(&b);
	root_close(&own);
	return b.len ? buf_detach(&b) : NULL;
}

/* Field n (from 1) of /proc/PID/stat; what is in parentheses is the second. 0: unknown. */
static uint64_t rpmupgrade_stat_field(const char *text, unsigned int n)
{
	const char *p = strrchr(text, ')');

	for (unsigned int i = 2; p && i < n; i++) {
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	return p ? strtoull(p, NULL, 10) : 0;
}

static uint64_t rpmupgrade_process_field(uint64_t pid, unsigned int n)
{
	AUTO_FREE char *path = xasprintf("/proc/%" PRIu64 "/stat", pid);
	AUTO_FREE char *text = rpmupgrade_read_proc(path);

	return text ? rpmupgrade_stat_field(text, n) : 0;
}

static uint64_t rpmupgrade_boot_time(void)
{
	AUTO_FREE char *text = rpmupgrade_read_proc("/proc/stat");
	const char *p = text ? strstr(text, "\nbtime ") : NULL;

	return p ? strtoull(p + 7, NULL, 10) : 0;
}

/* As `ps -o lstart` has it; caller frees. */
static char *rpmupgrade_start_text(uint64_t pid)
{
	long ticks = sysconf(_SC_CLK_TCK);
	uint64_t since = rpmupgrade_process_field(pid, 22), boot = rpmupgrade_boot_time();
	time_t start;
	struct tm tm;
	char text[64];

	if (!since || !boot || ticks <= 0)
		return NULL;
	start = (time_t)(boot + since / (uint64_t)ticks);
	if (!localtime_r(&start, &tm) || !strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm))
		return NULL;
	return xstrdup(text);
}

static uint64_t rpmupgrade_grandparent(void)
{
	return rpmupgrade_process_field((uint64_t)getppid(), 4);
}

/* What the file of our grandparent must hold; NULL: it cannot be told. */
static char *rpmupgrade_note_text(const struct modid *id, uint64_t pid)
{
	AUTO_FREE char *start = pid ? rpmupgrade_start_text(pid) : NULL;

	return start ? xasprintf("%s-%s\n%s\n", id->name, id->version, start) : NULL;
}

static int rpmupgrade_write(const struct engine *e, const char *path, const char *text)
{
	AUTO_FD int fd = root_openat(&e->root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, text, strlen(text));
	return n < 0 ? -errno : n == (ssize_t)strlen(text) ? 0 : -ENOSPC;
}

int rpmupgrade_note(const struct engine *e, const struct modid *id, struct err *err)
{
	uint64_t pid = rpmupgrade_grandparent();
	AUTO_FREE char *text = rpmupgrade_note_text(id, pid);
	const char *tmp = settings_get(&e->settings, SET_TMP_LOCATION);
	int r;

	if (!text)
		return err_set(err, -E_GENERAL,
			       "--rpm_safe_upgrade: /proc does not tell which "
			       "process has started this one.");
	for (unsigned int i = 0;; i++) {
		AUTO_FREE char *path = xasprintf("%s/" NOTE ".%" PRIu64 ".%06u", tmp, pid, i);

		r = rpmupgrade_write(e, path, text);
		if (r == 0 || r != -EEXIST || i == 999)
			return r < 0 ? err_sys(err, r, "%s", path) : 0;
	}
}

static bool rpmupgrade_is_note(const struct engine *e, const char *path, const char *text)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct stat st;

	return fs_lstat(&e->root, path, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_uid == geteuid() && fs_read(&e->root, path, 4096, &b) == 0 &&
	       strcmp(b.s, text) == 0;
}

bool rpmupgrade_take(const struct engine *e, const struct modid *id)
{
	const char *tmp = settings_get(&e->settings, SET_TMP_LOCATION);
	uint64_t pid = rpmupgrade_grandparent();
	AUTO_FREE char *text = rpmupgrade_note_text(id, pid);
	AUTO_FREE char *prefix = xasprintf(NOTE ".%" PRIu64 ".", pid);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (!text || fs_list(&e->root, tmp, &names) < 0)
		return false;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = xasprintf("%s/%s", tmp, name);

		if (strncmp(name, prefix, strlen(prefix)) == 0 && rpmupgrade_is_note(e, path, text))
			return fs_unlink(&e->root, path) == 0;
	}
	return false;
}
