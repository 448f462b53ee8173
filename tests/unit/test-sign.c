/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/sign.h"
#include "conf/open.h"

#include "unit.h"

#include <elf.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "build/artifact.h"
#include "build/signature.h"
#include "disk.h"
#include "kofile.h"

#define K "6.1.0-56-amd64"

/* Use the machine's own root; all files are in the test's folder. */
struct own {
	struct engine e;
	char *folder, *key, *cert, *program, *module;
	struct buf said;
};

static const struct target target = { "foo", "1.0", K, "x86_64" };

/*
 * As sign-file does it: HASH KEY CERTIFICATE MODULE.  The message's length is put into the trailer
 * as four octal bytes.
 */
static const char signer_script[] =
	"#!/bin/sh\n"
	"set -e\n"
	"openssl x509 -inform DER -in \"$3\" -out \"$4.pem\"\n"
	"openssl cms -sign -binary -noattr -nocerts -md \"$1\" -inkey \"$2\" -signer \"$4.pem\" "
	"-outform DER -in \"$4\" -out \"$4.p7\"\n"
	"n=$(wc -c <\"$4.p7\")\n"
	"cat \"$4.p7\" >>\"$4\"\n"
	"printf '\\000\\000\\002\\000\\000\\000\\000\\000\\000\\000'\"$(printf '\\\\%03o\\\\%03o' "
	"$((n / 256)) $((n % 256)))\" >>\"$4\"\n"
	"printf '~Module signature appended~\\n' >>\"$4\"\n"
	"rm \"$4.pem\" \"$4.p7\"\n";

static void listen(enum log_level level, const char *text, void *data)
{
	buf_addf(data, "%s%s\n", level == LOG_WARNING ? "Warning: " : "", text);
}

