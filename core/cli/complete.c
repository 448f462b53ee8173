/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/complete.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "conf/open.h"
#include "conf/source.h"
#include "kernel/kernels.h"
#include "run/history.h"
#include "tree/tree.h"

#define COMPLETE_RUNS 20 /* how many of the newest runs are offered */

struct complete {
	struct engine *e;
	const struct options *o; /* the words before the last one, parsed */
	const struct verb *v;	 /* NULL: none is typed yet */
	const char *last;	 /* what the candidates must begin with */
	const char *before;	 /* "--kernelver=": repeated before each candidate; or "" */
	struct buf out;
};

static void complete_offer(struct complete *c, const char *word, const char *help)
{
	if (!str_begins(word, c->last))
		return;
	buf_addf(&c->out, "%s%s%s%s\n", c->before, word, help ? "\t" : "", help ? help : "");
}

static void complete_offer_verbs(struct complete *c)
{
	for (size_t i = 0; verb_table[i]; i++)
		complete_offer(c, verb_table[i]->name, verb_table[i]->help);
}

/* Offer the options of the verb, or all options if no verb is typed yet. */
static void complete_offer_options(struct complete *c)
{
	option_set set = c->v ? c->v->uses | USES_GENERAL : ~(option_set)0;

	if (c->v && (c->v->uses & OPTION(OPT_DRY_RUN)))
		set |= OPTION(OPT_JSON);
	for (const struct option_def *d = option_table; d->short_name || d->long_name; d++) {
		if (!(set & OPTION(d->id)) || d->id == OPT_DEPRECATED)
			continue;
		if (d->short_name)
			complete_offer(c, d->short_name, d->help);
		if (d->long_name)
			complete_offer(c, d->long_name, d->help);
	}
}

static void complete_offer_kernels(struct complete *c)
{
	AUTO_STRV struct strv list = STRV_INIT;
	const char *release;

	if (kernels_list(c->e, &list) < 0)
		return;
	STRV_FOREACH (release, &list)
		complete_offer(c, release, NULL);
}

/* How the candidate for a module package is written. */
enum complete_form { COMPLETE_BOTH, COMPLETE_NAME, COMPLETE_VERSION };

static void complete_offer_id(struct complete *c, const char *name, const char *version,
			      enum complete_form form)
{
	AUTO_FREE char *both = xasprintf("%s/%s", name, version);

	if (form == COMPLETE_BOTH)
		complete_offer(c, both, NULL);
	else if (form == COMPLETE_NAME)
		complete_offer(c, name, NULL);
	else if (!option_is_set(c->o->id.name) || strcmp(c->o->id.name, name) == 0)
		complete_offer(c, version, NULL);
}

static void complete_offer_added(struct complete *c, enum complete_form form)
{
	AUTO_TREE struct tree tree = TREE_INIT;

	if (tree_list(c->e, NULL, NULL, &tree) < 0)
		return;
	for (size_t i = 0; i < tree.n_modules; i++) {
		const struct tree_module *m = &tree.modules[i];

		for (size_t k = 0; k < m->n_versions; k++)
			complete_offer_id(c, m->name, m->versions[k].version, form);
	}
}

static void complete_offer_sources(struct complete *c, enum complete_form form)
{
	AUTO_SOURCE_FOLDERS struct source_folders list = { NULL, 0 };

	if (source_folders(c->e, NULL, &list) < 0)
		return;
	for (size_t i = 0; i < list.n; i++) {
		const struct source_folder *f = &list.v[i];

		if (f->name && f->version && !modid_name_problem(f->name) &&
		    !modid_version_problem(f->version))
			complete_offer_id(c, f->name, f->version, form);
	}
}

static void complete_offer_runs(struct complete *c)
{
	AUTO_HISTORY struct history h = HISTORY_INIT;

	if (history_load(c->e, &h, NULL) < 0)
		return;
	for (size_t i = 0; i < h.n && i < COMPLETE_RUNS; i++)
		complete_offer(c, h.runs[i].id, h.runs[i].cause.command);
}

static void complete_offer_modules(struct complete *c, enum complete_form form)
{
	enum verb_words words = c->v ? c->v->words : WORDS_ADDED;

	if (words == WORDS_SOURCES || words == WORDS_BUILDABLE)
		complete_offer_sources(c, form);
	if (words != WORDS_SOURCES)
		complete_offer_added(c, form);
}

static const char *const bundle_verbs[] = { "make", "list", "verify", "push", "fetch" };

