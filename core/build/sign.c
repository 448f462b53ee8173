/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/sign.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "build/signature.h"
#include "engine/childenv.h"
#include "engine/distro.h"
#include "engine/tool.h"
#include "engine/trust.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define CERTIFICATE_MAX (1 << 20)
#define MODULE_MAX	((size_t)1 << 30)

void signer_release(struct signer *s)
{
	free(s->release);
	free(s->arch);
	free(s->program);
	free(s->hash);
	free(s->name);
	free(s->said);
	mok_release(&s->mok);
	buf_release(&s->certificate);
	*s = (struct signer)SIGNER_INIT;
}

/* ---- which program ---- */

/* Path of the command in the PATH of tools, inside the root; NULL: none.  Caller frees. */
static char *sign_find_command(const struct engine *e, const char *name)
{
	AUTO_STRV struct strv env = STRV_INIT;
	AUTO_STRV struct strv dirs = STRV_INIT;
	const char *dir;

	childenv_tool(&env);
	strv_split(&dirs, childenv_get(&env, "PATH"), ":");
	STRV_FOREACH (dir, &dirs) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, name);

		if (dir[0] == '/' && childenv_has_command(e, &env, path))
			return TAKE(path);
	}
	return NULL;
}

/* The distribution's sign-file, as in DKMS; NULL: no rule for this distribution.  Caller frees. */
static char *sign_distro_program(const struct engine *e, const char *release)
{
	const char *dot = strrchr(release, '.');
	char *found;

	if (distro_is_here(e, "debian"))
		return xasprintf("/usr/lib/linux-kbuild-%.*s/scripts/sign-file",
				 dot ? (int)(dot - release) : (int)strlen(release), release);
	if (distro_is_here(e, "ubuntu")) {
		found = sign_find_command(e, "kmodsign");
		return found ? found
			     : xasprintf("/usr/src/linux-headers-%s/scripts/sign-file", release);
	}
	if (distro_is_here(e, "gentoo"))
		return xasprintf("/usr/src/linux-%s/scripts/sign-file", release);
	return NULL;
}

char *sign_program(const struct engine *e, const char *release)
{
	AUTO_FREE char *set = mok_setting(e, SET_SIGN_FILE, release);
	AUTO_FREE char *distro = NULL;
	AUTO_FREE char *headers = NULL;

	if (set)
		return TAKE(set);
	distro = sign_distro_program(e, release);
	if (distro && fs_is_file(&e->root, distro))
		return TAKE(distro);
	headers = engine_headers_dir(e, release);
	return xasprintf("%s/scripts/sign-file", headers);
}

static bool sign_is_executable(const struct engine *e, const char *path)
{
	struct stat st;

	return path[0] == '/' && fs_stat(&e->root, path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & 0111);
}

/* ---- preparing ---- */

bool sign_in_chroot(const struct engine *e)
{
	struct stat ours, init;

	if (root_is_foreign(&e->root))
		return true;
	/* As in DKMS: if /proc/1/root cannot be read, assume a chroot. */
	if (stat("/", &ours) < 0 || stat("/proc/1/root", &init) < 0)
		return true;
	return ours.st_dev != init.st_dev || ours.st_ino != init.st_ino;
}

/* Why the setting try_sign_modules forbids signing; NULL if it does not.  Caller frees. */
static char *sign_why_not(const struct engine *e)
{
	const char *value = settings_get(&e->settings, SET_TRY_SIGN_MODULES);

	if (strcmp(value, "true") == 0)
		return NULL;
	if (strcmp(value, "not_in_chroot") != 0)
		return xasprintf("try_sign_modules is %s (%s)", value,
				 settings_source(&e->settings, SET_TRY_SIGN_MODULES));
	return sign_in_chroot(e) ? xstrdup("Running in a chroot") : NULL;
}

static char *signer_find_hash(const struct kconfig *config, struct signer *s)
{
	const char *hash = config ? kconfig_get(config, "CONFIG_MODULE_SIG_HASH") : NULL;

	if (!config)
		return xasprintf("Kernel config for %s not found", s->release);
	if (!hash || !*hash)
		return xstrdup("The kernel is built without module signing facility");
	s->hash = xstrdup(hash);
	return NULL;
}

static char *signer_find_program(const struct engine *e, struct signer *s)
{
	s->program = sign_program(e, s->release);
	log_info("Sign command: %s", s->program);
	return sign_is_executable(e, s->program) ? NULL
						 : xasprintf("Binary %s not found", s->program);
}

static bool sign_is_token(const char *key)
{
	return str_begins(key, "pkcs11:");
}

