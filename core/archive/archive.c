/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "archive/archivelib.h"
#include "base/alloc.h"
#include "base/log.h"
#include "sys/atomic.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/signals.h"

#define CHUNK ((size_t)64 << 10)
#define BLOCK 512

bool tarball_supported(void)
{
	return true;
}

/* ---- reading ---- */

struct unpacker {
	const struct engine *e;
	const char *to;
	struct archive *a;
	struct members members;
	bool write;  /* in the second pass */
	char *chunk; /* buffer of CHUNK bytes */
	int64_t end; /* where the last member ends in the uncompressed stream */
};

static int unpacker_error(struct archive *a, struct err *err)
{
	const char *text = sym_archive_error_string(a);

	return err_set(err, -E_ARCHIVE_BAD, "%s", text ? text : "it cannot be read");
}

/* Tell the compression by the magic number at the file's beginning. */
static int unpacker_filter(int fd)
{
	static const struct {
		const char *magic;
		size_t len;
		int filter;
	} filters[] = {
		{ "\x1f\x8b", 2, ARCHIVE_FILTER_GZIP },
		{ "BZh", 3, ARCHIVE_FILTER_BZIP2 },
		{ "\xfd\x37zXZ", 6, ARCHIVE_FILTER_XZ },
		{ "\x5d\0\0", 3, ARCHIVE_FILTER_LZMA },
		{ "LZIP", 4, ARCHIVE_FILTER_LZIP },
		{ "\x28\xb5\x2f\xfd", 4, ARCHIVE_FILTER_ZSTD },
		{ "\x1f\x9d", 2, ARCHIVE_FILTER_COMPRESS },
	};
	char head[6] = { 0 };
	ssize_t n = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; n > 0 && i < ARRAY_SIZE(filters); i++) {
		if (memcmp(head, filters[i].magic, filters[i].len) == 0)
			return filters[i].filter;
	}
	return ARCHIVE_FILTER_NONE;
}

/*
 * Set exactly one filter.  By default libarchive would detect filters and use as many as the
 * archive has layers of compression.  With many layers, a few bytes can expand without end before
 * the first member is read.  libarchive starts no program for any of the filters above.
 */
static int unpacker_open(struct unpacker *u, int fd, struct err *err)
{
	int filter = unpacker_filter(fd), r;

	u->a = sym_archive_read_new();
	if (!u->a)
		return err_set(err, -ENOMEM, "libarchive has no memory");
	/*
	 * With archive_read_append_filter(), the filter "compress" would read before the file is
	 * open.  So enable it by archive_read_support_filter_compress().  It may unpack several
	 * layers of compress(1), but those do not grow that much.
	 */
	if (filter == ARCHIVE_FILTER_COMPRESS)
		r = sym_archive_read_support_filter_compress(u->a);
	else
		r = sym_archive_read_append_filter(u->a, filter);
	if (r != ARCHIVE_OK || sym_archive_read_support_format_tar(u->a) != ARCHIVE_OK ||
	    sym_archive_read_open_fd(u->a, fd, CHUNK) != ARCHIVE_OK)
		return unpacker_error(u->a, err);
	return 0;
}

static int unpacker_member_kind(struct archive_entry *entry, const char *name, const char *hardlink,
				enum member_kind *ret, struct err *err)
{
	if (hardlink) {
		*ret = MEMBER_HARDLINK;
		return 0;
	}
	switch (sym_archive_entry_filetype(entry)) {
	case AE_IFREG: *ret = MEMBER_FILE; break;
	case AE_IFDIR: *ret = MEMBER_FOLDER; break;
	case AE_IFLNK: *ret = MEMBER_SYMLINK; break;
	default: return err_set(err, -E_ARCHIVE_BAD, "it has a device, fifo or socket: %s", name);
	}
	if (*ret == MEMBER_FILE && sym_archive_entry_sparse_count(entry) > 0)
		return err_set(err, -E_ARCHIVE_BAD, "it has a file with holes: %s", name);
	return 0;
}

