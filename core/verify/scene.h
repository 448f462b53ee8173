/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * scene - all that decides whether the modules of one kernel will load, as plain data.
 *
 * look.c fills it from the disk; judge.c decides by it alone.  Beside our modules it has those
 * that they need, directly or through others.
 */
#include "base/names.h"
#include "model/kconfig.h"
#include "module/modinfo.h"
#include "verify/firmware.h"
#include "verify/ko.h"
#include "verify/modprobe.h"
#include "verify/symvers.h"

enum scene_signature {
	SIGNATURE_NONE,
	SIGNATURE_DAMAGED, /* the kernel refuses it, whether it enforces signatures or not */
	SIGNATURE_GOOD,	   /* by the key `key` */
	SIGNATURE_BAD,	   /* by the key `key`, for other bytes */
	SIGNATURE_KERNEL,  /* by the key that signs the kernel's own modules; not checked */
	SIGNATURE_OTHER,   /* by a key of which nothing is known */
};

enum scene_image {
	IMAGE_NONE,
	IMAGE_WITHOUT, /* no image has the module, and none should */
	IMAGE_SAME,    /* an image has it, with these bytes */
	IMAGE_OTHER,   /* an image has it, with other bytes */
	IMAGE_WANTED,  /* no image has it, but the generator's configuration asks for it */
	IMAGE_UNREAD,  /* an image cannot be read */
};

struct scene_module {
	char *name; /* as the loader spells it */
	char *path;
	char *package, *version; /* the module package; NULL: none is known */
	bool ours;		 /* one of those that are judged */
	bool in_tree;		 /* below kernel/: Module.symvers tells what it exports */
	int error;		 /* the file cannot be read: -errno */
	bool detached;	  /* a signature lies beside the file, where the kernel does not look */
	char *taken;	  /* the file that the loader takes in its place; NULL: this one */
	bool not_indexed; /* the loader does not find it */
	bool built_in;	  /* the kernel has a driver of that name built in */
	struct ko ko;
	enum scene_signature signature;
	const char *signature_why; /* of SIGNATURE_DAMAGED; static */
	size_t key;		   /* of SIGNATURE_GOOD and SIGNATURE_BAD, in firmware.keys */
	bool kernel_key;	   /* that key also signs the kernel's own modules */
	bool hash_revoked;
	char *identity; /* image_identity(), of our modules */
	enum scene_image image;
	char *image_path; /* of IMAGE_OTHER and IMAGE_UNREAD */
	char *image_why;  /* of IMAGE_UNREAD */
};

struct scene {
	char *release, *arch;
	struct kconfig config;
	bool has_config;
	struct symvers symvers; /* n == 0: there is no Module.symvers */
	struct strv words;	/* of the command line */
	struct modprobe modprobe;
	const struct firmware *firmware;
	char *vermagic;	    /* of the kernel's own modules; NULL: it has none that can be read */
	struct buf signer;  /* of these modules' signatures; empty: none, or not known */
	bool firmware_keys; /* this distribution's kernels take the keys of db for modules */
	char *update;	    /* the command that makes the initramfs anew; NULL: not known */
	char *certificate;  /* the path of ours, to enroll it; NULL: none */
	struct scene_module *v;
	size_t n;
	struct names module_names;
	/* What the modules export, and the index of it by name. */
	struct scene_export {
		size_t module, symbol;
	} * exports;
	size_t n_exports;
	struct names export_names;
};
#define SCENE_INIT                                                              \
	{                                                                       \
		.symvers = SYMVERS_INIT, .words = STRV_INIT, .signer = BUF_INIT \
	}
#define AUTO_SCENE CLEANUP(scene_release)
void scene_release(struct scene *s);
/* Append a module; the pointer is valid until the next one is added. */
struct scene_module *scene_add(struct scene *s, const char *name, const char *path);
#define SCENE_NONE NAMES_NONE
/* Call it when module number i has been parsed: scene_exporter() finds what it exports. */
void scene_index_exports(struct scene *s, size_t i);
/* The module of that name, or SCENE_NONE. */
size_t scene_find(const struct scene *s, const char *name);
/*
 * The module that exports the symbol, with the symbol in *ret, or SCENE_NONE.  Modules whose
 * exports Module.symvers tells do not count.
 */
size_t scene_exporter(const struct scene *s, const char *symbol, const struct ko_symbol **ret);
