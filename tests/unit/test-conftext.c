/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/conftext.h"

#include "test.h"

#include "base/alloc.h"
#include "base/buf.h"

static void expect_sets(const char *text, const char *want)
{
	AUTO_CONFTEXT struct conftext c = { NULL, 0 };
	AUTO_BUF struct buf b = BUF_INIT;

	conftext_parse(text, &c);
	for (size_t i = 0; i < c.n; i++)
		buf_addf(&b, "%zu %s %ld\n", c.v[i].line, c.v[i].name, c.v[i].index);
	assert_string_equal(b.s, want);
}

static void finds_assignments(void **state)
{
	(void)state;
	expect_sets("", "");
	expect_sets("A=1", "1 A 0\n");
	expect_sets("# A=1\nB=2 # C=3\n", "2 B 0\n");
	expect_sets("A[0]=a\nA[12]=b\nA[$i]=c\n", "1 A 0\n2 A 12\n3 A -1\n");
	expect_sets("A=1; B=2\nexport C=3\n", "1 A 0\n1 B 0\n2 C 0\n");
	expect_sets("A+=x B=y make\n", "1 A 0\n1 B 0\n");
	expect_sets("if [ x = y ]; then A=1; else\n\tB=2\nfi\n", "1 A 0\n2 B 0\n");
	expect_sets("case $k in\n5.*) A=1 ;;\n*) B=1 ;;\nesac\n", "2 A 0\n3 B 0\n");
	expect_sets("[[ $k == 6.1 ]] && A=1\r\nB=2\r\n", "1 A 0\n2 B 0\n");
}

static void what_is_quoted_does_not_count(void **state)
{
	(void)state;
	expect_sets("MAKE=\"make \\\nA=1 \\\" B=2\n C=3\"\nD=4\n", "1 MAKE 0\n4 D 0\n");
	expect_sets("MAKE='make\nA=\\'\nB=1\n", "1 MAKE 0\n3 B 0\n");
	expect_sets("V=$(cd x; A=1 echo \")\" (y))\nB=1\n", "1 V 0\n2 B 0\n");
	expect_sets("echo A=1\nmake B=2\n", "");
	/* cut off: nothing is read beyond the end */
	expect_sets("A=\"x", "1 A 0\n");
	expect_sets("A=$(", "1 A 0\n");
	expect_sets("A[", "");
	expect_sets("A\\", "");
}

static void lines(void **state)
{
	AUTO_CONFTEXT struct conftext c = { NULL, 0 };

	(void)state;
	conftext_parse("PATCH[1]=b\nPATCH[$i]=c\nPATCH[0]=a\nPATCH[0]=d\n", &c);
	assert_int_equal(conftext_line(&c, "PATCH", 0), 4);
	assert_int_equal(conftext_line(&c, "PATCH", 1), 1);
	assert_int_equal(conftext_line(&c, "PATCH", 7), 2);
	assert_int_equal(conftext_line(&c, "MAKE", 0), 0);
}

static void expect_meant(const char *name, const char *want)
{
	const char *meant = conftext_misspelt("", name);

	assert_string_equal(meant ? meant : "", want ? want : "");
}

static void misspelt(void **state)
{
	(void)state;
	expect_meant("BUILT_MODULE_NMAE", "BUILT_MODULE_NAME");
	expect_meant("BUILD_MODULE_NAME", "BUILT_MODULE_NAME");
	expect_meant("AUTO_INSTALL", "AUTOINSTALL");
	expect_meant("DEST_MODULE_LOCATON", "DEST_MODULE_LOCATION");
	expect_meant("PACKAGE_VERSON", "PACKAGE_VERSION");
	expect_meant("PRE_BULD", "PRE_BUILD");
	expect_meant("MAEK", "MAKE");
	expect_meant("Autoinstall", "AUTOINSTALL");
	expect_meant("BUILD_EXCLUSIVE_KERNELS", "BUILD_EXCLUSIVE_KERNEL");
	/* those that are meant as they are */
	expect_meant("AUTOINSTALL", NULL);
	expect_meant("MODULES_CONF", NULL);
	expect_meant("VERSION", NULL);
	expect_meant("KERNELRELEASE", NULL);
	expect_meant("MAK", NULL);
	expect_meant("BUILD", NULL);
	expect_meant("built_module_name", NULL);
	expect_meant("A_NAME_THAT_IS_LONGER_THAN_ANY_DIRECTIVE_CAN_EVER_BE", NULL);
	assert_null(conftext_misspelt("PATCHS=1\nX=${PATCHS[@]}", "PATCHS"));
	assert_null(conftext_misspelt("PATCHS=1\nX=$PATCHS", "PATCHS"));
	assert_non_null(conftext_misspelt("PATCHS=1\nX=$PATCHSET", "PATCHS"));
}

static void obsolete(void **state)
{
	bool works = false;

	(void)state;
	assert_null(conftext_obsolete("MAKE", &works));
	assert_null(conftext_obsolete("NEVER", &works));
	assert_non_null(conftext_obsolete("MODULES_CONF", &works));
	assert_false(works);
	assert_non_null(conftext_obsolete("OBSOLETE_BY", &works));
	assert_true(works);
}

static void warnings(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;

	(void)state;
	conftext_warnings("MAKE=x\nAUTOINSTAL=yes\nOTHER=1\n", &v);
	assert_int_equal(v.n, 1);
	assert_string_equal(v.v[0], "dkms.conf: line 2: 'AUTOINSTAL' is no directive and has no "
				    "effect. Did you mean AUTOINSTALL?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_assignments),
		cmocka_unit_test(what_is_quoted_does_not_count),
		cmocka_unit_test(lines),
		cmocka_unit_test(misspelt),
		cmocka_unit_test(obsolete),
		cmocka_unit_test(warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
