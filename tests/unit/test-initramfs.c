/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "disk.h"
#include "install/initramfs.h"
#include "install/initramfsconf.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define K      "6.1.0-1"
#define TREE   "/lib/modules/" K
#define DEBIAN "/boot/initrd.img-" K

/* A fake program: it records its arguments and prints output. */
struct fake {
	struct strv calls;
	const char *output;
	int status, error;
};

static int run_fake(const struct proc_spec *spec, struct proc_result *ret, void *data)
{
	struct fake *f = data;

	strv_take(&f->calls, strv_join(&spec->argv, " "));
	if (f->error)
		return f->error;
	if (f->output && spec->on_output)
		spec->on_output(f->output, strlen(f->output), spec->data);
	*ret = (struct proc_result){ .end = PROC_EXITED, .status = f->status };
	return 0;
}

static void fake_begin(struct fake *f)
{
	*f = (struct fake){ .calls = STRV_INIT };
	proc_set_runner(run_fake, f);
}

static void fake_end(struct fake *f)
{
	proc_set_runner(NULL, NULL);
	strv_release(&f->calls);
}

static void put_program(struct disk *d, const char *path, const char *text)
{
	disk_file(d, path, text);
	assert_int_equal(fs_chmod(&d->e.root, path, 0755), 0);
}

static void put_tools(struct disk *d)
{
	put_program(d, "/usr/sbin/mkinitramfs", "#!/bin/sh\n");
	put_program(d, "/usr/sbin/update-initramfs", "#!/bin/sh\nmkinitramfs\n");
}

static void put_dracut(struct disk *d)
{
	put_program(d, "/usr/bin/dracut", "#!/bin/sh\n");
}

static void expect_kind(struct disk *d, enum initramfs_kind kind, const char *commands)
{
	AUTO_STRV struct strv v = STRV_INIT;
	AUTO_FREE char *text = NULL;

	assert_int_equal(initramfs_kind(&d->e, K), kind);
	initramfs_commands(&d->e, kind, K, &v);
	text = strv_join(&v, "; ");
	assert_string_equal(text, commands);
}

static void generators_are_known_by_what_they_alone_have(void **state)
{
	static const char usual[] = "update-initramfs -u -k " K;
	struct disk *d = *state;

	disk_file(d, DEBIAN, "");
	expect_kind(d, INITRAMFS_NONE, "");
	put_tools(d);
	expect_kind(d, INITRAMFS_TOOLS, usual);
	/* dracut's parts beside initramfs-tools. */
	put_dracut(d);
	expect_kind(d, INITRAMFS_TOOLS, usual);
	/* dracut in its place, parts of it left; then none. */
	put_program(d, "/usr/sbin/update-initramfs", "#!/bin/sh\ndracut --force\n");
	expect_kind(d, INITRAMFS_DRACUT, usual);
	disk_remove(d, "/usr/sbin/mkinitramfs");
	expect_kind(d, INITRAMFS_DRACUT, usual);
	/* Debian 12's dracut has no update-initramfs. */
	disk_remove(d, "/usr/sbin/update-initramfs");
	expect_kind(d, INITRAMFS_DRACUT, "dracut --force " DEBIAN " " K);
	disk_remove(d, DEBIAN);
	disk_file(d, "/boot/initramfs-" K ".img", "");
	expect_kind(d, INITRAMFS_DRACUT, "dracut --force --kver " K);
	/* Both can be there; the one with an image is meant. */
	disk_remove(d, "/boot/initramfs-" K ".img");
	put_program(d, "/usr/bin/booster", "");
	expect_kind(d, INITRAMFS_DRACUT, "");
	disk_file(d, "/boot/booster-linux.img", "");
	expect_kind(d, INITRAMFS_BOOSTER,
		    "booster build --force --kernel-version " K " /boot/booster-linux.img");
}

