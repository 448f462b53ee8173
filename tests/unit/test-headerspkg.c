/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/headerspkg.h"

#include "test.h"

#include <stdio.h>

static const struct {
	struct headerspkg_facts facts;
	const char *command; /* NULL: not known */
} cases[] = {
	{ { "debian", "6.1.0-56-amd64", NULL }, "apt install linux-headers-6.1.0-56-amd64" },
	{ { "debian", "6.1.0-56-cloud-amd64", NULL },
	  "apt install linux-headers-6.1.0-56-cloud-amd64" },
	{ { "ubuntu", "6.8.0-31-generic", NULL }, "apt install linux-headers-6.8.0-31-generic" },
	{ { "ubuntu debian", "6.8.0-31-lowlatency", NULL },
	  "apt install linux-headers-6.8.0-31-lowlatency" },
	{ { "debian", "6.8.12-4-pve", NULL }, "apt install proxmox-headers-6.8.12-4-pve" },
	{ { "debian", "6.5.3-1-pve", NULL }, "apt install proxmox-headers-6.5.3-1-pve" },
	{ { "debian", "6.2.16-20-pve", NULL }, "apt install pve-headers-6.2.16-20-pve" },
	{ { "debian", "6.6.20+rpt-rpi-v8", NULL }, "apt install linux-headers-6.6.20+rpt-rpi-v8" },
	{ { "debian", "5.10.63-v7l+", NULL }, "apt install raspberrypi-kernel-headers" },
	{ { "fedora", "6.8.5-301.fc40.x86_64", NULL },
	  "dnf install kernel-devel-6.8.5-301.fc40.x86_64" },
	{ { "fedora", "6.8.5-301.fc40.x86_64+debug", NULL },
	  "dnf install kernel-debug-devel-6.8.5-301.fc40.x86_64" },
	{ { "rhel centos fedora", "5.14.0-427.el9.aarch64+64k", NULL },
	  "dnf install kernel-64k-devel-5.14.0-427.el9.aarch64" },
	{ { "rhel centos fedora", "5.14.0-427.el9.x86_64+rt-debug", NULL },
	  "dnf install kernel-rt-debug-devel-5.14.0-427.el9.x86_64" },
	{ { "rhel fedora", "4.18.0-553.rt7.342.el8_10.x86_64", NULL },
	  "dnf install kernel-rt-devel-4.18.0-553.rt7.342.el8_10.x86_64" },
	{ { "fedora", "5.15.0-206.153.7.el9uek.x86_64", NULL },
	  "dnf install kernel-uek-devel-5.15.0-206.153.7.el9uek.x86_64" },
	{ { "suse opensuse", "6.4.0-150600.21-default", NULL },
	  "zypper install kernel-default-devel" },
	{ { "opensuse suse", "6.9.1-1-longterm", NULL }, "zypper install kernel-longterm-devel" },
	{ { "arch", "6.9.1-arch1-1", NULL }, "pacman -S linux-headers" },
	{ { "arch", "6.6.31-1-lts", NULL }, "pacman -S linux-lts-headers" },
	{ { "arch", "6.6.31-1-lts", "linux-lts\n" }, "pacman -S linux-lts-headers" },
	{ { "arch", "6.9.1-2-cachyos", "linux-cachyos\n" }, "pacman -S linux-cachyos-headers" },
	{ { "arch", "6.6.19-1-MANJARO", "linux66\n" }, "pacman -S linux66-headers" },
	{ { "arch", "6.6.19-1-MANJARO", NULL }, "pacman -S linux66-headers" },
	{ { "gentoo", "6.6.30-gentoo", NULL }, "emerge sys-kernel/gentoo-sources" },
	{ { "gentoo", "6.6.30-gentoo-dist", NULL }, "emerge sys-kernel/gentoo-kernel" },
	{ { "alpine", "6.6.14-0-lts", NULL }, "apk add linux-lts-dev" },
	{ { "alpine", "6.6.14-0-virt", NULL }, "apk add linux-virt-dev" },
	{ { "void", "6.6.21_1", NULL }, "xbps-install linux6.6-headers" },
	{ { "void", "next", NULL }, NULL },
	{ { "alpine", "6.6.14", NULL }, NULL },
	{ { "slackware", "6.6.14", NULL }, NULL },
	{ { "", "6.6.14", NULL }, NULL },
};

static void commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_HEADERSPKG struct headerspkg p = { NULL, NULL };

		headerspkg_find(&cases[i].facts, &p);
		if (!cases[i].command) {
			assert_null(p.command);
			assert_null(p.package);
			continue;
		}
		assert_non_null(p.command);
		assert_string_equal(p.command, cases[i].command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(commands) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
