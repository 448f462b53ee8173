/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/settings.h"

#include "test.h"

#include <string.h>

#include "base/alloc.h"

static void first_source_wins(void **state)
{
	AUTO_SETTINGS struct settings s = { 0 };

	(void)state;
	assert_string_equal(settings_get(&s, SET_DKMS_TREE), "/var/lib/dkms");
	assert_string_equal(settings_source(&s, SET_DKMS_TREE), "default");
	assert_false(settings_is_set(&s, SET_DKMS_TREE));
	settings_set(&s, SET_DKMS_TREE, "/a", "command line");
	settings_set(&s, SET_DKMS_TREE, "/b", "/etc/dkms/framework.conf");
	assert_string_equal(settings_get(&s, SET_DKMS_TREE), "/a");
	assert_string_equal(settings_source(&s, SET_DKMS_TREE), "command line");
	assert_true(settings_is_set(&s, SET_DKMS_TREE));
	assert_true(settings_set_name(&s, "initramfs", "never", "x"));
	assert_string_equal(settings_get(&s, SET_INITRAMFS), "never");
	assert_false(settings_set_name(&s, "initramf", "never", "x"));
	assert_false(settings_set_name(&s, "", "never", "x"));
}

static void environment(void **state)
{
	char *env[] = { (char[]){ "parallel_jobs=1" },
			(char[]){ "dkms_tree=/evil" },
			(char[]){ "sign_file=" },
			(char[]){ "NO_WEAK_MODULES=yes" },
			(char[]){ "TMPDIR=/var/tmp" },
			(char[]){ "verbose" },
			(char[]){ "DKMS_DIRECTIVE_1=source_tree=/s" },
			(char[]){ "DKMS_DIRECTIVE_2=none=1" },
			(char[]){ "DKMS_DIRECTIVE_3=verbose" },
			(char[]){ "ADDON_MODULES_DIR=addon=x" },
			NULL };
	AUTO_SETTINGS struct settings s = { 0 };

	(void)state;
	settings_set_env(&s, env);
	assert_string_equal(settings_get(&s, SET_PARALLEL_JOBS), "1");
	assert_string_equal(settings_source(&s, SET_PARALLEL_JOBS), "environment");
	assert_string_equal(settings_get(&s, SET_DKMS_TREE), "/var/lib/dkms");
	assert_false(settings_is_set(&s, SET_SIGN_FILE));
	assert_true(settings_true(&s, SET_NO_WEAK_MODULES));
	assert_string_equal(settings_get(&s, SET_TMP_LOCATION), "/var/tmp");
	assert_string_equal(settings_get(&s, SET_ADDON_MODULES_DIR), "addon=x");
	assert_string_equal(settings_get(&s, SET_SOURCE_TREE), "/s");
	assert_false(settings_is_set(&s, SET_VERBOSE));
}

static void truth(void **state)
{
	static const char *const yes[] = { "yes", "YES", "true", "1", "on", "y" };
	static const char *const no[] = { "", "no", "No", "false", "0" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		AUTO_SETTINGS struct settings s = { 0 };

		settings_set(&s, SET_VERBOSE, yes[i], "x");
		assert_true(settings_true(&s, SET_VERBOSE));
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		AUTO_SETTINGS struct settings s = { 0 };

		settings_set(&s, SET_AUTOINSTALL_ALL_KERNELS, no[i], "x");
		assert_false(settings_true(&s, SET_AUTOINSTALL_ALL_KERNELS));
	}
}

static int check_from(const char *source, enum setting id, const char *value, bool reader,
		      struct strv *warnings, struct err *err)
{
	AUTO_SETTINGS struct settings s = { 0 };

	settings_set(&s, id, value, source);
	s.line[id] = *source == '/' ? 7 : 0;
	return settings_check(&s, reader, warnings, err);
}

/* A bad value on the command line is an error. */
static int check(enum setting id, const char *value, struct err *err)
{
	AUTO_STRV struct strv warnings = STRV_INIT;
	int r = check_from("command line", id, value, false, &warnings, err);

	assert_int_equal(warnings.n, 0);
	return r;
}