/* libarchive returns NULL for a name that our locale cannot express.  Then take it as UTF-8. */
#define ENTRY_TEXT(entry, what)                                            \
	(sym_archive_entry_##what(entry) ? sym_archive_entry_##what(entry) \
					 : sym_archive_entry_##what##_utf8(entry))

/* Convert and check an entry's header; the caller frees name and target of ret. */
static int unpacker_read_entry(struct archive_entry *entry, struct member *ret, struct err *err)
{
	const char *raw = ENTRY_TEXT(entry, pathname);
	const char *hardlink = ENTRY_TEXT(entry, hardlink);
	const char *symlink = ENTRY_TEXT(entry, symlink);
	AUTO_FREE char *name = NULL;
	AUTO_FREE char *target = NULL;
	enum member_kind kind = MEMBER_FILE;
	int r = member_name(raw ? raw : "", &name, err);

	if (r == 0)
		r = unpacker_member_kind(entry, name, hardlink, &kind, err);
	if (r == 0 && kind == MEMBER_HARDLINK)
		r = member_name(hardlink, &target, err);
	if (r < 0)
		return r;
	if (kind == MEMBER_SYMLINK)
		target = xstrdup(symlink ? symlink : "");
	if (!*name && kind != MEMBER_FOLDER)
		return err_set(err, -E_ARCHIVE_BAD, "its own folder is a file");
	if (sym_archive_entry_size(entry) < 0)
		return err_set(err, -E_ARCHIVE_BAD, "it has a file of no size: %s", name);
	*ret = (struct member){ .name = TAKE(name), .kind = kind, .target = TAKE(target) };
	ret->size = kind == MEMBER_FILE ? (uint64_t)sym_archive_entry_size(entry) : 0;
	return 0;
}

/* Read an entry's content to its end, and write it to `fd` unless `fd` is -1. */
static int unpacker_read_data(struct unpacker *u, int fd, const struct member *m, struct err *err)
{
	uint64_t total = 0;
	ssize_t n;

	while ((n = sym_archive_read_data(u->a, u->chunk, CHUNK)) > 0) {
		int w = fd < 0 ? 0 : fd_write(fd, u->chunk, (size_t)n);

		/* Only a file may have content: the limits count no bytes for other members. */
		if (m->kind != MEMBER_FILE)
			return err_set(err, -E_ARCHIVE_BAD, "it has content in what is no file: %s",
				       m->name);
		if (w < 0)
			return err_sys(err, w, "%s", m->name);
		if (signals_interrupted())
			return err_set(err, -E_INTERRUPTED, "interrupted");
		total += (uint64_t)n;
	}
	if (n < 0)
		return unpacker_error(u->a, err);
	if (m->kind == MEMBER_FILE && total != m->size)
		return err_set(err, -E_ARCHIVE_BAD, "it is truncated at %s", m->name);
	return 0;
}

/* ---- unpacking to the disk ---- */

static int unpacker_put_file(struct unpacker *u, const struct member *m,
			     struct archive_entry *entry, const char *path, struct err *err)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
				     { sym_archive_entry_mtime(entry), 0 } };
	AUTO_FD int fd =
		root_openat(&u->e->root, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	int r;

	if (fd < 0)
		return err_sys(err, fd, "%s", path);
	r = unpacker_read_data(u, fd, m, err);
	if (r < 0)
		return r;
	if (fchmod(fd, (sym_archive_entry_perm(entry) & 0755) | 0600) < 0 ||
	    futimens(fd, times) < 0)
		return err_sys(err, -errno, "%s", path);
	return 0;
}

static int unpacker_put_member(struct unpacker *u, const struct member *m,
			       struct archive_entry *entry, struct err *err)
{
	const struct root *root = &u->e->root;
	AUTO_FREE char *path = xasprintf("%s/%s", u->to, m->name);
	AUTO_FREE char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	AUTO_FREE char *file = m->target ? xasprintf("%s/%s", u->to, m->target) : NULL;
	int r = fs_mkdir_p(root, m->kind == MEMBER_FOLDER ? path : folder);

