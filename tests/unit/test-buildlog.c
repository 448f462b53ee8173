/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <string.h>

#include "base/alloc.h"
#include "model/buildlog.h"
#include "model/makecmd.h"

#define FRAME(output)                                                                  \
	"DKMS (dkms-3.4.3) make.log for foo/1 for kernel 6.1.0-56-amd64 (x86_64)\n"    \
	"Sat Nov 21 22:01:02 UTC 2026\n\nBuilding module(s)\n# command: make -j2 *** " \
	"error: no\n" output "\n# exit code: 2\n# elapsed time: 00:00:01\n"            \
	"----------------------------------------------------------------\n"

static const struct {
	const char *log, *lines; /* joined by | */
} first_errors[] = {
	{ FRAME("  CC [M]  foo.o\nfoo.c: In function 'f':\nfoo.c:10:2: error: 'x' undeclared\n"
		"foo.c:10:2: note: each\nfoo.c:11:1: error: expected ';'\n"
		"make[2]: *** [scripts/Makefile.build:250: foo.o] Error 1\n"
		"make[1]: *** [Makefile:2037: /b] Error 2\nmake: *** [Makefile:10: all] Error 2\n"),
	  "foo.c:10:2: error: 'x' undeclared|foo.c:11:1: error: expected ';'" },
	{ FRAME("foo.c:1:10: fatal error: nope.h: No such file or directory\n"
		"compilation terminated.\nmake: *** [Makefile:10: all] Error 2\n"),
	  "foo.c:1:10: fatal error: nope.h: No such file or directory" },
	{ FRAME("ERROR: modpost: \"gone\" [/b/foo.ko] undefined!\nmake[1]: *** [x:1: y] Error 1\n"),
	  "ERROR: modpost: \"gone\" [/b/foo.ko] undefined!" },
	{ FRAME("make: *** No rule to make target 'modules'.  Stop.\n"),
	  "make: *** No rule to make target 'modules'.  Stop." },
	{ FRAME("Makefile:3: *** missing separator.  Stop.\nmake: *** [x:1: y] Error 2\n"),
	  "Makefile:3: *** missing separator.  Stop." },
	{ FRAME("make: *** [Makefile:4: all] Error 7\n"), "make: *** [Makefile:4: all] Error 7" },
	{ FRAME("something went wrong\n"), "something went wrong" },
	{ FRAME("\033[31mfoo.c:1:1: error: red\033[0m\n"), "[31mfoo.c:1:1: error: red[0m" },
	{ FRAME("/bin/sh: 1: gcc-12: not found\nmake: *** [Makefile:2: all] Error 127\n"),
	  "/bin/sh: 1: gcc-12: not found" },
	{ FRAME("  0  0 --:--:--  0curl: (6) Could not resolve host: x\n"
		"make: *** [Makefile:2: all] Error 6\n"),
	  "  0  0 --:--:--  0curl: (6) Could not resolve host: x" },
	{ FRAME("wget: unable to resolve host address 'x'\nfetch.sh failed\n"),
	  "wget: unable to resolve host address 'x'" },
	{ FRAME("/usr/bin/ld: cannot find -lx\nmake: *** [x:1: y] Error 1\n"),
	  "/usr/bin/ld: cannot find -lx" },
	{ FRAME("  ERROR: Kernel configuration is invalid.\n         run 'make oldconfig'\n"
		"make[1]: *** [Makefile:1: y] Error 1\n"),
	  "  ERROR: Kernel configuration is invalid." },
	{ FRAME("gcc: fatal error: Killed signal terminated program cc1\n"
		"make: *** [x:1: y] Error 1\n"),
	  "gcc: fatal error: Killed signal terminated program cc1" },
	/* Only programs that the build needs are reported. */
	{ FRAME("/bin/sh: 1: lsusb: not found\nmake[1]: *** [x:1: y] Error 1\n"),
	  "make[1]: *** [x:1: y] Error 1" },
	{ FRAME("bash: line 1: rsync: command not found\nmake[1]: *** [x:1: y] Error 127\n"),
	  "bash: line 1: rsync: command not found" },
	{ FRAME("Hunk #1 FAILED at 3.\n1 out of 1 hunk FAILED -- saving rejects\n"),
	  "Hunk #1 FAILED at 3." },
	{ "", "" },
};

