/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "build/publish.h"
#include "disk.h"
#include "install/adopt.h"
#include "install/depmod.h"
#include "install/install.h"
#include "install/register.h"
#include "install/uninstall.h"
#include "kofile.h"
#include "module/kerneltree.h"
#include "packages/owners.h"
#include "sys/fs.h"
#include "tree/tree.h"

#define K     "6.1.0-56-amd64"
#define TREE  "/lib/modules/" K
#define OURS  TREE "/updates/dkms/foo.ko"
#define KERN  TREE "/kernel/drivers/foo.ko"
#define BUILT "/var/lib/dkms/foo/1.0/" K "/x86_64"
#define OLD   "/var/lib/dkms/foo/original_module/" K "/x86_64/foo.ko"
#define LINK  "/var/lib/dkms/foo/kernel-" K "-x86_64"

static const struct target target = { "foo", "1.0", K, "x86_64" };

static int setup(void **state)
{
	struct disk *d;

	disk_setup_journal(state);
	d = *state;
	disk_dir(d, TREE "/kernel");
	return 0;
}

static void put_ko(struct disk *d, const char *path, const char *version, const char *extra)
{
	struct kofile ko = { .machine = EM_X86_64,
			     .type = ET_REL,
			     .version = version,
			     .srcversion = extra,
			     .vermagic = K,
			     .extra = extra };
	AUTO_BUF struct buf b = BUF_INIT;

	kofile_make(&ko, &b);
	disk_bytes(d, path, b.s, b.len);
}

static void put_build(struct disk *d, const char *version)
{
	AUTO_FREE char *path =
		xasprintf("/var/lib/dkms/foo/%s/" K "/x86_64/module/foo.ko", version);

	put_ko(d, path, version, "ours");
}

static struct conf conf_of(struct conf_module *m)
{
	*m = (struct conf_module){ .dest_name = (char *)(uintptr_t) "foo",
				   .target = (char *)(uintptr_t) "/updates/dkms",
				   .dest_location = (char *)(uintptr_t) "/kernel/drivers" };
	return (struct conf){ .modules = m, .n_modules = 1 };
}

static int install_version(struct disk *d, const char *version, bool force, struct err *err)
{
	struct target t = target;
	struct install_opts opts = { .force = force };
	AUTO_CHANGE struct change c = CHANGE_INIT;
	struct conf_module m;
	struct conf conf = conf_of(&m);
	int r;

	t.version = version;
	r = install_run(&d->e, &t, &conf, &opts, &c, err);
	return r < 0 ? r : change_finish(&c, err);
}

static void assert_install(struct disk *d, const char *version)
{
	AUTO_ERR struct err err = ERR_INIT;
	int r = install_version(d, version, false, &err);

	if (r < 0)
		print_error("%s\n", err.text);
	assert_int_equal(r, 0);
}

static void assert_uninstall(struct disk *d)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_CHANGE struct change c = CHANGE_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	assert_int_equal(tree_record_read(&d->e, &target, &rec, &err), 0);
	assert_int_equal(uninstall_run(&d->e, &target, &rec, false, &c, &err), 0);
	assert_int_equal(change_finish(&c, &err), 0);
}

static bool there(struct disk *d, const char *path)
{
	return fs_exists(&d->e.root, path);
}

static bool same(struct disk *d, const char *a, const char *b)
{
	return fs_same_bytes(&d->e.root, a, b);
}

static void installs_and_uninstalls(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *active = NULL;

	put_build(d, "1.0");
	assert_install(d, "1.0");
	assert_true(same(d, OURS, BUILT "/module/foo.ko"));
	active = tree_active_version(&d->e, &target);
	assert_string_equal(active, "1.0");
	assert_true(depmod_is_pending(&d->e, K));
	assert_uninstall(d);
	assert_false(there(d, TREE "/updates"));
	assert_false(there(d, LINK));
	assert_true(there(d, BUILT "/module/foo.ko"));
	assert_true(there(d, TREE "/kernel"));
}

