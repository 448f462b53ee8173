/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * firmware - what the firmware and shim say: is Secure Boot on, which keys are trusted or revoked.
 *
 * All of it stands in EFI variables, the files of /sys/firmware/efi/efivars in the root: four bytes
 * of attributes, then the value.  shim copies the owner's lists to MokListRT and MokListXRT when it
 * starts, so a key that is to be enrolled is not there before the next boot.
 */
#include "base/buf.h"
#include "engine/digest.h"
#include "engine/engine.h"

enum firmware_boot {
	FIRMWARE_INSECURE, /* Secure Boot is off, or there is no EFI firmware */
	FIRMWARE_SECURE,
	FIRMWARE_UNKNOWN, /* there is EFI firmware, and its variables cannot be read */
};

enum key_place {
	KEY_FIRMWARE, /* db */
	KEY_OWNER,    /* MokListRT */
	KEY_OURS,     /* the certificate of the key with which we sign */
	KEY_KERNEL,   /* the key that signs the kernel's own modules, from the headers */
};

struct key {
	struct buf certificate;
	enum key_place place;
	bool revoked;
};

struct firmware {
	bool efi;
	enum firmware_boot boot;
	bool damaged; /* a list of keys is damaged: more keys may be trusted or revoked */
	struct key *keys;
	size_t n;
	/* Revoked: SHA-256 of files, and of the signed part of certificates; 32 bytes each. */
	unsigned char (*hashes)[32];
	size_t n_hashes;
};
#define AUTO_FIRMWARE CLEANUP(firmware_release)
void firmware_release(struct firmware *f);
/* Read the variables.  ret->keys has no KEY_OURS and no KEY_KERNEL. */
void firmware_read(const struct engine *e, struct firmware *ret);
/* Hash all that is known of the firmware. */
void firmware_digest(const struct firmware *f, char ret[DIGEST_HEX]);
/* Add a key.  It is revoked if the lists say so. */
void firmware_add_key(struct firmware *f, const struct buf *certificate, enum key_place place);
/* Is this SHA-256 among the hashes? */
bool firmware_has_hash(const struct firmware *f, const unsigned char hash[32]);
/*
 * The value of an EFI variable without its attributes.  `name` has the vendor's GUID at its end.
 * -ENOENT: it is not set; -EBADMSG: the file is too short.
 */
int firmware_variable(const struct engine *e, const char *name, struct buf *ret) MUST_CHECK;
