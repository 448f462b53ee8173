/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ledger - what the engine remembers apart from builds: who owns sources, kernels and headers;
 * holds; failed builds; verdicts about confs; requests of maintainer scripts; kernels to come.
 *
 * Each ledger is a small text file in <dkms_tree>/.native/: a first line "dkms-NAME 1", a line of
 * escaped words for each entry (lines.h), and a last line "end".  It is always replaced as a whole
 * (tx/tx.h).  An entry that lacks a required word, or has a name that modid.h refuses, is skipped;
 * the other entries count.  Unknown words are ignored, because a newer engine may have written
 * them.
 *
 *	kernel|headers|source key=K from=F package=P version=V
 *	absent|version name=N version=V [release=R arch=A] [seen=STAMP]
 *	removed name=N version=V [seen=STAMP]
 *	failed name=N version=V release=R arch=A key=KEY [what=TEXT] [log=PATH] [cause=CLASS]
 *		[since=SECONDS] [run=ID] [middle]
 *	conf name=N version=V release=R arch=A key=KEY [excluded=WHY] [bad=WHY] [autoinstall]
 *		[remake-initrd] [depends-rebuild] [depends=N]... [module=DEST]...
 *	add|remove name=N version=V
 *	candidate release=R from=F [since=SECONDS] [package=NAME=VERSION]...
 *	gate release=R from=F since=SECONDS [released] [package=NAME=VERSION]... [module=N/V]...
 *		[why=TEXT]...
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "model/modid.h"

/* .native/owners: what packages own, as events told. */
/*
 * owned.from has this value if a package owned the kernel or source, and no package owns it now.
 * The entry stays as long as the kernel, or builds of the source, are there.  From it later events
 * know that a kernel or source that is missing was removed, and not just lost.
 */
#define LEDGER_GONE "gone"
/*
 * owned.from has this value if a kernel's own hook told the owner.  The hook does not know the
 * package manager, so the next event that lists all items of the kind, from any package manager,
 * replaces the entry.
 */
#define LEDGER_HOOK "kernel"
enum owned_kind { OWNED_KERNEL, OWNED_HEADERS, OWNED_SOURCE };
struct owned {
	enum owned_kind kind;
	char *key;  /* kernel release, or name of a folder in <source_tree> */
	char *from; /* "apt", "rpm", "pacman", LEDGER_GONE or LEDGER_HOOK */
	char *package, *version;
};

/*
 * .native/holds: choices of a person that events respect.  ABSENT and VERSION are about a module
 * package, either on one kernel or on every kernel, and exclude each other.  If a kernel has a hold
 * of its own, the hold on every kernel does not count there.  REMOVED is about one version on all
 * kernels.
 */
enum hold_kind {
	HOLD_ABSENT,  /* uninstalled by hand for this kernel, or held while not installed */
	HOLD_VERSION, /* an older version was installed by hand, or the installed one is held */
	HOLD_REMOVED, /* removed by hand, while a package ships the source */
};
struct hold {
	enum hold_kind kind;
	char *name;
	char *version;	      /* for ABSENT, the one uninstalled or named to `dkms hold` */
	char *release, *arch; /* both NULL: REMOVED, or a hold on every kernel */
	/*
	 * The newest version of the module package when the hold was made; for REMOVED, the removed
	 * version.  The text is "VERSION" or "VERSION=PACKAGE-VERSION" (want_stamp() in
	 * decide/want.h).  Each of these ends the hold:
	 *
	 * - a newer version of the module package
	 * - another version of the package that ships it, or a new install of that package
	 * - a person who installs the module package for this kernel or, for REMOVED, adds this
	 *   version
	 *
	 * The text HOLD_FIRM means that no new version and no new install ends the hold.  A person
	 * ends it by `dkms unhold`, or by another choice, e.g. the install of another version.
	 *
	 * Every hold ends when its kernel or its module package is gone.
	 */
	char *seen;
};
#define HOLD_FIRM "*" /* hold.seen of a hold that `dkms hold` has set */

/*
 * .native/failures: the standing record of failed builds, one entry for each module package and
 * kernel.  It is written when a build fails, and dropped when the build succeeds, when the conf
 * excludes the kernel, and when the module package or the kernel is gone.
 */