	if (r == 0) {
		switch (m->kind) {
		case MEMBER_FOLDER:
			r = fs_chmod(root, path, (sym_archive_entry_perm(entry) & 0755) | 0700);
			break;
		case MEMBER_FILE: return unpacker_put_file(u, m, entry, path, err);
		case MEMBER_SYMLINK: r = fs_symlink(root, m->target, path); break;
		case MEMBER_HARDLINK: r = fs_copy_file(root, file, path); break;
		}
	}
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

/* ---- the two passes ---- */

/* The first pass lists the member; the second one unpacks it, if it has not changed. */
static int unpacker_member(struct unpacker *u, struct archive_entry *entry, struct err *err)
{
	struct member m = { .name = NULL };
	const struct member *known;
	int r = unpacker_read_entry(entry, &m, err);

	if (r < 0)
		return r;
	if (!u->write) {
		r = members_add(&u->members, m.name, m.kind, m.target, m.size, err);
		return r < 0 ? r : unpacker_read_data(u, -1, &u->members.v[u->members.n - 1], err);
	}
	known = members_get(&u->members, m.name);
	if (!known || known->kind != m.kind || known->size != m.size ||
	    (m.target && strcmp(known->target, m.target) != 0))
		r = err_set(err, -E_ARCHIVE_BAD, "it changes while it is read");
	else
		r = unpacker_put_member(u, known, entry, err);
	free(m.name);
	free(m.target);
	return r;
}

/* Check that blocks of zeros follow the last member.  Without them the archive was cut there. */
static int unpacker_check_end(const struct unpacker *u, struct err *err)
{
	int64_t end = (u->end + BLOCK - 1) / BLOCK * BLOCK;

	if (u->end == 0)
		return err_set(err, -E_ARCHIVE_BAD, "it is empty");
	if (sym_archive_filter_bytes(u->a, 0) <= end)
		return err_set(err, -E_ARCHIVE_BAD, "it is truncated: it has no end");
	return 0;
}

static int unpacker_all_members(struct unpacker *u, struct err *err)
{
	struct archive_entry *entry;
	int r;

	for (;;) {
		r = sym_archive_read_next_header(u->a, &entry);
		if (r == ARCHIVE_EOF)
			return unpacker_check_end(u, err);
		if (signals_interrupted())
			return err_set(err, -E_INTERRUPTED, "interrupted");
		/* Ignore warnings: they are about the character set of names. */
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			return unpacker_error(u->a, err);
		r = unpacker_member(u, entry, err);
		if (r < 0)
			return r;
		u->end = sym_archive_filter_bytes(u->a, 0);
	}
}

static int unpacker_pass(struct unpacker *u, int fd, struct err *err)
{
	int r;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, -errno, "it cannot be read");
	u->end = 0;
	r = unpacker_open(u, fd, err);
	if (r == 0)
		r = unpacker_all_members(u, err);
	if (u->a)
		sym_archive_read_free(u->a);
	u->a = NULL;
	return r;
}

static int unpacker_check_space(const struct unpacker *u, struct err *err)
{
	struct fs_space space;
	uint64_t need = u->members.bytes + (uint64_t)u->members.n * 4096;
	int r = fs_free_space(&u->e->root, u->to, &space);

	if (r < 0)
		return err_sys(err, r, "%s", u->to);
	if (space.bytes < need || space.inodes < u->members.n)
		return err_set(err, -E_NO_SPACE, "there is not enough free space in %s", u->to);
	return 0;
}

static int unpacker_unpack(struct unpacker *u, int fd, struct err *err)
{
	int r = unpacker_pass(u, fd, err);

	if (r == 0)
		r = members_check(&u->members, err);
	if (r == 0)
		r = unpacker_check_space(u, err);
	if (r < 0)
		return r;
	u->write = true;
	return unpacker_pass(u, fd, err);
}

int tarball_unpack(const struct engine *e, const char *path, const char *to,
		   const struct member_limits *limits, struct err *err)
{
	static const struct member_limits usual = MEMBER_LIMITS;
	struct unpacker u = { .e = e, .to = to };
	AUTO_FD int fd = fs_open_file(&e->root, path, 0);
	AUTO_ERR struct err local = ERR_INIT;
	struct stat st;
	int r;

	if (fd == -ENOENT)
		return err_set(err, -E_ARCHIVE_MISSING, "%s does not exist.", path);
	if (fd == -EINVAL)
		return err_set(err, -E_ARCHIVE_BAD, "%s is no file", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, fd < 0 ? fd : -errno, "%s", path);
	r = archivelib_load(err);
	if (r < 0)
		return r;
	u.members.limits = limits ? *limits : usual;
	u.members.archive_size = (uint64_t)st.st_size;
	u.chunk = xmalloc(CHUNK);
	r = unpacker_unpack(&u, fd, &local);
	free(u.chunk);
	members_release(&u.members);
	if (r < 0 && local.code != -E_INTERRUPTED)
		err_prefix(&local, "%s cannot be unpacked", path);
	if (r < 0 && err)
		err_move(err, &local);
	return r;
}

/* ---- writing ---- */

struct tarball {
	const struct engine *e;
	struct atomic file;
	struct archive *a;
	char *chunk;
	bool plain;	/* tarball_make_plain() */
	struct err err; /* the first error; later calls do nothing */
};

