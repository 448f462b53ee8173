/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a key holds, what a call asks for, and what an entry is. */
#include "replay/call.h"
#include "replay/content.h"
#include "replay/entry.h"
#include "replay/foldernames.h"
#include "replay/release.h"
#include "replay/room.h"
#include "replay/sha256.h"

#include "test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "engine/digest.h"
#include "unit.h"

/* ---- hashes ---- */

static void hashes_are_those_of_libcrypto(void **state)
{
	char text[300], mine[2 * SHA256_SIZE + 1], theirs[DIGEST_HEX];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t n = 0; n < sizeof(text); n++) {
		unsigned char hash[SHA256_SIZE];
		struct sha256 h;

		sha256_begin(&h);
		sha256_add(&h, text, n / 3);
		sha256_add(&h, text, n - n / 3);
		sha256_end(&h, hash);
		sha256_hex(hash, mine);
		digest_bytes(text, n, theirs);
		assert_string_equal(mine, theirs);
	}
}

/* ---- the words of a release ---- */

static char *masked(const char *release, const char *text)
{
	struct release_words w;
	struct buf b = BUF_INIT;

	release_words_init(&w, release);
	release_words_mask(&w, text, strlen(text), &b);
	release_words_release(&w);
	return buf_detach(&b);
}

static void expect_masked(const char *release, const char *text, const char *want)
{
	AUTO_FREE char *got = masked(release, text);

	assert_string_equal(got, want);
}

static void words_are_masked(void **state)
{
	(void)state;
	expect_masked("6.1.0-56-amd64", "/usr/src/linux-headers-6.1.0-56-amd64/include",
		      "/usr/src/linux-headers-\1"
		      "0/include");
	expect_masked("6.1.0-56-amd64", "linux-headers-6.1.0-56-common",
		      "linux-headers-\1"
		      "1-common");
	/* These are other kernels. */
	expect_masked("6.1.0-5-amd64", "6.1.0-56-amd64 16.1.0-5", "6.1.0-56-amd64 16.1.0-5");
	/* The number of an upstream version alone is no word. */
	expect_masked("6.12.9-arm64", "6.12.9 6.12.9-arm64",
		      "6.12.9 \1"
		      "0");
	expect_masked("6.12.9+deb13-amd64", "6.12.9+deb13-common",
		      "\1"
		      "1-common");
}

static void words_are_replaced(void **state)
{
	static const char text[] = "6.1.0-55-amd64 6.1.0-55-common 6.1.0-551";
	struct release_words a, b, c;
	AUTO_BUF struct buf out = BUF_INIT;

	(void)state;
	release_words_init(&a, "6.1.0-55-amd64");
	release_words_init(&b, "6.1.0-56-amd64");
	release_words_init(&c, "6.1.0-100-amd64");
	release_words_replace(&a, &b, text, strlen(text), &out);
	assert_string_equal(out.s, "6.1.0-56-amd64 6.1.0-56-common 6.1.0-551");
	assert_true(release_words_fit(&a, &b));
	assert_false(release_words_fit(&a, &c));
	release_words_release(&a);
	release_words_release(&b);
	release_words_release(&c);
}

static void masked_words_come_back(void **state)
{
	static const char *const texts[] = { "/a/6.1.0-56-amd64/b", "6.1.0-56-common", "", "no" };
	struct release_words w;

	(void)state;
	release_words_init(&w, "6.1.0-56-amd64");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_FREE char *m = masked("6.1.0-56-amd64", texts[i]);
		AUTO_BUF struct buf b = BUF_INIT;

		assert_true(release_words_unmask(&w, m, strlen(m), &b));
		assert_string_equal(b.s, texts[i]);
	}
	{
		AUTO_BUF struct buf b = BUF_INIT;

		assert_false(release_words_unmask(&w, "\1", 1, &b));
		assert_false(release_words_unmask(&w,
						  "\1"
						  "7",
						  2, &b));
	}
	release_words_release(&w);
}

/* ---- calls ---- */

