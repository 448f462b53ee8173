/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "build/build.h"
#include "disk.h"
#include "engine/childenv.h"
#include "kofile.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "tree/tree.h"

#define K	"6.1.0-56-amd64"
#define HEADERS "/usr/src/linux-headers-" K
#define BUILT	"/var/lib/dkms/foo/1.0/" K "/x86_64"
#define WORK	"/var/lib/dkms/foo/1.0/build"

static const struct target target = { "foo", "1.0", K, "x86_64" };

/* The fake make.  It runs in the worker, whose root has the build folder at WORK. */
struct fake {
	struct disk *disk;
	const char *vermagic; /* of the module that it makes; NULL: it makes none */
	unsigned int machine;
	const char *output;
	int status;
	enum proc_end end;
	int patch_status;
	const char *leftover; /* a file that must not exist when make runs */
};

static void make_module(struct fake *f)
{
	struct kofile ko = { .machine = f->machine ? f->machine : EM_X86_64,
			     .type = ET_REL,
			     .version = "1.0",
			     .vermagic = f->vermagic };
	AUTO_BUF struct buf b = BUF_INIT;

	kofile_make(&ko, &b);
	disk_bytes(f->disk, WORK "/foo.ko", b.s, b.len);
}

static int run_fake(const struct proc_spec *spec, struct proc_result *ret, void *data)
{
	struct fake *f = data;
	const char *program = spec->argv.v[0];

	*ret = (struct proc_result){ .end = PROC_EXITED };
	if (!strcmp(program, "patch"))
		ret->status = f->patch_status;
	if (strcmp(program, "bash") != 0)
		return 0;
	if (strcmp(spec->cwd, WORK) != 0 || !childenv_get(&spec->env, "kernelver") ||
	    (f->leftover && fs_exists(&f->disk->e.root, f->leftover)))
		return -EINVAL;
	if (f->output)
		spec->on_output(f->output, strlen(f->output), spec->data);
	if (f->vermagic)
		make_module(f);
	ret->status = f->status;
	ret->end = f->end;
	return 0;
}

struct job {
	struct disk *disk;
	struct conf *conf;
	struct build_opts *opts;
	struct fake *fake;
	int out;
};

static int work(void *arg)
{
	struct job *j = arg;
	struct build_result res;
	AUTO_BUF struct buf b = BUF_INIT;
	struct err err = ERR_INIT;
	int r;

	proc_set_runner(run_fake, j->fake);
	r = build_run(&j->disk->e, &target, j->conf, j->opts, &res, &err);
	if (r == 0)
		err_set(&err, 0, "-");
	build_result_print(&res, &err, &b);
	build_result_release(&res);
	err_release(&err);
	return write(j->out, b.s, b.len) == (ssize_t)b.len ? 0 : 1;
}

static struct conf_module module;
static struct conf conf_of(void)
{
	module = (struct conf_module){ .built_name = (char *)(uintptr_t) "foo",
				       .built_location = (char *)(uintptr_t) "",
				       .dest_name = (char *)(uintptr_t) "foo" };
	return (struct conf){ .modules = &module,
			      .n_modules = 1,
			      .make = (char *)(uintptr_t) "make all",
			      .patches = STRV_INIT };
}

static int build(struct disk *d, struct conf *conf, struct fake *fake, struct build_result *res,
		 struct err *err)
{
	struct build_opts opts = { .headers = HEADERS, .jobs = "-j2", .suffix = "" };
	struct job j = { d, conf, &opts, fake, -1 };
	struct proc_worker w = { 0 };
	char text[8192] = "";
	int fds[2];
	size_t i;

	build_result_release(res);
	fake->disk = d;
	assert_int_equal(pipe(fds), 0);
	j.out = fds[1];
	assert_int_equal(proc_worker_start(&w, work, &j), 0);
	close(fds[1]);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	close(fds[0]);
	assert_int_equal(proc_worker_wait(&w, 1, 0, &i), 0);
	assert_int_equal(w.result.status, 0);
	assert_int_equal(build_result_parse(text, res, err), 0);
	return err->code;
}