static void a_rolled_back_install_leaves_nothing(void **state)
{
	struct disk *d = *state;
	AUTO_CHANGE struct change c = CHANGE_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct install_opts opts = { .force = true };
	struct conf_module m;
	struct conf conf = conf_of(&m);

	put_build(d, "1.0");
	put_ko(d, KERN, "0.5", "theirs");
	assert_int_equal(install_run(&d->e, &target, &conf, &opts, &c, &err), 0);
	assert_true(there(d, OURS));
	assert_false(there(d, KERN));
	assert_int_equal(change_rollback(&c, &err), 0);
	assert_false(there(d, TREE "/updates"));
	assert_false(there(d, LINK));
	assert_true(there(d, KERN));
	assert_false(there(d, OLD));
	assert_true(depmod_is_pending(&d->e, K));
}

static void an_unowned_original_comes_back_as_it_was(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf origin = BUF_INIT;
	struct stat before, after;

	put_build(d, "1.0");
	put_ko(d, KERN, "0.5", "theirs");
	assert_int_equal(fs_chmod(&d->e.root, KERN, 0600), 0);
	assert_int_equal(fs_stat(&d->e.root, KERN, &before), 0);
	assert_install(d, "1.0");
	assert_false(there(d, KERN));
	assert_true(there(d, OLD));
	assert_int_equal(fs_read(&d->e.root, OLD ".origin", 4096, &origin), 0);
	assert_string_equal(origin.s, KERN "\n");
	assert_uninstall(d);
	assert_int_equal(fs_stat(&d->e.root, KERN, &after), 0);
	assert_int_equal(after.st_mode, before.st_mode);
	assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	assert_false(there(d, "/var/lib/dkms/foo/original_module"));
}

static void a_packages_file_is_never_moved(void **state)
{
	struct disk *d = *state;

	put_build(d, "1.0");
	put_ko(d, KERN, "0.5", "theirs");
	disk_file(d, "/var/lib/dpkg/info/linux-image.list", "/.\n/usr" KERN "\n");
	assert_install(d, "1.0");
	assert_true(there(d, KERN));
	assert_true(there(d, OURS));
	assert_false(there(d, OLD));
	assert_uninstall(d);
	assert_true(there(d, KERN));
	assert_false(there(d, OURS));
}

static void a_packages_file_at_our_place_is_avoided(void **state)
{
	struct disk *d = *state;
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };

	put_build(d, "1.0");
	put_ko(d, OURS, "0.5", "theirs");
	disk_file(d, "/var/lib/dpkg/info/linux-image.list", "/.\n" OURS "\n");
	assert_install(d, "1.0");
	disk_file(d, "/etc/depmod.d/dkms-foo.conf", "# x\noverride foo " K " updates/dkms/foo\n");
	assert_int_equal(tree_record_read(&d->e, &target, &rec, NULL), 0);
	assert_string_equal(rec.modules[0].path, TREE "/updates/dkms/foo/foo.ko");
	assert_uninstall(d);
	assert_true(there(d, OURS));
	assert_false(there(d, TREE "/updates/dkms/foo"));
	assert_false(there(d, "/etc/depmod.d/dkms-foo.conf"));
}

static void a_packages_folder_stays(void **state)
{
	struct disk *d = *state;

	put_build(d, "1.0");
	disk_file(d, "/var/lib/dpkg/info/linux-image.list", "/.\n" TREE "/updates\n");
	assert_install(d, "1.0");
	assert_true(there(d, OURS));
	assert_uninstall(d);
	assert_true(there(d, TREE "/updates"));
	assert_false(there(d, TREE "/updates/dkms"));
}

static void a_newer_one_is_left_alone(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;

	put_build(d, "1.0");
	put_ko(d, KERN, "2.0", "theirs");
	assert_int_equal(install_version(d, "1.0", false, &err), -E_INSTALL);
	assert_non_null(strstr(err.text, "2.0"));
	assert_false(there(d, OURS));
	assert_true(there(d, KERN));
	assert_int_equal(install_version(d, "1.0", true, &err), 0);
	assert_true(there(d, OURS));
}