static const struct release_words none = { { (char *)"6.1.0-56-amd64", (char *)"6.1.0-56" } };

/* The arguments are separated by blanks. */
static void parse(const char *text, struct strv *argv, struct call *ret)
{
	strv_split(argv, text, " ");
	call_parse((int)argv->n, argv->v, &none, ret);
}

static enum call_kind kind_of(const char *text)
{
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_CALL struct call c = CALL_INIT;

	parse(text, &argv, &c);
	return c.kind;
}

static void calls_of_kbuild_are_understood(void **state)
{
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_CALL struct call c = CALL_INIT;

	(void)state;
	parse("gcc-12 -Wp,-MMD,/b/.x.o.d -nostdinc -I./arch/x86/include -I ./include -include "
	      "./include/linux/kconfig.h -fmacro-prefix-map=./= -std=gnu11 -mno-sse --param x=1 "
	      "-DMODULE -c -o /b/x.o /b/x.c",
	      &argv, &c);
	assert_int_equal(c.kind, CALL_COMPILE);
	assert_int_equal(c.mode, 'c');
	assert_string_equal(c.input, "/b/x.c");
	assert_string_equal(c.output, "/b/x.o");
	assert_string_equal(c.depfile, "/b/.x.o.d");
	assert_int_equal(c.folders.n, 2);
	assert_true(c.is_object);
	assert_false(c.has_std);
	assert_true(c.includes);
	assert_false(c.kept_words);
}

static void files_are_named_as_gcc_does(void **state)
{
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_CALL struct call c = CALL_INIT;

	(void)state;
	parse("gcc -nostdinc -MD -c /b/sub/x.y.c", &argv, &c);
	assert_int_equal(c.kind, CALL_COMPILE);
	assert_false(c.includes);
	assert_string_equal(c.output, "x.y.o");
	assert_string_equal(c.depfile, "x.y.d");
}

static void questions_are_understood(void **state)
{
	(void)state;
	assert_int_equal(kind_of("gcc --version"), CALL_QUERY);
	assert_int_equal(kind_of("gcc -dumpfullversion -dumpversion"), CALL_QUERY);
	assert_int_equal(kind_of("gcc -Werror -c -x c /dev/null -o .tmp_1/x"), CALL_COMPILE);
	assert_int_equal(kind_of("gcc -E -x c -"), CALL_COMPILE);
	/* The answer is a path that may appear or go. */
	assert_int_equal(kind_of("gcc -print-file-name=plugin"), CALL_PLAIN);
	assert_int_equal(kind_of("gcc"), CALL_PLAIN);
}

static const char *const unseen[] = {
	"-flto",
	"-flto=auto",
	"-ffat-lto-objects",
	"-fplugin=./x.so",
	"-fplugin-arg-x-y=z",
	"-march=native",
	"-mtune=native",
	"-save-temps",
	"-save-temps=obj",
	"@options",
	"-Bx",
	"-specs=x",
	"-gsplit-dwarf",
	"-gz=zlib",
	"-fprofile-use=x",
	"--coverage",
	"-ftest-coverage",
	"-fstack-usage",
	"-fdump-tree-all",
	"-dM",
	"-M",
	"-MM",
	"-MG",
	"-Wa,-a=x",
	"-Wa,-I,x",
	"-Wp,-include,x",
	"-Xclang",
	"-Xassembler",
	"-mllvm",
	"-fno-integrated-as",
	"-include-pch",
	"-wrapper",
	"--sysroot=/x",
	"-isysroot",
	"-x",
	"-I-",
	"-I=/x",
	"-isystem =/x",
	"-idirafter=/x",
	"-iquote $SYSROOT/x",
	"-march=native+nocrypto",
	"-mcpu=native+nosve",
	"-frecord-gcc-switches",
	"-frecord-command-line",
	"-grecord-command-line",
	"-fbranch-probabilities",
	"-fdeps-file=x",
	"-S",
	"-E",
	"-o /dev/stdout",
	"-o //dev/null",
	"-o /proc/self/fd/1",
	"-MD -MF /dev/stderr",
	"-Wp,-MD,/dev/fd/2",
	"-frandomize-layout-seed-file=x",
	"-v",
	"-###",
	"-fcompare-debug",
	"-ftime-report",
	"-aux-info",
	"-no-such-option",
	"--no-such-option",
	"y.c",
	"-Wl,-z",
	"-lfoo",
};

