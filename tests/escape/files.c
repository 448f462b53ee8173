/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and folders, and links. */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* ---- opening and making ---- */

static int files_mark(const char *folder)
{
	return probe_result(probe_create(folder, NULL));
}

/* An empty device may stand for what is hidden. */
static int files_read_key(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char byte;

	return fd < 0 ? errno : read(fd, &byte, 1) == 1 ? 0 : ENODATA;
}

static int files_see_key(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? errno : S_ISREG(st.st_mode) ? 0 : ENODATA;
}

/* An empty folder may stand for what is hidden. */
static int files_list(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *d;

	while (dir && (d = readdir(dir)))
		if (*d->d_name != '.')
			return 0;
	return dir ? ENODATA : errno;
}

/* A lock of the engine would stop all others as long as the build lives. */
static int files_lock(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errno : probe_result(flock(fd, LOCK_EX | LOCK_NB));
}

/* To the mode that it has. */
static int files_mode(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? errno : probe_result(chmod(path, st.st_mode & 07777));
}

/* ---- the build's own files ---- */

static int files_give_to_root(const char *unused)
{
	(void)unused;
	return probe_result(fchown(probe_create(probe_scratch(), NULL), 0, 0));
}

static int files_setuid_bit(const char *unused)
{
	(void)unused;
	return probe_result(fchmod(probe_create(probe_scratch(), NULL), 04755));
}

static int files_capability(const char *unused)
{
	/* struct vfs_cap_data, revision 2: all that there are. */
	static const unsigned int data[] = { 0x02000001, ~0U, 0, ~0U, 0 };

	(void)unused;
	return probe_result(fsetxattr(probe_create(probe_scratch(), NULL), "security.capability",
				      data, sizeof(data), 0));
}

static int files_node(mode_t type, dev_t dev)
{
	const char *path = probe_path(probe_scratch(), NULL);
	int r = probe_result(mknod(path, type | 0600, dev));

	unlink(path);
	return r;
}

static int files_node_char(const char *unused)
{
	(void)unused;
	return files_node(S_IFCHR, makedev(1, 3));
}

static int files_node_block(const char *unused)
{
	(void)unused;
	return files_node(S_IFBLK, makedev(1, 0));
}

static int files_by_handle(const char *unused)
{
	struct {
		struct file_handle head;
		unsigned char bytes[8];
	} h = { .head = { .handle_bytes = 8, .handle_type = 1 } };
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	(void)unused;
	if (open_by_handle_at(fd, &h.head, O_RDONLY) >= 0)
		return 0;
	return errno == ESTALE || errno == EINVAL || errno == EOPNOTSUPP ? 0 : errno;
}

/* The log is what the build prints; it is not the build's to cut. */
static int files_log_truncate(const char *unused)
{
	struct stat st;

	(void)unused;
	return fstat(1, &st) < 0 ? errno : probe_result(ftruncate(1, st.st_size));
}

static int files_log_reopen(const char *unused)
{
	struct stat st;

	(void)unused;
	if (fstat(1, &st) == 0 && !S_ISREG(st.st_mode))
		return EPIPE;
	return probe_write("/proc/self/fd/1");
}

/* A descriptor that the engine forgot: pipes are make's jobserver. */
static int files_descriptor(const char *unused)
{
	(void)unused;
	for (int fd = 3; fd < 1024; fd++) {
		struct stat st;

		if (fstat(fd, &st) == 0 && !S_ISFIFO(st.st_mode))
			return 0;
	}
	return EBADF;
}

