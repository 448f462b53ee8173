/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kernelversion.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "kernel/kernels.h"
#include "sys/fd.h"
#include "sys/fs.h"

/*
 * Linux's Documentation/arch/x86/boot.rst: the protocol's magic, and where the version's text is.
 */
#define MAGIC_AT   0x202
#define VERSION_AT 0x20e
#define SETUP	   0x200

enum { IMAGE_READ = 64 << 10, HEADER_MAX = 64 << 10 };

char *kernelversion_of_image(const void *data, size_t len, const char *release)
{
	const unsigned char *p = data;
	const char *text, *version;
	size_t at, n = strlen(release);

	if (len < VERSION_AT + 2 || memcmp(p + MAGIC_AT, "HdrS", 4) != 0)
		return NULL;
	at = (size_t)(p[VERSION_AT] | p[VERSION_AT + 1] << 8) + SETUP;
	if (at == SETUP || at >= len || !memchr(p + at, '\0', len - at))
		return NULL;
	text = (const char *)p + at;
	if (strncmp(text, release, n) != 0 || text[n] != ' ')
		return NULL;
	version = strstr(text, " #");
	return version ? xstrdup(version + 1) : NULL;
}

char *kernelversion_of_header(const char *text)
{
	static const char define[] = "#define UTS_VERSION \"";
	const char *at = strstr(text, define);

	if (!at)
		return NULL;
	at += sizeof(define) - 1;
	return xstrndup(at, strcspn(at, "\"\n"));
}

static char *kernelversion_by_headers(const struct engine *e, const char *release)
{
	static const char *const names[] = { "utsversion.h", "compile.h" };
	AUTO_FREE char *dir = engine_headers_dir(e, release);
	char *version = NULL;

	for (size_t i = 0; !version && i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *file = xasprintf("%s/include/generated/%s", dir, names[i]);
		AUTO_BUF struct buf b = BUF_INIT;

		if (fs_read(&e->root, file, HEADER_MAX, &b) == 0)
			version = kernelversion_of_header(b.s);
	}
	return version;
}

static char *kernelversion_by_image(const struct engine *e, const char *release)
{
	AUTO_FREE char *image = kernel_image(e, release), *bytes = NULL;
	AUTO_FD int fd = image ? fs_open_file(&e->root, image, 0) : -1;
	ssize_t n;

	if (fd < 0)
		return NULL;
	bytes = xmalloc(IMAGE_READ);
	n = pread(fd, bytes, IMAGE_READ, 0);
	return n > 0 ? kernelversion_of_image(bytes, (size_t)n, release) : NULL;
}

int kernel_uts_version(const struct engine *e, const char *release, char **ret)
{
	AUTO_FREE char *headers = kernelversion_by_headers(e, release);
	AUTO_FREE char *image = kernelversion_by_image(e, release);

	if (!headers && !image)
		return -ENOENT;
	if (headers && image && strcmp(headers, image) != 0)
		return -ESTALE;
	*ret = headers ? TAKE(headers) : TAKE(image);
	return 0;
}
