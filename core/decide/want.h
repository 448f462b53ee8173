/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * want - the planner's core: is a module package installed on a kernel as it should be, and if not,
 * which steps get it there?
 *
 * Used by plan_event.c (reconcile) and plan_autoinstall.c (a command):
 *
 *	want_begin(&want, w, p, event);
 *	want_add(&want, id);		once for each offer
 *	want_ready(&want);
 *	want_name(&want, name, k);	for each name and kernel
 *	want_end(&want);
 *
 * An offer is a module package (NAME/VERSION) that may be installed: it is registered, or this
 * plan registers it.  Each offer is decided once for each kernel.  The dependencies
 * (BUILD_DEPENDS) of an offer are decided first.  The offer is then built against those
 * versions of its dependencies that will be installed when the plan is done.
 *
 * The newest version is wanted.  If it cannot be installed (it failed, is excluded, held, or has no
 * AUTOINSTALL), the installed version is kept.  That version is rebuilt if its source, the headers
 * or its dependencies changed.  A version older than the installed one is planned only if a person
 * asks for it or the installed one is gone.
 */
#include "base/names.h"
#include "decide/plan.h"

struct offer {
	struct modid id; /* borrowed from the world */
	enum source_state source;
	const char *folder, *content, *owner, *owner_version; /* borrowed, may be NULL */
	bool registered;
	bool gone;    /* its package has stopped shipping it, or a script asked for its removal */
	bool dropped; /* gone, and this plan may remove its builds */
	bool pending; /* a script asked for its removal; a later event carries that out */
	size_t register_step; /* PLAN_NONE: it is registered already */
};

enum want_result {
	WANT_UNKNOWN,  /* not decided yet */
	WANT_BUSY,     /* being decided; if it is asked for now, BUILD_DEPENDS is circular */
	WANT_DONE,     /* installed, and current or to be kept as it is */
	WANT_PLANNED,  /* there is an install step */
	WANT_EXCLUDED, /* BUILD_EXCLUSIVE */
	WANT_UNWANTED, /* it has no AUTOINSTALL, or the installed version is newer */
	WANT_WAITING,  /* for headers, a writable file system, or a dependency that waits */
	/*
	 * Its removal was asked for; or a dependency is not registered, is not wanted, or is
	 * deferred.
	 */
	WANT_DEFERRED,
	WANT_HELD,
	WANT_FAILED, /* e.g. it failed before, its conf is bad, or a dependency failed */
};

struct want {
	const struct world *w;
	struct plan *p;
	/* An event respects holds and remembered failures.  NULL: a command, which does not. */
	const struct event *event;
	bool again; /* build again what is built already or has failed before */
	struct offer *offers;
	size_t n_offers;
	struct names names; /* of offers */
	char *result;	    /* enum want_result of offer c on kernel k: [c * w->n_kernels + k] */
};

/* `w`, `p` and `event` must outlive `want`.  `event` may be NULL. */
void want_begin(struct want *want, const struct world *w, struct plan *p,
		const struct event *event);
void want_end(struct want *want);
/* Append an offer and return it, for the caller to fill; valid until the next want_add(). */
struct offer *want_add(struct want *want, const struct modid *id);
/* Append all module packages that are registered, for a command. */
void want_add_registered(struct want *want);
/* Call it after the last want_add() and before the first want_name(). */
void want_ready(struct want *want);
/* The newest version of `name` that is not gone and has its source; NULL if there is none. */
struct offer *want_newest(struct want *want, const char *name);
/*
 * Plan the install of modules that were refused because of a rival, if the plan removes or replaces
 * that rival.  Rivals are two module packages that build a module of the same name: one module is
 * installed, and the other one is refused.  plan_event() calls this function after all installs are
 * planned, and a second time after all removals are planned.
 */
void plan_rivals(struct want *want);
/* The reason of a dependant's step: "needs NAME, which is not installed".  Caller frees. */
char *want_needs_text(const char *name);
/*
 * Plan which version of the module package `name` is to be installed on kernel `k`.  If the
 * installed version is gone, its replacement is installed even without AUTOINSTALL.  Returns
 * WANT_UNKNOWN if no version can be installed, and no installed version stays.
 */
enum want_result want_name(struct want *want, const char *name, const struct world_kernel *k);

/*
 * The same for one version that a person names, whatever AUTOINSTALL and holds say.  WANT_UNKNOWN:
 * it is no offer.
 */
