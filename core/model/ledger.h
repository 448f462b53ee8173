/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ledger - what the engine remembers beside the builds themselves:
 * who owns a source, which kernels a package brought, a person's holds, failures not worth
 * repeating, conf verdicts, what packages' scripts asked for.
 *
 * Each is one small text file below <dkms_tree>/.native/, a first line
 * "dkms-NAME 1", one entry a line with escaped words (lines.h), a last
 * line "end"; files are replaced whole (tx.h).  An entry is taken whole or not at all: every word
 * that it needs is there, names are names (modid.h).  One that is not costs only itself; words of a
 * newer engine are passed over.
 *
 *	kernel|headers|source key=K from=F package=P version=V
 *	absent|version name=N version=V release=R arch=A [seen=STAMP]
 *	removed name=N version=V [seen=STAMP]
 *	failed name=N version=V release=R arch=A key=KEY [what=TEXT] [log=PATH]
 *	conf name=N version=V release=R arch=A key=KEY [excluded=WHY] [bad=WHY] [autoinstall]
 *		[remake-initrd] [depends-rebuild] [depends=N]... [module=DEST]...
 *	add|remove name=N version=V
 *
 * A zeroed struct ledger is an empty one.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "model/modid.h"

/* .native/owners: package-owned items, from the last events that named them. */
/*
 * Instead of `from`: no package has it any more, but the kernel's tree was still there, or builds
 * of the source had to stay.
 */
#define LEDGER_GONE "gone"
/* A kernel's hook said so, for whichever package manager was at work: the next complete list settles it. */
#define LEDGER_HOOK "kernel"
enum owned_kind { OWNED_KERNEL, OWNED_HEADERS, OWNED_SOURCE };
struct owned {
	enum owned_kind kind;
	char *key;  /* release, or folder's name under <source_tree> */
	char *from; /* who said so: "apt", "rpm", "pacman", LEDGER_GONE or LEDGER_HOOK */
	char *package, *version;
};

/*
 * .native/holds: a person's choice that events respect, for what it names: ABSENT and VERSION for a
 * module package on one kernel (one of the two), REMOVED for one version of it.
 */
enum hold_kind {
	HOLD_ABSENT,  /* uninstalled by hand for this kernel */
	HOLD_VERSION, /* this (older) version was installed by hand for this kernel */
	HOLD_REMOVED, /* removed by hand although a package ships the source */
};
struct hold {
	enum hold_kind kind;
	char *name;
	char *version;	      /* ABSENT: the version that was uninstalled */
	char *release, *arch; /* NULL for HOLD_REMOVED: every kernel */
	char *seen;	      /* the newest version there was then (REMOVED: this one), "VERSION" or
				 "VERSION=OWNER-VERSION" (want.h); the hold lasts until there is a newer one
			       */
};

/* .native/failures: make or PRE_BUILD ended non-zero by itself for exactly this input. */
struct failure {
	char *name, *version, *release, *arch;
	char *key; /* hash over source content, overrides, headers' identity, compiler, dependencies
		    */
	char *what; /* first error line, for people */
	char *log;  /* path of the log that is kept */
};

/* .native/verdicts: a conf × kernel pair as the planner needs it. */
struct verdict {
	char *name, *version, *release, *arch;
	char *key; /* hash over conf, overrides, headers' identity, options */
	bool autoinstall, remake_initrd, depends_rebuild;
	char *excluded; /* reason, NULL: may be built */
	char *bad;	/* why the conf is invalid, NULL: fine */
	struct strv depends;
	struct strv modules; /* destination names that this kernel gets */
};

/*
 * .native/requests: what a package's script asked for while its package manager was still at work;
 * carried out by the next event that lists the sources completely.  One a module package: the last
 * word counts.
 */
enum request_kind {
	REQUEST_ADD,	/* register it, whether a package ships the source or not */
	REQUEST_REMOVE, /* as if its source was gone, unless a package still ships it */
};
struct request {
	enum request_kind kind;
	char *name, *version;
};

struct ledger {
	struct owned *owned;
	size_t n_owned;
	struct hold *holds;
	size_t n_holds;
	struct failure *failures;
	size_t n_failures;
	struct verdict *verdicts;
	size_t n_verdicts;
	struct request *requests;
	size_t n_requests;
};
#define AUTO_LEDGER CLEANUP(ledger_release)

void ledger_release(struct ledger *l);
void verdict_release(struct verdict *v);

enum ledger_file {
	LEDGER_OWNERS,
	LEDGER_HOLDS,
	LEDGER_FAILURES,
	LEDGER_VERDICTS,
	LEDGER_REQUESTS,
	LEDGER_COUNT_
};
/* "kernel", "headers", "source". */
const char *owned_kind_name(enum owned_kind kind);
bool owned_kind_parse(const char *word, enum owned_kind *ret);
/* "absent", "version", "removed": the words of every text and document. */
const char *hold_kind_name(enum hold_kind kind);
/* False for another word. */
bool hold_kind_parse(const char *word, enum hold_kind *ret);
/* "add", "remove". */
const char *request_kind_name(enum request_kind kind);
bool request_kind_parse(const char *word, enum request_kind *ret);

const char *ledger_file_name(enum ledger_file f); /* "owners", "holds", ... */
void ledger_print(const struct ledger *l, enum ledger_file f, struct buf *b);
/*
 * Append a file's entries to the ledger.  -E_CORRUPT: some of it cannot be used, err says what; the
 * entries that can are appended all the same.
 */
int ledger_parse(const char *text, size_t len, enum ledger_file f, struct ledger *l,
		 struct err *err) MUST_CHECK;

/* NULL when there is none. */
struct owned *ledger_owned(const struct ledger *l, enum owned_kind kind, const char *key);
/* The same for what a package has now: not what is only remembered as LEDGER_GONE. */
struct owned *ledger_owner(const struct ledger *l, enum owned_kind kind, const char *key);
struct hold *ledger_hold(const struct ledger *l, enum hold_kind kind, const char *name,
			 const char *release, const char *arch);
struct hold *ledger_hold_removed(const struct ledger *l, const char *name, const char *version);
struct failure *ledger_failure(const struct ledger *l, const char *name, const char *version,
			       const char *release, const char *arch);
struct verdict *ledger_verdict(const struct ledger *l, const char *name, const char *version,
			       const char *release, const char *arch);
struct request *ledger_request(const struct ledger *l, const char *name, const char *version);
/* Add (taking the members over, replacing an entry of the same subject) and remove. */
void ledger_put_owned(struct ledger *l, struct owned *o);
/* The same for a copy of o; from: who said so, NULL: as in o. */
void ledger_copy_owned(struct ledger *l, const struct owned *o, const char *from);
void ledger_put_hold(struct ledger *l, struct hold *h);
void ledger_put_failure(struct ledger *l, struct failure *f);
void ledger_put_verdict(struct ledger *l, struct verdict *v);
void ledger_put_request(struct ledger *l, struct request *r);
void ledger_drop_owned(struct ledger *l, enum owned_kind kind, const char *key);
/* REMOVED: of this version; the others: both, of this name on this kernel. */
void ledger_drop_hold(struct ledger *l, enum hold_kind kind, const struct modid *id,
		      const char *release, const char *arch);
/* NULL: any. */
void ledger_drop_failures(struct ledger *l, const char *name, const char *version,
			  const char *release, const char *arch);
void ledger_drop_verdicts(struct ledger *l, const char *name, const char *version,
			  const char *release, const char *arch);
void ledger_drop_request(struct ledger *l, const char *name, const char *version);
