/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * sdjournal - a message with fields for systemd's journal, through its socket.
 *
 *	AUTO_BUF struct buf b = BUF_INIT;
 *	sdjournal_field(&b, "MESSAGE", text);
 *	sdjournal_field(&b, "PRIORITY", "3");
 *	r = sdjournal_send(root, &b);
 *
 * This is the "Native Journal Protocol", which systemd promises not to change and which libsystemd
 * uses, too.  Sending never waits: a journal that is not there, or that is busy, does not get the
 * message.
 */
#include "base/buf.h"
#include "sys/root.h"

#define SDJOURNAL_SOCKET "/run/systemd/journal/socket"

/*
 * Append a field.  `name` has upper case letters, digits and '_'.  Does nothing if `value` is NULL
 * or empty.  At most SDJOURNAL_VALUE_MAX bytes of the value are taken, so that a message fits into
 * one datagram.
 */
enum { SDJOURNAL_VALUE_MAX = 4 << 10 };
void sdjournal_field(struct buf *b, const char *name, const char *value);
/*
 * Returns 0, or -errno: -ENOENT or -ECONNREFUSED without a journal, -EAGAIN if it is busy, -EXDEV
 * for a root other than ours: the journal of the host has nothing to do with it.
 */
int sdjournal_send(const struct root *r, const struct buf *b) MUST_CHECK;
