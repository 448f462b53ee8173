/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/firmware.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "build/mok.h"
#include "sys/fs.h"
#include "verify/efilist.h"

#define EFI	   "/sys/firmware/efi"
#define VARIABLES  EFI "/efivars"
#define GLOBAL	   "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define DATABASE   "-d719b2cb-3d3a-4596-a3bc-dad00e67656f"
#define SHIM	   "-605dab50-e046-4300-abb6-3dd810dd8b23"
#define ATTRIBUTES 4

enum {
	VARIABLE_MAX = 4 << 20,
	MORE_MAX = 64, /* shim splits a list into MokListRT, MokListRT1, ... */
};

void firmware_release(struct firmware *f)
{
	for (size_t i = 0; i < f->n; i++)
		buf_release(&f->keys[i].certificate);
	free(f->keys);
	free(f->hashes);
	*f = (struct firmware){ 0 };
}

int firmware_variable(const struct engine *e, const char *name, struct buf *ret)
{
	AUTO_FREE char *path = xasprintf("%s/%s", VARIABLES, name);
	AUTO_BUF struct buf b = BUF_INIT;
	int r = fs_read(&e->root, path, VARIABLE_MAX, &b);

	if (r < 0)
		return r;
	if (b.len <= ATTRIBUTES)
		return -EBADMSG;
	buf_add(ret, b.s + ATTRIBUTES, b.len - ATTRIBUTES);
	return 0;
}

/* A variable of one byte that is 0 or 1: its value, or -errno. */
static int firmware_flag(const struct engine *e, const char *name)
{
	AUTO_BUF struct buf b = BUF_INIT;
	int r = firmware_variable(e, name, &b);

	if (r < 0)
		return r;
	return b.len == 1 && (unsigned char)b.s[0] <= 1 ? b.s[0] : -EBADMSG;
}

/*
 * Secure Boot is on if SecureBoot is 1, SetupMode is 0 and shim does not say that the owner has
 * turned it off.
 */
static enum firmware_boot firmware_boot(const struct engine *e)
{
	int secure = firmware_flag(e, "SecureBoot" GLOBAL);
	int setup = firmware_flag(e, "SetupMode" GLOBAL);
	int off = firmware_flag(e, "MokSBStateRT" SHIM);

	if (secure == -ENOENT) {
		AUTO_STRV struct strv all = STRV_INIT;

		/* Firmware that has variables, but not this one, does not know Secure Boot. */
		return fs_list(&e->root, VARIABLES, &all) == 0 && all.n ? FIRMWARE_INSECURE
									: FIRMWARE_UNKNOWN;
	}
	if (secure < 0)
		return FIRMWARE_UNKNOWN;
	return secure == 1 && setup != 1 && off != 1 ? FIRMWARE_SECURE : FIRMWARE_INSECURE;
}

/* ---- lists ---- */

struct firmware_list {
	struct firmware *f;
	bool revokes;
	enum key_place place;
};

static void firmware_add_hash(struct firmware *f, const void *hash)
{
	f->hashes = vec_grow(f->hashes, f->n_hashes, sizeof(*f->hashes));
	memcpy(f->hashes[f->n_hashes++], hash, sizeof(*f->hashes));
}

static void firmware_take(enum efilist_type type, const void *data, size_t len, void *arg)
{
	struct firmware_list *l = arg;
	AUTO_BUF struct buf certificate = BUF_INIT;
	unsigned char digest[32];

	if (l->revokes && type != EFILIST_CERTIFICATE) {
		firmware_add_hash(l->f, data);
		return;
	}
	if (type != EFILIST_CERTIFICATE)
		return;
	buf_add(&certificate, data, len);
	if (!l->revokes)
		firmware_add_key(l->f, &certificate, l->place);
	else if (mok_certificate_digest(&certificate, digest) == 0)
		firmware_add_hash(l->f, digest);
}

/* Read a variable and those that continue it. */
static void firmware_read_list(const struct engine *e, const char *name, const char *vendor,
			       struct firmware_list *l)
{
	for (size_t i = 0; i < MORE_MAX; i++) {
		AUTO_FREE char *number = i ? xasprintf("%zu", i) : xstrdup("");
		AUTO_FREE char *variable = xasprintf("%s%s%s", name, number, vendor);
		AUTO_BUF struct buf b = BUF_INIT;
		int r = firmware_variable(e, variable, &b);

		if (r == -ENOENT)
			return;
		if (r < 0 || efilist_parse(b.s, b.len, firmware_take, l) < 0) {
			log_debug("The EFI variable %s is damaged", variable);
			l->f->damaged = true;
		}
	}
}

void firmware_read(const struct engine *e, struct firmware *ret)
{
	struct firmware_list l = { .f = ret, .revokes = true };

	*ret = (struct firmware){ .efi = fs_is_dir(&e->root, EFI) };
	if (!ret->efi)
		return;
	ret->boot = firmware_boot(e);
	/* First what is revoked: firmware_add_key() asks for it. */
	firmware_read_list(e, "dbx", DATABASE, &l);
	firmware_read_list(e, "MokListXRT", SHIM, &l);
	l.revokes = false;
	l.place = KEY_FIRMWARE;
	firmware_read_list(e, "db", DATABASE, &l);
	l.place = KEY_OWNER;
	firmware_read_list(e, "MokListRT", SHIM, &l);
}

bool firmware_has_hash(const struct firmware *f, const unsigned char hash[32])
{
	for (size_t i = 0; i < f->n_hashes; i++) {
		if (memcmp(f->hashes[i], hash, sizeof(f->hashes[i])) == 0)
			return true;
	}
	return false;
}

void firmware_add_key(struct firmware *f, const struct buf *certificate, enum key_place place)
{
	struct key k = { .certificate = BUF_INIT, .place = place };
	unsigned char digest[32];

	if (mok_certificate_digest(certificate, digest) < 0)
		return;
	k.revoked = firmware_has_hash(f, digest);
	buf_add(&k.certificate, certificate->s, certificate->len);
	VEC_PUSH(f->keys, f->n, k);
}

void firmware_digest(const struct firmware *f, char ret[DIGEST_HEX])
{
	const unsigned char facts[3] = { f->efi, (unsigned char)f->boot, f->damaged };
	struct digest d;

	digest_begin(&d);
	digest_add(&d, facts, sizeof(facts));
	for (size_t i = 0; i < f->n; i++) {
		const unsigned char place[2] = { (unsigned char)f->keys[i].place,
						 f->keys[i].revoked };

		digest_add(&d, place, sizeof(place));
		digest_add(&d, f->keys[i].certificate.s, f->keys[i].certificate.len);
	}
	digest_add(&d, f->hashes, f->n_hashes * sizeof(*f->hashes));
	digest_end(&d, ret);
}