static void the_first_errors_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(first_errors); i++) {
		AUTO_STRV struct strv v = STRV_INIT;
		AUTO_FREE char *all = NULL;

		buildlog_first_errors(first_errors[i].log, 3, &v);
		all = strv_join(&v, "|");
		assert_string_equal(all, first_errors[i].lines);
	}
}

static void at_most_max_lines_are_given_once_each(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;

	(void)state;
	buildlog_first_errors("a.c:1:1: error: x\na.c:1:1: error: x\nb.c:1:1: error: y\n"
			      "c.c:1:1: error: z\n",
			      2, &v);
	assert_int_equal(v.n, 2);
	assert_string_equal(v.v[1], "b.c:1:1: error: y");
}

static void long_lines_are_cut(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;
	char *text = xcalloc(1, 2001);

	(void)state;
	memset(text, 'x', 2000);
	buildlog_first_errors(text, 1, &v);
	assert_int_equal(strlen(v.v[0]), 300);
	free(text);
}

static void the_header_is_no_error(void **state)
{
	AUTO_STRV struct strv lines = STRV_INIT;

	(void)state;
	buildlog_first_errors("DKMS (dkms-3.4.3) make.log for a/1 for kernel K (x)\n"
			      "Sat Nov 21 22:00:00 UTC 2026\n",
			      3, &lines);
	assert_int_equal(lines.n, 0);
}

