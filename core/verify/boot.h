/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * boot - what the boot loader will start next, and with which command line.
 *
 * GRUB's grub.cfg and grubenv are read as grub-mkconfig writes them: menuentry, submenu, linux and
 * "set default".  Entries of the Boot Loader Specification (loader/entries) are read for GRUB's
 * blscfg and for systemd-boot, which also has loader.conf, EFI variables, and unified images.  What
 * is not understood is left out; then the newest kernel counts as the next.
 */
#include "base/buf.h"
#include "base/strv.h"
#include "engine/engine.h"

struct boot_entry {
	char *id, *title;			  /* may be NULL */
	char *id_path, *title_path, *number_path; /* with the menus above it: "1>2"; may be NULL */
	char *linux_path; /* the kernel's file as the loader sees it; NULL: the UKI itself */
	char *release;	  /* the kernel; NULL: none of ours */
	char *options;	  /* its command line; NULL: not known */
};

struct boot {
	struct boot_entry *v;
	size_t n;
	char *wanted; /* the entry that the loader starts by default; NULL: not known */
	char *next;   /* the release that is started next; NULL: no kernel here */
};
#define AUTO_BOOT CLEANUP(boot_release)
void boot_release(struct boot *b);
/* `releases`: the kernels that are here, newest first. */
void boot_read(const struct engine *e, const struct strv *releases, struct boot *ret);
/*
 * The command line with which the kernel will be started, as words.  If no entry tells it, the
 * words come from /etc/kernel/cmdline, /etc/default/grub and /proc/cmdline together.
 */
void boot_words(const struct engine *e, const struct boot *b, const char *release,
		struct strv *ret);

/* ---- pure ---- */

/* Add the entries of a grub.cfg, and set ret->wanted; `env` is the text of grubenv. */
void boot_add_grub(const char *cfg, const char *env, struct boot *ret);
/* Add an entry of the Boot Loader Specification; `id` is its file's name without ".conf". */
void boot_add_bls(const char *id, const char *text, struct boot *ret);
/* The one of `releases` that the path of a kernel's file names; NULL: none. */
const char *boot_path_release(const char *path, const struct strv *releases);
/* The entry that ret->wanted means; NULL: there is none. */
const struct boot_entry *boot_find(const struct boot *b, const char *wanted);