static void checks(void **state)
{
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_SETTINGS struct settings defaults = { 0 };
	AUTO_STRV struct strv warnings = STRV_INIT;

	(void)state;
	assert_int_equal(settings_check(&defaults, false, &warnings, &err), 0);
	assert_int_equal(warnings.n, 0);
	assert_int_equal(check(SET_DKMS_TREE, "var/lib/dkms", &err), -E_USAGE);
	assert_string_equal(err.text, "dkms_tree=var/lib/dkms (command line): the value must be "
				      "an absolute path without '..'");
	assert_int_equal(check(SET_SOURCE_TREE, "/usr/../src", &err), -E_USAGE);
	assert_int_equal(check(SET_SOURCE_TREE, "/usr/src/..", &err), -E_USAGE);
	assert_int_equal(check(SET_SOURCE_TREE, "/usr/..src/a..", &err), 0);
	assert_int_equal(check(SET_INSTALL_TREE, "", &err), -E_USAGE);
	assert_int_equal(check(SET_CONF_TIMEOUT, "", &err), -E_USAGE);
	assert_int_equal(check(SET_CONF_TIMEOUT, "-1", &err), -E_USAGE);
	assert_int_equal(check(SET_CONF_TIMEOUT, "99999999999", &err), -E_USAGE);
	assert_int_equal(check(SET_CONF_TIMEOUT, "10", &err), 0);
	assert_int_equal(check(SET_PARALLEL_JOBS, "", &err), 0);
	assert_int_equal(check(SET_PARALLEL_JOBS, "many", &err), -E_USAGE);
	assert_int_equal(check(SET_PARALLEL_JOBS, "4096", &err), 0);
	assert_int_equal(check(SET_PARALLEL_JOBS, "4097", &err), -E_USAGE);
	assert_int_equal(check(SET_PARALLEL_JOBS, "99999999", &err), -E_USAGE);
	assert_string_equal(err.text, "parallel_jobs=99999999 (command line): the value must be a "
				      "number, at most 4096");
	assert_int_equal(check(SET_TRY_SIGN_MODULES, "maybe", &err), -E_USAGE);
	assert_non_null(strstr(err.text, "one of: true false not_in_chroot"));
	assert_int_equal(check(SET_TRY_SIGN_MODULES, "false", &err), 0);
}

static void a_typo_in_a_file_gives_way_to_the_default(void **state)
{
	static const char file[] = "/etc/dkms/framework.conf";
	AUTO_STRV struct strv warnings = STRV_INIT;
	AUTO_SETTINGS struct settings s = { 0 };
	AUTO_ERR struct err err = ERR_INIT;

	(void)state;
	settings_set(&s, SET_INITRAMFS, "maybe", file);
	s.line[SET_INITRAMFS] = 3;
	assert_int_equal(settings_check(&s, false, &warnings, &err), 0);
	assert_int_equal(warnings.n, 1);
	assert_string_equal(warnings.v[0],
			    "initramfs=maybe (/etc/dkms/framework.conf:3): the value must be one "
			    "of: auto always never; the default counts: \"auto\"");
	assert_string_equal(settings_get(&s, SET_INITRAMFS), "auto");
	assert_string_equal(settings_source(&s, SET_INITRAMFS), "default");
	/* With a bad tree nothing is written. */
	assert_int_equal(check_from(file, SET_DKMS_TREE, "x", false, &warnings, &err), -E_USAGE);
	assert_non_null(strstr(err.text, "framework.conf:7"));
	assert_int_equal(warnings.n, 1);
	assert_int_equal(check_from(file, SET_DKMS_TREE, "x", true, &warnings, &err), 0);
	assert_int_equal(warnings.n, 2);
	assert_int_equal(check_from("environment", SET_PARALLEL_JOBS, "x", false, &warnings, &err),
			 -E_USAGE);
	assert_int_equal(check_from("environment", SET_PARALLEL_JOBS, "x", true, &warnings, &err),
			 0);
	assert_int_equal(check_from("command line", SET_PARALLEL_JOBS, "x", true, &warnings, &err),
			 -E_USAGE);
}

static void expands(void **state)
{
	AUTO_STRV struct strv vars = STRV_INIT;
	AUTO_FREE char *text = NULL;

	(void)state;
	strv_add(&vars, "kernelver=6.1.0-56-amd64");
	strv_add(&vars, "arch=x86_64");
	text = settings_expand("/$kernelver/${arch}x/$archx/${none}$/${/$1", &vars);
	assert_string_equal(text, "/6.1.0-56-amd64/x86_64x//$/${/$1");
}