static la_ssize_t tarball_write(struct archive *a, void *data, const void *bytes, size_t len)
{
	struct tarball *w = data;

	atomic_write(&w->file, bytes, len);
	if (w->file.error == 0)
		return (la_ssize_t)len;
	sym_archive_set_error(a, -w->file.error, "%s", error_text(w->file.error));
	return -1;
}

static void tarball_fail(struct tarball *w, int code, const char *what)
{
	if (w->err.code == 0)
		err_sys(&w->err, code, "%s", what);
}

/*
 * A warning counts as success: it is about the character set of a name, and names are stored
 * unchanged.
 */
static bool tarball_succeeded(struct tarball *w, la_ssize_t r, const char *what)
{
	int code = sym_archive_errno(w->a);

	if (r >= 0 || r == ARCHIVE_WARN)
		return true;
	tarball_fail(w, code > 0 ? -code : -EIO, what);
	return false;
}

static int tarball_open(struct tarball *w, const char *path)
{
	const char *filter = tarball_compression(path);

	if (sym_archive_write_set_format_gnutar(w->a) != ARCHIVE_OK)
		return -1;
	/* By default libarchive pads the last block, which puts garbage behind compressed data. */
	if (filter && (sym_archive_write_add_filter_by_name(w->a, filter) != ARCHIVE_OK ||
		       sym_archive_write_set_bytes_in_last_block(w->a, 1) != ARCHIVE_OK))
		return -1;
	/* Without a time stamp, the same tree gives the same archive. */
	if (filter && strcmp(filter, "gzip") == 0 &&
	    sym_archive_write_set_filter_option(w->a, filter, "timestamp", NULL) != ARCHIVE_OK)
		return -1;
	return sym_archive_write_open(w->a, w, NULL, tarball_write, NULL) == ARCHIVE_OK ? 0 : -1;
}

int tarball_begin(const struct engine *e, const char *path, struct tarball **ret, struct err *err)
{
	struct tarball *w;
	int r = archivelib_load(err);

	if (r < 0)
		return r;
	w = xcalloc(1, sizeof(*w));
	r = atomic_begin(&w->file, &e->root, path, 0644);
	if (r < 0) {
		free(w);
		return err_sys(err, r, "%s", path);
	}
	w->e = e;
	w->chunk = xmalloc(CHUNK);
	w->a = sym_archive_write_new();
	if (!w->a || tarball_open(w, path) < 0) {
		r = err_set(err, -EIO, "%s: %s", path,
			    w->a ? sym_archive_error_string(w->a) : "libarchive has no memory");
		tarball_end(w);
		return r;
	}
	*ret = w;
	return 0;
}

static struct archive_entry *tarball_new_entry(const char *name, const struct stat *st)
{
	struct archive_entry *entry = sym_archive_entry_new();
	AUTO_FREE char *stored =
		xasprintf("./%s%s", name, S_ISDIR(st->st_mode) && *name ? "/" : "");

	sym_archive_entry_copy_pathname(entry, stored);
	sym_archive_entry_set_filetype(entry, st->st_mode & S_IFMT);
	sym_archive_entry_set_perm(entry, st->st_mode & 0777);
	sym_archive_entry_set_mtime(entry, st->st_mtim.tv_sec, 0);
	sym_archive_entry_set_size(entry, S_ISREG(st->st_mode) ? st->st_size : 0);
	sym_archive_entry_set_uid(entry, 0);
	sym_archive_entry_set_gid(entry, 0);
	sym_archive_entry_set_uname(entry, "root");
	sym_archive_entry_set_gname(entry, "root");
	return entry;
}

void tarball_make_plain(struct tarball *w)
{
	w->plain = true;
}

static bool tarball_put_header(struct tarball *w, const char *name, const struct stat *st,
			       const char *target)
{
	struct archive_entry *entry = tarball_new_entry(name, st);
	bool ok;

	if (w->plain) {
		sym_archive_entry_set_perm(entry, S_ISDIR(st->st_mode) ? 0755 : 0644);
		sym_archive_entry_set_mtime(entry, 0, 0);
	}

	if (target)
		sym_archive_entry_copy_symlink(entry, target);
	ok = tarball_succeeded(w, sym_archive_write_header(w->a, entry), name);
	sym_archive_entry_free(entry);
	return ok;
}

