/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * cpio - files in an initramfs, read as a stream.
 *
 * An initramfs is one or more archives in cpio's "newc" form, with zeros between them.  A part may
 * be compressed; the reader stops there, and the caller unpacks it and feeds what comes out to the
 * same reader.  Only the content of wanted files is kept, one at a time.  Starts nothing and
 * reads no file.
 */
#include "base/buf.h"

/* Is the content of the file at this path in the archive wanted? */
typedef bool (*cpio_wants_fn)(const char *path, void *arg);
/* Called for each wanted file. */
typedef void (*cpio_fn)(const char *path, const struct buf *content, void *arg);

enum cpio_state {
	CPIO_HEADER,
	CPIO_NAME,
	CPIO_DATA,
	CPIO_PADDING, /* after the data, or between archives */
	CPIO_STOPPED, /* what follows is no archive, e.g. a compressed part */
};

struct cpio {
	cpio_wants_fn wants;
	cpio_fn fn;
	void *arg;
	enum cpio_state state;
	uint64_t offset;    /* of the next byte, in the part that is read */
	struct buf part;    /* header or name, as far as it has come */
	struct buf path;    /* of the file whose content comes */
	struct buf content; /* of that file, if it is wanted */
	uint64_t left;	    /* bytes of the name or content that are to come */
	uint64_t size;	    /* of the content */
	bool wanted;
	bool whole; /* the last archive has ended as it should */
};
/* Begin.  The caller ends it with cpio_release(). */
void cpio_begin(struct cpio *c, cpio_wants_fn wants, cpio_fn fn, void *arg);
/*
 * Read on; returns how many bytes were used.  If that is less than `len`, c->state is CPIO_STOPPED
 * and the rest is no archive.
 */
size_t cpio_feed(struct cpio *c, const char *data, size_t len);
/* Begin with another part: what comes now was compressed. */
void cpio_next_part(struct cpio *c);
void cpio_release(struct cpio *c);
