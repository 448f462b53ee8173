/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/common/itempath.h"

#include "unit.h"

static void stands_for(enum itempath_layout layout, const char *path, enum owned_kind kind,
		       enum itempath_rank rank, const char *key)
{
	AUTO_ITEMPATH struct itempath item = { 0 };

	assert_true(itempath_parse(layout, path, &item));
	assert_int_equal(item.kind, kind);
	assert_int_equal(item.rank, rank);
	assert_string_equal(item.key, key);
	assert_true(itempath_may_matter(path));
}

static void stands_for_nothing(enum itempath_layout layout, const char *path)
{
	struct itempath item;

	assert_false(itempath_parse(layout, path, &item));
}

static void rpm(const char *path, enum owned_kind kind, enum itempath_rank rank, const char *key)
{
	stands_for(LAYOUT_RPM, path, kind, rank, key);
}

static void rpm_kernel(const char *path, const char *key)
{
	rpm(path, OWNED_KERNEL, RANK_IMAGE, key);
}

static void rpm_nothing(const char *path)
{
	stands_for_nothing(LAYOUT_RPM, path);
}

static void rpm_kernels_are_known(void **state)
{
	(void)state;
	rpm_kernel("/lib/modules/6.1.2-1.fc40.x86_64/vmlinuz", "6.1.2-1.fc40.x86_64");
	rpm_kernel("/usr/lib/modules/6.1.2+debug/vmlinuz", "6.1.2+debug");
	rpm_kernel("/lib/modules/6.1.2/vmlinuz-virt.efi", "6.1.2");
	rpm_kernel("/usr/lib/modules/6.4.0-150600.21-default/vmlinux.xz",
		   "6.4.0-150600.21-default");
	rpm_kernel("/lib/modules/6.1.2/Image", "6.1.2");
	rpm_kernel("/lib/modules/6.1.2/image", "6.1.2");
	rpm_kernel("/boot/vmlinuz-6.1.2", "6.1.2");
	rpm_kernel("/boot/image-6.1.2", "6.1.2");
	rpm_nothing("/lib/modules/6.1.2/modules.dep");
	rpm_nothing("/lib/modules/6.1.2/.vmlinuz.hmac");
	rpm_nothing("/lib/modules/vmlinuz");
	rpm_nothing("/lib/modules/6.1.2/kernel/vmlinuz");
	rpm_nothing("/usr/lib/debug/lib/modules/6.1.2/vmlinux");
	rpm_nothing("/boot/System.map-6.1.2");
	rpm_nothing("/boot/vmlinuz-");
	rpm_nothing("/boot/grub2/vmlinuz-6.1.2");
	rpm_nothing("/opt/boot/vmlinuz-6.1.2");
}

static void rpm_headers_are_known(void **state)
{
	(void)state;
	rpm("/usr/src/kernels/6.1.2-1.fc40.x86_64/Makefile", OWNED_HEADERS, RANK_IMAGE,
	    "6.1.2-1.fc40.x86_64");
	rpm("/usr/src/linux-6.4.0-150600.21-obj/x86_64/default/Makefile", OWNED_HEADERS, RANK_IMAGE,
	    "6.4.0-150600.21-default");
	rpm("/usr/lib/modules/6.1.2/build", OWNED_HEADERS, RANK_HINT, "6.1.2");
	rpm_nothing("/usr/src/kernels/6.1.2/scripts/Makefile");
	rpm_nothing("/usr/src/kernels/Makefile");
	rpm_nothing("/usr/src/kernels/6.1.2/Kconfig");
	rpm_nothing("/usr/src/linux-6.4.0/Makefile");
	rpm_nothing("/usr/src/linux-6.4.0/arch/x86/Makefile");
	rpm_nothing("/usr/src/linux-6.4.0-obj/x86_64/Makefile");
	rpm_nothing("/usr/src/linux-6.4.0-obj/x86_64/default/scripts/Makefile");
	rpm_nothing("/usr/src/linux-obj/x86_64/default/Makefile");
	rpm_nothing("/usr/src/linux--obj/x86_64/default/Kconfig");
	rpm_nothing("/usr/lib/modules/6.1.2/kernel/build");
	rpm_nothing("/usr/lib/modules/6.1.2/source");
}

