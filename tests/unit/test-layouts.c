/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of dkms-kernels(7): files of packages as each distribution has them, and what they tell.
 * A file is PATH, "PATH = TEXT", "PATH -> TARGET", or a folder with "/" at its end.  Those of
 * Debian are also tested in tests/system, with the real packages.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "disk.h"
#include "hooks/common/itempath.h"
#include "install/initramfs.h"
#include "kernel/kernels.h"
#include "packages/owners.h"
#include "sys/fs.h"

struct package {
	const char *name;
	const char *files[10];
};

struct layout_row {
	const char *name; /* as in the manual */
	enum itempath_layout layout;
	const char *release;
	struct package kernel[4];  /* each of them alone makes a kernel, but for ... */
	struct package base[3];	   /* ... these, which make none */
	struct package headers[4]; /* all are needed */
	const char *owner;	   /* of the kernel, by the event */
	const char *headers_owner;
	const char *machine[6]; /* programs and settings; "PATH = TEXT" */
	const char *images[4];
	enum initramfs_kind kind;
	const char *commands;
};

#define ID "0123456789abcdef0123456789abcdef"

/* Debian's thin headers. */
#define DEBIAN_HEADERS(modules, k, common, kbuild)                                             \
	{                                                                                      \
		{ "linux-headers-" k,                                                          \
		  { modules k "/build -> /usr/src/linux-headers-" k,                           \
		    "/usr/src/linux-headers-" k                                                \
		    "/Makefile = include /usr/src/linux-headers-" common "/Makefile",          \
		    "/usr/src/linux-headers-" k "/.config",                                    \
		    "/usr/src/linux-headers-" k "/Module.symvers",                             \
		    "/usr/src/linux-headers-" k "/include/generated/autoconf.h",               \
		    "/usr/src/linux-headers-" k "/scripts -> /usr/lib/" kbuild "/scripts" } }, \
			{ "linux-headers-" common,                                             \
			  { "/usr/src/linux-headers-" common "/Makefile",                      \
			    "/usr/src/linux-headers-" common "/include/linux/module.h" } },    \
			{ kbuild, { "/usr/lib/" kbuild "/scripts/mod/modpost" } },             \
	}