void tarball_add_folder(struct tarball *w, const char *name, const char *like)
{
	struct stat st;
	int r = fs_stat(&w->e->root, like, &st);

	if (w->err.code)
		return;
	if (r < 0)
		tarball_fail(w, r, like);
	else
		tarball_put_header(w, name, &st, NULL);
}

void tarball_add_text(struct tarball *w, const char *name, const char *text)
{
	struct stat st = { .st_mode = S_IFREG | 0644, .st_size = (off_t)strlen(text) };

	if (!w->err.code && tarball_put_header(w, name, &st, NULL))
		tarball_succeeded(w, sym_archive_write_data(w->a, text, strlen(text)), name);
}

/*
 * Write exactly as many bytes as the header says.  If the file has become shorter, the archive
 * fails with -ESTALE.
 */
static void tarball_put_data(struct tarball *w, int fd, const struct stat *st, const char *from)
{
	off_t left = st->st_size;

	while (left > 0 && !w->err.code) {
		size_t want = left < (off_t)CHUNK ? (size_t)left : CHUNK;
		ssize_t n = read(fd, w->chunk, want);

		if (n < 0 && errno == EINTR && !signals_interrupted())
			continue;
		if (n <= 0) {
			tarball_fail(w, n < 0 ? -errno : -ESTALE, from);
			return;
		}
		if (signals_interrupted())
			tarball_fail(w, -E_INTERRUPTED, from);
		tarball_succeeded(w, sym_archive_write_data(w->a, w->chunk, (size_t)n), from);
		left -= n;
	}
}

void tarball_add_file(struct tarball *w, const char *name, const char *from)
{
	AUTO_FD int fd = -1;
	struct stat st;

	if (w->err.code)
		return;
	fd = fs_open_file(&w->e->root, from, 0);
	if (fd < 0 || fstat(fd, &st) < 0)
		tarball_fail(w, fd < 0 ? fd : -errno, from);
	else if (tarball_put_header(w, name, &st, NULL))
		tarball_put_data(w, fd, &st, from);
}

static void tarball_add_link(struct tarball *w, const char *name, const char *from,
			     const struct stat *st)
{
	AUTO_FREE char *target = NULL;
	int r = fs_readlink(&w->e->root, from, &target);
	const char *problem = r < 0 ? NULL : member_link_problem(name, target);

	if (problem)
		log_warning("The link %s %s: ldtarball will refuse this archive", from, problem);
	if (r < 0)
		tarball_fail(w, r, from);
	else
		tarball_put_header(w, name, st, target);
}

struct tarball_walk {
	struct tarball *w;
	const char *name, *from;
	const struct strv *leave;
};

static int tarball_walk_entry(const char *rel, const struct stat *st, void *data)
{
	const struct tarball_walk *d = data;
	AUTO_FREE char *name = xasprintf("%s/%s", d->name, rel);
	AUTO_FREE char *from = xasprintf("%s/%s", d->from, rel);
	AUTO_FREE char *first = xstrndup(rel, strcspn(rel, "/"));

	if (d->leave && strv_has(d->leave, first))
		return 0;
	if (S_ISDIR(st->st_mode))
		tarball_put_header(d->w, name, st, NULL);
	else if (S_ISREG(st->st_mode))
		tarball_add_file(d->w, name, from);
	else if (S_ISLNK(st->st_mode))
		tarball_add_link(d->w, name, from, st);
	return d->w->err.code;
}

void tarball_add_tree(struct tarball *w, const char *name, const char *from,
		      const struct strv *leave)
{
	struct tarball_walk d = { w, name, from, leave };
	int r;

	tarball_add_folder(w, name, from);
	if (w->err.code)
		return;
	r = fs_walk(&w->e->root, from, tarball_walk_entry, &d);
	if (r < 0)
		tarball_fail(w, r, from);
}

int tarball_commit(struct tarball *w, struct err *err)
{
	int r;

	if (!w->err.code)
		tarball_succeeded(w, sym_archive_write_close(w->a), w->file.path);
	if (w->err.code) {
		r = w->err.code;
		if (err)
			err_move(err, &w->err);
		return r;
	}
	r = atomic_commit(&w->file);
	return r < 0 ? err_sys(err, r, "the archive") : 0;
}

void tarball_end(struct tarball *w)
{
	if (!w)
		return;
	atomic_abort(&w->file);
	if (w->a)
		sym_archive_write_free(w->a);
	err_release(&w->err);
	free(w->chunk);
	free(w);
}
