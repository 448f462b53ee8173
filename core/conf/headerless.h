/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * headerless - what a conf sees in the place of kernel headers that are not there.
 *
 * A machine that takes bundles needs no headers.  But some confs look into them, and exclude a
 * kernel unless $kernel_source_dir/.config has an option.  So on such a machine kernel_source_dir
 * of a kernel without headers is a folder that has the configuration that the kernel itself brings
 * (kernel_boot_config()), as .config and include/config/auto.conf.  Then the conf says here what it
 * says on the machine that builds.
 *
 * In auto.conf of the headers, strings have no quotes since Linux 5.18; here they have.  Debian's
 * /boot/config lacks what its headers say of signatures, and CONFIG_BUILD_SALT.
 *
 * It is a folder in tmp_location, not a mount, because a verdict is remembered and must not depend
 * on the tier of confinement at which its conf was evaluated.  The folder ends with the evaluation.
 * Where its path is in a value, it is replaced by that of the headers, as in the values of a
 * machine that has them.
 */
#include "engine/cache.h"
#include "engine/engine.h"
#include "model/conf.h"

struct headerless {
	const struct engine *e;
	char *dir; /* stands for <install_tree>, inside the root; NULL: not made */
};
#define HEADERLESS_INIT(engine)            \
	{                                  \
		.e = (engine), .dir = NULL \
	}
#define AUTO_HEADERLESS CLEANUP(headerless_end)

/* Remove the folder. */
void headerless_end(struct headerless *h);
/*
 * Make what the confs for this kernel see, and set *ret to their kernel_source_dir.  *ret is NULL
 * if nothing stands for the headers: they are there, --kernelsourcedir is given, this machine takes
 * no bundles, or the kernel's configuration is not known.  Caller frees.
 */
int headerless_show(struct headerless *h, const char *release, char **ret) MUST_CHECK;
/*
 * The values and warnings of a conf may have the path of the folder, which is gone when they are
 * used.  Replace it by the path that the headers would have.
 */
void headerless_replace(const struct headerless *h, struct conf_values *v);
/*
 * What a conf can learn from the configuration that a kernel without headers brings, as a part of a
 * verdict's key.  `c` is the cache "headers"; it may be NULL.  Caller frees.
 */
char *headerless_id(const struct engine *e, const char *release, struct cache *c);
