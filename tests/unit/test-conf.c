/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/conf.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "model/kconfig.h"

static const struct conf_kernel kernel = {
	.release = "6.1.0-56-amd64",
	.arch = "x86_64",
	.name = "foo",
	.version = "1.0",
	.source_dir = "/lib/modules/6.1.0-56-amd64/build",
	.build_dir = "/var/lib/dkms/foo/1.0/build",
	.target_dir = "/updates/dkms",
};

#define GOOD                      \
	"PACKAGE_NAME=foo\n"      \
	"PACKAGE_VERSION=1.0\n"   \
	"BUILT_MODULE_NAME=foo\n" \
	"DEST_MODULE_LOCATION=/extra\n"

/* "NAME=VALUE" and "NAME[I]=VALUE" lines. */
static void fill(struct conf_values *values, const char *lines)
{
	AUTO_STRV struct strv v = STRV_INIT;

	*values = (struct conf_values)CONF_VALUES_INIT;
	strv_split(&v, lines, "\n");
	for (size_t i = 0; i < v.n; i++) {
		char *value = strchr(v.v[i], '='), *bracket = strchr(v.v[i], '[');
		unsigned int index = 0;

		assert_non_null(value);
		*value++ = '\0';
		if (bracket && bracket < value) {
			index = (unsigned int)strtoul(bracket + 1, NULL, 10);
			*bracket = '\0';
		}
		conf_values_add(values, v.v[i], index, value);
	}
}

static void interpret_for(const char *lines, const struct conf_kernel *k, struct conf *ret)
{
	AUTO_CONF_VALUES struct conf_values values;

	fill(&values, lines);
	conf_interpret(&values, k, ret);
}

static void interpret(const char *lines, struct conf *ret)
{
	interpret_for(lines, &kernel, ret);
}

static void expect_list(const struct strv *list, const char *want)
{
	AUTO_FREE char *have = strv_join(list, "\n");

	assert_string_equal(have, want);
}

static void expect_errors(const char *lines, const char *want)
{
	AUTO_CONF struct conf conf;

	interpret(lines, &conf);
	expect_list(&conf.errors, want);
}

static void values_last_wins(void **state)
{
	AUTO_CONF struct conf conf;

	(void)state;
	interpret(GOOD "PATCH=a\nPATCH[1]=b\nPATCH=c\n", &conf);
	expect_list(&conf.patches, "c\nb");
}

static void ordinary(void **state)
{
	AUTO_CONF struct conf conf;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	interpret(GOOD "AUTOINSTALL=YES\nPRE_BUILD=pre.sh a b\nREMAKE_INITRD=y\nCLEAN=make clean\n"
		       "BUILD_DEPENDS=bar\nBUILD_DEPENDS[2]=baz\nSTRIP=No\n"
		       "PATCH=a.patch\nPATCH[1]=b.patch\nPATCH_MATCH[1]=^5\nPATCH[7]=c's.patch\n",
		  &conf);
	conf_print(&conf, &b);
	assert_string_equal(b.s, "PACKAGE_NAME='foo'\n"
				 "PACKAGE_VERSION='1.0'\n"
				 "BUILT_MODULE_NAME[0]='foo'\n"
				 "BUILT_MODULE_LOCATION[0]=''\n"
				 "DEST_MODULE_NAME[0]='foo'\n"
				 "DEST_MODULE_LOCATION[0]='/extra'\n"
				 "STRIP[0]='no'\n"
				 "target[0]='/updates/dkms'\n"
				 "MAKE='make -C /lib/modules/6.1.0-56-amd64/build "
				 "M=/var/lib/dkms/foo/1.0/build'\n"
				 "CLEAN='make clean'\n"
				 "PATCH[0]='a.patch'\n"
				 "PATCH[1]='c'\\''s.patch'\n"
				 "PRE_BUILD='pre.sh a b'\n"
				 "BUILD_DEPENDS[0]='bar'\n"
				 "BUILD_DEPENDS[1]='baz'\n"
				 "AUTOINSTALL='yes'\n"
				 "REMAKE_INITRD='yes'\n");
}

