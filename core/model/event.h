/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * event - facts from a package manager, as text: the standard input of `dkms event`.
 *
 *	dkms-event 1
 *	from apt
 *	headers 6.1.0-56-amd64 added linux-headers-6.1.0-56-amd64 6.1.192-2
 *	source v4l2loopback-0.12.7 present v4l2loopback-dkms 0.12.7-2
 *	complete source
 *	initramfs 6.1.0-56-amd64 follows
 *	phase settled
 *	end
 *
 * An item is a line KIND KEY CHANGE [PACKAGE VERSION].  Words are separated by blanks or tabs and
 * escaped by buf_add_escaped().  A line that begins with '#' is a comment.  Items are hints: the
 * disk is the truth.
 *
 * CHANGE is added, replaced, removed or present.  For headers it can also be `unready`: the headers
 * are on the disk, but a package that they depend on is not.  Nothing is built with them in this
 * event.
 *
 * `complete KIND` says that the event lists every item of that kind that a package owns.
 * `initramfs RELEASE follows` says that somebody else makes or removes the initramfs of that
 * kernel after this event, so the engine need not make it.
 *
 * `phase middle` says that a package manager is at work, and that its next steps can change how a
 * build ends.  `phase settled` says that no such step follows.  `phase last` says that, too, and
 * that dkms itself has been removed: this event only removes, it installs nothing.  Without such a
 * line an event `from kernel` is of the middle, and every other event is settled.  For an event of
 * the middle these rules apply:
 *
 * - No kind is complete.  So an item that is not listed does not count as gone, and no request is
 *   carried out.  The listed sources are registered all the same.
 * - An item that says that something was removed is skipped with a warning, except in an event
 *   `from kernel`.
 * - A build that fails is not tried again by later events of the middle.  A settled event tries it
 *   again (failure.middle in ledger.h).
 *
 * Hooks and engine may be of different versions.  So a line that is not understood is skipped with
 * a warning.  If that line is an item, its kind does not count as complete.  No kind counts as
 * complete if `end` is missing, the version is not 1, or a line is not escaped text.  The only
 * error is a first line that is not "dkms-event VERSION".  An empty text is an event without
 * items.
 *
 * `from kernel` marks the event of a kernel's own hook.  The hook runs while a package manager is
 * at work, and knows only its own kernel.  So these rules apply:
 *
 * - Only kernels that changed, or whose headers changed, are looked at.
 * - No kind is complete.
 * - Owners are not recorded, except that of a registered source whose owner is not known yet.
 * - `present` tells which package ships headers or a source at that moment.  Such a source is
 *   registered and built now, and the package manager's own event finds it built.
 * - An item that says that a source was removed is skipped with a warning: only the package
 *   manager can tell that.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "model/ledger.h"

enum event_change {
	EVENT_ADDED,
	EVENT_REPLACED,
	EVENT_REMOVED,
	EVENT_PRESENT,
	EVENT_UNREADY, /* headers only */
};
#define EVENT_KINDS 3 /* enum owned_kind */

struct event_item {
	enum owned_kind kind;
	char *key;
	enum event_change change;
	char *package, *version; /* may be NULL */
};

struct event {
	char *from;	  /* e.g. "apt", "rpm", "kernel"; "unknown" without a line `from` */
	bool kernel_only; /* from kernel */
	bool middle;	  /* phase middle, or from kernel without a phase */
	bool last;	  /* phase last */
	struct event_item *items;
	size_t n;
	bool complete[EVENT_KINDS];
	struct strv initramfs_follows; /* releases whose initramfs somebody else makes */
	struct strv warnings;	       /* about lines that were skipped, with their numbers */
};
#define EVENT_INIT                                                    \
	{                                                             \
		.initramfs_follows = STRV_INIT, .warnings = STRV_INIT \
	}
#define AUTO_EVENT CLEANUP(event_release)

void event_release(struct event *e);
/*
 * Turn *e, a listing of a package manager's database, into the event of a kernel's own hook: the
 * kernel `release` was added, and its initramfs follows.  Headers and sources of the listing stay
 * and tell their owners.  Kernels of the listing are dropped.  The event is of the middle.
 */
void event_for_kernel(struct event *e, const char *release);
/*
 * For an event `from kernel`: returns the item that says that this kernel or its headers changed,
 * or NULL if there is no such item.  The event owns the item.
 */
const struct event_item *event_kernel(const struct event *e, const char *release);
/*
 * The owner that an item names.  Its package is "unknown" if the item has none, and its version is
 * "" if the item has none.  The strings belong to the event and to the item.
 */
struct owned event_owned(const struct event *e, const struct event_item *item);
/* Does an item say that the headers of this kernel are not ready? */
bool event_headers_unready(const struct event *e, const char *release);
/* Does an item say that a package ships the source in this folder? */
bool event_lists_source(const struct event *e, const char *folder);
/* Does an item say that the package of this source was installed, for the first time or again? */
bool event_brings_source(const struct event *e, const char *folder);
/*
 * Returns 0, or -E_BAD_EVENT if the first line is not "dkms-event VERSION"; then *ret is unchanged.
 */
int event_parse(const char *text, size_t len, struct event *ret, struct err *err) MUST_CHECK;
void event_print(const struct event *e, struct buf *b);
const char *event_kind_name(enum owned_kind kind);
const char *event_change_name(enum event_change change);

/*
 * Add to *ret who owns what after this event.  `known` holds the owners that earlier events have
 * told.
 *
 * An item `added`, `replaced`, `present` or `unready` sets an owner, and `removed` drops the owner.
 * If the event lists all items of a kind, the owners of items that it does not list are dropped,
 * too.  But an owner that another package manager has told is kept, and so is LEDGER_GONE.
 *
 * An event `from kernel` sets the owners of sources and of `present` and `unready` items.  It drops
 * the owner of a removed kernel.  For each kernel that changed it drops the owner of the headers,
 * because the headers' package may have changed just now; a `present` or `unready` item sets that
 * owner anew.
 */
void event_merge_owners(const struct event *e, const struct owners *known, struct owners *ret);