static char *sign_check_key(const struct engine *e, const char *key)
{
	struct stat st;
	bool empty;
	int fd;

	if (sign_is_token(key))
		return NULL;
	fd = fs_open_file(&e->root, key, 0);
	if (fd < 0)
		return xasprintf("Key file %s cannot be read: %s", key, error_text(fd));
	empty = fstat(fd, &st) == 0 && st.st_size == 0;
	close(fd);
	return empty ? xasprintf("Key file %s is empty", key) : NULL;
}

static int sign_trust_pair(const struct engine *e, const struct mok *m, struct err *err)
{
	int r = m->key[0] == '/' ? trust_path(e, m->key, MODES_SECRET, err) : 0;

	return r < 0 ? r : trust_path(e, m->certificate, MODES_BELIEVED, err);
}

static char *signer_find_key(struct engine *e, const struct kconfig *config, struct signer *s)
{
	AUTO_ERR struct err err = ERR_INIT;
	char *why;
	int r;

	mok_locate(e, s->release, config, &s->mok);
	log_info("Signing key: %s", s->mok.key);
	log_info("Public certificate (MOK): %s", s->mok.certificate);
	if (mok_ensure(e, &s->mok, &err) < 0)
		return xstrdup(err.text ? err.text : error_text(err.code));
	why = sign_check_key(e, s->mok.key);
	if (!why && sign_trust_pair(e, &s->mok, &err) < 0)
		why = TAKE(err.text);
	if (why)
		return why;
	r = fs_read(&e->root, s->mok.certificate, CERTIFICATE_MAX, &s->certificate);
	if (r < 0)
		return xasprintf("Certificate file %s cannot be read: %s", s->mok.certificate,
				 error_text(r));
	if (mok_certificate_name(&s->certificate, &s->name) < 0)
		return xasprintf("Certificate file %s is no X.509 certificate", s->mok.certificate);
	return NULL;
}

void sign_prepare(struct engine *e, const struct target *t, const struct kconfig *config,
		  struct signer *ret)
{
	AUTO_FREE char *why = NULL;

	*ret = (struct signer)SIGNER_INIT;
	ret->release = xstrdup(t->release);
	ret->arch = xstrdup(t->arch);
	why = sign_why_not(e);
	if (!why)
		why = signer_find_hash(config, ret);
	if (!why && settings_is_set(&e->settings, SET_SIGN_FILE))
		why = signer_find_program(e, ret);
	if (!why)
		why = signer_find_key(e, config, ret);
	/* libcrypto alone cannot reach a key in a token. */
	if (!why && !ret->program && sign_is_token(ret->mok.key))
		why = signer_find_program(e, ret);
	ret->ready = !why;
	ret->said = why ? xasprintf("%s, modules won't be signed", why)
			: xasprintf("Modules are signed with %s (%s).", ret->mok.key, ret->name);
}

/* ---- signing ---- */

char *sign_check(const struct engine *e, const char *path, const struct buf *certificate)
{
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_FREE char *why = NULL;
	struct signature sig;
	const char *problem;
	int r = fs_read(&e->root, path, MODULE_MAX, &b);

	if (r < 0)
		return xstrdup(error_text(r));
	problem = signature_find(b.s, b.len, &sig);
	if (problem)
		return xstrdup(problem);
	if (mok_verify(certificate, b.s, sig.content_len, b.s + sig.at, sig.len, &why))
		return NULL;
	return xasprintf("its signature is not by the certificate: %s", why);
}

/*
 * Is the signed file the unsigned file plus a signature?  Returns NULL, or a text that says why
 * not; caller frees.
 */
static char *sign_check_content(const struct engine *e, const char *path, const char *unsigned_path)
{
	AUTO_BUF struct buf now = BUF_INIT;
	AUTO_BUF struct buf before = BUF_INIT;
	struct signature sig;
	int r = fs_read(&e->root, path, MODULE_MAX, &now);

	if (r == 0)
		r = fs_read(&e->root, unsigned_path, MODULE_MAX, &before);
	if (r < 0)
		return xstrdup(error_text(r));
	if (!signature_find(now.s, now.len, &sig) && sig.content_len == before.len &&
	    memcmp(now.s, before.s, before.len) == 0)
		return NULL;
	return xstrdup("it is not what was to be signed");
}

/*
 * Run sign-file.  Returns NULL, or a text that says what went wrong; caller frees.  If sign-file
 * was killed, *ret_killed is set to the error.
 */