static void modules(void **state)
{
	AUTO_CONF struct conf conf;

	(void)state;
	interpret("PACKAGE_NAME=foo\nPACKAGE_VERSION=1\n"
		  "BUILT_MODULE_NAME=a\nBUILT_MODULE_LOCATION=src\nDEST_MODULE_LOCATION=/kernel/x\n"
		  "BUILT_MODULE_NAME[1]=b\nBUILT_MODULE_LOCATION[1]=src/\nDEST_MODULE_NAME[1]=bb\n"
		  "DEST_MODULE_LOCATION[1]=/updates-dkms-test\nSTRIP=no\nSTRIP[1]=yup\n",
		  &conf);
	expect_list(&conf.errors, "");
	assert_int_equal(conf.n_modules, 2);
	assert_string_equal(conf.modules[0].built_location, "src/");
	assert_string_equal(conf.modules[0].dest_name, "a");
	assert_false(conf.modules[0].strip);
	assert_string_equal(conf.modules[1].built_location, "src/");
	assert_string_equal(conf.modules[1].dest_name, "bb");
	assert_string_equal(conf.modules[0].dest_location, "/kernel/x");
	assert_true(conf.modules[1].strip);
}

static void locations_are_normalised(void **state)
{
	static const struct {
		const char *location, *want;
	} cases[] = {
		{ "/kernel/../updates/", "/updates" },
		{ "/extra//a/./b/", "/extra/a/b" },
		{ "/kernel/a/../../extra", "/extra" },
		{ "/kernel/..", "" },
		{ "/kernel/../..", NULL },
		{ "/kernel/../../lib/modules", NULL },
		{ "/updates/...", "/updates/..." },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *normal = conf_normal_location(cases[i].location);

		if (cases[i].want)
			assert_string_equal(normal, cases[i].want);
		else
			assert_null(normal);
	}
}

static void strip_default_is_the_first(void **state)
{
	AUTO_CONF struct conf conf;

	(void)state;
	interpret(GOOD "BUILT_MODULE_NAME[1]=b\nDEST_MODULE_LOCATION[1]=/extra\n"
		       "BUILT_MODULE_NAME[2]=c\nDEST_MODULE_LOCATION[2]=/extra\n"
		       "STRIP=no\nSTRIP[2]=maybe\n",
		  &conf);
	assert_false(conf.modules[0].strip);
	assert_false(conf.modules[1].strip);
	assert_true(conf.modules[2].strip);
}

static void target_without_distribution(void **state)
{
	struct conf_kernel k = kernel;
	AUTO_CONF struct conf conf;

	(void)state;
	k.target_dir = NULL;
	interpret_for(GOOD, &k, &conf);
	assert_string_equal(conf.modules[0].target, "/extra");
}

static void one_module_is_named_after_the_package(void **state)
{
	AUTO_CONF struct conf conf;

	(void)state;
	interpret("PACKAGE_NAME=foo\nPACKAGE_VERSION=1\nDEST_MODULE_LOCATION=/extra\n", &conf);
	assert_int_equal(conf.errors.n, 0);
	assert_string_equal(conf.modules[0].built_name, "foo");
	assert_string_equal(conf.modules[0].dest_name, "foo");
}

static void holes_count(void **state)
{
	(void)state;
	expect_errors(GOOD "BUILT_MODULE_NAME[2]=c\nDEST_MODULE_LOCATION[2]=/extra\n",
		      "No 'BUILT_MODULE_NAME' directive specified for record #1.\n"
		      "No 'DEST_MODULE_LOCATION' directive specified for record #1.");
}