static void write_file(const char *path, const void *data, size_t len, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void put_program(struct own *own, const char *text)
{
	write_file(own->program, text, strlen(text), 0755);
}

static void put_module(struct own *own)
{
	struct kofile ko = { .machine = EM_X86_64, .type = ET_REL, .vermagic = K, .name = "foo" };
	AUTO_BUF struct buf b = BUF_INIT;

	kofile_make(&ko, &b);
	write_file(own->module, b.s, b.len, 0644);
}

static int setup(void **state)
{
	struct own *own = xcalloc(1, sizeof(*own));

	own->folder = make_folder();
	disk_engine(&own->e, "/", own->folder);
	free(own->e.distro);
	own->e.distro = xstrdup("other");
	own->key = xasprintf("%s/mok.key", own->folder);
	own->cert = xasprintf("%s/mok.pub", own->folder);
	own->program = xasprintf("%s/sign-file", own->folder);
	own->module = xasprintf("%s/foo.ko", own->folder);
	own->said = (struct buf)BUF_INIT;
	settings_set(&own->e.settings, SET_MOK_SIGNING_KEY, own->key, "test");
	settings_set(&own->e.settings, SET_MOK_CERTIFICATE, own->cert, "test");
	log_set_sink(listen, &own->said);
	*state = own;
	return 0;
}

static int teardown(void **state)
{
	struct own *own = *state;
	char *folder = own->folder;

	log_set_sink(NULL, NULL);
	engine_close(&own->e);
	buf_release(&own->said);
	free(own->key);
	free(own->cert);
	free(own->program);
	free(own->module);
	free(own);
	return remove_folder(folder);
}

#define OWN_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

/* Prepare signing with everything that it needs. */
static void make_ready(struct own *own)
{
	AUTO_BUF struct buf key = BUF_INIT;
	AUTO_BUF struct buf cert = BUF_INIT;
	AUTO_FREE char *why = NULL;

	settings_set(&own->e.settings, SET_TRY_SIGN_MODULES, "true", "test");
	settings_set(&own->e.settings, SET_SIGN_FILE, own->program, "test");
	assert_int_equal(mok_make(&key, &cert, &why), 0);
	write_file(own->key, key.s, key.len, 0600);
	write_file(own->cert, cert.s, cert.len, 0644);
	put_program(own, signer_script);
	put_module(own);
}

static void prepare(struct own *own, const char *config, struct signer *ret)
{
	struct kconfig c;

	buf_reset(&own->said);
	kconfig_parse(config, &c);
	sign_prepare(&own->e, &target, &c, ret);
	kconfig_release(&c);
}

#define SHA512 "CONFIG_MODULE_SIG_HASH=\"sha512\"\n"

/* Signing must be impossible, and the line that says why contains words. */
static void expect_unready(struct own *own, const char *config, const char *words)
{
	struct signer s;

	prepare(own, config, &s);
	assert_false(s.ready);
	if (!strstr(s.said, words))
		fail_msg("\"%s\" is not in: %s", words, s.said);
	assert_non_null(strstr(s.said, ", modules won't be signed"));
	signer_release(&s);
}

static void says_what_is_missing(void **state)
{
	struct own *own = *state;
	struct signer s;

	make_ready(own);
	expect_unready(own, "", "The kernel is built without module signing facility");
	expect_unready(own, "CONFIG_MODULE_SIG_HASH=\"\"\n", "without module signing facility");
	sign_prepare(&own->e, &target, NULL, &s);
	assert_false(s.ready);
	assert_non_null(strstr(s.said, "Kernel config for " K " not found"));
	signer_release(&s);
	assert_int_equal(chmod(own->program, 0644), 0);
	expect_unready(own, SHA512, "sign-file not found");
	assert_int_equal(unlink(own->program), 0);
	expect_unready(own, SHA512, "sign-file not found");
}

static void says_what_is_wrong_with_the_key(void **state)
{
	struct own *own = *state;

	make_ready(own);
	write_file(own->cert, "garbage", 7, 0644);
	expect_unready(own, SHA512, "is no X.509 certificate");
	write_file(own->key, "", 0, 0600);
	expect_unready(own, SHA512, "is empty");
	assert_int_equal(unlink(own->key), 0);
	expect_unready(own, SHA512, "is missing but the certificate file");
}

static void unreadable_key(void **state)
{
	struct own *own = *state;

	make_ready(own);
	assert_int_equal(chmod(own->key, 0), 0);
	if (geteuid() == 0)
		SKIP("root reads everything");
	expect_unready(own, SHA512, "cannot be read");
}

static void obeys_try_sign_modules(void **state)
{
	struct own *own = *state;
	struct root other;

	settings_set(&own->e.settings, SET_TRY_SIGN_MODULES, "false", "a file");
	make_ready(own);
	expect_unready(own, SHA512, "try_sign_modules is false (a file)");
	settings_release(&own->e.settings);
	own->e.settings = (struct settings){ { NULL }, { NULL } };
	other = own->e.root;
	assert_int_equal(root_open(own->folder, &own->e.root), 0);
	assert_true(sign_in_chroot(&own->e));
	expect_unready(own, SHA512, "Running in a chroot");
	root_close(&own->e.root);
	own->e.root = other;
}

static void says_the_prologue(void **state)
{
	struct own *own = *state;
	AUTO_FREE char *want = NULL;
	struct signer s;

	make_ready(own);
	log_set_level(LOG_INFO);
	prepare(own, SHA512, &s);
	log_set_level(LOG_NOTE);
	assert_true(s.ready);
	want = xasprintf("Sign command: %s\nSigning key: %s\nPublic certificate (MOK): %s\n",
			 own->program, own->key, own->cert);
	assert_string_equal(own->said.s, want);
	assert_non_null(strstr(s.said, "Modules are signed with"));
	assert_non_null(strstr(s.said, own->key));
	assert_string_equal(s.hash, "sha512");
	assert_string_equal(s.name, MOK_NAME);
	signer_release(&s);
}

static void forget_sign_file(struct own *own)
{
	free(TAKE(own->e.settings.value[SET_SIGN_FILE]));
	free(TAKE(own->e.settings.source[SET_SIGN_FILE]));
}

static int sign(struct own *own)
{
	AUTO_ERR struct err err = ERR_INIT;
	struct signer s;
	int r;

	prepare(own, SHA512, &s);
	assert_true(s.ready);
	buf_reset(&own->said);
	r = sign_module(&own->e, own->module, &s, &err);
	signer_release(&s);
	return r;
}

static void read_file(struct own *own, const char *path, struct buf *b)
{
	assert_int_equal(fs_read(&own->e.root, path, 1 << 20, b), 0);
}

static char *check(struct own *own)
{
	AUTO_BUF struct buf cert = BUF_INIT;

	read_file(own, own->cert, &cert);
	return sign_check(&own->e, own->module, &cert);
}

static bool no_openssl(void)
{
	return system("openssl version >/dev/null 2>&1") != 0;
}

/* Change the byte at offset; a negative one counts from the end. */
static void flip(struct own *own, long offset)
{
	FILE *f = fopen(own->module, "r+");
	int c;

	assert_non_null(f);
	assert_int_equal(fseek(f, offset, offset < 0 ? SEEK_END : SEEK_SET), 0);
	c = fgetc(f);
	assert_int_equal(fseek(f, -1, SEEK_CUR), 0);
	assert_true(fputc(c ^ 1, f) != EOF);
	assert_int_equal(fclose(f), 0);
}

static void expect_signed(struct own *own)
{
	AUTO_BUF struct buf before = BUF_INIT;
	AUTO_BUF struct buf after = BUF_INIT;
	AUTO_FREE char *why = NULL;
	struct signature sig;

	read_file(own, own->module, &before);
	if (sign(own) != 1)
		fail_msg("%s", own->said.s);
	read_file(own, own->module, &after);
	assert_null(signature_find(after.s, after.len, &sig));
	assert_int_equal(sig.content_len, before.len);
	assert_memory_equal(after.s, before.s, before.len);
	why = check(own);
	assert_null(why);
}

static void signs(void **state)
{
	struct own *own = *state;

	if (no_openssl())
		SKIP("no openssl");
	make_ready(own);
	expect_signed(own);
}

/* A real one, if this machine has headers. */
static void signs_with_a_real_sign_file(void **state)
{
	const char *given = getenv("DKMS_TEST_SIGN_FILE");
	struct own *own = *state;
	AUTO_FREE char *host = root_host_path(&own->e.root, own->module);
	AUTO_FREE char *asks = xasprintf("test \"$(modinfo -F signer %s)\" = '%s'", host, MOK_NAME);
	AUTO_BUF struct buf theirs = BUF_INIT;
	AUTO_BUF struct buf ours = BUF_INIT;
	glob_t found = { 0 };

	if (!given && glob("/usr/lib/linux-kbuild-*/scripts/sign-file", 0, NULL, &found) == 0)
		given = found.gl_pathv[0];
	if (!given) {
		globfree(&found);
		SKIP("no sign-file");
	}
	settings_set(&own->e.settings, SET_SIGN_FILE, given, "test");
	make_ready(own);
	expect_signed(own);
	assert_int_equal(system(asks), 0);
	globfree(&found);
	/* What we sign ourselves has the same bytes. */
	read_file(own, own->module, &theirs);
	put_module(own);
	forget_sign_file(own);
	expect_signed(own);
	read_file(own, own->module, &ours);
	assert_int_equal(ours.len, theirs.len);
	assert_memory_equal(ours.s, theirs.s, ours.len);
}

static void signs_by_itself(void **state)
{
	struct own *own = *state;

	make_ready(own);
	forget_sign_file(own);
	assert_int_equal(unlink(own->program), 0);
	expect_signed(own);
}

static void sees_tampering(void **state)
{
	static const long places[] = { 100, 5, -41, -100 };
	struct own *own = *state;

	if (no_openssl())
		SKIP("no openssl");
	make_ready(own);
	expect_signed(own);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		AUTO_FREE char *bad = NULL;
		AUTO_FREE char *good = NULL;

		flip(own, places[i]);
		bad = check(own);
		assert_non_null(bad);
		flip(own, places[i]);
		good = check(own);
		assert_null(good);
	}
}

