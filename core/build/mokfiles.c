/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Find the files of the key and the certificate, and make them if both are missing. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "build/mok.h"
#include "engine/childenv.h"
#include "engine/distro.h"
#include "engine/treepath.h"
#include "sys/fs.h"
#include "sys/lock.h"
#include "sys/proc.h"
#include "tx/tx.h"

#define DKMS_HOME "/var/lib/dkms"
#define SHIM	  "/var/lib/shim-signed/mok"
#define MAKE_CONF "/etc/portage/make.conf"
#define POLICY	  "update-secureboot-policy"

#define POLICY_TIMEOUT 300

void mok_release(struct mok *m)
{
	free(m->key);
	free(m->certificate);
	*m = (struct mok){ NULL, NULL };
}

/* ---- where ---- */

char *mok_setting(const struct engine *e, enum setting id, const char *release)
{
	AUTO_STRV struct strv vars = STRV_INIT;
	AUTO_FREE char *headers = release ? engine_headers_dir(e, release) : NULL;
	AUTO_FREE char *value = NULL;

	strv_addf(&vars, "kernelver=%s", release ? release : "");
	strv_addf(&vars, "kernel_source_dir=%s", headers ? headers : "");
	strv_addf(&vars, "arch=%s", e->arch);
	strv_addf(&vars, "dkms_tree=%s", e->dkms_tree);
	strv_addf(&vars, "source_tree=%s", e->source_tree);
	strv_addf(&vars, "install_tree=%s", e->install_tree);
	value = settings_expand(settings_get(&e->settings, id), &vars);
	return *value ? TAKE(value) : NULL;
}

/*
 * The value in the first line NAME="value" of make.conf, without quotes, as DKMS's grep finds it.
 * NULL: there is no such line.  Caller frees.
 */
static char *mok_from_make_conf(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		struct buf b = BUF_INIT;

		if (strncmp(line, name, len) != 0 || line[len] != '=')
			continue;
		for (const char *s = line + len + 1; *s && *s != '\n'; s++) {
			if (*s != '"')
				buf_addch(&b, *s);
		}
		return buf_detach(&b);
	}
	return NULL;
}

static char *mok_gentoo_value(const char *make_conf, const char *name)
{
	const char *env = getenv(name);
	AUTO_FREE char *value = env && *env ? xstrdup(env) : mok_from_make_conf(make_conf, name);

	return value && *value ? TAKE(value) : NULL;
}

static void mok_locate_gentoo(const struct engine *e, const char *release,
			      const struct kconfig *config, struct mok *ret)
{
	const char *own = config ? kconfig_get(config, "CONFIG_MODULE_SIG_KEY") : NULL;
	AUTO_FREE char *headers = NULL;
	AUTO_BUF struct buf conf = BUF_INIT;

	if (fs_read(&e->root, MAKE_CONF, 1 << 20, &conf) < 0)
		buf_reset(&conf);
	ret->key = mok_gentoo_value(conf.s, "MODULES_SIGN_KEY");
	free(ret->certificate);
	ret->certificate = mok_gentoo_value(conf.s, "MODULES_SIGN_CERT");
	if (ret->key || !own || !*own || !release)
		return;
	headers = engine_headers_dir(e, release);
	ret->key = own[0] == '/' || !strncmp(own, "pkcs11:", 7) ? xstrdup(own)
								: xasprintf("%s/%s", headers, own);
	free(ret->certificate);
	ret->certificate = xstrdup(ret->key);
}

void mok_locate(const struct engine *e, const char *release, const struct kconfig *config,
		struct mok *ret)
{
	*ret = (struct mok){ mok_setting(e, SET_MOK_SIGNING_KEY, release),
			     mok_setting(e, SET_MOK_CERTIFICATE, release) };
	if (!ret->key && distro_is_here(e, "ubuntu")) {
		free(ret->certificate);
		*ret = (struct mok){ xstrdup(SHIM "/MOK.priv"), xstrdup(SHIM "/MOK.der") };
	} else if (!ret->key && distro_is_here(e, "gentoo")) {
		mok_locate_gentoo(e, release, config, ret);
	}
	if (!ret->key)
		ret->key = xstrdup(DKMS_HOME "/mok.key");
	if (!ret->certificate)
		ret->certificate = xstrdup(DKMS_HOME "/mok.pub");
}

