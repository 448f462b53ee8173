/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * world - a snapshot of the machine, as far as the goals or the event ask, as plain data.
 *
 * survey/survey.h fills a world from the disk, and the planners (decide/plan.h) decide by it alone.
 *
 * The text form is for tests: it describes a machine without root, kernel or package manager.  Each
 * line is one item.  Words are escaped by buf_add_escaped(), and KEY=VALUE and flags come in any
 * order:
 *
 *	arch x86_64
 *	set sources=DIR | all-kernels=no | no-autoinstall | initramfs=never
 *		| bundles=prefer|only
 *	kernel RELEASE ARCH [image] [headers=ID] [running] [tree] [litter] [read-only]
 *		[depmod-pending] [initramfs-pending]
 *	folder NAME id=NAME/VERSION [owner=PACKAGE owner-version=V]
 *	module NAME/VERSION [missing|broken|no-source] [no-conf] [folder=NAME] [content=ID]
 *		[owner=P owner-version=V]
 *	conf NAME/VERSION RELEASE|* [unknown] [known] [autoinstall] [depends=A,B] [rebuild]
 *		[excluded=WHY] [bad=WHY] [initrd] [key=FAILURE-KEY] [modules=A,B]
 *	build NAME/VERSION RELEASE ARCH [installed] [content=ID] [headers=ID] [no-record]
 *		[differs] [hidden] [lost] [surplus] [refused] [rival=NAME/VERSION]
 *		[depends=A/1=CONTENT,B/2] [initrd] [prebuilt] [modules=A,B]
 *	holds|failures|owners|requests|candidates ENTRY
 *		ENTRY: a line of that ledger (ledger.h)
 *
 * The world owns everything in it.  Strings for optional words may be NULL.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/names.h"
#include "base/strv.h"
#include "model/ledger.h"
#include "model/modid.h"

struct world_kernel {
	char *release, *arch;
	bool tree;	/* <install_tree>/RELEASE exists */
	bool litter;	/* no image, but leftovers that STEP_CLEAN removes */
	bool image;	/* the kernel itself is installed (kernel_info.complete) */
	char *headers;	/* identity of usable headers; NULL: none */
	bool running;	/* the running kernel of this root */
	bool read_only; /* <install_tree>/RELEASE lies on a read-only file system */
	bool depmod_pending, initramfs_pending; /* owed by an earlier run */
};

/* A source below <source_tree> that is not registered. */
struct world_folder {
	char *folder;
	struct modid id; /* as its conf says */
	char *owner, *owner_version;
};

enum source_state {
	SOURCE_OK,
	SOURCE_MISSING, /* the link to the source dangles; DKMS: "broken" */
	SOURCE_BROKEN,	/* the source exists, but no link to it; DKMS: "broken"; `add` mends it */
	SOURCE_NONE,	/* neither link nor folder: from a tarball of binaries, or leftovers */
};

struct world_module {
	struct modid id;
	enum source_state source;
	bool no_conf;  /* SOURCE_OK, but without dkms.conf: leftovers of a package */
	char *folder;  /* name in <source_tree>; NULL: elsewhere */
	char *content; /* hash of the source; NULL: not known */
	char *owner, *owner_version;
};

/* A conf for one kernel; release NULL: for all kernels. */
struct world_conf {
	struct modid id;
	char *release;
	bool autoinstall, rebuild, initrd;
	bool unknown; /* no current verdict; a command that writes nothing evaluates no conf */
	bool known;   /* from a remembered verdict */
	char *excluded, *bad;
	char *key; /* failurekey_make() as of now; set if a failure is remembered */
	struct strv depends, modules;
};

