/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/alloc.h"
#include "disk.h"
#include "kernel/kernels.h"
#include "module/modulesuffix.h"

#define K	"6.1.0-56-amd64"
#define TREE	"/lib/modules/" K
#define HEADERS "/usr/src/linux-headers-" K
#define COMMON	"/usr/src/linux-headers-6.1.0-56-common"

static void put_headers(struct disk *d)
{
	disk_link(d, TREE "/build", HEADERS);
	disk_file(d, HEADERS "/Makefile", "# generated\ninclude " COMMON "/Makefile\n");
	disk_file(d, COMMON "/Makefile", "all:\n");
	disk_file(d, HEADERS "/Module.symvers", "0x1 printk vmlinux EXPORT_SYMBOL\n");
	disk_file(d, HEADERS "/include/generated/autoconf.h", "#define CONFIG_X 1\n");
}

static struct kernel_info look(struct disk *d, const struct owners *l, struct cache *c)
{
	struct kernel_info k = { 0 };

	assert_int_equal(kernel_look(&d->e, K, l, c, &k), 0);
	return k;
}

static void list_is_newest_first(void **state)
{
	struct disk *d = *state;
	AUTO_STRV struct strv v = STRV_INIT;
	AUTO_FREE char *all = NULL;

	assert_int_equal(kernels_list(&d->e, &v), 0);
	assert_int_equal(v.n, 0);
	disk_dir(d, "/lib/modules/6.1.0-9-amd64");
	disk_dir(d, "/lib/modules/6.1.0-56-amd64");
	disk_dir(d, "/lib/modules/6.12-rc1");
	disk_dir(d, "/lib/modules/6.12");
	disk_dir(d, "/lib/modules/bad name");
	disk_file(d, "/lib/modules/6.13", "a file");
	disk_link(d, "/lib/modules/6.14", "/nowhere");
	disk_link(d, "/lib/modules/6.15", "/lib/modules/6.12");
	assert_int_equal(kernels_list(&d->e, &v), 0);
	all = strv_join(&v, " ");
	assert_string_equal(all, "6.15 6.12 6.12-rc1 6.1.0-56-amd64 6.1.0-9-amd64");
}

static void orphan_trees_are_not_complete(void **state)
{
	static const char *const orphans[] = { "/updates/dkms/foo.ko", "/extra/foo.ko",
					       "/weak-updates/foo.ko", "/modules.dep",
					       "/modules.dep.bin",     "/modules.builtin.bin",
					       "/modules.softdep",     "/modules.weakdep",
					       "/modules.order",       "/modules.builtin",
					       "/System.map",	       "/config" };
	struct disk *d = *state;
	AUTO_KERNEL_INFO struct kernel_info none = look(d, NULL, NULL), k = { 0 };

	assert_false(none.tree);
	for (size_t i = 0; i < ARRAY_SIZE(orphans); i++) {
		AUTO_FREE char *path = xasprintf(TREE "%s", orphans[i]);

		disk_file(d, path, "");
	}
	disk_link(d, TREE "/build", "/nowhere");
	disk_link(d, TREE "/source", "/nowhere");
	disk_dir(d, TREE "/kernel");
	disk_dir(d, TREE "/vmlinuz");
	disk_file(d, "/boot/vmlinuz-" K "-other", "");
	disk_file(d, "/boot/vmlinuz-6.1.0-5", "");
	disk_file(d, "/boot/config-" K, "");
	k = look(d, NULL, NULL);
	assert_true(k.tree);
	assert_false(k.complete);
	assert_false(k.headers);
	assert_null(k.headers_id);
	assert_string_equal(k.headers_dir, TREE "/build");
}

static bool is_complete(struct disk *d)
{
	AUTO_KERNEL_INFO struct kernel_info k = look(d, NULL, NULL);

	return k.complete;
}

static bool has_headers(struct disk *d)
{
	AUTO_KERNEL_INFO struct kernel_info k = look(d, NULL, NULL);

	return k.headers;
}

static void nobodys_modules_are_not_complete(void **state)
{
	struct disk *d = *state;

	disk_dir(d, TREE "/kernel/fs/ext4");
	assert_false(is_complete(d));
	disk_file(d, TREE "/kernel/fs/ext4.ko.xz", "");
	disk_file(d, TREE "/kernel/fs/README", "");
	assert_false(is_complete(d));
	for (int i = 0; i < 16; i++) {
		AUTO_FREE char *path = xasprintf(TREE "/kernel/fs/fs%d.ko", i);

		assert_false(is_complete(d));
		disk_file(d, path, "");
	}
	/* More unowned modules than originals: somebody installed this kernel without a package. */
	assert_true(is_complete(d));
}