static const struct layout_row rows[] = {
	{
		.name = "Debian 12",
		.layout = LAYOUT_DPKG,
		.release = "6.1.0-56-amd64",
		.kernel = { { "linux-image-6.1.0-56-amd64",
			      { "/boot/vmlinuz-6.1.0-56-amd64", "/boot/System.map-6.1.0-56-amd64",
				"/boot/config-6.1.0-56-amd64",
				"/lib/modules/6.1.0-56-amd64/kernel/",
				"/lib/modules/6.1.0-56-amd64/kernel/fs/ext4/ext4.ko",
				"/lib/modules/6.1.0-56-amd64/modules.builtin",
				"/lib/modules/6.1.0-56-amd64/modules.order" } } },
		.headers = DEBIAN_HEADERS("/lib/modules/", "6.1.0-56-amd64", "6.1.0-56-common",
					  "linux-kbuild-6.1"),
		.owner = "linux-image-6.1.0-56-amd64",
		.headers_owner = "linux-headers-6.1.0-56-amd64",
		.machine = { "/usr/sbin/mkinitramfs", "/usr/sbin/update-initramfs = mkinitramfs" },
		.images = { "/boot/initrd.img-6.1.0-56-amd64" },
		.kind = INITRAMFS_TOOLS,
		.commands = "update-initramfs -u -k 6.1.0-56-amd64",
	},
	{
		.name = "Debian 13",
		.layout = LAYOUT_DPKG,
		.release = "6.12.48+deb13-amd64",
		.kernel = { { "linux-image-6.12.48+deb13-amd64",
			      { "/boot/vmlinuz-6.12.48+deb13-amd64",
				"/usr/lib/modules/6.12.48+deb13-amd64/kernel/",
				"/usr/lib/modules/6.12.48+deb13-amd64/kernel/fs/ext4/ext4.ko.xz",
				"/usr/lib/modules/6.12.48+deb13-amd64/modules.builtin",
				"/usr/lib/modules/6.12.48+deb13-amd64/modules.order" } } },
		.headers = DEBIAN_HEADERS("/usr/lib/modules/", "6.12.48+deb13-amd64",
					  "6.12.48+deb13-common", "linux-kbuild-6.12.48+deb13"),
		.owner = "linux-image-6.12.48+deb13-amd64",
		.headers_owner = "linux-headers-6.12.48+deb13-amd64",
		/* dracut in the place of initramfs-tools, whose core was left. */
		.machine = { "/usr/bin/dracut", "/usr/sbin/mkinitramfs" },
		.images = { "/boot/initrd.img-6.12.48+deb13-amd64" },
		.kind = INITRAMFS_DRACUT,
		.commands =
			"dracut --force /boot/initrd.img-6.12.48+deb13-amd64 6.12.48+deb13-amd64",
	},
	{
		.name = "Debian since forky",
		.layout = LAYOUT_DPKG,
		.release = "7.2.13+deb14-amd64",
		.kernel = { { "linux-binary-7.2.13+deb14-amd64",
			      { "/usr/lib/modules/7.2.13+deb14-amd64/vmlinuz" } },
			    { "linux-modules-7.2.13+deb14-amd64",
			      { "/usr/lib/modules/7.2.13+deb14-amd64/kernel/",
				"/usr/lib/modules/7.2.13+deb14-amd64/kernel/fs/ext4/ext4.ko.xz" } } },
		.base = { { "linux-base-7.2.13+deb14-amd64",
			    { "/usr/lib/modules/7.2.13+deb14-amd64/System.map",
			      "/usr/lib/modules/7.2.13+deb14-amd64/config",
			      "/usr/lib/modules/7.2.13+deb14-amd64/modules.builtin",
			      "/usr/lib/modules/7.2.13+deb14-amd64/modules.builtin.modinfo",
			      "/usr/lib/modules/7.2.13+deb14-amd64/modules.order" } },
			  { "linux-image-7.2.13+deb14-amd64",
			    { "/usr/share/lintian/overrides/linux-image-7.2.13+deb14-amd64" } } },
		.headers = DEBIAN_HEADERS("/usr/lib/modules/", "7.2.13+deb14-amd64",
					  "7.2.13+deb14-common", "linux-kbuild-7.2.13+deb14"),
		.owner = "linux-binary-7.2.13+deb14-amd64",
		.headers_owner = "linux-headers-7.2.13+deb14-amd64",
		.machine = { "/usr/bin/dracut", "/usr/sbin/update-initramfs = dracut" },
		.images = { "/boot/initrd.img-7.2.13+deb14-amd64" },
		.kind = INITRAMFS_DRACUT,
		.commands = "update-initramfs -u -k 7.2.13+deb14-amd64",
	},
	{
		.name = "Ubuntu",
		.layout = LAYOUT_DPKG,
		.release = "6.8.0-49-generic",
		.kernel = { { "linux-image-6.8.0-49-generic",
			      { "/boot/vmlinuz-6.8.0-49-generic" } },
			    { "linux-modules-6.8.0-49-generic",
			      { "/boot/System.map-6.8.0-49-generic",
				"/boot/config-6.8.0-49-generic",
				"/lib/modules/6.8.0-49-generic/kernel/",
				"/lib/modules/6.8.0-49-generic/kernel/fs/ext4/ext4.ko.zst",
				"/lib/modules/6.8.0-49-generic/modules.builtin",
				"/lib/modules/6.8.0-49-generic/modules.order" } },
			    { "linux-modules-extra-6.8.0-49-generic",
			      { "/lib/modules/6.8.0-49-generic/kernel/",
				"/lib/modules/6.8.0-49-generic/kernel/net/x/x.ko.zst" } } },
		.headers = { { "linux-headers-6.8.0-49-generic",
			       { "/lib/modules/6.8.0-49-generic/build -> "
				 "/usr/src/linux-headers-6.8.0-49-generic",
				 "/usr/src/linux-headers-6.8.0-49-generic/Makefile -> "
				 "../linux-headers-6.8.0-49/Makefile",
				 "/usr/src/linux-headers-6.8.0-49-generic/include/generated/autoconf.h",
				 "/usr/src/linux-headers-6.8.0-49-generic/Module.symvers" } },
			     { "linux-headers-6.8.0-49",
			       { "/usr/src/linux-headers-6.8.0-49/Makefile",
				 "/usr/src/linux-headers-6.8.0-49/include/linux/module.h" } } },
		.owner = "linux-image-6.8.0-49-generic",
		.headers_owner = "linux-headers-6.8.0-49-generic",
		.machine = { "/usr/sbin/mkinitramfs", "/usr/sbin/update-initramfs = mkinitramfs",
			     "/usr/bin/dracut" },
		.images = { "/boot/initrd.img-6.8.0-49-generic" },
		.kind = INITRAMFS_TOOLS,
		.commands = "update-initramfs -u -k 6.8.0-49-generic",
	},
	{
		.name = "Proxmox VE",
		.layout = LAYOUT_DPKG,
		.release = "6.8.12-4-pve",
		.kernel = { { "proxmox-kernel-6.8.12-4-pve-signed",
			      { "/boot/vmlinuz-6.8.12-4-pve", "/boot/System.map-6.8.12-4-pve",
				"/lib/modules/6.8.12-4-pve/kernel/",
				"/lib/modules/6.8.12-4-pve/kernel/fs/ext4/ext4.ko",
				"/lib/modules/6.8.12-4-pve/modules.builtin",
				"/lib/modules/6.8.12-4-pve/modules.order" } } },
		.headers = { { "proxmox-headers-6.8.12-4-pve",
			       { "/lib/modules/6.8.12-4-pve/build -> "
				 "/usr/src/linux-headers-6.8.12-4-pve",
				 "/usr/src/linux-headers-6.8.12-4-pve/Makefile",
				 "/usr/src/linux-headers-6.8.12-4-pve/include/generated/autoconf.h",
				 "/usr/src/linux-headers-6.8.12-4-pve/scripts/mod/modpost" } } },
		.owner = "proxmox-kernel-6.8.12-4-pve-signed",
		.headers_owner = "proxmox-headers-6.8.12-4-pve",
		.machine = { "/usr/sbin/mkinitramfs", "/usr/sbin/update-initramfs = mkinitramfs" },
		.images = { "/boot/initrd.img-6.8.12-4-pve" },
		.kind = INITRAMFS_TOOLS,
		.commands = "update-initramfs -u -k 6.8.12-4-pve",
	},
	{
		.name = "Raspberry Pi OS",
		.layout = LAYOUT_DPKG,
		.release = "6.12.47+rpt-rpi-v8",
		.kernel = { { "linux-image-6.12.47+rpt-rpi-v8",
			      { "/boot/vmlinuz-6.12.47+rpt-rpi-v8",
				"/usr/lib/modules/6.12.47+rpt-rpi-v8/kernel/",
				"/usr/lib/modules/6.12.47+rpt-rpi-v8/kernel/fs/ext4/ext4.ko.xz",
				"/usr/lib/modules/6.12.47+rpt-rpi-v8/modules.builtin" } } },
		.headers = DEBIAN_HEADERS("/usr/lib/modules/", "6.12.47+rpt-rpi-v8",
					  "6.12.47+rpt-common-rpi", "linux-kbuild-6.12.47+rpt"),
		.owner = "linux-image-6.12.47+rpt-rpi-v8",
		.headers_owner = "linux-headers-6.12.47+rpt-rpi-v8",
		.machine = { "/usr/sbin/mkinitramfs", "/usr/sbin/update-initramfs = mkinitramfs" },
		.images = { "/boot/initrd.img-6.12.47+rpt-rpi-v8" },
		.kind = INITRAMFS_TOOLS,
		.commands = "update-initramfs -u -k 6.12.47+rpt-rpi-v8",
	},
	{
		.name = "Raspberry Pi OS before 12",
		.layout = LAYOUT_DPKG,
		.release = "6.1.21-v8+",
		.kernel = { { "raspberrypi-kernel",
			      { "/boot/kernel8.img", "/lib/modules/6.1.21-v8+/kernel/",
				"/lib/modules/6.1.21-v8+/kernel/fs/ext4/ext4.ko.xz",
				"/lib/modules/6.1.21-v8+/modules.builtin" } } },
		.headers = { { "raspberrypi-kernel-headers",
			       { "/lib/modules/6.1.21-v8+/build -> /usr/src/linux-headers-6.1.21-v8+",
				 "/usr/src/linux-headers-6.1.21-v8+/Makefile",
				 "/usr/src/linux-headers-6.1.21-v8+/include/generated/autoconf.h" } } },
		.owner = "raspberrypi-kernel",
		.headers_owner = "raspberrypi-kernel-headers",
		.machine = { "/usr/sbin/mkinitramfs", "/usr/sbin/update-initramfs = mkinitramfs" },
		.kind = INITRAMFS_TOOLS, /* which has made no image of it */
		.commands = "update-initramfs -u -k 6.1.21-v8+",
	},
	{
		.name = "Fedora and Enterprise Linux",
		.layout = LAYOUT_RPM,
		.release = "6.11.4-301.fc41.x86_64",
		.kernel = { { "kernel-core",
			      { "/lib/modules/6.11.4-301.fc41.x86_64/vmlinuz",
				"/lib/modules/6.11.4-301.fc41.x86_64/System.map",
				"/lib/modules/6.11.4-301.fc41.x86_64/symvers.xz" } },
			    { "kernel-modules-core",
			      { "/lib/modules/6.11.4-301.fc41.x86_64/kernel/",
				"/lib/modules/6.11.4-301.fc41.x86_64/kernel/fs/ext4/ext4.ko.xz",
				"/lib/modules/6.11.4-301.fc41.x86_64/build -> "
				"/usr/src/kernels/6.11.4-301.fc41.x86_64",
				"/lib/modules/6.11.4-301.fc41.x86_64/modules.builtin",
				"/lib/modules/6.11.4-301.fc41.x86_64/modules.order" } } },
		.headers = { { "kernel-devel",
			       { "/usr/src/kernels/6.11.4-301.fc41.x86_64/Makefile",
				 "/usr/src/kernels/6.11.4-301.fc41.x86_64/include/generated/autoconf.h",
				 "/usr/src/kernels/6.11.4-301.fc41.x86_64/scripts/mod/modpost" } } },
		.owner = "kernel-core",
		.headers_owner = "kernel-devel",
		.machine = { "/usr/bin/dracut", "/usr/bin/kernel-install",
			     "/usr/lib/kernel/install.conf = layout=bls" },
		.images = { "/boot/initramfs-6.11.4-301.fc41.x86_64.img" },
		.kind = INITRAMFS_DRACUT,
		.commands = "dracut --force --kver 6.11.4-301.fc41.x86_64",
	},
	{
		.name = "openSUSE",
		.layout = LAYOUT_RPM,
		.release = "6.4.0-150600.21-default",
		.kernel = { { "kernel-default",
			      { "/usr/lib/modules/6.4.0-150600.21-default/vmlinuz",
				"/usr/lib/modules/6.4.0-150600.21-default/kernel/",
				"/usr/lib/modules/6.4.0-150600.21-default/kernel/fs/ext4/ext4.ko.zst",
				"/usr/lib/modules/6.4.0-150600.21-default/modules.builtin",
				"/usr/lib/modules/6.4.0-150600.21-default/modules.order" } } },
		.headers = { { "kernel-default-devel",
			       { "/usr/lib/modules/6.4.0-150600.21-default/build -> "
				 "/usr/src/linux-6.4.0-150600.21-obj/x86_64/default",
				 "/usr/src/linux-6.4.0-150600.21-obj/x86_64/default/Makefile = "
				 "include /usr/src/linux-6.4.0-150600.21/Makefile",
				 "/usr/src/linux-6.4.0-150600.21-obj/x86_64/default/include/generated/"
				 "autoconf.h" } },
			     { "kernel-devel",
			       { "/usr/src/linux-6.4.0-150600.21/Makefile",
				 "/usr/src/linux-6.4.0-150600.21/include/linux/module.h" } } },
		.owner = "kernel-default",
		.headers_owner = "kernel-default-devel",
		.machine = { "/usr/bin/dracut" },
		.images = { "/boot/initrd-6.4.0-150600.21-default" },
		.kind = INITRAMFS_DRACUT,
		.commands = "dracut --force --kver 6.4.0-150600.21-default",
	},
	{
		.name = "Arch Linux",
		.layout = LAYOUT_PACMAN,
		.release = "6.12.1-arch1-1",
		.kernel = { { "linux",
			      { "/usr/lib/modules/6.12.1-arch1-1/vmlinuz",
				"/usr/lib/modules/6.12.1-arch1-1/pkgbase = linux",
				"/usr/lib/modules/6.12.1-arch1-1/kernel/fs/ext4/ext4.ko.zst",
				"/usr/lib/modules/6.12.1-arch1-1/modules.builtin",
				"/usr/lib/modules/6.12.1-arch1-1/modules.order" } } },
		.headers = { { "linux-headers",
			       { "/usr/lib/modules/6.12.1-arch1-1/build/Makefile",
				 "/usr/lib/modules/6.12.1-arch1-1/build/include/generated/autoconf.h",
				 "/usr/lib/modules/6.12.1-arch1-1/build/scripts/mod/modpost" } } },
		.owner = "linux",
		.headers_owner = "linux-headers",
		.machine = { "/usr/bin/mkinitcpio", "/etc/mkinitcpio.d/linux.preset = "
						    "default_image=\"/boot/initramfs-linux.img\"" },
		.images = { "/boot/initramfs-linux.img" },
		.kind = INITRAMFS_MKINITCPIO,
		.commands = "mkinitcpio -p linux",
	},
	{
		.name = "Arch Linux with dracut",
		.layout = LAYOUT_PACMAN,
		.release = "6.12.1-zen1-1-zen",
		.kernel = { { "linux-zen",
			      { "/usr/lib/modules/6.12.1-zen1-1-zen/vmlinuz",
				"/usr/lib/modules/6.12.1-zen1-1-zen/pkgbase = linux-zen" } } },
		.headers = { { "linux-zen-headers",
			       { "/usr/lib/modules/6.12.1-zen1-1-zen/build/Makefile",
				 "/usr/lib/modules/6.12.1-zen1-1-zen/build/include/generated/"
				 "autoconf.h" } } },
		.owner = "linux-zen",
		.headers_owner = "linux-zen-headers",
		.machine = { "/usr/bin/dracut" },
		.images = { "/boot/initramfs-linux-zen.img" },
		.kind = INITRAMFS_DRACUT,
		.commands = "dracut --force --hostonly --no-hostonly-cmdline "
			    "/boot/initramfs-linux-zen.img 6.12.1-zen1-1-zen",
	},
	{
		.name = "Arch Linux with unified images",
		.layout = LAYOUT_PACMAN,
		.release = "6.12.1-arch1-1",
		.kernel = { { "linux",
			      { "/usr/lib/modules/6.12.1-arch1-1/vmlinuz",
				"/usr/lib/modules/6.12.1-arch1-1/pkgbase = linux" } } },
		.owner = "linux",
		.machine = { "/usr/bin/mkinitcpio",
			     "/etc/mkinitcpio.d/linux.preset = "
			     "default_uki=\"/efi/EFI/Linux/arch-linux.efi\"" },
		.images = { "/efi/EFI/Linux/arch-linux.efi" },
		.kind = INITRAMFS_MKINITCPIO,
		.commands = "mkinitcpio -p linux",
	},
	{
		.name = "Unified images of dracut",
		.layout = LAYOUT_RPM,
		.release = "6.11.4-301.fc41.x86_64",
		.kernel = { { "kernel-core", { "/lib/modules/6.11.4-301.fc41.x86_64/vmlinuz" } } },
		.owner = "kernel-core",
		.machine = { "/usr/bin/dracut" },
		.images = { "/boot/efi/EFI/Linux/linux-6.11.4-301.fc41.x86_64-" ID ".efi" },
		.kind = INITRAMFS_DRACUT,
		.commands = "dracut --force --kver 6.11.4-301.fc41.x86_64",
	},
	{
		.name = "Unified images of kernel-install",
		.layout = LAYOUT_RPM,
		.release = "6.11.4-301.fc41.x86_64",
		.kernel = { { "kernel-core", { "/lib/modules/6.11.4-301.fc41.x86_64/vmlinuz" } },
			    { "kernel-uki-virt",
			      { "/lib/modules/6.11.4-301.fc41.x86_64/vmlinuz-virt.efi" } } },
		.owner = "kernel-core",
		.machine = { "/usr/bin/dracut", "/usr/bin/kernel-install",
			     "/etc/kernel/install.conf = layout=uki" },
		.images = { "/boot/efi/EFI/Linux/" ID "-6.11.4-301.fc41.x86_64.efi" },
		.kind = INITRAMFS_KERNEL_INSTALL,
		.commands = "kernel-install add 6.11.4-301.fc41.x86_64 "
			    "/lib/modules/6.11.4-301.fc41.x86_64/vmlinuz",
	},
	{
		.name = "Kernels without a package",
		.layout = LAYOUT_DPKG,
		.release = "6.13.0",
		.kernel = { { "make install", { "/boot/vmlinuz-6.13.0" } },
			    { "Gentoo's installkernel", { "/boot/kernel-6.13.0" } } },
		.base = { { "make modules_install",
			    { "/lib/modules/6.13.0/modules.order",
			      "/lib/modules/6.13.0/modules.builtin" } } },
		.headers = { { "the source",
			       { "/lib/modules/6.13.0/build -> /usr/src/linux",
				 "/usr/src/linux/Makefile", "/usr/src/linux/scripts/mod/modpost",
				 "/usr/src/linux/include/generated/autoconf.h" } } },
		.machine = { "/usr/bin/booster" },
		.images = { "/boot/booster-linux.img" },
		.kind = INITRAMFS_BOOSTER,
		.commands = "booster build --force --kernel-version 6.13.0 /boot/booster-linux.img",
	},
};

