/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modules that no kernel can match.  conf_interpret() is asked about many releases and
 * architectures.  A module that it excludes for all of them is taken to be excluded for every
 * kernel.
 */
#include "author/lintsource.h"
#include "base/alloc.h"

static const char *const lint_archs[] = { "x86_64", "aarch64", "i686",	   "armv7l",	 "ppc64le",
					  "s390x",  "riscv64", "mips64el", "loongarch64" };
/* What follows MAJOR.MINOR in releases of the kernel and of distributions. */
static const char *const lint_tails[] = { ".0-25-amd64",	 ".7",
					  ".12-200.fc41.x86_64", ".0-91-generic",
					  ".0-427.el9.x86_64",	 ".8-arch1-1",
					  ".15-rpi-v8",		 ".4-1-default" };
#define MAJOR_FIRST 2
#define MAJOR_LAST  8
#define MINOR_LAST  32

struct lint_match {
	const struct lint_source *s;
	const struct conf_values *values;
	bool *matched;	     /* for each module */
	size_t left;	     /* modules that no release has matched yet */
	struct strv reasons; /* why the first and the last release did not match */
};

static void lint_match_reason(struct lint_match *m, const char *reason)
{
	if (m->reasons.n > 1)
		strv_remove(&m->reasons, 1);
	strv_add(&m->reasons, reason);
}

static void lint_match_release(struct lint_match *m, const char *release, const char *arch)
{
	struct conf_kernel k = {
		.release = release, .arch = arch, .source_dir = "", .build_dir = ""
	};
	AUTO_CONF struct conf c = CONF_INIT;

	conf_interpret(m->values, &k, &c);
	for (size_t i = 0; i < c.n_modules && i < m->s->conf.n_modules; i++) {
		if (c.modules[i].excluded && !m->matched[i])
			lint_match_reason(m, c.modules[i].excluded);
		if (c.modules[i].excluded || m->matched[i])
			continue;
		m->matched[i] = true;
		m->left--;
	}
}

static void lint_match_arch(struct lint_match *m, const char *arch)
{
	for (size_t i = 0; m->left && i < m->s->releases.n; i++)
		lint_match_release(m, m->s->releases.v[i], arch);
	for (int major = MAJOR_LAST; major >= MAJOR_FIRST; major--) {
		for (int minor = MINOR_LAST; minor >= 0; minor--) {
			for (size_t i = 0; m->left && i < ARRAY_SIZE(lint_tails); i++) {
				AUTO_FREE char *release =
					xasprintf("%d.%d%s", major, minor, lint_tails[i]);

				lint_match_release(m, release, arch);
			}
		}
	}
}

/*
 * Try the values of one evaluation.  Without BUILD_EXCLUSIVE_ARCH, which most confs do not have,
 * one architecture is enough.
 */
static void lint_match_values(struct lint_match *m)
{
	bool asks = false;

	for (size_t i = 0; i < m->values->n; i++)
		asks = asks || !strcmp(m->values->v[i].name, "BUILD_EXCLUSIVE_ARCH");
	if (!asks) {
		lint_match_arch(m, m->s->e->arch);
		return;
	}
	for (size_t i = 0; m->left && i < ARRAY_SIZE(lint_archs); i++)
		lint_match_arch(m, lint_archs[i]);
}

static bool lint_is_restricted(const struct conf_values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		if (*v->v[i].value && (str_begins(v->v[i].name, "BUILD_EXCLUSIVE_") ||
				       !strcmp(v->v[i].name, "OBSOLETE_BY")))
			return true;
	}
	return false;
}

/*
 * The first line that restricts the kernels of this module; else the first line that restricts
 * kernels at all; 0: there is none.
 */
static size_t lint_restriction_line(const struct lint_source *s, size_t module)
{
	size_t first = 0;

	for (size_t i = 0; i < s->sets.n; i++) {
		const struct conftext_set *set = &s->sets.v[i];

		if ((!str_begins(set->name, "BUILD_EXCLUSIVE_") &&
		     strcmp(set->name, "OBSOLETE_BY") != 0))
			continue;
		if (set->index == (long)module)
			return set->line;
		if (!first)
			first = set->line;
	}
	return first;
}

static void lint_never(struct lint_source *s, const struct lint_match *m)
{
	bool whole = m->left == s->conf.n_modules;
	AUTO_FREE char *reasons = strv_join(&m->reasons, "; ");

	for (size_t i = 0; i < s->conf.n_modules; i++) {
		if (m->matched[i])
			continue;
		lint_add(s->ret, LINT_ERROR, "never", LINT_CONF,
			 lint_restriction_line(s, whole ? 0 : i),
			 "Mend the pattern or the limits, or remove them.",
			 "%s%s can never be built: no kernel matches (%s)",
			 whole ? "this module package" : "the module ",
			 whole ? "" : s->conf.modules[i].built_name, reasons);
		if (whole)
			return;
	}
}

/* Add a note if the module package is for none of the kernels that are here. */
static void lint_none_here(struct lint_source *s)
{
	AUTO_FREE char *reason = NULL;

	for (size_t i = 0; i < s->n_here; i++) {
		struct conf_kernel k = { .release = s->releases.v[i],
					 .arch = s->e->arch,
					 .source_dir = "",
					 .build_dir = "" };
		AUTO_CONF struct conf c = CONF_INIT;

		conf_interpret(&s->pairs[i].result, &k, &c);
		if (!c.excluded)
			return;
		if (!reason)
			reason = xstrdup(c.excluded);
	}
	if (reason)
		lint_add(s->ret, LINT_NOTE, "none-here", LINT_CONF, lint_restriction_line(s, 0),
			 "To try it, install the headers of a kernel that it is for.",
			 "it is for none of the %zu kernels with headers here (%s)", s->n_here,
			 reason);
}

/* Does the conf read files of kernels?  If so, it tells nothing about kernels that are not here. */
static bool lint_looks_at_kernels(const struct lint_source *s)
{
	static const char *const words[] = { "kernel_config", "/boot", ".config", "auto.conf",
					     "autoconf.h" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strstr(s->text.s, words[i]))
			return true;
	}
	return false;
}

void lint_kernels(struct lint_source *s)
{
	struct lint_match m = { .s = s, .left = s->conf.n_modules, .reasons = STRV_INIT };
	size_t i = 0;

	if (lint_looks_at_kernels(s)) {
		lint_none_here(s);
		return;
	}
	m.matched = xcalloc(s->conf.n_modules, sizeof(*m.matched));
	for (; i < s->n_pairs && m.left && lint_is_restricted(&s->pairs[i].result); i++) {
		m.values = &s->pairs[i].result;
		lint_match_values(&m);
	}
	/* The loop ends early at values without a restriction, which match every kernel. */
	if (i == s->n_pairs && m.left)
		lint_never(s, &m);
	else
		lint_none_here(s);
	free(m.matched);
	strv_release(&m.reasons);
}
