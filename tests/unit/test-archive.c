/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/archive.h"

#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "disk.h"

#define TAR "/a.tar"

/* ---- archives by hand ---- */

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[8], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};

static void pad(struct buf *b)
{
	while (b->len % 512)
		buf_add(b, "", 1);
}

/* data NULL: none; size: what the header says. */
static void add_sized(struct buf *b, char type, const char *name, const char *link,
		      const char *data, unsigned long long size, unsigned int mode)
{
	struct header h = { .type = type, .magic = "ustar\00000" };
	unsigned int sum = 0;

	memcpy(h.name, name, strlen(name));
	memcpy(h.link, link, strlen(link));
	snprintf(h.mode, sizeof(h.mode), "%07o", mode);
	snprintf(h.uid, sizeof(h.uid), "%07o", 1234);
	snprintf(h.gid, sizeof(h.gid), "%07o", 1234);
	snprintf(h.size, sizeof(h.size), "%011llo", size & 077777777777);
	snprintf(h.mtime, sizeof(h.mtime), "%011o", 1000000000);
	memset(h.sum, ' ', sizeof(h.sum));
	for (size_t i = 0; i < sizeof(h); i++)
		sum += ((unsigned char *)&h)[i];
	snprintf(h.sum, sizeof(h.sum), "%06o", sum);
	buf_add(b, &h, sizeof(h));
	if (data)
		buf_add(b, data, strlen(data));
	pad(b);
}

static void add(struct buf *b, char type, const char *name, const char *link, const char *data)
{
	add_sized(b, type, name, link, data, data ? strlen(data) : 0, type == '5' ? 0755 : 0644);
}

static void end(struct buf *b)
{
	for (int i = 0; i < 1024; i++)
		buf_add(b, "", 1);
}

static int unpack_file(struct disk *d, const char *path, const struct member_limits *limits,
		       struct err *err)
{
	if (!fs_is_dir(&d->e.root, "/to"))
		disk_dir(d, "/to");
	return tarball_unpack(&d->e, path, "/to", limits, err);
}

static int unpack(struct disk *d, const struct buf *b, struct err *err)
{
	disk_bytes(d, TAR, b->s, b->len);
	return unpack_file(d, TAR, NULL, err);
}

static void assert_nothing(struct disk *d)
{
	AUTO_STRV struct strv names = STRV_INIT;

	assert_int_equal(fs_list(&d->e.root, "/to", &names), 0);
	assert_int_equal(names.n, 0);
}

/* It is refused with this text, and nothing is written. */
static void expect_refused(struct disk *d, const struct buf *b, const char *words)
{
	AUTO_ERR struct err err = ERR_INIT;

	assert_int_equal(unpack(d, b, &err), -E_ARCHIVE_BAD);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in: %s", words, err.text);
	assert_non_null(strstr(err.text, TAR));
	assert_int_equal(err_status(&err), 7);
	assert_nothing(d);
}

/* ---- reading ---- */

static void hostile_members(void **state)
{
	static const struct {
		char type;
		const char *name, *link, *words;
	} cases[] = {
		{ '0', "/etc/passwd", "", "absolute name" },
		{ '0', "../x", "", "\"..\"" },
		{ '0', "a/../../x", "", "\"..\"" },
		{ '0', "a\nb", "", "control character" },
		{ '2', "x", "/etc", "absolute" },
		{ '2', "x", "../y", "leads out" },
		{ '2', "x", "a/../..", "after a name" },
		{ '1', "x", "/etc/passwd", "absolute name" },
		{ '1', "x", "../../etc/passwd", "\"..\"" },
		{ '1', "x", "nothing", "no file before it" },
		{ '3', "dev", "", "device" },
		{ '4', "dev", "", "device" },
		{ '6', "fifo", "", "device, fifo or socket" },
		{ '0', "good", "", "twice" },
		{ '0', "good/x", "", "below good" },
	};
	struct disk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_BUF struct buf b = BUF_INIT;

		add(&b, '0', "good", "", "text\n");
		add(&b, cases[i].type, cases[i].name, cases[i].link, NULL);
		end(&b);
		expect_refused(d, &b, cases[i].words);
	}
	assert_false(fs_exists(&d->e.root, "/x"));
}

