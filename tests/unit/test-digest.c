/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/alloc.h"
#include "disk.h"
#include "engine/cache.h"
#include "engine/digest.h"
#include "module/elf.h"
#include "sys/fs.h"

#define OF_ABC	   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void known_values(void **state)
{
	unsigned char bytes[DIGEST_SIZE];
	char hex[DIGEST_HEX];
	struct digest d;

	(void)state;
	digest_bytes("abc", 3, hex);
	assert_string_equal(hex, OF_ABC);
	digest_bytes("", 0, hex);
	assert_string_equal(hex, OF_NOTHING);
	digest_begin(&d);
	digest_add(&d, "a", 1);
	digest_add(&d, "bc", 2);
	digest_end(&d, hex);
	assert_string_equal(hex, OF_ABC);
	digest_begin(&d);
	digest_add(&d, "abc", 3);
	digest_end_bytes(&d, bytes);
	assert_memory_equal(bytes, "\xba\x78\x16\xbf", 4);
	assert_int_equal(bytes[DIGEST_SIZE - 1], 0xad);
}

static void strings_keep_their_ends(void **state)
{
	char one[DIGEST_HEX], two[DIGEST_HEX];
	struct digest d;

	(void)state;
	digest_begin(&d);
	digest_add_string(&d, "a");
	digest_add_string(&d, "bc");
	digest_end(&d, one);
	digest_begin(&d);
	digest_add_string(&d, "ab");
	digest_add_string(&d, "c");
	digest_end(&d, two);
	assert_string_not_equal(one, two);
}

static void files(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *fifo = NULL, *big = xmalloc(1000000);
	char hex[DIGEST_HEX] = "untouched", same[DIGEST_HEX];

	disk_file(d, "/abc", "abc");
	disk_link(d, "/link", "/abc");
	disk_dir(d, "/folder");
	fifo = disk_host(d, "/fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(digest_file(&d->e.root, "/none", hex), -ENOENT);
	assert_int_equal(digest_file(&d->e.root, "/folder", hex), -EINVAL);
	assert_int_equal(digest_file(&d->e.root, "/fifo", hex), -EINVAL);
	assert_string_equal(hex, "untouched");
	assert_int_equal(digest_file(&d->e.root, "/link", hex), 0);
	assert_string_equal(hex, OF_ABC);
	memset(big, 'x', 1000000);
	disk_bytes(d, "/big", big, 1000000);
	assert_int_equal(digest_file(&d->e.root, "/big", hex), 0);
	digest_bytes(big, 1000000, same);
	assert_string_equal(hex, same);
	/* A sparse file. */
	disk_file(d, "/huge", "");
	free(fifo);
	fifo = disk_host(d, "/huge");
	assert_int_equal(truncate(fifo, ((off_t)4 << 30) + 1), 0);
	assert_int_equal(digest_file(&d->e.root, "/huge", hex), -EFBIG);
}

static struct stamp stamp_of(struct disk *d, const char *path)
{
	struct stamp s;
	struct stat st;

	stamp_begin(&s);
	stamp_add(&s, path, fs_stat(&d->e.root, path, &st) < 0 ? NULL : &st);
	stamp_end(&s);
	return s;
}

static struct stamp stamp_of_stat(const struct stat *st)
{
	struct stamp s;

	stamp_begin(&s);
	stamp_add(&s, "/path", st);
	stamp_end(&s);
	return s;
}

/* overlayfs gives a folder a new inode when the kernel has forgotten it, and itself a new device. */
static void new_numbers_of_overlayfs_are_no_change(void **state)
{
	struct stat st = { .st_mode = S_IFDIR | 0755, .st_ino = 3 };
	struct stamp before = stamp_of_stat(&st), after;

	(void)state;
	st.st_ino = 4;
	after = stamp_of_stat(&st);
	assert_string_equal(before.hex, after.hex);
	st.st_mode = S_IFREG | 0644;
	before = stamp_of_stat(&st);
	st.st_ino = 5;
	after = stamp_of_stat(&st);
	assert_string_not_equal(before.hex, after.hex);
	before = after;
	st.st_dev = makedev(0, 51); /* an overlay that was mounted again */
	after = stamp_of_stat(&st);
	assert_string_equal(before.hex, after.hex);
	st.st_dev = makedev(8, 1);
	after = stamp_of_stat(&st);
	assert_string_not_equal(before.hex, after.hex);
}

#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"

static void cache_remembers(void **state)
{
	struct disk *d = *state;
	AUTO_CACHE struct cache c, again;
	struct stamp before, after;

	disk_file(d, "/f", "one");
	cache_load(&d->e, "test", &c);
	c.settle_ns = 0;
	before = stamp_of(d, "/f");
	assert_null(cache_get(&c, "a key", &before));
	cache_put(&c, "a key", &before, ONE);
	cache_put(&c, "a key", &before, TWO);
	cache_put(&c, "other", &before, ONE);
	assert_int_equal(c.n, 2);
	assert_int_equal(cache_store(&d->e, &c), 0);
	assert_false(c.dirty);
	cache_load(&d->e, "test", &again);
	assert_string_equal(cache_get(&again, "a key", &before), TWO);
	disk_file(d, "/f", "longer");
	after = stamp_of(d, "/f");
	assert_null(cache_get(&again, "a key", &after));
	assert_null(cache_get(NULL, "a key", &after));
	cache_put(NULL, "a key", &after, "");
}

static void cache_waits_until_settled(void **state)
{
	struct disk *d = *state;
	AUTO_CACHE struct cache c;
	struct stamp s;

	disk_file(d, "/f", "just now");
	cache_load(&d->e, "test", &c);
	s = stamp_of(d, "/f");
	cache_put(&c, "f", &s, "value");
	assert_null(cache_get(&c, "f", &s));
	assert_int_equal(cache_store(&d->e, &c), 0);
	assert_false(fs_exists(&d->e.root, "/var/lib/dkms/.native"));
}

static void damaged_cache_is_empty(void **state)
{
	struct disk *d = *state;
	struct stamp s = stamp_of(d, "/");
	static const char *const bad[] = { "hash broken", "hash k " TWO " v", "hash k v " TWO,
					   "hash " TWO, "kash k " TWO " " ONE };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_FREE char *text =
			xasprintf("dkms-cache 1\nhash k %s " ONE "\n%s\nend\n", s.hex, bad[i]);
		AUTO_CACHE struct cache c;

		disk_file(d, "/var/lib/dkms/.native/cache/test", text);
		cache_load(&d->e, "test", &c);
		assert_int_equal(c.n, 0);
		assert_null(cache_get(&c, "k", &s));
	}
}

