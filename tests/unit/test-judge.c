/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a module, by made modules and scenes: no disk is looked at. */
#include "unit.h"

#include <elf.h>

#include "build/mok.h"
#include "madeko.h"
#include "verify/judge.h"

#define K     "6.1.0-56-amd64"
#define MAGIC K " SMP preempt mod_unload modversions "

static const char symvers[] =
	"0x00000001\tmodule_layout\tvmlinux\tEXPORT_SYMBOL\t\n"
	"0x00000011\t_printk\tvmlinux\tEXPORT_SYMBOL\t\n"
	"0x00000022\tfor_gpl\tvmlinux\tEXPORT_SYMBOL_GPL\t\n"
	"0x00000033\tspaced\tvmlinux\tEXPORT_SYMBOL_GPL\tDMA_BUF\n"
	"0x00000034\tlisted\tvmlinux\tEXPORT_SYMBOL_GPL\tmodule:kvm-*,my-own\n"
	"0x00000044\tin_tree\tlib/crc-itu-t\tEXPORT_SYMBOL\t\n"
	"damaged line\n";

static const struct madeko_symbol needs_printk[] = { { .name = "module_layout", .crc = 1 },
						     { .name = "_printk", .crc = 0x11 },
						     { .name = NULL } };
static const struct madeko plain = { .vermagic = MAGIC, .license = "GPL", .needs = needs_printk };

static struct firmware firmware;
static struct scene scene;

static void set_config(const char *text)
{
	kconfig_release(&scene.config);
	kconfig_parse(text, &scene.config);
	scene.has_config = true;
}

static int setup(void **state)
{
	(void)state;
	firmware = (struct firmware){ 0 };
	scene = (struct scene)SCENE_INIT;
	scene.release = xstrdup(K);
	scene.arch = xstrdup("x86_64");
	scene.vermagic = xstrdup(MAGIC);
	scene.firmware = &firmware;
	scene.firmware_keys = true;
	buf_add(&scene.symvers.text, symvers, sizeof(symvers) - 1);
	symvers_parse(&scene.symvers);
	set_config("CONFIG_MODULE_SIG=y\nCONFIG_MODVERSIONS=y\nCONFIG_LOAD_UEFI_KEYS=y\n"
		   "CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT=y\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scene_release(&scene);
	firmware_release(&firmware);
	return 0;
}

#define SCENE_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static struct scene_module *add(const char *name, const struct madeko *ko)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct scene_module *m = scene_add(&scene, name, "/m.ko");

	m->ours = true;
	if (ko) {
		madeko_make(ko, &b);
		assert_int_equal(ko_parse(&b, b.len, &m->ko), 0);
		scene_index_exports(&scene, scene.n - 1);
	}
	return m;
}

static void expect(size_t i, const char *reason, const char *text)
{
	AUTO_JUDGEMENT struct judgement j = { 0 };

	judge(&scene, i, &j);
	assert_string_equal(reason_name(j.reason), reason);
	if (text)
		assert_non_null(strstr(j.text ? j.text : "", text));
}

/* Judge a module alone. */
static void expect_alone(const struct madeko *ko, const char *reason, const char *text)
{
	add("alone", ko);
	expect(scene.n - 1, reason, text);
}

static void expect_need(const struct madeko_symbol *needs, const char *license, const char *import,
			const char *reason, const char *text)
{
	struct madeko ko = plain;

	ko.needs = needs;
	ko.license = license;
	ko.import = import;
	expect_alone(&ko, reason, text);
}

static void test_loads(void **state)
{
	(void)state;
	expect_alone(&plain, "none", NULL);
}

static void test_format(void **state)
{
	struct madeko ko = plain;

	(void)state;
	ko.machine = EM_AARCH64;
	expect_alone(&ko, "machine", "ARM (64 bit)");
	ko = plain;
	ko.no_symbols = true;
	expect_alone(&ko, "file-damaged", "strip");
	ko = plain;
	ko.no_module = true;
	expect_alone(&ko, "file-damaged", "no kernel module");
}

