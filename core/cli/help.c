/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/help.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/similar.h"
#include "cli/cli.h"
#include "cli/report.h"

const struct verb verb_help = {
	.name = "help",
	.help = "what an action does, and its options",
	.args = "[ACTION]",
	.about = "Prints what an action does and the options that it takes, as --help after the\n"
		 "action does. Without an action it lists the actions and all options.\n",
	.words = WORDS_VERBS,
	.flags = VERB_NO_PROCESS | VERB_OURS | VERB_READER,
};

static bool help_has_names(const struct option_def *d)
{
	return d->short_name || d->long_name;
}

/* If only one or two verbs take the option, their names and ": ", else "".  Caller frees. */
static char *help_takers(const struct option_def *d)
{
	AUTO_STRV struct strv takers = STRV_INIT;
	AUTO_FREE char *list = NULL;

	if (USES_GENERAL & OPTION(d->id))
		return xstrdup("");
	for (size_t i = 0; verb_table[i]; i++) {
		if (verb_table[i]->uses & OPTION(d->id))
			strv_add(&takers, verb_table[i]->name);
	}
	if (!takers.n || takers.n > 2)
		return xstrdup("");
	list = strv_join(&takers, ", ");
	return xasprintf("%s: ", list);
}

static void help_add_option(struct buf *b, const struct option_def *d, const char *before)
{
	AUTO_FREE char *names = NULL, *left = NULL;

	if (d->short_name && d->long_name)
		names = xasprintf("%s, %s", d->short_name, d->long_name);
	else
		names = xstrdup(d->short_name ? d->short_name : d->long_name);
	left = d->value ? xasprintf("%s %s", names, d->value) : xstrdup(names);
	buf_addf(b, "  %-34s %s%s\n", left, before, d->help);
}

char *help_usage(void)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "Usage: dkms ACTION [OPTIONS] [NAME/VERSION | SOURCE-FOLDER | TARBALL]\n\n"
		     "Actions:\n");
	for (size_t i = 0; verb_table[i]; i++)
		buf_addf(&b, "  %-18s %s\n", verb_table[i]->name, verb_table[i]->help);
	buf_adds(&b, "\nOptions:\n");
	for (const struct option_def *d = option_table; help_has_names(d); d++) {
		AUTO_FREE char *takers = help_takers(d);

		if (d->id != OPT_DEPRECATED)
			help_add_option(&b, d, takers);
	}
	buf_adds(&b, "\n\"dkms help ACTION\" tells what an action does. Everything else is in "
		     "dkms(8).\n");
	return buf_detach(&b);
}

/* The usage line of a verb, what it does, and its own options.  Caller frees. */
static char *help_verb(const struct verb *v)
{
	struct buf b = BUF_INIT;
	option_set own = v->uses & ~USES_GENERAL;
	bool one = false;

	/* An action that takes --dry-run takes --json together with it. */
	if (own & OPTION(OPT_DRY_RUN))
		own |= OPTION(OPT_JSON);
	buf_addf(&b, "Usage: dkms %s%s%s%s\n\n%s", v->name, own ? " [OPTIONS]" : "",
		 v->args && *v->args ? " " : "", v->args ? v->args : "", v->about ? v->about : "");
	for (const struct option_def *d = option_table; help_has_names(d); d++) {
		if (!(own & OPTION(d->id)))
			continue;
		buf_adds(&b, one ? "" : "\nOptions:\n");
		help_add_option(&b, d, "");
		one = true;
	}
	buf_adds(&b, "\n\"dkms --help\" lists the options that every action takes. Everything "
		     "else is in dkms(8).\n");
	return buf_detach(&b);
}

char *help_similar_verb(const char *word)
{
	struct similar s = SIMILAR_INIT(word);

	for (size_t i = 0; verb_table[i]; i++)
		similar_offer(&s, verb_table[i]->name);
	return s.best ? xasprintf("\nDid you mean %s?", s.best) : xstrdup("");
}

/* What is the help about?  NULL: everything. */
static const char *help_topic(const struct options *o)
{
	if (o->topic || !o->action || strcmp(o->action, verb_help.name) != 0)
		return o->topic ? o->topic : o->action;
	return o->id.name;
}

int help_answer(const struct options *o)
{
	const char *topic = help_topic(o);
	const struct verb *v = topic ? verb_find(topic) : NULL;
	AUTO_FREE char *text = NULL, *meant = NULL;
	AUTO_ERR struct err err = ERR_INIT;

	if (topic && !v) {
		meant = help_similar_verb(topic);
		err_set(&err, -E_USAGE, "There is no action %s.%s\ndkms --help lists the actions.",
			topic, meant);
		return report_error(&err);
	}
	text = v ? help_verb(v) : help_usage();
	return report_print(text);
}