static void images_of_a_kernels_package(void **state)
{
	struct disk *d = *state;
	AUTO_STRV struct strv images = STRV_INIT;

	disk_file(d, TREE "/pkgbase", "linux-lts\n");
	disk_file(d, "/boot/initramfs-linux-lts.img", "");
	disk_file(d, "/boot/initramfs-linux.img", "another kernel's");
	put_dracut(d);
	expect_kind(
		d, INITRAMFS_DRACUT,
		"dracut --force --hostonly --no-hostonly-cmdline /boot/initramfs-linux-lts.img " K);
	disk_file(d, "/boot/initramfs-linux-lts-fallback.img", "");
	expect_kind(
		d, INITRAMFS_DRACUT,
		"dracut --force --hostonly --no-hostonly-cmdline /boot/initramfs-linux-lts.img " K
		"; dracut --force --no-hostonly /boot/initramfs-linux-lts-fallback.img " K);
	/* Where mkinitcpio is, too, they are its own. */
	put_program(d, "/usr/bin/mkinitcpio", "");
	disk_file(d, "/etc/mkinitcpio.d/linux-lts.preset",
		  "#x_image=\"/no\"\n=/boot/initramfs-linux-lts.img\nPRESETS=('default')\n"
		  "default_image=\"/boot/initramfs-linux-lts.img\"\nfallback_image=/gone.img\n");
	expect_kind(d, INITRAMFS_MKINITCPIO, "mkinitcpio -p linux-lts");
	initramfs_images(&d->e, INITRAMFS_MKINITCPIO, K, &images);
	assert_int_equal(images.n, 1);
	assert_string_equal(images.v[0], "/boot/initramfs-linux-lts.img");
}

static void a_unified_image_is_of_one_kernel(void **state)
{
#define ID "0123456789abcdef0123456789abcdef"
	(void)state;
	assert_true(initramfs_is_uki_of("linux-6.1.0-1-" ID ".efi", "6.1.0-1"));
	assert_true(initramfs_is_uki_of("linux-6.1.0-1-" ID "-rolling.efi", "6.1.0-1"));
	assert_true(initramfs_is_uki_of("linux-6.1.0-1-Default.efi", "6.1.0-1"));
	assert_true(initramfs_is_uki_of(ID "-6.1.0-1.efi", "6.1.0-1"));
	assert_true(initramfs_is_uki_of("debian-6.1.0-1+3.efi", "6.1.0-1"));
	assert_true(initramfs_is_uki_of("debian-6.1.0-1+3-0.efi", "6.1.0-1"));
	assert_true(initramfs_is_uki_of("6.1.0-1.efi", "6.1.0-1"));
	assert_true(initramfs_is_uki_of("fedora-6.1.0-6.1.0.efi", "6.1.0"));
	assert_false(initramfs_is_uki_of("linux-6.1.0-10-" ID ".efi", "6.1.0-1"));
	assert_false(initramfs_is_uki_of("linux-6.1.0-1-amd64-" ID ".efi", "6.1.0-1"));
	assert_false(initramfs_is_uki_of("debian-6.1.0-1-amd64.efi", "6.1.0-1"));
	assert_false(initramfs_is_uki_of("debian-16.1.0-1.efi", "6.1.0-1"));
	assert_false(initramfs_is_uki_of("fedora-6.1.0-1+debug.efi", "6.1.0-1"));
	assert_false(initramfs_is_uki_of("debian-6.1.0-1.efi.old", "6.1.0-1"));
	assert_false(initramfs_is_uki_of("debian-6.1.0-1+3-.efi.x", "6.1.0-1"));
}

static void kernel_install_makes_unified_images(void **state)
{
	static const char usual[] = "dracut --force --kver " K;
	struct disk *d = *state;

	put_dracut(d);
	put_program(d, "/usr/bin/kernel-install", "");
	disk_file(d, "/efi/EFI/Linux/token-" K ".efi", "");
	disk_file(d, TREE "/vmlinuz", "");
	expect_kind(d, INITRAMFS_DRACUT, usual);
	disk_file(d, "/usr/lib/kernel/install.conf", "# layout=uki\nlayout=bls\n");
	expect_kind(d, INITRAMFS_DRACUT, usual);
	disk_file(d, "/etc/kernel/install.conf", "layout=\"uki\"\n");
	expect_kind(d, INITRAMFS_KERNEL_INSTALL, "kernel-install add " K " " TREE "/vmlinuz");
	assert_int_equal(initramfs_generator(&d->e, INITRAMFS_KERNEL_INSTALL), INITRAMFS_DRACUT);
	disk_file(d, "/etc/kernel/install.conf.d/own.conf", "initrd_generator=mkinitcpio\n");
	expect_kind(d, INITRAMFS_DRACUT, usual);
	put_program(d, "/usr/bin/mkinitcpio", "");
	expect_kind(d, INITRAMFS_KERNEL_INSTALL, "kernel-install add " K " " TREE "/vmlinuz");
	assert_int_equal(initramfs_generator(&d->e, INITRAMFS_KERNEL_INSTALL),
			 INITRAMFS_MKINITCPIO);
	/* Drop-ins count in the order of their names; an admin's file stands for a package's. */
	disk_file(d, "/usr/lib/kernel/install.conf.d/z.conf", "initrd_generator=dracut\n");
	assert_int_equal(initramfs_generator(&d->e, INITRAMFS_KERNEL_INSTALL), INITRAMFS_DRACUT);
	disk_file(d, "/etc/kernel/install.conf.d/z.conf", "# nothing\n");
	assert_int_equal(initramfs_generator(&d->e, INITRAMFS_KERNEL_INSTALL),
			 INITRAMFS_MKINITCPIO);
	/* A kernel that was not installed by it. */
	disk_remove(d, "/efi");
	disk_file(d, "/boot/initramfs-" K ".img", "");
	expect_kind(d, INITRAMFS_DRACUT, usual);
}