static void another_version_takes_over(void **state)
{
	struct disk *d = *state;
	AUTO_RECORD struct record old = { .depends = STRV_INIT }, rec = { .depends = STRV_INIT };
	struct target t2 = target;
	AUTO_FREE char *active = NULL;

	t2.version = "0.9";
	put_build(d, "1.0");
	put_build(d, "0.9");
	put_ko(d, KERN, "0.5", "theirs");
	assert_install(d, "1.0");
	/* Our own newer copy takes no part in the version check. */
	assert_install(d, "0.9");
	active = tree_active_version(&d->e, &target);
	assert_string_equal(active, "0.9");
	assert_int_equal(tree_record_read(&d->e, &target, &old, NULL), 0);
	assert_null(old.modules[0].path);
	assert_null(old.modules[0].archive);
	assert_int_equal(tree_record_read(&d->e, &t2, &rec, NULL), 0);
	assert_string_equal(rec.modules[0].archive, OLD);
	assert_true(same(d, OURS, "/var/lib/dkms/foo/0.9/" K "/x86_64/module/foo.ko"));
}

static void a_file_that_changed_stays(void **state)
{
	struct disk *d = *state;

	put_build(d, "1.0");
	assert_install(d, "1.0");
	put_ko(d, OURS, "7.0", "somebody's");
	assert_uninstall(d);
	assert_true(there(d, OURS));
	assert_false(there(d, LINK));
}

static void a_newer_original_uncovers_itself(void **state)
{
	struct disk *d = *state;

	put_build(d, "1.0");
	put_ko(d, KERN, "0.5", "theirs");
	assert_install(d, "1.0");
	put_ko(d, KERN, "3.0", "newer");
	put_ko(d, "/newer.ko", "3.0", "newer");
	assert_uninstall(d);
	assert_true(same(d, KERN, "/newer.ko"));
	assert_false(there(d, OLD));
}

/* Only ENOENT means that a file is gone; here lstat fails with another error. */
static void what_cannot_be_looked_at_is_not_forgotten(void **state)
{
	struct disk *d = *state;
	AUTO_RECORD struct record rec = { .depends = STRV_INIT }, after = { .depends = STRV_INIT };
	AUTO_CHANGE struct change c = CHANGE_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	put_build(d, "1.0");
	assert_install(d, "1.0");
	assert_int_equal(tree_record_read(&d->e, &target, &rec, &err), 0);
	assert_int_equal(fs_rename(&d->e.root, TREE "/updates", TREE "/away"), 0);
	disk_file(d, TREE "/updates", "no folder");
	assert_int_equal(uninstall_run(&d->e, &target, &rec, false, &c, &err), -ENOTDIR);
	assert_non_null(strstr(err.text, OURS));
	assert_int_equal(fs_unlink(&d->e.root, TREE "/updates"), 0);
	assert_int_equal(fs_rename(&d->e.root, TREE "/away", TREE "/updates"), 0);
	assert_true(fs_lstat(&d->e.root, LINK, &(struct stat){ 0 }) == 0);
	assert_int_equal(tree_record_read(&d->e, &target, &after, &err), 0);
	assert_string_equal(after.modules[0].path, OURS);
	assert_uninstall(d);
	assert_false(there(d, OURS));
}

static void uninstall_works_without_kernel_and_source(void **state)
{
	struct disk *d = *state;

	put_build(d, "1.0");
	put_ko(d, KERN, "0.5", "theirs");
	assert_install(d, "1.0");
	assert_int_equal(fs_remove_tree(&d->e.root, TREE), 0);
	assert_uninstall(d);
	assert_false(there(d, TREE));
	assert_false(there(d, LINK));
	assert_false(there(d, OLD));
}

static void missing_things_are_named(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;

	assert_int_equal(install_version(d, "1.0", false, &err), -E_NOT_BUILT);
	disk_dir(d, BUILT "/module");
	assert_int_equal(install_version(d, "1.0", false, &err), -E_NOT_BUILT);
	put_build(d, "1.0");
	assert_int_equal(fs_remove_tree(&d->e.root, TREE), 0);
	assert_int_equal(install_version(d, "1.0", false, &err), -E_NO_KERNEL_TREE);
	assert_false(there(d, TREE));
}