static void what_is_not_seen_is_plain(void **state)
{
	(void)state;
	assert_int_equal(kind_of("gcc -nostdinc -O2 -c x.c"), CALL_COMPILE);
	assert_int_equal(kind_of("gcc -nostdinc -c -c x.c -o /dev/null"), CALL_COMPILE);
	for (size_t i = 0; i < ARRAY_SIZE(unseen); i++) {
		AUTO_FREE char *text = xasprintf("gcc -nostdinc %s -O2 -c x.c", unseen[i]);

		if (kind_of(text) != CALL_PLAIN)
			fail_msg("%s is understood", unseen[i]);
	}
	/* It links; other languages; what gcc would make of other names. */
	assert_int_equal(kind_of("gcc x.c"), CALL_PLAIN);
	assert_int_equal(kind_of("gcc -c x.cc"), CALL_PLAIN);
	assert_int_equal(kind_of("gcc -c x.s"), CALL_PLAIN);
	assert_int_equal(kind_of("gcc -x c++ -c x.c"), CALL_PLAIN);
	assert_int_equal(kind_of("gcc -c -"), CALL_PLAIN);
	assert_int_equal(kind_of("gcc -nostdinc -c x.c -o"), CALL_PLAIN);
	assert_int_equal(kind_of("gcc -nostdinc -c x.c -Wp,-MD,a -Wp,-MMD,b"), CALL_PLAIN);
}

static char *key_of(const char *release, const char *text)
{
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_CALL struct call c = CALL_INIT;
	struct release_words w;
	struct buf b = BUF_INIT;

	release_words_init(&w, release);
	strv_split(&argv, text, " ");
	call_parse((int)argv.n, argv.v, &w, &c);
	assert_int_equal(c.kind, CALL_COMPILE);
	call_key(&c, (int)argv.n, argv.v, &w, &b);
	release_words_release(&w);
	for (size_t i = 0; i + 1 < b.len; i++)
		b.s[i] = b.s[i] ? b.s[i] : ' ';
	return buf_detach(&b);
}

static bool same_key(const char *a, const char *b)
{
	AUTO_FREE char *x = key_of("6.1.0-55-amd64", a), *y = key_of("6.1.0-56-amd64", b);

	return strcmp(x, y) == 0;
}

static void keys_mask_paths_alone(void **state)
{
	(void)state;
	assert_true(same_key("gcc -nostdinc -I/h/6.1.0-55-common/include -c x.c",
			     "gcc -nostdinc -I/h/6.1.0-56-common/include -c x.c"));
	assert_true(same_key("gcc -nostdinc -fmacro-prefix-map=/h/6.1.0-55-amd64/= -c x.c",
			     "gcc -nostdinc -fmacro-prefix-map=/h/6.1.0-56-amd64/= -c x.c"));
	/* A Makefile that computes with the number, or gives the release to the source. */
	assert_false(same_key("gcc -nostdinc -DABI=55 -c x.c", "gcc -nostdinc -DABI=56 -c x.c"));
	assert_false(same_key("gcc -nostdinc -DR=\"6.1.0-55-amd64\" -c x.c",
			      "gcc -nostdinc -DR=\"6.1.0-56-amd64\" -c x.c"));
	assert_false(same_key("gcc -nostdinc -c x.c", "gcc -nostdinc -O2 -c x.c"));
	assert_false(same_key("gcc -nostdinc -Ia -Ib -c x.c", "gcc -nostdinc -Ib -Ia -c x.c"));
	assert_false(same_key("gcc -nostdinc -D a -c x.c", "gcc -nostdinc -Da -c x.c") &&
		     same_key("gcc -nostdinc -D a -c x.c", "gcc -nostdinc -Da b.c -c"));
	/* Probes write to folders that are named after a process. */
	assert_true(same_key("gcc -c -x c /dev/null -o .tmp_1/tmp",
			     "gcc -c -x c /dev/null -o .tmp_2/tmp"));
	assert_false(same_key("gcc -nostdinc -MD -MF d -c x.c -o a.o",
			      "gcc -nostdinc -MD -MF d -c x.c -o b.o"));
}