/* The path without target, text or the slash of a folder.  Caller frees. */
static char *file_path(const char *file)
{
	const char *end = strstr(file, " -> ");

	end = end ? end : strstr(file, " = ");
	end = end ? end : file + strlen(file);
	return xstrndup(file, (size_t)(end - file) - (end[-1] == '/'));
}

/* Where a path of the list lies: in the one tree that the engine looks at. */
static char *file_place(const char *file)
{
	AUTO_FREE char *path = file_path(file);

	return xstrdup(strncmp(path, "/usr/lib/modules/", 17) == 0 ? path + 4 : path);
}

static void put_file(struct disk *d, const char *file)
{
	AUTO_FREE char *place = file_place(file);
	const char *target = strstr(file, " -> "), *text = strstr(file, " = ");

	if (target)
		disk_link(d, place, target + 4);
	else if (file[strlen(file) - 1] == '/')
		assert_int_equal(fs_mkdir_p(&d->e.root, place), 0);
	else
		disk_file(d, place, text ? text + 3 : "");
}

static void put_package(struct disk *d, const struct package *p)
{
	AUTO_FREE char *list = xasprintf("/var/lib/dpkg/info/%s.list", p->name);
	AUTO_BUF struct buf b = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(p->files) && p->files[i]; i++) {
		AUTO_FREE char *path = file_path(p->files[i]);

		put_file(d, p->files[i]);
		buf_addf(&b, "%s\n", path);
	}
	if (!strchr(p->name, ' '))
		disk_file(d, list, b.s);
}