static void complete_offer_words(struct complete *c)
{
	switch (c->v->words) {
	case WORDS_NONE: break;
	case WORDS_VERBS: complete_offer_verbs(c); break;
	case WORDS_SOURCES:
	case WORDS_BUILDABLE:
		complete_offer_modules(c, COMPLETE_BOTH);
		buf_adds(&c->out, ":files\n");
		break;
	case WORDS_ADDED: complete_offer_modules(c, COMPLETE_BOTH); break;
	case WORDS_NAMES: complete_offer_modules(c, COMPLETE_NAME); break;
	case WORDS_RUNS:
		complete_offer(c, "last", "the newest run");
		complete_offer_modules(c, COMPLETE_BOTH);
		complete_offer_runs(c);
		break;
	case WORDS_SETTINGS:
		for (size_t i = 0; i < SETTING_COUNT_; i++)
			complete_offer(c, settings_name((enum setting)i), NULL);
		break;
	case WORDS_BUNDLES:
		for (size_t i = 0; i < ARRAY_SIZE(bundle_verbs); i++)
			complete_offer(c, bundle_verbs[i], NULL);
		complete_offer_modules(c, COMPLETE_BOTH);
		break;
	case WORDS_FILES: buf_adds(&c->out, ":files\n"); break;
	case WORDS_FOLDERS: buf_adds(&c->out, ":folders\n"); break;
	}
}

static void complete_offer_value(struct complete *c, const struct option_def *d)
{
	static const char *const times[] = { "today", "yesterday", "1h", "1d", "1w" };

	switch (d->id) {
	case OPT_MODULE: complete_offer_modules(c, COMPLETE_BOTH); break;
	case OPT_VERSION_OF_MODULE: complete_offer_modules(c, COMPLETE_VERSION); break;
	case OPT_KERNEL:
	case OPT_TEMPLATE_KERNEL: complete_offer_kernels(c); break;
	case OPT_ARCH: complete_offer(c, c->e->arch, NULL); break;
	case OPT_SINCE:
		for (size_t i = 0; i < ARRAY_SIZE(times); i++)
			complete_offer(c, times[i], NULL);
		break;
	case OPT_DKMS_TREE:
	case OPT_SOURCE_TREE:
	case OPT_INSTALL_TREE:
	case OPT_KERNEL_SOURCE_DIR:
	case OPT_TO:
	case OPT_ROOT: buf_adds(&c->out, ":folders\n"); break;
	case OPT_DIRECTIVE:
	case OPT_JOBS: break;
	default:
		if (d->value && strstr(d->value, "FILE"))
			buf_adds(&c->out, ":files\n");
	}
}

/* The option whose value the last word is; NULL: the last word is no value. */
static const struct option_def *complete_find_option(const char *before, struct complete *c)
{
	const char *equals = strchr(c->last, '=');

	for (const struct option_def *d = option_table; d->short_name || d->long_name; d++) {
		size_t n = d->long_name ? strlen(d->long_name) : 0;

		if (!(d->flags & OPT_VALUE))
			continue;
		if (before && ((d->short_name && strcmp(before, d->short_name) == 0) ||
			       (n && strcmp(before, d->long_name) == 0)))
			return d;
		if (n && equals == c->last + n && strncmp(c->last, d->long_name, n) == 0)
			return d;
	}
	return NULL;
}

static bool complete_is_action(const char *word)
{
	return verb_find(word);
}

static void complete_quiet(enum log_level level, const char *text, void *data)
{
	(void)level;
	(void)text;
	(void)data;
}

int complete_answer(int argc, char **argv)
{
	struct complete c = { .last = argc > 2 ? argv[argc - 1] : "", .before = "" };
	const struct option_def *d = complete_find_option(argc > 3 ? argv[argc - 2] : NULL, &c);
	AUTO_FREE char *before = NULL;
	AUTO_ERR struct err err = ERR_INIT;
	struct engine e = ENGINE_INIT;
	struct options o;
	int status;

	log_set_sink(complete_quiet, NULL);
	/* Ignore errors: a command line that is not complete yet may have some. */
	(void)!options_parse(argc > 2 ? argc - 2 : 1, argv + 1, complete_is_action, &o, &err);
	c.e = &e;
	c.o = &o;
	c.v = o.action ? verb_find(o.action) : NULL;
	c.out = (struct buf)BUF_INIT;
	e.settings = o.settings;
	o.settings = (struct settings){ 0 };
	e.no_process = e.reader = true;
	if (d && *c.last == '-' && strchr(c.last, '=')) {
		before = xstrndup(c.last, strcspn(c.last, "=") + 1);
		c.last += strlen(before);
		c.before = before;
	}
	if (engine_open(&e, o.root ? o.root : "/", &err) < 0)
		d = NULL;
	else if (d)
		complete_offer_value(&c, d);
	else if (*c.last == '-')
		complete_offer_options(&c);
	else if (c.v)
		complete_offer_words(&c);
	else
		complete_offer_verbs(&c);
	status = report_print(c.out.s);
	buf_release(&c.out);
	engine_close(&e);
	options_release(&o);
	return status;
}
