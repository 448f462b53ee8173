/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundlelist - the module packages and kernels that `dkms bundle` is about, with the keys of their
 * bundles.
 */
#include "base/buf.h"
#include "bundle/manifest.h"
#include "cli/cli.h"

struct bundle_row {
	char *name, *version, *release, *arch;
	char *key;    /* NULL: it has none, because of `reason` */
	char *reason; /* may be NULL */
	bool built;   /* there is a build in the tree */
	/*
	 * May be NULL.  For a bundle in a folder, `by` is who signed it.  For a build here, both
	 * are as in struct record.
	 */
	char *by, *from;
};
struct bundle_rows {
	struct bundle_row *v;
	size_t n;
};
#define AUTO_BUNDLE_ROWS CLEANUP(bundle_rows_release)

void bundle_rows_release(struct bundle_rows *rows);
struct bundle_row *bundle_rows_add(struct bundle_rows *rows, const struct target *t);
/*
 * One row for each module package that the words after the verb name (none: all that are
 * registered) and each kernel that -k names (none: all that are here).  A module package that
 * excludes a kernel has no row.  With `built`, only builds in the tree have rows, and no conf is
 * evaluated.
 */
int bundle_rows_find(struct engine *e, const struct options *o, bool built, struct bundle_rows *ret,
		     struct err *err) MUST_CHECK;
/* As text for people, and as a document (data/schema/bundles.json). */
void bundle_rows_text(const struct bundle_rows *rows, struct buf *ret);
void bundle_rows_json(const struct bundle_rows *rows, struct buf *ret);
