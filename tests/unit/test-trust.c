/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/trust.h"

#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "disk.h"
#include "sys/fs.h"

#define T      "/var/lib/dkms"
#define SOURCE "/usr/src/foo-1"

static const struct target foo = { "foo", "1", NULL, NULL };

static int setup(void **state)
{
	struct disk *d;

	disk_setup(state);
	d = *state;
	disk_file(d, SOURCE "/dkms.conf", "");
	disk_file(d, SOURCE "/sub/foo.c", "");
	disk_link(d, T "/foo/1/source", SOURCE);
	disk_file(d, T "/.native/journal/run/lock", "");
	return 0;
}

static void set_mode(struct disk *d, const char *path, mode_t mode)
{
	AUTO_FREE char *host = disk_host(d, path);

	assert_int_equal(chmod(host, mode), 0);
}

/* The refusal names the path and the commands that mend it; the mode is restored afterwards. */
static void source_is_refused(struct disk *d, const char *path, mode_t bad, mode_t good)
{
	AUTO_ERR struct err err = ERR_INIT;

	set_mode(d, path, bad);
	assert_int_equal(trust_source(&d->e, &foo, T "/foo/1/source", &err), -E_UNSAFE);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "chmod "));
	assert_non_null(strstr(err.text, "strict_modes=no"));
	set_mode(d, path, good);
	assert_int_equal(trust_source(&d->e, &foo, T "/foo/1/source", &err), 0);
}

static void sources(void **state)
{
	struct disk *d = *state;

	assert_int_equal(trust_source(&d->e, &foo, T "/foo/1/source", NULL), 0);
	source_is_refused(d, SOURCE, 0777, 0755);
	source_is_refused(d, SOURCE "/dkms.conf", 0666, 0644);
	source_is_refused(d, SOURCE "/sub", 0757, 0755);
	source_is_refused(d, SOURCE "/sub/foo.c", 0646, 0444);
	source_is_refused(d, "/usr/src", 0777, 0755);
	source_is_refused(d, T "/foo", 0777, 0755);
	set_mode(d, "/usr/src", 01777);
	assert_int_equal(trust_source(&d->e, &foo, T "/foo/1/source", NULL), 0);
	assert_int_equal(trust_source(&d->e, &foo, "/usr/src/none-1", NULL), 0);
}

/* The target of a link in a source is compiled, too. */
static void links_in_sources(void **state)
{
	struct disk *d = *state;

	disk_file(d, "/opt/shared/code.c", "");
	disk_link(d, "/opt/way", "shared");
	disk_link(d, SOURCE "/code.c", "/opt/way/code.c");
	disk_link(d, SOURCE "/inside.c", "sub/foo.c");
	disk_link(d, SOURCE "/nowhere.c", "/none");
	disk_link(d, SOURCE "/round", "round");
	set_mode(d, "/opt/shared", 0755);
	set_mode(d, "/opt", 0755);
	set_mode(d, "/opt/shared/code.c", 0644);
	source_is_refused(d, "/opt/shared/code.c", 0666, 0644);
	source_is_refused(d, "/opt/shared", 0777, 0755);
	/* Who can write this folder can put another one in the place of the source's. */
	source_is_refused(d, "/opt", 0777, 0755);
}

static void overrides(void **state)
{
	struct disk *d = *state;

	disk_file(d, "/etc/dkms/foo.conf", "");
	disk_file(d, "/etc/dkms/bar.conf", "");
	disk_file(d, "/etc/dkms/foo/patches/a.patch", "");
	set_mode(d, "/etc/dkms", 0755);
	set_mode(d, "/etc/dkms/foo.conf", 0644);
	set_mode(d, "/etc/dkms/foo", 0755);
	set_mode(d, "/etc/dkms/foo/patches", 0755);
	set_mode(d, "/etc/dkms/foo/patches/a.patch", 0644);
	set_mode(d, "/etc/dkms/bar.conf", 0666); /* another package's */
	source_is_refused(d, "/etc/dkms/foo.conf", 0666, 0644);
	source_is_refused(d, "/etc/dkms/foo/patches/a.patch", 0666, 0644);
	source_is_refused(d, "/etc/dkms", 0777, 0755);
}

