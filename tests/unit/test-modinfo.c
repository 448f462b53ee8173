/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "disk.h"
#include "engine/kerneltree.h"
#include "engine/modinfo.h"
#include "kofile.h"

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
	assert_string_equal(info.signer, "");
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

	/* The listing serves the whole run: what goes is left out, what comes has to be noted. */
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

#define DISK_TEST(fn) cmocka_unit_test_setup_teardown(fn, disk_setup, disk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DISK_TEST(fields_are_read),
		DISK_TEST(compressed_modules_are_read),
		DISK_TEST(what_is_no_module_is_refused),
		DISK_TEST(elf_headers_are_read),
		DISK_TEST(every_cut_of_a_module_is_noticed),
		cmocka_unit_test(machines_have_names),
		DISK_TEST(the_loader_is_asked),
		cmocka_unit_test(module_names_of_files),
		DISK_TEST(files_are_found_in_dkms_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
