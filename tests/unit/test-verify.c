/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dkms verify reads: EFI variables, boot loaders, images, a whole root. */
#include "unit.h"

#include "base/text.h"
#include "build/mok.h"
#include "build/signature.h"
#include "disk.h"
#include "madeko.h"
#include "verify/cpio.h"
#include "verify/efilist.h"
#include "verify/image.h"
#include "verify/verify.h"
#include "verify/boot.h"

#define K     "6.1.0-56-amd64"
#define OLD   "6.1.0-55-amd64"
#define EFI   "/sys/firmware/efi/efivars/"
#define DB    EFI "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f"
#define DBX   EFI "dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f"
#define MOKS  EFI "MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23"
#define MOKS1 EFI "MokListRT1-605dab50-e046-4300-abb6-3dd810dd8b23"
#define SB    EFI "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SETUP EFI "SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* ---- EFI ---- */

static const char x509[] = "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72";
static const char sha256[] = "\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28";

static void add_number(struct buf *b, size_t n)
{
	const unsigned char p[4] = { (unsigned char)n, (unsigned char)(n >> 8),
				     (unsigned char)(n >> 16), (unsigned char)(n >> 24) };

	buf_add(b, p, 4);
}

static void add_list(struct buf *b, const char *type, const void *data, size_t len)
{
	buf_add(b, type, 16);
	add_number(b, 28 + 16 + len);
	add_number(b, 0);
	add_number(b, 16 + len);
	buf_add(b, "0123456789abcdef", 16);
	buf_add(b, data, len);
}

/* An attribute is before the value of each variable. */
static void set_list(struct disk *d, const char *path, const char *type, const struct buf *data)
{
	AUTO_BUF struct buf b = BUF_INIT;

	buf_add(&b, "\7\0\0\0", 4);
	add_list(&b, type, data->s, data->len);
	disk_bytes(d, path, b.s, b.len);
}

static void new_certificate(struct buf *ret)
{
	AUTO_BUF struct buf key = BUF_INIT;
	AUTO_FREE char *why = NULL;

	assert_int_equal(mok_make(&key, ret, &why), 0);
}

static void count_entry(enum efilist_type type, const void *data, size_t len, void *arg)
{
	(void)type;
	assert_non_null(data);
	assert_true(len > 0);
	++*(size_t *)arg;
}

static void test_lists(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;
	char hash[32] = { 1 };
	size_t n = 0, all;

	(void)state;
	add_list(&b, x509, "certificate", 11);
	add_list(&b, "unknown type 123", "something", 9);
	add_list(&b, sha256, hash, 32);
	assert_int_equal(efilist_parse(b.s, b.len, count_entry, &n), 0);
	assert_int_equal(n, 2);
	for (all = 1; all < b.len; all++) {
		n = 0;
		if (efilist_parse(b.s, all, count_entry, &n) == 0)
			assert_true(all == 28 + 16 + 11 || all == 28 + 16 + 11 + 28 + 16 + 9);
	}
	memset(b.s + 16, 0, 12);
	assert_int_equal(efilist_parse(b.s, b.len, count_entry, &n), -EBADMSG);
	memset(b.s + 16, 0xff, 12);
	assert_int_equal(efilist_parse(b.s, b.len, count_entry, &n), -EBADMSG);
}

static void expect_boot(struct disk *d, enum firmware_boot boot, size_t keys, bool damaged)
{
	AUTO_FIRMWARE struct firmware f = { 0 };

	firmware_read(&d->e, &f);
	assert_int_equal(f.boot, boot);
	assert_int_equal(f.n, keys);
	assert_int_equal(f.damaged, damaged);
}

