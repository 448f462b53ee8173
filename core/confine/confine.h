/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * confine - keep the programs of a driver's author away from the machine.
 *
 * A dkms.conf, its PRE_BUILD and POST_BUILD, make, CLEAN and patch are programs of strangers.  In
 * DKMS they run as root.  Here they run confined: with what a build needs and nothing else.  The
 * caller prepares that before it starts the child:
 *
 *	struct confine c;
 *	r = confine_choose(e, "hello", &c, &err);	before the child
 *	confine_write(&c, e, build_folder);
 *	confine_child(&c, &spec);
 *	r = proc_run(&spec, &result);					sys/proc.h
 *	confine_release(&c);
 *
 * The table confine_rules (rules.h) says what a confined child can do; `dkms config confine` prints
 * it.  The tier says how many of these rules this machine can enforce:
 *
 *	full	namespaces for mounts, processes, network, IPC and host name; "/" is read-only; a
 *		user of its own; no capabilities; Landlock, if the kernel has it; a filter of system
 *		calls; limits
 *	partial	a user of its own, no capabilities, Landlock, the filter, limits; for containers in
 *		which mounting is not allowed, and for a chroot in which not even /proc is mounted
 *	uid	like partial, but the kernel has no Landlock (before Linux 5.13, or disabled)
 *	none	as in DKMS, also where there is no /dev/null, as in some images
 *
 * The tier is found by trying what works, not from the kernel's version.  A build that fails is
 * never repeated with a lower tier.  If a build needs more, the admin can allow it in a file
 * (exceptions.h), which `dkms config confine` names.  A dkms.conf cannot loosen anything.
 *
 * These run as root and are not confined:
 *
 * - POST_ADD, PRE_INSTALL, POST_INSTALL and POST_REMOVE.  They run only if nobody but root can
 *   change the source (engine/trust.h), unless strict_modes=no.
 * - A framework.conf that is no plain file, the post_transaction command, and the files that
 *   build_environment names.  A framework.conf counts only if nobody but root can change it.
 * - Our own tools: strip, compressors, sign-file, depmod, generators of initramfs images, and the
 *   make and compiler that tell the compiler's name and version (build/compiler.h).
 *
 * What confinement does not promise:
 *
 * - All builds have the same user.  At the tier uid, builds that run at the same time can change
 *   each other.  At the tier partial they share /tmp and can read each other's files;
 *   tests/escape/allowed.partial lists what else they can do to each other.
 * - A module that was built runs in the kernel and can do anything there.
 * - A build can read what every user of the machine can read, except what the table excludes.
 * - If the kernel has a flaw that an unprivileged process can use, a build may use it.  The filter
 *   makes fewer flaws reachable.
 */
#include "confine/exceptions.h"
#include "confine/policy.h"
#include "engine/engine.h"
#include "engine/makelog.h"
#include "sys/procspec.h"

/* "none", "uid", "partial", "full". */
const char *confine_tier_name(enum confine_tier tier);
/* The tier of that name; CONFINE_NONE for any other text, and for NULL. */
enum confine_tier confine_tier_parse(const char *name);

#define AUTO_CONFINE CLEANUP(confine_release)
void confine_release(struct confine *c);

/*
 * Choose the tier for a child.  `name` is the module package whose exceptions apply; NULL: none
 * apply, because the child serves several packages.  The first call in a run tries what works on
 * this machine, and keeps the result in e->confine.
 *
 * -E_CONFINE: confine=require, and the tier would not be full; the text says what is missing.
 * -E_UNSAFE, -E_BAD_EXCEPTION or -errno: the package's file of exceptions is bad.
 */
int confine_choose(struct engine *e, const char *name, struct confine *ret,
		   struct err *err) MUST_CHECK;
/*
 * All on which the confinement of a build of `name` depends, as one text, to be part of a hash.  ""
 * if it is not confined because of confine=off, or because there is no user for it.  Starts no
 * process, and gives everybody the same text: with it, an event decides if a build that failed is
 * tried again.  Caller frees.
 */
char *confine_key(struct engine *e, const char *name);
/*
 * Let the child write in the folder `path`.  "/" is ignored.  So is a folder that is missing, now
 * or when the child starts.
 */
void confine_write(struct confine *c, const struct engine *e, const char *path);
/* Show the folder `path`, e.g. of kernel headers, even if it lies in /home.  It may be missing. */
void confine_show(struct confine *c, const struct engine *e, const char *path);
/* Hide the file or folder `path`, e.g. of a key.  It may be missing, or be no path at all. */
void confine_hide(struct confine *c, const struct engine *e, const char *path);
/* Let the child write the folder `path`, and see it as the folder `at`.  Tier full only. */
void confine_outbox(struct confine *c, const struct engine *e, const char *path, const char *at);
/* Give the folder, and what root owns in it, to the child's user.  No link is followed. */
int confine_give(const struct confine *c, const struct engine *e, const char *folder) MUST_CHECK;
/* Give what belongs to the child's user back to root.  This also clears set-user-ID bits. */
int confine_take_back(const struct confine *c, const struct engine *e,
		      const char *folder) MUST_CHECK;
/* Let proc_run() confine the child of `spec`; `c` must outlive `spec`.  Tier none: do nothing. */
void confine_child(const struct confine *c, struct proc_spec *spec);
/* The same for all children that are run with this log (makelog_run()). */
void confine_log(const struct confine *c, struct makelog *log);
/* Has the kernel killed a process of the child, because the child's group had no more memory? */
bool confine_out_of_memory(const struct confine *c);

/* What confine_choose() has learned of the machine; NULL in engine.confine: not tried yet. */
struct confine_machine;
void confine_forget(struct engine *e);
