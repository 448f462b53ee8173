/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/seen.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "replay/content.h"
#include "sys/fd.h"

#define SOURCE_MAX ((size_t)64 << 20)

void seen_release(struct seen *s)
{
	headertable_close(&s->table);
	release_words_release(&s->words);
	strv_release(&s->folders);
	strv_release(&s->real);
}

bool seen_open(struct seen *s, const struct room *room)
{
	AUTO_FD int fd = open(room->table, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	*s = (struct seen){ .room = room, .folders = STRV_INIT, .real = STRV_INIT };
	release_words_init(&s->words, room->release);
	return fd >= 0 && headertable_map(fd, &s->table) == 0;
}

static const char *seen_folder(struct seen *s, const char *folder)
{
	char *real;

	for (size_t i = s->folders.n; i > 0; i--) {
		if (strcmp(s->folders.v[i - 1], folder) == 0)
			return s->real.v[i - 1];
	}
	real = realpath(folder, NULL);
	if (!real)
		return NULL;
	strv_add(&s->folders, folder);
	strv_take(&s->real, real);
	return real;
}

char *seen_resolve(struct seen *s, const char *path)
{
	AUTO_FREE char *folder = path_parent(path);
	const char *real = seen_folder(s, *folder ? folder : "/");

	return real ? xasprintf("%s%s", strcmp(real, "/") == 0 ? "" : real, strrchr(path, '/'))
		    : NULL;
}

bool seen_read(const char *path, size_t max, struct buf *b, struct stat *ret_st)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	AUTO_FREE char *text = NULL;
	size_t have = 0, size;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > max)
		return false;
	size = (size_t)st.st_size;
	text = xmalloc(size + 1);
	while (have <= size) {
		ssize_t n = read(fd, text + have, size + 1 - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	if (have != size)
		return false;
	buf_add(b, text, size);
	if (ret_st)
		*ret_st = st;
	return true;
}

static bool seen_look_file(struct seen *s, const char *path, struct seen_file *ret)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct sha256 h;
	struct stat st;

	if (!seen_read(path, SOURCE_MAX, &text, &st))
		return false;
	ret->flags = content_flags(&s->words, text.s, text.len);
	ret->changed = st.st_ctim;
	sha256_begin(&h);
	sha256_add(&h, text.s, text.len);
	sha256_end(&h, ret->hash);
	return true;
}

bool seen_look(struct seen *s, const char *path, struct seen_file *ret, char **ret_real)
{
	AUTO_FREE char *real = seen_resolve(s, path);
	const struct headertable_file *f = real ? headertable_find(&s->table, real) : NULL;

	*ret = (struct seen_file){ .header = f != NULL };
	if (!real)
		return false;
	if (f) {
		memcpy(ret->hash, f->hash, sizeof(ret->hash));
		ret->flags = f->flags;
		ret->masked = content_is_masked(real, &ret->salt);
	} else if (!seen_look_file(s, real, ret)) {
		return false;
	}
	*ret_real = TAKE(real);
	return true;
}