/* ---- what the configuration asks for ---- */

static void words_and_folders_of_a_text(void **state)
{
	AUTO_STRV struct strv names = STRV_INIT;

	(void)state;
	strv_add(&names, "v4l2-loopback");
	strv_add(&names, "foo");
	assert_string_equal(
		initramfs_list_has("usr/lib/modules/K/updates/dkms/v4l2_loopback.ko\n", &names),
		"v4l2-loopback");
	assert_string_equal(initramfs_list_has("a\n-rw-r--r-- 1 root lib/foo.ko.zst", &names),
			    "foo");
	assert_null(initramfs_list_has("lib/foobar.ko\nlib/foo.conf\n", &names));
	assert_string_equal(initramfs_config_names("MODULES=(ext4 foo)\n", &names), "foo");
	assert_string_equal(initramfs_config_names("MODULES=(foo?)\n", &names), "foo");
	assert_string_equal(initramfs_config_names("add_drivers+=\" foo \"\n", &names), "foo");
	assert_string_equal(initramfs_config_names("x\nfoo option=1\n", &names), "foo");
	assert_string_equal(initramfs_config_names("inst $root/x/foo.ko.xz\n", &names), "foo");
	assert_string_equal(initramfs_config_names("modules:\n  - foo\n", &names), "foo");
	/* A name with "-", in either spelling. */
	assert_string_equal(initramfs_config_names("v4l2-loopback\n", &names), "v4l2-loopback");
	assert_string_equal(initramfs_config_names("v4l2_loopback\n", &names), "v4l2-loopback");
	assert_null(initramfs_config_names("# foo\nfoobar\nx # foo\n", &names));
	assert_null(initramfs_config_names("foo-bar -foo bar-foo foo.conf x/foo\n", &names));
	assert_null(initramfs_config_names(" omit_drivers+=\" foo \"\n", &names));

#define DKMS "updates/dkms/foo.ko"
#define NET  "kernel/drivers/net/foo.ko"
	assert_true(initramfs_config_has_folder("\tcopy_modules_dir updates x\n", DKMS));
	assert_true(initramfs_config_has_folder("copy_modules_dir \"updates/dkms\"", DKMS));
	assert_true(initramfs_config_has_folder("instmods '=drivers/net'\n", NET));
	assert_true(initramfs_config_has_folder("instmods =updates\n", DKMS));
	assert_true(initramfs_config_has_folder("add_checked_modules '/drivers/net/'", NET));
	assert_false(initramfs_config_has_folder("copy_modules_dir kernel/drivers/ne", NET));
	assert_false(initramfs_config_has_folder("# copy_modules_dir updates\nx=updates", DKMS));
	assert_false(initramfs_config_has_folder("echo updates / // net =\n", NET));
	assert_false(initramfs_config_has_folder("instmods -o -s \"x\" \"=drivers\"\n", NET));
}

/* asks PATH TEXT - is foo asked for with just this file there? */
static bool asks(struct disk *d, enum initramfs_kind kind, const char *path, const char *text)
{
	AUTO_STRV struct strv names = STRV_INIT;
	AUTO_FREE char *found = NULL;
	bool asked;

	strv_add(&names, "bar");
	strv_add(&names, "foo");
	put_program(d, path, text);
	asked = initramfs_configured(&d->e, kind, K, &names, &found);
	if (asked)
		assert_string_equal(found, "foo");
	disk_remove(d, path);
	return asked;
}

