/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "sys/fd.h"

#define ANCESTORS_MAX 64

/* Read at most size - 1 bytes and add a NUL.  Returns their number, 0 after an error. */
static size_t process_read_file(const char *path, char *text, size_t size)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

bool process_look_up(pid_t pid, struct process *ret)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/stat", pid);
	char text[1024];
	const char *name, *end;

	if (!process_read_file(path, text, sizeof(text)))
		return false;
	/* The name may contain ')', so the other fields begin after the last ')'. */
	name = strchr(text, '(');
	end = strrchr(text, ')');
	if (!name || !end || end < name)
		return false;
	snprintf(ret->name, sizeof(ret->name), "%.*s", (int)(end - name - 1), name + 1);
	return sscanf(end + 1,
		      " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d"
		      " %*d %*d %llu",
		      &ret->parent, &ret->start) == 2;
}

int process_program(struct stat *ret)
{
	return stat("/proc/self/exe", ret) < 0 ? -errno : 0;
}

bool process_lives(pid_t pid, unsigned long long start)
{
	struct process p;

	if (pid <= 0)
		return false;
	if (start)
		return process_look_up(pid, &p) && p.start == start;
	return kill(pid, 0) == 0 || errno == EPERM;
}

/*
 * Is `word` an interpreter?  People know a script by its own name, so the interpreter is left out.
 */
static bool process_is_interpreter(const char *word)
{
	const char *slash = strrchr(word, '/');

	word = slash ? slash + 1 : word;
	return strncmp(word, "python", 6) == 0 || strncmp(word, "perl", 4) == 0 ||
	       strcmp(word, "sh") == 0 || strcmp(word, "bash") == 0 || strcmp(word, "dash") == 0;
}

static char *process_command_line(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/cmdline", pid);
	struct buf b = BUF_INIT;
	char text[2048];
	size_t n = process_read_file(path, text, sizeof(text)), i = 0;

	if (n && process_is_interpreter(text))
		i = strlen(text) + 1;
	for (size_t begin = i; i < n; i += strlen(text + i) + 1) {
		const char *slash = i == begin ? strrchr(text + i, '/') : NULL;

		buf_addf(&b, "%s%s", b.len ? " " : "", slash ? slash + 1 : text + i);
	}
	return buf_detach(&b);
}

pid_t process_find_above(bool (*is_wanted)(pid_t pid, const void *data), const void *data)
{
	struct process p;
	pid_t pid = getppid();

	for (int i = 0; i < ANCESTORS_MAX && pid > 0; i++, pid = p.parent) {
		if (is_wanted(pid, data))
			return pid;
		if (!process_look_up(pid, &p))
			return 0;
	}
	return 0;
}

/*
 * `link` is an entry of /proc/PID/fd, which `folder` has open.  Is that descriptor open on a file
 * called `name`, and does the process hold a lock on this file?
 */
static bool process_fd_has_lock(pid_t pid, int folder, const char *link, const char *name)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	ssize_t n, len = (ssize_t)strlen(name);
	char target[PATH_MAX];
	AUTO_FD int fd = -1;

	n = readlinkat(folder, link, target, sizeof(target));
	if (n <= len || target[n - len - 1] != '/' ||
	    memcmp(target + n - len, name, (size_t)len) != 0)
		return false;
	fd = openat(folder, link, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK &&
	       lock.l_pid == pid;
}

bool process_has_lock(pid_t pid, const char *name)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/fd", pid);
	DIR *d = opendir(path);
	const struct dirent *entry;
	bool found = false;

	while (d && !found && (entry = readdir(d)))
		found = process_fd_has_lock(pid, dirfd(d), entry->d_name, name);
	if (d)
		closedir(d);
	return found;
}

bool process_has_argument(pid_t pid, const char *prefix)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/cmdline", pid);
	char text[2048];
	size_t n = process_read_file(path, text, sizeof(text)), len = strlen(prefix);

	for (size_t i = 0; i < n; i += strlen(text + i) + 1) {
		const char *slash = strrchr(text + i, '/');
		const char *name = slash ? slash + 1 : text + i;

		if (strncmp(name, prefix, len) == 0 && name[len])
			return true;
	}
	return false;
}

char *process_above(bool (*is_wanted)(const char *name))
{
	struct process p;
	pid_t pid = getppid(), found = 0;

	for (int i = 0; i < ANCESTORS_MAX && pid > 1 && process_look_up(pid, &p);
	     i++, pid = p.parent) {
		if (is_wanted(p.name))
			found = pid;
	}
	return found ? process_command_line(found) : NULL;
}

long process_login_uid(void)
{
	char text[32];
	long uid;

	if (!process_read_file("/proc/self/loginuid", text, sizeof(text)))
		return -1;
	uid = strtol(text, NULL, 10);
	return uid == (long)(uint32_t)-1 || uid < 0 ? -1 : uid;
}

char *process_user_name(long uid)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *p;
	char *name = NULL;

	if (!f)
		return NULL;
	while (!name && (p = fgetpwent(f))) {
		if (p->pw_uid == (uid_t)uid)
			name = xstrdup(p->pw_name);
	}
	fclose(f);
	return name;
}