static void trees(void **state)
{
	static const char *const paths[] = { T, T "/.native", T "/.native/journal", "/var" };
	struct disk *d = *state;

	assert_int_equal(trust_tree(&d->e, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		AUTO_ERR struct err err = ERR_INIT;

		set_mode(d, paths[i], 0777);
		assert_int_equal(trust_tree(&d->e, &err), -E_UNSAFE);
		assert_non_null(strstr(err.text, paths[i]));
		set_mode(d, paths[i], 0755);
		assert_int_equal(trust_tree(&d->e, &err), 0);
	}
	set_mode(d, T "/foo", 0777);			  /* concerns that module package only */
	set_mode(d, T "/.native/journal/run/lock", 0777); /* concerns that journal only */
	assert_int_equal(trust_tree(&d->e, NULL), 0);
	disk_remove(d, T);
	assert_int_equal(trust_tree(&d->e, NULL), 0);
}

static void somebody_elses(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *host = disk_host(d, SOURCE "/sub/foo.c");
	AUTO_ERR struct err err = ERR_INIT;

	if (geteuid() != 0 || chown(host, 65534, 65534) < 0) {
		printf("# SKIP %s: no other user here\n", __func__);
		return;
	}
	assert_int_equal(trust_source(&d->e, &foo, SOURCE, &err), -E_UNSAFE);
	assert_non_null(strstr(err.text, "belongs to user 65534"));
	assert_non_null(strstr(err.text, "chown root:root " SOURCE "/sub/foo.c"));
	free(host);
	host = disk_host(d, SOURCE "/dkms.conf");
	assert_int_equal(chown(host, 65534, 65534), 0);
	assert_int_equal(trust_source(&d->e, &foo, SOURCE, &err), -E_UNSAFE);
	assert_non_null(strstr(err.text, "chown -R root:root " SOURCE "\n"));
}

static void the_admins_way_out(void **state)
{
	struct disk *d = *state;

	set_mode(d, SOURCE, 0777);
	set_mode(d, T, 0777);
	settings_set(&d->e.settings, SET_STRICT_MODES, "no", "test");
	assert_int_equal(trust_source(&d->e, &foo, SOURCE, NULL), 0);
	assert_int_equal(trust_tree(&d->e, NULL), 0);
	/* The file that says strict_modes=no must itself belong to root. */
	assert_int_equal(trust_settings(&d->e, SOURCE, NULL), -E_UNSAFE);
}

/* A run checks a source for each kernel; the first result counts until the run ends. */
static void results_are_remembered(void **state)
{
	struct disk *d = *state;

	d->e.trust = trust_remember();
	assert_int_equal(trust_source(&d->e, &foo, SOURCE, NULL), 0);
	assert_int_equal(trust_source(&d->e, &foo, "/usr/src/none-1", NULL), 0);
	set_mode(d, SOURCE "/sub", 0777);
	assert_int_equal(trust_source(&d->e, &foo, SOURCE, NULL), 0);
	assert_int_equal(trust_source(&d->e, &foo, T "/foo/1/source", NULL), -E_UNSAFE);
	assert_int_equal(trust_source(&d->e, &foo, T "/foo/1/source", NULL), -E_UNSAFE);
	trust_forget(&d->e);
	assert_int_equal(trust_source(&d->e, &foo, SOURCE, NULL), -E_UNSAFE);
}

/* Debian's /usr/src. */
static void what_distributions_ship(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *host = disk_host(d, "/usr/src");
	AUTO_STRV struct strv texts = STRV_INIT;

	if (geteuid() != 0 || chown(host, 0, 40) < 0) {
		printf("# SKIP %s: no other group here\n", __func__);
		return;
	}
	set_mode(d, "/usr/src", 02775);
	assert_int_equal(trust_source(&d->e, &foo, SOURCE, NULL), 0);
	trust_tolerated(&d->e, SOURCE, &texts);
	assert_int_equal(texts.n, 1);
	assert_string_equal(texts.v[0], "/usr/src (mode 2775) can be written by group 40: "
					"who is in it can change what is built");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, disk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(sources),
		TEST(links_in_sources),
		TEST(overrides),
		TEST(trees),
		TEST(somebody_elses),
		TEST(the_admins_way_out),
		TEST(results_are_remembered),
		TEST(what_distributions_ship),
	};

	return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