static void all_errors_in_order(void **state)
{
	(void)state;
	expect_errors("BUILT_MODULE_NAME=a.o\nDEST_MODULE_LOCATION=extra\n"
		      "DEST_MODULE_NAME[1]=b.ko\nAUTOINSTALL=1\nNO_WEAK_MODULES=true\n"
		      "BUILD_DEPENDS_REBUILD=y\n",
		      "No 'PACKAGE_NAME' directive specified.\n"
		      "No 'PACKAGE_VERSION' directive specified.\n"
		      "'BUILT_MODULE_NAME' directive ends in '.o' or '.ko' in record #0.\n"
		      "'DEST_MODULE_NAME' directive ends in '.o' or '.ko' in record #0.\n"
		      "Directive 'DEST_MODULE_LOCATION' does not begin with '/kernel', "
		      "'/updates', or '/extra' in record #0.\n"
		      "No 'BUILT_MODULE_NAME' directive specified for record #1.\n"
		      "'DEST_MODULE_NAME' directive ends in '.o' or '.ko' in record #1.\n"
		      "No 'DEST_MODULE_LOCATION' directive specified for record #1.\n"
		      "Unsupported AUTOINSTALL value '1'\n"
		      "Unsupported BUILD_DEPENDS_REBUILD value 'y'\n"
		      "Unsupported NO_WEAK_MODULES value 'true'");
}

static void bad_names(void **state)
{
	char lines[512];

	(void)state;
	expect_errors(GOOD "DEST_MODULE_NAME=../../etc/x\n",
		      "'DEST_MODULE_NAME' directive has a '..' component in record #0.\n"
		      "'DEST_MODULE_NAME' has a '/' in record #0.");
	expect_errors(GOOD "BUILT_MODULE_LOCATION=a/..\n",
		      "'BUILT_MODULE_LOCATION' directive has a '..' component in record #0.");
	expect_errors(GOOD "DEST_MODULE_LOCATION=/extra/../..\n",
		      "'DEST_MODULE_LOCATION' directive leaves the kernel's tree in record #0.");
	expect_errors(GOOD "DEST_MODULE_LOCATION=/kernel/../updates/\n", "");
	expect_errors(GOOD "BUILT_MODULE_NAME=a\033b\n",
		      "'BUILT_MODULE_NAME' directive has a control character in record #0.");
	expect_errors(GOOD "DEST_MODULE_NAME=a..b\nBUILT_MODULE_LOCATION=..a/b../\n", "");
	snprintf(lines, sizeof(lines), GOOD "DEST_MODULE_NAME=%0201d\n", 0);
	expect_errors(lines, "'DEST_MODULE_NAME' is longer than 200 bytes in record #0.");
}

static void limits(void **state)
{
	AUTO_CONF struct conf conf;

	(void)state;
	expect_errors(GOOD "BUILT_MODULE_NAME[4096]=x\n",
		      "4097 modules are more than the limit of 4096.");
	expect_errors(GOOD "MAKE[65536]=x\nMAKE[65537]=x\n",
		      "An index of 'MAKE' is above the limit of 65535.");
	interpret(GOOD "MAKE[65535]=x\nMAKE_MATCH[65535]=amd\n", &conf);
	assert_int_equal(conf.errors.n, 0);
	assert_string_equal(conf.make, "x");
}

static void leaked_names(void **state)
{
	AUTO_CONF struct conf conf;

	(void)state;
	expect_errors(GOOD "built_module_name[1]=x\n",
		      "Module name/location array length mismatch.");
	interpret(GOOD "build_exclude=yes\n", &conf);
	assert_string_equal(conf.excluded, "build_exclude=yes");
}

static void expect_make(const char *lines, bool clang, const char *want)
{
	struct conf_kernel k = kernel;
	AUTO_CONF struct conf conf;

	k.clang = clang;
	interpret_for(lines, &k, &conf);
	assert_string_equal(conf.make, want);
}

