/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/mok.h"

#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "disk.h"
#include "sys/proc.h"

#define KEY  "/var/lib/dkms/mok.key"
#define CERT "/var/lib/dkms/mok.pub"
#define K    "6.1.0-56-amd64"

/* The messages that were logged, one line each. */
static struct buf said = BUF_INIT;

static void listen(enum log_level level, const char *text, void *data)
{
	(void)level, (void)data;
	buf_addf(&said, "%s\n", text);
}

static int setup(void **state)
{
	disk_setup_journal(state);
	buf_reset(&said);
	log_set_sink(listen, NULL);
	unsetenv("MODULES_SIGN_KEY");
	unsetenv("MODULES_SIGN_CERT");
	return 0;
}

static int teardown(void **state)
{
	log_set_sink(NULL, NULL);
	proc_set_runner(NULL, NULL);
	buf_release(&said);
	return disk_teardown(state);
}

#define MOK_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static void read_file(struct disk *d, const char *path, struct buf *b)
{
	assert_int_equal(fs_read(&d->e.root, path, 1 << 20, b), 0);
}

static void set_distro(struct disk *d, const char *distro)
{
	free(d->e.distro);
	d->e.distro = xstrdup(distro);
}

static void makes_both(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf key = BUF_INIT;
	AUTO_BUF struct buf cert = BUF_INIT;
	AUTO_FREE char *name = NULL;
	AUTO_ERR struct err err = ERR_INIT;
	struct stat st;

	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), 0);
	assert_memory_equal(said.s, "Signing key: " KEY "\nPublic certificate (MOK): " CERT "\n",
			    64);
	read_file(d, KEY, &key);
	read_file(d, CERT, &cert);
	assert_memory_equal(key.s, "-----BEGIN PRIVATE KEY-----", 27);
	assert_int_equal((unsigned char)cert.s[0], 0x30);
	assert_int_equal(fs_stat(&d->e.root, KEY, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(mok_certificate_name(&cert, &name), 0);
	assert_string_equal(name, "DKMS module signing key");
}

/* The text of the certificate that we made, by openssl. */
static void is_as_dkms_makes_it(void **state)
{
	static const char *const want[] = { "Public-Key: (2048 bit)",
					    "CN = DKMS module signing key", "Code Signing",
					    "CA:TRUE", "sha256WithRSAEncryption" };
	struct disk *d = *state;
	AUTO_FREE char *host = disk_host(d, CERT);
	AUTO_FREE char *command = xasprintf("openssl x509 -inform DER -noout -text -in %s", host);
	AUTO_BUF struct buf text = BUF_INIT;
	char line[512];
	FILE *f;

	if (system("openssl version >/dev/null 2>&1") != 0)
		SKIP("no openssl");
	assert_int_equal(mok_generate(&d->e, NULL, NULL, NULL), 0);
	f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		buf_adds(&text, line);
	assert_int_equal(pclose(f), 0);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_non_null(strstr(text.s, want[i]));
}

static void second_time_changes_nothing(void **state)
{
	struct disk *d = *state;
	AUTO_BUF struct buf a = BUF_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	assert_int_equal(mok_generate(&d->e, NULL, NULL, NULL), 0);
	read_file(d, KEY, &a);
	assert_int_equal(mok_generate(&d->e, NULL, NULL, NULL), 0);
	read_file(d, KEY, &b);
	assert_string_equal(a.s, b.s);
}

/* there: the file that exists.  The error must name the other one, and nothing be written. */
static void expect_kept(struct disk *d, const char *there, const char *gone)
{
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	disk_file(d, there, "precious\n");
	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), -ENOENT);
	assert_int_equal(err_status(&err), 1);
	assert_non_null(strstr(err.text, gone));
	assert_non_null(strstr(err.text, "is missing"));
	assert_false(fs_exists(&d->e.root, gone));
	read_file(d, there, &b);
	assert_string_equal(b.s, "precious\n");
	disk_remove(d, there);
}

static void one_alone_is_never_overwritten(void **state)
{
	struct disk *d = *state;

	expect_kept(d, KEY, CERT);
	expect_kept(d, CERT, KEY);
}

