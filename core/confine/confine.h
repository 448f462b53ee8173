/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * confine - keep the programs of a driver's author away from the machine.
 *
 * A dkms.conf, its PRE_BUILD and POST_BUILD, make, CLEAN and patch are programs of strangers.  They
 * run as root in DKMS.  Here they are given what a build needs and nothing else:
 *
 *	struct confine c;
 *	r = confine_choose(e, CONFINE_BUILD, "hello", &c, &err);	before the child
 *	confine_write(&c, e, build_folder);
 *	confine_child(&c, &spec);
 *	r = proc_run(&spec, &result);					sys/proc.h
 *	confine_release(&c);
 *
 * What such a child can do is the table confine_rules (rules.h), which `dkms config confine`
 * prints.  The tier says how much of it this machine can enforce:
 *
 *	full	namespaces for mounts, processes, network, IPC and host name; "/" is read-only; a
 *		user of its own; no capabilities; Landlock; a filter of system calls; limits
 *	partial	where mounting is not allowed (containers) or "/" is no mount point (a plain
 *		chroot): a user of its own, Landlock, the filter, limits
 *	uid	the same without Landlock (before Linux 5.13)
 *	none	as in DKMS
 *
 * The tier is found by trying, not by the kernel's version.  Nothing is tried again with a lower
 * tier because it failed: a build that needs more fails, and the message names the file in which
 * the admin can allow it (exceptions.h).  A dkms.conf cannot loosen anything.
 *
 * These run outside, as root, and only from sources that nobody but root can change
 * (engine/trust.h): POST_ADD, PRE_INSTALL, POST_INSTALL, POST_REMOVE, the post_transaction command.
 * The same holds for our own tools: strip, compressors, depmod, generators of initramfs images.
 *
 * What it does not promise: at the tier uid, builds that run at the same time can change each other,
 * because they have the same user.  At every tier, a module that was built runs in the kernel and can do anything there.
 * A build can read what every user of the machine can read.  A flaw of the kernel that an
 * unprivileged process can use is not stopped, though the filter makes fewer of them reachable.
 */
#include "confine/exceptions.h"
#include "confine/policy.h"
#include "engine/engine.h"
#include "engine/makelog.h"
#include "sys/procspec.h"

/* "none", "uid", "partial", "full". */
const char *confine_tier_name(enum confine_tier tier);

#define AUTO_CONFINE CLEANUP(confine_release)
void confine_release(struct confine *c);

/*
 * Choose the tier for a child of the module package `name`, or for a child that serves several
 * packages if `name` is NULL.  The machine is tried once a run; the result is kept in e->confine.
 *
 * -E_CONFINE: confine=require, and the tier would not be full; the text says what is missing.
 * -E_UNSAFE or -E_USAGE: the package's file of exceptions is bad.
 */
int confine_choose(struct engine *e, enum confine_kind kind, const char *name, struct confine *ret,
		   struct err *err) MUST_CHECK;
/* Let the child write the folder `path`, which must exist. */
void confine_write(struct confine *c, const struct engine *e, const char *path);
/* Show the folder `path`, e.g. of kernel headers, even if it lies in /home.  It may be missing. */
void confine_show(struct confine *c, const struct engine *e, const char *path);
/* Let the child write the folder `path`, and see it as the folder `at`.  Tier full only. */
void confine_outbox(struct confine *c, const struct engine *e, const char *path, const char *at);
/* Give the folder and all in it to the child's user.  No link is followed. */
int confine_give(const struct confine *c, const struct engine *e, const char *folder) MUST_CHECK;
/* Give what belongs to the child's user back to root.  This also clears set-user-ID bits. */
int confine_take_back(const struct confine *c, const struct engine *e,
		      const char *folder) MUST_CHECK;
/* Let proc_run() confine the child of `spec`.  c must outlive it.  Tier none: nothing changes. */
void confine_child(const struct confine *c, struct proc_spec *spec);
/* The same for all children that are run with this log (makelog_run()). */
void confine_log(const struct confine *c, struct makelog *log);

/* What confine_choose() has learned of the machine; NULL in engine.confine: not tried yet. */
struct confine_machine;
void confine_forget(struct engine *e);
