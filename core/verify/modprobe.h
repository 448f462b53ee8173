/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modprobe - what the configuration of modprobe(8) and the kernel's command line say of a module.
 */
#include "base/strv.h"
#include "engine/engine.h"

enum modprobe_rule {
	MODPROBE_NONE,
	MODPROBE_REFUSED,   /* module_blacklist=: the kernel does not load it */
	MODPROBE_BLACKLIST, /* it is not loaded by itself */
	MODPROBE_NEVER,	    /* "install" with a command that loads nothing, e.g. /bin/false */
	MODPROBE_COMMAND,   /* "install" with another command */
};

struct modprobe_line {
	enum modprobe_rule rule;
	char *module; /* as the loader spells it */
	char *file;   /* the file, or the word of the command line */
};

struct modprobe {
	struct modprobe_line *v;
	size_t n;
};
#define AUTO_MODPROBE CLEANUP(modprobe_release)
void modprobe_release(struct modprobe *m);
/* Append the files that modprobe reads, in its order. */
void modprobe_paths(const struct engine *e, struct strv *ret);
/* Read these files. */
void modprobe_read(const struct engine *e, struct modprobe *ret);
/* Add what the words of a kernel's command line say.  Pure. */
void modprobe_add_words(const struct strv *words, struct modprobe *ret);
/* Add what the text of a configuration file says.  Pure. */
void modprobe_add_text(const char *file, const char *text, struct modprobe *ret);
/* The gravest line about the module, whose name is as the loader spells it; NULL: there is none. */
const struct modprobe_line *modprobe_about(const struct modprobe *m, const char *module);