static void put_packages(struct disk *d, const struct package *p, size_t n,
			 const struct package *but)
{
	for (size_t i = 0; i < n && p[i].name; i++) {
		if (&p[i] != but)
			put_package(d, &p[i]);
	}
}
#define PUT(d, list, but) put_packages(d, list, ARRAY_SIZE(list), but)

static void clear(struct disk *d)
{
	static const char *const folders[] = { "/boot", "/efi", "/etc", "/lib", "/usr", "/var" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		disk_remove(d, folders[i]);
}

static void expect_kernel(struct disk *d, const struct layout_row *row, const char *what,
			  bool kernel, bool headers)
{
	AUTO_KERNEL_INFO struct kernel_info k = { 0 };

	owners_forget(&d->e);
	assert_int_equal(kernel_look(&d->e, row->release, NULL, NULL, &k), 0);
	if (k.complete != kernel || k.headers != headers)
		fail_msg("%s, %s: kernel %d, headers %d", row->name, what, k.complete, k.headers);
}

static void a_kernel_is_there(void **state)
{
	struct disk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct layout_row *row = &rows[i];

		for (size_t k = 0; k < ARRAY_SIZE(row->kernel) && row->kernel[k].name; k++) {
			AUTO_FREE char *tree = xasprintf("/lib/modules/%s", row->release);

			clear(d);
			assert_int_equal(fs_mkdir_p(&d->e.root, tree), 0);
			PUT(d, row->base, NULL);
			expect_kernel(d, row, "base", false, false);
			put_package(d, &row->kernel[k]);
			expect_kernel(d, row, row->kernel[k].name, true, false);
		}
	}
}

