/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "base/alloc.h"
#include "disk.h"
#include "engine/digest.h"
#include "sys/fs.h"
#include "tree/ledgerfile.h"
#include "tree/tree.h"

#define T "/var/lib/dkms"
#define K "6.1.0-56-amd64"
#define A "x86_64"

static const struct target foo = { "foo", "1.0", K, A };

/* foo/1.0: added, built and installed for K; foo/2.0: added, built for K. */
static void put_foo(struct disk *d)
{
	disk_file(d, "/usr/src/foo-1.0/dkms.conf", "");
	disk_file(d, "/usr/src/foo-2.0/dkms.conf", "");
	disk_link(d, T "/foo/1.0/source", "/usr/src/foo-1.0");
	disk_link(d, T "/foo/2.0/source", "/usr/src/foo-2.0/");
	disk_dir(d, T "/foo/1.0/build");
	disk_file(d, T "/foo/1.0/" K "/" A "/module/foo.ko", "ours");
	disk_file(d, T "/foo/1.0/" K "/" A "/log/make.log", "");
	disk_file(d, T "/foo/2.0/" K "/" A "/module/foo.ko", "newer");
	disk_link(d, T "/foo/kernel-" K "-" A, "1.0/" K "/" A);
}

static void list(struct disk *d, struct tree *t)
{
	assert_int_equal(tree_list(&d->e, NULL, NULL, t), 0);
}

static void paths(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *a = tree_record_path(&d->e, &foo), *b = tree_active_link(&d->e, &foo);
	AUTO_FREE char *c = tree_active_text(&foo), *o = tree_original_dir(&d->e, &foo);
	AUTO_FREE char *s = tree_source_dir(&d->e, "foo", "1.0");

	assert_string_equal(a, T "/foo/1.0/" K "/" A "/record");
	assert_string_equal(b, T "/foo/kernel-" K "-" A);
	assert_string_equal(c, "1.0/" K "/" A);
	assert_string_equal(o, T "/foo/original_module/" K "/" A);
	assert_string_equal(s, "/usr/src/foo-1.0");
}

static void nothing_there(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;

	list(d, &t);
	assert_int_equal(tree_list(&d->e, "foo", NULL, &t), 0);
	assert_int_equal(tree_list(&d->e, "../foo", NULL, &t), 0);
	assert_int_equal(t.n_modules, 0);
	assert_int_equal(t.problems.n, 0);
}

static void states(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;
	const struct tree_version *v;
	const struct tree_active *a;

	put_foo(d);
	list(d, &t);
	assert_int_equal(t.problems.n, 0);
	assert_int_equal(t.n_modules, 1);
	assert_int_equal(t.modules[0].n_versions, 2);
	v = tree_version(&t, "foo", "1.0");
	assert_int_equal(v->source, SOURCE_OK);
	assert_string_equal(v->folder, "foo-1.0");
	assert_int_equal(v->n_builds, 1);
	assert_true(v->builds[0].built && v->builds[0].installed);
	assert_false(v->builds[0].original || v->builds[0].record);
	v = tree_version(&t, "foo", "2.0");
	assert_string_equal(v->folder, "foo-2.0");
	assert_true(v->builds[0].built && !v->builds[0].installed);
	a = tree_active(&t, "foo", K, A);
	assert_string_equal(a->version, "1.0");
	assert_false(a->dangling);
	assert_null(tree_active(&t, "foo", K, "i686"));
	assert_null(tree_version(&t, "foo", "3.0"));
	assert_true(tree_build(&t, &foo)->installed);
}

static void active_links_by_meaning(void **state)
{
	static const struct {
		const char *text;
		bool installed;
	} cases[] = {
		{ "1.0/" K "/" A, true },
		{ "./1.0//" K "/" A "/", true },
		{ T "/foo/1.0/" K "/" A, true },
		{ "../foo/1.0/" K "/" A, true },
		{ "/var/../var/lib/dkms/foo/1.0/" K "/" A, true },
		{ "/link/foo/1.0/" K "/" A, true },
		{ "1.0/" K, false },
		{ "1.0/6.2/" A, false },
		{ "/nowhere/1.0/" K "/" A, false },
		{ T "/bar/1.0/" K "/" A, false },
	};
	struct disk *d = *state;

	put_foo(d);
	disk_link(d, "/link", T);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_TREE struct tree t = TREE_INIT;

		disk_remove(d, T "/foo/kernel-" K "-" A);
		disk_link(d, T "/foo/kernel-" K "-" A, cases[i].text);
		list(d, &t);
		assert_int_equal(tree_build(&t, &foo)->installed, cases[i].installed);
		assert_int_equal(tree_active(&t, "foo", K, A) &&
					 !tree_active(&t, "foo", K, A)->dangling,
				 cases[i].installed);
		/* fsck reports wrong links; they must not be problems as well. */
		assert_int_equal(t.problems.n, 0);
	}
}