/* The classic attack: a symlink, then a member below it. */
static void nothing_goes_through_a_link(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_BUF struct buf c = BUF_INIT;

	disk_dir(d, "/outside");
	add(&b, '2', "x", "../outside", NULL);
	add(&b, '0', "x/file", "", "text");
	end(&b);
	expect_refused(d, &b, "x");
	add(&c, '5', "sub", "", NULL);
	add(&c, '2', "sub/x", "..", NULL);
	add(&c, '0', "sub/x/file", "", "text");
	end(&c);
	expect_refused(d, &c, "which is a link");
	assert_false(fs_exists(&d->e.root, "/outside/file"));
}

static void truncated(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;
	size_t whole;

	add(&b, '0', "a", "", "text\n");
	add(&b, '0', "b", "", "more\n");
	whole = b.len;
	end(&b);
	for (size_t len = whole; len > 0; len -= 256) {
		AUTO_BUF struct buf cut = BUF_INIT;

		buf_add(&cut, b.s, len);
		expect_refused(d, &cut, "cannot be unpacked");
	}
}

static void run(struct disk *d, const char *fmt)
{
	AUTO_FREE char *command = xasprintf("cd %s && %s", d->dir, fmt);

	assert_int_equal(system(command), 0);
}

static void truncated_compressed(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	for (unsigned int i = 0; i < 100000; i++)
		buf_addf(&text, "%u ", i * 2654435761u);
	add(&b, '0', "a", "", text.s);
	end(&b);
	disk_bytes(d, TAR, b.s, b.len);
	run(d, "gzip -k a.tar && head -c 100000 a.tar.gz >cut.tar.gz");
	assert_int_equal(unpack_file(d, "/cut.tar.gz", NULL, &err), -E_ARCHIVE_BAD);
	assert_nothing(d);
	assert_int_equal(unpack_file(d, "/a.tar.gz", NULL, &err), 0);
}

static void no_archives(void **state)
{
	static const char *const texts[] = { "", "hello\n", "#!/bin/sh\nrm -rf /\n", "PK\3\4" };
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf zeros = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_BUF struct buf b = BUF_INIT;

		buf_adds(&b, texts[i]);
		expect_refused(d, &b, "cannot be unpacked");
	}
	end(&zeros);
	expect_refused(d, &zeros, "empty");
	assert_int_equal(unpack_file(d, "/missing", NULL, &err), -E_ARCHIVE_MISSING);
	assert_int_equal(err_status(&err), 2);
	disk_dir(d, "/folder");
	assert_int_equal(unpack_file(d, "/folder", NULL, &err), -E_ARCHIVE_BAD);
}

static void bombs(void **state)
{
	const struct member_limits small = {
		.count = 3, .bytes = 1000, .free_rise = 500, .rise = 2
	};
	struct disk *d = *state;
	AUTO_BUF struct buf count = BUF_INIT;
	AUTO_BUF struct buf big = BUF_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	for (int i = 0; i < 4; i++) {
		AUTO_FREE char *name = xasprintf("f%d", i);

		add(&count, '0', name, "", "");
	}
	end(&count);
	disk_bytes(d, TAR, count.s, count.len);
	assert_int_equal(unpack_file(d, TAR, &small, &err), -E_ARCHIVE_BAD);
	assert_non_null(strstr(err.text, "more than 3 members"));
	/* The size in the header is enough to refuse it. */
	add_sized(&big, '0', "f", "", NULL, 5ULL << 30, 0644);
	end(&big);
	expect_refused(d, &big, "more than 4294967296 bytes");
	assert_nothing(d);
}

/* 300 MB of zeros in 50 kB; as a sparse file they are refused at once. */
static void compressed_bomb(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;

	run(d, "mkdir bomb && truncate -s 300M bomb/f && tar -C bomb -cf - . "
	       "| xz -0 >bomb.tar.xz && rm -r bomb");
	assert_int_equal(unpack_file(d, "/bomb.tar.xz", NULL, &err), -E_ARCHIVE_BAD);
	assert_non_null(strstr(err.text, "1000 times its size"));
	run(d, "truncate -s 300M f && tar -Scf hole.tar f && rm f");
	assert_int_equal(unpack_file(d, "/hole.tar", NULL, &err), -E_ARCHIVE_BAD);
	assert_non_null(strstr(err.text, "file with holes"));
	assert_nothing(d);
}

