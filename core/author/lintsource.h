/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * lintsource - a module source as lint has read it, and the checks.  For lint*.c only.
 */
#include "author/finding.h"
#include "author/makefile.h"
#include "conf/confeval.h"
#include "engine/engine.h"
#include "model/conf.h"
#include "model/conftext.h"

#define LINT_CONF "dkms.conf"

/* A Makefile or Kbuild of the source. */
struct lint_makefile {
	char *path; /* relative to the folder */
	struct makefile m;
};

struct lint_source {
	struct engine *e;
	const char *folder;
	struct buf text; /* of dkms.conf */
	struct conftext sets;
	struct conf_values values;   /* for the first of `releases` */
	struct conf conf;	     /* `values`, interpreted */
	struct confeval_pair *pairs; /* values for n_here kernels that are here, then for others */
	size_t n_pairs, n_here;
	struct strv releases; /* of the pairs, which point to these strings */
	struct lint_makefile *makefiles;
	size_t n_makefiles;
	struct lint_findings *ret;
};

/* The line of NAME[index] in dkms.conf; 0: it is not there. */
size_t lint_line(const struct lint_source *s, const char *name, size_t index);
bool lint_has(const struct lint_source *s, const char *rel);
/* The value of NAME[index]; "" if it is not set. */
const char *lint_value(const struct lint_source *s, const char *name, size_t index);

/* lintconf.c: directives; what they name; names and versions. */
void lint_directives(struct lint_source *s);
void lint_conf_errors(struct lint_source *s);
void lint_conf_files(struct lint_source *s);
void lint_names(struct lint_source *s);
/* lintkernels.c: modules that no kernel can match. */
void lint_kernels(struct lint_source *s);
/* lintmake.c: what the Makefiles build, and for which kernel. */
void lint_makefiles(struct lint_source *s);
/*
 * The folder whose Makefile make reads first: "" for the source's own, "src" for "make -C src".
 * NULL: it is the kernel's, or it cannot be told.  Caller frees.
 */
char *lint_entry(const struct lint_source *s);
/* Is the file directly in the folder `rel` of the source ("": in the source's own folder)? */
bool lint_is_in(const struct lint_makefile *f, const char *rel);
/* lintoutside.c: what a confined build does not have. */
void lint_outside(struct lint_source *s);
/* lintfiles.c: modes, and what an old build has left.  Also fills s->makefiles. */
void lint_files(struct lint_source *s);