static void another_certificate_does_not_verify(void **state)
{
	struct own *own = *state;
	AUTO_BUF struct buf key = BUF_INIT;
	AUTO_BUF struct buf cert = BUF_INIT;
	AUTO_FREE char *why = NULL;

	if (no_openssl())
		SKIP("no openssl");
	make_ready(own);
	expect_signed(own);
	assert_int_equal(mok_make(&key, &cert, &why), 0);
	why = sign_check(&own->e, own->module, &cert);
	assert_non_null(strstr(why, "not by the certificate"));
}

/* Whatever the tool does: without a valid signature the module stays unchanged. */
static void bad_tools_leave_the_module_alone(void **state)
{
	static const struct {
		const char *script, *words;
	} cases[] = {
		{ "#!/bin/sh\necho sorry >&2\nexit 3\n", "exit status 3\nsorry" },
		{ "#!/bin/sh\n", "it has no signature" },
		{ "#!/bin/sh\n: >\"$4\"\n", "it has no signature" },
		{ "#!/bin/sh\nrm \"$4\"\n", "No such file" },
		{ "#!/bin/sh\nprintf '~Module signature appended~\\n' >>\"$4\"\n", "signature" },
		{ "#!/bin/sh\nkill -SEGV $$\n", "signal 11" },
	};
	struct own *own = *state;

	make_ready(own);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_BUF struct buf before = BUF_INIT;
		AUTO_BUF struct buf after = BUF_INIT;
		AUTO_FREE char *copy = xasprintf("%s.unsigned", own->module);

		put_program(own, cases[i].script);
		read_file(own, own->module, &before);
		assert_int_equal(sign(own), 0);
		assert_non_null(strstr(own->said.s, "Warning: Failed to sign module"));
		if (!strstr(own->said.s, cases[i].words))
			fail_msg("\"%s\" is not in: %s", cases[i].words, own->said.s);
		read_file(own, own->module, &after);
		assert_int_equal(after.len, before.len);
		assert_memory_equal(after.s, before.s, before.len);
		assert_false(fs_exists(&own->e.root, copy));
	}
}