static int setup(void **state)
{
	static const char *const programs[] = { "bash", "make", "patch", "strip", "gcc" };
	struct disk *d;

	disk_setup(state);
	d = *state;
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		AUTO_FREE char *path = xasprintf("/usr/bin/%s", programs[i]);

		disk_file(d, path, "#!/bin/sh\n");
		if (fs_chmod(&d->e.root, path, 0755) < 0)
			return -1;
	}
	disk_file(d, "/usr/src/foo-1.0/foo.c", "int x;\n");
	disk_file(d, "/usr/src/foo-1.0/dkms.conf", "\n");
	disk_file(d, "/usr/src/foo-1.0/patches/one.patch", "source's\n");
	disk_link(d, "/var/lib/dkms/foo/1.0/source", "/usr/src/foo-1.0");
	disk_file(d, HEADERS "/include/config/kernel.release", "6.1.192\n");
	disk_file(d, HEADERS "/include/generated/utsrelease.h", "#define UTS_RELEASE \"" K "\"\n");
	return 0;
}

static int failing(struct disk *d, struct fake *fake, struct build_result *res, struct err *err)
{
	struct conf conf = conf_of();

	return build(d, &conf, fake, res, err);
}

static void a_build_is_published(void **state)
{
	struct disk *d = *state;
	struct conf conf = conf_of();
	struct fake fake = { .vermagic = K " SMP" };
	AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf log = BUF_INIT;
	AUTO_STRV struct strv names = STRV_INIT;

	assert_int_equal(build(d, &conf, &fake, &res, &err), 0);
	assert_int_equal(res.phase, BUILD_DONE);
	assert_true(res.built);
	assert_true(fs_exists(&d->e.root, BUILT "/module/foo.ko"));
	assert_false(fs_exists(&d->e.root, WORK));
	assert_int_equal(tree_record_read(&d->e, &target, &rec, NULL), 0);
	assert_string_equal(rec.modules[0].file, "foo.ko");
	assert_int_equal(fs_list(&d->e.root, "/var/lib/dkms/foo/1.0/" K, &names), 0);
	assert_int_equal(names.n, 1);
	assert_int_equal(fs_read(&d->e.root, BUILT "/log/make.log", 1 << 20, &log), 0);
	assert_non_null(strstr(log.s, "DKMS (dkms-" DKMS_COMPAT
				      ") make.log for foo/1.0 for kernel " K " (x86_64)\n"));
	assert_non_null(strstr(log.s, "\n\nBuilding module(s)\n# command: make -j2 KERNELRELEASE=" K
				      " all\n"));
	assert_non_null(strstr(log.s, "\n# exit code: 0\n# elapsed time: 00:00:00\n------"));
}

static void a_failing_make_is_explained_and_kept(void **state)
{
	struct disk *d = *state;
	struct fake fake = { .status = 2,
			     .output = "foo.c:1:2: error: bad\nmake: *** [x:1: y] "
				       "Error 1\n" };
	AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	disk_file(d, BUILT "/module/foo.ko", "the old build");
	assert_int_equal(failing(d, &fake, &res, &err), -E_MAKE);
	assert_int_equal(res.phase, BUILD_MAKE);
	assert_int_equal(res.status, 2);
	assert_true(res.memorable);
	assert_false(res.built);
	assert_string_equal(res.lines.v[0], "foo.c:1:2: error: bad");
	assert_true(fs_exists(&d->e.root, res.log));
	assert_true(fs_exists(&d->e.root, WORK "/make.log"));
	assert_true(fs_exists(&d->e.root, WORK "/foo.c"));
	assert_true(fs_exists(&d->e.root, BUILT "/module/foo.ko"));
}