const struct probe probes_files[] = {
	{ "write-build-folder", files_mark, "." },
	{ "write-tmp", files_mark, "/tmp" },
	{ "write-var-tmp", files_mark, "/var/tmp" },
	{ "write-etc", files_mark, "/etc" },
	{ "write-passwd", probe_write, "/etc/passwd" },
	{ "write-usr", files_mark, "/usr/bin" },
	{ "write-program", probe_write, "/usr/bin/objdump" },
	{ "write-boot", files_mark, "/boot" },
	{ "write-modules", files_mark, "@modules" },
	{ "write-installed-module", probe_write, "@other-module" },
	{ "write-own-source", files_mark, "@own-source" },
	{ "write-own-conf", probe_write, "@own-conf" },
	{ "write-other-source", files_mark, "@other-source" },
	{ "write-own-tree", files_mark, "@own-tree" },
	{ "write-outbox", files_mark, "@outbox" },
	{ "write-other-record", probe_write, "@other-record" },
	{ "write-other-build", probe_write, "@other-build" },
	{ "write-dkms-tree", files_mark, "/var/lib/dkms" },
	{ "write-native", files_mark, "/var/lib/dkms/.native" },
	{ "write-journal", files_mark, "/var/lib/dkms/.native/journal" },
	{ "write-history", probe_write, "@history" },
	{ "write-settings", probe_write, "/etc/dkms/framework.conf" },
	{ "write-exception", files_mark, "/etc/dkms/confine.d" },
	{ "write-run", files_mark, "/run" },
	{ "write-home", files_mark, "/home/escape" },
	{ "write-root-home", files_mark, "/root" },
	{ "write-dev", files_mark, "/dev" },
	{ "write-shared", files_mark, "@shared" },
	{ "make-shm", files_mark, "/dev/shm" },
	{ "write-shm", probe_write, "/dev/shm/escape-file" },
	{ "write-neighbour", files_mark, "@neighbour-folder" },
	{ "mode-of-neighbour", files_mode, "@neighbour-file" },
	{ "mode-of-other", files_mode, "@other-build" },
	{ "read-neighbour", probe_read, "@neighbour-file" },
	{ "read-shadow", probe_read, "/etc/shadow" },
	{ "read-ssh-key", probe_read, "/etc/ssh/ssh_host_escape_key" },
	{ "list-ssh", files_list, "/etc/ssh" },
	{ "read-key", files_read_key, "/var/lib/dkms/mok.key" },
	{ "see-key", files_see_key, "/var/lib/dkms/mok.key" },
	{ "read-home", probe_read, "/home/escape/file" },
	{ "read-root-home", probe_read, "/root/escape-file" },
	{ "lock-engine", files_lock, "@lock" },
	{ "give-to-root", files_give_to_root, NULL },
	{ "setuid-bit", files_setuid_bit, NULL },
	{ "file-capability", files_capability, NULL },
	{ "node-char", files_node_char, NULL },
	{ "node-block", files_node_block, NULL },
	{ "open-by-handle", files_by_handle, NULL },
	{ "log-truncate", files_log_truncate, NULL },
	{ "log-reopen", files_log_reopen, NULL },
	{ "descriptor", files_descriptor, NULL },
	{ NULL, NULL, NULL },
};

/* ---- links ---- */

static int links_symlink_in(const char *folder)
{
	const char *path = probe_path(folder ? folder : probe_scratch(), NULL);

	unlink(path);
	return probe_result(symlink("/etc/passwd", path));
}

static int links_hardlink_in(const char *unused)
{
	const char *path = probe_path(probe_scratch(), NULL);

	(void)unused;
	unlink(path);
	return probe_result(link("/etc/passwd", path));
}

static int links_hardlink_out(const char *folder)
{
	const char *to = probe_path(folder, NULL);

	close(probe_create(probe_scratch(), "from"));
	unlink(to);
	return probe_result(link(probe_path(probe_scratch(), "from"), to));
}

static int links_rename_out(const char *folder)
{
	close(probe_create(probe_scratch(), "from"));
	return probe_result(rename(probe_path(probe_scratch(), "from"), probe_path(folder, NULL)));
}

static int links_write_through(const char *folder)
{
	const char *path = probe_path(probe_scratch(), "link");

	unlink(path);
	if (symlink(probe_path(folder, NULL), path) < 0)
		return errno;
	return probe_result(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

/* A descriptor for reading, opened again for writing. */
static int links_reopen(const char *path)
{
	char again[64];

	snprintf(again, sizeof(again), "/proc/self/fd/%d", open(path, O_RDONLY | O_CLOEXEC));
	return probe_write(again);
}

/* Out by "..", from a descriptor of a folder. */
static int links_up(const char *unused)
{
	char path[PATH_MAX] = "";

	(void)unused;
	for (int i = 0; i < 64; i++)
		strcat(path, "../");
	strcat(path, "etc/" PROBE_MARK ".up");
	return probe_result(
		openat(open(".", O_PATH | O_CLOEXEC), path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

const struct probe probes_links[] = {
	{ "symlink-inside", links_symlink_in, NULL },
	{ "symlink-outside", links_symlink_in, "@shared" },
	{ "hardlink-inside", links_hardlink_in, NULL },
	{ "hardlink-outside", links_hardlink_out, "@shared" },
	{ "rename-outside", links_rename_out, "@shared" },
	{ "write-through-link", links_write_through, "/etc" },
	{ "write-through-root", files_mark, "/proc/1/root/etc" },
	{ "write-through-cwd", files_mark, "/proc/1/cwd/etc" },
	{ "write-up", links_up, NULL },
	{ "reopen-for-writing", links_reopen, "/etc/passwd" },
	{ NULL, NULL, NULL },
};