static void builds_of_dkms_are_adopted(void **state)
{
	struct disk *d = *state;
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_ERR struct err err = ERR_INIT;
	struct conf_module m;
	struct conf conf = conf_of(&m);

	put_build(d, "1.0");
	put_build(d, "1.0");
	put_ko(d, OURS, "1.0", "ours");
	disk_link(d, LINK, "1.0/" K "/x86_64");
	put_ko(d, OLD, "0.5", "theirs");
	disk_file(d, OLD ".origin", KERN "\n");
	assert_int_equal(record_adopt(&d->e, &target, &conf, &rec, &err), 0);
	assert_true(rec.adopted);
	assert_int_equal(rec.n_modules, 1);
	assert_string_equal(rec.modules[0].path, OURS);
	assert_string_equal(rec.modules[0].original, KERN);
	assert_string_equal(rec.modules[0].archive, OLD);
	disk_remove(d, OLD ".origin");
	record_release(&rec);
	assert_int_equal(record_adopt(&d->e, &target, &conf, &rec, &err), 0);
	assert_string_equal(rec.modules[0].original, KERN);
}

static void set_mtime(struct disk *d, const char *path, time_t seconds)
{
	struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };
	AUTO_FREE char *host = disk_host(d, path);

	assert_int_equal(utimensat(AT_FDCWD, host, times, 0), 0);
}

/* DKMS copies without the mtime; status must not read every module because of that. */
static void adopted_files_are_known_by_their_times(void **state)
{
	struct disk *d = *state;
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_ERR struct err err = ERR_INIT;

	put_build(d, "1.0");
	put_ko(d, OURS, "1.0", "ours");
	disk_link(d, LINK, "1.0/" K "/x86_64");
	set_mtime(d, BUILT "/module/foo.ko", 1000);
	set_mtime(d, OURS, 2000);
	assert_int_equal(record_adopt(&d->e, &target, NULL, &rec, &err), 0);
	/* other bytes, but the same size and mtime: FILES_SAME proves that it was not read */
	put_ko(d, BUILT "/module/foo.ko", "1.0", "OURS");
	set_mtime(d, BUILT "/module/foo.ko", 1000);
	assert_int_equal(tree_files_state(&d->e, &target, &rec, true), FILES_SAME);
	set_mtime(d, BUILT "/module/foo.ko", 1001);
	assert_int_equal(tree_files_state(&d->e, &target, &rec, true), FILES_DIFFER);
}

static void takeover_gives_a_packages_file_back(void **state)
{
	struct disk *d = *state;
	AUTO_CHANGE struct change c = CHANGE_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct record facts = { .content = (char *)(uintptr_t) "c0ffee", .depends = STRV_INIT };
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };

	put_build(d, "1.0");
	put_ko(d, OURS, "1.0", "ours");
	disk_link(d, LINK, "1.0/" K "/x86_64");
	put_ko(d, OLD, "0.5", "theirs");
	disk_file(d, OLD ".origin", KERN "\n");
	disk_file(d, "/var/lib/dpkg/info/linux-image.list", "/.\n/usr" KERN "\n");
	assert_int_equal(adopt_run(&d->e, &target, NULL, &facts, &c, &err), 0);
	assert_int_equal(change_finish(&c, &err), 0);
	assert_true(there(d, KERN));
	assert_false(there(d, OLD));
	assert_int_equal(tree_record_read(&d->e, &target, &rec, NULL), 0);
	assert_string_equal(rec.content, "c0ffee");
	assert_string_equal(rec.modules[0].original, KERN);
	assert_null(rec.modules[0].archive);
}

/* depmod is owed for the file that comes back, even if ours is not there any more. */
static void takeover_gives_back_what_a_lost_module_replaced(void **state)
{
	struct disk *d = *state;
	AUTO_CHANGE struct change c = CHANGE_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct record facts = { .content = (char *)(uintptr_t) "c0ffee", .depends = STRV_INIT };

	put_build(d, "1.0");
	disk_link(d, LINK, "1.0/" K "/x86_64");
	put_ko(d, OLD, "0.5", "theirs");
	disk_file(d, OLD ".origin", KERN "\n");
	disk_file(d, "/var/lib/dpkg/info/linux-image.list", "/.\n/usr" KERN "\n");
	assert_int_equal(adopt_run(&d->e, &target, NULL, &facts, &c, &err), 0);
	assert_true(there(d, KERN));
	assert_non_null(c.mark);
	assert_int_equal(change_finish(&c, &err), 0);
}