static void make(void **state)
{
	(void)state;
	expect_make("MAKE=make all\n", false, "make all");
	expect_make("MAKE=make all\n", true, "make all LLVM=1");
	expect_make("MAKE=a\nMAKE[1]=b\nMAKE_MATCH[1]=^5\n", false, "a");
	expect_make("MAKE=a\nMAKE[1]=b\nMAKE_MATCH[1]=^6\n", false, "b");
	expect_make("MAKE=a\nMAKE[1]=b\nMAKE_MATCH[1]=^6\nMAKE[2]=c\nMAKE_MATCH[2]=amd64$\n", false,
		    "c");
	expect_make("MAKE=a\nMAKE[1]=b\n", false, "a");
	expect_make("MAKE=a\nMAKE_MATCH=^5\n", false,
		    "make -C /lib/modules/6.1.0-56-amd64/build M=/var/lib/dkms/foo/1.0/build");
	expect_make("MAKE=a\nMAKE_MATCH=^6\\.1\\.\n", false, "a");
	expect_make(
		"MAKE=\n", true,
		"make -C /lib/modules/6.1.0-56-amd64/build M=/var/lib/dkms/foo/1.0/build LLVM=1");
}

static void bad_regex_is_a_warning(void **state)
{
	AUTO_CONF struct conf conf;

	(void)state;
	interpret(GOOD "PATCH=a\nPATCH_MATCH=a(b\nBUILD_EXCLUSIVE_KERNEL=[\n", &conf);
	assert_int_equal(conf.patches.n, 0);
	assert_int_equal(conf.errors.n, 0);
	assert_int_equal(conf.warnings.n, 2);
	assert_non_null(strstr(conf.warnings.v[0], "PATCH_MATCH[0]=a(b is no regular expression"));
	assert_string_equal(conf.excluded,
			    "BUILD_EXCLUSIVE_KERNEL=[ does not match 6.1.0-56-amd64");
}

static const char config_text[] = "CONFIG_USB=m\nCONFIG_PCI=y\nCONFIG_OLD=n\n";

static void expect_excluded(const char *lines, const char *want)
{
	struct conf_kernel k = kernel;
	AUTO_FREE char *all = xasprintf(GOOD "%s", lines);
	AUTO_CONF struct conf conf;
	struct kconfig config;

	kconfig_parse(config_text, &config);
	k.config = &config;
	interpret_for(all, &k, &conf);
	kconfig_release(&config);
	if (want)
		assert_string_equal(conf.excluded, want);
	else
		assert_null(conf.excluded);
}

static void exclusive(void **state)
{
	(void)state;
	expect_excluded("BUILD_EXCLUSIVE_KERNEL=^6\\.[0-9]+\\.\n", NULL);
	expect_excluded("BUILD_EXCLUSIVE_KERNEL=^5\\.\n",
			"BUILD_EXCLUSIVE_KERNEL=^5\\. does not match 6.1.0-56-amd64");
	expect_excluded("BUILD_EXCLUSIVE_ARCH=(i.86|x86_64)\n", NULL);
	expect_excluded("BUILD_EXCLUSIVE_ARCH=aarch64\n",
			"BUILD_EXCLUSIVE_ARCH=aarch64 does not match x86_64");
	expect_excluded("BUILD_EXCLUSIVE_KERNEL_MIN=6.1\n", NULL);
	expect_excluded("BUILD_EXCLUSIVE_KERNEL_MIN=6.10\n",
			"BUILD_EXCLUSIVE_KERNEL_MIN=6.10 is above 6.1.0-56-amd64");
	expect_excluded("BUILD_EXCLUSIVE_KERNEL_MAX=6.2\n", NULL);
	expect_excluded("BUILD_EXCLUSIVE_KERNEL_MAX=6.1\n",
			"BUILD_EXCLUSIVE_KERNEL_MAX=6.1 is below 6.1.0-56-amd64");
	expect_excluded("BUILD_EXCLUSIVE_CONFIG=CONFIG_USB  CONFIG_PCI !CONFIG_OLD !CONFIG_NO\n",
			NULL);
	expect_excluded("BUILD_EXCLUSIVE_CONFIG=CONFIG_USB CONFIG_NO\n",
			"BUILD_EXCLUSIVE_CONFIG=CONFIG_USB CONFIG_NO: CONFIG_NO is not set in the "
			"configuration of 6.1.0-56-amd64");
	expect_excluded(
		"BUILD_EXCLUSIVE_CONFIG=!CONFIG_PCI\n",
		"BUILD_EXCLUSIVE_CONFIG=!CONFIG_PCI: CONFIG_PCI is set in the configuration "
		"of 6.1.0-56-amd64");
}