static void our_modules_are_not_complete(void **state)
{
	struct disk *d = *state;

	/* With an unreadable database nobody is known as owner, but our modules have records. */
	disk_link(d, "/var/lib/dpkg/info", "info");
	disk_file(d, TREE "/kernel/drivers/foo.ko", "");
	assert_true(is_complete(d));
	disk_dir(d, "/var/lib/dkms/foo/1/" K "/x86_64/module");
	disk_file(d, "/var/lib/dkms/foo/1/" K "/x86_64/record",
		  "dkms-record 1\nmodule foo foo.ko\ninstalled " TREE
		  "/kernel/drivers/foo.ko 1 1\nend\n");
	assert_false(is_complete(d));
	disk_file(d, TREE "/kernel/drivers/bar.ko", "");
	assert_true(is_complete(d));
}

static void an_image_makes_it_complete(void **state)
{
	static const char *const images[] = {
		TREE "/kernel/fs/ext4.ko", TREE "/vmlinuz",    TREE "/vmlinuz-virt.efi",
		TREE "/Image.gz",	   TREE "/vmlinux.xz", "/boot/vmlinuz-" K,
		"/boot/vmlinux-" K,	   "/boot/kernel-" K,
	};
	struct disk *d = *state;

	disk_file(d, "/var/lib/dpkg/info/linux-image-" K ".list", TREE "/kernel/fs/ext4.ko\n");
	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		disk_dir(d, TREE "/kernel");
		assert_false(is_complete(d));
		disk_file(d, images[i], "");
		assert_true(is_complete(d));
		disk_remove(d, TREE);
		disk_remove(d, "/boot");
	}
}

static void headers_need_makefile_and_include(void **state)
{
	struct disk *d = *state;
	AUTO_KERNEL_INFO struct kernel_info half = { 0 }, k = { 0 }, other = { 0 };

	disk_link(d, TREE "/build", HEADERS);
	disk_file(d, HEADERS "/Makefile", "");
	half = look(d, NULL, NULL);
	assert_false(half.headers);
	disk_dir(d, HEADERS "/include");
	/* The packages that they lean on come later. */
	disk_link(d, HEADERS "/scripts", "/usr/lib/linux-kbuild-6.1/scripts");
	disk_file(d, HEADERS "/Makefile", "include " COMMON "/Makefile\n");
	assert_false(has_headers(d));
	disk_dir(d, "/usr/lib/linux-kbuild-6.1/scripts");
	assert_false(has_headers(d));
	disk_file(d, COMMON "/Makefile", "");
	k = look(d, NULL, NULL);
	assert_true(k.headers);
	assert_int_equal(strncmp(k.headers_id, "|sym:", 5), 0);
	d->e.kernel_source_dir = xstrdup("/elsewhere");
	other = look(d, NULL, NULL);
	assert_false(other.headers);
	assert_string_equal(other.headers_dir, "/elsewhere");
}

static void own(struct owners *l, const char *key, const char *package, const char *version)
{
	struct owned o = { .kind = OWNED_HEADERS,
			   .key = xstrdup(key),
			   .from = xstrdup("apt"),
			   .package = xstrdup(package),
			   .version = xstrdup(version) };

	ledger_put_owned(l, &o);
}

static void owners_identify_headers(void **state)
{
	struct disk *d = *state;
	AUTO_OWNERS struct owners l = { 0 };
	AUTO_KERNEL_INFO struct kernel_info none = { 0 }, one = { 0 }, both = { 0 };
	AUTO_FREE char *expected = NULL;

	put_headers(d);
	none = look(d, &l, NULL);
	own(&l, K, "linux-headers-" K, "6.1.1-1");
	one = look(d, &l, NULL);
	expected = xasprintf("linux-headers-" K "=6.1.1-1%s", none.headers_id);
	assert_string_equal(one.headers_id, expected);
	own(&l, "6.1.0-56-common", "linux-headers-6.1.0-56-common", "6.1.1-2");
	both = look(d, &l, NULL);
	assert_non_null(
		strstr(both.headers_id, "=6.1.1-1,linux-headers-6.1.0-56-common=6.1.1-2|sym:"));
}

