/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/candidate.h"

#include "base/alloc.h"
#include "test.h"

static void expect_packages(const struct candidate *c, const char *packages)
{
	AUTO_FREE char *text = strv_join(&c->packages, " ");

	assert_string_equal(text, packages);
}

/* ---- apt ---- */

static const char apt_says[] =
	"Reading package lists...\n"
	"The following NEW packages will be installed:\n"
	"  linux-image-6.1.0-57-amd64\n"
	"Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64])\n"
	"Inst linux-headers-6.1.0-57-common (6.1.192-3 Debian-Security:12/oldstable [all])\n"
	"Inst linux-kbuild-6.1 [6.1.187-1] (6.1.192-3 Debian-Security:12/oldstable [amd64])\n"
	"Inst linux-headers-6.1.0-57-amd64 (6.1.192-3 Debian-Security:12/oldstable [amd64]) []\n"
	"Inst linux-image-6.1.0-57-amd64 (6.1.192-3 Debian-Security:12/oldstable [amd64])\n"
	"Inst linux-image-amd64 [6.1.187-1] (6.1.192-3 Debian-Security:12/oldstable [amd64]) [a:amd64 ]\n"
	"Inst linux-image-6.1.0-57-amd64-dbg (6.1.192-3 Debian-Security:12/oldstable [amd64])\n"
	"Conf linux-image-6.1.0-57-amd64 (6.1.192-3 Debian-Security:12/oldstable [amd64])\n"
	"Inst libc6:i386 [2] (3 Debian [i386])\n"
	"Inst broken\nInst broken (\nInst broken [1]\nInst";

static void test_apt(void **state)
{
	AUTO_CANDIDATES struct candidate_list l = { NULL, 0 };
	AUTO_STRV struct strv fresh = STRV_INIT, all = STRV_INIT;

	(void)state;
	candidate_read_apt(apt_says, true, &fresh);
	candidates_from_apt(&fresh, &l);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.v[0].release, "6.1.0-57-amd64");
	assert_string_equal(l.v[0].manager, "apt");
	expect_packages(&l.v[0], "linux-headers-6.1.0-57-amd64=6.1.192-3 "
				 "linux-image-6.1.0-57-amd64=6.1.192-3");

	candidate_read_apt(apt_says, false, &all);
	assert_int_equal(all.n, 8);
	assert_true(strv_has(&all, "bash=5.2.15-2+b13"));
	assert_true(strv_has(&all, "libc6=3"));
}

static void test_apt_names(void **state)
{
	AUTO_CANDIDATES struct candidate_list l = { NULL, 0 };
	AUTO_STRV struct strv names = STRV_INIT;

	(void)state;
	strv_split(&names,
		   "linux-image-unsigned-6.8.0-45-generic=1 linux-modules-6.8.0-45-generic=1 "
		   "linux-headers-6.8.0-45-generic=1 linux-headers-6.8.0-45=1 "
		   "proxmox-kernel-6.8.12-4-pve-signed=2 proxmox-headers-6.8.12-4-pve=2 "
		   "linux-image-amd64=3 linux-image-686-pae=3 linux-image-6.1/x=3 linux-image-=3",
		   " ");
	candidates_from_apt(&names, &l);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0].release, "6.8.0-45-generic");
	expect_packages(&l.v[0],
			"linux-image-unsigned-6.8.0-45-generic=1 linux-modules-6.8.0-45-generic=1 "
			"linux-headers-6.8.0-45-generic=1");
	assert_string_equal(l.v[1].release, "6.8.12-4-pve");
	expect_packages(&l.v[1], "proxmox-kernel-6.8.12-4-pve-signed=2 "
				 "proxmox-headers-6.8.12-4-pve=2");
}

static void test_apt_image(void **state)
{
	(void)state;
	assert_true(candidate_is_image("linux-image-6.1-a=1", "6.1-a"));
	assert_true(candidate_is_image("linux-base-6.1-a", "6.1-a"));
	assert_false(candidate_is_image("linux-headers-6.1-a=1", "6.1-a"));
	assert_false(candidate_is_image("linux-kbuild-6.1-a=1", "6.1-a"));
	assert_false(candidate_is_image("gcc-12=1", "6.1-a"));
}

/* ---- dnf ---- */

static void test_dnf(void **state)
{
	AUTO_CANDIDATES struct candidate_list l = { NULL, 0 };

	(void)state;
	candidates_from_dnf("kernel-core 6.11.4-301.fc41 x86_64\n\n"
			    "kernel-modules-core 6.11.4-301.fc41 x86_64\n"
			    "kernel-debug-modules-core 6.11.4-301.fc41 x86_64\n"
			    "kernel-debug-core 6.11.4-301.fc41 x86_64\n"
			    "kernel-uek-core 1:5.15.0-206.el9uek x86_64\n"
			    "kernel 6.11.4-301.fc41 src\n"
			    "kernel-core broken\nkernel-core 6.11 x86_64\nother 1-1 x86_64\n",
			    &l);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[0].release, "6.11.4-301.fc41.x86_64");
	assert_string_equal(l.v[1].release, "6.11.4-301.fc41.x86_64+debug");
	assert_string_equal(l.v[2].release, "5.15.0-206.el9uek.x86_64");
	candidate_add_dnf("kernel-core 6.11.4-301.fc41 x86_64\n"
			  "kernel-core 6.11.4-300.fc41 x86_64\n"
			  "kernel-devel 6.11.4-301.fc41 x86_64\n",
			  &l.v[0]);
	expect_packages(&l.v[0], "kernel-core=6.11.4-301.fc41 kernel-devel=6.11.4-301.fc41");
}