static void headers_are_complete(void **state)
{
	struct disk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct layout_row *row = &rows[i];
		bool linked = row->layout != LAYOUT_RPM || row->headers[1].name;

		if (!row->headers[0].name)
			continue;
		clear(d);
		PUT(d, row->base, NULL);
		PUT(d, row->headers, NULL);
		/* Fedora's link to them is in a package of the kernel. */
		expect_kernel(d, row, "headers alone", false, linked);
		PUT(d, row->kernel, NULL);
		expect_kernel(d, row, "kernel and headers", true, true);
		for (size_t h = 0; h < ARRAY_SIZE(row->headers) && row->headers[h].name; h++) {
			clear(d);
			PUT(d, row->base, NULL);
			PUT(d, row->kernel, NULL);
			PUT(d, row->headers, &row->headers[h]);
			expect_kernel(d, row, row->headers[h].name, true, false);
		}
	}
}

struct owner {
	const char *package;
	enum itempath_rank rank;
};

static void look_for_owner(const struct layout_row *row, const struct package *p, size_t n,
			   enum owned_kind kind, struct owner *ret)
{
	for (size_t i = 0; i < n && p[i].name; i++) {
		for (size_t f = 0; f < ARRAY_SIZE(p[i].files) && p[i].files[f]; f++) {
			AUTO_FREE char *path = file_path(p[i].files[f]);
			AUTO_ITEMPATH struct itempath item = { 0 };

			if (!itempath_parse(row->layout, path + (row->layout == LAYOUT_PACMAN),
					    &item) ||
			    item.kind != kind || strcmp(item.key, row->release) != 0)
				continue;
			if (!ret->package || item.rank > ret->rank)
				*ret = (struct owner){ p[i].name, item.rank };
		}
	}
}
#define LOOK(row, list, kind, ret) look_for_owner(row, list, ARRAY_SIZE(list), kind, ret)

