/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/gatetext.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

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

void gatetext_add(const struct gate *g, bool coming, struct buf *ret)
{
	bool pacman = strcmp(g->from, "pacman") == 0;
	AUTO_BUF struct buf text = BUF_INIT;

	buf_addf(&text,
		 pacman || coming ? "dkms: kernel %s should not be installed now:\n"
				  : "dkms: kernel %s is held back, everything else is upgraded:\n",
		 g->release);
	for (size_t i = 0; i < g->modules.n; i++) {
		AUTO_BUF struct buf why = BUF_INIT;

		text_add_visible(&why, i < g->whys.n ? g->whys.v[i] : "");
		buf_addf(&text, "  %s does not build for it%s%s\n", g->modules.v[i],
			 why.len ? ": " : "", why.s);
	}
	if (pacman && g->packages.n)
		gatetext_add_pacman(g, &text);
	if (g->modules.n) {
		AUTO_FREE char *name = gatetext_name(g->modules.v[0], "/");

		buf_addf(&text,
			 "  why: dkms why %s -k %s     let it in anyway: dkms gate --release %s\n",
			 name, g->release, g->release);
	}
	buf_adds(ret, text.s);
}

static bool gatetext_is_held(const struct gate *g, const char *from)
{
	return !g->released && (!from || strcmp(g->from, from) == 0);
}

void gatetext_add_all(const struct gates *l, const char *from, struct buf *ret)
{
	for (size_t i = 0; i < l->n; i++) {
		if (gatetext_is_held(&l->v[i], from))
			gatetext_add(&l->v[i], false, ret);
	}
}

/* Append, as comments, the text about all kernels held back; false: there is none. */
static bool gatetext_add_comments(const struct gates *l, const char *from, struct buf *ret)
{
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;

	gatetext_add_all(l, from, &text);
	strv_split(&lines, text.s, "\n");
	STRV_FOREACH (line, &lines)
		buf_addf(ret, "# %s\n", line);
	return lines.n;
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