static void rpm_sources_are_known(void **state)
{
	(void)state;
	rpm("/usr/src/v4l2loopback-0.12.7/dkms.conf", OWNED_SOURCE, RANK_PLACE,
	    "v4l2loopback-0.12.7");
	rpm("/usr/src/odd/dkms.conf", OWNED_SOURCE, RANK_PLACE, "odd");
	rpm_nothing("/usr/src/v4l2loopback-0.12.7/Makefile");
	rpm_nothing("/usr/src/v4l2loopback-0.12.7/sub/dkms.conf");
	rpm_nothing("/usr/src/dkms.conf");
	rpm_nothing("/usr/share/doc/x/dkms.conf");
	rpm_nothing("/usr/src/with\nline/dkms.conf");
	rpm_nothing("/usr/src/../dkms.conf");
	rpm_nothing("dkms.conf");
	rpm_nothing("");
	rpm_nothing("/");
}

static void a_folder_is_ruled_out(void **state)
{
	(void)state;
	assert_true(itempath_may_matter("/boot/"));
	assert_true(itempath_may_matter("/usr/lib/modules/6.1.2/"));
	assert_true(itempath_may_matter("/lib/modules/6.1.2/"));
	assert_true(itempath_may_matter("/usr/src/a-1/"));
	assert_true(itempath_may_matter("usr/src/a-1/"));
	assert_false(itempath_may_matter("/usr/bin/"));
	assert_false(itempath_may_matter("/usr/s"));
	assert_false(itempath_may_matter("/usr/"));
	assert_false(itempath_may_matter("/"));
	assert_false(itempath_may_matter(""));
	assert_false(itempath_may_matter("/boot/grub2/"));
}

static void dpkg(const char *path, enum owned_kind kind, enum itempath_rank rank, const char *key)
{
	stands_for(LAYOUT_DPKG, path, kind, rank, key);
}

static void dpkg_nothing(const char *path)
{
	stands_for_nothing(LAYOUT_DPKG, path);
}

static void dpkg_kernels_are_known(void **state)
{
	(void)state;
	dpkg("/lib/modules/6.1.0-9-amd64/kernel", OWNED_KERNEL, RANK_PLACE, "6.1.0-9-amd64");
	dpkg("/usr/lib/modules/6.1.2/vmlinuz", OWNED_KERNEL, RANK_IMAGE, "6.1.2");
	dpkg("/boot/vmlinuz-6.1.2", OWNED_KERNEL, RANK_IMAGE, "6.1.2");
	dpkg("/boot/vmlinux-6.1.2", OWNED_KERNEL, RANK_IMAGE, "6.1.2");
	dpkg_nothing("/lib/modules/6.1.2/kernel/a.ko");
	/* linux-base-K has them in Debian forky, which comes with the headers. */
	dpkg_nothing("/lib/modules/6.1.2/modules.builtin");
	dpkg_nothing("/usr/lib/modules/6.1.2/modules.order");
	dpkg_nothing("/lib/modules/6.1.2/kernel/modules.order");
	dpkg_nothing("/lib/modules/6.1.2");
	dpkg_nothing("/lib/modules//vmlinuz");
	dpkg_nothing("/usr/boot/vmlinuz-6.1.2");
	dpkg_nothing("/usr/usr/lib/modules/6.1.2/vmlinuz");
	dpkg_nothing("/boot/vmlinuz-");
	dpkg_nothing("/boot/x/vmlinuz-6.1.2");
	dpkg_nothing("/boot/vmlinuz-6.1.2/x");
	dpkg_nothing("/boot/vmlinuz-6.1 2");
}