/* Who ends a build may reach the tool first.  The module must not be taken unsigned for that. */
static void killed_tool_is_an_error(void **state)
{
	struct own *own = *state;

	make_ready(own);
	put_program(own, "#!/bin/sh\nkill -KILL $$\n");
	assert_int_equal(sign(own), -E_GENERAL);
}

/* The tool makes a valid signature, but for other bytes. */
static void content_must_be_the_same(void **state)
{
	struct own *own = *state;
	AUTO_BUF struct buf script = BUF_INIT;

	if (no_openssl())
		SKIP("no openssl");
	make_ready(own);
	buf_adds(&script, "#!/bin/sh\nprintf x >>\"$4\"\n");
	buf_adds(&script, strchr(signer_script, '\n') + 1);
	put_program(own, script.s);
	assert_int_equal(sign(own), 0);
	assert_non_null(strstr(own->said.s, "it is not what was to be signed"));
}

static void signer_is_recorded_only_if_all_are_signed(void **state)
{
	struct own *own = *state;
	AUTO_RECORD struct record record = { .depends = STRV_INIT };
	AUTO_FREE char *to = xasprintf("%s/to", own->folder);
	AUTO_SIGNERS struct signers signers = SIGNERS_INIT;
	AUTO_STRV struct strv env = STRV_INIT;
	struct build_opts opts = { NULL };
	struct artifact_opts a = { .env = &env, .strip = "true", .suffix = "" };
	char name[] = "foo", location[] = "";
	struct conf_module m = { .built_name = name,
				 .built_location = location,
				 .dest_name = name };
	struct conf conf = CONF_INIT;
	struct kconfig c;

	if (no_openssl())
		SKIP("no openssl");
	make_ready(own);
	conf.modules = &m;
	conf.n_modules = 1;
	kconfig_parse(SHA512, &c);
	sign_for_build(&own->e, &signers, &target, &c, &opts, &record);
	assert_string_equal(record.signer, MOK_NAME);
	buf_reset(&own->said);
	sign_for_build(&own->e, &signers, &target, &c, &opts, &record);
	assert_string_equal(own->said.s, "");
	kconfig_release(&c);
	a.sign = opts.sign;
	a.sign_data = opts.sign_data;
	assert_int_equal(fs_mkdir_p(&own->e.root, to), 0);
	assert_int_equal(artifact_harvest(&own->e, &target, &conf, own->folder, to, NULL), 0);
	assert_int_equal(artifact_stage(&own->e, &conf, to, &a, &record, NULL), 0);
	assert_string_equal(record.signer, MOK_NAME);
	assert_int_equal(fs_remove_tree(&own->e.root, to), 0);
	assert_int_equal(fs_mkdir_p(&own->e.root, to), 0);
	put_program(own, "#!/bin/sh\nexit 1\n");
	assert_int_equal(artifact_harvest(&own->e, &target, &conf, own->folder, to, NULL), 0);
	assert_int_equal(artifact_stage(&own->e, &conf, to, &a, &record, NULL), 0);
	assert_null(record.signer);
}

static void expect_program(struct own *own, const char *distro, const char *want)
{
	AUTO_FREE char *got = NULL;

	free(own->e.distro);
	own->e.distro = xstrdup(distro);
	got = sign_program(&own->e, K);
	assert_string_equal(got, want);
}

