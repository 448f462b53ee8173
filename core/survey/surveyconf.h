/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * surveyconf - the confs of a survey: which pairs must be known, which a
 * cached verdict answers, which bash has to evaluate.  Private to survey.
 */
#include "model/event.h"
#include "model/goal.h"
#include "survey/surveyed.h"
#include "tree/tree.h"

/* A file of ours: of world.builds[build]. */
struct survey_file {
	size_t build;
	char *path;
};

struct survey_scope {
	struct engine *e;
	struct survey *s;
	struct world *w;
	struct ledger owners; /* after the event, for the headers' identity */
	struct tree tree;
	const struct goals *goals; /* NULL: everything is looked at closely */
	const struct event *event; /* NULL: goals */
	unsigned int flags;
	struct survey_file *files; /* that are installed, by their records */
	size_t n_files;
	struct err *err;
};

/* A module package for a kernel; the strings are the world's. */
struct survey_pair {
	struct modid id;
	const char *release, *arch; /* release NULL: for no kernel */
	char *key;
};

struct survey_pairs {
	struct survey_pair *v;
	size_t n;
};

/* Asking twice is asking once. */
void survey_want_pair(struct survey_pairs *p, const struct modid *id, const char *release,
		      const char *arch);
/* Every pair becomes a world_conf; p is empty afterwards. */
int survey_evaluate(struct survey_scope *scope, struct survey_pairs *p) MUST_CHECK;
/*
 * A folder whose conf did not come to its end, and so has no names (its verdict is kept under the
 * folder's name): is it known, and has nothing changed?  Then why is in *ret (the verdict's).
 */
bool survey_nameless(struct survey_scope *scope, const char *folder, const char **ret);
void survey_learn_nameless(struct survey_scope *scope, const struct confs_entry *entry);
/*
 * surveyhidden.c: which installed files the loader does not take, by modules.dep.bin; another run's
 * depmod may have to come yet, where that is not asked.  What a person put in front of ours stays
 * there.
 */
void survey_mark_hidden(struct survey_scope *scope);
