/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/framework.h"

#include "conf/open.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/utsname.h>

#include "base/log.h"
#include "disk.h"
#include "engine/distro.h"
#include "engine/engine.h"
#include "engine/treepath.h"
#include "sys/proc.h"

#define CONF   "/etc/dkms/framework.conf"
#define FOLDER "/etc/dkms/framework.conf.d/"

static struct strv warnings = STRV_INIT;

static void take_warning(enum log_level level, const char *text, void *data)
{
	(void)data;
	if (level == LOG_WARNING)
		strv_add(&warnings, text);
}

static int setup(void **state)
{
	log_set_sink(take_warning, NULL);
	return disk_setup(state);
}

static int teardown(void **state)
{
	log_set_sink(NULL, NULL);
	strv_release(&warnings);
	return disk_teardown(state);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static int no_process(const struct proc_spec *spec, struct proc_result *ret, void *data)
{
	(void)ret;
	(void)data;
	fail_msg("started %s", spec->argv.v[0]);
	return -EIO;
}

/* Plain files are read without a process. */
static void read_plain(struct disk *d, bool allow_process)
{
	AUTO_ERR struct err err = ERR_INIT;

	proc_set_runner(no_process, NULL);
	assert_int_equal(framework_read(&d->e, allow_process, &err), 0);
	proc_set_runner(NULL, NULL);
}

static void assert_setting(const struct disk *d, enum setting id, const char *value,
			   const char *source)
{
	assert_string_equal(settings_get(&d->e.settings, id), value);
	assert_string_equal(settings_source(&d->e.settings, id), source);
}

static void without_files(void **state)
{
	struct disk *d = *state;

	read_plain(d, true);
	assert_setting(d, SET_VERBOSE, "", "default");
	assert_int_equal(warnings.n, 0);
}

static void strength(void **state)
{
	struct disk *d = *state;

	settings_set(&d->e.settings, SET_VERBOSE, "line", "command line");
	disk_file(d, CONF,
		  "verbose=a\nsource_tree=/a\nsign_file=/a\ninitramfs=never\ninitramfs=always\n");
	disk_file(d, FOLDER "10-b.conf", "verbose=b\nsource_tree=/b\nsign_file=/b\n");
	disk_file(d, FOLDER "20-c.conf", "source_tree=/c\n");
	disk_file(d, FOLDER "30-d.conf.bak", "source_tree=/d\n");
	disk_file(d, FOLDER ".40-e.conf", "source_tree=/e\n");
	read_plain(d, true);
	assert_setting(d, SET_VERBOSE, "line", "command line");
	assert_setting(d, SET_SOURCE_TREE, "/c", FOLDER "20-c.conf");
	assert_setting(d, SET_SIGN_FILE, "/b", FOLDER "10-b.conf");
	assert_setting(d, SET_INITRAMFS, "always", CONF);
}

static void templates(void **state)
{
	struct disk *d = *state;

	disk_file(d, CONF, "sign_file=\"/lib/modules/$kernelver/build/scripts/sign-file\"\n");
	read_plain(d, true);
	assert_setting(d, SET_SIGN_FILE, "/lib/modules/$kernelver/build/scripts/sign-file", CONF);
}

static void shell_without_process(void **state)
{
	struct disk *d = *state;

	disk_file(d, CONF, "source_tree=/a\nverbose=$(echo yes)\nsign_file=/b\n");
	disk_file(d, FOLDER "a.conf", "install_tree=/i\n");
	read_plain(d, false);
	assert_setting(d, SET_SOURCE_TREE, "/a", CONF);
	assert_setting(d, SET_VERBOSE, "", "default");
	assert_setting(d, SET_SIGN_FILE, "", "default");
	assert_setting(d, SET_INSTALL_TREE, "/i", FOLDER "a.conf");
	assert_int_equal(warnings.n, 1);
	assert_non_null(strstr(warnings.v[0], CONF ": line 2 needs a shell"));
}

/* What the fake bash was given, and what it answers. */
struct answer {
	const void *out;
	size_t len;
	struct buf input;
};

static int answer(const struct proc_spec *spec, struct proc_result *ret, void *data)
{
	struct answer *a = data;

	assert_string_equal(spec->argv.v[0], "bash");
	buf_add(&a->input, spec->input, spec->input_len);
	spec->on_output(a->out, a->len, spec->data);
	spec->on_error("\0dkms-job 0\0oops\n", 17, spec->data);
	*ret = (struct proc_result){ .end = PROC_EXITED };
	return 0;
}

static void shell_with_process(void **state)
{
	static const char out[] = "(\0000\0=\0sign_file\0000\0/x/$kernelver\0"
				  "=\0verbose\0001\0no\0+\0)\0000";
	struct answer a = { .out = out, .len = sizeof(out), .input = BUF_INIT };
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;

	disk_dir(d, "/tmp");
	disk_file(d, CONF, "if true; then sign_file=\"/x/$kernelver\"; fi\n");
	proc_set_runner(answer, &a);
	assert_int_equal(framework_read(&d->e, true, &err), 0);
	proc_set_runner(NULL, NULL);
	assert_setting(d, SET_SIGN_FILE, "/x/$kernelver", CONF);
	assert_setting(d, SET_VERBOSE, "", "default");
	assert_non_null(memmem(a.input.s, a.input.len, "kernelver=$kernelver", 21));
	assert_int_equal(warnings.n, 1);
	assert_string_equal(warnings.v[0], "oops");
	buf_release(&a.input);
}

static void module_init_tools(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *target = NULL;

	disk_file(d, "/etc/sysconfig/module-init-tools", "ADDON_MODULES_DIR=/addon\nverbose=yes\n");
	read_plain(d, true);
	assert_setting(d, SET_ADDON_MODULES_DIR, "/addon", "/etc/sysconfig/module-init-tools");
	assert_setting(d, SET_VERBOSE, "", "default");
	target = engine_target_dir(&d->e);
	assert_string_equal(target, "/addon");
}

static void os_release(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "ID=debian\n", "debian" },
		{ "NAME=x\nID_LIKE=debian\nID=ubuntu\n", "ubuntu" },
		{ "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "ubuntu debian" },
		{ "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "rhel centos fedora" },
		{ "ID='arch' # comment\n", "arch" },
		{ "# ID=no\n  ID=a\\ b\r\nID_LIKE=\n", "a b" },
		{ "ID=old\nID=new; VERSION=1\n", "new" },
		{ "ID=\"a\\\"\\$b\\c\"'d'\n", "a\"$b\\cd" },
		{ "VERSION_ID=1\n", "" },
		{ "", "" },
		{ "ID=\"unterminated\nID_LIKE=x", "x" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *distro = distro_parse(cases[i].text);

		assert_string_equal(distro, cases[i].want);
	}
}

static void detection(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *first = NULL, *second = NULL;
	char *none = NULL;
	AUTO_ERR struct err err = ERR_INIT;

	assert_int_equal(distro_detect(&d->e, &none, &err), -E_NO_OS_RELEASE);
	disk_file(d, "/usr/lib/os-release", "ID=fedora\n");
	assert_int_equal(distro_detect(&d->e, &first, &err), 0);
	assert_string_equal(first, "fedora");
	disk_file(d, "/etc/os-release", "ID=debian\n");
	assert_int_equal(distro_detect(&d->e, &second, &err), 0);
	assert_string_equal(second, "debian");
}

static void target_dirs(void **state)
{
	static const struct {
		const char *distro, *want;
	} cases[] = {
		{ "fedora", "/extra" },
		{ "rhel fedora", "/extra" },
		{ "centos", "/extra" },
		{ "ovm", "/extra" },
		{ "sles", "/updates" },
		{ "suse opensuse", "/updates" },
		{ "opensuse-leap", "/updates" },
		{ "debian", "/updates/dkms" },
		{ "ubuntu debian", "/updates/dkms" },
		{ "archlinux", "/updates/dkms" },
		{ "gentoo", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *dir = distro_target_dir(cases[i].distro);

		if (cases[i].want)
			assert_string_equal(dir, cases[i].want);
		else
			assert_null(dir);
	}
}

/* A second engine on the disk's root, opened as cli opens it. */
static int open_engine(struct disk *d, struct engine *e, struct err *err)
{
	int r;

	*e = (struct engine)ENGINE_INIT;
	settings_set(&e->settings, SET_VERBOSE, "yes", "command line");
	proc_set_runner(no_process, NULL);
	r = engine_open(e, d->dir, err);
	proc_set_runner(NULL, NULL);
	return r;
}

static void assert_path(char *have, const char *want)
{
	assert_string_equal(have, want);
	free(have);
}

static void engine_places(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;
	struct utsname u;
	struct engine e;

	disk_file(d, "/etc/os-release", "ID=debian\n");
	disk_dir(d, "/srv/dkms");
	disk_link(d, "/var/lib/dkms", "/srv/dkms");
	disk_file(d, CONF, "source_tree=/usr/src/\n");
	if (open_engine(d, &e, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(e.dkms_tree, "/srv/dkms");
	assert_string_equal(e.distro, "debian");
	assert_true(distro_is_here(&e, "deb"));
	assert_int_equal(uname(&u), 0);
	assert_string_equal(e.arch, u.machine);
	assert_int_equal(strspn(e.run_id, "0123456789T-"), strlen(e.run_id));
	assert_path(tree_history_lock(&e), "/srv/dkms/.native/lock/history");
	assert_path(tree_version_dir(&e, "foo", "1.0"), "/srv/dkms/foo/1.0");
	assert_path(engine_source(&e, "foo-%s", "1.0"), "/usr/src/foo-1.0");
	assert_path(engine_modules(&e, "6.1"), "/lib/modules/6.1");
	assert_path(engine_headers_dir(&e, "6.1"), "/lib/modules/6.1/build");
	e.kernel_source_dir = xstrdup("/k");
	assert_path(engine_headers_dir(&e, "6.1"), "/k");
	engine_close(&e);
}

static void engine_without_a_tree(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;
	struct engine e;

	disk_file(d, "/etc/os-release", "ID=gentoo\n");
	if (open_engine(d, &e, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(e.dkms_tree, "/var/lib/dkms");
	assert_null(engine_target_dir(&e));
	engine_close(&e);
	assert_false(fs_exists(&d->e.root, "/var/lib/dkms"));
}

static void engine_refuses(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;
	struct engine e;

	assert_int_equal(open_engine(d, &e, &err), -E_NO_OS_RELEASE);
	engine_close(&e);
	disk_file(d, "/etc/os-release", "ID=debian\n");
	disk_file(d, CONF, "dkms_tree=var/lib/dkms\n");
	assert_int_equal(open_engine(d, &e, &err), -E_USAGE);
	assert_non_null(strstr(err.text, "dkms_tree=var/lib/dkms (" CONF ":1)"));
	engine_close(&e);
	e = (struct engine)ENGINE_INIT;
	assert_int_equal(engine_open(&e, "/none/such", &err), -ENOENT);
	engine_close(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_files),
		TEST(strength),
		TEST(templates),
		TEST(shell_without_process),
		TEST(shell_with_process),
		TEST(module_init_tools),
		TEST(os_release),
		TEST(detection),
		TEST(target_dirs),
		TEST(engine_places),
		TEST(engine_without_a_tree),
		TEST(engine_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
