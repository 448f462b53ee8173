/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/makefile.h"

#include "test.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

static void expect_makefile(const char *text, const char *want)
{
	AUTO_MAKEFILE struct makefile m;
	AUTO_BUF struct buf b = BUF_INIT;
	const char *name;

	makefile_parse(text, &m);
	STRV_FOREACH (name, &m.objects)
		buf_addf(&b, "%s ", name);
	for (size_t i = 0; i < m.n_unames; i++)
		buf_addf(&b, "%zu:%s%s%s ", m.unames[i].line,
			 m.unames[i].variable ? m.unames[i].variable : "-",
			 m.unames[i].weak ? "?" : "", m.unames[i].recipe ? "!" : "");
	buf_addf(&b, "%s%s", m.computed ? "computed " : "", m.guarded ? "guarded " : "");
	assert_string_equal(b.s, want);
}

static void objects(void **state)
{
	(void)state;
	expect_makefile("", "");
	expect_makefile("obj-m := a.o b.o # c.o\n", "a b ");
	expect_makefile("obj-m += a.o \\\n\tb.o\nobj-$(CONFIG_X) += c.o", "a b c ");
	expect_makefile("obj-m += $(NAME).o a.o\n", "a computed ");
	expect_makefile("obj-y += src/\n", "computed ");
	expect_makefile("include x.mk\n", "computed ");
	expect_makefile("hello-objs := a.o\nclean:\n\trm -f b.o\n", "");
	expect_makefile("\\\n\\", "");
}

static void running_kernel(void **state)
{
	(void)state;
	expect_makefile("KVER := $(shell uname -r)\n", "1:KVER ");
	expect_makefile("KVER ?= $(shell uname  -r)\r\n", "1:KVER? ");
	expect_makefile("export KVER=`uname --kernel-release`\n", "1:KVER ");
	expect_makefile("all:\n\tmake -C /lib/modules/`uname -r`/build\n", "2:-! ");
	expect_makefile("ifneq ($(KERNELRELEASE),)\nelse\nV = $(shell uname -r)\nendif\n",
			"3:V guarded ");
	expect_makefile("# uname -r\nA = $(shell uname -m)\nB = uname-r\n", "");
	expect_makefile("\n\nA = \\\n $(shell uname -r)\nB = $(shell uname -r)", "3:A 5:B ");
}

static bool given(const char *variable, void *data)
{
	return !strcmp(variable, data);
}

static bool reaches(const char *text)
{
	char tree[] = "TREE";
	AUTO_MAKEFILE struct makefile m;

	makefile_parse(text, &m);
	return makefile_reaches(&m, "V", given, tree);
}

static void what_a_value_reaches(void **state)
{
	(void)state;
	assert_true(reaches("V = $(shell uname -r)\nall:\n\tmake $(V)\n"));
	assert_true(reaches("V = x\nD := /lib/${V}\nall: ; make -C $(D)\n"));
	assert_true(reaches("ifeq ($(V),6.1)\n"));
	assert_false(reaches("V = x\nTREE ?= /lib/$(V)/build\nall:\n\tmake -C $(TREE)\n"));
	assert_false(reaches("V = x\nall:\n\tmake $(VV) V=1\n"));
	assert_true(reaches("A = $(B) $(V)\nB = $(A)\nall: ; $(A)\n"));
	assert_true(reaches("A = $(V)\nV2 = $(A)\nA += $(V2)\n\techo $(A)\n"));
}

/* Each variable has all others in it: that must not take the product of their numbers. */
static void many_variables_cost_little(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 300; i++) {
		buf_addf(&b, "V%d = $(V)", i);
		for (int j = 0; j < 300; j++)
			buf_addf(&b, " $(V%d)", j);
		buf_addch(&b, '\n');
	}
	assert_true(reaches(b.s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects),
		cmocka_unit_test(running_kernel),
		cmocka_unit_test(what_a_value_reaches),
		cmocka_unit_test(many_variables_cost_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
