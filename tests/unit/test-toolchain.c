/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <string.h>

#include "base/alloc.h"
#include "disk.h"
#include "survey/toolchain.h"

#define K	"6.1.0-56-amd64"
#define HEADERS "/usr/src/linux-headers-" K
#define COMMON	"/usr/src/linux-headers-6.1.0-56-common"
#define KBUILD	"/usr/lib/linux-kbuild-6.1/scripts"

static void put_headers(struct disk *d)
{
	disk_link(d, "/lib/modules/" K "/build", HEADERS);
	disk_file(d, HEADERS "/Makefile", "include " COMMON "/Makefile\n");
	disk_file(d, HEADERS "/.kernelvariables", "override CC = $(CROSS)gcc-12\n");
	disk_file(d, HEADERS "/include/config/auto.conf",
		  "CONFIG_CC_VERSION_TEXT=\"gcc-11 (Debian) 11\"\n");
	disk_link(d, HEADERS "/scripts", KBUILD);
	disk_file(d, COMMON "/Makefile", "VERSION = 6\n");
	disk_file(d, COMMON "/arch/x86/Makefile", "BITS := 64\n");
	disk_file(d, "/usr/bin/gcc", "gcc");
}

static void each_part_counts(void **state)
{
	static const char *const files[] = { HEADERS "/Makefile",
					     HEADERS "/.kernelvariables",
					     HEADERS "/include/config/auto.conf",
					     HEADERS "/tools/objtool/objtool",
					     COMMON "/Makefile",
					     COMMON "/Kbuild",
					     COMMON "/arch/x86/Makefile",
					     COMMON "/scripts/mod.sh",
					     KBUILD "/basic/fixdep", /* came later */
					     "/usr/bin/gcc",
					     "/usr/bin/gcc-12",
					     "/usr/bin/gcc-11",
					     "/usr/bin/clang",
					     "/usr/bin/make",
					     "/usr/bin/ld",
					     "/usr/bin/objcopy",
					     "/usr/local/bin/make" };
	struct disk *d = *state;
	char *before;

	put_headers(d);
	before = toolchain_identity(&d->e, K, NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO_FREE char *text =
			xasprintf("include " COMMON "/Makefile\n# gcc-12 gcc-11 %zu", i);
		char *now;

		disk_file(d, files[i], text);
		now = toolchain_identity(&d->e, K, NULL, NULL);
		if (strcmp(now, before) == 0)
			fail_msg("%s does not count", files[i]);
		free(before);
		before = now;
	}
	free(before);
}

static void what_was_read_is_not_read_again(void **state)
{
	struct disk *d = *state;
	AUTO_CACHE struct cache headers = { .name = NULL }, sources = { .name = NULL };
	AUTO_FREE char *first = NULL, *second = NULL;

	put_headers(d);
	disk_file(d, KBUILD "/mod.sh", "x");
	first = toolchain_identity(&d->e, K, &headers, &sources);
	assert_true(headers.dirty && sources.dirty);
	headers.dirty = sources.dirty = false;
	second = toolchain_identity(&d->e, K, &headers, &sources);
	assert_string_equal(first, second);
	assert_false(headers.dirty || sources.dirty);
}

static void compilers_are_found_in_texts(void **state)
{
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "override CC = $(if $(X),x86_64-linux-gnu-gcc-12,gcc-12)\n",
		  "x86_64-linux-gnu-gcc-12 gcc-12" },
		{ "CC := /usr/bin/clang-16", "clang-16" },
		{ "gcc-12 (Debian 12.2.0-14) 12.2.0", "gcc-12" },
		{ "ARCH = x86\n", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_STRV struct strv names = STRV_INIT;
		AUTO_FREE char *all = NULL;

		toolchain_compilers(cases[i].text, &names);
		all = strv_join(&names, " ");
		assert_string_equal(all, cases[i].names);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DISK_TEST(each_part_counts),
		DISK_TEST(what_was_read_is_not_read_again),
		cmocka_unit_test(compilers_are_found_in_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
