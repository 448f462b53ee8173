/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/gatetext.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define GATETEXT_HELD "dkms: kernel %s is held back"
#define GATETEXT_ELSE ", everything else is upgraded:\n"

/* "canary" of "canary/1.0"; caller frees. */
static char *gatetext_name(const char *text, const char *ends)
{
	return xstrndup(text, strcspn(text, ends));
}

/* pacman has no file for pins, so a person has to type --ignore. */
static void gatetext_add_pacman(const struct gate *g, struct buf *ret)
{
	const char *package, *sep = "";

	buf_adds(ret, "  everything else: pacman -Syu --ignore ");
	STRV_FOREACH (package, &g->packages) {
		AUTO_FREE char *name = gatetext_name(package, "=");

		buf_addf(ret, "%s%s", sep, name);
		sep = ",";
	}
	buf_addch(ret, '\n');
}

/* All lines but the first. */
static void gatetext_add_whys(const struct gate *g, struct buf *ret)
{
	for (size_t i = 0; i < g->modules.n; i++) {
		AUTO_BUF struct buf why = BUF_INIT;

		text_add_visible(&why, i < g->whys.n ? g->whys.v[i] : "");
		buf_addf(ret, "  %s does not build for it%s%s\n", g->modules.v[i],
			 why.len ? ": " : "", why.s);
	}
	if (strcmp(g->from, "pacman") == 0 && g->packages.n)
		gatetext_add_pacman(g, ret);
	if (g->modules.n) {
		AUTO_FREE char *name = gatetext_name(g->modules.v[0], "/");

		buf_addf(ret,
			 "  why: dkms why %s -k %s     let it in anyway: dkms gate --release %s\n",
			 name, g->release, g->release);
	}
}

void gatetext_add(const struct gate *g, bool coming, struct buf *ret)
{
	bool pinned = strcmp(g->from, "pacman") != 0 && !coming;

	buf_addf(ret,
		 pinned ? GATETEXT_HELD GATETEXT_ELSE
			: "dkms: kernel %s should not be installed now:\n",
		 g->release);
	gatetext_add_whys(g, ret);
}

void gatetext_add_all(const struct gates *l, struct buf *ret)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!l->v[i].released)
			gatetext_add(&l->v[i], false, ret);
	}
}

static bool gatetext_is_held(const struct gate *g, const char *from)
{
	return !g->released && strcmp(g->from, from) == 0;
}

/* Append, as comments, the text about all kernels held back; false: there is none. */
static bool gatetext_add_comments(const struct gates *l, const char *from, struct buf *ret)
{
	size_t before = ret->len;

	for (size_t i = 0; i < l->n; i++) {
		const struct gate *g = &l->v[i];
		AUTO_BUF struct buf whys = BUF_INIT;
		AUTO_STRV struct strv lines = STRV_INIT;
		const char *line;

		if (!gatetext_is_held(g, from))
			continue;
		buf_addf(ret, "# " GATETEXT_HELD GATETEXT_ELSE "#!" GATETEXT_HELD ":\n", g->release,
			 g->release);
		gatetext_add_whys(g, &whys);
		strv_split(&lines, whys.s, "\n");
		STRV_FOREACH (line, &lines)
			buf_addf(ret, "# %s\n", line);
	}
	return ret->len > before;
}

/* A name or version that cannot do harm in a file of a package manager. */
static bool gatetext_is_plain(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789.+-_~^:")] == '\0';
}

/* Split "NAME=VERSION"; false: it is not that.  Caller frees *ret_name. */
static bool gatetext_split(const char *package, char **ret_name, const char **ret_version)
{
	AUTO_FREE char *name = gatetext_name(package, "=");
	const char *version = package + strlen(name) + (package[strlen(name)] == '=');

	if (!gatetext_is_plain(name) || !gatetext_is_plain(version))
		return false;
	*ret_name = TAKE(name);
	*ret_version = version;
	return true;
}

void gatetext_make_apt(const struct gates *l, struct buf *ret)
{
	const char *package, *version;

	if (!gatetext_add_comments(l, "apt", ret))
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (!gatetext_is_held(&l->v[i], "apt"))
			continue;
		STRV_FOREACH (package, &l->v[i].packages) {
			AUTO_FREE char *name = NULL;

			if (gatetext_split(package, &name, &version))
				buf_addf(ret, "\nPackage: %s\nPin: version %s\nPin-Priority: -1\n",
					 name, version);
		}
	}
}

void gatetext_make_dnf(const struct gates *l, struct buf *ret)
{
	const char *package, *version;

	if (!gatetext_add_comments(l, "dnf", ret))
		return;
	buf_adds(ret, "[main]\nexcludepkgs=");
	for (size_t i = 0; i < l->n; i++) {
		if (!gatetext_is_held(&l->v[i], "dnf"))
			continue;
		STRV_FOREACH (package, &l->v[i].packages) {
			AUTO_FREE char *name = NULL;

			if (!gatetext_split(package, &name, &version))
				continue;
			version = strchr(version, ':') ? strchr(version, ':') + 1 : version;
			buf_addf(ret, "%s-%s ", name, version);
		}
	}
	buf_addch(ret, '\n');
}