struct failure {
	char *name, *version, *release, *arch;
	/*
	 * All that the build depended on, "HASH/HEADERS" (survey/failurekey.h): a build with the
	 * same key would fail again, so events do not try it.  "": the machine was at fault, and
	 * the next event tries again.
	 */
	char *key;
	char *what;	/* the line that says why, e.g. the first error of the compiler */
	char *log;	/* path of the log; "": none was kept */
	char *cause;	/* class of the cause, e.g. "api-removed"; NULL: an older engine wrote it */
	int64_t since;	/* when it first failed for this reason; seconds since 1970, 0: not known */
	char *confined; /* how its programs were confined, as in struct record; NULL: not known */
	char *run;	/* id of the last run that tried (model/history.h); NULL: not known */
	/*
	 * The build failed while a package manager was at work (struct event.middle).  Later events
	 * of the middle do not try the build again.  A settled event does: a success drops this
	 * entry, and another failure replaces it.
	 */
	bool middle;
};

/* .native/verdicts: what the planner must know of a conf for one kernel. */
struct verdict {
	char *name, *version, *release, *arch;
	char *key; /* hash of all that the conf's values can depend on (survey/surveyconf.c) */
	bool autoinstall, remake_initrd, depends_rebuild;
	char *excluded; /* why not for this kernel; NULL: may be built */
	char *bad;	/* why the conf is invalid; NULL: it is valid */
	struct strv depends;
	struct strv modules; /* destination names of the modules for this kernel */
};

/*
 * .native/requests: what a maintainer script asked for while its package manager was at work.  The
 * next event that lists all sources carries the request out.  A newer request for the same module
 * package replaces the older one.
 */
enum request_kind {
	REQUEST_ADD,	/* even if no package ships the source */
	REQUEST_REMOVE, /* unless a package still ships the source */
};
struct request {
	enum request_kind kind;
	char *name, *version;
};

/*
 * .native/candidates: kernels that are to come.  Builds for them are made before they are
 * installed.  A build for a kernel that is neither on this machine nor a candidate is garbage.
 */
struct candidate_kernel {
	char *release;
	char *from;	      /* "apt", "dnf", "pacman", or CANDIDATE_PERSON */
	int64_t since;	      /* when it was named last; seconds since 1970 */
	struct strv packages; /* NAME=VERSION of each package of it, if they are known */
};
#define CANDIDATE_PERSON "person" /* a person named it; it counts for CANDIDATE_DAYS */
#define CANDIDATE_DAYS	 30

/*
 * .native/gates: kernels that an upgrade would bring, and that are held back because a module
 * package does not build for them.  decide/gate.h decides on it.
 */
struct gate {
	char *release;
	char *from;    /* the package manager, as in struct candidate */
	int64_t since; /* seconds since 1970 */
	/* A person let this kernel in, so it is not held back again. */
	bool released;
	struct strv packages; /* "NAME=VERSION" */
	struct strv modules;  /* "NAME/VERSION" of what does not build */
	struct strv whys;     /* the first error of each of them, in their order */
};

/* The lists of entries, one for each file.  A zeroed one is empty. */
struct owners {
	struct owned *v;
	size_t n;
};
struct holds {
	struct hold *v;
	size_t n;
};
struct failures {
	struct failure *v;
	size_t n;
};
struct verdicts {
	struct verdict *v;
	size_t n;
};
struct requests {
	struct request *v;
	size_t n;
};
struct gates {
	struct gate *v;
	size_t n;
};
struct candidates {
	struct candidate_kernel *v;
	size_t n;
};
#define AUTO_OWNERS   CLEANUP(owners_release)
#define AUTO_VERDICTS CLEANUP(verdicts_release)
#define AUTO_GATES    CLEANUP(gates_release)

void owners_release(struct owners *l);
void verdicts_release(struct verdicts *l);
void verdict_release(struct verdict *v);
void failure_release(struct failure *f);
void gates_release(struct gates *l);

enum ledger_file {
	LEDGER_OWNERS,
	LEDGER_HOLDS,
	LEDGER_FAILURES,
	LEDGER_VERDICTS,
	LEDGER_REQUESTS,
	LEDGER_CANDIDATES,
	LEDGER_GATES,
	LEDGER_COUNT_
};
/* "kernel", "headers" or "source". */
const char *owned_kind_name(enum owned_kind kind);
/* Returns false, and leaves *ret unchanged, for another word. */
bool owned_kind_parse(const char *word, enum owned_kind *ret);
/* "absent", "version" or "removed". */
const char *hold_kind_name(enum hold_kind kind);

const char *ledger_file_name(enum ledger_file f); /* "owners", "holds", ... */

/* The enum ledger_file of `list`, a pointer to one of the seven types of lists. */
/* clang-format off */
#define LEDGER_FILE(list)                           \
	_Generic(*(list),                           \
		 struct owners: LEDGER_OWNERS,      \
		 struct holds: LEDGER_HOLDS,        \
		 struct failures: LEDGER_FAILURES,  \
		 struct verdicts: LEDGER_VERDICTS,  \
		 struct requests: LEDGER_REQUESTS,  \
		 struct candidates: LEDGER_CANDIDATES, \
		 struct gates: LEDGER_GATES)
