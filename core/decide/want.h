/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * want - the planner's core: is a module package installed on a kernel as it should be, and if not,
 * which steps get it there?
 *
 * Used by plan_event.c (reconcile) and plan_autoinstall.c (a command):
 *
 *	want_begin(&want, w, p, event);
 *	want_add(&want, id);		once for each candidate
 *	want_ready(&want);
 *	want_name(&want, name, k);	for each name and kernel
 *	want_end(&want);
 *
 * A candidate is a module package (NAME/VERSION) that may be installed: it is registered, or this
 * plan registers it.  Each candidate is decided once for each kernel.  The dependencies
 * (BUILD_DEPENDS) of a candidate are decided first.  The candidate is then built against the
 * versions of them that will be installed when the plan is done.
 *
 * The newest version is wanted.  If it cannot be installed (it failed, is excluded, held, or has no
 * AUTOINSTALL), the installed version is kept, and rebuilt if its source, the headers or its
 * dependencies changed.  A version older than the installed one is planned only if a person asks
 * for it or the installed one is gone.
 */
#include "decide/plan.h"

struct candidate {
	struct modid id; /* borrowed from the world */
	enum source_state source;
	const char *folder, *content, *owner, *owner_version; /* borrowed, may be NULL */
	bool registered;
	bool gone;    /* its package no longer ships it, or a script asked for its removal */
	bool dropped; /* gone, and this plan removes its builds */
	bool pending; /* a script asked for its removal; a later event carries that out */
	size_t register_step; /* PLAN_NONE: it is registered already */
};

enum want_result {
	WANT_UNKNOWN,  /* not decided yet */
	WANT_BUSY,     /* being decided; if it is asked for now, BUILD_DEPENDS is circular */
	WANT_DONE,     /* installed and current */
	WANT_PLANNED,  /* there is an install step */
	WANT_EXCLUDED, /* BUILD_EXCLUSIVE */
	WANT_UNWANTED, /* no AUTOINSTALL, and nothing of it installed */
	WANT_WAITING,  /* for headers, or for a dependency that waits for headers */
	/* Its removal was asked for; or a dependency is not registered, not wanted or deferred. */
	WANT_DEFERRED,
	WANT_HELD,
	WANT_FAILED, /* failed before, has a bad conf, or has a dependency that failed */
};

struct want {
	const struct world *w;
	struct plan *p;
	/* Holds and remembered failures are respected.  NULL: a command, which overrides both. */
	const struct event *event;
	struct candidate *cand;
	size_t n_cand;
	char *result; /* enum want_result of candidate c on kernel k: [c * w->n_kernels + k] */
};

/* w, p and event, which may be NULL, must outlive want. */
void want_begin(struct want *want, const struct world *w, struct plan *p,
		const struct event *event);
void want_end(struct want *want);
/* Append a candidate and return it, for the caller to fill; valid until the next want_add(). */
struct candidate *want_add(struct want *want, const struct modid *id);
/* Call it after the last want_add() and before the first want_name(). */
void want_ready(struct want *want);
/* The newest version of name that is not gone and has its source; NULL if there is none. */
struct candidate *want_newest(struct want *want, const char *name);
/*
 * Two module packages can build modules of the same name.  Only one of these modules is installed;
 * the other one is refused.  If the plan removes or replaces the installed one, plan the install of
 * the refused one.  plan_event() calls this function after all installs are planned, and a second
 * time after all removals are planned.
 */
void plan_rivals(struct want *want);
/* The reason of a dependant's step: "needs NAME, which is not installed".  Caller frees. */
char *want_needs_text(const char *name);
/*
 * Plan what is to be installed of the module package name on kernel k.  WANT_UNKNOWN: no version of
 * it is registered or installed.  If the installed version is gone, its replacement is installed
 * even without AUTOINSTALL.
 */
enum want_result want_name(struct want *want, const char *name, const struct world_kernel *k);

/*
 * What a hold remembers of the newest version: "1.0", or "1.0=1.0-3" with its package's version.
 * owner_version may be NULL.  Caller frees.
 */
char *want_stamp(const char *version, const char *owner_version);
/*
 * Does a hold with the stamp seen still apply to this version?  The hold ends when there is a newer
 * version, or the same version in another version of its package.  If one of the two package
 * versions is unknown, only the module package's version counts.  seen NULL: the hold does not
 * apply.
 */
bool want_stamp_counts(const char *seen, const char *version, const char *owner_version);
/*
 * Why an event does not leave the build b as it is; NULL: it is current.  content: hash of the
 * source now; headers: identity of the kernel's headers now; NULL: unknown, which counts as
 * unchanged.  The world says what else can be wrong with b (world.h).  *ret_build: true if it must
 * be built again, false if installing it again is enough.
 *
 * The commands build and install do not ask this: like DKMS, they use a build that is there.
 */
const char *want_stale(const struct world_build *b, const char *content, const char *headers,
		       bool *ret_build);
/* Plan the uninstall (if it is installed) and unbuild of b; returns the unbuild step. */
size_t want_drop_build(struct plan *p, const struct world_build *b, const char *reason);
/*
 * A command installs id on kernel k in the given step.  Plan, after that step, the rebuild of
 * installed dependants whose conf sets BUILD_DEPENDS_REBUILD.
 */
void want_rebuild_dependants(const struct world *w, struct plan *p, const struct modid *id,
			     const struct world_kernel *k, size_t step);

/* ---- for want.c and want_depends.c ---- */

/* One candidate on one kernel. */
struct want_pair {
	const struct candidate *c;
	const struct world_kernel *k;
	const struct world_conf *conf;
	const struct world_build *build;   /* of this version */
	const struct world_build *present; /* installed, of any version */
};

/* Add a step about the pair; returns its index. */
size_t pair_add_step(struct want *want, const struct want_pair *pair, enum step_kind kind,
		     const char *reason);
/* pair_add_step(), but returns result. */
enum want_result pair_note(struct want *want, const struct want_pair *pair, enum step_kind kind,
			   enum want_result result, const char *reason);
/* Add a STEP_REFUSE with that error; returns WANT_FAILED. */
enum want_result pair_refuse(struct want *want, const struct want_pair *pair, int code,
			     const char *reason);
/* The candidate of that name and version, or NULL. */
const struct candidate *want_find_version(const struct want *want, const char *name,
					  const char *version);

/* Install steps of dependencies that a build waits for. */
struct want_needs {
	size_t *after, *behind; /* as in struct step */
	size_t n_after, n_behind;
};

void needs_release(struct want_needs *n);
/*
 * Plan the dependencies of the pair.
 *
 * True: each dependency is installed, excluded, or installed by a step of the plan; ret_needs gets
 * the steps that the build has to wait for.  False: a dependency cannot be had; a step that says
 * why is added, and *ret is set.
 *
 * changed: the dependency because of which the pair is built again, or NULL.
 */
bool pair_depends_met(struct want *want, const struct want_pair *pair, const char *changed,
		      struct want_needs *ret_needs, enum want_result *ret);
/* The first dependency whose change requires a rebuild (BUILD_DEPENDS_REBUILD), or NULL. */
const char *pair_changed_dependency(struct want *want, const struct want_pair *pair);
/* The first step that installs any version of name on k; PLAN_NONE if there is none. */
size_t want_find_install(const struct plan *p, const char *name, const struct world_kernel *k);
/*
 * Is a version of name installed now, and will one be installed when the plan is done?  If a
 * dropped version has a replacement, the answer is yes: it is removed only after the replacement is
 * installed.
 */
bool want_stays_installed(struct want *want, const char *name, const struct world_kernel *k);