void mok_add_places(const struct engine *e, struct strv *ret)
{
	AUTO_MOK struct mok m = { NULL, NULL };

	mok_locate(e, NULL, NULL, &m);
	if (m.key[0] == '/' && !strv_has(ret, m.key))
		strv_add(ret, m.key);
	if (m.certificate[0] == '/' && !strv_has(ret, m.certificate))
		strv_add(ret, m.certificate);
}

/* ---- do they exist? ---- */

/* Returns 1 if there is a regular file at `path`, 0 if there is nothing, else an error. */
static int mok_file_exists(const struct engine *e, const char *what, const char *path,
			   struct err *err)
{
	struct stat st;
	int r;

	if (path[0] != '/')
		return err_set(err, -EINVAL, "%s %s is no absolute path", what, path);
	r = fs_stat(&e->root, path, &st);
	if (r == 0 && !S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "%s %s is no file", what, path);
	if (r == 0)
		return 1;
	/* A dangling symlink exists, too: it must not be replaced. */
	if (r == -ENOENT && fs_lstat(&e->root, path, &st) == 0)
		return err_set(err, -ENOENT, "%s %s is a link that leads nowhere", what, path);
	return r == -ENOENT ? 0 : err_sys(err, r, "%s %s", what, path);
}

static int mok_half_missing(const char *gone, const char *gone_path, const char *there,
			    const char *there_path, struct err *err)
{
	return err_set(err, -ENOENT,
		       "%s %s is missing but %s %s exists and is not overwritten (put the missing "
		       "one back, or move the other one away for a new pair)",
		       gone, gone_path, there, there_path);
}

/* Returns 1 if both files exist, 0 if neither does; an error if only one exists. */
static int mok_pair_exists(const struct engine *e, const struct mok *m, struct err *err)
{
	static const char key_name[] = "Key file", cert_name[] = "Certificate file";
	bool token = strncmp(m->key, "pkcs11:", 7) == 0;
	int key = token ? 1 : mok_file_exists(e, key_name, m->key, err);
	int cert = key < 0 ? key : mok_file_exists(e, cert_name, m->certificate, err);

	if (cert < 0)
		return cert;
	if (key == cert)
		return key;
	if (token)
		return err_set(err, -ENOENT, "%s %s not found and can't be generated", cert_name,
			       m->certificate);
	return key ? mok_half_missing(cert_name, m->certificate, "the key file", m->key, err)
		   : mok_half_missing(key_name, m->key, "the certificate file", m->certificate,
				      err);
}

/* ---- making ---- */

static int mok_write_pair(struct engine *e, const struct mok *m, const struct buf *key,
			  const struct buf *certificate, struct err *err)
{
	CLEANUP(tx_release) struct tx tx;

	strv_add(&e->place.trees, m->key);
	strv_add(&e->place.trees, m->certificate);
	tx_begin(&tx, &e->journal, "generate_mok");
	if (path_is_below(m->key, DKMS_HOME))
		tx_mkdir(&tx, DKMS_HOME);
	tx_put_data(&tx, m->key, key->s, key->len, 0600);
	tx_put_data(&tx, m->certificate, certificate->s, certificate->len, 0644);
	return tx_run(&tx, err);
}

