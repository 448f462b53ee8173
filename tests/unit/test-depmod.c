/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "disk.h"
#include "install/depmod.h"
#include "model/record.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define K    "6.1.0-56-amd64"
#define TREE "/lib/modules/" K

#define MARK "/var/lib/dkms/.native/pending/depmod-" K
#define FOO  TREE "/updates/dkms/foo.ko"

/* A fake program: it records its arguments, prints output and writes a file. */
struct fake {
	struct disk *disk;
	struct strv calls;
	const char *output, *path, *content;
	int status, error;
	enum proc_end end;
	void (*then)(struct fake *f); /* what other runs do in the meantime */
	bool foreign;		      /* for write_index() */
};

static int run_fake(const struct proc_spec *spec, struct proc_result *ret, void *data)
{
	struct fake *f = data;

	strv_take(&f->calls, strv_join(&spec->argv, " "));
	if (f->error)
		return f->error;
	if (f->path)
		disk_file(f->disk, f->path, f->content);
	if (f->output && spec->on_output)
		spec->on_output(f->output, strlen(f->output), spec->data);
	if (f->then)
		f->then(f);
	*ret = (struct proc_result){ .end = f->end, .status = f->status };
	return 0;
}

static struct fake fake_begin(struct disk *d)
{
	return (struct fake){ .disk = d, .calls = STRV_INIT };
}

static void fake_end(struct fake *f)
{
	proc_set_runner(NULL, NULL);
	strv_release(&f->calls);
}

/* Replace the file by another inode, as a rename does, so that the clock does not matter. */
static void replace(struct disk *d, const char *path, const void *data, size_t len)
{
	AUTO_FREE char *new = xasprintf("%s.new", path);

	disk_bytes(d, new, data, len);
	assert_int_equal(fs_rename(&d->e.root, new, path), 0);
}

/* Write depmod's files for one module, "foo"; file NULL: for no module. */
static void write_index(struct disk *d, const char *file)
{
	static const char head[] = "\xb0\x07\xf4\x57\0\2\0\1\xc0\0\0\x0c"
				   "foo\0\0\0\0\1\0\0\0\0";
	AUTO_BUF struct buf bin = BUF_INIT;
	AUTO_FREE char *line = xasprintf("%s:", file ? file : "");
	AUTO_FREE char *text = xasprintf("%s\n", line);

	buf_add(&bin, head, sizeof(head) - 1);
	buf_add(&bin, line, strlen(line) + 1);
	replace(d, TREE "/modules.dep.bin", bin.s, file ? bin.len : 0);
	replace(d, TREE "/modules.dep", text, file ? strlen(text) : 0);
}

static void a_tree_without_modules_dep_is_left_alone(void **state)
{
	struct disk *d = *state;
	struct fake f = fake_begin(d);
	AUTO_ERR struct err err = ERR_INIT;

	proc_set_runner(run_fake, &f);
	disk_file(d, "/var/lib/dkms/.native/pending/depmod-" K, "");
	assert_true(depmod_is_pending(&d->e, K));
	assert_int_equal(depmod_run(&d->e, K, NULL, &err), 0);
	assert_int_equal(f.calls.n, 0);
	assert_false(depmod_is_pending(&d->e, K));
	fake_end(&f);
}

static void take_foo_up(struct fake *f)
{
	write_index(f->disk, "updates/dkms/foo.ko");
}

static void it_runs_tidies_and_clears_the_mark(void **state)
{
	struct disk *d = *state;
	struct fake f = fake_begin(d);
	AUTO_STRV struct strv paths = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	strv_add(&paths, TREE "/updates/dkms/foo.ko");
	disk_file(d, TREE "/updates/dkms/foo.ko", "");
	disk_file(d, TREE "/modules.dep.bin.4711.1.2", "litter");
	disk_file(d, "/boot/System.map-" K, "");
	disk_file(d, "/var/lib/dkms/.native/pending/depmod-" K, "");
	f.then = take_foo_up;
	proc_set_runner(run_fake, &f);
	assert_int_equal(depmod_run(&d->e, K, &paths, &err), 0);
	assert_string_equal(f.calls.v[0], "depmod -a -F /boot/System.map-" K " " K);
	assert_false(fs_exists(&d->e.root, TREE "/modules.dep.bin.4711.1.2"));
	assert_false(depmod_is_pending(&d->e, K));
	fake_end(&f);
}

static void failures_keep_the_mark(void **state)
{
	static const struct {
		const char *content, *output;
		int status, error, code;
	} cases[] = {
		{ "updates/dkms/foo.ko:\n", "depmod: ERROR: no\n", 1, 0, -E_DEPMOD },
		{ "kernel/bar.ko:\n", NULL, 0, 0, -E_DEPMOD },
		{ "", NULL, 0, -ENOENT, -E_TOOL_MISSING },
	};
	struct disk *d = *state;
	AUTO_STRV struct strv paths = STRV_INIT;

	strv_add(&paths, TREE "/updates/dkms/foo.ko");
	disk_file(d, TREE "/updates/dkms/foo.ko", "");
	disk_file(d, "/var/lib/dkms/.native/pending/depmod-" K, "");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake f = fake_begin(d);
		AUTO_ERR struct err err = ERR_INIT;

		f.path = TREE "/modules.dep";
		f.content = cases[i].content;
		f.output = cases[i].output;
		f.status = cases[i].status;
		f.error = cases[i].error;
		proc_set_runner(run_fake, &f);
		assert_int_equal(depmod_run(&d->e, K, &paths, &err), cases[i].code);
		assert_true(depmod_is_pending(&d->e, K));
		fake_end(&f);
	}
}