static void the_link_may_name_the_tree_as_it_is_set(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;

	put_foo(d);
	settings_set(&d->e.settings, SET_DKMS_TREE, "/data/dkms", "test");
	disk_remove(d, T "/foo/kernel-" K "-" A);
	disk_link(d, T "/foo/kernel-" K "-" A, "/data/dkms/foo/1.0/" K "/" A);
	list(d, &t);
	assert_true(tree_build(&t, &foo)->installed);
}

static void dangling_links_stay_visible(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;
	const struct tree_active *a;

	put_foo(d);
	disk_remove(d, T "/foo/1.0/" K);
	list(d, &t);
	a = tree_active(&t, "foo", K, A);
	assert_string_equal(a->version, "1.0");
	assert_true(a->dangling);
	assert_int_equal(tree_version(&t, "foo", "1.0")->n_builds, 0);
}

static void links_by_name_dangle_as_well(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;
	const struct tree_active *a;

	put_foo(d);
	disk_link(d, T "/foo/kernel-9.9-" A, "../foo/1.0/9.9/" A);
	disk_link(d, T "/foo/kernel-odd", "/nowhere");
	list(d, &t);
	a = tree_active(&t, "foo", "9.9", A);
	assert_string_equal(a->version, "1.0");
	assert_true(a->dangling);
	assert_int_equal(t.problems.n, 1);
	assert_non_null(strstr(t.problems.v[0], "kernel-odd"));
}

static void sources(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;

	disk_link(d, T "/m/gone/source", "/usr/src/m-gone");
	disk_dir(d, T "/m/unlinked/build");
	disk_dir(d, "/usr/src/m-unlinked");
	disk_dir(d, T "/m/own/source");
	disk_dir(d, T "/m/none/build");
	disk_file(d, "/opt/m/dkms.conf", "");
	disk_link(d, T "/m/elsewhere/source", "/opt/m");
	disk_link(d, T "/m/file/source", "/opt/m/dkms.conf");
	list(d, &t);
	assert_int_equal(tree_version(&t, "m", "gone")->source, SOURCE_MISSING);
	assert_string_equal(tree_version(&t, "m", "gone")->folder, "m-gone");
	assert_int_equal(tree_version(&t, "m", "unlinked")->source, SOURCE_BROKEN);
	assert_string_equal(tree_version(&t, "m", "unlinked")->folder, "m-unlinked");
	assert_int_equal(tree_version(&t, "m", "own")->source, SOURCE_NONE);
	assert_true(tree_version(&t, "m", "own")->own_source);
	assert_int_equal(tree_version(&t, "m", "none")->source, SOURCE_NONE);
	assert_false(tree_version(&t, "m", "none")->own_source);
	assert_int_equal(tree_version(&t, "m", "elsewhere")->source, SOURCE_OK);
	assert_null(tree_version(&t, "m", "elsewhere")->folder);
	assert_string_equal(tree_version(&t, "m", "elsewhere")->link, "/opt/m");
	assert_int_equal(tree_version(&t, "m", "file")->source, SOURCE_MISSING);
	assert_int_equal(t.problems.n, 0);
}

static void originals_and_records(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;

	put_foo(d);
	disk_file(d, T "/foo/original_module/" K "/" A "/foo.ko", "");
	disk_file(d, T "/foo/1.0/" K "/" A "/record", "");
	list(d, &t);
	assert_true(tree_build(&t, &foo)->original);
	assert_true(tree_build(&t, &foo)->record);
	assert_true(tree_version(&t, "foo", "2.0")->builds[0].original);
	assert_false(tree_version(&t, "foo", "2.0")->builds[0].record);
	assert_int_equal(t.modules[0].n_versions, 2);
}

