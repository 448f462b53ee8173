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
 *	end
 *
 * Items are KIND KEY CHANGE [PACKAGE VERSION], separated by blanks or tabs; words are escaped by
 * buf_add_escaped(), '#' begins a comment line.  Items are hints: the disk is the truth.  `complete
 * KIND` says that every item of that kind that a package owns is listed.  `initramfs RELEASE
 * follows` says that after this event somebody else makes or removes the initramfs of that kernel,
 * so that making it now would be wasted work.
 *
 * Hooks and engine may be of different versions.  A line with an unknown word is skipped with a
 * warning, and its kind does not count as complete; no kind does if the version is not 1 or `end`
 * is missing.  Only a text whose first line is not that of an event is an error.  An empty text is
 * an event without items.
 *
 * `from kernel` is an event of a kernel's own hook, which runs while a package manager is at work
 * and knows only its kernel.  Only kernels that were added, replaced or removed are looked at, and
 * no kind is complete.  Owners are not remembered, except those of sources that no package manager
 * has told yet.  `present` tells which package ships headers or a source at that moment, so that
 * sources on the disk are built now and the package manager's own event finds them built.  Removed
 * sources are skipped with a warning: that is for the package manager to tell.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "model/ledger.h"

enum event_change { EVENT_ADDED, EVENT_REPLACED, EVENT_REMOVED, EVENT_PRESENT };
#define EVENT_KINDS 3 /* enum owned_kind */

struct event_item {
	enum owned_kind kind;
	char *key;
	enum event_change change;
	char *package, *version; /* may be NULL */
};

struct event {
	char *from;	  /* "apt", "rpm", "pacman", "kernel", "boot"; else "unknown" */
	bool kernel_only; /* from kernel */
	struct event_item *items;
	size_t n;
	bool complete[EVENT_KINDS];
	struct strv initramfs_follows; /* releases whose initramfs is made later */
	struct strv warnings;	       /* about lines that were skipped, with their numbers */
};
#define EVENT_INIT                                                    \
	{                                                             \
		.initramfs_follows = STRV_INIT, .warnings = STRV_INIT \
	}
#define AUTO_EVENT CLEANUP(event_release)

void event_release(struct event *e);
/*
 * Turn a listing of a package manager's database into the event of this kernel's hook: the kernel
 * was added, its initramfs follows, and the listed headers and sources have these owners.
 */
void event_for_kernel(struct event *e, const char *release);
/*
 * For events `from kernel`: the item that says that this kernel or its headers changed; NULL: none
 * does.  Owned by the event.
 */
const struct event_item *event_kernel(const struct event *e, const char *release);
/* The owner that an item names, package "unknown" and version "" if it does not.  Borrows all. */
struct owned event_owned(const struct event *e, const struct event_item *item);
/* Does an item say that a package ships the source in this folder? */
bool event_lists_source(const struct event *e, const char *folder);
/* -E_BAD_EVENT if the first line is not "dkms-event VERSION"; *ret is unchanged then. */
int event_parse(const char *text, size_t len, struct event *ret, struct err *err) MUST_CHECK;
void event_print(const struct event *e, struct buf *b);
const char *event_kind_name(enum owned_kind kind);
const char *event_change_name(enum event_change change);

/*
 * Add to ret who owns what after this event.  known: owners from earlier events.  Listed items are
 * added or replaced, removed ones dropped.  If a kind is complete, items of that kind from the same
 * package manager or from a kernel's hook that are not listed are dropped, too.  Items of other
 * package managers stay.
 *
 * From an event `from kernel` only removed kernels and the owners of present items are taken.  The
 * owner of that kernel's headers is dropped unless it is told, because their package may have
 * changed just now.
 */
void event_merge_owners(const struct event *e, const struct owners *known, struct owners *ret);