/* Every shorter file is damaged, and every other byte may be anything. */
static void test_damage(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	madeko_make(&plain, &b);
	for (size_t len = 0; len < b.len; len++) {
		AUTO_BUF struct buf cut = BUF_INIT;
		AUTO_KO struct ko k = KO_INIT;

		buf_add(&cut, b.s, len);
		assert_int_equal(ko_parse(&cut, len, &k), 0);
		assert_non_null(k.damage);
	}
	for (size_t i = 0; i < b.len; i++) {
		AUTO_BUF struct buf other = BUF_INIT;
		AUTO_KO struct ko k = KO_INIT;

		buf_add(&other, b.s, b.len);
		other.s[i] = (char)(other.s[i] ^ 0xff);
		assert_int_equal(ko_parse(&other, other.len, &k), 0);
	}
}

static void test_vermagic(void **state)
{
	struct madeko ko = plain;

	(void)state;
	ko.vermagic = "6.1.0-1-amd64 SMP preempt mod_unload modversions ";
	expect_alone(&ko, "none", NULL);
	ko.vermagic = K " mod_unload modversions ";
	expect_alone(&ko, "vermagic", "SMP");
	ko.vermagic = NULL;
	expect_alone(&ko, "vermagic", NULL);
	set_config("CONFIG_MODULE_FORCE_LOAD=y\n");
	expect_alone(&ko, "none", NULL);
	ko.vermagic = "6.1.0-1-amd64 SMP preempt mod_unload modversions ";
	ko.no_versions = true;
	expect_alone(&ko, "vermagic", NULL);
	free(TAKE(scene.vermagic));
	expect_alone(&plain, "no-vermagic", NULL);
}

static void test_versions(void **state)
{
	static const struct madeko_symbol other[] = { { .name = "_printk", .crc = 0x12 },
						      { .name = NULL } };
	static const struct madeko_symbol layout[] = { { .name = "module_layout", .crc = 2 },
						       { .name = NULL } };
	struct madeko ko = plain;

	(void)state;
	expect_need(other, "GPL", NULL, "symbol-version", "_printk");
	expect_need(layout, "GPL", NULL, "symbol-version", "module_layout");
	ko.no_versions = true;
	expect_alone(&ko, "symbol-version", NULL);
	free(scene.vermagic);
	scene.vermagic = xstrdup(K " SMP mod_unload ");
	ko = plain;
	ko.needs = other;
	ko.vermagic = scene.vermagic;
	expect_alone(&ko, "none", NULL);
}

static void test_symbols(void **state)
{
	static const struct madeko_symbol unknown[] = { { .name = "nobody", .crc = 1 },
							{ .name = NULL } };
	static const struct madeko_symbol weak[] = { { .name = "nobody", .weak = true },
						     { .name = NULL } };
	static const struct madeko_symbol gpl[] = { { .name = "for_gpl", .crc = 0x22 },
						    { .name = NULL } };
	static const struct madeko_symbol spaced[] = { { .name = "spaced", .crc = 0x33 },
						       { .name = NULL } };
	static const struct madeko_symbol listed[] = { { .name = "listed", .crc = 0x34 },
						       { .name = NULL } };
	struct madeko ko = plain;

	(void)state;
	expect_need(unknown, "GPL", NULL, "symbol-unknown", "nobody");
	expect_need(weak, "GPL", NULL, "none", NULL);
	expect_need(gpl, "Dual BSD/GPL", NULL, "none", NULL);
	expect_need(gpl, "Proprietary", NULL, "symbol-gpl-only", "Proprietary");
	expect_need(gpl, NULL, NULL, "symbol-gpl-only", "not stated");
	expect_need(spaced, "GPL", NULL, "symbol-namespace", "DMA_BUF");
	expect_need(spaced, "GPL", "DMA_BUF", "none", NULL);
	expect_need(listed, "GPL", NULL, "symbol-namespace", NULL);
	ko.needs = listed;
	add("my_own", &ko);
	expect(scene.n - 1, "none", NULL);
	symvers_release(&scene.symvers);
	expect_alone(&plain, "no-symvers", K);
}

static void test_dependency(void **state)
{
	static const struct madeko_symbol gives[] = {
		{ .name = "gift", .crc = 7, .gpl = true, .ns = "NS" }, { .name = NULL }
	};
	static const struct madeko_symbol wants[] = { { .name = "gift", .crc = 7 },
						      { .name = NULL } };
	static const struct madeko_symbol in_tree[] = { { .name = "in_tree", .crc = 0x44 },
							{ .name = NULL } };
	struct madeko giver = plain, taker = plain;
	struct scene_module *m;

	(void)state;
	giver.exports = gives;
	taker.needs = wants;
	taker.import = "NS";
	add("taker", &taker);
	expect(0, "symbol-unknown", "gift");
	add("giver", &giver);
	expect(0, "none", NULL);
	scene.v[1].signature = SIGNATURE_DAMAGED;
	scene.v[1].signature_why = "it is cut";
	expect(0, "dependency", "giver: its signature is damaged");
	scene.v[1].signature = SIGNATURE_NONE;
	taker.license = "Proprietary";
	add("closed", &taker);
	expect(2, "symbol-gpl-only", "giver");
	taker = plain;
	taker.needs = in_tree;
	add("user", &taker);
	expect(3, "dependency", "crc-itu-t, which is not here");
	m = add("crc_itu_t", NULL);
	m->ours = false;
	m->error = -ENOENT;
	expect(3, "dependency", "missing");
}

