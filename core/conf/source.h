/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * source - which module sources are on the disk, and have they changed?
 *
 * A content id is a hex string that is only compared with another one.  No function here starts a
 * process or writes.
 */
#include "engine/cache.h"
#include "engine/engine.h"
#include "engine/target.h"

/*
 * Content id of the tree below `folder`, which may be a symlink.  It covers names, types,
 * executable bits, link targets and the bytes of files.  Owners, times, other mode bits, sockets,
 * fifos and devices do not count.  With c (the cache "sources"; may be NULL) an unchanged tree is
 * not read again.
 *
 * -ENOENT if the folder does not exist or something in it vanishes, -EACCES if reading a file is
 * not permitted, -EAGAIN if the tree keeps changing while it is read, else another -errno.  Caller
 * frees.
 */
int source_content(const struct engine *e, const char *folder, struct cache *c,
		   char **ret) MUST_CHECK;

/*
 * Content id of the admin's overrides in /etc/dkms: the conf files of override_files(), and
 * everything below /etc/dkms/NAME (patches, scripts).  The bytes of the targets of symlinks count,
 * too.  "" if there are no overrides.  t->release and t->arch may be NULL.  Caller frees.
 *
 * `names` is what source_list_overrides() has listed.  A name that it lacks is not looked for.  If
 * `names` is NULL, every name is looked for.
 */
int source_overrides(const struct engine *e, const struct target *t, const struct strv *names,
		     char **ret) MUST_CHECK;
/*
 * List what is in /etc/dkms, for calls of source_overrides() for many targets.  Returns false if it
 * cannot be read.
 */
bool source_list_overrides(const struct engine *e, struct strv *ret);

/* A folder in <source_tree> that holds a dkms.conf. */
struct source_folder {
	char *folder; /* its name in <source_tree> */
	char *name;   /* PACKAGE_NAME; NULL if only a shell could tell, or the conf is unreadable */
	char *version; /* PACKAGE_VERSION; likewise */
};
struct source_folders {
	struct source_folder *v; /* sorted by folder, in strcmp order */
	size_t n;
};
#define AUTO_SOURCE_FOLDERS CLEANUP(source_folders_release)
void source_folders_release(struct source_folders *f);
/*
 * List the folders in <source_tree> that hold a dkms.conf.  The folders that `skip` names are left
 * out, and their confs are not read; `skip` is sorted, and may be NULL.  If there is no
 * <source_tree>, the list is empty.  Files and broken links are skipped.  Names and versions are
 * returned as the conf has them, and not checked (model/modid.h).
 */
int source_folders(const struct engine *e, const struct strv *skip,
		   struct source_folders *ret) MUST_CHECK;
/*
 * Find PACKAGE_NAME and PACKAGE_VERSION in the text of a conf without a shell.  Each is NULL unless
 * the conf assigns it exactly once, and as a literal.  Caller frees.  Pure.
 */
void source_literal_id(const char *conf, char **ret_name, char **ret_version);
