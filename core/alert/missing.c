/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/missing.h"

#include "base/alloc.h"

void missing_list_release(struct missing_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].why);
		free(l->v[i].cure);
	}
	free(l->v);
	*l = (struct missing_list){ NULL, 0 };
}

static char *missing_why(const struct standing *s)
{
	return s->reason ? xasprintf("%s: %s", standing_word(s->state), s->reason)
			 : xstrdup(standing_word(s->state));
}

/* Is a version of the module package installed on the kernel, and are all its modules there? */
static bool missing_is_there(const struct world *w, const char *name, const char *release)
{
	const struct world_kernel *k = world_kernel(w, release);
	const struct world_build *b = world_installed(w, name, release, k ? k->arch : w->arch);

	return b && !b->lost;
}

/*
 * The entry to show for a module package on the kernel: one that is a problem, else one about this
 * kernel, else any; NULL: there is none.
 */
static const struct standing *missing_standing(const struct standings *l, const char *name,
					       const char *release)
{
	const struct standing *best = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct standing *s = &l->v[i];

		if (strcmp(s->id.name, name) != 0 ||
		    (s->release && strcmp(s->release, release) != 0))
			continue;
		if (!best || s->problem || (s->release && !best->problem))
			best = s;
	}
	return best;
}

static void missing_add_critical(const struct standings *l, const char *name, const char *release,
				 struct missing_list *ret)
{
	const struct standing *s = missing_standing(l, name, release);
	struct missing m = {
		.name = s ? xasprintf("%s/%s", name, s->id.version) : xstrdup(name),
		.why = s ? missing_why(s) : xstrdup("it is not added"),
		.cure = xstrdup(s ? s->cure : NULL),
		.critical = true,
	};

	VEC_PUSH(ret->v, ret->n, m);
}

static void missing_find_critical(const struct world *w, const struct standings *l,
				  const char *release, const struct strv *critical,
				  struct missing_list *ret)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	STRV_FOREACH (name, critical) {
		if (strcmp(name, "*") != 0 && !strv_has(&names, name))
			strv_add(&names, name);
	}
	for (size_t i = 0; strv_has(critical, "*") && i < w->n_modules; i++) {
		if (!strv_has(&names, w->modules[i].id.name))
			strv_add(&names, w->modules[i].id.name);
	}
	STRV_FOREACH (name, &names) {
		if (!missing_is_there(w, name, release))
			missing_add_critical(l, name, release, ret);
	}
}

static bool missing_is_critical(const struct strv *critical, const char *name)
{
	return strv_has(critical, "*") || strv_has(critical, name);
}

void missing_find(const struct world *w, const struct standings *l, const char *release,
		  const struct strv *critical, bool all, struct missing_list *ret)
{
	missing_find_critical(w, l, release, critical, ret);
	for (size_t i = 0; all && i < l->n; i++) {
		const struct standing *s = &l->v[i];
		struct missing m;

		if (!s->missing || !str_equal(s->release, release) ||
		    missing_is_critical(critical, s->id.name))
			continue;
		m = (struct missing){ .name = xasprintf("%s/%s", s->id.name, s->id.version),
				      .why = missing_why(s),
				      .cure = xstrdup(s->cure) };
		VEC_PUSH(ret->v, ret->n, m);
	}
}
