/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/modprobe.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "module/modinfo.h"
#include "sys/fs.h"

void modprobe_release(struct modprobe *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].module);
		free(m->v[i].file);
	}
	free(m->v);
	*m = (struct modprobe){ 0 };
}

static void modprobe_add(struct modprobe *m, enum modprobe_rule rule, const char *module,
			 const char *file)
{
	struct modprobe_line l = { rule, modinfo_loader_name(module), xstrdup(file) };

	VEC_PUSH(m->v, m->n, l);
}

void modprobe_add_words(const struct strv *words, struct modprobe *ret)
{
	static const struct {
		const char *key;
		enum modprobe_rule rule;
	} keys[] = {
		{ "module_blacklist=", MODPROBE_REFUSED },
		{ "modprobe.blacklist=", MODPROBE_BLACKLIST },
		{ "rd.driver.blacklist=", MODPROBE_BLACKLIST },
	};
	const char *word, *name;

	STRV_FOREACH (word, words) {
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
			AUTO_STRV struct strv names = STRV_INIT;

			if (!str_begins(word, keys[i].key))
				continue;
			strv_split(&names, word + strlen(keys[i].key), ",");
			STRV_FOREACH (name, &names)
				modprobe_add(ret, keys[i].rule, name, word);
		}
	}
}

/*
 * `words` is an "install" line.  Does its command load nothing?  It does nothing for sure only if
 * it is one word, which a comment may follow: modprobe has a shell run the command.
 */
static bool modprobe_does_nothing(const struct strv *words)
{
	static const char *const nothing[] = { "/bin/false", "/usr/bin/false", "false",
					       "/bin/true",  "/usr/bin/true",  "true",
					       ":" };

	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++) {
		if (strcmp(words->v[2], nothing[i]) == 0)
			return words->n == 3 || words->v[3][0] == '#';
	}
	return false;
}

static void modprobe_add_line(const char *file, const char *line, struct modprobe *ret)
{
	AUTO_STRV struct strv words = STRV_INIT;

	strv_split(&words, line, " \t\r");
	if (words.n >= 2 && strcmp(words.v[0], "blacklist") == 0)
		modprobe_add(ret, MODPROBE_BLACKLIST, words.v[1], file);
	if (words.n >= 3 && strcmp(words.v[0], "install") == 0)
		modprobe_add(ret, modprobe_does_nothing(&words) ? MODPROBE_NEVER : MODPROBE_COMMAND,
			     words.v[1], file);
}

void modprobe_add_text(const char *file, const char *text, struct modprobe *ret)
{
	AUTO_BUF struct buf line = BUF_INIT;

	while (*text) {
		size_t len = strcspn(text, "\n");
		bool goes_on = len && text[len] && text[len - 1] == '\\';

		buf_add(&line, text, goes_on ? len - 1 : len);
		text += len + (text[len] == '\n');
		if (goes_on)
			continue;
		modprobe_add_line(file, line.s, ret);
		buf_reset(&line);
	}
}

/* A file in an earlier folder replaces one of the same name in a later folder. */
void modprobe_paths(const struct engine *e, struct strv *ret)
{
	static const char *const folders[] = { "/etc/modprobe.d", "/run/modprobe.d",
					       "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
					       "/lib/modprobe.d" };
	AUTO_STRV struct strv seen = STRV_INIT;
	const char *name;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO_STRV struct strv names = STRV_INIT;

		if (fs_list(&e->root, folders[i], &names) < 0)
			continue;
		STRV_FOREACH (name, &names) {
			if (!str_ends(name, ".conf") || strv_has(&seen, name))
				continue;
			strv_add(&seen, name);
			strv_addf(ret, "%s/%s", folders[i], name);
		}
	}
}

void modprobe_read(const struct engine *e, struct modprobe *ret)
{
	AUTO_STRV struct strv paths = STRV_INIT;
	const char *path;

	modprobe_paths(e, &paths);
	STRV_FOREACH (path, &paths) {
		AUTO_BUF struct buf text = BUF_INIT;

		if (fs_read(&e->root, path, 1 << 20, &text) == 0)
			modprobe_add_text(path, text.s, ret);
	}
}

const struct modprobe_line *modprobe_about(const struct modprobe *m, const char *module)
{
	static const int weight[] = { [MODPROBE_NONE] = 0,
				      [MODPROBE_COMMAND] = 1,
				      [MODPROBE_BLACKLIST] = 2,
				      [MODPROBE_NEVER] = 3,
				      [MODPROBE_REFUSED] = 4 };
	const struct modprobe_line *gravest = NULL;

	for (size_t i = 0; i < m->n; i++) {
		const struct modprobe_line *l = &m->v[i];

		if (strcmp(l->module, module) == 0 &&
		    (!gravest || weight[l->rule] > weight[gravest->rule]))
			gravest = l;
	}
	return gravest;
}
