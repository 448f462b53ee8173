/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * surveyconf - the confs of a survey: collect the pairs of conf and kernel that are needed, use
 * remembered verdicts where possible, and let bash evaluate the other pairs.  Private to survey.
 */
#include "model/event.h"
#include "survey/surveyed.h"
#include "tree/tree.h"

/* An installed file of world.builds[build]. */
struct survey_file {
	size_t build;
	char *path;
};

struct survey_scope {
	struct engine *e;
	struct survey *s;
	struct world *w;
	struct owners owners; /* as they are after the event */
	struct tree tree;
	const struct event *event; /* NULL: goals */
	unsigned int flags;
	struct strv overrides; /* what OVERRIDE_DIR holds, if it could be listed */
	bool overrides_listed;
	struct names verdict_names; /* of s->verdicts, in survey_evaluate() */
	struct survey_file *files;  /* from the records, for survey_mark_hidden() */
	size_t n_files;
	struct err *err;
};

/* A module package for a kernel.  Only key belongs to the pair; goals or the world own the rest. */
struct survey_pair {
	struct modid id;
	const char *release, *arch; /* release NULL: for no kernel */
	char *key;
};

struct survey_pairs {
	struct survey_pair *v;
	size_t n;
	struct names names; /* of v */
};

/*
 * Add a pair to *p, unless *p has it already.  The strings must outlive *p.  Two releases are the
 * same only if they are the same string in memory.
 */
void survey_want_pair(struct survey_pairs *p, const struct modid *id, const char *release,
		      const char *arch);
/*
 * Add a world_conf for every pair with a conf, and free the content of *p.  Fails only if bash
 * cannot be run.
 */
int survey_evaluate(struct survey_scope *scope, struct survey_pairs *p) MUST_CHECK;
/*
 * Is it remembered that the conf in this folder cannot be evaluated, and is the conf unchanged
 * since?  If so, *ret is the reason of the failure, owned by the verdict.  The evaluation failed
 * before the conf set its names, so the verdict is remembered under the name of the folder.
 */
bool survey_nameless(struct survey_scope *scope, const char *folder, const char **ret);
/* Remember a verdict for survey_nameless().  Does nothing if the evaluation did not fail. */
void survey_learn_nameless(struct survey_scope *scope, const struct confs_entry *entry);
/*
 * In surveyhidden.c.  Set world_build.hidden for each build with an installed file that the module
 * loader does not take, according to modules.dep.bin.  Kernels with a pending depmod are skipped,
 * because their index is not current.
 */
void survey_mark_hidden(struct survey_scope *scope);
