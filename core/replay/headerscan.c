/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/headerscan.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/path.h"
#include "engine/cache.h"
#include "engine/treepath.h"
#include "replay/content.h"
#include "sys/atomic.h"
#include "sys/fd.h"
#include "sys/fs.h"

#define FILES_MAX ((size_t)400000)
#define ROOTS_MAX ((size_t)64)
/* A larger file is no header: only its size and times count. */
#define CONTENT_MAX ((size_t)16 << 20)
#define SETTLE_NS   INT64_C(2000000000)
/* The clock of file times stands still between two ticks. */
#define TICK_NS INT64_C(10000000)

struct headerscan_file {
	char *path;
	unsigned int flags;
	unsigned char hash[SHA256_SIZE];
};

struct headerscan {
	const struct engine *e;
	struct release_words words;
	struct strv roots; /* resolved */
	struct strv links; /* "PATH -> FOLDER" of each link to a folder */
	size_t n_own;	  /* the first n_own are folders of the headers; links lead to the others */
	const char *root; /* that is being walked */
	struct headerscan_file *files;
	size_t n;
	struct stamp stamp;
};

static void headerscan_release(struct headerscan *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->files[i].path);
	free(s->files);
	strv_release(&s->roots);
	strv_release(&s->links);
	release_words_release(&s->words);
}

static bool headerscan_covers(const struct strv *roots, const char *path)
{
	const char *root;

	STRV_FOREACH (root, roots) {
		if (strcmp(path, root) == 0 || path_is_below(path, root))
			return true;
	}
	return false;
}

static void headerscan_add_root(struct headerscan *s, const char *folder)
{
	AUTO_FREE char *real = NULL;

	if (root_realpath(&s->e->root, folder, &real) == 0 && strcmp(real, "/") != 0 &&
	    fs_is_dir(&s->e->root, real) && !headerscan_covers(&s->roots, real))
		strv_add(&s->roots, real);
}

/* A link that is made to lead to another folder changes what is found below it. */
static void headerscan_add_link(struct headerscan *s, const char *path, const struct stat *link)
{
	AUTO_FREE char *real = NULL;

	stamp_add(&s->stamp, path, link);
	if (root_realpath(&s->e->root, path, &real) == 0)
		strv_addf(&s->links, "%s -> %s", path, real);
	headerscan_add_root(s, path);
}

static int headerscan_walk_entry(const char *rel, const struct stat *st, void *data)
{
	struct headerscan *s = data;
	AUTO_FREE char *path = xasprintf("%s/%s", s->root, rel);
	struct headerscan_file file = { 0 };
	struct stat target;

	if (S_ISLNK(st->st_mode)) {
		if (fs_stat(&s->e->root, path, &target) < 0)
			return 0;
		if (S_ISDIR(target.st_mode)) {
			headerscan_add_link(s, path, st);
			return 0;
		}
		st = &target;
	}
	if (!S_ISREG(st->st_mode))
		return 0;
	if (s->n >= FILES_MAX)
		return -EFBIG;
	stamp_add(&s->stamp, path, st);
	file.path = TAKE(path);
	VEC_PUSH(s->files, s->n, file);
	return 0;
}