static void words_in_other_arguments_are_noticed(void **state)
{
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_CALL struct call c = CALL_INIT;

	(void)state;
	parse("gcc -nostdinc -D RELEASE=6.1.0-56-amd64 -c x.c", &argv, &c);
	assert_true(c.kept_words);
}

static void the_compiler_is_asked_to_tell(void **state)
{
	static const struct {
		const char *call, *want;
	} cases[] = {
		{ "gcc -Wp,-MMD,d -c x.c", "gcc -Wp,-MD,d -c x.c" },
		{ "gcc -MMD -MF d -c x.c", "gcc -MD -MF d -c x.c" },
		{ "gcc -c x.c", "gcc -c x.c -Wp,-MD,own" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_STRV struct strv argv = STRV_INIT, telling = STRV_INIT;
		AUTO_CALL struct call c = CALL_INIT;
		AUTO_FREE char *got = NULL;

		parse(cases[i].call, &argv, &c);
		call_telling(&c, (int)argv.n, argv.v, "own", &telling);
		got = strv_join(&telling, " ");
		assert_string_equal(got, cases[i].want);
	}
}

static void expect_deps(const char *text, const char *want)
{
	AUTO_STRV struct strv deps = STRV_INIT;
	AUTO_FREE char *got = NULL;

	assert_true(call_parse_deps(text, strlen(text), &deps));
	got = strv_join(&deps, "|");
	assert_string_equal(got, want);
}

static void dependencies_are_read(void **state)
{
	AUTO_STRV struct strv deps = STRV_INIT;

	(void)state;
	expect_deps("x.o: x.c /a/b.h \\\n c.h\n", "x.c|/a/b.h|c.h");
	expect_deps("x.o: a\\ b.c \\\n  d$$e.h f\\#.h", "a b.c|d$e.h|f#.h");
	expect_deps("x.o: x.c b.h\n\nb.h:\n", "x.c|b.h");
	expect_deps("a\\:b x.o: \\\n x.c\n", "x.c");
	expect_deps("x.o:\n", "");
	assert_false(call_parse_deps("", 0, &deps));
	assert_false(call_parse_deps("no rule\n", 8, &deps));
}

/* ---- what stands against remembering ---- */

static unsigned int flags_of(const char *text)
{
	return content_flags(&none, text, strlen(text));
}

static void contents_are_judged(void **state)
{
	(void)state;
	assert_int_equal(flags_of("int x;"), 0);
	assert_int_equal(flags_of("puts(__TIME__);"), CONTENT_CLOCK);
	assert_int_equal(flags_of("puts(__DATE__);"), CONTENT_CLOCK);
	assert_int_equal(flags_of("puts(__TIMESTAMP__);"), CONTENT_CLOCK);
	assert_int_equal(flags_of("asm(\".incbin \\\"x\\\"\");"), CONTENT_INCLUDED);
	assert_int_equal(flags_of("asm(\".include \\\"x\\\"\");"), CONTENT_INCLUDED);
	assert_int_equal(flags_of("/* as in asm(\".include <asm/x.h>\") */"), 0);
	assert_int_equal(flags_of("#ifdef CONFIG_BUILD_SALT"), CONTENT_SALT);
	assert_int_equal(flags_of("\"6.1.0-561\""), CONTENT_RELEASE);
	/* A file of which nobody tells. */
	assert_int_equal(flags_of("#if __has_include(\"/a.h\")\n"), CONTENT_INCLUDED);
	assert_int_equal(flags_of("#if __has_include ( </a.h>)\n"), CONTENT_INCLUDED);
	assert_int_equal(flags_of("#if __has_include_next(<a/../b.h>)\n"), CONTENT_INCLUDED);
	assert_int_equal(flags_of("#if __has_include__(\"/a.h\")\n"), CONTENT_INCLUDED);
	assert_int_equal(flags_of("#if __has_include(MACRO)\n"), CONTENT_INCLUDED);
	assert_int_equal(flags_of("#if defined(__has_include) && __has_include(<a.h>)\n/* .. */"),
			 0);
	assert_int_equal(flags_of("#ifdef __has_include\n# if __has_include(\"a.h\")\n"), 0);
}

/* ---- names ---- */

static void names_hash(const char *folder, unsigned char ret[SHA256_SIZE])
{
	unsigned int left = 100;
	struct sha256 h;

	sha256_begin(&h);
	assert_true(foldernames_add(&h, folder, &left));
	sha256_end(&h, ret);
}

static void touch(const char *folder, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fclose(f);
}

static void a_new_name_is_seen(void **state)
{
	unsigned char before[SHA256_SIZE], after[SHA256_SIZE];
	AUTO_FREE char *sub = xasprintf("%s/sub", R.path), *link = xasprintf("%s/link", R.path);
	unsigned int left = 100, few = 1;
	struct sha256 h;

	(void)state;
	assert_int_equal(mkdir(sub, 0755), 0);
	touch(R.path, "x.c");
	names_hash(R.path, before);
	touch(R.path, "x.o");
	touch(R.path, ".x.o.cmd");
	touch(sub, "x.mod.c");
	names_hash(R.path, after);
	assert_memory_equal(before, after, SHA256_SIZE);
	touch(sub, "x.h");
	names_hash(R.path, after);
	assert_memory_not_equal(before, after, SHA256_SIZE);
	sha256_begin(&h);
	assert_false(foldernames_add(&h, R.path, &few));
	assert_int_equal(symlink("sub", link), 0);
	assert_false(foldernames_add(&h, R.path, &left));
}

static void folders_have_any_name(void **state)
{
	static const char *const names[] = { "compat.d", "x.a", "foo.mod" };
	unsigned char before[SHA256_SIZE], after[SHA256_SIZE];
	AUTO_FREE char *temporary = xasprintf("%s/.tmp_1", R.path);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *folder = xasprintf("%s/%s", R.path, names[i]);

		assert_int_equal(mkdir(folder, 0755), 0);
		names_hash(R.path, before);
		touch(folder, "x.h");
		names_hash(R.path, after);
		assert_memory_not_equal(before, after, SHA256_SIZE);
	}
	assert_int_equal(mkdir(temporary, 0755), 0);
	touch(temporary, "x.h");
	names_hash(R.path, before);
	assert_memory_equal(before, after, SHA256_SIZE);
	assert_true(foldernames_has_temporary("/a/.tmp_1/x.h"));
	assert_false(foldernames_has_temporary("/a/x.tmp_1/x.h"));
}

