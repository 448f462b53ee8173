/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tree - read <dkms_tree>, which has DKMS's layout; engine/treepath.h has the names.
 *
 * Reading starts no process and understands the trees of DKMS 2.8 to 3.4.  What it does not
 * understand is added to problems; everything else is still read.
 */
#include <sys/stat.h>

#include "engine/treepath.h"
#include "model/record.h"
#include "model/world.h"

/* A folder M/V/K/A. */
struct tree_build {
	char *release, *arch;
	bool built;	/* has a module folder, even an empty one */
	bool installed; /* M/kernel-K-A leads to it, and it is built or has a record */
	bool record;	/* has a record, which was not read */
	bool original;	/* M/original_module/K/A exists; any version of M may have archived it */
};

/* Do commands see it?  If not, it is only the log of a failed build, or a record alone. */
static inline bool tree_build_is_known(const struct tree_build *b)
{
	return b->built || b->installed;
}

struct tree_version {
	char *version;
	enum source_state source;
	bool own_source; /* "source" is a folder in the tree itself (binaries-only tarball) */
	char *link;	 /* target of the "source" link; NULL: no link */
	/*
	 * The name in <source_tree> of the link's target, or of the folder to which it should lead
	 * (SOURCE_BROKEN); NULL: not in there.
	 */
	char *folder;
	struct tree_build *builds; /* by release (oldest first), arch */
	size_t n_builds;
};

/* A link M/kernel-K-A. */
struct tree_active {
	char *release, *arch;
	/* NULL: it leads out of the tree, or to another kernel than its name says.  fsck reports
	 * that; it is not added to problems. */
	char *version;
	bool dangling; /* the build to which it leads does not exist, or version is NULL */
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
 * Read the module package name (NULL: all) and its version (NULL: all; the others are left out),
 * and add it to *ret, which is TREE_INIT or an earlier result.  A module package that is in *ret
 * already is not read again.  A missing tree or module package adds nothing.  0 or -errno.
 */
int tree_list(const struct engine *e, const char *name, const char *version,
	      struct tree *ret) MUST_CHECK;
/* NULL when there is none. */
const struct tree_module *tree_module(const struct tree *t, const char *name);
const struct tree_version *tree_version(const struct tree *t, const char *name,
					const char *version);
const struct tree_build *tree_build(const struct tree *t, const struct target *target);
/* The kernel link, dangling or not; NULL when there is none. */
const struct tree_active *tree_module_active(const struct tree_module *m, const char *release,
					     const char *arch);
const struct tree_active *tree_active(const struct tree *t, const char *name, const char *release,
				      const char *arch);

/*
 * -ENOENT: no record.  -E_CORRUPT with the file and line in err; a record that names a file outside
 * the kernel's tree, or an archived original outside its folder, is corrupt as well.  The caller
 * releases ret.
 */
int tree_record_read(const struct engine *e, const struct target *t, struct record *ret,
		     struct err *err) MUST_CHECK;
/*
 * Where an archived original came from, according to the .origin file beside it.  -ENOENT: there is
 * none; -E_CORRUPT: not a path in the kernel's tree.  Caller frees.
 */
int tree_origin_read(const struct engine *e, const struct target *t, const char *archive,
		     char **ret) MUST_CHECK;

enum files_state {
	FILES_SAME,    /* every built module exists, and is installed as it was built */
	FILES_REFUSED, /* the same, but some were refused: another module is newer or a package's */
	FILES_LOST,    /* a module is missing in the build's module folder */
	FILES_MISSING, /* a module is not installed, or its file does not exist */
	FILES_DIFFER, /* an installed file has other bytes, or the build no longer has its module */
};
/* Would the version check of an install (model/vercheck.h) replace the module other by built? */
bool tree_goes_over(const struct engine *e, const char *built, const char *other);
/*
 * Compare the files of a build with what is installed.  installed false: only FILES_LOST,
 * FILES_REFUSED (every module was refused and still would be) and FILES_SAME are returned.
 *
 * With a record, sizes and times are compared, and the bytes (SHA-256) where those differ: the
 * installed file with what was installed, and that with what is built now.  Without one (rec NULL:
 * built by DKMS), the bytes of each file in the module folder are compared with the installed file.
 * That is searched in the distribution's folder, extra, updates and updates/dkms, then by
 * modules.dep, or in the whole tree if there is no modules.dep.  A file that cannot be read counts
 * as FILES_DIFFER.
 */
enum files_state tree_files_state(const struct engine *e, const struct target *t,
				  const struct record *rec, bool installed);
/* Has the file this SHA-256 (may be NULL: no)?  False if it cannot be read. */
bool tree_file_has_digest(const struct engine *e, const char *path, const char *sha256);
/*
 * Is the file at path, whose stat is st, the one that was installed of m?  The same size and time
 * are enough; else the bytes are compared.
 */
bool tree_module_is_at(const struct engine *e, const struct record_module *m, const char *path,
		       const struct stat *st);
/* Does the module folder have a module that is none of these destination names (without suffix)? */
bool tree_has_other_module(const struct engine *e, const struct target *t,
			   const struct strv *dests);
/* Does the module folder lack a file for one of these destination names (without suffix)? */
bool tree_lacks_module(const struct engine *e, const struct target *t, const struct strv *dests);
/*
 * The same for a build by DKMS, which does not record what a build made: the names are those of the
 * conf's remembered verdict (LEDGER_VERDICTS).  False without a good verdict.
 */
bool tree_lacks_judged_module(const struct engine *e, const struct target *t,
			      const struct verdicts *verdicts);
/*
 * Path of the installed file of the module dest (without suffix) for t's kernel, searched in the
 * order given for tree_files_state(); NULL when there is none.  Caller frees.
 */
char *tree_find_installed(const struct engine *e, const struct target *t, const char *dest);
/*
 * The version of t->name that is installed for t's kernel according to the kernel link; NULL: none.
 * t->version is ignored.  Caller frees.
 */
char *tree_active_version(const struct engine *e, const struct target *t);
