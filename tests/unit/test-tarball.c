/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mktarball, ldtarball and add PATH. */
#include "conf/open.h"
#include "unit.h"

#include <elf.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "archive/archive.h"
#include "archive/import.h"
#include "archive/ldtarball.h"
#include "archive/mktarball.h"
#include "base/log.h"
#include "install/register.h"
#include "disk.h"
#include "kofile.h"
#include "tree/tree.h"

#define K "6.1.0-56-amd64"

/* The root is the machine's own, because bash is needed; the trees are in the test's folder. */
struct own {
	struct engine e;
	char *folder;
	struct buf said;
};

static const char conf_text[] = "PACKAGE_NAME=foo\nPACKAGE_VERSION=1.0\nBUILT_MODULE_NAME=foo\n"
				"DEST_MODULE_LOCATION=/extra\n";

static void listen(enum log_level level, const char *text, void *data)
{
	buf_addf(data, "%s%s\n", level == LOG_WARNING ? "Warning: " : "", text);
}

static int setup(void **state)
{
	struct own *own = xcalloc(1, sizeof(*own));

	own->folder = make_folder();
	disk_engine(&own->e, "/", own->folder);
	own->said = (struct buf)BUF_INIT;
	settings_set(&own->e.settings, SET_TMP_LOCATION, own->folder, "test");
	journal_open(&own->e.journal, &own->e.place, "test");
	log_set_sink(listen, &own->said);
	*state = own;
	return fs_mkdir_p(&own->e.root, own->e.dkms_tree) < 0 ||
	       fs_mkdir_p(&own->e.root, own->e.source_tree) < 0;
}

static int teardown(void **state)
{
	struct own *own = *state;
	char *folder = own->folder;

	log_set_sink(NULL, NULL);
	engine_close(&own->e);
	buf_release(&own->said);
	free(own);
	return remove_folder(folder);
}

#define OWN_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

/* Paths are relative to the folder. */
static char *at(struct own *own, const char *path)
{
	return xasprintf("%s/%s", own->folder, path);
}