static void set_mark(struct disk *d, const char *run)
{
	disk_file(d, MARK, "");
	replace(d, MARK, run, strlen(run));
}

/* Run depmod with FOO installed; `then` is called in each depmod. */
static int run_for_foo(struct fake *f, void (*then)(struct fake *f), struct err *err)
{
	AUTO_STRV struct strv paths = STRV_INIT;

	strv_add(&paths, FOO);
	disk_file(f->disk, FOO, "");
	f->then = then;
	proc_set_runner(run_fake, f);
	return depmod_run(&f->disk->e, K, &paths, err);
}

/* Twice, another run has removed the file while depmod reads, and puts it back afterwards. */
static void out_and_in_again(struct fake *f)
{
	write_index(f->disk, f->calls.n <= 2 ? NULL : "updates/dkms/foo.ko");
	if (f->calls.n <= 2)
		set_mark(f->disk, f->calls.n == 1 ? "another" : "one more");
}

static void what_others_change_meanwhile_is_no_failure(void **state)
{
	struct disk *d = *state;
	struct fake f = fake_begin(d);
	AUTO_ERR struct err err = ERR_INIT;

	set_mark(d, "test");
	assert_int_equal(run_for_foo(&f, out_and_in_again, &err), 0);
	assert_int_equal(f.calls.n, 3);
	assert_false(depmod_is_pending(&d->e, K));
	fake_end(&f);
}

/* Other runs change modules all the time: depmod gives up after some attempts. */
static void never_quiet(struct fake *f)
{
	write_index(f->disk, NULL);
	set_mark(f->disk, f->calls.n % 2 ? "a" : "b");
}

static void it_does_not_try_for_ever(void **state)
{
	struct disk *d = *state;
	struct fake f = fake_begin(d);
	AUTO_ERR struct err err = ERR_INIT;

	assert_int_equal(run_for_foo(&f, never_quiet, &err), -E_DEPMOD);
	assert_in_range(f.calls.n, 2, 20);
	assert_true(depmod_is_pending(&d->e, K));
	fake_end(&f);
}

/* The loader takes another file, until there is an override in /etc/depmod.d. */
static void prefer_the_other(struct fake *f)
{
	bool helped = fs_exists(&f->disk->e.root, "/etc/depmod.d/dkms-foo.conf");

	write_index(f->disk, helped && !f->foreign ? "updates/dkms/foo.ko" : "best/foo.ko");
}

static void run_hidden(struct disk *d, bool foreign, int code)
{
	struct fake f = fake_begin(d);
	AUTO_ERR struct err err = ERR_INIT;

	disk_file(d, TREE "/best/foo.ko", "");
	set_mark(d, "test");
	f.foreign = foreign;
	assert_int_equal(run_for_foo(&f, prefer_the_other, &err), code);
	assert_int_equal(f.calls.n, 2);
	assert_true(!code || strstr(err.text, "best/foo.ko"));
	fake_end(&f);
}

static void a_hidden_module_gets_an_override(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf b = BUF_INIT;

	run_hidden(d, false, 0);
	assert_int_equal(fs_read(&d->e.root, "/etc/depmod.d/dkms-foo.conf", 1000, &b), 0);
	assert_non_null(strstr(b.s, "\noverride foo " K " updates/dkms\n"));
	assert_false(depmod_is_pending(&d->e, K));
}

static void an_override_that_does_not_help_goes(void **state)
{
	struct disk *d = *state;

	run_hidden(d, true, -E_DEPMOD);
	assert_false(fs_exists(&d->e.root, "/etc/depmod.d/dkms-foo.conf"));
	assert_true(depmod_is_pending(&d->e, K));
}

/* Killed between depmod and the override: the run that completes this does not know the paths. */
static void a_recovery_makes_the_override_too(void **state)
{
	struct disk *d = *state;
	struct fake f = fake_begin(d);
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_BUF struct buf text = BUF_INIT;

	record_add_module(&rec, "foo", "foo.ko")->path = xstrdup(FOO);
	record_add_module(&rec, "bar", "bar.ko")->path = xstrdup(TREE "/updates/dkms/bar.ko");
	record_print(&rec, &text);
	disk_file(d, "/var/lib/dkms/foo/1.0/" K "/x86_64/module/foo.ko", "");
	disk_file(d, "/var/lib/dkms/foo/1.0/" K "/x86_64/record", text.s);
	disk_link(d, "/var/lib/dkms/foo/kernel-" K "-x86_64", "1.0/" K "/x86_64");
	disk_file(d, FOO, "");
	disk_file(d, TREE "/updates/dkms/bar.ko", "");
	disk_file(d, TREE "/best/foo.ko", "");
	set_mark(d, "20260101T000000-1");
	f.then = prefer_the_other;
	proc_set_runner(run_fake, &f);
	depmod_recover(&d->e);
	assert_int_equal(f.calls.n, 2);
	assert_true(fs_exists(&d->e.root, "/etc/depmod.d/dkms-foo.conf"));
	assert_false(depmod_is_pending(&d->e, K));
	fake_end(&f);
}

