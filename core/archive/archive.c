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
#include "sys/proc.h"
#include "sys/signals.h"

#define CHUNK ((size_t)64 << 10)
#define BLOCK 512

bool tarball_supported(void)
{
	return true;
}

/* ---- reading ---- */

struct reader {
	const struct engine *e;
	const char *path, *to;
	struct archive *a;
	struct members members;
	bool write; /* the second time */
	char *chunk;
	int64_t end; /* of the last member, in the unpacked stream */
};

static int said_by(struct archive *a, struct err *err)
{
	const char *text = sym_archive_error_string(a);

	return err_set(err, -E_ARCHIVE_BAD, "%s", text ? text : "it cannot be read");
}

/* The compression by the file's first bytes. */
static int filter_of(int fd)
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
 * Compressed once: left to itself, libarchive unpacks what is packed in what is packed, where a
 * few bytes can stand for more than it ever comes to the end of, before there is a first member.
 * All is part of libarchive: no program is started.
 */
static int open_reader(struct reader *r, int fd, struct err *err)
{
	int filter = filter_of(fd), k;

	r->a = sym_archive_read_new();
	if (!r->a)
		return err_set(err, -ENOMEM, "libarchive has no memory");
	/* Appended, it would read before there is a file; packed twice, it does not grow so. */
	if (filter == ARCHIVE_FILTER_COMPRESS)
		k = sym_archive_read_support_filter_compress(r->a);
	else
		k = sym_archive_read_append_filter(r->a, filter);
	if (k != ARCHIVE_OK || sym_archive_read_support_format_tar(r->a) != ARCHIVE_OK ||
	    sym_archive_read_open_fd(r->a, fd, CHUNK) != ARCHIVE_OK)
		return said_by(r->a, err);
	return 0;
}

