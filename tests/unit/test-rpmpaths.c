/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/rpm/paths.h"

#include "unit.h"

static void looks(const char *dir, const char *base, enum path_kind want, const char *want_key)
{
	char *key = NULL;

	assert_int_equal(path_look(dir, base, &key), want);
	if (want_key)
		assert_string_equal(key, want_key);
	else
		assert_null(key);
	if (want != PATH_OTHER)
		assert_true(path_dir_matters(dir));
	free(key);
}

static void other(const char *dir, const char *base)
{
	looks(dir, base, PATH_OTHER, NULL);
}

static void kernels(void **state)
{
	(void)state;
	looks("/lib/modules/6.1.2-1.fc40.x86_64/", "vmlinuz", PATH_KERNEL, "6.1.2-1.fc40.x86_64");
	looks("/usr/lib/modules/6.1.2+debug/", "vmlinuz", PATH_KERNEL, "6.1.2+debug");
	looks("/lib/modules/6.1.2/", "vmlinuz-virt.efi", PATH_KERNEL, "6.1.2");
	looks("/usr/lib/modules/6.4.0-150600.21-default/", "vmlinux.xz", PATH_KERNEL,
	      "6.4.0-150600.21-default");
	looks("/lib/modules/6.1.2/", "Image", PATH_KERNEL, "6.1.2");
	looks("/lib/modules/6.1.2/", "image", PATH_KERNEL, "6.1.2");
	looks("/boot/", "vmlinuz-6.1.2", PATH_KERNEL, "6.1.2");
	looks("/boot/", "image-6.1.2", PATH_KERNEL, "6.1.2");
	other("/lib/modules/6.1.2/", "modules.dep");
	other("/lib/modules/6.1.2/", ".vmlinuz.hmac");
	other("/lib/modules/", "vmlinuz");
	other("/lib/modules/6.1.2/kernel/", "vmlinuz");
	other("/usr/lib/debug/lib/modules/6.1.2/", "vmlinux");
	other("/boot/", "System.map-6.1.2");
	other("/boot/", "vmlinuz-");
	other("/boot/grub2/", "vmlinuz-6.1.2");
	other("/opt/boot/", "vmlinuz-6.1.2");
}

static void headers(void **state)
{
	(void)state;
	looks("/usr/src/kernels/6.1.2-1.fc40.x86_64/", "Makefile", PATH_HEADERS,
	      "6.1.2-1.fc40.x86_64");
	looks("/usr/src/linux-6.4.0-150600.21-obj/x86_64/default/", "Makefile", PATH_HEADERS,
	      "6.4.0-150600.21-default");
	looks("/usr/lib/modules/6.1.2/", "build", PATH_LINK, "6.1.2");
	other("/usr/src/kernels/6.1.2/scripts/", "Makefile");
	other("/usr/src/kernels/", "Makefile");
	other("/usr/src/kernels/6.1.2/", "Kconfig");
	other("/usr/src/linux-6.4.0/", "Makefile");
	other("/usr/src/linux-6.4.0/arch/x86/", "Makefile");
	other("/usr/src/linux-6.4.0-obj/x86_64/", "Makefile");
	other("/usr/src/linux-6.4.0-obj/x86_64/default/scripts/", "Makefile");
	other("/usr/src/linux-obj/x86_64/default/", "Makefile");
	other("/usr/src/linux--obj/x86_64/default/", "Kconfig");
	other("/usr/lib/modules/6.1.2/kernel/", "build");
	other("/usr/lib/modules/6.1.2/", "source");
}

static void sources(void **state)
{
	(void)state;
	looks("/usr/src/v4l2loopback-0.12.7/", "dkms.conf", PATH_SOURCE, "v4l2loopback-0.12.7");
	looks("/usr/src/odd/", "dkms.conf", PATH_SOURCE, "odd");
	other("/usr/src/v4l2loopback-0.12.7/", "Makefile");
	other("/usr/src/v4l2loopback-0.12.7/sub/", "dkms.conf");
	other("/usr/src/", "dkms.conf");
	other("/usr/share/doc/x/", "dkms.conf");
	other("/usr/src/with\nline/", "dkms.conf");
	other("/usr/src/../", "dkms.conf");
	other("", "dkms.conf");
	other("", "");
	assert_false(path_dir_matters("/usr/bin/"));
	assert_false(path_dir_matters(""));
	assert_false(path_dir_matters("/boot/grub2/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels),
		cmocka_unit_test(headers),
		cmocka_unit_test(sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
