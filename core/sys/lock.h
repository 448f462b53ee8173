/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * lock - flock(2) on lock files that name their holder.
 *
 * The kernel frees a lock when its holder dies.  A lock file is removed only together with the
 * folder in which it lies, e.g. a journal's.  If this happens while lock_take() waits for the lock,
 * lock_take() notices it and starts again.  Descriptors are close-on-exec: no child inherits a
 * lock.
 *
 * The holder writes a line into the file: "PID STARTTIME what it does".  That line is for messages
 * and for finding ancestors.  It never decides whether a lock is held.
 *
 * Whoever can open a file, even for reading only, can lock it and make dkms wait for ever.  So a
 * lock file must belong to us, have mode 0600 and be no symlink.  This also means that other users
 * cannot read the holder's line.  If lock_take() finds any other file in this place, it replaces
 * that file.  It does so
 *   - at once, if nobody has locked the file;
 *   - as soon as the file is unlocked, if an older version of dkms has locked it.  The holder
 *     counts as such a dkms if only we can write the file, and the line in it names a living
 *     process;
 *   - after a second, if anybody else has locked the file.
 *
 * This is the one place where dkms waits for another dkms.  A wait is reported with the holder's
 * line: to on_wait at once or, if on_wait is NULL, by log_note() after a second.  A signal ends the
 * wait.
 *
 * A script of a dkms run may start a second dkms.  The run waits for its script, so the second dkms
 * must not wait for a lock of the run.  Therefore lock_take() compares the holder's pid and start
 * time with those of our ancestors (from /proc), and returns -EDEADLK if the holder is one of them.
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

/* Called once, when a wait begins.  `holder` is the holder's line, "" if it is not known. */
typedef void (*lock_wait_fn)(const char *path, const char *holder, void *data);

enum lock_mode {
	LOCK_WAIT, /* for as long as it takes; -EINTR after a signal */
	/*
	 * As LOCK_WAIT, but after a signal it goes on waiting for less than a second, so that the
	 * holder can finish.  It also waits if an ancestor holds the lock.  So use it only for
	 * locks that a run holds for moments, and never while it may start another dkms.
	 *
	 * It is for a caller that completes what was begun.  After -EINTR recovery has to do that.
	 */
	LOCK_END,
	LOCK_TRY, /* -EWOULDBLOCK when held */
};

/*
 * Take the lock; the folder of `path` is made if needed.  `what` is one line about what we do
 * ("building v4l2loopback/0.12.7 for 6.1.0-56-amd64").  on_wait and ret_waited may be NULL.
 * *ret_waited is true if we had to wait for another dkms; then what the caller has read before may
 * be outdated.
 *
 * -EWOULDBLOCK, -EINTR: see enum lock_mode; -EDEADLK: the holder is this process or, except with
 * LOCK_END, one of its ancestors.
 */
int lock_take(struct lock *ret, const struct root *r, const char *path, const char *what,
	      enum lock_mode mode, lock_wait_fn on_wait, void *data, bool *ret_waited) MUST_CHECK;
/*
 * Open and lock a temporary file: `name` in the folder that `dir` has open.  Make the file if it
 * is missing.  Wait as with LOCK_END, and write no holder's line.  `path` is the file that the
 * temporary will replace; messages name it.  Returns a descriptor or -errno.
 *
 * The lock ends when the descriptor is closed.  If the holder renames the temporary before that,
 * the next writer makes a new temporary and does not wait.
 */
int lock_temporary(int dir, const char *name, const char *path) MUST_CHECK;
/* Set err to a text that says why lock_take() returned `error`.  Returns the code to pass on. */
int lock_failed(struct err *err, int error, const char *path);
/* The part of `holder`, a holder's line, that says what the holder does. */
const char *lock_holder_words(const char *holder);
/*
 * Is the holder alive, as far as its line in the lock file tells?  Also true if we may not read the
 * file (-EACCES).  This takes no lock, so the answer is only a hint.
 */
bool lock_holder_lives(const struct root *r, const char *path);
/* Is the holder, by its line in the file, this process or one of its ancestors?  A hint, too. */
bool lock_holder_is_above(const struct root *r, const char *path);
/* Accepts LOCK_INIT and a released lock. */
void lock_release(struct lock *l);
