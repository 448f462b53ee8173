/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tree - what is in <dkms_tree>, as DKMS lays it out; its names are in treepath.h.
 *
 * Reading starts no process, follows what DKMS made (levels 2.8 to 3.4) and
 * is lenient: what does not fit is collected in problems and never stops the rest.
 */
#include <sys/stat.h>

#include "engine/treepath.h"
#include "model/record.h"
#include "model/world.h"

/* A folder M/V/K/A. */
struct tree_build {
	char *release, *arch;
	bool built;	/* has a module folder, whatever is in it */
	bool installed; /* M/kernel-K-A means it; its modules may be gone, but not its record too */
	bool record;	/* has a record; not read */
	bool original;	/* M/original_module/K/A exists: one of any version of M */
};

/* Do commands see it?  What is left else is the log of a failed build, or a record alone. */
static inline bool tree_build_is_known(const struct tree_build *b)
{
	return b->built || b->installed;
}

struct tree_version {
	char *version;
	enum source_state source;
	bool own_source; /* "source" is a folder in the tree itself (binaries-only tarball) */
	char *link;	 /* text of the "source" link, NULL: no link */
	char *folder;	 /* the link's target, or where it would lead (SOURCE_BROKEN), as a
			    name below <source_tree>; NULL: elsewhere */
	struct tree_build *builds; /* by release (oldest first), arch */
	size_t n_builds;
};

/* A link M/kernel-K-A. */
struct tree_active {
	char *release, *arch;
	/* NULL: it leads out of the tree, or to another kernel than its name says; fsck tells that,
	 * and it is none of the problems below */
	char *version;
	bool dangling; /* that build does not exist */
};

struct tree_module {
	char *name;
	struct tree_version *versions; /* by vercmp, oldest first */
	size_t n_versions;
	struct tree_active *actives;
	size_t n_actives;
};

struct tree {
	struct tree_module *modules; /* by name */
	size_t n_modules;
	struct strv problems; /* one line each */
};
#define TREE_INIT                     \
	{                             \
		.problems = STRV_INIT \
	}
#define AUTO_TREE CLEANUP(tree_release)

void tree_release(struct tree *t);
/*
 * Add what the tree has to *ret (TREE_INIT or an earlier result; a module that is there already is
 * not read again).  name NULL: every module.  version NULL: every version; with one,
 * the module's other versions are left out.  A missing tree or module adds nothing.
 */
int tree_list(const struct engine *e, const char *name, const char *version,
	      struct tree *ret) MUST_CHECK;
/* NULL when there is none. */
const struct tree_module *tree_module(const struct tree *t, const char *name);
const struct tree_version *tree_version(const struct tree *t, const char *name,
					const char *version);
const struct tree_build *tree_build(const struct tree *t, const struct target *target);
/* The link for the kernel, dangling or not. */
const struct tree_active *tree_active(const struct tree *t, const char *name, const char *release,
				      const char *arch);

/*
 * -ENOENT: no record; -E_CORRUPT with the file and line in err: also one that names a file outside
 * the kernel's tree, or an archived original that is not in the folder for those.
 */
int tree_record_read(const struct engine *e, const struct target *t, struct record *ret,
		     struct err *err) MUST_CHECK;
/*
 * Where an archived original came from, by the file beside it: a path in the kernel's tree.
 * -ENOENT; -E_CORRUPT for what cannot be that.  Caller frees.
 */
int tree_origin_read(const struct engine *e, const struct target *t, const char *archive,
		     char **ret) MUST_CHECK;

enum files_state {
	FILES_SAME,    /* every built module is there, and installed as it was built */
	FILES_REFUSED, /* as far as others of their names, which are newer or a package's, let it */
	FILES_LOST,    /* a module is missing in the tree's own module folder */
	FILES_MISSING, /* a module is not installed, or its file is gone */
	FILES_DIFFER,  /* an installed file has other bytes, or its module is built no more */
};
/* Would the version check of an install (model/vercheck.h) let the module file built go over other?
 */
bool tree_goes_over(const struct engine *e, const char *built, const char *other);
/*
 * How do the files of a build look?  installed false: FILES_LOST, FILES_REFUSED (every module of
 * it, and what refused them is still there) or FILES_SAME. With a record sizes and times are
 * compared, and bytes (SHA-256) where those differ: the installed file with what was installed, and
 * that with what is built now.  Without one (rec NULL: built by DKMS) the bytes of each file in the
 * module folder are compared with the installed one, which is looked for in the distribution's
 * folder, extra, updates, updates/dkms, then by modules.dep or, where there is none, in the whole
 * tree.  Unreadable counts as FILES_DIFFER.
 */
enum files_state tree_files_state(const struct engine *e, const struct target *t,
				  const struct record *rec, bool installed);
/* Is the file at path, with that stat, what the record says was installed of m? */
bool tree_module_is_at(const struct engine *e, const struct record_module *m, const char *path,
		       const struct stat *st);
/* Is a file missing in the module folder for one of these destination names (no suffix)? */
bool tree_lacks_module(const struct engine *e, const struct target *t, const struct strv *dests);
/*
 * The same for a build without a record: DKMS writes down nowhere what a build made, so only what
 * its dkms.conf was last seen to say (LEDGER_VERDICTS) tells that a module was lost.
 */
bool tree_lacks_judged_module(const struct engine *e, const struct target *t,
			      const struct ledger *verdicts);
/*
 * Path of the installed file of a module called dest (no suffix) for t's kernel, found as said
 * above; NULL when there is none.  Caller frees.
 */
char *tree_find_installed(const struct engine *e, const struct target *t, const char *dest);
/*
 * The version that the kernel link says is installed of t->name for t's kernel; NULL: none.
 * t->version is not looked at.  Caller frees.
 */
char *tree_active_version(const struct engine *e, const struct target *t);