static char *signer_run(const struct engine *e, const struct signer *s, const char *path,
			int *ret_killed)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_BUF struct buf output = BUF_INIT;
	AUTO_FREE char *how = NULL;
	struct proc_result res = { 0 };
	int r;

	strv_add(&spec.argv, s->program);
	strv_add(&spec.argv, s->hash);
	strv_add(&spec.argv, s->mok.key);
	strv_add(&spec.argv, s->mok.certificate);
	strv_add(&spec.argv, path);
	tool_prepare(e, SET_TOOL_TIMEOUT, &output, &spec);
	r = proc_run(&spec, &res);
	if (r == 0 && res.end == PROC_EXITED && res.status == 0)
		return NULL;
	if (r == 0 && proc_was_killed(&res))
		*ret_killed = proc_killed_error(&res);
	how = r < 0 ? xstrdup(error_text(r)) : proc_result_text(&spec, &res);
	while (output.len && output.s[output.len - 1] == '\n')
		buf_truncate(&output, output.len - 1);
	return xasprintf("%s: %s%s%s", s->program, how, output.len ? "\n" : "", output.s);
}

/* Append our own signature to the module.  Only this process ever has the key. */
static char *signer_sign_here(const struct engine *e, const struct signer *s, const char *path)
{
	AUTO_BUF struct buf content = BUF_INIT;
	AUTO_BUF struct buf key = BUF_INIT;
	AUTO_BUF struct buf message = BUF_INIT;
	AUTO_FD int fd = -1;
	char *why;
	int r = fs_read(&e->root, path, MODULE_MAX, &content);

	if (r < 0)
		return xasprintf("%s: %s", path, error_text(r));
	r = fs_read(&e->root, s->mok.key, CERTIFICATE_MAX, &key);
	if (r < 0)
		return xasprintf("%s: %s", s->mok.key, error_text(r));
	why = mok_sign(&key, &s->certificate, s->hash, content.s, content.len, &message);
	explicit_bzero(key.s, key.len);
	if (why)
		return why;
	signature_end(&message);
	fd = root_openat(&e->root, path, O_WRONLY | O_APPEND | O_NOFOLLOW, 0);
	r = fd < 0 ? fd : fd_write(fd, message.s, message.len);
	return r < 0 ? xasprintf("%s: %s", path, error_text(r)) : NULL;
}

static char *signer_sign(const struct engine *e, const struct signer *s, const char *path,
			 const char *unsigned_path, int *ret_killed)
{
	char *why = s->program ? signer_run(e, s, path, ret_killed) : signer_sign_here(e, s, path);

	if (!why)
		why = sign_check(e, path, &s->certificate);
	return why ? why : sign_check_content(e, path, unsigned_path);
}

int sign_module(const struct engine *e, const char *path, void *data, struct err *err)
{
	const struct signer *s = data;
	AUTO_FREE char *copy = xasprintf("%s.unsigned", path);
	AUTO_FREE char *why = NULL;
	int killed = 0, r = fs_copy_file(&e->root, path, copy);

	log_info("Signing module %s", path);
	if (r < 0)
		return err_sys(err, r, "%s", copy);
	why = signer_sign(e, s, path, copy, &killed);
	if (killed)
		return err_set(err, killed, "%s", why);
	if (why)
		log_warning("Failed to sign module '%s': %s", path, why);
	r = why ? fs_rename(&e->root, copy, path) : fs_unlink(&e->root, copy);
	if (r < 0)
		return err_sys(err, r, "%s", copy);
	return !why;
}

/* ---- for a run ---- */

void signers_release(struct signers *s)
{
	for (size_t i = 0; i < s->n; i++) {
		signer_release(s->v[i]);
		free(s->v[i]);
	}
	free(s->v);
	*s = (struct signers)SIGNERS_INIT;
}

static struct signer *signers_find(struct signers *s, const struct target *t)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->v[i]->release, t->release) && !strcmp(s->v[i]->arch, t->arch))
			return s->v[i];
	}
	return NULL;
}

static bool signers_have_said(const struct signers *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->v[i]->said, text))
			return true;
	}
	return false;
}

void sign_for_build(struct engine *e, struct signers *s, const struct target *t,
		    const struct kconfig *config, struct build_opts *opts, struct record *facts)
{
	struct signer *signer = signers_find(s, t);

	if (!signer) {
		signer = xmalloc(sizeof(*signer));
		sign_prepare(e, t, config, signer);
		if (!signers_have_said(s, signer->said))
			log_note("%s", signer->said);
		VEC_PUSH(s->v, s->n, signer);
	}
	opts->sign = signer->ready ? sign_module : NULL;
	opts->sign_data = signer->ready ? signer : NULL;
	opts->key = signer->mok.key;
	free(facts->signer);
	facts->signer = signer->ready ? xstrdup(signer->name) : NULL;
}