static void content_identifies_headers(void **state)
{
	struct disk *d = *state;
	AUTO_KERNEL_INFO struct kernel_info a = { 0 }, b = { 0 }, c = { 0 }, e = { 0 };

	put_headers(d);
	a = look(d, NULL, NULL);
	disk_file(d, HEADERS "/other", "x");
	b = look(d, NULL, NULL);
	assert_string_equal(a.headers_id, b.headers_id);
	disk_file(d, HEADERS "/Module.symvers", "0x2 printk vmlinux EXPORT_SYMBOL\n");
	c = look(d, NULL, NULL);
	assert_string_not_equal(a.headers_id, c.headers_id);
	disk_file(d, HEADERS "/include/generated/autoconf.h", "");
	e = look(d, NULL, NULL);
	assert_string_not_equal(c.headers_id, e.headers_id);
}

static void identity_is_remembered(void **state)
{
	struct disk *d = *state;
	AUTO_CACHE struct cache c;
	AUTO_KERNEL_INFO struct kernel_info a = { 0 }, b = { 0 }, changed = { 0 };

	put_headers(d);
	cache_load(&d->e, "headers", &c);
	c.settle_ns = 0;
	a = look(d, NULL, &c);
	assert_int_equal(c.n, 1);
	free(c.entries[0].value);
	c.entries[0].value = xstrdup("remembered");
	b = look(d, NULL, &c);
	assert_string_equal(b.headers_id, "|sym:remembered");
	disk_file(d, HEADERS "/Module.symvers", "changed\n");
	changed = look(d, NULL, &c);
	assert_string_not_equal(changed.headers_id, a.headers_id);
	assert_string_not_equal(changed.headers_id, b.headers_id);
}

static void config_is_found(void **state)
{
	struct disk *d = *state;
	struct kconfig c;

	put_headers(d);
	assert_int_equal(kernel_config(&d->e, K, &c), -ENOENT);
	disk_file(d, HEADERS "/.config", "CONFIG_A=y\n");
	assert_int_equal(kernel_config(&d->e, K, &c), 0);
	assert_true(kconfig_enabled(&c, "CONFIG_A"));
	kconfig_release(&c);
	disk_file(d, HEADERS "/include/config/auto.conf", "CONFIG_B=y\n");
	assert_int_equal(kernel_config(&d->e, K, &c), 0);
	assert_true(kconfig_enabled(&c, "CONFIG_B"));
	kconfig_release(&c);
	disk_file(d, "/my.config", "CONFIG_C=m\n");
	d->e.kernel_config = xstrdup("/my.config");
	assert_int_equal(kernel_config(&d->e, K, &c), 0);
	assert_true(kconfig_enabled(&c, "CONFIG_C"));
	kconfig_release(&c);
	disk_remove(d, "/my.config");
	assert_int_equal(kernel_config(&d->e, K, &c), -ENOENT);
}

static void clang_by_config_or_vmlinux(void **state)
{
	struct disk *d = *state;
	struct kconfig c;

	put_headers(d);
	kconfig_parse("CONFIG_CC_IS_CLANG=y\n", &c);
	assert_true(kernel_by_clang(&d->e, K, &c));
	assert_false(kernel_by_clang(&d->e, K, NULL));
	disk_file(d, HEADERS "/vmlinux", "no ELF file that names clang");
	assert_false(kernel_by_clang(&d->e, K, &c));
	kconfig_release(&c);
}

static void suffix_of_config(const char *release, const char *config, const char *suffix,
			     struct disk *d)
{
	struct kconfig c;

	kconfig_parse(config, &c);
	assert_string_equal(kernel_module_suffix(&d->e, release, &c), suffix);
	kconfig_release(&c);
}

static void suffix_by_config(void **state)
{
	struct disk *d = *state;

	suffix_of_config(K, "", "", d);
	suffix_of_config(K, "CONFIG_MODULE_COMPRESS_XZ=y\n", ".xz", d);
	suffix_of_config(K, "CONFIG_MODULE_COMPRESS_GZIP=y\n", ".gz", d);
	suffix_of_config(K, "CONFIG_MODULE_COMPRESS_ZSTD=y\n", ".zst", d);
	suffix_of_config(K, "CONFIG_MODULE_COMPRESS_NONE=y\n", "", d);
	suffix_of_config("5.10.1", "CONFIG_MODULE_COMPRESS=y\nCONFIG_MODULE_COMPRESS_XZ=y\n", ".xz",
			 d);
	suffix_of_config("6.12.1", "CONFIG_MODULE_COMPRESS=y\nCONFIG_MODULE_COMPRESS_XZ=y\n", "",
			 d);
	suffix_of_config("6.12.1",
			 "CONFIG_MODULE_COMPRESS=y\nCONFIG_MODULE_COMPRESS_XZ=y\n"
			 "CONFIG_MODULE_COMPRESS_ALL=y\n",
			 ".xz", d);
	assert_string_equal(kernel_module_suffix(&d->e, K, NULL), "");
}