static void odd_entries_stop_nothing(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;

	put_foo(d);
	/* Files that may be there: no problem. */
	disk_file(d, T "/mok.key", "");
	disk_file(d, T "/mok.pub", "");
	disk_file(d, T "/post_transaction.log", "");
	disk_file(d, T "/depmod-pending-" K "-" A, "");
	disk_file(d, T "/.native/owners", "");
	disk_dir(d, T "/foo/1.0/tarball");
	disk_dir(d, T "/foo/1.0/" K "/.tmp_x86_64_AbCdEf");
	disk_dir(d, T "/foo/1.0/deb/x86_64");
	disk_dir(d, T "/foo/1.0/patches/x86_64");
	/* Anything else is a problem. */
	disk_file(d, T "/a-file", "");
	disk_dir(d, T "/bad name");
	disk_file(d, T "/foo/notes", "");
	disk_dir(d, T "/foo/kernel-is-a-folder");
	disk_file(d, T "/foo/1.0/notes", "");
	disk_file(d, T "/foo/1.0/" K "/notes", "");
	disk_link(d, T "/loop", "loop");
	list(d, &t);
	assert_int_equal(t.n_modules, 1);
	assert_int_equal(t.modules[0].n_versions, 2);
	assert_int_equal(t.modules[0].versions[0].n_builds, 1);
	assert_int_equal(t.problems.n, 7);
}

static void other_names_count_when_built(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;

	disk_dir(d, T "/m/1/next-2024/" A "/module");
	disk_dir(d, T "/m/1/6.1.0-9/" A "/log");
	disk_dir(d, T "/m/1/6.1.0-56/" A "/module");
	list(d, &t);
	assert_int_equal(t.modules[0].versions[0].n_builds, 3);
	assert_string_equal(t.modules[0].versions[0].builds[1].release, "6.1.0-9");
	assert_false(t.modules[0].versions[0].builds[1].built);
	assert_string_equal(t.modules[0].versions[0].builds[2].release, "6.1.0-56");
	assert_true(t.modules[0].versions[0].builds[2].built);
	assert_true(tree_build(&t, &(struct target){ "m", "1", "next-2024", A })->built);
}

static void scopes(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;

	put_foo(d);
	disk_dir(d, T "/bar/1/build");
	disk_dir(d, T "/zoo/10.0/build");
	disk_dir(d, T "/zoo/9.0/build");
	assert_int_equal(tree_list(&d->e, "foo", "2.0", &t), 0);
	assert_int_equal(t.modules[0].n_versions, 1);
	assert_false(tree_active(&t, "foo", K, A)->dangling);
	assert_int_equal(tree_list(&d->e, "bar", NULL, &t), 0);
	assert_int_equal(tree_list(&d->e, "bar", NULL, &t), 0);
	assert_int_equal(t.n_modules, 2);
	assert_string_equal(t.modules[0].name, "bar");
	list(d, &t);
	assert_int_equal(t.n_modules, 3);
	assert_string_equal(tree_module(&t, "zoo")->versions[0].version, "9.0");
	assert_string_equal(tree_module(&t, "zoo")->versions[1].version, "10.0");
}

static void symlinked_folders_are_followed(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;

	disk_dir(d, "/data/m/1/6.1/" A "/module");
	disk_link(d, T "/m", "/data/m");
	disk_link(d, "/data/m/kernel-6.1-" A, "1/6.1/" A);
	list(d, &t);
	assert_true(tree_build(&t, &(struct target){ "m", "1", "6.1", A })->installed);
}

static void put_record(struct disk *d, const char *installed)
{
	AUTO_FREE char *path = tree_record_path(&d->e, &foo);
	AUTO_RECORD struct record r = { .depends = STRV_INIT };
	AUTO_BUF struct buf text = BUF_INIT;
	struct record_module *m = record_add_module(&r, "foo", "foo.ko");
	char hex[DIGEST_HEX];
	struct stat st;

	m->path = xstrdup(installed);
	if (installed) {
		assert_int_equal(fs_stat(&d->e.root, installed, &st), 0);
		assert_int_equal(digest_file(&d->e.root, installed, hex), 0);
		m->size = (uint64_t)st.st_size;
		m->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
		m->sha256 = xstrdup(hex);
	}
	record_print(&r, &text);
	disk_file(d, path, text.s);
}

static enum files_state state_of(struct disk *d)
{
	AUTO_RECORD struct record r = { 0 };

	assert_int_equal(tree_record_read(&d->e, &foo, &r, NULL), 0);
	return tree_files_state(&d->e, &foo, &r, true);
}

#define INSTALLED "/lib/modules/" K "/updates/dkms/foo.ko"

