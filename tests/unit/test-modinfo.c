/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "disk.h"
#include "engine/packed.h"
#include "kofile.h"
#include "module/kerneltree.h"
#include "module/modindex.h"
#include "module/modinfo.h"
#include "sys/fs.h"

static const struct kofile good = { .machine = EM_X86_64,
				    .type = ET_REL,
				    .version = "1.2",
				    .srcversion = "ABC",
				    .name = "foo",
				    .vermagic = "6.1.0-56-amd64 SMP mod_unload" };

static void put_ko(struct disk *d, const char *path, const struct kofile *ko, size_t cut)
{
	AUTO_BUF struct buf b = BUF_INIT;

	kofile_make(ko, &b);
	disk_bytes(d, path, b.s, b.len - cut);
}

static void fields_are_read(void **state)
{
	struct disk *d = *state;
	AUTO_MODINFO struct modinfo info = { 0 };
	AUTO_FREE char *release = NULL;

	put_ko(d, "/foo.ko", &good, 0);
	assert_int_equal(modinfo_read(&d->e.root, "/foo.ko", &info), 0);
	assert_string_equal(info.version, "1.2");
	assert_string_equal(info.srcversion, "ABC");
	assert_string_equal(info.name, "foo");
	release = modinfo_release_word(&info);
	assert_string_equal(release, "6.1.0-56-amd64");
}

static void compressed_modules_are_read(void **state)
{
	static const char *const tools[] = { "gzip", "xz", "zstd" };
	static const char *const names[] = { "/foo.ko.gz", "/foo.ko.xz", "/foo.ko.zst" };
	struct disk *d = *state;

	put_ko(d, "/foo.ko", &good, 0);
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		AUTO_MODINFO struct modinfo info = { 0 };
		AUTO_FREE char *command =
			xasprintf("%s -c %s/foo.ko >%s%s", tools[i], d->dir, d->dir, names[i]);

		assert_int_equal(system(command), 0);
		assert_int_equal(modinfo_read(&d->e.root, names[i], &info), 0);
		assert_string_equal(info.version, "1.2");
	}
}

/* Flip each bit of a small module: it is read or refused, without a crash. */
static void every_bit_may_be_wrong(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;
	size_t refused = 0;

	kofile_make(&good, &b);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		struct modinfo info = { 0 };
		struct modelf m = { 0 };

		b.s[bit / 8] = (char)(b.s[bit / 8] ^ 1 << bit % 8);
		disk_bytes(d, "/x.ko", b.s, b.len);
		refused += modinfo_read(&d->e.root, "/x.ko", &info) < 0;
		refused += modelf_read(&d->e.root, "/x.ko", &m) < 0;
		modinfo_release(&info);
		b.s[bit / 8] = (char)(b.s[bit / 8] ^ 1 << bit % 8);
	}
	assert_true(refused > 0 && refused < b.len * 8);
}

static void small_files_of_gigabytes_are_refused(void **state)
{
	struct disk *d = *state;
	static const struct {
		const char *command, *name;
	} bombs[] = {
		{ "head -c 64M /dev/zero | gzip -9", "/bomb.ko.gz" },
		{ "head -c 64M /dev/zero | xz -0", "/bomb.ko.xz" },
		{ "head -c 1G /dev/zero | zstd -q", "/bomb.ko.zst" },
		/* A compression window larger than any that modules are made with. */
		{ "head -c 1G /dev/zero | zstd -q --long=30", "/window.ko.zst" },
	};

	assert_int_equal(packed_limit(1000), (16 << 20) + 100000);
	assert_int_equal(packed_limit(UINT64_MAX), 512 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(bombs); i++) {
		AUTO_FREE char *command =
			xasprintf("%s >%s%s", bombs[i].command, d->dir, bombs[i].name);
		struct modinfo info = { 0 };
		int r;

		assert_int_equal(system(command), 0);
		r = modinfo_read(&d->e.root, bombs[i].name, &info);
		assert_true(r == -EFBIG || (i == 3 && r == -ENOEXEC));
	}
}

static void what_is_no_file_is_refused(void **state)
{
	struct disk *d = *state;
	struct modinfo info = { 0 };
	struct modelf m;

	disk_dir(d, "/dir.ko");
	assert_int_equal(mkfifoat(d->e.root.fd, "fifo.ko", 0600), 0);
	disk_link(d, "/zero.ko", "/dev/zero");
	disk_dir(d, "/dev");
	assert_int_equal(mkfifoat(d->e.root.fd, "dev/zero", 0600), 0);
	assert_int_equal(modinfo_read(&d->e.root, "/dir.ko", &info), -EINVAL);
	assert_int_equal(modinfo_read(&d->e.root, "/fifo.ko", &info), -EINVAL);
	assert_int_equal(modinfo_read(&d->e.root, "/zero.ko", &info), -EINVAL);
	assert_int_equal(modelf_read(&d->e.root, "/fifo.ko", &m), -EINVAL);
}

