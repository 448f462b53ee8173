/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * signature - find the signature in a signed module, which has content, PKCS#7 message, trailer and
 * magic text, in this order.
 *
 * The trailer is the kernel's struct module_signature (include/linux/module_signature.h): algo,
 * hash, id_type, signer_len, key_id_len, three bytes of padding, length of the message (big
 * endian).  For a PKCS#7 message all but id_type and the length are 0.  Pure.
 */
#include "base/buf.h"

struct signature {
	size_t content_len; /* length of the module without its signature */
	size_t at, len;	    /* offset and length of the message */
};

/* Append to a message what follows it in a signed module. */
void signature_end(struct buf *message);
/* Does `data` end with the magic text? */
bool signature_is_there(const void *data, size_t len);
/* Fill ret.  Returns NULL, or a static text that says why `data` is no signed module. */
const char *signature_find(const void *data, size_t len, struct signature *ret) MUST_CHECK;