static void recorded_files(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *host = disk_host(d, INSTALLED);
	struct utimbuf old = { 1, 1 };

	put_foo(d);
	disk_file(d, INSTALLED, "ours");
	put_record(d, INSTALLED);
	assert_int_equal(state_of(d), FILES_SAME);
	assert_int_equal(utime(host, &old), 0);
	assert_int_equal(state_of(d), FILES_SAME);
	disk_file(d, INSTALLED, "evil");
	assert_int_equal(state_of(d), FILES_DIFFER);
	disk_remove(d, INSTALLED);
	assert_int_equal(state_of(d), FILES_MISSING);
	disk_dir(d, INSTALLED);
	assert_int_equal(state_of(d), FILES_DIFFER);
	disk_remove(d, T "/foo/1.0/" K "/" A "/module/foo.ko");
	assert_int_equal(state_of(d), FILES_LOST);
}

static void merely_built(void **state)
{
	struct disk *d = *state;
	AUTO_RECORD struct record r = { 0 };

	put_foo(d);
	put_record(d, NULL);
	assert_int_equal(tree_record_read(&d->e, &foo, &r, NULL), 0);
	assert_int_equal(tree_files_state(&d->e, &foo, &r, false), FILES_SAME);
	assert_int_equal(tree_files_state(&d->e, &foo, &r, true), FILES_MISSING);
	assert_int_equal(tree_files_state(&d->e, &foo, NULL, false), FILES_SAME);
}

static void unrecorded(struct disk *d, enum files_state expected)
{
	assert_int_equal(tree_files_state(&d->e, &foo, NULL, true), expected);
}

static void files_of_a_tree_by_dkms(void **state)
{
	static const char *const places[] = { "/extra/foo.ko", "/updates/foo.ko",
					      "/kernel/drivers/misc/foo.ko" };
	struct disk *d = *state;

	put_foo(d);
	disk_file(d, T "/foo/1.0/" K "/" A "/module/Module.symvers", "no module");
	unrecorded(d, FILES_MISSING);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		AUTO_FREE char *path = xasprintf("/lib/modules/" K "%s", places[i]);

		disk_file(d, path, "ours");
		unrecorded(d, FILES_SAME);
		disk_file(d, path, "evil");
		unrecorded(d, FILES_DIFFER);
		disk_remove(d, path);
	}
	/* The distribution's folder wins over others. */
	disk_file(d, "/lib/modules/" K "/extra/foo.ko", "evil");
	disk_file(d, INSTALLED, "ours");
	unrecorded(d, FILES_SAME);
	disk_remove(d, "/lib/modules/" K "/extra");
	/* The same module with another compression is another file. */
	disk_remove(d, INSTALLED);
	disk_file(d, INSTALLED ".xz", "packed");
	unrecorded(d, FILES_DIFFER);
	disk_remove(d, T "/foo/1.0/" K "/" A "/module");
	unrecorded(d, FILES_LOST);
}

static void symlinked_modules_are_the_same(void **state)
{
	struct disk *d = *state;

	put_foo(d);
	disk_link(d, INSTALLED, T "/foo/1.0/" K "/" A "/module/foo.ko");
	unrecorded(d, FILES_SAME);
	disk_remove(d, INSTALLED);
	disk_link(d, INSTALLED, "/nowhere");
	unrecorded(d, FILES_MISSING);
}

static void the_loader_says_where(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *path = NULL, *none = NULL;

	disk_file(d, "/lib/modules/" K "/modules.dep",
		  "kernel/a/foobar.ko: \nkernel/b/foo.ko.xz: kernel/a/foobar.ko\n");
	path = tree_find_installed(&d->e, &foo, "foo");
	assert_string_equal(path, "/lib/modules/" K "/kernel/b/foo.ko.xz");
	none = tree_find_installed(&d->e, &foo, "bar");
	assert_null(none);
}

/* The target of a link is used in paths. */
static void links_say_nothing_that_is_no_name(void **state)
{
	static const char *const bad[] = { "../" K "/" A, "build/../" K, "x y/" K "/" A,
					   "1.0/source/" A, "\033[2J/" K "/" A };
	struct disk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_TREE struct tree t = TREE_INIT;

		disk_link(d, T "/foo/kernel-" K "-" A, bad[i]);
		list(d, &t);
		assert_int_equal(t.modules[0].n_actives, 1);
		assert_null(t.modules[0].actives[0].version);
		assert_string_equal(t.modules[0].actives[0].release, K);
		disk_remove(d, T "/foo/kernel-" K "-" A);
	}
}

