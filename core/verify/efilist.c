/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/efilist.h"

#include <errno.h>
#include <string.h>

#define GUID	     16
#define HEADER	     28 /* of a list */
#define CERT_MINIMUM 2

static const struct {
	const char *guid;
	enum efilist_type type;
	size_t least;
} types[] = {
	{ "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72", EFILIST_CERTIFICATE,
	  CERT_MINIMUM },
	{ "\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28", EFILIST_HASH, 32 },
	{ "\x92\xa4\xd2\x3b\xc0\x96\x79\x40\xb4\x20\xfc\xf9\x8e\xf1\x03\xed",
	  EFILIST_CERTIFICATE_DIGEST, 32 },
};

static uint32_t efilist_number(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void efilist_entry(const unsigned char *guid, const unsigned char *data, size_t len,
			  efilist_fn fn, void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (memcmp(guid, types[i].guid, GUID) == 0 && len >= types[i].least)
			fn(types[i].type, data, len, arg);
	}
}

int efilist_parse(const void *data, size_t len, efilist_fn fn, void *arg)
{
	const unsigned char *p = data;

	while (len) {
		size_t list, header, entry, at;

		if (len < HEADER)
			return -EBADMSG;
		list = efilist_number(p + GUID);
		header = efilist_number(p + GUID + 4);
		entry = efilist_number(p + GUID + 8);
		if (list > len || list < HEADER || header > list - HEADER || entry <= GUID ||
		    (list - HEADER - header) % entry != 0)
			return -EBADMSG;
		for (at = HEADER + header; at < list; at += entry)
			efilist_entry(p, p + at + GUID, entry - GUID, fn, arg);
		p += list;
		len -= list;
	}
	return 0;
}
