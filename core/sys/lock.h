/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * lock - flock(2) on permanent files, with the holder's name in them.
 *
 * A lock file is never removed, so nobody can hold a lock on a file that is
 * no longer there; the kernel frees the lock when its holder dies.  The
 * content ("PID STARTTIME what it does") is for messages and for the ancestor test only, never
 * for deciding whether the lock is held.  Descriptors are close-on-exec:
 * no child inherits a lock.
 *
 * Whoever can open a file, for reading too, can lock it, and could make dkms wait for ever.  So it
 * is ours, has mode 0600 and is no link; a file that is not so is replaced: at once when nobody
 * holds it, after a second when a stranger does, and after its holder when that is a living process
 * of ours (an earlier version).  Who is not root cannot read the holder's name either.
 *
 * This is the one place where dkms waits for another one.  A wait tells for whom, by on_wait or
 * (NULL) after a second by log_note(), and a signal ends it.
 *
 * A dkms that was started by a script of a dkms run must not wait for a lock
 * of that run: it would wait for ever.  lock_take() looks at the holder's
 * pid and start time (both from /proc) and returns -EDEADLK if it is an
 * ancestor of this process.
 */
#include "base/error.h"
#include "sys/root.h"

struct lock {
	int fd;
	char *path;
	pid_t owner; /* forked workers have a copy; only this process unlocks */
};
#define LOCK_INIT           \
	{                   \
		-1, NULL, 0 \
	}

/* Called once, when a wait begins.  holder: the text in the lock file, "" if unknown. */
typedef void (*lock_wait_fn)(const char *path, const char *holder, void *data);

enum lock_mode {
	LOCK_WAIT, /* for as long as it takes; -EINTR after a signal */
	/*
	 * For the end of what has begun, and for locks that are held for moments only, never while
	 * a dkms may be started: also for an ancestor, and for less than a second after a signal,
	 * in which what holds it may come to its end.  Who gets -EINTR leaves the rest to recovery.
	 */
	LOCK_END,
	LOCK_TRY, /* -EWOULDBLOCK when held */
};

/*
 * path's folder is made if needed.  what: one line, what the holder does
 * ("building v4l2loopback/0.12.7 for 6.1.0-56-amd64").
 * ret_waited (may be NULL): did we wait?  Then the world may have changed.
 */
int lock_take(struct lock *ret, const struct root *r, const char *path, const char *what,
	      enum lock_mode mode, lock_wait_fn on_wait, void *data, bool *ret_waited) MUST_CHECK;
/*
 * The same for the temporary NAME in the folder dir, which is made if needed: a descriptor with the
 * lock, or -errno.  path: what it is about, for messages.  It ends when the file is renamed or the
 * descriptor is closed; nothing is written into it.
 */
int lock_temporary(int dir, const char *name, const char *path) MUST_CHECK;
/* Why a lock could not be had, in words: returns its code. */
int lock_failed(struct err *err, int error, const char *path);
/* What the holder does, out of what on_wait is given: without pid and start time. */
const char *lock_holder_words(const char *holder);
/*
 * Does the process live that wrote its name into the file?  For messages only; takes no lock.  A
 * file that may not be read says nothing against it: true.
 */
bool lock_holder_lives(const struct root *r, const char *path);
/* Is that process one above this one?  The same. */
bool lock_holder_is_above(const struct root *r, const char *path);
/* Accepts LOCK_INIT and a released lock. */
void lock_release(struct lock *l);