static void test_firmware(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf certificate = BUF_INIT, other = BUF_INIT;
	AUTO_FIRMWARE struct firmware f = { 0 };

	expect_boot(d, FIRMWARE_INSECURE, 0, false);
	disk_dir(d, "/sys/firmware/efi/efivars");
	expect_boot(d, FIRMWARE_UNKNOWN, 0, false);
	disk_bytes(d, EFI "Boot0000-8be4df61-93ca-11d2-aa0d-00e098032b8c", "\7\0\0\0x", 5);
	expect_boot(d, FIRMWARE_INSECURE, 0, false);
	disk_bytes(d, SB, "\6\0\0\0\1", 5);
	disk_bytes(d, SETUP, "\6\0\0\0\0", 5);
	expect_boot(d, FIRMWARE_SECURE, 0, false);
	disk_bytes(d, SETUP, "\6\0\0\0\1", 5);
	expect_boot(d, FIRMWARE_INSECURE, 0, false);
	disk_bytes(d, SETUP, "\6\0\0\0\0", 5);
	disk_bytes(d, SB, "\6\0\0", 3);
	expect_boot(d, FIRMWARE_UNKNOWN, 0, false);
	disk_bytes(d, SB, "\6\0\0\0garbage", 11);
	expect_boot(d, FIRMWARE_UNKNOWN, 0, false);
	disk_bytes(d, SB, "\6\0\0\0\1", 5);
	new_certificate(&certificate);
	new_certificate(&other);
	set_list(d, DB, x509, &certificate);
	set_list(d, MOKS, x509, &other);
	set_list(d, MOKS1, x509, &other);
	expect_boot(d, FIRMWARE_SECURE, 3, false);
	disk_bytes(d, MOKS, "\6\0\0\0garbage", 11);
	expect_boot(d, FIRMWARE_SECURE, 2, true);
	set_list(d, DBX, x509, &certificate);
	firmware_read(&d->e, &f);
	assert_true(f.keys[0].revoked);
	assert_false(f.keys[1].revoked);
}

/* ---- boot loaders ---- */

static const char grub_cfg[] = "if [ \"${next_entry}\" ] ; then\n"
			       "   set default=\"${next_entry}\"\n"
			       "else\n"
			       "   set default=\"${saved_entry}\"\n"
			       "fi\n"
			       "menuentry 'Debian' --class debian $menuentry_id_option 'simple' {\n"
			       "\tlinux\t/boot/vmlinuz-" K " root=/dev/sda1 ro  quiet\n"
			       "}\n"
			       "submenu 'Advanced options' $menuentry_id_option 'advanced' {\n"
			       "\tmenuentry 'Debian, " K "' $menuentry_id_option 'new' {\n"
			       "\t\tlinux\t/boot/vmlinuz-" K " root=/dev/sda1 ro\n"
			       "\t}\n"
			       "\tmenuentry 'Debian, " OLD "' $menuentry_id_option 'old' {\n"
			       "\t\tlinux\t/vmlinuz-" OLD " root=/dev/sda1 module.sig_enforce=1\n"
			       "\t}\n"
			       "}\n";

static const char *next_of(struct disk *d, struct boot *b)
{
	AUTO_STRV struct strv releases = STRV_INIT;

	strv_add(&releases, K);
	strv_add(&releases, OLD);
	boot_release(b);
	boot_read(&d->e, &releases, b);
	return b->next;
}

static void test_grub(void **state)
{
	struct disk *d = *state;
	AUTO_BOOT struct boot b = { 0 };
	AUTO_STRV struct strv words = STRV_INIT;

	assert_string_equal(next_of(d, &b), K);
	disk_file(d, "/boot/grub/grub.cfg", grub_cfg);
	assert_string_equal(next_of(d, &b), K);
	disk_file(d, "/boot/grub/grubenv", "# GRUB\nsaved_entry=advanced>old\n######");
	assert_string_equal(next_of(d, &b), OLD);
	boot_words(&d->e, &b, OLD, &words);
	assert_true(strv_has(&words, "module.sig_enforce=1"));
	disk_file(d, "/boot/grub/grubenv", "saved_entry=Advanced options>Debian, " OLD "\n");
	assert_string_equal(next_of(d, &b), OLD);
	disk_file(d, "/boot/grub/grubenv", "saved_entry=simple\nnext_entry=1>1\n");
	assert_string_equal(next_of(d, &b), OLD);
	disk_file(d, "/boot/grub/grubenv", "saved_entry=gone\n");
	assert_string_equal(next_of(d, &b), K);
	disk_file(d, "/boot/grub/grub.cfg", "}}} submenu\nmenuentry {\nset default=\n'");
	assert_string_equal(next_of(d, &b), K);
}