static void expect_release(const char *files, const char *release)
{
	AUTO_FREE char *found = candidate_files_release(files);

	if (release)
		assert_string_equal(found, release);
	else
		assert_null(found);
}

static void test_files(void **state)
{
	(void)state;
	expect_release("/boot/x\n/lib/modules/6.1-a/updates\n/usr/lib/modules/6.1-b/vmlinuz\n",
		       "6.1-b");
	expect_release(".PKGINFO\nusr/lib/modules/6.1-arch1-1/vmlinuz", "6.1-arch1-1");
	expect_release("/lib/modules/vmlinuz\n/lib/modules//vmlinuz\n", NULL);
	expect_release("", NULL);
}

/* ---- pacman ---- */

static void test_pacman(void **state)
{
	static const char says[] = "bash 5.2-1 https://mirror/bash.pkg.tar.zst\n"
				   "linux 6.1.3.arch1-1 file:///var/cache/linux.pkg.tar.zst\n"
				   "linux-headers 6.1.3.arch1-1 https://mirror/h.pkg.tar.zst\n"
				   "linux-lts 6.6.8-1 https://mirror/lts.pkg.tar.zst\n"
				   "linux-firmware 1-1 https://mirror/fw.pkg.tar.zst\n"
				   "linux-zen\n";
	AUTO_CANDIDATES struct candidate_list l = { NULL, 0 };
	AUTO_STRV struct strv bases = STRV_INIT;
	AUTO_FREE char *file = candidate_pacman_file(says, "linux");

	(void)state;
	strv_split(&bases, "linux linux-lts linux-zen", " ");
	candidates_from_pacman(says, &bases, &l);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0].release, "6.1.3-arch1-1");
	expect_packages(&l.v[0], "linux=6.1.3.arch1-1 linux-headers=6.1.3.arch1-1");
	assert_string_equal(l.v[1].release, "6.6.8-1-lts");
	assert_string_equal(file, "/var/cache/linux.pkg.tar.zst");
	assert_null(candidate_pacman_file(says, "linux-lts"));
	assert_null(candidate_pacman_file(says, "none"));
}

static void test_pacman_bases(void **state)
{
	AUTO_STRV struct strv names = STRV_INIT, installed = STRV_INIT, bases = STRV_INIT;
	AUTO_FREE char *text = NULL;

	(void)state;
	strv_split(&names,
		   "linux linux-headers linux-zen linux-zen-headers linux linux-headers "
		   "linux-firmware own own-headers foreign foreign-headers",
		   " ");
	strv_split(&installed, "own gone", " ");
	candidate_pacman_bases(&names, &installed, &bases);
	text = strv_join(&bases, " ");
	assert_string_equal(text, "linux linux-zen own");
}

static void test_copy(void **state)
{
	AUTO_CANDIDATES struct candidate_list l = { NULL, 0 };
	AUTO_CANDIDATE struct candidate copy = CANDIDATE_INIT;

	(void)state;
	strv_add(&candidates_put(&l, "apt", "6.1")->packages, "a=1");
	assert_ptr_equal(candidates_put(&l, "apt", "6.1"), &l.v[0]);
	candidate_copy(&copy, candidates_at(&l, "6.1"));
	expect_packages(&copy, "a=1");
	assert_null(candidates_at(&l, "6.2"));
	assert_null(candidates_at(&l, NULL));
}

/* ---- which package manager has the headers ---- */

static void own(struct owners *l, enum owned_kind kind, const char *key, const char *from)
{
	struct owned o = { .kind = kind,
			   .key = xstrdup(key),
			   .from = xstrdup(from),
			   .package = xstrdup("package"),
			   .version = xstrdup("1") };

	ledger_put_owned(l, &o);
}

static void name(struct candidates *l, const char *release, const char *from)
{
	struct candidate_kernel k = { .release = xstrdup(release),
				      .from = xstrdup(from),
				      .packages = STRV_INIT };

	ledger_put_candidate(l, &k);
}

static void test_manager(void **state)
{
	AUTO_OWNERS struct owners owners = { NULL, 0 };
	struct candidates named = { NULL, 0 };

	(void)state;
	assert_null(candidate_manager(&named, &owners, "6.3"));
	own(&owners, OWNED_SOURCE, "demo/1", "apt");
	own(&owners, OWNED_KERNEL, "6.0", LEDGER_GONE);
	assert_null(candidate_manager(&named, &owners, "6.3"));
	own(&owners, OWNED_KERNEL, "6.1", "rpm");
	own(&owners, OWNED_HEADERS, "6.1", "rpm");
	assert_string_equal(candidate_manager(&named, &owners, "6.3"), "dnf");
	name(&named, "6.3", "pacman");
	name(&named, "6.4", CANDIDATE_PERSON);
	assert_string_equal(candidate_manager(&named, &owners, "6.3"), "pacman");
	assert_string_equal(candidate_manager(&named, &owners, "6.4"), "dnf");
	own(&owners, OWNED_HEADERS, "6.2", "apt");
	assert_null(candidate_manager(&named, &owners, "6.4"));
	ledger_release(LEDGER_CANDIDATES, &named);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apt),	     cmocka_unit_test(test_apt_names),
		cmocka_unit_test(test_apt_image),    cmocka_unit_test(test_dnf),
		cmocka_unit_test(test_files),	     cmocka_unit_test(test_pacman),
		cmocka_unit_test(test_pacman_bases), cmocka_unit_test(test_copy),
		cmocka_unit_test(test_manager),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