static void what_the_machine_did_is_not_remembered(void **state)
{
	static const struct {
		struct fake fake;
		int code;
	} cases[] = {
		{ { .status = 2, .output = "/bin/sh: 1: gcc-99: not found\n" }, -E_TOOL_MISSING },
		{ { .status = 2, .output = "ld: No space left on device\n" }, -E_NO_SPACE },
		{ { .status = 127 }, -E_MAKE },
		{ { .status = 137 }, -E_MAKE },
		{ { .status = 9, .end = PROC_SIGNALED }, -E_MAKE },
		{ { .end = PROC_TIMED_OUT }, -E_TIMEOUT },
		{ { .end = PROC_INTERRUPTED }, -E_INTERRUPTED },
	};
	struct disk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake fake = cases[i].fake;
		AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
		AUTO_ERR struct err err = ERR_INIT;

		assert_int_equal(failing(d, &fake, &res, &err), cases[i].code);
		assert_false(res.memorable);
	}
}

static void what_make_made_is_checked(void **state)
{
	static const struct {
		struct fake fake;
		int code;
		const char *text;
	} cases[] = {
		{ { .vermagic = NULL }, -E_NO_MODULE, "foo.ko" },
		{ { .vermagic = "6.18.0 SMP" }, -E_OTHER_KERNEL, "uname -r" },
		{ { .vermagic = "" }, -E_WRONG_MODULE, "vermagic" },
		{ { .vermagic = K " SMP", .machine = EM_AARCH64 }, -E_WRONG_MODULE, "ARM" },
	};
	struct disk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake fake = cases[i].fake;
		AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
		AUTO_ERR struct err err = ERR_INIT;

		assert_int_equal(failing(d, &fake, &res, &err), cases[i].code);
		assert_int_equal(res.phase, BUILD_CHECK);
		assert_true(res.memorable);
		assert_int_equal(res.cause.class == CAUSE_UNAME_R,
				 cases[i].code == -E_OTHER_KERNEL);
		assert_non_null(strstr(err.text, cases[i].text));
		assert_false(fs_exists(&d->e.root, BUILT));
	}
}

static void patches_are_checked_before_any_is_applied(void **state)
{
	static const struct {
		const char *patches;
		int status, code;
	} cases[] = {
		{ "one.patch none.patch", 0, -E_PATCH_MISSING },
		{ "one.patch ../../etc/x", 0, -E_PATCH_MISSING },
		{ "one.patch", 1, -E_PATCH_FAILED },
	};
	struct disk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conf conf = conf_of();
		struct fake fake = { .patch_status = cases[i].status };
		AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
		AUTO_ERR struct err err = ERR_INIT;
		AUTO_BUF struct buf log = BUF_INIT;

		strv_split(&conf.patches, cases[i].patches, " ");
		assert_int_equal(build(d, &conf, &fake, &res, &err), cases[i].code);
		assert_int_equal(res.phase, BUILD_PATCH);
		assert_true(res.memorable);
		assert_int_equal(fs_read(&d->e.root, res.log, 1 << 20, &log), 0);
		assert_int_equal(strstr(log.s, "Applying") != NULL, cases[i].status != 0);
		strv_release(&conf.patches);
	}
}

static void leftovers_and_overlays(void **state)
{
	struct disk *d = *state;
	struct fake fake = { .status = 2, .leftover = WORK "/sub/old.o" };
	AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf patch = BUF_INIT;

	disk_file(d, "/usr/src/foo-1.0/sub/old.o", "object");
	disk_file(d, "/usr/src/foo-1.0/sub/.old.o.cmd", "cmd");
	disk_file(d, "/usr/src/foo-1.0/blob.o", "vendor's");
	disk_file(d, "/etc/dkms/foo/patches/one.patch", "admin's\n");
	disk_file(d, "/etc/dkms/foo/patches/deep/two.patch", "admin's\n");
	assert_int_equal(failing(d, &fake, &res, &err), -E_MAKE);
	assert_true(fs_exists(&d->e.root, WORK "/blob.o"));
	assert_true(fs_exists(&d->e.root, WORK "/patches/deep/two.patch"));
	assert_int_equal(fs_read(&d->e.root, WORK "/patches/one.patch", 4096, &patch), 0);
	assert_string_equal(patch.s, "admin's\n");
	assert_true(fs_exists(&d->e.root, "/usr/src/foo-1.0/sub/old.o"));
}

