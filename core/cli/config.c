/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/alloc.h"
#include "base/similar.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/statusjson.h"
#include "confine/confine.h"
#include "confine/rules.h"
#include "engine/treepath.h"
#include "replay/store.h"

static int config_refuse(const char *name)
{
	struct similar s = SIMILAR_INIT(name);
	AUTO_ERR struct err err = ERR_INIT;

	for (size_t i = 0; i < SETTING_COUNT_; i++)
		similar_offer(&s, settings_name((enum setting)i));
	err_set(&err, -E_USAGE, "There is no setting %s.%s%s%s\ndkms config lists the settings.",
		name, s.best ? "\nDid you mean " : "", s.best ? s.best : "", s.best ? "?" : "");
	return report_error(&err);
}

/* The value of the setting confine is only a word.  Print all that it means on this machine. */
static void config_print_confine(struct engine *e, struct buf *b)
{
	AUTO_CONFINE struct confine c = CONFINE_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	if (confine_choose(e, NULL, &c, &err) < 0) {
		buf_addf(b, "\n%s\n", err.text);
		return;
	}
	buf_addf(b, "\nBuilds are confined here: %s%s%s\n", confine_tier_name(c.tier),
		 *c.why ? ": " : "", c.why);
	if (c.tier == CONFINE_NONE)
		return;
	if (c.group)
		buf_adds(b, "A control group limits the memory and the processes of a build.\n");
	else
		buf_addf(b, "There is no control group to limit a build: %s.\n", c.group_why);
	buf_adds(b, "What a build can do, and why:\n");
	for (size_t i = 0; i < confine_n_rules; i++) {
		const struct confine_rule *rule = &confine_rules[i];

		if (c.tier >= rule->from && c.tier <= rule->to)
			buf_addf(b, "  %s: %s\n    %s\n", rule->what, rule->allowed, rule->why);
	}
	buf_addf(b, "Exceptions for the module package NAME: " EXCEPTIONS_DIR "/NAME.conf\n");
}

static void config_print_replay(const struct engine *e, struct buf *b)
{
	AUTO_FREE char *folder = tree_compiled_dir(e);
	struct store_size size;

	store_measure(e, &size);
	buf_addf(b, "\nWhat was compiled is remembered in %s: %llu files, %llu of %u MiB.\n",
		 folder, (unsigned long long)size.files, (unsigned long long)(size.bytes >> 20),
		 settings_number(&e->settings, SET_REPLAY_SIZE));
}

static int config_run(struct engine *e, const struct options *o)
{
	AUTO_BUF struct buf b = BUF_INIT;
	enum setting id = SETTING_COUNT_;

	if (option_is_set(o->id.name)) {
		AUTO_FREE char *name = o->id.version ? xasprintf("%s/%s", o->id.name, o->id.version)
						     : xstrdup(o->id.name);

		id = settings_find(name);
		if (id == SETTING_COUNT_)
			return config_refuse(name);
	}
	if (o->json)
		json_config(&e->settings, id, &b);
	else if (id == SETTING_COUNT_)
		settings_print(&e->settings, &b);
	else
		buf_addf(&b, "%s\n", settings_get(&e->settings, id));
	if (id == SET_CONFINE && !o->json)
		config_print_confine(e, &b);
	if ((id == SET_REPLAY || id == SET_REPLAY_SIZE) && !o->json)
		config_print_replay(e, &b);
	return report_print(b.s);
}

const struct verb verb_config = {
	.name = "config",
	.help = "print every setting and who set it",
	.args = "[SETTING]",
	.about = "Prints every setting, its value, and where the value comes from; of one\n"
		 "setting only the value, as scripts want it; of confine also what it means here,\n"
		 "of replay also how much is remembered.\n",
	.words = WORDS_SETTINGS,
	.flags = VERB_OURS | VERB_READER,
	.run = config_run,
	.uses = OPTION(OPT_MODULE) | OPTION(OPT_JOBS) | OPTION(OPT_MODPROBE_ON_INSTALL) |
		OPTION(OPT_SYMLINK_MODULES) | OPTION(OPT_JSON),
};
