/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/image.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "build/signature.h"
#include "engine/childenv.h"
#include "engine/digest.h"
#include "engine/packed.h"
#include "module/kerneltree.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "verify/cpio.h"
#include "verify/ko.h"

enum {
	PIECE = 1 << 16,
	SECONDS = 300,
	PE_HEAD = 1 << 16, /* headers of a unified image */
	PE_SECTIONS = 96,
};

void image_release(struct image *i)
{
	for (size_t k = 0; k < i->n; k++) {
		free(i->v[k].name);
		free(i->v[k].path);
		free(i->v[k].identity);
	}
	free(i->v);
	free(i->problem);
	*i = (struct image){ 0 };
}

char *image_identity(const struct buf *content)
{
	AUTO_KO struct ko k = KO_INIT;
	char hex[DIGEST_HEX];

	if (!signature_is_there(content->s, content->len) &&
	    ko_parse(content, content->len, &k) == 0 && !k.damage && k.build_id)
		return xasprintf("id:%s", k.build_id);
	digest_bytes(content->s, content->len, hex);
	return xstrdup(hex);
}

/* ---- unified images ---- */

static uint32_t pe_number(const struct buf *b, size_t at, size_t bytes)
{
	uint32_t n = 0;

	for (size_t i = bytes; at + bytes <= b->len && i-- > 0;)
		n = n << 8 | (unsigned char)b->s[at + i];
	return n;
}

int image_pe_section(const struct buf *head, const char *name, uint64_t *ret_offset,
		     uint64_t *ret_size)
{
	uint32_t pe = pe_number(head, 0x3c, 4), n, at;

	if (head->len < 0x40 || memcmp(head->s, "MZ", 2) != 0 || pe > PE_HEAD ||
	    pe + 24 > head->len || memcmp(head->s + pe, "PE\0\0", 4) != 0)
		return -ENOENT;
	n = pe_number(head, pe + 6, 2);
	at = pe + 24 + pe_number(head, pe + 20, 2);
	for (; n && n <= PE_SECTIONS && at + 40 <= head->len; n--, at += 40) {
		uint32_t real = pe_number(head, at + 8, 4), raw = pe_number(head, at + 16, 4);

		if (strncmp(head->s + at, name, 8) != 0)
			continue;
		*ret_offset = pe_number(head, at + 20, 4);
		*ret_size = real && real < raw ? real : raw;
		return 0;
	}
	return -ENOENT;
}

/* ---- the stream ---- */

struct reader {
	const struct engine *e;
	int fd;
	uint64_t at, end; /* the initramfs in the file */
	struct cpio cpio;
	const struct strv *names;
	struct image *image;
};

static bool image_wants(const char *path, void *arg)
{
	const struct reader *r = arg;
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *module = kerneltree_module_name(slash ? slash + 1 : path);

	return module && strv_has(r->names, module);
}

static void image_take(const char *path, const struct buf *content, void *arg)
{
	struct reader *r = arg;
	struct image_module m = { 0 };
	AUTO_BUF struct buf plain = BUF_INIT;
	AUTO_FD int fd = memfd_create("module", MFD_CLOEXEC);
	AUTO_FD int unpacked = -1;
	const char *slash = strrchr(path, '/');
	char piece[4096];
	ssize_t n;

	m.name = kerneltree_module_name(slash ? slash + 1 : path);
	m.path = xstrdup(path);
	if (fd < 0 || fd_write(fd, content->s, content->len) < 0 ||
	    packed_open(fd, &unpacked) < 0) {
		m.identity = xstrdup("unreadable");
		VEC_PUSH(r->image->v, r->image->n, m);
		return;
	}
	if (unpacked < 0) {
		m.identity = image_identity(content);
	} else {
		while ((n = pread(unpacked, piece, sizeof(piece), (off_t)plain.len)) > 0)
			buf_add(&plain, piece, (size_t)n);
		m.identity = image_identity(&plain);
	}
	VEC_PUSH(r->image->v, r->image->n, m);
}

static void image_problem(struct image *i, const char *text)
{
	if (!i->problem)
		i->problem = xstrdup(text);
}

