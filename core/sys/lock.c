/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/mutation.h"
#include "sys/looks.h"
#include "sys/process.h"
#include "sys/signals.h"

enum {
	WAIT_MSEC = 50,	      /* between two tries, at most */
	TELL_MSEC = 1000,     /* after this, log_note() tells of a wait without on_wait */
	STRANGER_MSEC = 1000, /* respect a stranger's lock this long; atomic_commit() needs less */
	END_MSEC = 700,	      /* how long LOCK_END goes on waiting after a signal */
	VANISHED_MAX = 100    /* tries, if the lock's folder is removed again and again */
};

/* Is `holder` the line of this process or, if `deep` is true, of one of its ancestors? */
static bool lock_holder_is_ancestor(const char *holder, bool deep)
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

/* First line of the file; caller frees. */
static char *lock_read_holder(int fd)
{
	char text[512];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return xstrdup(text);
}

/*
 * Write our line into the locked file.  Errors do not count, because the lock holds even if the
 * file does not name its holder.
 */
static void lock_write_holder(int fd, const char *what)
{
	struct process self = { 0 };
	AUTO_FREE char *text = NULL;
	ssize_t n;

	if (!process_look_up(getpid(), &self))
		self.start = 0;
	text = xasprintf("%d %llu %s\n", getpid(), self.start, what);
	/* Overwrite, then cut: a full disk has no new block, but the old block can be written. */
	n = pwrite(fd, text, strlen(text), 0);
	if (ftruncate(fd, n > 0 ? n : 0) < 0)
		return;
}

static bool lock_holder_is_alive(const char *holder)
{
	struct process p = { 0 };
	unsigned long long start;
	int pid;

	return sscanf(holder, "%d %llu", &pid, &start) == 2 && process_look_up(pid, &p) &&
	       p.start == start;
}

bool lock_holder_lives(const struct root *r, const char *path)
{
	AUTO_FD int fd = root_openat(r, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	AUTO_FREE char *holder = fd < 0 ? NULL : lock_read_holder(fd);

	looks_blind(r->looks);
	return fd == -EACCES || (holder && lock_holder_is_alive(holder));
}

struct lock_request {
	const char *path;
	enum lock_mode mode;
	lock_wait_fn on_wait;
	void *data;
	bool temporary; /* for lock_temporary(): the content names no holder */
	bool waited, told, replaced;
	uint64_t begun; /* when the wait began, clock_msec() */
};

static void lock_tell(struct lock_request *q, const char *holder)
{
	const char *words = lock_holder_words(holder);

	if (q->told || (!q->on_wait && clock_msec() < q->begun + TELL_MSEC))
		return;
	q->told = true;
	if (q->on_wait)
		q->on_wait(q->path, holder, q->data);
	else if (*words)
		log_note("Waiting for another dkms, process %d (%s).", atoi(holder), words);
	else
		log_note("Waiting for another dkms, which holds %s.", q->path);
}

/* Is it a file that no other user may open? */
static bool lock_is_private(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & 0077);
}

/* Does the holder's line name a living process, and can only we have written this line? */
static bool lock_is_held_by_ours(const struct lock_request *q, int fd, const char *holder)
{
	struct stat st;

	return !q->temporary && fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	       !(st.st_mode & 0022) && lock_holder_is_alive(holder);
}

/* Must the wait end?  LOCK_WAIT ends at a signal, LOCK_END only END_MSEC after the signal. */
static bool lock_is_interrupted(const struct lock_request *q)
{
	return signals_interrupted() &&
	       (q->mode != LOCK_END || signals_interrupted_msec() > END_MSEC);
}

/*
 * Decide what to do about a lock that is held.  Returns 0 to go on waiting, -ESTALE to replace the
 * file, or the -errno that lock_take() is to return.
 */
static int lock_check_holder(struct lock_request *q, int fd)
{
	AUTO_FREE char *holder = q->temporary ? xstrdup("") : lock_read_holder(fd);

	if (!q->begun)
		q->begun = clock_msec();
	/*
	 * If others can open the file, its holder is a stranger, or a dkms in atomic_commit()
	 * between fchmod() and rename.
	 */
	if (!lock_is_private(fd) && !lock_is_held_by_ours(q, fd, holder))
		return clock_msec() < q->begun + STRANGER_MSEC ? 0 : -ESTALE;
	if (lock_holder_is_ancestor(holder, q->mode != LOCK_END))
		return -EDEADLK;
	if (q->mode == LOCK_TRY)
		return -EWOULDBLOCK;
	q->waited = true;
	lock_tell(q, holder);
	return 0;
}

/*
 * Wait for the lock.  This polls, because a blocking flock(2) would not notice a signal that came
 * just before the call.
 */
