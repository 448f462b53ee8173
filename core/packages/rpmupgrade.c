/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/rpmupgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "packages/rpmscript.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/process.h"

#define NOTES_MAX 999
#define STAT_MAX  (1 << 24) /* /proc/stat grows with the number of interrupts */
#define FOLDER	  "/run/dkms"
#define NOTE	  "dkms_rpm_safe_upgrade_lock"

/*
 * When the system booted, in seconds since the epoch; 0: unknown.  Read from the host's /proc, even
 * if --root names another root, because rpm runs on the host.
 */
static uint64_t rpmupgrade_boot_time(void)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const char *line = NULL;
	struct root own;

	if (root_open("/", &own) < 0)
		return 0;
	if (fs_read(&own, "/proc/stat", STAT_MAX, &text) == 0)
		line = strstr(text.s, "\nbtime ");
	root_close(&own);
	return line ? strtoull(line + 7, NULL, 10) : 0;
}

/* When the process started, as `ps -o lstart` prints it; NULL: unknown.  Caller frees. */
static char *rpmupgrade_start_text(pid_t pid)
{
	long ticks = sysconf(_SC_CLK_TCK);
	uint64_t boot = rpmupgrade_boot_time();
	struct process p;
	time_t start;
	struct tm tm;
	char text[64];

	if (!process_look_up(pid, &p) || !p.start || !boot || ticks <= 0)
		return NULL;
	start = (time_t)(boot + p.start / (uint64_t)ticks);
	if (!localtime_r(&start, &tm) || !strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm))
		return NULL;
	return xstrdup(text);
}

/*
 * The pid of rpm.  If rpm is not found, the pid of our parent's parent, because our parent is then
 * taken for a script that rpm started.  0: neither is known.
 */
static pid_t rpmupgrade_rpm(void)
{
	pid_t pid = rpmscript_find_rpm();
	struct process p;

	return pid ? pid : process_look_up(getppid(), &p) ? p.parent : 0;
}

/* The content of a note; NULL: rpm's pid or start time is not known.  Caller frees. */
static char *rpmupgrade_note_text(const struct modid *id, pid_t pid)
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

void rpmupgrade_note(const struct engine *e, const struct modid *id)
{
	pid_t pid = rpmupgrade_rpm();
	AUTO_FREE char *text = rpmupgrade_note_text(id, pid);
	int r = text ? fs_mkdir_p(&e->root, FOLDER) : -ESRCH;

	for (unsigned int i = 0; r == 0; i++) {
		AUTO_FREE char *path = xasprintf(FOLDER "/" NOTE ".%d.%06u", pid, i);

		r = rpmupgrade_write(e, path, text);
		if (r == 0)
			return;
		if (r == -EEXIST && i < NOTES_MAX)
			r = 0;
	}
	log_warning("--rpm_safe_upgrade: no note can be left (%s); a remove by the same rpm is "
		    "carried out.",
		    text ? error_text(r) : "/proc does not tell which process is rpm");
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
	pid_t pid = rpmupgrade_rpm();
	AUTO_FREE char *text = rpmupgrade_note_text(id, pid);
	AUTO_FREE char *prefix = xasprintf(NOTE ".%d.", pid);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (!text || fs_list(&e->root, FOLDER, &names) < 0)
		return false;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = xasprintf(FOLDER "/%s", name);

		if (strncmp(name, prefix, strlen(prefix)) == 0 && rpmupgrade_is_note(e, path, text))
			return fs_unlink(&e->root, path) == 0;
	}
	return false;
}