static void what_is_no_module_is_refused(void **state)
{
	struct disk *d = *state;
	struct modinfo info = { 0 };

	disk_file(d, "/empty.ko", "");
	disk_file(d, "/text.ko", "#!/bin/sh\n");
	disk_bytes(d, "/bad.ko.gz", "\x1f\x8b\x08garbage", 10);
	assert_true(modinfo_read(&d->e.root, "/empty.ko", &info) < 0);
	assert_true(modinfo_read(&d->e.root, "/text.ko", &info) < 0);
	assert_true(modinfo_read(&d->e.root, "/bad.ko.gz", &info) < 0);
	assert_int_equal(modinfo_read(&d->e.root, "/none.ko", &info), -ENOENT);
	assert_null(info.version);
}

static void elf_of(struct disk *d, const struct kofile *ko, size_t cut, struct modelf *ret)
{
	put_ko(d, "/x.ko", ko, cut);
	assert_int_equal(modelf_read(&d->e.root, "/x.ko", ret), 0);
}

static void elf_headers_are_read(void **state)
{
	struct disk *d = *state;
	struct kofile arm = good, program = good;
	struct modelf m;

	elf_of(d, &good, 0, &m);
	assert_int_equal(m.machine, EM_X86_64);
	assert_int_equal(m.bits, 64);
	assert_true(m.relocatable && m.whole && m.has_modinfo);
	elf_of(d, &good, 1, &m);
	assert_false(m.whole);
	elf_of(d, &good, 200, &m);
	assert_false(m.whole);
	arm.machine = EM_AARCH64;
	elf_of(d, &arm, 0, &m);
	assert_int_equal(m.machine, EM_AARCH64);
	program.type = ET_DYN;
	elf_of(d, &program, 0, &m);
	assert_false(m.relocatable);
	disk_file(d, "/empty.ko", "");
	assert_int_equal(modelf_read(&d->e.root, "/empty.ko", &m), -ENOEXEC);
	disk_file(d, "/short.ko", "\177ELF");
	assert_int_equal(modelf_read(&d->e.root, "/short.ko", &m), -ENOEXEC);
}

static void every_cut_of_a_module_is_noticed(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;

	kofile_make(&good, &b);
	for (size_t len = 0; len < b.len; len += 7) {
		struct modelf m = { 0 };
		int r;

		disk_bytes(d, "/x.ko", b.s, len);
		r = modelf_read(&d->e.root, "/x.ko", &m);
		assert_true(r == -ENOEXEC || !m.whole);
	}
}

static void machines_have_names(void **state)
{
	(void)state;
	assert_int_equal(modelf_machine("x86_64"), EM_X86_64);
	assert_int_equal(modelf_machine("aarch64"), EM_AARCH64);
	assert_int_equal(modelf_machine("vax"), 0);
	assert_string_equal(modelf_machine_text(EM_X86_64), "x86-64");
}

static void the_loader_is_asked(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *path = NULL, *command = NULL;

	put_ko(d, "/lib/modules/6.1/updates/foo-bar.ko", &good, 0);
	command = xasprintf("depmod -b %s 6.1 2>/dev/null", d->dir);
	disk_file(d, "/lib/modules/6.1/modules.order", "");
	disk_file(d, "/lib/modules/6.1/modules.builtin", "");
	assert_int_equal(system(command), 0);
	assert_int_equal(modinfo_lookup(&d->e.root, "/lib/modules/6.1", "foo_bar", &path), 0);
	assert_string_equal(path, "/lib/modules/6.1/updates/foo-bar.ko");
	assert_int_equal(modinfo_lookup(&d->e.root, "/lib/modules/6.1", "other", &path), -ENOENT);
}