static void test_systemd_boot(void **state)
{
	struct disk *d = *state;
	AUTO_BOOT struct boot b = { 0 };
	AUTO_STRV struct strv words = STRV_INIT;

	disk_file(d, "/boot/loader/entries/id-" OLD ".conf",
		  "title Debian\nlinux /id/" OLD
		  "/linux\noptions root=/dev/sda1\noptions lockdown=integrity\n");
	disk_file(d, "/boot/loader/entries/id-" K ".conf", "linux /id/" K "/linux\n");
	disk_file(d, "/boot/loader/loader.conf", "timeout 3\ndefault id-*-55-*\n");
	assert_string_equal(next_of(d, &b), OLD);
	boot_words(&d->e, &b, OLD, &words);
	assert_true(strv_has(&words, "lockdown=integrity"));
	disk_bytes(d, EFI "LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
		   "\7\0\0\0i\0d\0-\0*\0-\0005\0006\0-\0*\0\0\0", 4 + 20);
	assert_string_equal(next_of(d, &b), K);
}

static void test_command_line(void **state)
{
	struct disk *d = *state;
	AUTO_BOOT struct boot b = { 0 };
	AUTO_STRV struct strv words = STRV_INIT;

	disk_file(d, "/etc/kernel/cmdline", "root=/dev/sda1\n");
	disk_file(d, "/proc/cmdline", "quiet\n");
	disk_file(d, "/etc/default/grub",
		  "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"splash module_blacklist=a\"\n");
	boot_words(&d->e, &b, K, &words);
	assert_true(strv_has(&words, "root=/dev/sda1"));
	assert_true(strv_has(&words, "quiet"));
	assert_true(strv_has(&words, "module_blacklist=a"));
}

/* ---- images ---- */

static void add_padding(struct buf *b)
{
	while (b->len % 4)
		buf_add(b, "", 1);
}

static void add_file(struct buf *b, const char *path, const char *data, size_t len)
{
	add_padding(b);
	buf_addf(b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1u, 0100644u, 0u,
		 0u, 1u, 0u, (unsigned int)len, 0u, 0u, 0u, 0u, (unsigned int)strlen(path) + 1, 0u);
	buf_add(b, path, strlen(path) + 1);
	add_padding(b);
	buf_add(b, data, len);
	add_padding(b);
}

static void collect(const char *path, const struct buf *content, void *arg)
{
	buf_addf(arg, "%s=%s\n", path, content->s);
}

static bool wants_one(const char *path, void *arg)
{
	(void)arg;
	return str_ends(path, "/a-b.ko");
}

/* The pieces in which an archive comes do not matter. */
static void test_cpio(void **state)
{
	AUTO_BUF struct buf archive = BUF_INIT;

	(void)state;
	add_file(&archive, "kernel/x86/microcode.bin", "xxxxx", 5);
	add_file(&archive, "TRAILER!!!", "", 0);
	for (size_t i = 0; i < 512; i++)
		buf_add(&archive, "", 1);
	add_file(&archive, "lib/modules/" K "/updates/a-b.ko", "content", 7);
	add_file(&archive, "lib/modules/" K "/updates/c.ko", "other", 5);
	add_file(&archive, "TRAILER!!!", "", 0);
	buf_add(&archive, "\x1f\x8b packed", 9);
	for (size_t piece = 1; piece < 300; piece += 7) {
		AUTO_BUF struct buf said = BUF_INIT;
		struct cpio c;

		cpio_begin(&c, wants_one, collect, &said);
		for (size_t i = 0; i < archive.len && c.state != CPIO_STOPPED; i += piece)
			cpio_feed(&c, archive.s + i,
				  archive.len - i < piece ? archive.len - i : piece);
		assert_string_equal(said.s, "lib/modules/" K "/updates/a-b.ko=content\n");
		assert_int_equal(c.state, CPIO_STOPPED);
		assert_int_equal(c.offset, archive.len - 9);
		assert_true(c.whole);
		cpio_release(&c);
	}
}

static void expect_image(struct disk *d, const struct buf *file, size_t n, const char *problem)
{
	AUTO_IMAGE struct image image = { 0 };
	AUTO_STRV struct strv names = STRV_INIT;

	strv_add(&names, "foo");
	disk_bytes(d, "/boot/image", file->s, file->len);
	image_read(&d->e, "/boot/image", &names, &image);
	assert_int_equal(image.n, n);
	assert_int_equal(!image.problem, !problem);
	if (problem)
		assert_non_null(strstr(image.problem, problem));
}

static void put_number(struct buf *b, size_t at, size_t n)
{
	for (size_t i = 0; i < 4; i++)
		b->s[at + i] = (char)(n >> 8 * i);
}