/* Value of sign_file in the text; NULL if it needs a shell. */
static char *sign_file(const char *text, unsigned int *line)
{
	struct settings_pairs found = { 0 };
	char *value = NULL;
	bool plain = settings_parse_plain(text, &found, line);

	for (size_t i = 0; plain && i < found.n; i++) {
		if (found.v[i].id == SET_SIGN_FILE) {
			free(value);
			value = xstrdup(found.v[i].value);
		}
	}
	settings_pairs_release(&found);
	return value;
}

static void plain_files(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "sign_file=/a", "/a" },
		{ "\n# comment\n\n  sign_file=/a # more\n", "/a" },
		{ "sign_file=/a\nsign_file=/b\n", "/b" },
		{ "sign_file=\n", "" },
		{ "unknown=1\r\nsign_file=/a\r\n\r\n", "/a" },
		{ "sign_file=\"/a b\"'c  d'e", "/a bc de" },
		{ "sign_file=\"  a\t\n b  \"", " a b " },
		{ "sign_file=/a#b", "/a#b" },
		{ "sign_file=\"/lib/$kernelver/x\"", "/lib/$kernelver/x" },
		{ "sign_file='/lib/${kernelver}/x'", "/lib/${kernelver}/x" },
		{ "dir=/keys\nsign_file=$dir/a\n", "/keys/a" },
		{ "sign_file=a$", "a$" },
		{ "sign_file=a=b", "a=b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned int line = 0;
		AUTO_FREE char *value = sign_file(cases[i].text, &line);

		if (!value)
			fail_msg("not plain at line %u: %s", line, cases[i].text);
		assert_string_equal(value, cases[i].want);
	}
}

static void shell_files(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
	} cases[] = {
		{ "sign_file=/a\nif true; then\n", 2 },
		{ "\n\nsign_file=$(echo a)", 3 },
		{ "sign_file=`a`", 1 },
		{ "sign_file=\"a\\\"b\"", 1 },
		{ "sign_file=\"a", 1 },
		{ "a=\"x\ny\"\nsign_file='", 3 },
		{ "sign_file=/usr/src/*/x", 1 },
		{ "sign_file=~/x", 1 },
		{ "sign_file=$HOME/x", 1 },
		{ "sign_file=${x:-y}", 1 },
		{ "sign_file=a b", 1 },
		{ "sign_file=a; b=c", 1 },
		{ "sign_file=(a b)", 1 },
		{ "sign_file+=a", 1 },
		{ "sign_file[0]=a", 1 },
		{ "sign_file = a", 1 },
		{ "dir=/keys\nsign_file='$dir/a'\n", 2 },
		{ "export sign_file=a", 1 },
		{ "=a", 1 },
		{ "1a=a", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned int line = 0;
		AUTO_FREE char *value = sign_file(cases[i].text, &line);

		if (value)
			fail_msg("plain: %s", cases[i].text);
		assert_int_equal(line, cases[i].line);
	}
}

/* status may not start a shell: lines above the first one that needs it count. */
static void above_the_shell_line(void **state)
{
	struct settings_pairs found = { 0 };
	unsigned int line = 0;

	(void)state;
	assert_false(settings_parse_plain("source_tree=/s\nx=1\n[ -e /x ] &&\nverbose=1", &found,
					  &line));
	assert_int_equal(line, 3);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.v[0].id, SET_SOURCE_TREE);
	assert_string_equal(found.v[0].value, "/s");
	settings_pairs_release(&found);
}

static void prints(void **state)
{
	AUTO_SETTINGS struct settings s = { 0 };
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	settings_set(&s, SET_VERBOSE, "yes", "/etc/dkms/framework.conf");
	settings_print(&s, &b);
	assert_non_null(strstr(b.s, "dkms_tree=/var/lib/dkms  (default)\n"));
	assert_non_null(strstr(b.s, "\nverbose=yes  (/etc/dkms/framework.conf)\n"));
	assert_string_equal(settings_name(SET_VERBOSE), "verbose");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_source_wins),
		cmocka_unit_test(environment),
		cmocka_unit_test(truth),
		cmocka_unit_test(checks),
		cmocka_unit_test(a_typo_in_a_file_gives_way_to_the_default),
		cmocka_unit_test(expands),
		cmocka_unit_test(plain_files),
		cmocka_unit_test(shell_files),
		cmocka_unit_test(above_the_shell_line),
		cmocka_unit_test(prints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