static void config_is_skipped_without_a_file(void **state)
{
	AUTO_CONF struct conf conf;

	(void)state;
	interpret(GOOD "BUILD_EXCLUSIVE_CONFIG=CONFIG_NO\n", &conf);
	assert_null(conf.excluded);
}

static void obsolete_by(void **state)
{
	AUTO_CONF struct conf conf;

	(void)state;
	expect_excluded("OBSOLETE_BY=6.1\n", "OBSOLETE_BY=6.1 is below 6.1.0-56-amd64");
	expect_excluded("OBSOLETE_BY=6.1\nBUILD_EXCLUSIVE_KERNEL_MAX=6.9\n", NULL);
	interpret(GOOD "OBSOLETE_BY=6.9\n", &conf);
	assert_string_equal(conf.obsolete_by, "6.9");
}

#define TWO GOOD "BUILT_MODULE_NAME[1]=b\nDEST_MODULE_LOCATION[1]=/extra\n"

static void exclusive_arrays(void **state)
{
	AUTO_CONF struct conf one, all, scalar, third, obsolete;

	(void)state;
	interpret(TWO "BUILD_EXCLUSIVE_KERNEL_MIN[0]=6.0\nBUILD_EXCLUSIVE_KERNEL_MIN[1]=6.5\n",
		  &one);
	assert_null(one.excluded);
	assert_null(one.modules[0].excluded);
	assert_string_equal(one.modules[1].excluded,
			    "BUILD_EXCLUSIVE_KERNEL_MIN[1]=6.5 is above 6.1.0-56-amd64");
	interpret(TWO "BUILD_EXCLUSIVE_KERNEL[0]=^5\nBUILD_EXCLUSIVE_KERNEL[1]=^4\n", &all);
	assert_string_equal(all.excluded,
			    "BUILD_EXCLUSIVE_KERNEL=^5 does not match 6.1.0-56-amd64");
	/* Only element 0 applies to the third module. */
	interpret(TWO "BUILT_MODULE_NAME[2]=c\nDEST_MODULE_LOCATION[2]=/extra\n"
		      "BUILD_EXCLUSIVE_KERNEL[0]=^5\nBUILD_EXCLUSIVE_KERNEL[1]=^4\n",
		  &third);
	assert_string_equal(third.excluded,
			    "BUILD_EXCLUSIVE_KERNEL=^5 does not match 6.1.0-56-amd64");
	assert_string_equal(third.modules[2].excluded, third.excluded);
	interpret(
		TWO
		"BUILD_EXCLUSIVE_KERNEL[1]=^4\nOBSOLETE_BY=6.0\nBUILD_EXCLUSIVE_KERNEL_MAX[1]=7\n",
		&obsolete);
	assert_string_equal(obsolete.excluded, "OBSOLETE_BY=6.0 is below 6.1.0-56-amd64");
	interpret(TWO "BUILD_EXCLUSIVE_KERNEL=^5\n", &scalar);
	assert_non_null(scalar.excluded);
	assert_string_equal(scalar.modules[1].excluded, scalar.excluded);
}