static void missing_commands_are_named(void **state)
{
	static const struct {
		const char *log, *name;
	} cases[] = {
		{ "x\n/bin/sh: 1: gcc-12: not found\n", "gcc-12" },
		{ "/bin/sh: 1: x86_64-linux-gnu-gcc-12: not found\n", "x86_64-linux-gnu-gcc-12" },
		{ "/bin/sh: 1: python3: not found\n", "python3" },
		{ "make: clang: No such file or directory\n", "clang" },
		/* Any other program counts only if make stops with Error 127. */
		{ "bash: line 1: frobnicate: command not found\n", NULL },
		{ "bash: line 1: frobnicate: command not found\n"
		  "make: *** [Makefile:44: copy] Error 127\n",
		  "frobnicate" },
		{ "make: arm-linux-gnueabihf-gcc: No such file or directory\n"
		  "make: *** [Makefile:28: ctucanfd_hw.c.o] Error 127\n",
		  "arm-linux-gnueabihf-gcc" },
		{ "/bin/sh: 1: lsusb: not found\nbuilding kvcommon\n"
		  "make[3]: *** [scripts/Makefile.modpost:127: Module.symvers] Error 1\n",
		  NULL },
		{ "/bin/sh: 1: lsusb: not found\n/bin/sh: 1: rsync: not found\n"
		  "make: *** [Makefile:44: copy] Error 127\n",
		  "rsync" },
		/* A file of the kernel is not a program. */
		{ "/bin/sh: 1: ./scripts/pahole-flags.sh: not found\n"
		  "make[2]: *** [Makefile:1: a] Error 1\n",
		  NULL },
		{ "# command: bash: gcc: command not found\n", NULL },
		{ "make[1]: gcc-12: No such file or directory\n", "gcc-12" },
		{ "make: *** /no/folder: No such file or directory.  Stop.\n", NULL },
		{ "make: stat: Makefile: No such file or directory\n", NULL },
		{ "foo.c:1:10: fatal error: nope.h: No such file or directory\n", NULL },
		{ "symbol: not found\n", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *name = buildlog_missing_command(cases[i].log);

		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		else
			assert_null(name);
	}
}

static void what_may_pass_is_told_from_what_comes_again(void **state)
{
	static const struct {
		const char *output;
		enum buildlog_blame blame;
	} cases[] = {
		{ "foo.c:1:2: error: 'x' undeclared\n", BUILDLOG_SOURCE },
		{ "make[1]: *** [Makefile:1: a] Error 1\n", BUILDLOG_SOURCE },
		{ "", BUILDLOG_SOURCE },
		{ "ld: foo.ko: write: No space left on device\n", BUILDLOG_DISK },
		{ "x: Disk quota exceeded\n", BUILDLOG_DISK },
		{ "fixdep: not all data was written to the output\n", BUILDLOG_DISK },
		{ "gcc: fatal error: Killed signal terminated program cc1\n", BUILDLOG_KILLED },
		{ "gcc: internal compiler error: Killed (program cc1)\n", BUILDLOG_KILLED },
		{ "make[2]: *** [scripts/Makefile.build:250: foo.o] Killed\n", BUILDLOG_KILLED },
		{ "make[2]: *** [scripts/Makefile.build:250: foo.o] Error 137\n", BUILDLOG_KILLED },
		{ "make: *** [Makefile:3: all] Terminated\n", BUILDLOG_KILLED },
		{ "cc1: out of memory allocating 65536 bytes\n", BUILDLOG_MEMORY },
		{ "virtual memory exhausted: Cannot allocate memory\n", BUILDLOG_MEMORY },
		{ "ld: final link failed: memory exhausted\n", BUILDLOG_MEMORY },
		{ "wget: unable to resolve host address 'git.kernel.org'\n", BUILDLOG_NETWORK },
		{ "  0  0 --:--:--  0curl: (6) Could not resolve host: x\n", BUILDLOG_NETWORK },
		{ "fatal: unable to access 'https://x/': Failed to connect\n", BUILDLOG_NETWORK },
		{ "/bin/sh: 1: gcc-12: not found\n", BUILDLOG_TOOL },
		{ "/bin/sh: 1: lsusb: not found\n", BUILDLOG_SOURCE },
		{ "cc1: error while loading shared libraries: libmpc.so.3\n", BUILDLOG_BROKEN },
		{ "gcc: fatal error: cannot execute 'cc1': execvp\n", BUILDLOG_BROKEN },
		{ "fixdep: libc.so.6: version `GLIBC_2.38' not found\n", BUILDLOG_BROKEN },
		/* A compiler that crashes will crash again over the same source. */
		{ "foo.c:1:2: internal compiler error: Segmentation fault\n", BUILDLOG_SOURCE },
		/* A quoted line of the source may hold the text of any error. */
		{ "   12 |  puts(\"Out of memory\");\n", BUILDLOG_SOURCE },
		{ "      |  puts(\"curl: (6)\");\n", BUILDLOG_SOURCE },
		{ "fatal: not a git repository (or any of the parents): .git\n", BUILDLOG_SOURCE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *log = xasprintf(FRAME("%s"), cases[i].output);

		assert_int_equal(buildlog_blame(log), cases[i].blame);
	}
	assert_int_equal(buildlog_blame("# command: curl: (6)\n"), BUILDLOG_SOURCE);
}

static void make_gets_jobs_and_release(void **state)
{
	static const struct {
		const char *make, *jobs, *out;
	} cases[] = {
		{ "make -C /k M=/b", "-j8", "make -j8 KERNELRELEASE=K -C /k M=/b" },
		{ "make", "-j", "make -j KERNELRELEASE=K" },
		{ "make all", "", "make KERNELRELEASE=K all" },
		{ "'make' all", "-j8", "'make' all" },
		{ "./build.sh make", "-j8", "./build.sh make" },
		{ "makefoo x", "-j8", "make -j8 KERNELRELEASE=Kfoo x" }, /* as DKMS */
		{ "", "-j8", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *out = makecmd_make(cases[i].make, cases[i].jobs, "K");

		assert_string_equal(out, cases[i].out);
	}
}

static void patches_stay_below_their_folder(void **state)
{
	(void)state;
	assert_null(makecmd_patch_problem("fix.patch"));
	assert_null(makecmd_patch_problem("6.1/fix..patch"));
	assert_null(makecmd_patch_problem("..fix"));
	assert_non_null(makecmd_patch_problem("../fix"));
	assert_non_null(makecmd_patch_problem("a/../fix"));
	assert_non_null(makecmd_patch_problem("a/.."));
	assert_non_null(makecmd_patch_problem("/etc/passwd"));
	assert_non_null(makecmd_patch_problem(""));
}

static void times_and_words(void **state)
{
	AUTO_FREE char *t = makecmd_elapsed(3661999), *w = makecmd_script_word("a.sh -x y");

	(void)state;
	assert_string_equal(t, "01:01:01");
	assert_string_equal(w, "a.sh");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_errors_are_found),
		cmocka_unit_test(at_most_max_lines_are_given_once_each),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(the_header_is_no_error),
		cmocka_unit_test(missing_commands_are_named),
		cmocka_unit_test(what_may_pass_is_told_from_what_comes_again),
		cmocka_unit_test(make_gets_jobs_and_release),
		cmocka_unit_test(patches_stay_below_their_folder),
		cmocka_unit_test(times_and_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
