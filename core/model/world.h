/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * world - a scoped snapshot of the machine, as plain data.
 *
 * survey/survey.h fills it from the disk; plan.h decides on it.  It has a text form, so that a
 * case can be typed by hand, put into a bug report and tested without root,
 * kernel or package manager.  One item a line; words are escaped
 * (buf_add_escaped()), KEY=VALUE in any order:
 *
 *	arch x86_64
 *	set all-kernels=no | no-autoinstall | initramfs=never
 *	kernel RELEASE ARCH [image] [headers=ID] [running] [tree] [litter] [depmod-pending]
 *		[initramfs-pending]
 *	folder NAME id=NAME/VERSION [owner=PACKAGE owner-version=V]
 *	module NAME/VERSION [missing|broken|no-source] [no-conf] [folder=NAME] [content=ID]
 *		[owner=P owner-version=V]
 *	conf NAME/VERSION RELEASE|* [unknown] [known] [autoinstall] [depends=A,B] [rebuild] [excluded=WHY]
 *		[bad=WHY] [initrd] [key=FAILURE-KEY] [modules=A,B]
 *	build NAME/VERSION RELEASE ARCH [installed] [content=ID] [headers=ID] [no-record]
 *		[differs] [hidden] [lost] [refused] [rival=NAME/VERSION] [depends=A/1=CONTENT,B/2] [initrd] [modules=A,B]
 *	hold absent|version|removed NAME/VERSION [RELEASE ARCH] [seen=STAMP]
 *	failure NAME/VERSION RELEASE ARCH key=KEY [what=TEXT] [log=PATH]
 *	owned kernel|headers|source KEY FROM PACKAGE VERSION
 *	request add|remove NAME/VERSION
 *
 * Everything is owned by the world; strings may be NULL where a word is optional.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/names.h"
#include "base/strv.h"
#include "model/ledger.h"
#include "model/modid.h"

struct world_kernel {
	char *release, *arch;
	bool tree;     /* <install_tree>/RELEASE exists */
	bool litter;   /* without an image: there is what STEP_CLEAN takes away */
	bool image;    /* the kernel itself is installed there (kernel/kernels.h "complete") */
	char *headers; /* identity of usable headers, NULL: none */
	bool running;  /* the running kernel of this root */
	bool depmod_pending, initramfs_pending; /* an earlier run did not come to it */
};

/* A source below <source_tree> that is not registered. */
struct world_folder {
	char *folder;
	struct modid id; /* from its conf */
	char *owner, *owner_version;
};

enum source_state {
	SOURCE_OK,
	SOURCE_MISSING, /* link there, folder gone: DKMS's "broken" */
	SOURCE_BROKEN,	/* no link, but the folder exists: DKMS's "broken", mended by add */
	SOURCE_NONE,	/* neither: a binaries-only tarball, or leftovers of a build */
};

struct world_module {
	struct modid id;
	enum source_state source;
	bool no_conf;  /* SOURCE_OK, but no dkms.conf is in it: what a package left of its source */
	char *folder;  /* name below <source_tree>, NULL: elsewhere */
	char *content; /* source content, NULL: not known */
	char *owner, *owner_version;
};

/* A conf × kernel pair; release NULL: any kernel (conf without one, tests). */
struct world_conf {
	struct modid id;
	char *release;
	bool autoinstall, rebuild, initrd;
	bool unknown; /* status evaluates no conf, and no verdict is cached */
	bool known;   /* a verdict that was found out earlier */
	char *excluded, *bad;
	char *key; /* what a failure would be remembered under */
	struct strv depends, modules;
};

struct world_build {
	struct modid id;
	char *release, *arch;
	bool installed;
	bool no_record; /* made by DKMS */
	bool differs;	/* an installed file is missing, or not what was installed or built */
	char *rival;	/* the module package of ours whose modules do; NULL: none */
	bool hidden;	/* the module loader takes a package's file instead, or none */
	bool refused;	/* others of their names keep modules of it out, as at the last install */
	bool lost;	/* a module of the build itself is missing: it must be built again */
	bool initrd;
	char *content, *headers;
	struct strv depends, modules;
};

struct world {
	char *arch;
	bool only_newest;    /* autoinstall_all_kernels=no, set explicitly */
	bool no_autoinstall; /* /etc/dkms/no-autoinstall exists */
	bool no_initramfs;   /* initramfs=never */
	struct world_kernel *kernels;
	size_t n_kernels;
	struct world_folder *folders;
	size_t n_folders;
	struct names folder_names; /* by module package; so are the three below */
	struct world_module *modules;
	size_t n_modules;
	struct names module_names;
	struct world_conf *confs;
	size_t n_confs;
	struct names conf_names;
	struct world_build *builds;
	size_t n_builds;
	struct names build_names;
	struct ledger ledger; /* owners as known before the event, holds, failures, requests */
};
#define AUTO_WORLD CLEANUP(world_release)

void world_release(struct world *w);

/* Append a zeroed item and return it; valid until the next one is added.  Its id does not change. */
struct world_kernel *world_add_kernel(struct world *w, const char *release, const char *arch);
struct world_folder *world_add_folder(struct world *w, const char *folder, const struct modid *id);
struct world_module *world_add_module(struct world *w, const struct modid *id);
struct world_conf *world_add_conf(struct world *w, const struct modid *id, const char *release);
struct world_build *world_add_build(struct world *w, const struct modid *id, const char *release,
				    const char *arch);

/* Look-ups; NULL when the world does not have it. */
const struct world_kernel *world_kernel(const struct world *w, const char *release);
const struct world_folder *world_folder(const struct world *w, const struct modid *id);
const struct world_module *world_module(const struct world *w, const struct modid *id);
/* The pair's own conf, else the one for any kernel. */
const struct world_conf *world_conf(const struct world *w, const struct modid *id,
				    const char *release);
const struct world_build *world_build(const struct world *w, const struct modid *id,
				      const char *release, const char *arch);
/* The installed build of any version. */
const struct world_build *world_installed(const struct world *w, const char *name,
					  const char *release, const char *arch);
/*
 * Two identities of headers, "PACKAGES|HASH" (kernel/kernels.h): they differ by their hashes, and by
 * the owning packages where both know them; a text without '|' as a whole.  NULL is not known and
 * differs from nothing.
 */
bool world_headers_differ(const char *a, const char *b);
/*
 * Two keys of a failure, "HASH/HEADERS": the hash of everything else, then the identity of the
 * headers, compared as above.  A kernel's own hook does not know the headers' package, and what
 * failed there must not be tried again by the package manager's a minute later.
 */
bool world_failure_same(const char *a, const char *b);
/* Kernels newest first, modules by name and version, builds by module and kernel (newest first). */
void world_sort(struct world *w);

void world_print(const struct world *w, struct buf *b);
/* Appends to *ret, which may be zeroed. -E_CORRUPT with the line's number. */
int world_parse(const char *text, struct world *ret, struct err *err) MUST_CHECK;