static void duplicates(void **state)
{
	AUTO_CONF_VALUES struct conf_values values;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_CONF struct conf conf;

	(void)state;
	fill(&values, GOOD "BUILT_MODULE_NAME[1]=foo\nDEST_MODULE_LOCATION[1]=/extra\n");
	conf_interpret(&values, &kernel, &conf);
	expect_list(&conf.strict_errors, "Duplicate module 'foo' in 'BUILT_MODULE_NAME[1]'.\n"
					 "Duplicate module 'foo' in 'DEST_MODULE_NAME[1]'.");
	assert_int_equal(conf_check(&conf, &values, "dkms.conf", false, &err), 0);
	assert_int_equal(conf_check(&conf, &values, "dkms.conf", true, &err), -E_BAD_CONF);
}

static void zero_modules(void **state)
{
	AUTO_CONF struct conf conf;

	(void)state;
	interpret("PACKAGE_NAME=foo\nPACKAGE_VERSION=1\n", &conf);
	assert_int_equal(conf.errors.n, 0);
	expect_list(&conf.warnings, "Zero modules specified.");
	expect_list(&conf.missing, "");
}

static void only_make_and_clean(void **state)
{
	AUTO_CONF_VALUES struct conf_values values;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_CONF struct conf conf;

	(void)state;
	fill(&values, "MAKE=make\nCLEAN=make clean\n");
	conf_interpret(&values, &kernel, &conf);
	assert_int_equal(conf_check(&conf, &values, "/usr/src/foo-1.0/dkms.conf", true, &err),
			 -E_BAD_CONF);
	assert_string_equal(err.text, "/usr/src/foo-1.0/dkms.conf is not a valid dkms.conf:\n"
				      "  No 'PACKAGE_NAME' directive specified.\n"
				      "  No 'PACKAGE_VERSION' directive specified.\n"
				      "Add these lines:\n"
				      "  PACKAGE_NAME=\"foo\"\n"
				      "  PACKAGE_VERSION=\"1.0\"\n"
				      "  BUILT_MODULE_NAME[0]=\"foo\"\n"
				      "  DEST_MODULE_LOCATION[0]=\"/extra\"");
}

static void evaluation_failed(void **state)
{
	AUTO_CONF_VALUES struct conf_values values;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_CONF struct conf conf;

	(void)state;
	fill(&values, "");
	values.error = -E_TIMEOUT;
	values.error_text = xstrdup("took longer than 30 seconds");
	strv_add(&values.warnings, "line 3: sleeping");
	conf_interpret(&values, &kernel, &conf);
	assert_int_equal(conf_check(&conf, &values, "dkms.conf", false, &err), -E_TIMEOUT);
	assert_string_equal(err.text, "dkms.conf: took longer than 30 seconds\n  line 3: sleeping");
}

static void clean_that_does_nothing(void **state)
{
	static const char *const lines[] = { "CLEAN=true\n", "CLEAN=/bin/true\n",
					     "CLEAN=/usr/bin/true\n", "CLEAN=\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		AUTO_CONF struct conf conf;

		interpret(lines[i], &conf);
		assert_null(conf.clean);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_last_wins),
		cmocka_unit_test(ordinary),
		cmocka_unit_test(modules),
		cmocka_unit_test(locations_are_normalised),
		cmocka_unit_test(strip_default_is_the_first),
		cmocka_unit_test(target_without_distribution),
		cmocka_unit_test(one_module_is_named_after_the_package),
		cmocka_unit_test(holes_count),
		cmocka_unit_test(all_errors_in_order),
		cmocka_unit_test(bad_names),
		cmocka_unit_test(limits),
		cmocka_unit_test(leaked_names),
		cmocka_unit_test(make),
		cmocka_unit_test(bad_regex_is_a_warning),
		cmocka_unit_test(exclusive),
		cmocka_unit_test(config_is_skipped_without_a_file),
		cmocka_unit_test(obsolete_by),
		cmocka_unit_test(exclusive_arrays),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(zero_modules),
		cmocka_unit_test(only_make_and_clean),
		cmocka_unit_test(evaluation_failed),
		cmocka_unit_test(clean_that_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
