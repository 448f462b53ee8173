/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * lock - flock(2) on lock files that name their holder.
 *
 * The kernel frees a lock when its holder dies.  Lock files stay, except a journal's, which is
 * removed with its folder; lock_take() notices that its file has lost its name, and starts again.
 * The content ("PID STARTTIME what it does") serves messages and the search for ancestors, and
 * never decides whether a lock is held.  Descriptors are close-on-exec: no child inherits a lock.
 *
 * Whoever can open a file, even for reading only, can lock it, and could make dkms wait for ever.
 * So a lock file belongs to us, has mode 0600 and is no symlink.  Any other file is replaced: at
 * once if nobody holds it; after a second if a stranger does; if the holder is a living process
 * that wrote its name where only we can write (an older version of dkms), when that one releases
 * it.  Other users cannot read the holder's name.
 *
 * This is the one place where dkms waits for another dkms.  A wait is reported with its holder: to
 * on_wait at once or, if that is NULL, after a second by log_note().  A signal ends it.
 *
 * A dkms that was started by a script of a dkms run must not wait for a lock of that run: it would
 * wait for ever.  lock_take() compares the holder's pid and start time with those of this process's
 * ancestors (from /proc), and returns -EDEADLK for one of them.
 */
#include "base/error.h"
#include "sys/root.h"

struct lock {
	int fd;
	char *path;
	pid_t owner; /* the process that unlocks; its forked workers only close their copy */
};
#define LOCK_INIT           \
	{                   \
		-1, NULL, 0 \
	}

/* Called once, when a wait begins.  holder: the lock file's text, "" if it is not known. */
typedef void (*lock_wait_fn)(const char *path, const char *holder, void *data);

enum lock_mode {
	LOCK_WAIT, /* for as long as it takes; -EINTR after a signal */
	/*
	 * To complete what has begun, and for locks that are held for moments only, and never while
	 * another dkms may be started.  Waits for an ancestor, too, and less than a second beyond a
	 * signal, so that the holder may come to its end.  After -EINTR the rest is recovery's.
	 */
	LOCK_END,
	LOCK_TRY, /* -EWOULDBLOCK when held */
};

/*
 * Take the lock; path's folder is made if needed.
 * what: one line about what we do ("building v4l2loopback/0.12.7 for 6.1.0-56-amd64").
 * on_wait and ret_waited may be NULL.  ret_waited: we waited, so what was read before may be stale.
 * -EWOULDBLOCK, -EINTR: see mode; -EDEADLK: held by this process or, except with LOCK_END, by one
 * of its ancestors.
 */
int lock_take(struct lock *ret, const struct root *r, const char *path, const char *what,
	      enum lock_mode mode, lock_wait_fn on_wait, void *data, bool *ret_waited) MUST_CHECK;
/*
 * Open and lock the temporary file name in the folder dir; it is made if needed.  Waits as LOCK_END
 * and writes no holder.  path: the file that it is for, in messages.  The lock ends when the
 * descriptor is closed; for the next writer already when the file is renamed.  Returns a
 * descriptor or -errno.
 */
int lock_temporary(int dir, const char *name, const char *path) MUST_CHECK;
/* Explain why lock_take() failed with error; returns err's code. */
int lock_failed(struct err *err, int error, const char *path);
/* The part of a holder's text that says what it does; points into holder. */
const char *lock_holder_words(const char *holder);
/*
 * Is the process alive that wrote its name into the file?  A hint: takes no lock.  true also if the
 * file must not be read (-EACCES).
 */
bool lock_holder_lives(const struct root *r, const char *path);
/* Is that process this one or one of its ancestors?  A hint, too. */
bool lock_holder_is_above(const struct root *r, const char *path);
/* Accepts LOCK_INIT and a released lock. */
void lock_release(struct lock *l);
