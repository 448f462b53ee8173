/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/vercheck.h"

#include <string.h>

#include "base/strv.h"
#include "model/vercmp.h"

enum vercheck vercheck(const struct vercheck_side *ours, const struct vercheck_side *theirs,
		       bool same_bytes)
{
	int c = vercmp(ours->version, theirs->version);

	if (c != 0)
		return c < 0 ? VERCHECK_OLDER : VERCHECK_INSTALL;
	if (strcmp(ours->srcversion, theirs->srcversion) != 0)
		return VERCHECK_INSTALL;
	if (!*ours->version && !*ours->srcversion && !same_bytes)
		return VERCHECK_INSTALL;
	return VERCHECK_SAME;
}

struct force_words force_words_for(const char *text, const char *name)
{
	static const char override[] = "_version-override";
	AUTO_STRV struct strv words = STRV_INIT;
	struct force_words f = { false, false };
	size_t len = strlen(name);
	const char *w;

	strv_split(&words, text, " \t\r\n");
	STRV_FOREACH (w, &words) {
		if (strncmp(w, name, len) != 0)
			continue;
		f.force |= !w[len];
		f.force_version_override |= !strcmp(w + len, override);
	}
	return f;
}

bool vercheck_obsolete(const char *obsolete_by, const char *release)
{
	AUTO_STRV struct strv obs = STRV_INIT, own = STRV_INIT;
	int c;

	strv_split(&obs, obsolete_by, "-");
	strv_split(&own, release, "-");
	if (!obs.n || !own.n)
		return false;
	c = vercmp(own.v[0], obs.v[0]);
	if (c != 0 || obs.n == 1)
		return c >= 0;
	return own.n > 1 && vercmp(own.v[1], obs.v[1]) >= 0;
}