struct world_build {
	struct modid id;
	char *release, *arch;
	bool installed;
	bool no_record; /* no readable record, as after a build by DKMS */
	bool differs;	/* lost, or an installed file is missing or not as it was built */
	char *rival;	/* NAME/VERSION whose module keeps a module of this build out; or NULL */
	bool hidden;	/* the module loader finds a package's file instead, or none */
	bool refused;	/* a module is not installed: another one keeps it out (vercheck.h) */
	bool lost;	/* a file of the build is missing: build again */
	bool surplus;	/* no_record, and it has a module that the conf does not name */
	bool initrd;
	bool prebuilt; /* for a kernel that was to come (record.h) */
	char *content, *headers;
	struct strv depends, modules;
};

struct world {
	char *arch;
	char *source_tree;   /* <source_tree>; NULL: /usr/src */
	bool only_newest;    /* autoinstall_all_kernels=no */
	bool no_autoinstall; /* /etc/dkms/no-autoinstall exists */
	bool no_initramfs;   /* initramfs=never */
	bool bundles;	     /* builds can be fetched: headers need not be there */
	bool only_bundles;   /* nothing is built here */
	struct world_kernel *kernels;
	size_t n_kernels;
	struct world_folder *folders;
	size_t n_folders;
	struct names folder_names; /* index of folders by name of the module package */
	struct world_module *modules;
	size_t n_modules;
	struct names module_names;
	struct world_conf *confs;
	size_t n_confs;
	struct names conf_names;
	struct world_build *builds;
	size_t n_builds;
	struct names build_names;
	struct owners owners; /* before the event */
	struct holds holds;
	struct failures failures;
	struct requests requests;
	struct candidates candidates;
};
#define AUTO_WORLD CLEANUP(world_release)

void world_release(struct world *w);

/*
 * Append an otherwise empty item and return it; the pointer is valid until the next item of its
 * kind is added.  Do not change the id of the item, because the world has it in an index.
 */
struct world_kernel *world_add_kernel(struct world *w, const char *release, const char *arch);
struct world_folder *world_add_folder(struct world *w, const char *folder, const struct modid *id);
struct world_module *world_add_module(struct world *w, const struct modid *id);
struct world_conf *world_add_conf(struct world *w, const struct modid *id, const char *release);
struct world_build *world_add_build(struct world *w, const struct modid *id, const char *release,
				    const char *arch);

/* Look-ups; they return NULL if there is no such item. */
const struct world_kernel *world_kernel(const struct world *w, const char *release);
const struct world_folder *world_folder(const struct world *w, const struct modid *id);
const struct world_module *world_module(const struct world *w, const struct modid *id);
/* Is the kernel, its headers or its module tree on the machine?  False if `k` is NULL. */
bool world_kernel_is_here(const struct world_kernel *k);
/* The conf for this kernel, else the one for all kernels. */
const struct world_conf *world_conf(const struct world *w, const struct modid *id,
				    const char *release);
const struct world_build *world_build(const struct world *w, const struct modid *id,
				      const char *release, const char *arch);
/* The build of `name` that is installed, whatever its version. */
const struct world_build *world_installed(const struct world *w, const char *name,
					  const char *release, const char *arch);
/*
 * Do two identities of headers, "PACKAGES|HASH" (kernel/kernels.h), differ?  They do if the hashes
 * differ, or if both name packages and these differ.  A text without '|' is compared as a whole.
 * NULL means not known, and differs from nothing.
 */
bool world_headers_differ(const char *a, const char *b);
/*
 * Are two keys of failures, "HASH/HEADERS" (survey/failurekey.h), the same?  The headers are
 * compared by world_headers_differ(), because a kernel's own hook may not know the package of the
 * headers.  What failed in the hook's event must not be tried again a minute later, when the
 * package manager's event knows the package.
 */
bool world_failure_same(const char *a, const char *b);
/*
 * Sort kernels newest first, modules by name and version, and builds by name, version and then
 * newest kernel first.
 */
void world_sort(struct world *w);

void world_print(const struct world *w, struct buf *b);
/*
 * Appends to *ret, which may be zeroed.  Returns 0, or -E_CORRUPT with the bad line's number in
 * err.
 */
int world_parse(const char *text, struct world *ret, struct err *err) MUST_CHECK;
