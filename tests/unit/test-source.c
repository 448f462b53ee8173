/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#include "base/alloc.h"
#include "conf/source.h"
#include "disk.h"
#include "engine/override.h"

#define SRC "/usr/src/foo-1.0"

static void put_source(struct disk *d)
{
	disk_file(d, SRC "/dkms.conf", "PACKAGE_NAME=foo\nPACKAGE_VERSION=1.0\n");
	disk_file(d, SRC "/foo.c", "int x;\n");
	disk_file(d, SRC "/sub/bar.c", "int y;\n");
	disk_link(d, SRC "/link", "foo.c");
	disk_dir(d, SRC "/empty");
}

static char *content(struct disk *d, struct cache *c)
{
	char *id = NULL;

	assert_int_equal(source_content(&d->e, SRC, c, &id), 0);
	return id;
}

static void touch_does_not_count(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *a = NULL, *b = NULL, *file = disk_host(d, SRC "/foo.c");
	struct utimbuf old = { 1, 1 };

	put_source(d);
	a = content(d, NULL);
	assert_int_equal(strlen(a), 64);
	assert_int_equal(utime(file, &old), 0);
	assert_int_equal(chmod(file, 0600), 0);
	b = content(d, NULL);
	assert_string_equal(a, b);
}

static void change_mode(struct disk *d)
{
	AUTO_FREE char *file = disk_host(d, SRC "/foo.c");

	assert_int_equal(chmod(file, 0755), 0);
}

static void change_bytes(struct disk *d)
{
	disk_file(d, SRC "/sub/bar.c", "int z;\n");
}

static void change_link(struct disk *d)
{
	disk_remove(d, SRC "/link");
	disk_link(d, SRC "/link", "sub/bar.c");
}

static void change_name(struct disk *d)
{
	disk_remove(d, SRC "/foo.c");
	disk_file(d, SRC "/food.c", "int x;\n");
}

static void change_folder(struct disk *d)
{
	disk_remove(d, SRC "/empty");
}

static void change_type(struct disk *d)
{
	disk_remove(d, SRC "/empty");
	disk_file(d, SRC "/empty", "");
}

static void changes_count(void **state)
{
	static void (*const changes[])(struct disk *) = { change_mode, change_bytes,  change_link,
							  change_name, change_folder, change_type };
	struct disk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		AUTO_FREE char *a = NULL, *b = NULL;

		put_source(d);
		a = content(d, NULL);
		changes[i](d);
		b = content(d, NULL);
		assert_string_not_equal(a, b);
		disk_remove(d, SRC);
	}
}

static void fifos_are_left_out(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *a = NULL, *b = NULL, *fifo = disk_host(d, SRC "/fifo");

	put_source(d);
	a = content(d, NULL);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	b = content(d, NULL);
	assert_string_equal(a, b);
}

static void missing_sources(void **state)
{
	struct disk *d = *state;
	char *id = NULL;

	assert_int_equal(source_content(&d->e, SRC, NULL, &id), -ENOENT);
	disk_link(d, "/usr/src/broken", "/nowhere");
	assert_int_equal(source_content(&d->e, "/usr/src/broken", NULL, &id), -ENOENT);
	disk_file(d, "/usr/src/file", "");
	assert_int_equal(source_content(&d->e, "/usr/src/file", NULL, &id), -ENOTDIR);
	assert_null(id);
}

#define REMEMBERED "1111111111111111111111111111111111111111111111111111111111111111"

static void content_is_remembered(void **state)
{
	struct disk *d = *state;
	AUTO_CACHE struct cache c, again;
	AUTO_FREE char *a = NULL, *b = NULL, *e = NULL;

	put_source(d);
	cache_load(&d->e, "sources", &c);
	c.settle_ns = 0;
	a = content(d, &c);
	assert_int_equal(c.n, 1);
	free(c.entries[0].value);
	c.entries[0].value = xstrdup(REMEMBERED);
	assert_int_equal(cache_store(&d->e, &c), 0);
	cache_load(&d->e, "sources", &again);
	b = content(d, &again);
	assert_string_equal(b, REMEMBERED);
	disk_file(d, SRC "/foo.c", "int w;\n");
	e = content(d, &again);
	assert_string_not_equal(e, a);
	assert_string_not_equal(e, REMEMBERED);
}

static char *overrides(struct disk *d, const char *release)
{
	struct target t = { "foo", "1.0", release, release ? "x86_64" : NULL };
	char *id = NULL;

	assert_int_equal(source_overrides(&d->e, &t, NULL, &id), 0);
	return id;
}

static void overrides_per_kernel(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *none = overrides(d, "6.1"), *one = NULL, *all = NULL, *other = NULL;

	assert_string_equal(none, "");
	disk_file(d, "/etc/dkms/foo-1.0-6.1.conf", "MAKE=x\n");
	disk_file(d, "/etc/dkms/bar.conf", "MAKE=x\n");
	one = overrides(d, "6.1");
	assert_int_equal(strlen(one), 64);
	other = overrides(d, "6.2");
	assert_string_equal(other, "");
	all = overrides(d, NULL);
	assert_string_equal(all, "");
}