static void what_a_link_leads_to_is_seen(void **state)
{
	unsigned char before[SHA256_SIZE], after[SHA256_SIZE];
	AUTO_FREE char *link = xasprintf("%s/x.h", R.path);
	AUTO_FREE char *target = xasprintf("%s/.tmp_x", R.path);

	(void)state;
	assert_int_equal(symlink(".tmp_x", link), 0);
	names_hash(R.path, before);
	touch(R.path, ".tmp_x");
	names_hash(R.path, after);
	assert_memory_not_equal(before, after, SHA256_SIZE);
}

/* ---- entries ---- */

static struct entry_text text_of(const char *s)
{
	return (struct entry_text){ s, strlen(s) };
}

static void print_an_entry(struct buf *body)
{
	struct entry_dep deps[2] = { { .path = { "/a\1", 3 } }, { .path = { "/b", 2 } } };
	struct entry e = { .key = text_of("key"),
			   .release = text_of("6.1.0-56-amd64"),
			   .status = 1,
			   .deps = deps,
			   .n_deps = 2,
			   .out = text_of(""),
			   .output = { "\0\1\2", 3 } };

	memset(deps[0].hash, 7, SHA256_SIZE);
	entry_print(&e, body);
}

static void entries_come_back(void **state)
{
	AUTO_BUF struct buf body = BUF_INIT;
	AUTO_ENTRY struct entry e = { 0 };

	(void)state;
	print_an_entry(&body);
	assert_true(entry_parse(body.s, body.len, &e));
	assert_int_equal(e.status, 1);
	assert_int_equal(e.n_deps, 2);
	assert_int_equal(e.deps[0].hash[31], 7);
	assert_int_equal(e.output.len, 3);
	assert_null(e.depfile.s);
	assert_non_null(e.out.s);
}

