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
 * The message is in the "Native Journal Protocol", which systemd promises not to change and which
 * libsystemd uses, too.  Sending never waits: if the journal is not there, or is busy, the message
 * is lost.
 */
#include "base/buf.h"
#include "sys/root.h"

#define SDJOURNAL_SOCKET "/run/systemd/journal/socket"

/*
 * Append a field to `b`.  `name` may have upper case letters, digits and '_'.  Does nothing if
 * `value` is NULL or empty.  At most SDJOURNAL_VALUE_MAX bytes of the value are taken, so that a
 * message fits into one datagram.
 */
enum { SDJOURNAL_VALUE_MAX = 4 << 10 };
void sdjournal_field(struct buf *b, const char *name, const char *value);
/*
 * Send the message.  -ENOENT or -ECONNREFUSED: there is no journal; -EAGAIN: it is busy; -EXDEV:
 * the root is not ours, so the message is not for this machine's journal.
 */
int sdjournal_send(const struct root *r, const struct buf *b) MUST_CHECK;