static void overrides_follow_links(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *a = NULL, *b = NULL;

	disk_file(d, "/somewhere/fix.patch", "one");
	disk_link(d, "/etc/dkms/foo/patches/fix.patch", "/somewhere/fix.patch");
	disk_link(d, "/etc/dkms/foo/patches/broken.patch", "/nowhere");
	a = overrides(d, "6.1");
	disk_file(d, "/somewhere/fix.patch", "two");
	b = overrides(d, "6.1");
	assert_int_equal(strlen(a), 64);
	assert_string_not_equal(a, b);
}

static void override_order(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;
	AUTO_FREE char *all = NULL;

	(void)state;
	override_files(&(struct target){ "m", "v", "k", "a" }, &v);
	all = strv_join(&v, " ");
	assert_string_equal(all,
			    "/etc/dkms/m.conf /etc/dkms/m-v.conf /etc/dkms/m-v-k.conf "
			    "/etc/dkms/m-v-k-a.conf /etc/dkms/m--k.conf /etc/dkms/m--k-a.conf");
}

static void literal_ids(void **state)
{
	static const struct {
		const char *conf, *name, *version;
	} cases[] = {
		{ "PACKAGE_NAME=foo\nPACKAGE_VERSION=1.0\n", "foo", "1.0" },
		{ "PACKAGE_NAME=\"a-b\"\r\nPACKAGE_VERSION='1-2'\t# c\n", "a-b", "1-2" },
		{ "PACKAGE_NAME=\"a\"b'c'", "abc", NULL },
		{ "# PACKAGE_NAME=no\nPACKAGE_NAME=foo\n\t# PACKAGE_NAME=no\n", "foo", NULL },
		{ "PACKAGE_NAME=$(pwd)\nPACKAGE_VERSION='$V'\n", NULL, NULL },
		{ "PACKAGE_NAME=`x`\nPACKAGE_VERSION=\"1\\.0\"\n", NULL, NULL },
		{ "PACKAGE_NAME=a\nPACKAGE_NAME=b\n", NULL, NULL },
		{ "PACKAGE_NAME=a\nPACKAGE_NAME+=b\n", NULL, NULL },
		{ "PACKAGE_NAME=a\nPACKAGE_NAME[0]=b\n", NULL, NULL },
		{ "PACKAGE_NAME=a; X=b\nPACKAGE_VERSION=(1 2)\n", NULL, NULL },
		{ "if x; then\n\tPACKAGE_NAME=a\nfi\nPACKAGE_VERSION=1 Y=2\n", NULL, NULL },
		{ "PACKAGE_NAME=\"a\nb\"\n", NULL, NULL },
		{ "MY_PACKAGE_NAME=x\nPACKAGE_NAME=foo\nBUILT_MODULE_NAME=$PACKAGE_NAME\n"
		  "X=${PACKAGE_NAME[0]}\n",
		  "foo", NULL },
		{ "PACKAGE_NAME=\nPACKAGE_VERSION=#V#\n", "", "#V#" },
		{ "PACKAGE_NAME=a*\nPACKAGE_VERSION=~x\n", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *name = NULL, *version = NULL;

		source_literal_id(cases[i].conf, &name, &version);
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		else
			assert_null(name);
		if (cases[i].version)
			assert_string_equal(version, cases[i].version);
		else
			assert_null(version);
	}
}

static void folders(void **state)
{
	struct disk *d = *state;
	AUTO_SOURCE_FOLDERS struct source_folders f = { 0 };

	assert_int_equal(source_folders(&d->e, NULL, &f), 0);
	assert_int_equal(f.n, 0);
	put_source(d);
	disk_file(d, "/usr/src/a-file", "");
	disk_dir(d, "/usr/src/linux-headers-6.1");
	disk_link(d, "/usr/src/broken", "/nowhere");
	disk_link(d, "/usr/src/loop", "loop");
	disk_dir(d, "/usr/src/odd/dkms.conf");
	disk_file(d, "/opt/bar/dkms.conf", "PACKAGE_NAME=$x\nPACKAGE_VERSION=2\n");
	disk_link(d, "/usr/src/bar-2", "/opt/bar");
	assert_int_equal(source_folders(&d->e, NULL, &f), 0);
	assert_int_equal(f.n, 2);
	assert_string_equal(f.v[0].folder, "bar-2");
	assert_null(f.v[0].name);
	assert_string_equal(f.v[0].version, "2");
	assert_string_equal(f.v[1].folder, "foo-1.0");
	assert_string_equal(f.v[1].name, "foo");
	assert_string_equal(f.v[1].version, "1.0");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		DISK_TEST(touch_does_not_count),   DISK_TEST(changes_count),
		DISK_TEST(fifos_are_left_out),	   DISK_TEST(missing_sources),
		DISK_TEST(content_is_remembered),  DISK_TEST(overrides_per_kernel),
		DISK_TEST(overrides_follow_links), cmocka_unit_test(override_order),
		cmocka_unit_test(literal_ids),	   DISK_TEST(folders),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