/* Read archives that are not compressed.  Returns true if something compressed follows. */
static bool image_read_plain(struct reader *r)
{
	AUTO_FREE char *piece = xmalloc(PIECE);
	uint64_t start = r->at;

	while (r->at < r->end) {
		size_t len = r->end - r->at < PIECE ? (size_t)(r->end - r->at) : PIECE;
		ssize_t n = pread(r->fd, piece, len, (off_t)r->at);

		if (n <= 0) {
			image_problem(r->image, "it cannot be read to its end");
			return false;
		}
		cpio_feed(&r->cpio, piece, (size_t)n);
		r->at = start + r->cpio.offset;
		if (r->cpio.state == CPIO_STOPPED)
			return true;
	}
	return false;
}

static const char *image_unpacker(int fd, uint64_t at)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *command;
	} unpackers[] = {
		{ "\x1f\x8b", 2, "gzip -dc" },
		{ "\xfd\x37zXZ", 6, "xz -dc -T1 --memlimit-decompress=1GiB" },
		{ "\x28\xb5\x2f\xfd", 4, "zstd -dcq --long=31" },
		{ "\x02\x21\x4c\x18", 4, "lz4 -dcq" },
		{ "\x04\x22\x4d\x18", 4, "lz4 -dcq" },
		{ "\x5d\x00\x00", 3, "xz -dc -T1 --format=lzma" },
		{ "BZh", 3, "bzip2 -dc" },
		{ "\x89LZO", 4, "lzop -dc" },
	};
	char head[8] = { 0 };
	ssize_t n = pread(fd, head, sizeof(head), (off_t)at);

	for (size_t i = 0; n > 0 && i < ARRAY_SIZE(unpackers); i++) {
		if (memcmp(head, unpackers[i].magic, unpackers[i].len) == 0)
			return unpackers[i].command;
	}
	return NULL;
}

static void image_feed(const char *data, size_t len, void *arg)
{
	struct reader *r = arg;

	cpio_feed(&r->cpio, data, len);
}

static void image_drop(const char *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	(void)arg;
}

/*
 * The unpacker may complain about what follows the compressed part, e.g. in a unified image.  What
 * counts is that the archive in it is whole.
 */
static void image_read_packed(struct reader *r)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	const char *command = image_unpacker(r->fd, r->at);
	struct proc_result res = { 0 };
	int rc;

	if (!command || lseek(r->fd, (off_t)r->at, SEEK_SET) < 0) {
		image_problem(r->image, "its compression is not known");
		return;
	}
	strv_split(&spec.argv, command, " ");
	childenv_tool(&spec.env);
	spec.stdin_fd = r->fd;
	spec.on_output = image_feed;
	spec.on_error = image_drop;
	spec.data = r;
	spec.timeout = SECONDS;
	cpio_next_part(&r->cpio);
	rc = proc_run(&spec, &res);
	if (rc < 0 && !r->image->problem)
		r->image->problem = xasprintf("%s is needed to read it", spec.argv.v[0]);
	else if (!r->cpio.whole)
		image_problem(r->image, "it is damaged");
}

/* Set r->at and r->end to the initramfs in the file.  False: there is none. */
static bool image_find_archive(struct reader *r)
{
	AUTO_BUF struct buf head = BUF_INIT;
	AUTO_FREE char *piece = xmalloc(PE_HEAD);
	uint64_t offset, size;
	struct stat st;
	ssize_t n = pread(r->fd, piece, PE_HEAD, 0);

	if (n < 0 || fstat(r->fd, &st) < 0)
		return false;
	buf_add(&head, piece, (size_t)n);
	r->end = (uint64_t)st.st_size;
	if (n < 2 || memcmp(piece, "MZ", 2) != 0)
		return true;
	if (image_pe_section(&head, ".initrd", &offset, &size) < 0 || offset > r->end ||
	    size > r->end - offset)
		return false;
	r->at = offset;
	r->end = offset + size;
	return true;
}

void image_read(const struct engine *e, const char *path, const struct strv *names,
		struct image *ret)
{
	AUTO_FD int fd = fs_open_file(&e->root, path, 0);
	struct reader r = { .e = e, .fd = fd, .names = names, .image = ret };

	*ret = (struct image){ 0 };
	if (fd < 0) {
		image_problem(ret, error_text(fd));
		return;
	}
	if (!image_find_archive(&r)) {
		image_problem(ret, "it has no initramfs");
		return;
	}
	cpio_begin(&r.cpio, image_wants, image_take, &r);
	if (image_read_plain(&r))
		image_read_packed(&r);
	else if (!r.cpio.whole)
		image_problem(ret, "it is damaged");
	cpio_release(&r.cpio);
}