static void owners_read_lists(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *package = NULL;

	assert_int_equal(owners_of(&d->e, OURS, NULL), OWNER_NOBODY);
	disk_file(d, "/var/lib/dpkg/info/a:amd64.list", "/.\n/x/foo\n" OURS ".old\n/y" OURS "\n");
	assert_int_equal(owners_of(&d->e, OURS, NULL), OWNER_NOBODY);
	disk_file(d, "/var/lib/pacman/local/linux-6.1-1/files", "%FILES%\nusr/\nusr" OURS "\n");
	assert_int_equal(owners_of(&d->e, OURS, &package), OWNER_PACKAGE);
	assert_string_equal(package, "linux-6.1-1");
	assert_int_equal(owners_of(&d->e, "/usr" OURS, NULL), OWNER_PACKAGE);
	disk_remove(d, "/var/lib/pacman/local/linux-6.1-1/files");
	disk_dir(d, "/var/lib/dpkg/info/broken.list");
	assert_int_equal(owners_of(&d->e, OURS, NULL), OWNER_UNKNOWN);
}

static void records_inherit_what_is_installed(void **state)
{
	struct record_module was[] = {
		{ .dest = (char *)(uintptr_t) "foo",
		  .file = (char *)(uintptr_t) "foo.ko",
		  .path = (char *)(uintptr_t) "/p/foo.ko",
		  .size = 5,
		  .mtime_ns = 6 },
		{ .dest = (char *)(uintptr_t) "gone",
		  .file = (char *)(uintptr_t) "gone.ko",
		  .path = (char *)(uintptr_t) "/p/gone.ko",
		  .size = 1,
		  .mtime_ns = 2 },
		{ .dest = (char *)(uintptr_t) "not", .file = (char *)(uintptr_t) "not.ko" },
	};
	struct record old = { .modules = was, .n_modules = 3, .depends = STRV_INIT };
	AUTO_RECORD struct record new = { .depends = STRV_INIT };

	(void)state;
	record_add_module(&new, "foo", "foo.ko.xz");
	publish_inherit(&new, &old);
	assert_int_equal(new.n_modules, 2);
	assert_string_equal(new.modules[0].file, "foo.ko.xz");
	assert_string_equal(new.modules[0].path, "/p/foo.ko");
	assert_false(new.modules[0].left);
	assert_string_equal(new.modules[1].path, "/p/gone.ko");
	assert_true(new.modules[1].left);
}

static void registers_and_forgets(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;

	disk_file(d, "/usr/src/foo-1.0/dkms.conf", "");
	assert_int_equal(register_run(&d->e, &target, "/usr/src/foo-1.0", NULL, &err), 0);
	assert_true(there(d, "/var/lib/dkms/foo/1.0/source/dkms.conf"));
	assert_true(there(d, "/var/lib/dkms/foo/1.0/build"));
	put_build(d, "1.0");
	assert_int_equal(unbuild_run(&d->e, &target, &err), 0);
	assert_false(there(d, "/var/lib/dkms/foo/1.0/" K));
	disk_dir(d, "/var/lib/dkms/.native/log/foo"); /* a killed build leaves this */
	assert_int_equal(unregister_run(&d->e, &target, &err), 0);
	assert_false(there(d, "/var/lib/dkms/foo"));
	assert_false(there(d, "/var/lib/dkms/.native/log/foo"));
	assert_true(there(d, "/usr/src/foo-1.0/dkms.conf"));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, disk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(installs_and_uninstalls),
		TEST(a_rolled_back_install_leaves_nothing),
		TEST(an_unowned_original_comes_back_as_it_was),
		TEST(a_packages_file_is_never_moved),
		TEST(a_packages_file_at_our_place_is_avoided),
		TEST(a_packages_folder_stays),
		TEST(a_newer_one_is_left_alone),
		TEST(another_version_takes_over),
		TEST(a_file_that_changed_stays),
		TEST(a_newer_original_uncovers_itself),
		TEST(what_cannot_be_looked_at_is_not_forgotten),
		TEST(uninstall_works_without_kernel_and_source),
		TEST(missing_things_are_named),
		TEST(builds_of_dkms_are_adopted),
		TEST(adopted_files_are_known_by_their_times),
		TEST(takeover_gives_a_packages_file_back),
		TEST(takeover_gives_back_what_a_lost_module_replaced),
		TEST(owners_read_lists),
		cmocka_unit_test(records_inherit_what_is_installed),
		TEST(registers_and_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
