/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * efilist - the lists of keys and hashes in EFI variables: db, dbx, MokListRT, MokListXRT.
 *
 * A variable has lists (EFI_SIGNATURE_LIST), each of one type: the type's GUID, the size of the
 * list, of its header and of an entry, the header, then the entries.  An entry begins with the GUID
 * of its owner.  Numbers are little endian.  As in the kernel, what comes after a damaged list is
 * not used.  Pure.
 */
#include "base/buf.h"

enum efilist_type {
	EFILIST_CERTIFICATE,	    /* a certificate, DER */
	EFILIST_HASH,		    /* SHA-256 of a file: 32 bytes */
	EFILIST_CERTIFICATE_DIGEST, /* SHA-256 of a certificate's signed part, then a time */
};
typedef void (*efilist_fn)(enum efilist_type type, const void *data, size_t len, void *arg);
/* Call fn for each entry of a known type.  -EBADMSG: the variable is damaged. */
int efilist_parse(const void *data, size_t len, efilist_fn fn, void *arg) MUST_CHECK;