/* A unified image: a PE file with the archive in its section .initrd. */
static void make_unified(const struct buf *archive, struct buf *ret)
{
	for (size_t i = 0; i < 0x200; i++)
		buf_add(ret, "", 1);
	memcpy(ret->s, "MZ", 2);
	put_number(ret, 0x3c, 0x80);
	memcpy(ret->s + 0x80, "PE", 2);
	ret->s[0x86] = 1;
	ret->s[0x94] = 0x10;
	memcpy(ret->s + 0xa8, ".initrd", 7);
	put_number(ret, 0xa8 + 8, archive->len);
	put_number(ret, 0xa8 + 16, archive->len + 100);
	put_number(ret, 0xa8 + 20, 0x200);
	buf_add(ret, archive->s, archive->len);
	for (size_t i = 0; i < 100; i++)
		buf_addch(ret, 'x');
}

static void test_image(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf archive = BUF_INIT, unified = BUF_INIT, none = BUF_INIT;

	expect_image(d, &none, 0, "damaged");
	buf_adds(&none, "what is this?");
	expect_image(d, &none, 0, "not known");
	add_file(&archive, "lib/modules/" K "/foo.ko", "content", 7);
	expect_image(d, &archive, 1, "damaged");
	add_file(&archive, "TRAILER!!!", "", 0);
	expect_image(d, &archive, 1, NULL);
	make_unified(&archive, &unified);
	expect_image(d, &unified, 1, NULL);
	put_number(&unified, 0xa8 + 20, 1 << 30);
	expect_image(d, &unified, 0, "no initramfs");
	buf_reset(&none);
	buf_add(&none, "\x1f\x8b garbage", 10);
	expect_image(d, &none, 0, "damaged");
}

/* 2 GB of nothing cost no memory. */
static void test_large_image(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *host = disk_host(d, "/boot/image");
	AUTO_IMAGE struct image image = { 0 };
	AUTO_STRV struct strv names = STRV_INIT;

	disk_file(d, "/boot/image", "");
	assert_int_equal(truncate(host, (off_t)2 << 30), 0);
	image_read(&d->e, "/boot/image", &names, &image);
	assert_string_equal(image.problem, "it is damaged");
}

static void test_identity(void **state)
{
	static const struct madeko one = { .vermagic = K, .id = "12345678" };
	static const struct madeko stripped = { .vermagic = K,
						.id = "12345678",
						.no_versions = true };
	AUTO_BUF struct buf a = BUF_INIT, b = BUF_INIT;
	AUTO_FREE char *first = NULL, *second = NULL, *third = NULL;

	(void)state;
	madeko_make(&one, &a);
	madeko_make(&stripped, &b);
	first = image_identity(&a);
	second = image_identity(&b);
	assert_string_equal(first, second);
	buf_adds(&b, "x");
	signature_end(&b);
	third = image_identity(&b);
	assert_string_not_equal(first, third);
}

/* ---- all of it ---- */

static void expect_module(struct disk *d, const char *reason)
{
	AUTO_VERIFY struct verify v = { .n = 0 };
	AUTO_STRV struct strv releases = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	strv_add(&releases, K);
	assert_int_equal(verify_look(&d->e, &releases, &v, &err), 0);
	assert_int_equal(v.n, 1);
	assert_int_equal(v.v[0].n, 1);
	assert_string_equal(v.v[0].v[0].name, "foo");
	assert_string_equal(reason_name(v.v[0].v[0].judgement.reason), reason);
}

static void test_look(void **state)
{
	static const struct madeko ko = { .vermagic = K " SMP ", .license = "GPL" };
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_FREE char *tree = engine_modules(&d->e, K);
	AUTO_FREE char *file = xasprintf("%s/updates/dkms/foo.ko", tree);
	AUTO_FREE char *other = xasprintf("%s.xz", file);

	disk_file(d, file, "");
	expect_module(d, "file-damaged");
	madeko_make(&ko, &b);
	disk_bytes(d, file, b.s, b.len);
	expect_module(d, "not-indexed");
	disk_remove(d, file);
	disk_bytes(d, other,
		   "\xfd"
		   "7zXZ\0garbage",
		   13);
	expect_module(d, "file-damaged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		DISK_TEST(test_firmware),
		DISK_TEST(test_grub),
		DISK_TEST(test_systemd_boot),
		DISK_TEST(test_command_line),
		cmocka_unit_test(test_cpio),
		DISK_TEST(test_image),
		DISK_TEST(test_large_image),
		cmocka_unit_test(test_identity),
		DISK_TEST(test_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
