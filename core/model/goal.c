/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/goal.h"

#include <string.h>

#include "base/alloc.h"
#include "base/words.h"

static const char *const goal_verbs[] = {
	[GOAL_ADD] = "add",
	[GOAL_BUILD] = "build",
	[GOAL_INSTALL] = "install",
	[GOAL_UNINSTALL] = "uninstall",
	[GOAL_UNBUILD] = "unbuild",
	[GOAL_REMOVE] = "remove",
	[GOAL_AUTOINSTALL] = "autoinstall",
	[GOAL_ADD_LATER] = "add-later",
	[GOAL_REMOVE_LATER] = "remove-later",
	[GOAL_HOLD] = "hold",
	[GOAL_UNHOLD] = "unhold",
	[GOAL_TRY] = "try",
};

void goals_release(struct goals *g)
{
	for (size_t i = 0; i < g->n; i++) {
		modid_release(&g->v[i].id);
		free(g->v[i].release);
		free(g->v[i].arch);
	}
	free(g->v);
	*g = (struct goals){ NULL, 0 };
}

void goals_add(struct goals *g, enum goal_verb verb, const struct modid *id, const char *release,
	       const char *arch, bool force)
{
	struct goal goal = {
		.verb = verb,
		.release = xstrdup(release),
		.arch = xstrdup(arch),
		.force = force,
	};

	if (id)
		modid_copy(&goal.id, id);
	VEC_PUSH(g->v, g->n, goal);
}

const char *goal_verb_name(enum goal_verb verb)
{
	return goal_verbs[verb];
}

bool goal_verb_parse(const char *s, enum goal_verb *ret)
{
	int verb = words_index(goal_verbs, ARRAY_SIZE(goal_verbs), s);

	if (verb >= 0)
		*ret = (enum goal_verb)verb;
	return verb >= 0;
}

void goal_print(const struct goal *g, struct buf *b)
{
	buf_adds(b, goal_verbs[g->verb]);
	if (g->id.name)
		buf_addf(b, " %s/%s", g->id.name, g->id.version);
	if (g->release)
		buf_addf(b, " %s %s", g->release, g->arch);
	if (g->force)
		buf_adds(b, " force");
}

static int goal_parse_words(const struct strv *word, struct goals *g, struct err *err)
{
	AUTO_MODID struct modid id = MODID_INIT;
	size_t i = 1, n = word->n;
	enum goal_verb verb;
	bool force;
	int r;

	if (n == 2 && strcmp(word->v[0], "phase") == 0 && strcmp(word->v[1], "middle") == 0) {
		g->middle = true;
		return 0;
	}
	if (!n || !goal_verb_parse(word->v[0], &verb))
		return err_set(err, -E_USAGE, "A goal begins with one of the actions.");
	force = n > 1 && strcmp(word->v[n - 1], "force") == 0;
	if (force)
		n--;
	if (i < n && strchr(word->v[i], '/')) {
		r = modid_parse(word->v[i++], &id, err);
		if (r < 0)
			return r;
	}
	if (n != i && n != i + 2)
		return err_set(err, -E_USAGE, "A goal names its kernel as RELEASE ARCH.");
	goals_add(g, verb, id.name ? &id : NULL, n > i ? word->v[i] : NULL,
		  n > i ? word->v[i + 1] : NULL, force);
	return 0;
}

int goal_parse(const char *line, struct goals *g, struct err *err)
{
	struct words w;
	int r;

	words_begin(&w, line, strlen(line));
	if (words_next(&w) > 0)
		r = goal_parse_words(&w.word, g, err);
	else
		r = err_set(err, -E_USAGE, "An empty line is no goal.");
	words_end(&w);
	return r;
}
