/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * source - which module sources lie on the disk, and have they changed?
 *
 * Content ids are hex strings to be compared, nothing else.  Nothing here starts a process or
 * writes.
 */
#include "engine/cache.h"
#include "engine/engine.h"
#include "engine/target.h"

/*
 * Content id of the tree below folder (a path; a symlink there is followed):
 * names, types, executable bits, link targets and bytes of the files.  Owners, times
 * and other mode bits do not count, nor do sockets, fifos and devices.  c (cache "sources", may be
 * NULL) saves reading an unchanged tree.  -ENOENT when the folder or something in it is gone
 * (meanwhile too), -EACCES when a file may not be read.  Caller frees.
 */
int source_content(const struct engine *e, const char *folder, struct cache *c,
		   char **ret) MUST_CHECK;

/*
 * Content id of what the admin has put over the source in /etc/dkms: the
 * conf files of override_files() and everything below /etc/dkms/NAME
 * (patches, scripts; a symlink counts with the bytes it leads to); "" when there is nothing.
 * t->release and t->arch may be NULL.  Caller frees.
 */
int source_overrides(const struct engine *e, const struct target *t, char **ret) MUST_CHECK;

/* A folder in <source_tree> that holds a dkms.conf. */
struct source_folder {
	char *folder;  /* its name there */
	char *name;    /* PACKAGE_NAME, NULL: only a shell can tell */
	char *version; /* PACKAGE_VERSION, the same */
};
struct source_folders {
	struct source_folder *v; /* by folder, strcmp order */
	size_t n;
};
#define AUTO_SOURCE_FOLDERS CLEANUP(source_folders_release)
void source_folders_release(struct source_folders *f);
/*
 * A missing <source_tree> has none.  What is no folder, or a broken link, is
 * passed over.  Names and versions are as the conf has them: not checked (model/modid.h).
 */
int source_folders(const struct engine *e, struct source_folders *ret) MUST_CHECK;
/* name and version of one conf's text; NULL where it is not one literal assignment.  Pure. */
void source_literal_id(const char *conf, char **ret_name, char **ret_version);