/* Two modules that need each other are a fault of depmod's, but no reason to search for ever. */
static void test_circle(void **state)
{
	static const struct madeko_symbol a[] = { { .name = "a", .crc = 1 }, { .name = NULL } };
	static const struct madeko_symbol b[] = { { .name = "b", .crc = 1 }, { .name = NULL } };
	struct madeko one = plain, two = plain;

	(void)state;
	one.exports = two.needs = a;
	two.exports = one.needs = b;
	add("one", &one);
	add("two", &two);
	expect(0, "none", NULL);
}

static void test_duplicate(void **state)
{
	static const struct madeko_symbol exports[] = { { .name = "_printk", .crc = 1 },
							{ .name = NULL } };
	struct madeko ko = plain;

	(void)state;
	ko.exports = exports;
	expect_alone(&ko, "symbol-duplicate", "_printk");
}

static void test_loader(void **state)
{
	struct scene_module *m = add("foo", &plain);

	(void)state;
	m->taken = xstrdup("/lib/modules/K/kernel/foo.ko");
	expect(0, "shadowed", "/lib/modules/K/kernel/foo.ko");
	free(TAKE(m->taken));
	m->not_indexed = true;
	expect(0, "not-indexed", NULL);
	m->not_indexed = false;
	m->built_in = true;
	expect(0, "built-in", NULL);
	m->built_in = false;
	m->error = -EACCES;
	expect(0, "file-unreadable", NULL);
	m->error = -ENOENT;
	expect(0, "file-missing", "/m.ko");
}

static void test_modprobe(void **state)
{
	AUTO_STRV struct strv words = STRV_INIT;

	(void)state;
	modprobe_add_text("/etc/modprobe.d/a.conf",
			  "blacklist \\\n a-b\ninstall c /bin/false # no\ninstall d modprobe e\n"
			  "install h /bin/true && modprobe -i h\n",
			  &scene.modprobe);
	strv_add(&words, "module_blacklist=f,g");
	modprobe_add_words(&words, &scene.modprobe);
	add("a_b", &plain);
	expect(0, "blacklisted", "/etc/modprobe.d/a.conf");
	add("c", &plain);
	expect(1, "blacklisted", NULL);
	add("d", &plain);
	expect(2, "install-command", NULL);
	add("g", &plain);
	expect(3, "blacklisted", "module_blacklist=f,g");
	add("e", &plain);
	expect(4, "none", NULL);
	add("h", &plain);
	expect(5, "install-command", NULL);
}

static void test_image(void **state)
{
	struct scene_module *m = add("foo", &plain);

	(void)state;
	m->image = IMAGE_SAME;
	expect(0, "none", NULL);
	m->image = IMAGE_OTHER;
	expect(0, "initramfs-old", "in the initramfs, but not these bytes");
	m->image = IMAGE_WANTED;
	expect(0, "initramfs-missing", NULL);
	m->image = IMAGE_UNREAD;
	m->image_path = xstrdup("/boot/initrd.img");
	m->image_why = xstrdup("it is damaged");
	expect(0, "initramfs-unread", "/boot/initrd.img: it is damaged");
	m->not_indexed = true;
	expect(0, "not-indexed", NULL);
}

/* ---- signatures ---- */

static void command_line(const char *text)
{
	strv_release(&scene.words);
	strv_split(&scene.words, text, " ");
}