static void dangling_links_and_folders_are_there(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;

	disk_link(d, KEY, "/mnt/stick/mok.key");
	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, KEY " is a link that leads nowhere"));
	disk_remove(d, KEY);
	disk_dir(d, KEY);
	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, KEY " is no file"));
	assert_false(fs_exists(&d->e.root, CERT));
}

static void set(struct disk *d, const char *key, const char *certificate)
{
	settings_set(&d->e.settings, SET_MOK_SIGNING_KEY, key, "test");
	settings_set(&d->e.settings, SET_MOK_CERTIFICATE, certificate, "test");
}

static void tokens_need_no_file(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;

	set(d, "pkcs11:token=mok", "/etc/mok.der");
	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/etc/mok.der not found and can't be generated"));
	disk_file(d, "/etc/mok.der", "x");
	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), 0);
}

static void settings_are_templates(void **state)
{
	struct disk *d = *state;
	AUTO_MOK struct mok m = { NULL, NULL };
	AUTO_ERR struct err err = ERR_INIT;

	set(d, "/etc/keys/$kernelver.key", "/etc/keys/${kernelver}.der");
	mok_locate(&d->e, K, NULL, &m);
	assert_string_equal(m.key, "/etc/keys/" K ".key");
	assert_string_equal(m.certificate, "/etc/keys/" K ".der");
	/* Do not create a folder for a mistyped path. */
	assert_int_equal(mok_ensure(&d->e, &m, &err), -ENOENT);
	assert_non_null(strstr(err.text, "there is no folder /etc/keys"));
	disk_dir(d, "/etc/keys");
	assert_int_equal(mok_ensure(&d->e, &m, &err), 0);
	assert_true(fs_is_file(&d->e.root, m.certificate));
	assert_false(fs_exists(&d->e.root, KEY));
}

/* A run with another tree and another key must not write to /var/lib/dkms. */
static void own_tree_has_its_own_lock(void **state)
{
	struct disk *d = *state;

	free(d->e.dkms_tree);
	d->e.dkms_tree = xstrdup("/srv/tree");
	disk_dir(d, "/etc/keys");
	set(d, "/etc/keys/key", "/etc/keys/cert");
	assert_int_equal(mok_generate(&d->e, NULL, NULL, NULL), 0);
	assert_true(fs_exists(&d->e.root, "/srv/tree/.native/lock/mok"));
	assert_false(fs_exists(&d->e.root, "/var/lib/dkms/.native/lock/mok"));
}

static void relative_keys_are_refused(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;

	set(d, "mok.key", "/etc/mok.der");
	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, "mok.key is no absolute path"));
}

static void expect_gentoo(struct disk *d, const char *config, const char *key, const char *cert)
{
	AUTO_MOK struct mok m = { NULL, NULL };
	struct kconfig c;

	kconfig_parse(config, &c);
	mok_locate(&d->e, K, &c, &m);
	assert_string_equal(m.key, key);
	assert_string_equal(m.certificate, cert);
	kconfig_release(&c);
}

static void gentoo_has_its_own_places(void **state)
{
	struct disk *d = *state;

	set_distro(d, "gentoo");
	expect_gentoo(d, "", KEY, CERT);
	expect_gentoo(d, "CONFIG_MODULE_SIG_KEY=\"certs/signing_key.pem\"\n",
		      "/lib/modules/" K "/build/certs/signing_key.pem",
		      "/lib/modules/" K "/build/certs/signing_key.pem");
	expect_gentoo(d, "CONFIG_MODULE_SIG_KEY=\"/etc/key.pem\"\n", "/etc/key.pem",
		      "/etc/key.pem");
	expect_gentoo(d, "CONFIG_MODULE_SIG_KEY=\"pkcs11:x\"\n", "pkcs11:x", "pkcs11:x");
	disk_file(d, "/etc/portage/make.conf",
		  "USE=x\nMODULES_SIGN_KEY=\"/p/key\"\nMODULES_SIGN_CERT=/p/cert\n");
	expect_gentoo(d, "CONFIG_MODULE_SIG_KEY=\"/etc/key.pem\"\n", "/p/key", "/p/cert");
	setenv("MODULES_SIGN_KEY", "/e/key", 1);
	expect_gentoo(d, "", "/e/key", "/p/cert");
	unsetenv("MODULES_SIGN_KEY");
	set(d, "/s/key", "/s/cert");
	expect_gentoo(d, "", "/s/key", "/s/cert");
}