enum want_result want_named(struct want *want, const struct modid *id,
			    const struct world_kernel *k);

/*
 * What a hold remembers of the newest version: "1.0", or "1.0=1.0-3" with its package's version.
 * owner_version may be NULL.  Caller frees.
 */
char *want_stamp(const char *version, const char *owner_version);
/*
 * Does a hold with the stamp `seen` apply to this version?  The hold ends when there is a newer
 * version of the module package, or another version of the package that ships it.  If `seen` or
 * owner_version does not tell the version of that package, only the module package's own version
 * counts.  Returns false if `seen` is NULL.
 */
bool want_stamp_counts(const char *seen, const char *version, const char *owner_version);
/*
 * Returns why an event does not leave the build `b` as it is; NULL: the build is current.
 * `content` is the hash of the source now, and `headers` is the identity of the kernel's headers
 * now.  Either may be NULL (unknown), which counts as unchanged.  Members of `b` tell what else is
 * wrong with it (world.h).  *ret_build is true if `b` must be built again, and false if it is
 * enough to install it again.
 *
 * Like DKMS, the commands build and install use a build that is there.  They ask this function only
 * while a maintainer script's request to remove the module package waits (plan_goals.c).
 */
const char *want_stale(const struct world_build *b, const char *content, const char *headers,
		       bool *ret_build);
/* Plan to uninstall `b`, if it is installed, and to unbuild it.  Returns the unbuild step. */
size_t want_drop_build(struct plan *p, const struct world_build *b, const char *reason);
/*
 * Plan the rebuild of installed dependants of `id` whose conf sets BUILD_DEPENDS_REBUILD.  `step`
 * is the step in which a command installs `id` on kernel `k`; the rebuilds wait for it.  A
 * dependant that was built against this version of `id` is not built again.
 */
void want_rebuild_dependants(const struct world *w, struct plan *p, const struct modid *id,
			     const struct world_kernel *k, size_t step);

/* ---- for want.c and want_depends.c ---- */

/* One offer on one kernel. */
struct want_pair {
	const struct offer *c;
	const struct world_kernel *k;
	const struct world_conf *conf;
	const struct world_build *build;   /* of this version */
	const struct world_build *present; /* installed, of any version */
};

/* Add a step about the pair; returns its index. */
size_t pair_add_step(struct want *want, const struct want_pair *pair, enum step_kind kind,
		     const char *reason);
/* The same as pair_add_step(), but returns `result`. */
enum want_result pair_note(struct want *want, const struct want_pair *pair, enum step_kind kind,
			   enum want_result result, const char *reason);
/* Add a STEP_REFUSE with the error `code`; returns WANT_FAILED. */
enum want_result pair_refuse(struct want *want, const struct want_pair *pair, int code,
			     const char *reason);
/* The offer with this name and version, or NULL. */
const struct offer *want_find_version(const struct want *want, const char *name,
				      const char *version);

/* The steps that a build waits for: the installs of its dependencies. */
struct want_needs {
	size_t *after, *behind; /* as in struct step */
	size_t n_after, n_behind;
};

void needs_release(struct want_needs *n);
/*
 * Plan the dependencies of the pair.
 *
 * Returns true if each dependency is installed, excluded, or installed by a step of the plan; then
 * *ret_needs has the steps that the build must wait for.  Returns false if a dependency cannot be
 * had; then *ret is set, and a step that says why is added.
 *
 * `changed` is the dependency because of which the pair is built again, or NULL.
 */
bool pair_depends_met(struct want *want, const struct want_pair *pair, const char *changed,
		      struct want_needs *ret_needs, enum want_result *ret);
/* The first dependency whose change requires a rebuild (BUILD_DEPENDS_REBUILD), or NULL. */
const char *pair_changed_dependency(struct want *want, const struct want_pair *pair);
/* The first dependency against which the pair's build was not made, or NULL. */
const char *pair_other_dependency(struct want *want, const struct want_pair *pair);
/*
 * The first step that installs any version of `name` on kernel `k`, or that builds it if the plan
 * is ahead; PLAN_NONE if there is none.
 */
size_t want_find_install(const struct plan *p, const char *name, const struct world_kernel *k);
/*
 * Is a version of `name` installed on kernel `k` now, and will a version be installed when the plan
 * is done?  If the installed version is dropped but has a replacement, the answer is yes: the old
 * version is removed only after the replacement is installed.
 */
bool want_stays_installed(struct want *want, const char *name, const struct world_kernel *k);