/* In another root, so that this machine's files do not count. */
static void finds_the_program_of_each_distribution(void **state)
{
	struct own *own = *state;
	struct root ours = own->e.root;

	assert_int_equal(root_open(own->folder, &own->e.root), 0);
	free(own->e.install_tree);
	own->e.install_tree = xstrdup("/lib/modules");
	expect_program(own, "debian", "/lib/modules/" K "/build/scripts/sign-file");
	assert_int_equal(fs_mkdir_p(&own->e.root, "/usr/lib/linux-kbuild-6.1/scripts"), 0);
	assert_int_equal(fs_mkdir_p(&own->e.root, "/usr/src/linux-headers-" K "/scripts"), 0);
	assert_int_equal(fs_mkdir_p(&own->e.root, "/usr/src/linux-" K "/scripts"), 0);
	assert_int_equal(fs_mkdir_p(&own->e.root, "/usr/bin"), 0);
	{
		static const char *const files[] = {
			"/usr/lib/linux-kbuild-6.1/scripts/sign-file",
			"/usr/src/linux-headers-" K "/scripts/sign-file",
			"/usr/src/linux-" K "/scripts/sign-file",
		};

		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			AUTO_FREE char *host = root_host_path(&own->e.root, files[i]);

			write_file(host, "", 0, 0755);
		}
	}
	expect_program(own, "debian", "/usr/lib/linux-kbuild-6.1/scripts/sign-file");
	expect_program(own, "ubuntu", "/usr/src/linux-headers-" K "/scripts/sign-file");
	expect_program(own, "gentoo", "/usr/src/linux-" K "/scripts/sign-file");
	expect_program(own, "rhel fedora", "/lib/modules/" K "/build/scripts/sign-file");
	{
		AUTO_FREE char *host = root_host_path(&own->e.root, "/usr/bin/kmodsign");

		write_file(host, "", 0, 0755);
	}
	expect_program(own, "ubuntu", "/usr/bin/kmodsign");
	settings_set(&own->e.settings, SET_SIGN_FILE, "/opt/$kernelver/sign", "test");
	expect_program(own, "ubuntu", "/opt/" K "/sign");
	root_close(&own->e.root);
	own->e.root = ours;
}

static void reads_trailers(void **state)
{
#define MAGIC "~Module signature appended~\n"
	static const struct {
		const char *bytes;
		size_t len;
		bool good;
	} cases[] = {
#define CASE(s, good) { s, sizeof(s) - 1, good }
		CASE("", false),
		CASE(MAGIC, false),
		CASE("\0\0\2\0\0\0\0\0\0\0\0\1" MAGIC, false),
		CASE("ab\0\0\2\0\0\0\0\0\0\0\0\1" MAGIC, true),
		CASE("ab\0\0\1\0\0\0\0\0\0\0\0\1" MAGIC, false),
		CASE("ab\1\0\2\0\0\0\0\0\0\0\0\1" MAGIC, false),
		CASE("ab\0\0\2\0\0\0\0\0\0\0\0\0" MAGIC, false),
		CASE("ab\0\0\2\0\0\0\0\0\0\0\0\2" MAGIC, false),
		CASE("ab\0\0\2\0\0\0\0\0\377\377\377\377" MAGIC, false),
		CASE("ab\0\0\2\0\0\0\0\0\0\0\0\1" MAGIC "x", false),
	};
	struct signature sig;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(!signature_find(cases[i].bytes, cases[i].len, &sig),
				 cases[i].good);
	assert_int_equal(sig.content_len, 1);
	assert_int_equal(sig.at, 1);
	assert_int_equal(sig.len, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN_TEST(says_what_is_missing),
		OWN_TEST(says_what_is_wrong_with_the_key),
		OWN_TEST(unreadable_key),
		OWN_TEST(obeys_try_sign_modules),
		OWN_TEST(says_the_prologue),
		OWN_TEST(signs),
		OWN_TEST(signs_with_a_real_sign_file),
		OWN_TEST(signs_by_itself),
		OWN_TEST(sees_tampering),
		OWN_TEST(another_certificate_does_not_verify),
		OWN_TEST(bad_tools_leave_the_module_alone),
		OWN_TEST(killed_tool_is_an_error),
		OWN_TEST(content_must_be_the_same),
		OWN_TEST(signer_is_recorded_only_if_all_are_signed),
		OWN_TEST(finds_the_program_of_each_distribution),
		cmocka_unit_test(reads_trailers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