static void no_part_is_an_entry(void **state)
{
	AUTO_BUF struct buf body = BUF_INIT, file = BUF_INIT;

	(void)state;
	print_an_entry(&body);
	for (size_t n = 0; n < body.len; n++) {
		AUTO_ENTRY struct entry e = { 0 };

		assert_false(entry_parse(body.s, n, &e));
	}
	entry_seal(body.s, body.len, body.len, &file);
	assert_true(entry_sealed(file.s, file.len, NULL));
	for (size_t n = 0; n < file.len; n++)
		assert_false(entry_sealed(file.s, n, NULL));
	for (size_t i = 0; i < file.len; i++) {
		file.s[i] ^= 1;
		assert_false(entry_sealed(file.s, file.len, NULL));
		file.s[i] ^= 1;
	}
}

/* ---- rooms ---- */

static void rooms_come_back(void **state)
{
	static const char *const bad[] = { "", "dkms-replay 2\nend\n", "dkms-replay 1\nend\n",
					   "dkms-replay 1\npart x\nend\n" };
	AUTO_ROOM struct room room = ROOM_INIT, again = ROOM_INIT;
	struct room_compiler c = { xstrdup("gcc"), xstrdup("/usr/bin/gcc"), xstrdup("id"), NULL,
				   STRV_INIT };
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	room.release = xstrdup("r");
	room.build = xstrdup("/b c");
	room.store = xstrdup("/s");
	room.table = xstrdup("/t");
	room.path = xstrdup("/usr/bin");
	room.answer = true;
	strv_add(&c.parts, "1:2 /usr/bin/gcc");
	VEC_PUSH(room.compilers, room.n, c);
	room_print(&room, &b);
	assert_int_equal(room_parse(b.s, &again, NULL), 0);
	assert_string_equal(again.build, "/b c");
	assert_true(again.answer);
	assert_non_null(room_compiler(&again, "gcc"));
	assert_null(room_compiler(&again, "clang"));
	assert_string_equal(again.compilers[0].parts.v[0], "1:2 /usr/bin/gcc");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_ROOM struct room r = ROOM_INIT;

		assert_true(room_parse(bad[i], &r, NULL) < 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_libcrypto),
		cmocka_unit_test(words_are_masked),
		cmocka_unit_test(words_are_replaced),
		cmocka_unit_test(masked_words_come_back),
		cmocka_unit_test(calls_of_kbuild_are_understood),
		cmocka_unit_test(files_are_named_as_gcc_does),
		cmocka_unit_test(questions_are_understood),
		cmocka_unit_test(what_is_not_seen_is_plain),
		cmocka_unit_test(keys_mask_paths_alone),
		cmocka_unit_test(words_in_other_arguments_are_noticed),
		cmocka_unit_test(the_compiler_is_asked_to_tell),
		cmocka_unit_test(dependencies_are_read),
		cmocka_unit_test(contents_are_judged),
		cmocka_unit_test_setup_teardown(a_new_name_is_seen, setup_root, teardown_root),
		cmocka_unit_test_setup_teardown(folders_have_any_name, setup_root, teardown_root),
		cmocka_unit_test_setup_teardown(what_a_link_leads_to_is_seen, setup_root,
						teardown_root),
		cmocka_unit_test(entries_come_back),
		cmocka_unit_test(no_part_is_an_entry),
		cmocka_unit_test(rooms_come_back),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