/* clang-format on */

/*
 * The functions below work on any of the files.  Their parameter `list` points to a list of the
 * type that belongs to file `f`.  This union has room for a list of any type.
 */
union ledger_list {
	struct owners owners;
	struct holds holds;
	struct failures failures;
	struct verdicts verdicts;
	struct requests requests;
	struct candidates candidates;
	struct gates gates;
};
void ledger_release(enum ledger_file f, void *list);
void ledger_print(enum ledger_file f, const void *list, struct buf *b);
/*
 * Append the entries in the text of a file.  Returns 0, or -E_CORRUPT with a text in err if some of
 * the text cannot be read; the other entries are appended even then.
 */
int ledger_parse(enum ledger_file f, const char *text, size_t len, void *list,
		 struct err *err) MUST_CHECK;
/* Print the entries without the first and last line of a file, each line after `prefix`. */
void ledger_print_entries(enum ledger_file f, const void *list, const char *prefix, struct buf *b);
/*
 * Append the entry that the words of one line make.  Returns NULL, or a static text such as
 * "not a hold" if they make no entry.
 */
const char *ledger_parse_entry(enum ledger_file f, const struct strv *words, void *list);

/* Look-ups; NULL if there is no such entry. */
struct owned *ledger_owned(const struct owners *l, enum owned_kind kind, const char *key);
/* As ledger_owned(), but NULL for LEDGER_GONE, because no package owns the item now. */
struct owned *ledger_owner(const struct owners *l, enum owned_kind kind, const char *key);
struct hold *ledger_hold(const struct holds *l, enum hold_kind kind, const char *name,
			 const char *release, const char *arch);
/*
 * The hold that counts for the module package on this kernel: the kernel's own hold or, if the
 * kernel has none, the hold on every kernel.  NULL if there is no such hold, or if it is not of the
 * kind `kind`.
 */
struct hold *ledger_hold_on(const struct holds *l, enum hold_kind kind, const char *name,
			    const char *release, const char *arch);
struct hold *ledger_hold_removed(const struct holds *l, const char *name, const char *version);
/* Did `dkms hold` set this hold (HOLD_FIRM)? */
bool hold_is_firm(const struct hold *h);
struct failure *ledger_failure(const struct failures *l, const char *name, const char *version,
			       const char *release, const char *arch);
struct verdict *ledger_verdict(const struct verdicts *l, const char *name, const char *version,
			       const char *release, const char *arch);
struct request *ledger_request(const struct requests *l, const char *name, const char *version);
struct gate *ledger_gate(const struct gates *l, const char *release);
struct candidate_kernel *ledger_candidate(const struct candidates *l, const char *release);
/*
 * Add an entry, or replace the one about the same thing.  Takes ownership of the members and leaves
 * the caller's struct empty.
 */
void ledger_put_owned(struct owners *l, struct owned *o);
/* Put a copy of *o.  If the parameter `from` is not NULL, it replaces the copy's member `from`. */
void ledger_copy_owned(struct owners *l, const struct owned *o, const char *from);
void ledger_put_hold(struct holds *l, struct hold *h);
void ledger_put_failure(struct failures *l, struct failure *f);
void ledger_put_verdict(struct verdicts *l, struct verdict *v);
void ledger_put_request(struct requests *l, struct request *r);
/* Put a copy of *g. */
void ledger_copy_gate(struct gates *l, const struct gate *g);
void ledger_put_candidate(struct candidates *l, struct candidate_kernel *c);
void ledger_drop_owned(struct owners *l, enum owned_kind kind, const char *key);
/*
 * Drop holds on the module package `id`.  If `kind` is HOLD_REMOVED, drop the hold of this kind on
 * this version.  Else drop both HOLD_ABSENT and HOLD_VERSION on this name for this kernel, whatever
 * the version; if `release` and `arch` are NULL, those on every kernel.
 */
void ledger_drop_hold(struct holds *l, enum hold_kind kind, const struct modid *id,
		      const char *release, const char *arch);
/* A parameter that is NULL matches everything. */
void ledger_drop_failures(struct failures *l, const char *name, const char *version,
			  const char *release, const char *arch);
void ledger_drop_verdicts(struct verdicts *l, const char *name, const char *version,
			  const char *release, const char *arch);
void ledger_drop_request(struct requests *l, const char *name, const char *version);
void ledger_drop_candidate(struct candidates *l, const char *release);
/* Drop those that a person named more than CANDIDATE_DAYS before `now`, seconds since 1970. */
void ledger_drop_old_candidates(struct candidates *l, int64_t now);
void ledger_drop_gate(struct gates *l, const char *release);
