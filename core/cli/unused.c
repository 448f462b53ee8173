/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options and words that mean nothing to an action are reported, never silently ignored. */
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"

static void unused_add_options(const struct options *o, option_set which, struct strv *to)
{
	for (const struct option_def *d = option_table; d->short_name || d->long_name; d++) {
		if (o->given & which & OPTION(d->id))
			strv_add(to, d->long_name ? d->long_name : d->short_name);
	}
}

static option_set unused_our_options(void)
{
	option_set set = 0;

	for (const struct option_def *d = option_table; d->short_name || d->long_name; d++) {
		if (d->flags & OPT_OURS)
			set |= OPTION(d->id);
	}
	return set;
}

/*
 * Did an action that takes only an archive (ldtarball) get none?  The action itself reports what it
 * got instead.
 */
static bool unused_lacks_archive(const struct options *o, const struct verb *v)
{
	return (v->uses & OPTION(OPT_ARCHIVE)) && !(v->uses & OPTION(OPT_MODULE)) && !o->archive;
}

/* Append the names, versions, archives and folders that the action does not take. */
static void unused_add_words(const struct options *o, const struct verb *v, struct strv *to)
{
	bool none = unused_lacks_archive(o, v);
	bool name = !none && option_is_set(o->id.name) && !(v->uses & OPTION(OPT_MODULE));
	bool version =
		!none && option_is_set(o->id.version) && !(v->uses & OPTION(OPT_VERSION_OF_MODULE));

	if (name && version)
		strv_addf(to, "%s/%s", o->id.name, o->id.version);
	else if (name || version)
		strv_add(to, name ? o->id.name : o->id.version);
	if (option_is_set(o->archive) && !(v->uses & OPTION(OPT_ARCHIVE)))
		strv_add(to, o->archive);
	if (o->source_path && !(v->flags & VERB_SOURCE))
		strv_addf(to, "the folder %s", o->source_path);
	if ((v->flags & VERB_SOURCE) && (o->source_path || o->archive) && !source_is_named(o))
		strv_add(to, o->source_path ? o->source_path : o->archive);
}

/*
 * Refuse those of our own options that the action does not use.  DKMS does not have them, so no
 * script relies on their being ignored.
 */
static int unused_refuse_ours(const struct options *o, const struct verb *v, struct err *err)
{
	AUTO_STRV struct strv odd = STRV_INIT;
	AUTO_FREE char *list = NULL;
	option_set uses = v->uses;

	/* With --dry-run, --json is allowed: the plan is printed as JSON. */
	if (o->dry_run && (uses & OPTION(OPT_DRY_RUN)))
		uses |= OPTION(OPT_JSON);
	unused_add_options(o, unused_our_options() & ~USES_GENERAL & ~uses, &odd);
	if (!odd.n)
		return 0;
	list = strv_join(&odd, ", ");
	return err_set(
		err, -E_USAGE, "The action %s does not know %s%s.\ndkms help %s lists its options.",
		v->name, list, o->json && (uses & OPTION(OPT_DRY_RUN)) ? " without --dry-run" : "",
		v->name);
}

/* Is the only odd word a version, which was typed after a blank instead of a slash? */
static bool unused_is_version(const struct options *o, const struct verb *v, const struct strv *odd)
{
	return odd->n == 1 && o->ignored.n == 1 && (v->uses & OPTION(OPT_VERSION_OF_MODULE)) &&
	       option_is_set(o->id.name) && !option_is_set(o->id.version) &&
	       !modid_version_problem(odd->v[0]);
}

static int unused_refuse_all(const struct options *o, const struct verb *v, struct err *err)
{
	AUTO_STRV struct strv odd = STRV_INIT;
	AUTO_FREE char *list = NULL;
	option_set checked = v->flags & VERB_NO_ALL ? OPTION(OPT_ALL) : 0;

	/* Leave out -m, -v and --archive: unused_add_words() adds their values. */
	unused_add_options(o,
			   ~(USES_GENERAL | unused_our_options() | v->uses | checked | USES_MODULE |
			     OPTION(OPT_ARCHIVE)),
			   &odd);
	/* options_folder() and the verbs of bundle check the words. */
	if (v->words != WORDS_FOLDERS && v->words != WORDS_BUNDLES) {
		unused_add_words(o, v, &odd);
		strv_add_all(&odd, &o->ignored);
	}
	if (!odd.n)
		return 0;
	list = strv_join(&odd, ", ");
	if (v->flags & VERB_OURS)
		return err_set(err, -E_USAGE, "The action %s does not know what to do with %s.",
			       v->name, list);
	if (unused_is_version(o, v, &odd)) {
		log_warning("Ignoring '%s'. Did you mean %s/%s?", odd.v[0], o->id.name, odd.v[0]);
		return 0;
	}
	log_warning("The action %s has no use for %s: ignored.%s", v->name, list,
		    o->ignored.n && (v->uses & OPTION(OPT_MODULE))
			    ? " A command is about one module package."
			    : "");
	return 0;
}

int unused_check(const struct options *o, const struct verb *v, struct err *err)
{
	const char *word;
	int r = unused_refuse_ours(o, v, err);

	if (r < 0)
		return r;
	STRV_FOREACH (word, &o->deprecated)
		log_warning("The option %s has no effect any more.", word);
	STRV_FOREACH (word, &o->directives)
		if (!strchr(word, '='))
			log_warning("--directive %s has no value (NAME=VALUE) and is ignored.",
				    word);
	return unused_refuse_all(o, v, err);
}