static void a_package_owns_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct layout_row *row = &rows[i];
		struct owner kernel = { NULL, RANK_HINT }, headers = kernel, none = kernel;

		if (!row->owner) /* nobody's */
			continue;
		LOOK(row, row->base, OWNED_KERNEL, &none);
		LOOK(row, row->headers, OWNED_KERNEL, &none);
		assert_null(none.package);
		LOOK(row, row->kernel, OWNED_KERNEL, &kernel);
		assert_non_null(kernel.package);
		assert_string_equal(kernel.package, row->owner);
		LOOK(row, row->kernel, OWNED_HEADERS, &headers);
		LOOK(row, row->headers, OWNED_HEADERS, &headers);
		if (row->headers_owner)
			assert_string_equal(headers.package, row->headers_owner);
	}
}

static void a_generator_makes_its_initramfs(void **state)
{
	struct disk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct layout_row *row = &rows[i];
		AUTO_STRV struct strv commands = STRV_INIT, images = STRV_INIT;
		AUTO_FREE char *text = NULL;
		enum initramfs_kind kind;

		clear(d);
		PUT(d, row->kernel, NULL);
		for (size_t m = 0; m < ARRAY_SIZE(row->machine) && row->machine[m]; m++) {
			AUTO_FREE char *path = file_path(row->machine[m]);

			put_file(d, row->machine[m]);
			assert_int_equal(fs_chmod(&d->e.root, path, 0755), 0);
		}
		for (size_t m = 0; m < ARRAY_SIZE(row->images) && row->images[m]; m++)
			put_file(d, row->images[m]);
		kind = initramfs_kind(&d->e, row->release);
		if (kind != row->kind)
			fail_msg("%s: generator %d, not %d", row->name, kind, row->kind);
		initramfs_images(&d->e, kind, row->release, &images);
		assert_int_equal(images.n > 0, row->images[0] != NULL);
		initramfs_commands(&d->e, kind, row->release, &commands);
		text = strv_join(&commands, "; ");
		assert_string_equal(text, row->commands);
	}
}