static int lock_acquire(struct lock_request *q, int fd)
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
		r = lock_check_holder(q, fd);
		if (r < 0)
			return r;
		if (lock_is_interrupted(q))
			return -EINTR;
		nanosleep(&(struct timespec){ 0, msec * 1000000L }, NULL);
		msec = 2 * msec < WAIT_MSEC ? 2 * msec : WAIT_MSEC;
	}
	return 0;
}

static bool lock_is_still_named(int fd, int dir, const char *name)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(dir, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Remove a file, link or folder that must not serve as lock file.  -ESTALE: removed, try again. */
static int lock_replace_file(struct lock_request *q, int dir, const char *name, int flags)
{
	q->replaced = true;
	return unlinkat(dir, name, flags) < 0 && errno != ENOENT ? -errno : -ESTALE;
}

/* Returns a descriptor of a file that is locked and private, or -errno; -ESTALE: try again. */
static int lock_take_once(struct lock_request *q, int dir, const char *name)
{
	AUTO_FD int fd =
		openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	int e = fd < 0 ? -errno : lock_acquire(q, fd);

	if (e == -ELOOP || e == -EISDIR)
		return lock_replace_file(q, dir, name, e == -EISDIR ? AT_REMOVEDIR : 0);
	if (e < 0 && e != -ESTALE)
		return e;
	/* Try again if meanwhile a journal's folder was removed, or a temporary renamed. */
	if (!lock_is_still_named(fd, dir, name))
		return -ESTALE;
	/*
	 * Replace a file because of its mode only once: some file systems show every file with mode
	 * 0777.
	 */
	if (e == -ESTALE || (!lock_is_private(fd) && !q->replaced))
		return lock_replace_file(q, dir, name, 0);
	return fd_take(&fd);
}

static int lock_take_in(struct lock_request *q, int dir, const char *name)
{
	int fd = -ESTALE;

	while (fd == -ESTALE)
		fd = lock_take_once(q, dir, name);
	return fd;
}

int lock_temporary(int dir, const char *name, const char *path)
{
	struct lock_request q = { .path = path, .mode = LOCK_END, .temporary = true };

	return lock_take_in(&q, dir, name);
}

/* Returns a descriptor that holds the lock, or -errno. */
static int lock_take_path(struct lock_request *q, const struct root *r)
{
	AUTO_FREE char *folder = xstrndup(q->path, (size_t)(strrchr(q->path, '/') - q->path));
	int fd = -ENOENT;

	/* Recovery may remove a journal's folder after we made it and before we open it. */
	for (int i = 0; fd == -ENOENT && i < VANISHED_MAX; i++) {
		const char *name;
		AUTO_FD int dir = -1;
		int e = *folder ? fs_mkdir_p(r, folder) : 0;

		if (e < 0 && e != -ENOENT)
			return e;
		dir = root_open_parent(r, q->path, &name);
		fd = dir < 0 ? dir : lock_take_in(q, dir, name);
	}
	return fd;
}

int lock_take(struct lock *ret, const struct root *r, const char *path, const char *what,
	      enum lock_mode mode, lock_wait_fn on_wait, void *data, bool *ret_waited)
{
	struct lock_request q = { .path = path, .mode = mode, .on_wait = on_wait, .data = data };
	int fd;

	if (path[0] != '/')
		return -EINVAL;
	looks_blind(r->looks);
	fd = lock_take_path(&q, r);
	if (fd < 0)
		return fd;
	lock_write_holder(fd, what);
	*ret = (struct lock){ fd, xstrdup(path), getpid() };
	if (ret_waited)
		*ret_waited = q.waited;
	return 0;
}

int lock_failed(struct err *err, int error, const char *path)
{
	if (error == -EINTR && signals_interrupted())
		return err_set(err, -E_INTERRUPTED, "Interrupted while waiting for another dkms.");
	if (error == -EDEADLK)
		return err_set(err, -E_BUSY_ANCESTOR,
			       "%s is held by the very dkms run that started this one.", path);
	return err_sys(err, error, "%s", path);
}

void lock_release(struct lock *l)
{
	/*
	 * LOCK_UN is needed because closing does not unlock as long as a forked worker has a copy
	 * of the descriptor.  A worker itself must not unlock: the lock is its parent's.
	 */
	if (l->fd >= 0 && l->owner == getpid()) {
		/*
		 * Empty the file.  Otherwise it would name us until the next holder has written its
		 * line.
		 */
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
	AUTO_FD int fd = fs_open_file(r, path, O_NOFOLLOW);
	AUTO_FREE char *holder = fd < 0 ? NULL : lock_read_holder(fd);

	looks_blind(r->looks);
	return holder && lock_holder_is_ancestor(holder, true);
}
