/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tree - read <dkms_tree>, which has DKMS's layout; engine/treepath.h has the names.
 *
 * The trees of DKMS 2.8 to 3.4 are understood, and no process is started.  An entry that is not
 * understood is added to tree.problems; all others are read.
 */
#include <sys/stat.h>

#include "engine/treepath.h"
#include "model/record.h"
#include "model/world.h"

/* A folder M/V/K/A (name, version, release, arch). */
struct tree_build {
	char *release, *arch;
	bool built;	/* has a module folder, even an empty one */
	bool installed; /* M/kernel-K-A leads to it, and it is built or has a record */
	bool record;	/* has a record, which was not read */
	bool original;	/* M/original_module/K/A exists; any version of M may have made it */
};

/*
 * Do commands list the folder as a build?  If not, it has only the log of a failed build, or only a
 * record.
 */
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
	 * The name of the source's folder in <source_tree>.  The link leads to that folder, or with
	 * SOURCE_BROKEN should lead there.  NULL: the source is somewhere else, or there is none.
	 */
	char *folder;
	struct tree_build *builds; /* by release (oldest first), arch */
	size_t n_builds;
};

/* A link M/kernel-K-A. */
struct tree_active {
	char *release, *arch;
	/*
	 * NULL: the link does not lead to a folder M/V/K/A with the K and A of its own name.  fsck
	 * reports such a link; tree.problems does not have it.
	 */
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
 * Add what the tree has of this name (NULL: all names) and version (NULL: all versions) to *ret,
 * which is TREE_INIT or an earlier result.  A name that *ret has already is not read again.  A
 * missing tree or name adds nothing.  Returns 0 or -errno.
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
 * Read the record of a build; the caller releases `ret`.  Returns -ENOENT if there is none, and
 * -E_CORRUPT if it is not valid, or names a file outside the kernel's tree or an archived original
 * outside M/original_module/K/A.
 */
int tree_record_read(const struct engine *e, const struct target *t, struct record *ret,
		     struct err *err) MUST_CHECK;
/*
 * Read where an archived original came from, in the .origin file beside it.  -ENOENT: there is no
 * such file; -E_CORRUPT: it has no path in the kernel's tree.  Caller frees.
 */
int tree_origin_read(const struct engine *e, const struct target *t, const char *archive,
		     char **ret) MUST_CHECK;

enum files_state {
	FILES_SAME,    /* every built module exists, and is installed as it was built */
	FILES_REFUSED, /* as FILES_SAME, but other files keep some modules out (refused_by) */
	FILES_LOST,    /* a module is missing in the build's module folder */
	FILES_MISSING, /* a module is not installed, or its file does not exist */
	FILES_DIFFER,  /* an installed file has other bytes, or its module is not in this build */
};
/*
 * Does the version check of an install (model/vercheck.h) let the module file `built` replace the
 * module file `other`?  Also true if one of them cannot be read.
 */
bool tree_goes_over(const struct engine *e, const char *built, const char *other);
/*
 * Compare the files of a build with what is installed.  With `installed` false, the result is one
 * of these:
 *  - FILES_LOST;
 *  - FILES_REFUSED, if every module was refused and would be refused again;
 *  - FILES_SAME.
 *
 * With a record, two files are checked for each module: the installed file and the build's file.
 * Both must be what the record says was installed.  The same size and time are enough; else the
 * bytes (SHA-256) are compared.
 *
 * Without a record (`rec` NULL: built by DKMS), the bytes of each file in the module folder are
 * compared with those of the installed file.  The installed file is searched for in the
 * distribution's folder, extra, updates and updates/dkms, in this order.  If it is in none of them,
 * modules.dep tells where it is.  Without modules.dep, the kernel's whole tree is searched.
 *
 * A file whose bytes cannot be read counts as FILES_DIFFER.
 */
enum files_state tree_files_state(const struct engine *e, const struct target *t,
				  const struct record *rec, bool installed);
/* Does the file have this SHA-256?  False if sha256 is NULL or the file cannot be read. */
bool tree_file_has_digest(const struct engine *e, const char *path, const char *sha256);
/*
 * Is the file at `path` the file that was installed for module `m`?  `st` is the file's stat.  The
 * same size and time are enough; else the bytes are compared.
 */
bool tree_module_is_at(const struct engine *e, const struct record_module *m, const char *path,
		       const struct stat *st);
/* Does the build have a module whose name (without suffix) is not in `dests`? */
bool tree_has_other_module(const struct engine *e, const struct target *t,
			   const struct strv *dests);
/* Does the build lack a module whose name (without suffix) is in `dests`? */
bool tree_lacks_module(const struct engine *e, const struct target *t, const struct strv *dests);
/*
 * Does a build by DKMS lack a module?  DKMS does not record which modules a build made, so the
 * names come from the conf's remembered verdict (LEDGER_VERDICTS).  False if there is no verdict,
 * or if the verdict says that the conf is bad or excludes the kernel.
 */
bool tree_lacks_judged_module(const struct engine *e, const struct target *t,
			      const struct verdicts *verdicts);
/*
 * Find the installed file of the module `dest` (a name without suffix) for t's kernel, in the order
 * given for tree_files_state().  Returns its path, or NULL if there is none; caller frees.
 */
char *tree_find_installed(const struct engine *e, const struct target *t, const char *dest);
/*
 * Append "NAME/VERSION[=CONTENT]" of a dependency, as the record of a build that is made against it
 * has it.  If `on` has no version, nothing is appended.
 */
void tree_add_dependency(const struct engine *e, const struct target *on, struct strv *ret);
/*
 * The version of t->name that is installed for t's kernel according to the kernel link; NULL: none.
 * t->version is ignored.  Caller frees.
 */
char *tree_active_version(const struct engine *e, const struct target *t);
