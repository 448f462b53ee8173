/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/mutation.h"
#include "sys/proc.h"
#include "sys/process.h"

enum { WAIT_MSEC = 50, VANISHED_MAX = 100 };

/* Is the process that wrote holder this one or (deep) one above it? */
static bool is_ancestor(const char *holder, bool deep)
{
	struct process p;
	unsigned long long start;
	pid_t pid = getpid();
	int holder_pid;

	if (sscanf(holder, "%d %llu", &holder_pid, &start) != 2)
		return false;
	for (; pid > 0 && process_look_up(pid, &p); pid = p.parent) {
		if (pid == holder_pid && p.start == start)
			return true;
		if (!deep)
			break;
	}
	return false;
}

const char *lock_holder_words(const char *holder)
{
	for (int i = 0; i < 2; i++) {
		holder += strcspn(holder, " ");
		holder += *holder == ' ';
	}
	return holder;
}

/* First line of the file; the caller frees. */
static char *read_holder(int fd)
{
	char text[512];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return xstrdup(text);
}

/* Only messages and the ancestor test read this: a full disk must not stop us. */
static void write_holder(int fd, const char *what)
{
	struct process self = { 0 };
	AUTO_FREE char *text = NULL;
	ssize_t n;

	if (!process_look_up(getpid(), &self))
		self.start = 0;
	text = xasprintf("%d %llu %s\n", getpid(), self.start, what);
	/* Overwrite first: the block that is there can be had on a full disk too. */
	n = pwrite(fd, text, strlen(text), 0);
	if (ftruncate(fd, n > 0 ? n : 0) < 0)
		return;
}

bool lock_holder_lives(const struct root *r, const char *path)
{
	AUTO_FD int fd = root_openat(r, path, O_RDONLY | O_NOFOLLOW, 0);
	AUTO_FREE char *holder = fd < 0 ? NULL : read_holder(fd);
	struct process p = { 0 };
	unsigned long long start;
	int pid;

	if (fd == -EACCES)
		return true;
	return holder && sscanf(holder, "%d %llu", &pid, &start) == 2 && process_look_up(pid, &p) &&
	       p.start == start;
}

struct request {
	const char *path;
	enum lock_mode mode;
	lock_wait_fn on_wait;
	void *data;
	bool waited;
};

static int held_by_other(struct request *q, int fd)
{
	AUTO_FREE char *holder = read_holder(fd);

	if (is_ancestor(holder, q->mode != LOCK_MUST))
		return -EDEADLK;
	if (q->mode == LOCK_TRY)
		return -EWOULDBLOCK;
	if (!q->waited && q->on_wait)
		q->on_wait(q->path, holder, q->data);
	q->waited = true;
	return 0;
}

/*
 * Asks again and again: a blocking flock(2) sleeps on if the signal that
 * should end it came just before the call.
 */
static int acquire(struct request *q, int fd)
{
	long msec = 1;

	if (mutation("lock-skipped"))
		return 0;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int r;

		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return -errno;
		r = held_by_other(q, fd);
		if (r < 0)
			return r;
		if (q->mode != LOCK_MUST && proc_interrupted())
			return -EINTR;
		nanosleep(&(struct timespec){ 0, msec * 1000000L }, NULL);
		msec = 2 * msec < WAIT_MSEC ? 2 * msec : WAIT_MSEC;
	}
	return 0;
}

/* Earlier versions made it for everybody, and whoever can open a file can lock it. */
static void keep_others_out(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 0077) &&
	    fchmod(fd, 0600) < 0)
		errno = 0;
}

static int open_lock(const struct root *r, const char *path)
{
	AUTO_FREE char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	int fd = -ENOENT;

	/* Recovery may remove a journal's folder between the two calls. */
	for (int i = 0; fd == -ENOENT && i < VANISHED_MAX; i++) {
		int e = *dir ? fs_mkdir_p(r, dir) : 0;

		if (e < 0 && e != -ENOENT)
			return e;
		fd = root_openat(r, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	}
	if (fd >= 0)
		keep_others_out(fd);
	return fd;
}

/* Descriptor with the lock or -errno. */
static int take(struct request *q, const struct root *r)
{
	for (;;) {
		AUTO_FD int fd = open_lock(r, q->path);
		struct stat st;
		int owned, e;

		if (fd < 0)
			return fd;
		e = acquire(q, fd);
		if (e < 0)
			return e;
		if (fstat(fd, &st) < 0)
			return -errno;
		/* A journal's lock file goes with its folder: then this lock protects nothing. */
		if (st.st_nlink == 0)
			continue;
		owned = fd;
		fd = -1;
		return owned;
	}
}

int lock_take(struct lock *ret, const struct root *r, const char *path, const char *what,
	      enum lock_mode mode, lock_wait_fn on_wait, void *data, bool *ret_waited)
{
	struct request q = { path, mode, on_wait, data, false };
	int fd;

	if (path[0] != '/')
		return -EINVAL;
	fd = take(&q, r);
	if (fd < 0)
		return fd;
	write_holder(fd, what);
	*ret = (struct lock){ fd, xstrdup(path), getpid() };
	if (ret_waited)
		*ret_waited = q.waited;
	return 0;
}

void lock_release(struct lock *l)
{
	/*
	 * Closing is not enough, for a worker that was forked meanwhile has a
	 * copy; and a worker that drops its copy must not unlock its parent.
	 */
	if (l->fd >= 0 && l->owner == getpid()) {
		/* Or the next holder is taken for this one until it has written its name. */
		if (ftruncate(l->fd, 0) < 0)
			errno = 0;
		flock(l->fd, LOCK_UN);
	}
	fd_closep(&l->fd);
	free(l->path);
	*l = (struct lock)LOCK_INIT;
}

bool lock_holder_is_above(const struct root *r, const char *path)
{
	AUTO_FD int fd = root_openat(r, path, O_RDONLY | O_NOFOLLOW, 0);
	AUTO_FREE char *holder = fd < 0 ? NULL : read_holder(fd);

	return holder && is_ancestor(holder, true);
}
