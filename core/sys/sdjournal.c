/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/sdjournal.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void sdjournal_field(struct buf *b, const char *name, const char *value)
{
	size_t n = value ? strnlen(value, SDJOURNAL_VALUE_MAX) : 0;
	uint64_t size = htole64(n);

	if (!n)
		return;
	buf_adds(b, name);
	/* A value of several lines is preceded by its length. */
	if (memchr(value, '\n', n)) {
		buf_addch(b, '\n');
		buf_add(b, &size, sizeof(size));
	} else {
		buf_addch(b, '=');
	}
	buf_add(b, value, n);
	buf_addch(b, '\n');
}

int sdjournal_send(const struct root *r, const struct buf *b)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = SDJOURNAL_SOCKET };
	int fd, k = 0;

	if (root_is_foreign(r))
		return -EXDEV;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd, b->s, b->len, MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof(to)) < 0)
		k = -errno;
	close(fd);
	return k;
}
