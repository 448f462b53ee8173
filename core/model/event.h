/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * event - facts from a package manager, as text (the stdin of `dkms event`).
 *
 *	dkms-event 1
 *	from apt
 *	headers 6.1.0-56-amd64 added linux-headers-6.1.0-56-amd64 6.1.192-2
 *	source v4l2loopback-0.12.7 present v4l2loopback-dkms 0.12.7-2
 *	complete source
 *	end
 *
 * KIND KEY CHANGE [PACKAGE VERSION], blanks or tabs between the words, words
 * escaped as by buf_add_escaped(); '#' begins a comment line.  Lines are
 * hints: the disk is the truth.  `complete KIND` says that every
 * package-owned item of that kind is listed.  `initramfs RELEASE follows`: after this event
 * somebody else makes that kernel's initramfs, or removes it, so that ours would be in vain.
 *
 * Old hooks meet newer engines and the other way round: a line with an
 * unknown word is put into warnings and skipped, and its kind counts as
 * incomplete; so does every kind when the version is not 1 or `end` is
 * missing.  Only a text that is no event at all is an error.  An empty text is the empty event.
 *
 * "from kernel" is special: a kernel's own hooks speak, in the middle of what a package manager
 * does.  Other kernels are none of their business: only those that were added, replaced or removed
 * are looked at, and nothing is complete.  Who owns what is not remembered, except for sources
 * whose owner no package manager has told yet.  What is `present` tells which package ships it at
 * this moment: sources that are on the disk already are built for
 * those kernels, so that what the package manager has still to tell finds that done.  That one was
 * removed is for the package manager to say, and is skipped with a warning.
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
	char *package, *version; /* NULL when not told */
};

struct event {
	char *from;	  /* "apt", "rpm", "pacman", "kernel", "boot"; "unknown" when not told */
	bool kernel_only; /* from kernel */
	struct event_item *items;
	size_t n;
	bool complete[EVENT_KINDS];
	struct strv initramfs_follows; /* kernels: somebody makes theirs afterwards */
	struct strv warnings;	       /* one line each, with the line's number */
};
#define EVENT_INIT                                                    \
	{                                                             \
		.initramfs_follows = STRV_INIT, .warnings = STRV_INIT \
	}
#define AUTO_EVENT CLEANUP(event_release)

void event_release(struct event *e);
/*
 * Make of what a package manager's database lists what the hook of this kernel says while the
 * package manager is at work: that it was added, who ships the headers and sources that are there,
 * and that its initramfs follows.
 */
void event_for_kernel(struct event *e, const char *release);
/*
 * Of a kernel's own hooks: the line that something happened to this kernel or its headers; NULL:
 * there is none.  Borrowed.
 */
const struct event_item *event_kernel(const struct event *e, const char *release);
/* What a line says of who owns what: "unknown" and "" where it does not say it.  Borrowed. */
struct owned event_owned(const struct event *e, const struct event_item *item);
/* Is there a line that says that this folder is a packaged source? */
bool event_lists_source(const struct event *e, const char *folder);
/* -E_BAD_EVENT when the first line is not "dkms-event NUMBER". */
int event_parse(const char *text, size_t len, struct event *ret, struct err *err) MUST_CHECK;
void event_print(const struct event *e, struct buf *b);
const char *event_kind_name(enum owned_kind kind);
const char *event_change_name(enum event_change change);

/*
 * Who owns what after this event: known (what earlier events told) brought up
 * to date.  Of a complete kind, what event->from owned, or a kernel's hook told, and is not listed
 * any more is left out; otherwise listed items are added and removed ones left out.  Items of other
 * package managers stay.
 *
 * Of a kernel's own hooks nothing is learnt but that a kernel was removed and who ships what is
 * present; and who owns the headers of such a kernel counts as unknown if it is not told, because
 * their package may just have changed.
 */
void event_merge_owners(const struct event *e, const struct ledger *known, struct ledger *ret);