static void stamp_sees_absence(void **state)
{
	struct disk *d = *state;
	struct stamp gone = stamp_of(d, "/f"), there;

	disk_file(d, "/f", "");
	there = stamp_of(d, "/f");
	assert_string_not_equal(gone.hex, there.hex);
}

static void elf_sections(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf self = BUF_INIT, comment = BUF_INIT;
	struct root machine;

	assert_int_equal(root_open("/", &machine), 0);
	assert_int_equal(elf_read_section(&machine, "/proc/self/exe", ".interp", 4096, &comment),
			 0);
	assert_int_equal(comment.s[0], '/');
	assert_int_equal(elf_read_section(&machine, "/proc/self/exe", ".none", 4096, &comment),
			 -ENOENT);
	assert_int_equal(elf_read_section(&machine, "/proc/self/exe", ".text", 1, &comment),
			 -EBADMSG);
	assert_int_equal(fs_read(&machine, "/proc/self/exe", 64 << 20, &self), 0);
	root_close(&machine);
	/* Cut off anywhere, it is an error, not a crash. */
	for (size_t n = 0; n < self.len; n += n < 200 ? 1 : self.len / 50) {
		disk_bytes(d, "/cut", self.s, n);
		assert_true(elf_read_section(&d->e.root, "/cut", ".comment", 65536, &comment) < 0);
	}
	memset(self.s + 16, 0xff, 48);
	disk_bytes(d, "/bad", self.s, self.len);
	assert_int_equal(elf_read_section(&d->e.root, "/bad", ".comment", 65536, &comment),
			 -EBADMSG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(strings_keep_their_ends),
		DISK_TEST(files),
		cmocka_unit_test(new_numbers_of_overlayfs_are_no_change),
		DISK_TEST(cache_remembers),
		DISK_TEST(cache_waits_until_settled),
		DISK_TEST(damaged_cache_is_empty),
		DISK_TEST(stamp_sees_absence),
		DISK_TEST(elf_sections),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