static int headerscan_by_path(const void *a, const void *b)
{
	const struct headerscan_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int headerscan_walk(struct headerscan *s)
{
	int r = 0;

	stamp_begin(&s->stamp);
	/* Links that are found add roots. */
	for (size_t i = 0; r == 0 && i < s->roots.n && i < ROOTS_MAX; i++) {
		s->root = s->roots.v[i];
		r = fs_walk(&s->e->root, s->root, headerscan_walk_entry, s);
	}
	stamp_end(&s->stamp);
	return r < 0 ? r : s->roots.n > ROOTS_MAX || !s->n ? -E_NO_HEADERS : 0;
}

/*
 * Set the flags and the hash of a file.  In the headers in which kbuild writes the release, it is
 * masked before the text is hashed (content_is_masked()).
 */
static void headerscan_hash(const struct headerscan *s, struct headerscan_file *f,
			    const struct buf *text)
{
	AUTO_BUF struct buf masked = BUF_INIT;
	const struct buf *what = text;
	struct digest d;
	bool salt;

	f->flags |= content_flags(&s->words, text->s, text->len);
	if (content_is_masked(f->path, &salt)) {
		release_words_mask(&s->words, text->s, text->len, &masked);
		what = &masked;
	}
	digest_begin(&d);
	digest_add(&d, what->s, what->len);
	digest_end_bytes(&d, f->hash);
}

static int headerscan_read(struct headerscan *s)
{
	AUTO_BUF struct buf text = BUF_INIT;

	qsort(s->files, s->n, sizeof(*s->files), headerscan_by_path);
	for (size_t i = 0; i < s->n; i++) {
		int r;

		buf_reset(&text);
		r = fs_read(&s->e->root, s->files[i].path, CONTENT_MAX, &text);
		/* A call that includes a file that could not be read is not remembered. */
		if (r == -EFBIG || r == -EACCES)
			s->files[i].flags |= CONTENT_CLOCK;
		else if (r < 0)
			return r;
		headerscan_hash(s, &s->files[i], &text);
	}
	return 0;
}

/* ---- names and identity ---- */

static bool headerscan_is_header(const struct headerscan *s, const char *path)
{
	static const char *const upload[] = { "/generated/package.h", "/generated/compile.h",
					      "/generated/utsversion.h" };
	const char *rel = NULL;

	for (size_t i = 0; i < s->n_own && !rel; i++) {
		if (path_is_below(path, s->roots.v[i]))
			rel = path + strlen(s->roots.v[i]) + 1;
	}
	if (!rel || str_begins(rel, "scripts/") || str_begins(rel, "tools/"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(upload); i++) {
		if (str_ends(rel, upload[i]))
			return false;
	}
	return str_ends(rel, ".h") || strcmp(rel, "Module.symvers") == 0;
}

static void headerscan_sum(struct headerscan *s, struct headertable_head *head)
{
	struct digest names, identity;
	const char *link;

	digest_begin(&names);
	digest_begin(&identity);
	for (size_t i = 0; i < s->n; i++) {
		const struct headerscan_file *f = &s->files[i];
		AUTO_BUF struct buf masked = BUF_INIT;

		release_words_mask(&s->words, f->path, strlen(f->path), &masked);
		digest_add_string(&names, masked.s);
		if (!headerscan_is_header(s, f->path))
			continue;
		digest_add_string(&identity, masked.s);
		digest_add(&identity, f->hash, sizeof(f->hash));
	}
	strv_sort(&s->links);
	STRV_FOREACH (link, &s->links) {
		AUTO_BUF struct buf masked = BUF_INIT;

		release_words_mask(&s->words, link, strlen(link), &masked);
		digest_add_string(&names, masked.s);
	}
	digest_end_bytes(&names, head->names);
	digest_end_bytes(&identity, head->identity);
}

/* ---- the file ---- */

static void headerscan_seal(const char *table, size_t len, unsigned char ret[SHA256_SIZE])
{
	const size_t sealed = offsetof(struct headertable_head, stamp);
	struct digest d;

	digest_begin(&d);
	digest_add(&d, table + sealed, len - sealed);
	digest_end_bytes(&d, ret);
}

bool headerscan_whole(const struct headertable *t)
{
	unsigned char seal[SHA256_SIZE];

	headerscan_seal(t->map, t->len, seal);
	return memcmp(seal, t->head->seal, sizeof(seal)) == 0;
}

static void headerscan_print(const struct headerscan *s, struct headertable_head *head,
			     struct buf *b)
{
	AUTO_BUF struct buf strings = BUF_INIT;
	const char *root;

	head->n_roots = (uint32_t)s->roots.n;
	head->n_files = (uint32_t)s->n;
	buf_add(b, head, sizeof(*head));
	STRV_FOREACH (root, &s->roots) {
		uint32_t at = (uint32_t)strings.len;

		buf_add(b, &at, sizeof(at));
		buf_add(&strings, root, strlen(root) + 1);
	}
	for (size_t i = 0; i < s->n; i++) {
		struct headertable_file f = { (uint32_t)strings.len, s->files[i].flags, { 0 } };

		memcpy(f.hash, s->files[i].hash, sizeof(f.hash));
		buf_add(b, &f, sizeof(f));
		buf_add(&strings, s->files[i].path, strlen(s->files[i].path) + 1);
	}
	head->n_strings = (uint32_t)strings.len;
	buf_add(b, strings.s, strings.len);
	memcpy(b->s, head, sizeof(*head));
	headerscan_seal(b->s, b->len, ((struct headertable_head *)(void *)b->s)->seal);
}

static void headerscan_stamp(const struct headerscan *s, unsigned char ret[SHA256_SIZE])
{
	struct digest d;

	digest_begin(&d);
	digest_add_string(&d, s->stamp.hex);
	digest_end_bytes(&d, ret);
	/*
	 * A file that has just changed could change again within the same tick of the clock, and
	 * look the same.  So give such a stamp a value that never fits.
	 */
	if (s->stamp.newest_ns > s->stamp.begun_ns - SETTLE_NS)
		memset(ret, 0, SHA256_SIZE);
}

static bool headerscan_known(const struct engine *e, const char *path,
			     const unsigned char stamp[SHA256_SIZE], struct headertable *ret)
{
	static const unsigned char never[SHA256_SIZE];
	AUTO_FD int fd = fs_open_file(&e->root, path, O_NOFOLLOW);

	if (fd < 0 || headertable_map(fd, ret) < 0)
		return false;
	if (memcmp(stamp, never, sizeof(never)) != 0 &&
	    memcmp(stamp, ret->head->stamp, sizeof(never)) == 0 && headerscan_whole(ret))
		return true;
	headertable_close(ret);
	return false;
}

static int headerscan_store(struct headerscan *s, const char *path,
			    const unsigned char stamp[SHA256_SIZE])
{
	struct headertable_head head = { .magic = HEADERTABLE_MAGIC,
					 .begun_ns = s->stamp.begun_ns - TICK_NS };
	AUTO_FREE char *folder = path_parent(path);
	AUTO_BUF struct buf b = BUF_INIT;
	int r;

	memcpy(head.stamp, stamp, sizeof(head.stamp));
	headerscan_sum(s, &head);
	headerscan_print(s, &head, &b);
	r = fs_mkdir_p(&s->e->root, folder);
	return r < 0 ? r : atomic_write_file(&s->e->root, path, b.s, b.len, 0644);
}

int headerscan_table(struct engine *e, const char *release, const char *headers,
		     const struct strv *more, struct headertable *ret, char **ret_path)
{
	CLEANUP(headerscan_release)
	struct headerscan s = { .e = e, .roots = STRV_INIT, .links = STRV_INIT };
	AUTO_FREE char *path = tree_headers_table(e, release);
	unsigned char stamp[SHA256_SIZE];
	const char *folder;
	int r;

	release_words_init(&s.words, release);
	headerscan_add_root(&s, headers);
	STRV_FOREACH (folder, more)
		headerscan_add_root(&s, folder);
	s.n_own = s.roots.n;
	r = headerscan_walk(&s);
	if (r < 0)
		return r;
	headerscan_stamp(&s, stamp);
	if (!headerscan_known(e, path, stamp, ret)) {
		AUTO_FD int fd = -1;

		r = headerscan_read(&s);
		if (r == 0)
			r = headerscan_store(&s, path, stamp);
		fd = r < 0 ? r : fs_open_file(&e->root, path, O_NOFOLLOW);
		r = fd < 0 ? fd : headertable_map(fd, ret);
		if (r < 0)
			return r;
	}
	*ret_path = TAKE(path);
	return 0;
}