static void foreign_modules_do_not_decide(void **state)
{
	struct disk *d = *state;

	disk_file(d, TREE "/updates/stray.ko.xz", "");
	disk_file(d, TREE "/extra/stray.ko.zst", "");
	disk_file(d, TREE "/modules.dep", "updates/stray.ko.xz:\nextra/stray.ko.zst:\n");
	assert_string_equal(kernel_module_suffix(&d->e, K, NULL), "");
	suffix_of_config(K, "CONFIG_MODULE_COMPRESS_GZIP=y\n", ".gz", d);
	/* By a walk. */
	disk_file(d, TREE "/kernel/a/notes.txt", "");
	disk_file(d, TREE "/kernel/b/c/fine.ko", "");
	suffix_of_config(K, "CONFIG_MODULE_COMPRESS_GZIP=y\n", "", d);
	/* By modules.dep, whose first entry is stale. */
	disk_file(d, TREE "/kernel/z/z.ko.zst", "");
	disk_file(d, TREE "/modules.dep",
		  "updates/stray.ko.xz:\nkernel/gone.ko.gz: x\nkernel/z/z.ko.zst: kernel/y.ko\n");
	assert_string_equal(kernel_module_suffix(&d->e, K, NULL), ".zst");
	/* By modules.order. */
	disk_file(d, TREE "/kernel/y/y.ko.xz", "");
	disk_file(d, TREE "/modules.order", "kernel/y/y.ko\nkernel/z/z.ko\n");
	assert_string_equal(kernel_module_suffix(&d->e, K, NULL), ".xz");
}

static void default_kernel(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *headers_only = NULL, *full = NULL;
	AUTO_ERR struct err err = ERR_INIT;

	assert_null(kernels_running(&d->e));
	assert_int_equal(kernels_default(&d->e, &full, &err), -E_NO_KERNEL);
	disk_file(d, "/lib/modules/6.20/kernel/a.ko", "");
	assert_int_equal(kernels_default(&d->e, &full, &err), -E_NO_HEADERS);
	assert_non_null(strstr(err.text, "/lib/modules"));
	disk_file(d, "/lib/modules/6.19/build/Makefile", "");
	disk_dir(d, "/lib/modules/6.19/build/include");
	assert_int_equal(kernels_default(&d->e, &headers_only, &err), 0);
	assert_string_equal(headers_only, "6.19");
	put_headers(d);
	disk_file(d, TREE "/vmlinuz", "");
	assert_int_equal(kernels_default(&d->e, &full, &err), 0);
	assert_string_equal(full, K);
}

static void a_foreign_root_runs_nothing(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *tree = NULL;
	struct utsname u;

	assert_int_equal(uname(&u), 0);
	tree = xasprintf("/lib/modules/%s", u.release);
	disk_dir(d, tree);
	assert_null(kernels_running(&d->e));
}

static void the_running_kernel_needs_its_tree(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *none = NULL, *running = NULL, *dir = NULL;
	struct utsname u;

	assert_int_equal(uname(&u), 0);
	dir = xasprintf("/modules/%s", u.release);
	disk_dir(d, dir);
	root_close(&d->e.root);
	assert_int_equal(root_open("/", &d->e.root), 0);
	free(d->e.install_tree);
	d->e.install_tree = xasprintf("%s/nowhere", d->dir);
	none = kernels_running(&d->e);
	assert_null(none);
	free(d->e.install_tree);
	d->e.install_tree = xasprintf("%s/modules", d->dir);
	running = kernels_running(&d->e);
	assert_string_equal(running, u.release);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		DISK_TEST(list_is_newest_first),
		DISK_TEST(orphan_trees_are_not_complete),
		DISK_TEST(nobodys_modules_are_not_complete),
		DISK_TEST(our_modules_are_not_complete),
		DISK_TEST(an_image_makes_it_complete),
		DISK_TEST(headers_need_makefile_and_include),
		DISK_TEST(owners_identify_headers),
		DISK_TEST(content_identifies_headers),
		DISK_TEST(identity_is_remembered),
		DISK_TEST(config_is_found),
		DISK_TEST(clang_by_config_or_vmlinux),
		DISK_TEST(suffix_by_config),
		DISK_TEST(foreign_modules_do_not_decide),
		DISK_TEST(default_kernel),
		DISK_TEST(a_foreign_root_runs_nothing),
		DISK_TEST(the_running_kernel_needs_its_tree),
	};

	return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
