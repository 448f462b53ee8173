/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundlepackage - a package for dpkg or rpm with the modules of one build, as they are in the dkms
 * tree: signed and compressed for the kernel.
 *
 * Where it is installed nothing of ours is needed.  What is in it: packagetext.h.  Same build, same
 * tools, same bytes.
 */
#include "bundle/packagetext.h"
#include "engine/engine.h"
#include "engine/target.h"

/*
 * Make the package of a build, with dpkg-deb or rpmbuild, and put it into the folder `to`.
 * `staging` is an empty folder for what is made on the way.  *ret: the path of the package; caller
 * frees.
 *
 * -E_NOT_BUILT: there is no build with a record; -E_NO_BUNDLE: a name cannot stand in a package;
 * -E_TOOL_MISSING; or an error of ask().
 */
int bundle_package(struct engine *e, const struct target *t, enum package_kind kind,
		   const char *staging, const char *to, char **ret, struct err *err) MUST_CHECK;