static void hooks_and_configuration_ask(void **state)
{
	static const struct {
		enum initramfs_kind kind;
		const char *path, *text;
		bool asked;
	} cases[] = {
		{ INITRAMFS_TOOLS, "/etc/initramfs-tools/modules", "foo\n", true },
		{ INITRAMFS_TOOLS, "/usr/share/initramfs-tools/modules.d/x", "foo\n", true },
		{ INITRAMFS_TOOLS, "/etc/initramfs-tools/hooks/x", "manual_add_modules foo\n",
		  true },
		{ INITRAMFS_TOOLS, "/usr/share/initramfs-tools/hooks/x",
		  "for m in x foo; do force_load $m; done\n", true },
		{ INITRAMFS_TOOLS, "/usr/share/initramfs-tools/hooks/x",
		  "copy_modules_dir updates/dkms\n", true },
		{ INITRAMFS_TOOLS, "/usr/share/initramfs-tools/hooks/x", "copy_exec foo\n", false },
		{ INITRAMFS_TOOLS, "/etc/dracut.conf", "foo\n", false },
		{ INITRAMFS_DRACUT, "/etc/dracut.conf", "add_drivers+=\" foo \"\n", true },
		{ INITRAMFS_DRACUT, "/etc/dracut.conf.d/x.conf", "force_drivers+=\" foo \"\n",
		  true },
		{ INITRAMFS_DRACUT, "/usr/lib/dracut/dracut.conf.d/x.conf", "drivers=foo\n", true },
		{ INITRAMFS_DRACUT, "/etc/dracut.conf.d/x.old", "add_drivers=foo\n", false },
		{ INITRAMFS_DRACUT, "/usr/lib/dracut/modules.d/90foo/module-setup.sh",
		  "installkernel() {\n\tinstmods foo\n}\n", true },
		{ INITRAMFS_DRACUT, "/usr/lib/dracut/modules.d/90foo/module-setup.sh",
		  "install() {\n\tinst foo\n}\n", false },
		{ INITRAMFS_DRACUT, "/usr/lib/dracut/modules.d/90x/module-setup.sh",
		  "instmods =updates\n", true },
		{ INITRAMFS_MKINITCPIO, "/etc/mkinitcpio.conf", "MODULES=(foo)\n", true },
		{ INITRAMFS_MKINITCPIO, "/etc/mkinitcpio.conf.d/x.conf", "MODULES+=(foo)\n", true },
		{ INITRAMFS_MKINITCPIO, "/etc/own.conf", "MODULES=(foo)\n", true },
		{ INITRAMFS_MKINITCPIO, "/etc/other.conf", "MODULES=(foo)\n", false },
		{ INITRAMFS_MKINITCPIO, "/usr/lib/initcpio/install/mine",
		  "build() { add_module foo; }\n", true },
		{ INITRAMFS_MKINITCPIO, "/usr/lib/initcpio/install/mine",
		  "build() { add_checked_modules '/updates/'; }\n", true },
		{ INITRAMFS_MKINITCPIO, "/usr/lib/initcpio/install/unused",
		  "build() { add_module foo; }\n", false },
		{ INITRAMFS_BOOSTER, "/etc/booster.yaml", "modules: foo,nvme\n", true },
		{ INITRAMFS_BOOSTER, "/etc/booster.yaml", "modules_force_load: f*\n", true },
		{ INITRAMFS_BOOSTER, "/etc/booster.yaml", "modules: -foo\n", false },
		{ INITRAMFS_NONE, "/etc/dracut.conf", "foo\n", false },
	};
	struct disk *d = *state;

	disk_file(d, TREE "/updates/dkms/foo.ko", "");
	disk_file(d, TREE "/pkgbase", "linux-lts\n");
	disk_file(d, "/etc/mkinitcpio.d/linux-lts.preset",
		  "default_config=\"/etc/own.conf\"\ndefault_options=\"-A mine\"\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (asks(d, cases[i].kind, cases[i].path, cases[i].text) != cases[i].asked)
			fail_msg("%s: %s", cases[i].path, cases[i].text);
	}
	/* initramfs-tools runs no script that is no program. */
	disk_file(d, "/etc/initramfs-tools/hooks/off", "manual_add_modules foo\n");
	assert_false(asks(d, INITRAMFS_TOOLS, "/etc/initramfs-tools/x", ""));
}

