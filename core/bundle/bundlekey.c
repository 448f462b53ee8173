/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundlekey.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/childenv.h"
#include "kernel/kernelversion.h"
#include "tree/tree.h"

#define DEPTH_MAX 16 /* a longer chain of dependencies is taken for a circle */

void bundle_input_release(struct bundle_input *in)
{
	free(in->name);
	free(in->version);
	free(in->release);
	free(in->arch);
	free(in->content);
	free(in->overrides);
	free(in->uts_version);
	free(in->options);
	strv_release(&in->depends);
	*in = (struct bundle_input)BUNDLE_INPUT_INIT;
}

void bundle_key(const struct bundle_input *in, char ret[DIGEST_HEX])
{
	const char *const words[] = { "dkms-bundle 1", in->name,	in->version,
				      in->release,     in->arch,	in->content,
				      in->overrides,   in->uts_version, in->options };
	struct digest d;

	digest_begin(&d);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		digest_add_string(&d, words[i]);
	for (size_t i = 0; i < in->depends.n; i++)
		digest_add_string(&d, in->depends.v[i]);
	digest_end(&d, ret);
}

bool bundle_is_key(const char *text)
{
	return strlen(text) == DIGEST_HEX - 1 && strspn(text, "0123456789abcdef") == DIGEST_HEX - 1;
}

/* ---- what the admin added ---- */

static void bundle_options_add_file(const struct engine *e, const char *what, const char *path,
				    struct buf *b)
{
	char hex[DIGEST_HEX];

	if (path)
		buf_addf(b, "%s %s\n", what, digest_file(&e->root, path, hex) < 0 ? "-" : hex);
}

char *bundle_options(const struct engine *e, const char *release, const char *arch)
{
	AUTO_STRV struct strv added = STRV_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	char hex[DIGEST_HEX];
	const char *word;

	childenv_added(e, release, arch, &added);
	STRV_FOREACH (word, &added) {
		if (*word == '/')
			bundle_options_add_file(e, "file", word, &b);
		else
			buf_addf(&b, "environment %s\n", word);
	}
	bundle_options_add_file(e, "conf", e->conf_file, &b);
	bundle_options_add_file(e, "config", e->kernel_config, &b);
	STRV_FOREACH (word, &e->directives)
		buf_addf(&b, "directive %s\n", word);
	if (!b.len)
		return xstrdup("");
	/* Values may be secret, and a manifest is public. */
	digest_bytes(b.s, b.len, hex);
	return xstrdup(hex);
}

/* ---- of one build ---- */

static int bundle_input_find_at(const struct engine *e, const struct target *t,
				const struct record *facts, unsigned int depth,
				struct bundle_input *ret, struct err *err);

/* `depend` is as in struct record: "NAME/VERSION" or "NAME/VERSION=CONTENT". */
static int bundle_input_add_depend(const struct engine *e, const struct target *of,
				   const char *depend, unsigned int depth, struct strv *ret,
				   struct err *err)
{
	AUTO_BUNDLE_INPUT struct bundle_input in = BUNDLE_INPUT_INIT;
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	size_t len = strcspn(depend, "=");
	AUTO_FREE char *id = xstrndup(depend, len);
	char *slash = strchr(id, '/'), key[DIGEST_HEX];
	struct target t = { id, slash ? slash + 1 : "", of->release, of->arch };
	int r;

	if (!slash || depth == DEPTH_MAX)
		return err_set(err, -E_NO_BUNDLE, "its dependency %s has no key", depend);
	*slash = '\0';
	r = tree_record_read(e, &t, &rec, NULL);
	if (r < 0 || (depend[len] && !str_equal(rec.content, depend + len + 1)))
		return err_set(err, -E_NO_BUNDLE, "its dependency %s/%s %s", t.name, t.version,
			       r < 0 ? "has no record of its build" : "was built anew since");
	r = bundle_input_find_at(e, &t, &rec, depth + 1, &in, err);
	if (r < 0)
		return r;
	bundle_key(&in, key);
	strv_addf(ret, "%s/%s %s", t.name, t.version, key);
	return 0;
}

static int bundle_input_find_at(const struct engine *e, const struct target *t,
				const struct record *facts, unsigned int depth,
				struct bundle_input *ret, struct err *err)
{
	AUTO_BUNDLE_INPUT struct bundle_input in = BUNDLE_INPUT_INIT;
	int r = kernel_uts_version(e, t->release, &in.uts_version);

	if (r == -ESTALE)
		return err_set(err, -E_NO_BUNDLE,
			       "the headers of %s are not those of its image (UTS_VERSION)",
			       t->release);
	if (r < 0)
		return err_set(err, -E_NO_BUNDLE,
			       "neither headers nor image tell which build of %s this is "
			       "(UTS_VERSION)",
			       t->release);
	if (!facts->content || facts->adopted)
		return err_set(err, -E_NO_BUNDLE, "%s/%s: %s", t->name, t->version,
			       facts->adopted ? "DKMS built it, so it is not known from what"
					      : "its source cannot be read");
	for (size_t i = 0; r == 0 && i < facts->depends.n; i++)
		r = bundle_input_add_depend(e, t, facts->depends.v[i], depth, &in.depends, err);
	if (r < 0)
		return r;
	in.name = xstrdup(t->name);
	in.version = xstrdup(t->version);
	in.release = xstrdup(t->release);
	in.arch = xstrdup(t->arch);
	in.content = xstrdup(facts->content);
	in.overrides = xstrdup(facts->overrides ? facts->overrides : "");
	in.options = xstrdup(facts->options ? facts->options : "");
	*ret = in;
	in = (struct bundle_input)BUNDLE_INPUT_INIT;
	return 0;
}

int bundle_input_find(const struct engine *e, const struct target *t, const struct record *facts,
		      struct bundle_input *ret, struct err *err)
{
	return bundle_input_find_at(e, t, facts, 0, ret, err);
}