static void damaged_records(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *path = tree_record_path(&d->e, &foo);
	AUTO_ERR struct err err = ERR_INIT;
	struct record r = { 0 };

	assert_int_equal(tree_record_read(&d->e, &foo, &r, &err), -ENOENT);
	disk_file(d, path, "dkms-record 1\ncontent a b\nend\n");
	assert_int_equal(tree_record_read(&d->e, &foo, &r, &err), -E_CORRUPT);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "line 2"));
	disk_bytes(d, path, "dkms-record 1\nend\n\0more", 23);
	assert_int_equal(tree_record_read(&d->e, &foo, &r, &err), -E_CORRUPT);
	disk_remove(d, path);
	disk_dir(d, path);
	assert_int_equal(tree_record_read(&d->e, &foo, &r, &err), -E_CORRUPT);
}

/* Root deletes the files that a record names. */
static void records_name_nothing_outside_the_trees(void **state)
{
	static const struct {
		const char *line, *path;
		bool good;
	} cases[] = {
		{ "installed", "/lib/modules/" K "/updates/foo.ko 1 1", true },
		{ "installed", "/lib/modules/6.9/updates/foo.ko 1 1", false },
		{ "installed", "/etc/passwd 1 1", false },
		{ "original", "/lib/modules/" K "/kernel/foo.ko", true },
		{ "original", "/lib/modules/foo.ko", false },
		{ "archive", T "/foo/original_module/" K "/" A "/foo.ko", true },
		{ "archive", T "/bar/original_module/" K "/" A "/foo.ko", false },
		{ "archive", T "/mok.key", false },
		{ "archive", "/etc/shadow", false },
		/* The same folder by another path, as after /lib became a symlink. */
		{ "installed", "/old/" K "/updates/foo.ko 1 1", true },
	};
	struct disk *d = *state;
	AUTO_FREE char *path = tree_record_path(&d->e, &foo);

	disk_dir(d, "/lib/modules/" K "/updates");
	disk_link(d, "/old", "/lib/modules");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *text = xasprintf("dkms-record 1\nmodule foo foo.ko\n%s %s\nend\n",
						 cases[i].line, cases[i].path);
		AUTO_RECORD struct record r = { 0 };
		AUTO_ERR struct err err = ERR_INIT;

		disk_file(d, path, text);
		assert_int_equal(tree_record_read(&d->e, &foo, &r, &err),
				 cases[i].good ? 0 : -E_CORRUPT);
		assert_true(cases[i].good || strstr(err.text, path));
	}
}

static void origins_are_in_the_kernels_tree(void **state)
{
	static const char *const bad[] = { "",
					   "foo.ko",
					   "/etc/cron.d/x",
					   "/lib/modules/6.9/foo.ko",
					   "/lib/modules/" K "/../../../etc/passwd",
					   "/lib/modules/" K "/.." };
	struct disk *d = *state;
	AUTO_FREE char *dir = tree_original_dir(&d->e, &foo);
	AUTO_FREE char *archive = xasprintf("%s/foo.ko", dir);
	AUTO_FREE char *file = xasprintf("%s.origin", archive);
	AUTO_FREE char *origin = NULL;

	assert_int_equal(tree_origin_read(&d->e, &foo, archive, &origin), -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		disk_file(d, file, bad[i]);
		assert_int_equal(tree_origin_read(&d->e, &foo, archive, &origin), -E_CORRUPT);
	}
	disk_file(d, file, "/lib/modules/" K "/kernel/foo.ko\n");
	assert_int_equal(tree_origin_read(&d->e, &foo, archive, &origin), 0);
	assert_string_equal(origin, "/lib/modules/" K "/kernel/foo.ko");
}

#define OWNER(key) "kernel key=" key " from=apt package=p version=1\n"

static void ledgers(void **state)
{
	struct disk *d = *state;
	AUTO_OWNERS struct owners l = { 0 };
	AUTO_ERR struct err err = ERR_INIT;

	assert_int_equal(ledger_load(&d->e, &l, &err), 0);
	disk_file(d, T "/.native/owners",
		  "dkms-owners 1\n" OWNER("a") "kernel\n" OWNER("b") "end\n");
	disk_file(d, T "/.native/holds", "dkms-holds 1\n");
	disk_dir(d, T "/.native/failures");
	assert_int_equal(ledger_load(&d->e, &l, &err), -E_CORRUPT);
	assert_int_equal(l.n, 2);
	assert_non_null(strstr(err.text, T "/.native/owners: line 3"));
	assert_int_equal(ledger_check(&d->e, LEDGER_HOLDS, &err), -E_CORRUPT);
	assert_non_null(strstr(err.text, T "/.native/holds"));
	assert_int_equal(ledger_check(&d->e, LEDGER_FAILURES, &err), -E_CORRUPT);
	assert_int_equal(ledger_check(&d->e, LEDGER_VERDICTS, &err), 0);
}