/*
 * Compressed several times over, 100 kB expand to 40 GB of empty streams.  Unpacking them would
 * take minutes before the first member.
 */
static void packed_in_packed(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	add(&b, '0', "a", "", "text\n");
	end(&b);
	disk_bytes(d, TAR, b.s, b.len);
	run(d, "gzip -c a.tar | gzip -c >twice.tar.gz");
	assert_int_equal(unpack_file(d, "/twice.tar.gz", NULL, &err), -E_ARCHIVE_BAD);
	run(d, "gzip </dev/null >e1 && for i in $(seq 16); do cat e1 e1 >e2; mv e2 e1; done; "
	       "gzip -9 <e1 >l2 && for i in $(seq 15); do cat l2 l2 >e2; mv e2 l2; done; "
	       "gzip -9 <l2 >bomb.tar.gz && rm e1 l2");
	alarm(120);
	assert_int_equal(unpack_file(d, "/bomb.tar.gz", NULL, &err), -E_ARCHIVE_BAD);
	alarm(0);
	assert_nothing(d);
}

static void content_in_a_link(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;

	/* POSIX has hard links with content, when its extended headers come first. */
	add(&b, '0', "a", "", "text\n");
	add(&b, 'x', "pax", "", "11 size=5\n");
	add_sized(&b, '1', "b", "a", "more\n", 5, 0644);
	end(&b);
	expect_refused(d, &b, "content in what is no file");
}