static int mok_make_pair(struct engine *e, const struct mok *m, struct err *err)
{
	AUTO_BUF struct buf key = BUF_INIT;
	AUTO_BUF struct buf certificate = BUF_INIT;
	AUTO_FREE char *why = NULL;
	AUTO_FREE char *folder = path_parent(m->key);
	int r;

	if (strcmp(m->key, m->certificate) == 0)
		return err_set(err, -ENOENT, "Key file %s not found and can't be generated",
			       m->key);
	if (strcmp(folder, DKMS_HOME) != 0 && !fs_is_dir(&e->root, folder))
		return err_set(
			err, -ENOENT,
			"Key file %s not found and can't be generated: there is no folder %s",
			m->key, folder);
	log_note("Certificate or key are missing, generating self signed certificate for MOK...");
	r = mok_make(&key, &certificate, &why);
	if (r < 0)
		return err_set(err, r, "Key file %s can't be generated: %s", m->key, why);
	return mok_write_pair(e, m, &key, &certificate, err);
}

static void mok_set_last_word(struct engine *e, char *text)
{
	free(e->last_word);
	e->last_word = text;
}

/*
 * Let Ubuntu's program make its pair.  The key is not enrolled: enrolling asks questions, so the
 * user does it.
 */
static int mok_run_policy(struct engine *e, struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	int r;

	childenv_tool(&spec.env);
	if (!childenv_has_command(e, &spec.env, POLICY))
		return err_set(err, -ENOENT, "Binary %s not found", POLICY);
	log_note("Certificate or key are missing, generating them using %s...", POLICY);
	childenv_set(&spec.env, "SHIM_NOTRIGGER", "y");
	strv_add(&spec.argv, POLICY);
	strv_add(&spec.argv, "--new-key");
	spec.root = &e->root;
	spec.quiet = true;
	spec.timeout = POLICY_TIMEOUT;
	r = proc_run(&spec, &res);
	if (r < 0)
		return err_sys(err, r, "%s", POLICY);
	return 0;
}

static int mok_make_missing(struct engine *e, const struct mok *m, struct err *err)
{
	int r;

	if (!path_is_below(m->key, SHIM)) {
		r = mok_make_pair(e, m, err);
		if (r == 0)
			mok_set_last_word(e, xasprintf("To let Secure Boot accept the new key: "
						       "mokutil --import %s",
						       m->certificate));
		return r;
	}
	r = mok_run_policy(e, err);
	if (r < 0)
		return r;
	r = mok_pair_exists(e, m, err);
	if (r == 0)
		return err_set(err, -ENOENT, "%s made no key %s", POLICY, m->key);
	if (r < 0)
		return r;
	mok_set_last_word(e, xasprintf("To enroll the new key: %s --enroll-key", POLICY));
	return 0;
}

/*
 * The lock under which a pair is made.  Runs on different dkms trees share the default pairs, so
 * they share the lock of these pairs, too.
 */
static char *mok_lock_path(const struct engine *e, const struct mok *m)
{
	return tree_mok_lock(e, path_is_below(m->key, DKMS_HOME) || path_is_below(m->key, SHIM));
}

int mok_ensure(struct engine *e, const struct mok *m, struct err *err)
{
	struct lock lock = LOCK_INIT;
	AUTO_FREE char *lock_path = NULL;
	int r = mok_pair_exists(e, m, err);

	if (r != 0)
		return r < 0 ? r : 0;
	lock_path = mok_lock_path(e, m);
	r = lock_take(&lock, &e->root, lock_path, "making the signing key", LOCK_WAIT, NULL, NULL,
		      NULL);
	if (r == -EINTR || r == -EDEADLK)
		return lock_failed(err, r, lock_path);
	if (r < 0)
		return err_sys(err, r, "Key file %s not found and can't be generated", m->key);
	r = mok_pair_exists(e, m, err);
	if (r == 0)
		r = mok_make_missing(e, m, err);
	lock_release(&lock);
	return r < 0 ? r : 0;
}

int mok_generate(struct engine *e, const char *release, const struct kconfig *config,
		 struct err *err)
{
	AUTO_MOK struct mok m = { NULL, NULL };

	mok_locate(e, release, config, &m);
	log_note("Signing key: %s", m.key);
	log_note("Public certificate (MOK): %s", m.certificate);
	return mok_ensure(e, &m, err);
}