/* The damaged file is kept, its valid lines count, and the next run finds a valid file. */
static void damaged_ledgers_are_set_aside(void **state)
{
	struct disk *d = *state;
	AUTO_OWNERS struct owners l = { 0 };
	AUTO_ERR struct err err = ERR_INIT;
	struct stat st;

	journal_open(&d->e.journal, &d->e.place, "test");
	disk_file(d, T "/.native/owners", "dkms-owners 1\n" OWNER("a") "kernel\nend\n");
	disk_file(d, "/secret", "secret");
	disk_link(d, T "/.native/holds", "/secret");
	assert_int_equal(ledger_settle(&d->e, LEDGER_OWNERS, &err), 1);
	assert_non_null(strstr(err.text, T "/.native/damaged/test/owners"));
	assert_int_equal(ledger_settle(&d->e, LEDGER_OWNERS, &err), 0);
	assert_int_equal(ledger_load(&d->e, &l, &err), 0);
	assert_int_equal(l.n, 1);
	assert_true(fs_is_file(&d->e.root, T "/.native/damaged/test/owners"));
	assert_int_equal(ledger_settle(&d->e, LEDGER_HOLDS, &err), 1);
	assert_int_equal(fs_lstat(&d->e.root, T "/.native/damaged/test/holds", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	journal_close(&d->e.journal);
}

static void stored_ledgers_come_back(void **state)
{
	struct disk *d = *state;
	AUTO_OWNERS struct owners l = { 0 }, again = { 0 };
	struct owned o = { .kind = OWNED_SOURCE,
			   .key = xstrdup("foo-1.0"),
			   .from = xstrdup("apt"),
			   .package = xstrdup("foo"),
			   .version = xstrdup("1") };
	struct journal j;
	struct tx tx;

	disk_dir(d, T);
	ledger_put_owned(&l, &o);
	journal_open(&j, &d->e.place, "test");
	tx_begin(&tx, &j, "owners");
	ledger_store(&d->e, &tx, &l);
	tx_mkdir(&tx, T "/.native");
	assert_int_equal(tx_run(&tx, NULL), 0);
	tx_release(&tx);
	journal_close(&j);
	assert_int_equal(ledger_load(&d->e, &again, NULL), 0);
	assert_non_null(ledger_owned(&again, OWNED_SOURCE, "foo-1.0"));
}

static void big_trees(void **state)
{
	struct disk *d = *state;
	AUTO_TREE struct tree t = TREE_INIT;

	for (int i = 0; i < 600; i++) {
		for (int k = 0; k < 3; k++) {
			AUTO_FREE char *dir = xasprintf(T "/m%03d/1.0/6.%d/" A "/module", i, k);

			disk_dir(d, dir);
		}
	}
	list(d, &t);
	assert_int_equal(t.n_modules, 600);
	for (size_t i = 0; i < 600; i++)
		assert_int_equal(t.modules[i].versions[0].n_builds, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		DISK_TEST(paths),
		DISK_TEST(nothing_there),
		DISK_TEST(states),
		DISK_TEST(active_links_by_meaning),
		DISK_TEST(the_link_may_name_the_tree_as_it_is_set),
		DISK_TEST(dangling_links_stay_visible),
		DISK_TEST(links_by_name_dangle_as_well),
		DISK_TEST(sources),
		DISK_TEST(originals_and_records),
		DISK_TEST(odd_entries_stop_nothing),
		DISK_TEST(other_names_count_when_built),
		DISK_TEST(scopes),
		DISK_TEST(symlinked_folders_are_followed),
		DISK_TEST(recorded_files),
		DISK_TEST(merely_built),
		DISK_TEST(files_of_a_tree_by_dkms),
		DISK_TEST(symlinked_modules_are_the_same),
		DISK_TEST(the_loader_says_where),
		DISK_TEST(damaged_records),
		DISK_TEST(links_say_nothing_that_is_no_name),
		DISK_TEST(records_name_nothing_outside_the_trees),
		DISK_TEST(origins_are_in_the_kernels_tree),
		DISK_TEST(ledgers),
		DISK_TEST(damaged_ledgers_are_set_aside),
		DISK_TEST(stored_ledgers_come_back),
		DISK_TEST(big_trees),
	};

	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