/* A fake of Ubuntu's program, which makes the pair if it is called correctly. */
static int policy(const struct proc_spec *spec, struct proc_result *ret, void *data)
{
	struct disk *d = data;

	assert_string_equal(spec->argv.v[0], "update-secureboot-policy");
	assert_string_equal(spec->argv.v[1], "--new-key");
	assert_true(strv_has(&spec->env, "SHIM_NOTRIGGER=y"));
	disk_file(d, "/var/lib/shim-signed/mok/MOK.priv", "key");
	disk_file(d, "/var/lib/shim-signed/mok/MOK.der", "cert");
	*ret = (struct proc_result){ .end = PROC_EXITED };
	return 0;
}

static int lazy_policy(const struct proc_spec *spec, struct proc_result *ret, void *data)
{
	(void)spec, (void)data;
	*ret = (struct proc_result){ .end = PROC_EXITED };
	return 0;
}

static void ubuntu_has_its_own_program(void **state)
{
	struct disk *d = *state;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *program = disk_host(d, "/usr/sbin/update-secureboot-policy");

	set_distro(d, "ubuntu");
	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), -ENOENT);
	assert_string_equal(err.text, "Binary update-secureboot-policy not found");
	disk_file(d, "/usr/sbin/update-secureboot-policy", "#!/bin/sh\n");
	assert_int_equal(chmod(program, 0755), 0);
	proc_set_runner(lazy_policy, d);
	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "made no key"));
	assert_null(d->e.last_word); /* there is no key to enroll */
	proc_set_runner(policy, d);
	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), 0);
	assert_non_null(strstr(d->e.last_word, "--enroll-key"));
	assert_false(fs_exists(&d->e.root, KEY));
	disk_remove(d, "/var/lib/shim-signed/mok/MOK.priv");
	assert_int_equal(mok_generate(&d->e, NULL, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "MOK.priv is missing"));
}

static void certificates_are_checked(void **state)
{
	static const char *const bad[] = { "", "x", "\x30\x82", "-----BEGIN CERTIFICATE-----\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_BUF struct buf b = BUF_INIT;
		char *name = NULL;

		buf_adds(&b, bad[i]);
		assert_int_equal(mok_certificate_name(&b, &name), -EINVAL);
	}
}

static void verifies_no_nonsense(void **state)
{
	AUTO_BUF struct buf key = BUF_INIT;
	AUTO_BUF struct buf cert = BUF_INIT;
	AUTO_BUF struct buf none = BUF_INIT;
	AUTO_FREE char *why = NULL;
	AUTO_FREE char *other = NULL;

	(void)state;
	assert_int_equal(mok_make(&key, &cert, &why), 0);
	assert_null(why);
	assert_false(mok_verify(&cert, "abc", 3, "def", 3, &why));
	assert_true(*why);
	assert_false(mok_verify(&none, "abc", 3, cert.s, cert.len, &other));
	assert_true(*other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MOK_TEST(makes_both),
		MOK_TEST(is_as_dkms_makes_it),
		MOK_TEST(second_time_changes_nothing),
		MOK_TEST(one_alone_is_never_overwritten),
		MOK_TEST(dangling_links_and_folders_are_there),
		MOK_TEST(tokens_need_no_file),
		MOK_TEST(settings_are_templates),
		MOK_TEST(own_tree_has_its_own_lock),
		MOK_TEST(relative_keys_are_refused),
		MOK_TEST(gentoo_has_its_own_places),
		MOK_TEST(ubuntu_has_its_own_program),
		MOK_TEST(certificates_are_checked),
		MOK_TEST(verifies_no_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