static int member_kind(struct archive_entry *entry, const char *name, const char *hardlink,
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

/* A name may be UTF-8 while our locale is not. */
#define ENTRY_TEXT(entry, what)                                            \
	(sym_archive_entry_##what(entry) ? sym_archive_entry_##what(entry) \
					 : sym_archive_entry_##what##_utf8(entry))

/* The entry as a member; ret owns its strings. */
static int read_entry(struct archive_entry *entry, struct member *ret, struct err *err)
{
	const char *raw = ENTRY_TEXT(entry, pathname);
	const char *hardlink = ENTRY_TEXT(entry, hardlink);
	const char *symlink = ENTRY_TEXT(entry, symlink);
	AUTO_FREE char *name = NULL;
	AUTO_FREE char *target = NULL;
	enum member_kind kind = MEMBER_FILE;
	int r = member_name(raw ? raw : "", &name, err);

	if (r == 0)
		r = member_kind(entry, name, hardlink, &kind, err);
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

/* The entry's bytes to fd, or nowhere (-1). */
static int read_data(struct reader *r, int fd, const struct member *m, struct err *err)
{
	uint64_t total = 0;
	ssize_t n;

	while ((n = sym_archive_read_data(r->a, r->chunk, CHUNK)) > 0) {
		int w = fd < 0 ? 0 : fd_write(fd, r->chunk, (size_t)n);

		/* Nobody has counted it. */
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
		return said_by(r->a, err);
	if (m->kind == MEMBER_FILE && total != m->size)
		return err_set(err, -E_ARCHIVE_BAD, "it is truncated at %s", m->name);
	return 0;
}

/* ---- writing what was read ---- */

static int put_file(struct reader *r, const struct member *m, struct archive_entry *entry,
		    const char *path, struct err *err)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
				     { sym_archive_entry_mtime(entry), 0 } };
	AUTO_FD int fd =
		root_openat(&r->e->root, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	int k;

	if (fd < 0)
		return err_sys(err, fd, "%s", path);
	k = read_data(r, fd, m, err);
	if (k < 0)
		return k;
	if (fchmod(fd, (sym_archive_entry_perm(entry) & 0755) | 0600) < 0 ||
	    futimens(fd, times) < 0)
		return err_sys(err, -errno, "%s", path);
	return 0;
}

static int put_member(struct reader *r, const struct member *m, struct archive_entry *entry,
		      struct err *err)
{
	const struct root *root = &r->e->root;
	AUTO_FREE char *path = xasprintf("%s/%s", r->to, m->name);
	AUTO_FREE char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	AUTO_FREE char *file = m->target ? xasprintf("%s/%s", r->to, m->target) : NULL;
	int k = fs_mkdir_p(root, m->kind == MEMBER_FOLDER ? path : folder);

	if (k == 0) {
		switch (m->kind) {
		case MEMBER_FOLDER:
			k = fs_chmod(root, path, (sym_archive_entry_perm(entry) & 0755) | 0700);
			break;
		case MEMBER_FILE: return put_file(r, m, entry, path, err);
		case MEMBER_SYMLINK: k = fs_symlink(root, m->target, path); break;
		case MEMBER_HARDLINK: k = fs_copy_file(root, file, path); break;
		}
	}
	return k < 0 ? err_sys(err, k, "%s", path) : 0;
}

/* ---- one pass ---- */

/* The first time the member is noted, the second time it must be one of those that were. */
static int one_member(struct reader *r, struct archive_entry *entry, struct err *err)
{
	struct member m = { .name = NULL };
	const struct member *known;
	int k = read_entry(entry, &m, err);

	if (k < 0)
		return k;
	if (!r->write) {
		uint64_t size = m.size;

		k = members_add(&r->members, m.name, m.kind, m.target, size, err);
		return k < 0 ? k : read_data(r, -1, &r->members.v[r->members.n - 1], err);
	}
	known = members_get(&r->members, m.name);
	if (!known || known->kind != m.kind || known->size != m.size ||
	    (m.target && strcmp(known->target, m.target) != 0))
		k = err_set(err, -E_ARCHIVE_BAD, "it changes while it is read");
	else
		k = put_member(r, known, entry, err);
	free(m.name);
	free(m.target);
	return k;
}

/* An archive ends with blocks of zeros; one that just ends was cut between two members. */
static int check_end(const struct reader *r, struct err *err)
{
	int64_t end = (r->end + BLOCK - 1) / BLOCK * BLOCK;

	if (r->end == 0)
		return err_set(err, -E_ARCHIVE_BAD, "it is empty");
	if (sym_archive_filter_bytes(r->a, 0) <= end)
		return err_set(err, -E_ARCHIVE_BAD, "it is truncated: it has no end");
	return 0;
}

static int all_members(struct reader *r, struct err *err)
{
	struct archive_entry *entry;
	int k;

	for (;;) {
		k = sym_archive_read_next_header(r->a, &entry);
		if (k == ARCHIVE_EOF)
			return check_end(r, err);
		if (signals_interrupted())
			return err_set(err, -E_INTERRUPTED, "interrupted");
		/* A warning is about a name's character set. */
		if (k != ARCHIVE_OK && k != ARCHIVE_WARN)
			return said_by(r->a, err);
		k = one_member(r, entry, err);
		if (k < 0)
			return k;
		r->end = sym_archive_filter_bytes(r->a, 0);
	}
}

static int one_pass(struct reader *r, int fd, struct err *err)
{
	int k;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, -errno, "it cannot be read");
	r->end = 0;
	k = open_reader(r, fd, err);
	if (k == 0)
		k = all_members(r, err);
	if (r->a)
		sym_archive_read_free(r->a);
	r->a = NULL;
	return k;
}

static int check_space(const struct reader *r, struct err *err)
{
	struct fs_space space;
	uint64_t need = r->members.bytes + (uint64_t)r->members.n * 4096;
	int k = fs_free_space(&r->e->root, r->to, &space);

	if (k < 0)
		return err_sys(err, k, "%s", r->to);
	/* Some file systems count no inodes. */
	if (space.bytes < need || (space.inodes && space.inodes < r->members.n))
		return err_set(err, -E_NO_SPACE, "there is not enough free space in %s", r->to);
	return 0;
}

static int unpack(struct reader *r, int fd, struct err *err)
{
	int k = one_pass(r, fd, err);

	if (k == 0)
		k = members_check(&r->members, err);
	if (k == 0)
		k = check_space(r, err);
	if (k < 0)
		return k;
	r->write = true;
	return one_pass(r, fd, err);
}

int tarball_unpack(const struct engine *e, const char *path, const char *to,
		   const struct member_limits *limits, struct err *err)
{
	static const struct member_limits usual = MEMBER_LIMITS;
	struct reader r = { .e = e, .path = path, .to = to };
	AUTO_FD int fd = fs_open_file(&e->root, path, 0);
	AUTO_ERR struct err local = ERR_INIT;
	struct stat st;
	int k;

	if (fd == -ENOENT)
		return err_set(err, -E_ARCHIVE_MISSING, "%s does not exist.", path);
	if (fd == -EINVAL)
		return err_set(err, -E_ARCHIVE_BAD, "%s is no file", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, fd < 0 ? fd : -errno, "%s", path);
	k = archivelib_load(err);
	if (k < 0)
		return k;
	r.members.limits = limits ? *limits : usual;
	r.members.archive_size = (uint64_t)st.st_size;
	r.chunk = xmalloc(CHUNK);
	k = unpack(&r, fd, &local);
	free(r.chunk);
	members_release(&r.members);
	if (k < 0 && local.code != -E_INTERRUPTED)
		err_prefix(&local, "%s cannot be unpacked", path);
	if (k < 0 && err)
		err_move(err, &local);
	return k;
}

/* ---- writing ---- */

struct tarball {
	const struct engine *e;
	struct atomic file;
	struct archive *a;
	char *chunk;
	struct err err; /* the first one */
};

static la_ssize_t on_write(struct archive *a, void *data, const void *bytes, size_t len)
{
	struct tarball *w = data;

	atomic_write(&w->file, bytes, len);
	if (w->file.error == 0)
		return (la_ssize_t)len;
	sym_archive_set_error(a, -w->file.error, "%s", error_text(w->file.error));
	return -1;
}

static void failed(struct tarball *w, int code, const char *what)
{
	if (w->err.code == 0)
		err_sys(&w->err, code, "%s", what);
}

/* A warning is about a name's character set; the bytes are stored as they are. */
static bool went_well(struct tarball *w, la_ssize_t r, const char *what)
{
	int code = sym_archive_errno(w->a);

	if (r >= 0 || r == ARCHIVE_WARN)
		return true;
	failed(w, code > 0 ? -code : -EIO, what);
	return false;
}

static int open_writer(struct tarball *w, const char *path)
{
	const char *filter = tarball_compression(path);

	if (sym_archive_write_set_format_gnutar(w->a) != ARCHIVE_OK)
		return -1;
	/* libarchive pads the last block of what is written; behind a compressed stream that is
	 * dirt. */
	if (filter && (sym_archive_write_add_filter_by_name(w->a, filter) != ARCHIVE_OK ||
		       sym_archive_write_set_bytes_in_last_block(w->a, 1) != ARCHIVE_OK))
		return -1;
	/* The same tree is the same archive. */
	if (filter && strcmp(filter, "gzip") == 0 &&
	    sym_archive_write_set_filter_option(w->a, filter, "timestamp", NULL) != ARCHIVE_OK)
		return -1;
	return sym_archive_write_open(w->a, w, NULL, on_write, NULL) == ARCHIVE_OK ? 0 : -1;
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
	if (!w->a || open_writer(w, path) < 0) {
		r = err_set(err, -EIO, "%s: %s", path,
			    w->a ? sym_archive_error_string(w->a) : "libarchive has no memory");
		tarball_end(w);
		return r;
	}
	*ret = w;
	return 0;
}

static struct archive_entry *new_entry(const char *name, const struct stat *st)
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

static bool put_header(struct tarball *w, const char *name, const struct stat *st,
		       const char *target)
{
	struct archive_entry *entry = new_entry(name, st);
	bool ok;

	if (target)
		sym_archive_entry_copy_symlink(entry, target);
	ok = went_well(w, sym_archive_write_header(w->a, entry), name);
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
		failed(w, r, like);
	else
		put_header(w, name, &st, NULL);
}

void tarball_add_text(struct tarball *w, const char *name, const char *text)
{
	struct stat st = { .st_mode = S_IFREG | 0644, .st_size = (off_t)strlen(text) };

	if (!w->err.code && put_header(w, name, &st, NULL))
		went_well(w, sym_archive_write_data(w->a, text, strlen(text)), name);
}

/* Exactly the size that the header says. */
static void put_data(struct tarball *w, int fd, const struct stat *st, const char *from)
{
	off_t left = st->st_size;

	while (left > 0 && !w->err.code) {
		size_t want = left < (off_t)CHUNK ? (size_t)left : CHUNK;
		ssize_t n = read(fd, w->chunk, want);

		if (n < 0 && errno == EINTR && !signals_interrupted())
			continue;
		if (n <= 0) {
			failed(w, n < 0 ? -errno : -ESTALE, from);
			return;
		}
		if (signals_interrupted())
			failed(w, -E_INTERRUPTED, from);
		went_well(w, sym_archive_write_data(w->a, w->chunk, (size_t)n), from);
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
		failed(w, fd < 0 ? fd : -errno, from);
	else if (put_header(w, name, &st, NULL))
		put_data(w, fd, &st, from);
}

static void add_link(struct tarball *w, const char *name, const char *from, const struct stat *st)
{
	AUTO_FREE char *target = NULL;
	int r = fs_readlink(&w->e->root, from, &target);
	const char *problem = r < 0 ? NULL : member_link_problem(name, target);

	if (problem)
		log_warning("The link %s %s: ldtarball will refuse this archive", from, problem);
	if (r < 0)
		failed(w, r, from);
	else
		put_header(w, name, st, target);
}

struct adding {
	struct tarball *w;
	const char *name, *from;
	const struct strv *leave;
};

static int add_one(const char *rel, const struct stat *st, void *data)
{
	const struct adding *d = data;
	AUTO_FREE char *name = xasprintf("%s/%s", d->name, rel);
	AUTO_FREE char *from = xasprintf("%s/%s", d->from, rel);
	AUTO_FREE char *first = xstrndup(rel, strcspn(rel, "/"));

	if (d->leave && strv_has(d->leave, first))
		return 0;
	if (S_ISDIR(st->st_mode))
		put_header(d->w, name, st, NULL);
	else if (S_ISREG(st->st_mode))
		tarball_add_file(d->w, name, from);
	else if (S_ISLNK(st->st_mode))
		add_link(d->w, name, from, st);
	return d->w->err.code;
}

void tarball_add_tree(struct tarball *w, const char *name, const char *from,
		      const struct strv *leave)
{
	struct adding d = { w, name, from, leave };
	int r;

	tarball_add_folder(w, name, from);
	if (w->err.code)
		return;
	r = fs_walk(&w->e->root, from, add_one, &d);
	if (r < 0)
		failed(w, r, from);
}

int tarball_commit(struct tarball *w, struct err *err)
{
	int r;

	if (!w->err.code)
		went_well(w, sym_archive_write_close(w->a), w->file.path);
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
