/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/packed.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/childenv.h"
#include "sys/fd.h"
#include "sys/proc.h"

#define SECONDS	  60
#define FREE_RISE ((uint64_t)16 << 20) /* see packed_limit() */
#define RISE	  100
#define LARGEST	  ((uint64_t)512 << 20)

struct packer {
	const char *magic;
	size_t len;
	const char *command;
};

static const struct packer *packed_program(int fd)
{
	static const struct packer packers[] = {
		{ "\x1f\x8b", 2, "gzip -dc" },
		{ "\xfd\x37zXZ", 6, "xz -dc -T1 --memlimit-decompress=256MiB" },
		{ "\x28\xb5\x2f\xfd", 4, "zstd -dcq -M128MB" },
	};
	char head[8] = { 0 };
	ssize_t n = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; n > 0 && i < ARRAY_SIZE(packers); i++) {
		if (memcmp(head, packers[i].magic, packers[i].len) == 0)
			return &packers[i];
	}
	return NULL;
}

uint64_t packed_limit(uint64_t size)
{
	return size > (LARGEST - FREE_RISE) / RISE ? LARGEST : FREE_RISE + size * RISE;
}

struct unpacked {
	int fd;
	int error;
};

static void unpacked_write(const char *data, size_t len, void *arg)
{
	struct unpacked *u = arg;

	if (!u->error)
		u->error = fd_write(u->fd, data, len);
}

/* Drop the program's messages: they must not get into the content. */
static void unpacked_drop(const char *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	(void)arg;
}

static int packed_unpack(int fd, const struct packer *p, uint64_t max, struct unpacked *u)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	int r;

	strv_split(&spec.argv, p->command, " ");
	childenv_tool(&spec.env);
	spec.stdin_fd = fd;
	spec.on_output = unpacked_write;
	spec.on_error = unpacked_drop;
	spec.data = u;
	spec.output_max = max;
	spec.timeout = SECONDS;
	r = proc_run(&spec, &res);
	if (r < 0)
		return r == -ENOENT ? -E_TOOL_MISSING : r;
	switch (res.end) {
	case PROC_OUTPUT_FULL: return -EFBIG;
	case PROC_TIMED_OUT: return -E_TIMEOUT;
	case PROC_INTERRUPTED: return -E_INTERRUPTED;
	default: break;
	}
	if (u->error)
		return u->error;
	return res.end == PROC_EXITED && res.status == 0 ? 0 : -ENOEXEC;
}

int packed_open(int fd, int *ret)
{
	const struct packer *p = packed_program(fd);
	struct unpacked u = { .fd = -1 };
	AUTO_FD int out = -1;
	struct stat st;
	int r;

	if (!p) {
		*ret = -1;
		return 0;
	}
	out = memfd_create("module", MFD_CLOEXEC);
	if (out < 0 || fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	u.fd = out;
	r = packed_unpack(fd, p, packed_limit((uint64_t)st.st_size), &u);
	if (r < 0)
		return r;
	out = -1;
	*ret = u.fd;
	return 0;
}