static void nothing_is_touched_when_it_cannot_begin(void **state)
{
	struct disk *d = *state;
	struct conf conf = conf_of();
	struct fake fake = { 0 };
	AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	conf.excluded = (char *)(uintptr_t) "wants 5.10";
	assert_int_equal(build(d, &conf, &fake, &res, &err), -E_EXCLUDED);
	conf.excluded = NULL;
	disk_remove(d, "/usr/bin/make");
	assert_int_equal(build(d, &conf, &fake, &res, &err), -E_TOOL_MISSING);
	assert_non_null(strstr(err.text, "make"));
	assert_int_equal(fs_remove_tree(&d->e.root, HEADERS), 0);
	assert_int_equal(build(d, &conf, &fake, &res, &err), -E_NO_HEADERS);
	assert_non_null(strstr(err.text, K));
	disk_remove(d, "/usr/src/foo-1.0/foo.c");
	assert_int_equal(fs_remove_tree(&d->e.root, "/usr/src/foo-1.0/patches"), 0);
	assert_int_equal(build(d, &conf, &fake, &res, &err), -E_SOURCE_EMPTY);
	assert_false(fs_exists(&d->e.root, WORK));
	assert_null(res.log);
}

static void environments_are_clean(void **state)
{
	static const struct {
		const char *name;
		bool build, tool;
	} cases[] = {
		{ "HOME", true, true },
		{ "TERM", true, true },
		{ "http_proxy", true, true },
		{ "HTTPS_PROXY", true, true },
		{ "SOURCE_DATE_EPOCH", true, true },
		{ "DPKG_ROOT", false, true },
		{ "DEBIAN_FRONTEND", false, true },
		{ "PATH", false, false },
		{ "CC", false, false },
		{ "KCFLAGS", false, false },
		{ "MAKEFLAGS", false, false },
		{ "MAKEFILES", false, false },
		{ "BASH_ENV", false, false },
		{ "ENV", false, false },
		{ "LD_LIBRARY_PATH", false, false },
		{ "LD_PRELOAD", false, false },
		{ "LANG", false, false },
		{ "ARCH", false, false },
		{ "sub_make_done", false, false },
		{ "HOMER", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(childenv_passes(cases[i].name, false), cases[i].build);
		assert_int_equal(childenv_passes(cases[i].name, true), cases[i].tool);
	}
}

static void results_survive_the_pipe(void **state)
{
	struct build_result res = { .phase = BUILD_MAKE,
				    .status = 2,
				    .memorable = true,
				    .log = (char *)(uintptr_t) "/a b",
				    .lines = STRV_INIT };
	AUTO_BUILD_RESULT struct build_result back = BUILD_RESULT_INIT;
	AUTO_ERR struct err err = ERR_INIT, err2 = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	int r;

	(void)state;
	r = err_set(&err, -E_MAKE, "two\nlines");
	assert_int_equal(r, -E_MAKE);
	strv_add(&res.lines, "foo.c:1: error");
	build_result_print(&res, &err, &b);
	assert_int_equal(build_result_parse(b.s, &back, &err2), 0);
	assert_int_equal(back.phase, BUILD_MAKE);
	assert_true(back.memorable);
	assert_string_equal(back.log, "/a b");
	assert_string_equal(back.lines.v[0], "foo.c:1: error");
	assert_string_equal(err2.text, "two\nlines");
	strv_release(&res.lines);
	for (size_t len = 0; len + 1 < b.len; len++) {
		AUTO_FREE char *cut = xstrndup(b.s, len);

		assert_int_equal(build_result_parse(cut, &back, &err2),
				 len == b.len - 1 ? 0 : -E_CORRUPT);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, disk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_build_is_published),
		TEST(a_failing_make_is_explained_and_kept),
		TEST(what_the_machine_did_is_not_remembered),
		TEST(what_make_made_is_checked),
		TEST(patches_are_checked_before_any_is_applied),
		TEST(leftovers_and_overlays),
		TEST(nothing_is_touched_when_it_cannot_begin),
		cmocka_unit_test(environments_are_clean),
		cmocka_unit_test(results_survive_the_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