static void good_archive(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *target = NULL;
	struct stat st;

	add(&b, '5', "./", "", NULL);
	add(&b, '0', "./sub/deep/a", "", "text\n");
	add_sized(&b, '0', "suid", "", "x", 1, 06777);
	add(&b, '2', "sub/link", "../suid", NULL);
	add(&b, '1', "./hard", "./sub/deep/a", NULL);
	add_sized(&b, '5', "closed", "", NULL, 0, 0);
	add(&b, '0', "closed/f", "", "in\n");
	end(&b);
	if (unpack(d, &b, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(fs_read(&d->e.root, "/to/hard", 100, &text), 0);
	assert_string_equal(text.s, "text\n");
	assert_int_equal(fs_lstat(&d->e.root, "/to/suid", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(st.st_mtime, 1000000000);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(fs_readlink(&d->e.root, "/to/sub/link", &target), 0);
	assert_string_equal(target, "../suid");
	assert_true(fs_is_file(&d->e.root, "/to/closed/f"));
	assert_int_equal(fs_stat(&d->e.root, "/to/closed", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void every_compression(void **state)
{
	static const char *const commands[] = { "cat",	  "gzip", "bzip2", "xz", "xz --format=lzma",
						"zstd -q" };
	struct disk *d = *state;

	run(d, "mkdir src && echo text >src/f\xc3\xa9");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		AUTO_ERR struct err err = ERR_INIT;
		AUTO_FREE char *command =
			xasprintf("tar -C src --format=pax -cf - . | %s >x.tar.z", commands[i]);

		run(d, command);
		if (unpack_file(d, "/x.tar.z", NULL, &err) < 0)
			fail_msg("%s: %s", commands[i], err.text);
		assert_true(fs_is_file(&d->e.root, "/to/f\xc3\xa9"));
		disk_remove(d, "/to");
	}
}

/* ---- writing ---- */

static int write_one(struct disk *d, const char *path, struct err *err)
{
	AUTO_STRV struct strv leave = STRV_INIT;
	struct tarball *w = NULL;
	int r = tarball_begin(&d->e, path, &w, err);

	if (r < 0)
		return r;
	strv_add(&leave, "record");
	tarball_add_folder(w, "", "/src");
	tarball_add_tree(w, "tree", "/src", &leave);
	tarball_add_text(w, "NAME", "foo\n");
	tarball_add_file(w, "copy", "/src/f");
	r = tarball_commit(w, err);
	tarball_end(w);
	return r;
}

static void put_source(struct disk *d)
{
	AUTO_FREE char *fifo = disk_host(d, "/src/fifo");

	disk_file(d, "/src/f", "text\n");
	disk_file(d, "/src/record", "ours\n");
	disk_file(d, "/src/sub/record", "theirs\n");
	disk_link(d, "/src/sub/link", "../f");
	assert_int_equal(mkfifo(fifo, 0600), 0);
}

static void tar_reads_what_we_write(void **state)
{
	static const char *const names[] = { "a.tar", "a.tar.gz", "a.tar.xz", "a.tar.zst",
					     "a.tbz2" };
	struct disk *d = *state;

	put_source(d);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_ERR struct err err = ERR_INIT;
		AUTO_FREE char *path = xasprintf("/%s", names[i]);
		AUTO_FREE char *command = xasprintf(
			"tar -taf %s | LC_ALL=C sort | tr '\\n' ' ' >list && "
			"test \"$(cat list)\" = './ ./NAME ./copy ./tree/ ./tree/f ./tree/sub/ "
			"./tree/sub/link ./tree/sub/record ' && mkdir out && tar -xaf %s -C out && "
			"cmp src/f out/tree/f && test \"$(cat out/NAME)\" = foo && "
			"test \"$(readlink out/tree/sub/link)\" = ../f && rm -r out list",
			names[i], names[i]);

		if (write_one(d, path, &err) < 0)
			fail_msg("%s", err.text);
		run(d, command);
		assert_int_equal(unpack_file(d, path, NULL, &err), 0);
		disk_remove(d, "/to");
	}
}

static void the_same_tree_is_the_same_archive(void **state)
{
	struct disk *d = *state;

	put_source(d);
	assert_int_equal(write_one(d, "/a.tar.gz", NULL), 0);
	assert_int_equal(write_one(d, "/b.tar.gz", NULL), 0);
	run(d, "cmp a.tar.gz b.tar.gz");
}

/* An archive that fails leaves what was there before. */
static void failing_leaves_the_old_one(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_STRV struct strv names = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct tarball *w = NULL;

	disk_file(d, "/out/a.tar", "old");
	assert_int_equal(tarball_begin(&d->e, "/out/a.tar", &w, &err), 0);
	tarball_add_text(w, "x", "y");
	tarball_add_file(w, "z", "/missing");
	tarball_add_text(w, "after", "y");
	assert_int_equal(tarball_commit(w, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/missing"));
	tarball_end(w);
	assert_int_equal(fs_read(&d->e.root, "/out/a.tar", 100, &b), 0);
	assert_string_equal(b.s, "old");
	assert_int_equal(fs_list(&d->e.root, "/out", &names), 0);
	assert_int_equal(names.n, 1);
	assert_int_equal(tarball_begin(&d->e, "/nowhere/a.tar", &w, &err), -ENOENT);
}

/* ---- a build without libarchive ---- */

static void says_that_it_cannot(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;
	struct tarball *w = NULL;

	assert_true(tarball_unpack(&d->e, TAR, "/to", NULL, &err) < 0);
	assert_non_null(strstr(err.text, "--without-libarchive"));
	assert_true(tarball_begin(&d->e, TAR, &w, &err) < 0);
	assert_non_null(strstr(err.text, "--without-libarchive"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DISK_TEST(hostile_members),
		DISK_TEST(nothing_goes_through_a_link),
		DISK_TEST(truncated),
		DISK_TEST(truncated_compressed),
		DISK_TEST(no_archives),
		DISK_TEST(bombs),
		DISK_TEST(compressed_bomb),
		DISK_TEST(packed_in_packed),
		DISK_TEST(content_in_a_link),
		DISK_TEST(good_archive),
		DISK_TEST(every_compression),
		DISK_TEST(tar_reads_what_we_write),
		DISK_TEST(the_same_tree_is_the_same_archive),
		DISK_TEST(failing_leaves_the_old_one),
	};
	const struct CMUnitTest without[] = { DISK_TEST(says_that_it_cannot) };

	return tarball_supported() ? cmocka_run_group_tests(tests, NULL, NULL)
				   : cmocka_run_group_tests(without, NULL, NULL);
}