static void test_unsigned(void **state)
{
	(void)state;
	add("foo", &plain);
	expect(0, "none", NULL);
	command_line("quiet module.sig_enforce=1");
	expect(0, "unsigned", "module.sig_enforce");
	command_line("module.sig_enforce");
	expect(0, "unsigned", NULL);
	command_line("module.sig_enforce=0 module.sig_enforcer");
	expect(0, "none", NULL);
	command_line("lockdown=integrity");
	expect(0, "unsigned", "lockdown");
	scene.v[0].detached = true;
	expect(0, "unsigned", "beside it");
	command_line("");
	firmware.efi = true;
	firmware.boot = FIRMWARE_SECURE;
	expect(0, "unsigned", "Secure Boot is on");
	firmware.boot = FIRMWARE_UNKNOWN;
	expect(0, "firmware-unknown", NULL);
	set_config("CONFIG_MODULE_SIG=y\n");
	expect(0, "none", NULL);
	set_config("CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_FORCE=y\n");
	expect(0, "unsigned", NULL);
	set_config("CONFIG_MODULES=y\n");
	scene.v[0].signature = SIGNATURE_DAMAGED;
	expect(0, "none", NULL);
}

static void add_key(enum key_place place)
{
	AUTO_BUF struct buf key = BUF_INIT, certificate = BUF_INIT;
	AUTO_FREE char *why = NULL;

	assert_int_equal(mok_make(&key, &certificate, &why), 0);
	firmware_add_key(&firmware, &certificate, place);
}

static void expect_signed(size_t key, enum scene_signature state, const char *reason)
{
	scene.v[0].signature = state;
	scene.v[0].key = key;
	scene.v[0].signature_why = "it is cut";
	expect(0, reason, NULL);
}

static void test_keys(void **state)
{
	enum { DB, MOK, OURS };

	(void)state;
	add("foo", &plain);
	add_key(KEY_FIRMWARE);
	add_key(KEY_OWNER);
	add_key(KEY_OURS);
	firmware.efi = true;
	expect_signed(DB, SIGNATURE_DAMAGED, "signature-damaged");
	expect_signed(DB, SIGNATURE_BAD, "signature-damaged");
	expect_signed(OURS, SIGNATURE_GOOD, "none");
	expect_signed(OURS, SIGNATURE_BAD, "none");
	expect_signed(MOK, SIGNATURE_BAD, "none");
	command_line("module.sig_enforce=1");
	expect_signed(DB, SIGNATURE_GOOD, "none");
	expect_signed(OURS, SIGNATURE_GOOD, "key-unknown");
	expect_signed(OURS, SIGNATURE_BAD, "signature-damaged");
	/* Without Secure Boot the kernel does not read MokListRT. */
	expect_signed(MOK, SIGNATURE_GOOD, "key-unknown");
	expect_signed(0, SIGNATURE_OTHER, "key-unknown");
	expect_signed(0, SIGNATURE_KERNEL, "none");
	firmware.boot = FIRMWARE_SECURE;
	expect_signed(MOK, SIGNATURE_GOOD, "none");
	expect_signed(MOK, SIGNATURE_BAD, "signature-damaged");
	firmware.keys[MOK].revoked = true;
	expect_signed(MOK, SIGNATURE_GOOD, "key-revoked");
	scene.firmware_keys = false;
	expect_signed(DB, SIGNATURE_GOOD, "key-uncertain");
	firmware.damaged = true;
	expect_signed(0, SIGNATURE_OTHER, "key-uncertain");
	scene.v[0].hash_revoked = true;
	expect(0, "key-revoked", NULL);
}

static void test_enroll(void **state)
{
	AUTO_JUDGEMENT struct judgement j = { 0 };

	(void)state;
	add("foo", &plain);
	add_key(KEY_OURS);
	firmware.efi = true;
	firmware.boot = FIRMWARE_SECURE;
	scene.certificate = xstrdup("/var/lib/dkms/mok.pub");
	scene.v[0].signature = SIGNATURE_GOOD;
	judge(&scene, 0, &j);
	assert_string_equal(j.text, "signed by a key the firmware does not have");
	assert_string_equal(j.cure, "mokutil --import /var/lib/dkms/mok.pub, then reboot");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(test_loads),	   SCENE_TEST(test_format),	SCENE_TEST(test_damage),
		SCENE_TEST(test_vermagic), SCENE_TEST(test_versions),	SCENE_TEST(test_symbols),
		SCENE_TEST(test_circle),   SCENE_TEST(test_dependency), SCENE_TEST(test_duplicate),
		SCENE_TEST(test_loader),   SCENE_TEST(test_modprobe),	SCENE_TEST(test_image),
		SCENE_TEST(test_unsigned), SCENE_TEST(test_keys),	SCENE_TEST(test_enroll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