static void dpkg_headers_are_known(void **state)
{
	(void)state;
	dpkg("/lib/modules/6.1.2/build", OWNED_HEADERS, RANK_PLACE, "6.1.2");
	dpkg("/usr/src/linux-headers-6.1.2/Makefile", OWNED_HEADERS, RANK_IMAGE, "6.1.2");
	dpkg("/usr/src/linux-hwe-6.8-headers-6.8.0-40/Makefile", OWNED_HEADERS, RANK_IMAGE,
	     "hwe-6.8-headers-6.8.0-40");
	dpkg_nothing("/usr/src/linux-headers-/Makefile");
	dpkg_nothing("/usr/src/linux-source-6.1/Makefile");
	dpkg_nothing("/usr/src/linux-/Makefile");
	dpkg_nothing("/usr/src/my-headers-6.1.2/Makefile");
	dpkg_nothing("/usr/src/linux-headers-6.1.2/scripts/Makefile");
	dpkg_nothing("/lib/modules/6.1.2/build/Makefile");
}

static void dpkg_sources_are_known(void **state)
{
	(void)state;
	dpkg("/usr/src/a-1/dkms.conf", OWNED_SOURCE, RANK_PLACE, "a-1");
	dpkg("/usr/src/linux-headers-1/dkms.conf", OWNED_SOURCE, RANK_PLACE, "linux-headers-1");
	dpkg_nothing("/src/a-1/dkms.conf");
	dpkg_nothing("/usr/src/../dkms.conf");
	dpkg_nothing("/usr/src//dkms.conf");
	dpkg_nothing("/usr/src/a-1/x/dkms.conf");
	dpkg_nothing("/usr/src/a-1/dkms.conf.bak");
	dpkg_nothing("/usr/src/dkms.conf");
}

static void pacman(const char *path, enum owned_kind kind, enum itempath_rank rank, const char *key)
{
	stands_for(LAYOUT_PACMAN, path, kind, rank, key);
}

static void pacman_nothing(const char *path)
{
	stands_for_nothing(LAYOUT_PACMAN, path);
}

static void pacman_paths_are_compared_as_a_whole(void **state)
{
	(void)state;
	pacman("usr/lib/modules/6.1.0-arch1-1/pkgbase", OWNED_KERNEL, RANK_IMAGE, "6.1.0-arch1-1");
	pacman("usr/lib/modules/6.1.0-arch1-1/vmlinuz", OWNED_KERNEL, RANK_HINT, "6.1.0-arch1-1");
	pacman("usr/lib/modules/6.1.0-arch1-1/build/Makefile", OWNED_HEADERS, RANK_IMAGE,
	       "6.1.0-arch1-1");
	pacman("usr/lib/modules/6.1.0-arch1-1/build", OWNED_HEADERS, RANK_PLACE, "6.1.0-arch1-1");
	pacman("usr/lib/modules/6.1.0-arch1-1/build/include/", OWNED_HEADERS, RANK_HINT,
	       "6.1.0-arch1-1");
	pacman("usr/src/a-1.0-2/dkms.conf", OWNED_SOURCE, RANK_PLACE, "a-1.0-2");
	pacman("usr/src/a 1.0/dkms.conf", OWNED_SOURCE, RANK_PLACE, "a 1.0");
	pacman_nothing("usr/lib/modules/6.1.0-arch1-1/build/");
	pacman_nothing("usr/lib/modules/6.1.0-arch1-1/build/include");
	pacman_nothing("usr/lib/modules//pkgbase");
	pacman_nothing("usr/lib/modules/a/b/pkgbase");
	pacman_nothing("usr/src/a-1.0/sub/dkms.conf");
	pacman_nothing("usr/src/a-1.0/dkms.conf.bak");
	pacman_nothing("opt/usr/src/a-1.0/dkms.conf");
	pacman_nothing("usr/src/dkms.conf");
	pacman_nothing("/usr/src/a-1.0/dkms.conf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rpm_kernels_are_known),
		cmocka_unit_test(rpm_headers_are_known),
		cmocka_unit_test(rpm_sources_are_known),
		cmocka_unit_test(dpkg_kernels_are_known),
		cmocka_unit_test(dpkg_headers_are_known),
		cmocka_unit_test(dpkg_sources_are_known),
		cmocka_unit_test(pacman_paths_are_compared_as_a_whole),
		cmocka_unit_test(a_folder_is_ruled_out),
	};

	return cmocka_run_group_tests_name("itempath", tests, NULL, NULL);
}