/* Flip each bit of an index: the name is found or not, without a crash. */
static void every_bit_of_an_index_may_be_wrong(void **state)
{
	struct disk *d = *state;
	static const char *const names[] = { "foo_bar", "foo", "fob", "abc", "x", "" };
	AUTO_FREE char *command = xasprintf("depmod -b %s 6.1 2>/dev/null", d->dir);
	AUTO_BUF struct buf b = BUF_INIT;
	size_t wrong = 0;

	for (size_t i = 0; i + 1 < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *path = xasprintf("/lib/modules/6.1/updates/%s.ko", names[i]);

		put_ko(d, path, &good, 0);
	}
	disk_file(d, "/lib/modules/6.1/modules.order", "");
	disk_file(d, "/lib/modules/6.1/modules.builtin", "");
	assert_int_equal(system(command), 0);
	assert_int_equal(fs_read(&d->e.root, "/lib/modules/6.1/modules.dep.bin", 1 << 20, &b), 0);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		b.s[bit / 8] = (char)(b.s[bit / 8] ^ 1 << bit % 8);
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			const char *line = NULL;
			int r = modindex_find(b.s, b.len, names[i], &line);

			wrong += r < 0;
			assert_true(r < 0 || (line > b.s && line < b.s + b.len));
		}
		b.s[bit / 8] = (char)(b.s[bit / 8] ^ 1 << bit % 8);
	}
	assert_true(wrong > b.len * 8 && wrong < b.len * 8 * ARRAY_SIZE(names));
	for (size_t len = 0; len < b.len; len++) {
		AUTO_FREE char *cut = xmalloc(len + 1);
		const char *line;

		memcpy(cut, b.s, len);
		cut[len] = '\0';
		wrong += modindex_find(cut, len, "foo_bar", &line) < 0;
	}
}

static void module_names_of_files(void **state)
{
	static const struct {
		const char *file, *name;
	} cases[] = {
		{ "foo.ko", "foo" },	{ "foo-bar.ko.xz", "foo_bar" }, { "foo.ko.zst", "foo" },
		{ "foo.ko.gz", "foo" }, { "foo.ko.origin", NULL },	{ "foo.o", NULL },
		{ ".ko", NULL },	{ "foo.ko.bak", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *name = kerneltree_module_name(cases[i].file);

		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		else
			assert_null(name);
	}
}

static void files_are_found_in_dkms_order(void **state)
{
	struct disk *d = *state;
	AUTO_KERNELTREE_FILES struct kerneltree_files f = { 0 };
	AUTO_STRV struct strv names = STRV_INIT;

	strv_add(&names, "a-b");
	disk_file(d, "/lib/modules/K/kernel/a_b.ko", "");
	disk_file(d, "/lib/modules/K/updates/dkms/a-b.ko.xz", "");
	disk_file(d, "/lib/modules/K/extra/a-b.ko", "");
	disk_file(d, "/lib/modules/K/kernel/a_b.ko.txt", "");
	disk_dir(d, "/lib/modules/K/kernel/x/a_b.ko");
	disk_link(d, "/lib/modules/K/build", "/elsewhere");
	disk_file(d, "/elsewhere/a_b.ko", "");
	assert_int_equal(kerneltree_find(&d->e, "K", &names, &f), 0);
	assert_int_equal(f.n, 3);
	assert_string_equal(f.v[0].path, "/lib/modules/K/extra/a-b.ko");
	assert_string_equal(f.v[1].path, "/lib/modules/K/updates/dkms/a-b.ko.xz");
	assert_string_equal(f.v[2].path, "/lib/modules/K/kernel/a_b.ko");
	kerneltree_files_release(&f);

	/* The listing serves the whole run: removed files are left out, new ones must be noted. */
	disk_file(d, "/lib/modules/K/updates/a-b.ko", "");
	assert_int_equal(unlinkat(d->e.root.fd, "lib/modules/K/kernel/a_b.ko", 0), 0);
	assert_int_equal(kerneltree_find(&d->e, "K", &names, &f), 0);
	assert_int_equal(f.n, 2);
	kerneltree_files_release(&f);
	kerneltree_note(&d->e, "K", "/lib/modules/K/updates/a-b.ko");
	kerneltree_note(&d->e, "K", "/lib/modules/K/updates/a-b.ko");
	assert_int_equal(kerneltree_find(&d->e, "K", &names, &f), 0);
	assert_int_equal(f.n, 3);
	assert_string_equal(f.v[1].path, "/lib/modules/K/updates/a-b.ko");
	kerneltree_files_release(&f);
	assert_int_equal(kerneltree_find(&d->e, "none", &names, &f), 0);
	assert_int_equal(f.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DISK_TEST(fields_are_read),
		DISK_TEST(compressed_modules_are_read),
		DISK_TEST(every_bit_may_be_wrong),
		DISK_TEST(small_files_of_gigabytes_are_refused),
		DISK_TEST(what_is_no_file_is_refused),
		DISK_TEST(what_is_no_module_is_refused),
		DISK_TEST(elf_headers_are_read),
		DISK_TEST(every_cut_of_a_module_is_noticed),
		cmocka_unit_test(machines_have_names),
		DISK_TEST(the_loader_is_asked),
		DISK_TEST(every_bit_of_an_index_may_be_wrong),
		cmocka_unit_test(module_names_of_files),
		DISK_TEST(files_are_found_in_dkms_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