static void another_install_tree_gets_a_base(void **state)
{
	struct disk *d = *state;
	struct fake f = fake_begin(d);
	AUTO_ERR struct err err = ERR_INIT;

	free(d->e.install_tree);
	d->e.install_tree = xstrdup("/srv/mods");
	disk_file(d, "/srv/mods/" K "/modules.dep", "");
	f.path = "/srv/mods/" K "/modules.dep";
	f.content = "";
	proc_set_runner(run_fake, &f);
	assert_int_equal(depmod_run(&d->e, K, NULL, &err), 0);
	assert_non_null(strstr(f.calls.v[0], "-b /var/lib/dkms/.native/depmod-"));
	fake_end(&f);
}

static void an_interrupted_depmod_stays_pending(void **state)
{
	struct disk *d = *state;
	struct fake f = fake_begin(d);
	AUTO_ERR struct err err = ERR_INIT;

	f.end = PROC_INTERRUPTED;
	disk_file(d, TREE "/modules.dep", "");
	disk_file(d, MARK, "");
	proc_set_runner(run_fake, &f);
	assert_int_equal(depmod_run(&d->e, K, NULL, &err), -E_INTERRUPTED);
	assert_true(depmod_is_pending(&d->e, K));
	fake_end(&f);
}

/* A full disk: depmod ends with 0 and leaves the old index. */
static void an_index_that_was_not_renewed_is_a_failure(void **state)
{
	struct disk *d = *state;
	struct fake f = fake_begin(d);
	AUTO_ERR struct err err = ERR_INIT;

	disk_file(d, TREE "/modules.dep", "");
	disk_file(d, TREE "/modules.dep.bin", "old");
	disk_file(d, "/var/lib/dkms/.native/pending/depmod-" K, "");
	f.path = TREE "/modules.dep";
	f.content = "";
	proc_set_runner(run_fake, &f);
	assert_int_equal(depmod_run(&d->e, K, NULL, &err), -E_DEPMOD);
	assert_non_null(strstr(err.text, "modules.dep.bin"));
	assert_true(depmod_is_pending(&d->e, K));
	fake_end(&f);
}

static void modules_dep_is_read_by_names(void **state)
{
	(void)state;
	assert_true(depmod_has("a/foo-x.ko: b/x.ko\n", "/lib/modules/K/a/foo_x.ko"));
	assert_true(depmod_has("b.ko:\nkernel/foo.ko.xz:\n", "/u/foo.ko"));
	assert_false(depmod_has("a/foo.ko: b/x.ko\n", "/u/x.ko"));
	assert_false(depmod_has("a/foobar.ko:\na/foo.ko\n", "/u/foo.ko"));
	assert_false(depmod_has("", "/u/foo.ko"));
}

static void overrides_are_lines_a_kernel(void **state)
{
	AUTO_FREE char *one = depmod_override_text("", "K1", "foo", "updates/dkms");
	AUTO_FREE char *two = depmod_override_text(one, "K2", "foo", "extra");
	AUTO_FREE char *again = depmod_override_text(two, "K1", "foo", "extra");
	AUTO_FREE char *less = depmod_override_text(again, "K1", "foo", NULL);
	AUTO_FREE char *none = depmod_override_text(less, "K2", "foo", NULL);

	(void)state;
	assert_non_null(strstr(one, "\noverride foo K1 updates/dkms\n"));
	assert_non_null(strstr(two, "\noverride foo K1 updates/dkms\noverride foo K2 extra\n"));
	assert_non_null(strstr(again, "\noverride foo K2 extra\noverride foo K1 extra\n"));
	assert_null(strstr(less, "K1"));
	assert_string_equal(none, "");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, disk_setup_journal, disk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tree_without_modules_dep_is_left_alone),
		TEST(it_runs_tidies_and_clears_the_mark),
		TEST(failures_keep_the_mark),
		TEST(what_others_change_meanwhile_is_no_failure),
		TEST(it_does_not_try_for_ever),
		TEST(a_hidden_module_gets_an_override),
		TEST(an_override_that_does_not_help_goes),
		TEST(a_recovery_makes_the_override_too),
		TEST(another_install_tree_gets_a_base),
		TEST(an_interrupted_depmod_stays_pending),
		TEST(an_index_that_was_not_renewed_is_a_failure),
		cmocka_unit_test(modules_dep_is_read_by_names),
		cmocka_unit_test(overrides_are_lines_a_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