static void write_bytes(struct own *own, const char *path, const void *data, size_t len)
{
	AUTO_FREE char *full = at(own, path);
	AUTO_FREE char *folder = xstrndup(full, (size_t)(strrchr(full, '/') - full));
	FILE *f;

	assert_int_equal(fs_mkdir_p(&own->e.root, folder), 0);
	f = fopen(full, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void write_text(struct own *own, const char *path, const char *text)
{
	write_bytes(own, path, text, strlen(text));
}

static void write_ko(struct own *own, const char *path, const char *extra)
{
	struct kofile ko = {
		.machine = EM_X86_64, .type = ET_REL, .vermagic = K, .name = "foo", .extra = extra
	};
	AUTO_BUF struct buf b = BUF_INIT;

	kofile_make(&ko, &b);
	write_bytes(own, path, b.s, b.len);
}

static bool is_there(struct own *own, const char *path)
{
	AUTO_FREE char *full = at(own, path);
	struct stat st;

	return fs_lstat(&own->e.root, full, &st) == 0;
}

static void expect_text(struct own *own, const char *path, const char *want)
{
	AUTO_FREE char *full = at(own, path);
	AUTO_BUF struct buf b = BUF_INIT;

	assert_int_equal(fs_read(&own->e.root, full, 1 << 20, &b), 0);
	assert_string_equal(b.s, want);
}

static void run(struct own *own, const char *what)
{
	AUTO_FREE char *command = xasprintf("cd %s && %s", own->folder, what);

	assert_int_equal(system(command), 0);
}

/* foo/1.0: source, registered, built for K. */
static void put_package(struct own *own)
{
	struct target t = { "foo", "1.0", NULL, NULL };
	AUTO_FREE char *source = at(own, "src/foo-1.0");

	write_text(own, "src/foo-1.0/dkms.conf", conf_text);
	write_text(own, "src/foo-1.0/foo.c", "int x;\n");
	assert_int_equal(register_run(&own->e, &t, source, NULL, NULL), 0);
	write_ko(own, "dkms/foo/1.0/" K "/x86_64/module/foo.ko", "one");
	write_text(own, "dkms/foo/1.0/" K "/x86_64/log/make.log", "log\n");
	write_text(own, "dkms/foo/1.0/" K "/x86_64/record", "dkms-record 1\nend\n");
}

static void forget(struct own *own)
{
	run(own, "rm -rf dkms/foo src/*");
}

static const struct modid foo = { (char *)(uintptr_t) "foo", (char *)(uintptr_t) "1.0" };

static int make(struct own *own, bool source_only, bool binaries_only, const char *archive,
		char **ret, struct err *err)
{
	AUTO_STRV struct strv releases = STRV_INIT;
	AUTO_STRV struct strv archs = STRV_INIT;
	struct mktarball what = { .releases = &releases,
				  .archs = &archs,
				  .source_only = source_only,
				  .binaries_only = binaries_only,
				  .archive = archive };

	strv_add(&releases, K);
	strv_add(&archs, "x86_64");
	return mktarball_run(&own->e, &foo, &what, ret, err);
}

/* An archive "x.tar.gz" in the folder. */
static void make_good(struct own *own, bool source_only, bool binaries_only)
{
	AUTO_FREE char *archive = at(own, "x.tar.gz");
	AUTO_FREE char *path = NULL;
	AUTO_ERR struct err err = ERR_INIT;

	put_package(own);
	if (make(own, source_only, binaries_only, archive, &path, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(path, archive);
}

static int load(struct own *own, const char *archive, bool force, struct err *err)
{
	AUTO_MODID struct modid id = MODID_INIT;
	AUTO_FREE char *path = at(own, archive);
	int r = ldtarball_run(&own->e, path, force, &id, err);

	if (r == 0) {
		assert_string_equal(id.name, "foo");
		assert_string_equal(id.version, "1.0");
	}
	return r;
}

static void load_good(struct own *own, const char *archive, bool force)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (load(own, archive, force, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(err.code, 0);
}

/* The content of the trees, without .native. */
static char *snapshot(struct own *own)
{
	AUTO_FREE char *command = xasprintf(
		"cd %s && find dkms src -path dkms/.native -prune -o -printf '%%p %%y %%m %%l\\n' "
		"-type f -exec md5sum {} + | sort",
		own->folder);
	struct buf b = BUF_INIT;
	char line[512];
	FILE *f = popen(command, "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		buf_adds(&b, line);
	assert_int_equal(pclose(f), 0);
	return buf_detach(&b);
}

/* It fails with this error, and the trees are unchanged. */
static void expect_failure(struct own *own, const char *archive, bool force, int code,
			   const char *words)
{
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *before = snapshot(own);
	AUTO_FREE char *after = NULL;

	assert_int_equal(load(own, archive, force, &err), code);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in: %s", words, err.text);
	after = snapshot(own);
	assert_string_equal(before, after);
	assert_false(is_there(own, "dkms/.native/staging"));
	assert_false(is_there(own, "src/.dkms-import.test"));
}

/* ---- mktarball ---- */

static void names(void **state)
{
	AUTO_STRV struct strv releases = STRV_INIT;
	AUTO_STRV struct strv archs = STRV_INIT;
	struct mktarball what = { .releases = &releases, .archs = &archs };
	AUTO_FREE char *one = NULL;
	AUTO_FREE char *two = NULL;
	AUTO_FREE char *many = NULL;
	AUTO_FREE char *none = NULL;

	(void)state;
	strv_add(&releases, K);
	strv_add(&archs, "x86_64");
	one = mktarball_name(&foo, &what);
	assert_string_equal(one, "foo-1.0-kernel" K "-x86_64.dkms.tar.gz");
	strv_add(&releases, "6.12");
	strv_add(&archs, "aarch64");
	two = mktarball_name(&foo, &what);
	assert_string_equal(two, "foo-1.0-kernel" K "-x86_64-kernel6.12-aarch64.dkms.tar.gz");
	for (int i = 0; i < 10; i++) {
		strv_add(&releases, K);
		strv_add(&archs, "x86_64");
	}
	many = mktarball_name(&foo, &what);
	assert_string_equal(many, "foo-1.0-manykernels.dkms.tar.gz");
	what.source_only = true;
	none = mktarball_name(&foo, &what);
	assert_string_equal(none, "foo-1.0-source-only.dkms.tar.gz");
}

static void expect_members(struct own *own, const char *want)
{
	AUTO_FREE char *check = xasprintf(
		"tar -tzf x.tar.gz | LC_ALL=C sort >list && printf '%s' | cmp - list", want);

	run(own, check);
	run(own, "rm list");
}

static void form_of_dkms(void **state)
{
	struct own *own = *state;

	make_good(own, false, false);
	expect_members(own, "./\\n./dkms_main_tree/\\n./dkms_main_tree/" K "/\\n./dkms_main_tree/" K
			    "/x86_64/\\n./dkms_main_tree/" K "/x86_64/log/\\n./dkms_main_tree/" K
			    "/x86_64/log/make.log\\n./dkms_main_tree/" K
			    "/x86_64/module/\\n./dkms_main_tree/" K
			    "/x86_64/module/foo.ko\\n./dkms_source_tree/\\n./dkms_source_tree/"
			    "dkms.conf\\n./dkms_source_tree/foo.c\\n");
	make_good(own, true, false);
	expect_members(own, "./\\n./dkms_main_tree/\\n./dkms_source_tree/\\n./dkms_source_tree/"
			    "dkms.conf\\n./dkms_source_tree/foo.c\\n");
	make_good(own, false, true);
	run(own, "tar -xOzf x.tar.gz ./dkms_binaries_only/PACKAGE_VERSION | grep -qx 1.0");
	run(own, "! tar -tzf x.tar.gz | grep -q dkms_source_tree");
}

static void places(void **state)
{
	struct own *own = *state;
	AUTO_FREE char *usual = NULL;
	AUTO_FREE char *named = NULL;

	put_package(own);
	assert_int_equal(make(own, false, false, NULL, &usual, NULL), 0);
	assert_true(is_there(own, "dkms/foo/1.0/tarball/foo-1.0-kernel" K "-x86_64.dkms.tar.gz"));
	assert_int_equal(make(own, false, false, "x.tar.xz", &named, NULL), 0);
	assert_true(is_there(own, "dkms/foo/1.0/tarball/x.tar.xz"));
}

static void expect_not_made(struct own *own, const char *archive, int code, int status)
{
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *path = NULL;

	assert_int_equal(make(own, false, false, archive, &path, &err), code);
	assert_int_equal(err_status(&err), status);
	assert_null(path);
}

static void mktarball_failures(void **state)
{
	struct own *own = *state;
	AUTO_FREE char *below_file = at(own, "file/x.tar.gz");

	expect_not_made(own, NULL, -E_NOT_ADDED, 3);
	put_package(own);
	write_text(own, "file", "");
	expect_not_made(own, below_file, -E_ARCHIVE_DIR, 9);
	write_text(own, "src/foo-1.0/dkms.conf", "PACKAGE_NAME=foo\n");
	expect_not_made(own, NULL, -E_BAD_CONF, 8);
	write_text(own, "src/foo-1.0/dkms.conf", conf_text);
	run(own, "rm -r dkms/foo/1.0/" K);
	expect_not_made(own, NULL, -E_NOT_BUILT, 6);
	run(own, "rm -r src/foo-1.0");
	expect_not_made(own, NULL, -E_BROKEN, 4);
}

/* ---- ldtarball ---- */

static void there_and_back(void **state)
{
	struct own *own = *state;
	AUTO_FREE char *before = NULL;
	AUTO_FREE char *after = NULL;

	make_good(own, false, false);
	run(own, "rm dkms/foo/1.0/" K "/x86_64/record");
	before = snapshot(own);
	forget(own);
	load_good(own, "x.tar.gz", false);
	after = snapshot(own);
	assert_string_equal(before, after);
	assert_false(is_there(own, "dkms/.native/staging"));
}

static void source_only_archive(void **state)
{
	struct own *own = *state;

	make_good(own, true, false);
	forget(own);
	load_good(own, "x.tar.gz", false);
	assert_true(is_there(own, "src/foo-1.0/foo.c"));
	assert_true(is_there(own, "dkms/foo/1.0/build"));
	assert_false(is_there(own, "dkms/foo/1.0/" K));
}

static void binaries_only_without_source(void **state)
{
	struct own *own = *state;
	AUTO_TREE struct tree t = TREE_INIT;

	make_good(own, false, true);
	forget(own);
	load_good(own, "x.tar.gz", false);
	assert_true(is_there(own, "dkms/foo/1.0/" K "/x86_64/module/foo.ko"));
	expect_text(own, "dkms/foo/1.0/source/dkms.conf", conf_text);
	assert_false(is_there(own, "src/foo-1.0"));
	assert_int_equal(tree_list(&own->e, "foo", NULL, &t), 0);
	assert_true(t.modules[0].versions[0].own_source);
	assert_true(t.modules[0].versions[0].builds[0].built);
	expect_failure(own, "x.tar.gz", false, -E_ARCHIVE_ADDED, "already added");
	load_good(own, "x.tar.gz", true);
}

static void binaries_only_with_source(void **state)
{
	struct own *own = *state;

	make_good(own, false, true);
	run(own, "rm -r dkms/foo");
	load_good(own, "x.tar.gz", false);
	run(own, "test \"$(readlink dkms/foo/1.0/source)\" = $PWD/src/foo-1.0");
	assert_true(is_there(own, "dkms/foo/1.0/" K "/x86_64/module/foo.ko"));
}

/* A source takes the place of the stub. */
static void source_after_binaries(void **state)
{
	struct own *own = *state;

	make_good(own, true, false);
	run(own, "mv x.tar.gz source.tar.gz");
	make_good(own, false, true);
	forget(own);
	load_good(own, "x.tar.gz", false);
	load_good(own, "source.tar.gz", true);
	run(own, "test \"$(readlink dkms/foo/1.0/source)\" = $PWD/src/foo-1.0");
	assert_true(is_there(own, "dkms/foo/1.0/" K "/x86_64/module/foo.ko"));
}

static void added_needs_force(void **state)
{
	struct own *own = *state;

	make_good(own, false, false);
	run(own, "rm dkms/foo/1.0/" K "/x86_64/record");
	write_ko(own, "dkms/foo/1.0/" K "/x86_64/module/foo.ko", "two");
	write_text(own, "src/foo-1.0/more.c", "int y;\n");
	expect_failure(own, "x.tar.gz", false, -E_ARCHIVE_ADDED, "already added");
	load_good(own, "x.tar.gz", true);
	assert_false(is_there(own, "src/foo-1.0/more.c"));
	run(own, "grep -q one dkms/foo/1.0/" K "/x86_64/module/foo.ko");
	run(own, "grep -q '^module foo foo.ko' dkms/foo/1.0/" K "/x86_64/record");
}

/* An unregistered package of which a build is left. */
static void existing_builds_stay(void **state)
{
	struct own *own = *state;

	make_good(own, false, false);
	forget(own);
	write_ko(own, "dkms/foo/1.0/" K "/x86_64/module/foo.ko", "mine");
	load_good(own, "x.tar.gz", false);
	assert_non_null(strstr(own->said.s, "/x86_64 already exists. Skipping..."));
	run(own, "grep -q mine dkms/foo/1.0/" K "/x86_64/module/foo.ko");
}

static void what_is_installed_stays_on_record(void **state)
{
	struct own *own = *state;
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	struct target t = { "foo", "1.0", K, "x86_64" };
	AUTO_FREE char *path = engine_modules(&own->e, "%s/updates/dkms/foo.ko.xz", K);
	struct record_module *m;
	AUTO_BUF struct buf b = BUF_INIT;

	make_good(own, false, false);
	rec.content = xstrdup("abc");
	rec.overrides = xstrdup("");
	rec.headers = xstrdup("h");
	m = record_add_module(&rec, "foo", "foo.ko.xz");
	m->path = xstrdup(path);
	m->sha256 = xstrdup("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
	record_print(&rec, &b);
	write_bytes(own, "dkms/foo/1.0/" K "/x86_64/record", b.s, b.len);
	record_release(&rec);
	rec = (struct record){ .depends = STRV_INIT };
	load_good(own, "x.tar.gz", true);
	assert_int_equal(tree_record_read(&own->e, &t, &rec, NULL), 0);
	assert_string_equal(rec.modules[0].path, path);
	assert_string_equal(rec.modules[0].file, "foo.ko");
	assert_int_equal(rec.n_modules, 1);
}

/* Any archive with a dkms.conf. */
static void plain_archive(void **state)
{
	struct own *own = *state;

	write_text(own, "in/awesome-1.0/dkms.conf", conf_text);
	write_text(own, "in/awesome-1.0/foo.c", "int x;\n");
	write_text(own, "in/awesome-1.0/aaa/dkms.conf", "PACKAGE_NAME=wrong\n");
	run(own, "tar -C in -cJf plain.tar.xz .");
	load_good(own, "plain.tar.xz", false);
	expect_text(own, "src/foo-1.0/foo.c", "int x;\n");
	run(own, "test \"$(readlink dkms/foo/1.0/source)\" = $PWD/src/foo-1.0");
	expect_failure(own, "plain.tar.xz", false, -E_ALREADY_ADDED, "more than once");
	load_good(own, "plain.tar.xz", true);
}

static void post_add_runs(void **state)
{
	struct own *own = *state;
	AUTO_BUF struct buf conf = BUF_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	buf_addf(&conf, "%sPOST_ADD=\"post.sh\"\n", conf_text);
	write_text(own, "in/dkms.conf", conf.s);
	write_text(own, "in/post.sh", "#!/bin/sh\nexit 7\n");
	run(own, "chmod +x in/post.sh && tar -C in -cf post.tar .");
	assert_int_equal(load(own, "post.tar", false, &err), -E_SCRIPT);
	assert_int_equal(err_status(&err), 7);
	assert_true(is_there(own, "dkms/foo/1.0/source"));
}

static void bad_archives(void **state)
{
	static const struct {
		const char *make, *words;
		int code;
	} cases[] = {
		{ "echo hello >bad", "cannot be unpacked", -E_ARCHIVE_BAD },
		{ "tar -czf bad in/foo.c", "No dkms.conf", -E_ARCHIVE_NO_CONF },
		{ "mkdir -p t/dkms_main_tree && tar -C t -czf bad .", "not a valid DKMS tarball",
		  -E_ARCHIVE_BAD },
		{ "mkdir -p t/dkms_main_tree t/dkms_source_tree && echo exit >t/dkms_source_tree/"
		  "dkms.conf && tar -C t -czf bad .",
		  "PACKAGE_NAME", -E_BAD_CONF },
		{ "cp -r in t && sed -i 1s/=foo/=../ t/dkms.conf && tar -C t -czf bad .",
		  "PACKAGE_NAME", -E_BAD_CONF },
		{ "cp -r in t && sed -i s,=1.0,=/etc, t/dkms.conf && tar -C t -czf bad .",
		  "PACKAGE_VERSION", -E_BAD_CONF },
		{ "tar -czf x in && head -c 150 x >bad", "cannot be unpacked", -E_ARCHIVE_BAD },
		{ "cp -r in t && ln -s /etc t/link && tar -C t -czf bad .", "absolute",
		  -E_ARCHIVE_BAD },
		/* Inside the archive, but outside the source. */
		{ "mkdir t && cp -r in t/in && ln -s ../.. t/in/link && mkdir t/top && mv t/in t/top "
		  "&& tar -C t -czf bad .",
		  "leads out", -E_ARCHIVE_BAD },
		{ "mkdir -p t/dkms_main_tree/6.1/x86_64/module && cp -r in t/dkms_source_tree && "
		  "echo x >t/dkms_main_tree/6.1/x86_64/module/foo.ko && tar -C t -czf bad .",
		  "no module that can be read", -E_ARCHIVE_BAD },
		{ "mkdir -p t/dkms_main_tree/6.1/x86_64/module && cp -r in t/dkms_source_tree && "
		  "ln -s x t/dkms_main_tree/6.1/x86_64/module/foo.ko && tar -C t -czf bad .",
		  "has a link", -E_ARCHIVE_BAD },
		{ "mkdir -p t/dkms_main_tree/6.1/x86_64/log && cp -r in t/dkms_source_tree && "
		  "tar -C t -czf bad .",
		  "has no modules", -E_ARCHIVE_BAD },
		{ "mkdir -p t/dkms_main_tree/'$(reboot)'/x86_64/module && "
		  "cp -r in t/dkms_source_tree && tar -C t -czf bad .",
		  "names a kernel", -E_ARCHIVE_BAD },
	};
	struct own *own = *state;

	write_text(own, "in/dkms.conf", conf_text);
	write_text(own, "in/foo.c", "int x;\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run(own, "rm -rf t bad");
		run(own, cases[i].make);
		expect_failure(own, "bad", false, cases[i].code, cases[i].words);
	}
	expect_failure(own, "missing.tar", false, -E_ARCHIVE_MISSING, "does not exist");
}

/* The next run removes what a killed run left; what a living run has stays. */
static void litter_is_removed(void **state)
{
	struct own *own = *state;
	struct lock lock = LOCK_INIT;
	AUTO_FREE char *path = at(own, "dkms/.native/staging/alive/lock");

	make_good(own, true, false);
	forget(own);
	write_text(own, "dkms/.native/staging/dead/lock", "");
	write_text(own, "dkms/.native/staging/dead/archive/file", "");
	write_text(own, "src/.dkms-import.dead/file", "");
	write_text(own, "src/.dkms-import.older/file", "");
	write_text(own, "src/.dkms-import.alive/file", "");
	assert_int_equal(lock_take(&lock, &own->e.root, path, "test", LOCK_TRY, NULL, NULL, NULL),
			 0);
	load_good(own, "x.tar.gz", false);
	assert_false(is_there(own, "dkms/.native/staging/dead"));
	assert_false(is_there(own, "src/.dkms-import.dead"));
	assert_false(is_there(own, "src/.dkms-import.older"));
	assert_true(is_there(own, "dkms/.native/staging/alive/lock"));
	assert_true(is_there(own, "src/.dkms-import.alive/file"));
	lock_release(&lock);
}

static void rpm_names(void **state)
{
	(void)state;
	assert_true(ldtarball_is_rpm("x-dkms-1.0.noarch.rpm"));
	assert_false(ldtarball_is_rpm("x.tar.gz"));
	assert_false(ldtarball_is_rpm("rpm"));
}

/* ---- add PATH ---- */

static int import(struct own *own, const char *folder, bool force, struct err *err)
{
	AUTO_MODID struct modid id = MODID_INIT;
	AUTO_FREE char *path = at(own, folder);
	bool copied;
	int r = source_import(&own->e, path, force, &id, &copied, err);

	if (r == 0)
		assert_string_equal(id.name, "foo");
	return r;
}

static void imports_a_folder(void **state)
{
	struct own *own = *state;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *before = NULL;
	AUTO_FREE char *after = NULL;

	write_text(own, "in/dkms.conf", conf_text);
	write_text(own, "in/sub/foo.c", "int x;\n");
	assert_int_equal(import(own, "in", false, NULL), 0);
	expect_text(own, "src/foo-1.0/sub/foo.c", "int x;\n");
	assert_false(is_there(own, "dkms/foo"));
	before = snapshot(own);
	/* The same again, and the place itself. */
	assert_int_equal(import(own, "in", false, NULL), 0);
	assert_int_equal(import(own, "src/foo-1.0", true, NULL), 0);
	after = snapshot(own);
	assert_string_equal(before, after);
	/* Another source needs force, and replaces the old one, not merged with it. */
	write_text(own, "in/new.c", "");
	run(own, "rm -r in/sub");
	assert_int_equal(import(own, "in", false, &err), -E_ALREADY_ADDED);
	assert_non_null(strstr(err.text, "--force"));
	assert_int_equal(import(own, "in", true, NULL), 0);
	assert_true(is_there(own, "src/foo-1.0/new.c"));
	assert_false(is_there(own, "src/foo-1.0/sub"));
}

static void import_refusals(void **state)
{
	struct own *own = *state;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *other = at(own, "other");
	AUTO_FREE char *place = at(own, "src/foo-1.0");

	write_text(own, "in/foo.c", "");
	assert_int_equal(import(own, "in", false, &err), -E_TREE_NO_CONF);
	assert_int_equal(err_status(&err), 9);
	write_text(own, "in/dkms.conf", "PACKAGE_NAME=foo\n");
	assert_int_equal(import(own, "in", false, &err), -E_BAD_CONF);
	/* Found by add's strict check; nothing is left in the source tree. */
	write_text(own, "in/dkms.conf",
		   "PACKAGE_NAME=foo\nPACKAGE_VERSION=1.0\nBUILT_MODULE_NAME=(a b)\n"
		   "DEST_MODULE_NAME=(c c)\nDEST_MODULE_LOCATION=(/extra /extra)\n");
	assert_int_equal(import(own, "in", false, &err), -E_BAD_CONF);
	assert_false(is_there(own, "src/foo-1.0"));
	write_text(own, "in/dkms.conf", conf_text);
	write_text(own, "other/dkms.conf", conf_text);
	assert_int_equal(fs_symlink(&own->e.root, other, place), 0);
	assert_int_equal(import(own, "in", true, &err), -E_ALREADY_ADDED);
	assert_non_null(strstr(err.text, "is a link"));
	write_text(own, "src/dkms.conf", conf_text);
	assert_int_equal(import(own, "src", true, &err), -E_TREE_NO_CONF);
	/* The source tree may be a symlink to what lies in it. */
	write_text(own, "all/dkms.conf", conf_text);
	run(own, "rm -r src && mkdir all/src && ln -s all/src src");
	assert_int_equal(import(own, "all", true, &err), -E_TREE_NO_CONF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN_TEST(form_of_dkms),
		OWN_TEST(places),
		OWN_TEST(mktarball_failures),
		OWN_TEST(there_and_back),
		OWN_TEST(source_only_archive),
		OWN_TEST(binaries_only_without_source),
		OWN_TEST(binaries_only_with_source),
		OWN_TEST(source_after_binaries),
		OWN_TEST(added_needs_force),
		OWN_TEST(existing_builds_stay),
		OWN_TEST(what_is_installed_stays_on_record),
		OWN_TEST(plain_archive),
		OWN_TEST(post_add_runs),
		OWN_TEST(bad_archives),
		OWN_TEST(litter_is_removed),
		cmocka_unit_test(names),
		cmocka_unit_test(rpm_names),
		OWN_TEST(imports_a_folder),
		OWN_TEST(import_refusals),
	};
	const struct CMUnitTest without[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(rpm_names),
		OWN_TEST(imports_a_folder),
		OWN_TEST(import_refusals),
	};

	return tarball_supported() ? cmocka_run_group_tests(tests, NULL, NULL)
				   : cmocka_run_group_tests(without, NULL, NULL);
}
