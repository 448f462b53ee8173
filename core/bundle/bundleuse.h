/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundleuse - a build by fetching: the modules of a bundle go the way of modules that were built
 * here.  They are harvested by the conf, checked, signed with this machine's key, compressed as its
 * kernel wants it, and published with a record that says where they came from.
 *
 * No program of the source runs: neither PRE_BUILD nor make nor POST_BUILD.
 */
#include "build/build.h"
#include "bundle/bundleget.h"

/*
 * Fetch and publish the bundle of `key`.  Call it in a worker, as build_run().  opts->facts is what
 * the record says; opts->headers may be a folder that does not exist.
 *
 * Returns 0, or an error of bundle_get(), or one of those that build_run() has for wrong modules.
 * After an error the tree is unchanged.  *ret is set in any case.
 */
int bundle_build(struct engine *e, const struct target *t, const struct conf *conf,
		 const struct build_opts *opts, const char *key, struct bundle_got *ret,
		 struct err *err) MUST_CHECK;
/*
 * Unpack the archive of a checked bundle, in `folder`, to `out`, so that it looks like the folder
 * of a build by `conf`.  -E_BUNDLE_BAD: it has not what its manifest says, or not what the conf
 * wants.
 */
int bundle_lay_out(struct engine *e, const struct target *t, const struct conf *conf,
		   const struct manifest *m, const char *folder, const char *out,
		   struct err *err) MUST_CHECK;
