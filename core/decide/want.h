/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * want - the planner's core: is this module package, on this kernel, as it
 * should be, and if not, which steps make it so?
 *
 * Shared by plan_autoinstall.c (autoinstall: a person's command) and plan_event.c
 * (reconcile).  A candidate is a version of a module package that may be
 * installed: registered ones, and sources that this plan registers.  Each
 * pair is decided once; BUILD_DEPENDS are decided before their dependants, which see them as they
 * will be after the plan.
 *
 * What the loader should find of a name: the newest version.  Where that cannot go in (it failed,
 * is excluded, held off, not wanted), the version that is installed, as today's source, headers and
 * dependencies make it.  Never an older one than is installed, unless a person asks, or the
 * installed one is gone.
 */
#include "decide/plan.h"

struct candidate {
	struct modid id; /* borrowed from the world */
	enum source_state source;
	const char *folder, *content, *owner, *owner_version; /* borrowed, may be NULL */
	bool registered;
	bool gone;	      /* its package does not ship it any more, or a script asked */
	bool dropped;	      /* gone, and this plan removes its builds */
	bool pending;	      /* a script asked for its removal, which waits */
	size_t register_step; /* PLAN_NONE: none needed */
};

enum want_result {
	WANT_UNKNOWN,  /* not decided yet */
	WANT_BUSY,     /* being decided: met again, it is a circle */
	WANT_DONE,     /* installed and current */
	WANT_PLANNED,  /* there is an install step */
	WANT_EXCLUDED, /* BUILD_EXCLUSIVE */
	WANT_UNWANTED, /* no AUTOINSTALL, and nothing of it installed */
	WANT_WAITING,  /* headers, or a module that waits for them */
	WANT_DEFERRED, /* needs a module that nobody has registered or wants */
	WANT_HELD,
	WANT_FAILED, /* failed before, or what it needs cannot be had */
};

struct want {
	const struct world *w;
	struct plan *p;
	bool event; /* respect holds and remembered failures */
	struct candidate *cand;
	size_t n_cand;
	char *result; /* [n_cand][w->n_kernels], enum want_result */
};

void want_begin(struct want *want, const struct world *w, struct plan *p, bool event);
void want_end(struct want *want);
struct candidate *want_add(struct want *want, const struct modid *id);
/* All candidates are added: may want_kernel() be called. */
void want_ready(struct want *want);
/* The greatest version of name that is not gone and has its source; NULL: none. */
struct candidate *want_newest(struct want *want, const char *name);
/* A part of plan_event(), after all installs, and once more after all uninstalls. */
void plan_rivals(struct want *want);
/* What is told of a module package that needs the other one, which did not get in.  Caller frees.
 */
char *want_needs_text(const char *name);
/*
 * Decide what is to be installed of name on the kernel.  WANT_UNKNOWN: nobody has it.  A version
 * that replaces one that is gone goes in with or without AUTOINSTALL.
 */
enum want_result want_name(struct want *want, const char *name, const struct world_kernel *k);

/*
 * What a hold remembers of the newest version, "1.0" or "1.0=1.0-3" with its
 * package's version.  Caller frees.
 */
char *want_stamp(const char *version, const char *owner_version);
/*
 * Does a hold that remembers this stamp still hold for this version?  It ends for a newer version,
 * and for the same version if the package that ships it has another version now.  A package's
 * version that is not known, then or now, ends nothing.
 */
bool want_stamp_counts(const char *seen, const char *version, const char *owner_version);
/*
 * Why an installed build is not as it should be; NULL: it is current.
 * ret_build: must it be built again, or only installed?
 */
const char *want_stale(const struct world_build *b, const char *content, const char *headers,
		       bool *ret_build);
/* uninstall (if installed) and unbuild; returns the last step. */
size_t want_drop_build(struct plan *p, const struct world_build *b, const char *reason);
/*
 * A command installs id: dependants on this kernel that ask to be rebuilt (BUILD_DEPENDS_REBUILD)
 * are, after step.
 */
void want_rebuild_dependants(const struct world *w, struct plan *p, const struct modid *id,
			     const struct world_kernel *k, size_t step);