/* Each row is an item of the page's list, and each item a row. */
static void the_manual_has_these_rows(void **state)
{
	const char *srcdir = getenv("srcdir");
	AUTO_FREE char *path = xasprintf("%s/man/dkms-kernels.7", srcdir ? srcdir : ".");
	AUTO_FREE char *full = realpath(path, NULL);
	CLEANUP(root_close) struct root host = { .fd = -1 };
	AUTO_BUF struct buf page = BUF_INIT;
	const char *list, *at;
	size_t items = 0;

	(void)state;
	assert_non_null(full);
	assert_int_equal(root_open("/", &host), 0);
	assert_int_equal(fs_read(&host, full, 1 << 20, &page), 0);
	list = strstr(page.s, ".Sh DISTRIBUTIONS\n");
	assert_non_null(list);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *item = xasprintf("\n.It Em %s\n", rows[i].name);

		if (!strstr(list, item))
			fail_msg("the manual has no %s", rows[i].name);
	}
	for (at = list; (at = strstr(at, "\n.It Em ")); at++)
		items++;
	assert_int_equal(items, ARRAY_SIZE(rows));
}

#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, disk_setup, disk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_DISK(a_kernel_is_there),
		ON_DISK(headers_are_complete),
		cmocka_unit_test(a_package_owns_it),
		ON_DISK(a_generator_makes_its_initramfs),
		cmocka_unit_test(the_manual_has_these_rows),
	};

	return cmocka_run_group_tests_name("layouts", tests, NULL, NULL);
}