/* ---- when it is made ---- */

static void the_image_is_made_only_when_needed(void **state)
{
	struct disk *d = *state;
	AUTO_STRV struct strv names = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct fake f;

	fake_begin(&f);
	strv_add(&names, "foo");
	assert_int_equal(initramfs_run(&d->e, K, &names, &err), 0); /* no generator */
	put_tools(d);
	assert_int_equal(initramfs_run(&d->e, K, &names, &err), 0); /* no image */
	assert_int_equal(f.calls.n, 0);
	disk_file(d, DEBIAN, "");
	f.output = "usr/lib/modules/bar.ko\n";
	assert_int_equal(initramfs_run(&d->e, K, &names, &err), 0);
	assert_int_equal(f.calls.n, 1);
	assert_string_equal(f.calls.v[0], "lsinitramfs " DEBIAN);
	f.output = "usr/lib/modules/foo.ko\n";
	assert_int_equal(initramfs_run(&d->e, K, &names, &err), 1);
	assert_int_equal(f.calls.n, 3);
	assert_string_equal(f.calls.v[2], "update-initramfs -u -k " K);
	f.error = -ENOENT; /* the lister is missing: the image is made anew, which fails, too */
	assert_true(initramfs_run(&d->e, K, &names, &err) < 0);
	assert_int_equal(f.calls.n, 5);
	settings_set(&d->e.settings, SET_INITRAMFS, "never", "test");
	assert_int_equal(initramfs_run(&d->e, K, &names, &err), 0);
	assert_int_equal(f.calls.n, 5);
	fake_end(&f);
}

static void an_image_that_lacks_what_a_hook_wants_is_made(void **state)
{
	struct disk *d = *state;
	AUTO_STRV struct strv names = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct fake f;

	fake_begin(&f);
	strv_add(&names, "foo");
	put_tools(d);
	disk_file(d, DEBIAN, "");
	put_program(d, "/usr/share/initramfs-tools/hooks/x", "manual_add_modules foo\n");
	f.output = "usr/lib/modules/bar.ko\n";
	assert_int_equal(initramfs_run(&d->e, K, &names, &err), 1);
	assert_int_equal(f.calls.n, 1);
	assert_string_equal(f.calls.v[0], "update-initramfs -u -k " K);
	fake_end(&f);
}

static void each_image_of_a_kernel_is_made(void **state)
{
	struct disk *d = *state;
	AUTO_STRV struct strv names = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct fake f;

	fake_begin(&f);
	strv_add(&names, "*");
	put_dracut(d);
	disk_file(d, TREE "/pkgbase", "linux\n");
	disk_file(d, "/boot/initramfs-linux.img", "");
	disk_file(d, "/boot/initramfs-linux-fallback.img", "");
	assert_int_equal(initramfs_run(&d->e, K, &names, &err), 1);
	assert_int_equal(f.calls.n, 2);
	f.status = 1;
	assert_int_equal(initramfs_run(&d->e, K, &names, &err), -E_INITRAMFS);
	assert_int_equal(f.calls.n, 3);
	fake_end(&f);
}

static void remake_initrd_and_failures(void **state)
{
	struct disk *d = *state;
	AUTO_STRV struct strv names = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct fake f;

	fake_begin(&f);
	strv_add(&names, "*");
	put_tools(d);
	disk_file(d, DEBIAN, "");
	f.status = 1;
	f.output = "E: /usr/share/initramfs-tools/hooks/x failed with return 1.\n";
	assert_int_equal(initramfs_run(&d->e, K, &names, &err), -E_INITRAMFS);
	assert_int_equal(f.calls.n, 1);
	assert_non_null(strstr(err.text, "hooks/x failed"));
	fake_end(&f);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, disk_setup_journal, disk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(generators_are_known_by_what_they_alone_have),
		TEST(images_of_a_kernels_package),
		cmocka_unit_test(a_unified_image_is_of_one_kernel),
		TEST(kernel_install_makes_unified_images),
		cmocka_unit_test(words_and_folders_of_a_text),
		TEST(hooks_and_configuration_ask),
		TEST(the_image_is_made_only_when_needed),
		TEST(an_image_that_lacks_what_a_hook_wants_is_made),
		TEST(each_image_of_a_kernel_is_made),
		TEST(remake_initrd_and_failures),
	};

	return cmocka_run_group_tests_name("initramfs", tests, NULL, NULL);
}
