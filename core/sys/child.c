/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fd.h"
#include "sys/signals.h"

enum {
	STATUS_FD = 3, /* the status pipe, until exec closes it */
	COULD_NOT_EXEC = 127,
	RECURSIVE = 0x8000, /* AT_RECURSIVE, which old libcs do not define */
};

const char *child_env(const struct strv *env, const char *name, size_t *ret_index)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < env->n; i++) {
		if (strncmp(env->v[i], name, len) == 0 && env->v[i][len] == '=') {
			if (ret_index)
				*ret_index = i;
			return env->v[i] + len + 1;
		}
	}
	return NULL;
}

static int child_place_descriptors(struct child_ends *e)
{
	int *ends[] = { &e->in, &e->out, &e->err, &e->status, &e->keep[0], &e->keep[1] };
	int last = STATUS_FD;

	/*
	 * First move all ends to high numbers.  An end may have a number that is meant for another
	 * end.
	 */
	for (size_t i = ARRAY_SIZE(ends); i-- > 0;) {
		int fd = *ends[i] < 0 ? -1 : fcntl(*ends[i], F_DUPFD_CLOEXEC, PROC_KEEP_FD + 2);

		if (fd < 0 && *ends[i] >= 0)
			return -errno;
		*ends[i] = fd;
	}
	for (int i = 0; i < STATUS_FD; i++) {
		if (dup2(*ends[i], i) < 0)
			return -errno;
	}
	if (dup3(e->status, STATUS_FD, O_CLOEXEC) < 0)
		return -errno;
	e->status = STATUS_FD;
	for (int i = 0; i < 2 && e->keep[i] >= 0; i++) {
		last = PROC_KEEP_FD + i;
		if (dup2(e->keep[i], last) < 0)
			return -errno;
	}
	fd_close_from(last + 1);
	return 0;
}

/*
 * Enter a mount namespace of our own, for child_make_read_only().  Returns a descriptor of "/" in
 * the new namespace, or -1.  Best effort: nothing becomes read-only if we may not mount (container,
 * ordinary user), if "/" is no mount point (plain chroot), or before Linux 5.12.
 */
static int child_private_root(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	return open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Make all mounts below the descriptor `root` read-only, but leave `folder` writable. */
static void child_make_read_only(int root, const char *folder)
{
#ifdef SYS_mount_setattr
	/* struct mount_attr of mount_setattr(2), which old libcs do not define: attr_set, attr_clr,
	 * propagation, userns_fd.  1 is MOUNT_ATTR_RDONLY. */
	uint64_t read_only[4] = { 1 }, writable[4] = { 0, 1 };

	if (root < 0 || mount(folder, folder, NULL, MS_BIND | MS_REC, NULL) < 0)
		return;
	syscall(SYS_mount_setattr, root, "", AT_EMPTY_PATH | RECURSIVE, read_only,
		sizeof(read_only));
	syscall(SYS_mount_setattr, AT_FDCWD, folder, 0, writable, sizeof(writable));
#else
	(void)root;
	(void)folder;
#endif
}

static int child_enter_root(const struct proc_spec *spec)
{
	int whole = spec->only_writable ? child_private_root() : -1;
	int r = root_enter(spec->root, whole >= 0);

	if (r < 0)
		return r;
	if (spec->only_writable)
		child_make_read_only(whole, spec->only_writable);
	return chdir(spec->cwd ? spec->cwd : "/") < 0 ? -errno : 0;
}

/* execve(2).  A file without a #! line is run by sh, as a shell would do. */
static int child_exec_file(const char *file, char *const *argv, char *const *env)
{
	AUTO_STRV struct strv shell = STRV_INIT;

	execve(file, argv, env);
	if (errno != ENOEXEC)
		return -errno;
	strv_add(&shell, "/bin/sh");
	strv_add(&shell, file);
	for (argv++; *argv; argv++)
		strv_add(&shell, *argv);
	execve(shell.v[0], shell.v, env);
	return -errno;
}

static int child_exec(const struct proc_spec *spec)
{
	const char *path = child_env(&spec->env, "PATH", NULL);
	AUTO_STRV struct strv dirs = STRV_INIT;
	const char *dir;
	int result = -ENOENT;

	if (strchr(spec->argv.v[0], '/'))
		return child_exec_file(spec->argv.v[0], spec->argv.v, spec->env.v);
	strv_split(&dirs, path ? path : "/usr/sbin:/usr/bin:/sbin:/bin", ":");
	STRV_FOREACH (dir, &dirs) {
		AUTO_FREE char *file = xasprintf("%s/%s", dir, spec->argv.v[0]);
		int r = child_exec_file(file, spec->argv.v, spec->env.v);

		if (r == -EACCES)
			result = r; /* as execvp(3): returned if no later folder has the program */
		else if (r != -ENOENT && r != -ENOTDIR)
			return r;
	}
	return result;
}

void child_run(const struct proc_spec *spec, struct child_ends e, pid_t parent)
{
	int r;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(COULD_NOT_EXEC);
	/* Do this first: child_place_descriptors() closes the root's descriptor. */
	r = spec->enter ? spec->enter(spec, spec->enter_data) : child_enter_root(spec);
	if (r == 0)
		r = child_place_descriptors(&e);
	if (r == 0) {
		umask(022);
		signals_reset();
		r = child_exec(spec);
	}
	if (write(e.status, &r, sizeof(r)) < 0)
		_exit(COULD_NOT_EXEC - 1);
	_exit(COULD_NOT_EXEC);
}
