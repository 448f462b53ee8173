/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/alloc.h"
#include "base/words.h"
#include "model/world.h"

/* ---- printing ---- */

static void world_put_value(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	buf_addf(b, " %s=", key);
	if (*value)
		buf_add_escaped(b, value);
}

static void world_put_list(struct buf *b, const char *key, const struct strv *list)
{
	AUTO_FREE char *joined = list->n ? strv_join(list, ",") : NULL;

	world_put_value(b, key, joined);
}

static void world_put_flag(struct buf *b, const char *name, bool on)
{
	if (on)
		buf_addf(b, " %s", name);
}

static void world_print_kernels(const struct world *w, struct buf *b)
{
	for (size_t i = 0; i < w->n_kernels; i++) {
		const struct world_kernel *k = &w->kernels[i];

		buf_addf(b, "kernel %s %s", k->release, k->arch);
		world_put_flag(b, "tree", k->tree && !k->image);
		world_put_flag(b, "litter", k->litter);
		world_put_flag(b, "image", k->image);
		world_put_value(b, "headers", k->headers);
		world_put_flag(b, "running", k->running);
		world_put_flag(b, "depmod-pending", k->depmod_pending);
		world_put_flag(b, "initramfs-pending", k->initramfs_pending);
		buf_addch(b, '\n');
	}
}

static void world_print_modules(const struct world *w, struct buf *b)
{
	static const char *const states[] = { "", " missing", " broken", " no-source" };

	for (size_t i = 0; i < w->n_folders; i++) {
		const struct world_folder *f = &w->folders[i];

		buf_addf(b, "folder %s id=%s/%s", f->folder, f->id.name, f->id.version);
		world_put_value(b, "owner", f->owner);
		world_put_value(b, "owner-version", f->owner_version);
		buf_addch(b, '\n');
	}
	for (size_t i = 0; i < w->n_modules; i++) {
		const struct world_module *m = &w->modules[i];

		buf_addf(b, "module %s/%s%s", m->id.name, m->id.version, states[m->source]);
		world_put_flag(b, "no-conf", m->no_conf);
		world_put_value(b, "folder", m->folder);
		world_put_value(b, "content", m->content);
		world_put_value(b, "owner", m->owner);
		world_put_value(b, "owner-version", m->owner_version);
		buf_addch(b, '\n');
	}
}

static void world_print_confs(const struct world *w, struct buf *b)
{
	for (size_t i = 0; i < w->n_confs; i++) {
		const struct world_conf *c = &w->confs[i];

		buf_addf(b, "conf %s/%s %s", c->id.name, c->id.version,
			 c->release ? c->release : "*");
		world_put_flag(b, "unknown", c->unknown);
		world_put_flag(b, "known", c->known);
		world_put_flag(b, "autoinstall", c->autoinstall);
		world_put_list(b, "depends", &c->depends);
		world_put_flag(b, "rebuild", c->rebuild);
		world_put_flag(b, "initrd", c->initrd);
		world_put_value(b, "excluded", c->excluded);
		world_put_value(b, "bad", c->bad);
		world_put_value(b, "key", c->key);
		world_put_list(b, "modules", &c->modules);
		buf_addch(b, '\n');
	}
}

static void world_print_builds(const struct world *w, struct buf *b)
{
	for (size_t i = 0; i < w->n_builds; i++) {
		const struct world_build *d = &w->builds[i];

		buf_addf(b, "build %s/%s %s %s", d->id.name, d->id.version, d->release, d->arch);
		world_put_flag(b, "installed", d->installed);
		world_put_flag(b, "no-record", d->no_record);
		world_put_flag(b, "differs", d->differs);
		world_put_flag(b, "lost", d->lost);
		world_put_flag(b, "surplus", d->surplus);
		world_put_flag(b, "hidden", d->hidden);
		world_put_flag(b, "refused", d->refused);
		world_put_value(b, "rival", d->rival);
		world_put_flag(b, "initrd", d->initrd);
		world_put_value(b, "content", d->content);
		world_put_value(b, "headers", d->headers);
		world_put_list(b, "depends", &d->depends);
		world_put_list(b, "modules", &d->modules);
		buf_addch(b, '\n');
	}
}

/* A line is "FILE ENTRY": the ledger's name and a line of the ledger (ledger.h). */
static void world_print_ledger(enum ledger_file f, const void *list, struct buf *b)
{
	AUTO_FREE char *prefix = xasprintf("%s ", ledger_file_name(f));

	ledger_print_entries(f, list, prefix, b);
}

void world_print(const struct world *w, struct buf *b)
{
	if (w->arch)
		buf_addf(b, "arch %s\n", w->arch);
	if (w->only_newest)
		buf_adds(b, "set all-kernels=no\n");
	if (w->no_autoinstall)
		buf_adds(b, "set no-autoinstall\n");
	if (w->no_initramfs)
		buf_adds(b, "set initramfs=never\n");
	world_print_kernels(w, b);
	world_print_modules(w, b);
	world_print_confs(w, b);
	world_print_builds(w, b);
	world_print_ledger(LEDGER_HOLDS, &w->holds, b);
	world_print_ledger(LEDGER_FAILURES, &w->failures, b);
	world_print_ledger(LEDGER_OWNERS, &w->owners, b);
	world_print_ledger(LEDGER_REQUESTS, &w->requests, b);
}

/* ---- parsing ---- */

static bool world_has_word(const struct strv *word, size_t first, const char *name)
{
	for (size_t i = first; i < word->n; i++) {
		if (strcmp(word->v[i], name) == 0)
			return true;
	}
	return false;
}

static char *world_dup_value(const struct strv *word, size_t first, const char *key)
{
	return xstrdup(words_value(word, first, key));
}

static void world_split_word(const struct strv *word, size_t first, const char *key,
			     struct strv *ret)
{
	const char *s = words_value(word, first, key);

	if (s)
		strv_split(ret, s, ",");
}

static int world_parse_set(const struct strv *word, struct world *w)
{
	for (size_t i = 1; i < word->n; i++) {
		if (strcmp(word->v[i], "all-kernels=no") == 0)
			w->only_newest = true;
		else if (strcmp(word->v[i], "no-autoinstall") == 0)
			w->no_autoinstall = true;
		else if (strcmp(word->v[i], "initramfs=never") == 0)
			w->no_initramfs = true;
		else
			return -E_CORRUPT;
	}
	return 0;
}

static int world_parse_kernel(const struct strv *word, struct world *w)
{
	struct world_kernel *k;

	if (word->n < 3)
		return -E_CORRUPT;
	k = world_add_kernel(w, word->v[1], word->v[2]);
	k->image = world_has_word(word, 3, "image");
	k->tree = k->image || world_has_word(word, 3, "tree");
	k->litter = world_has_word(word, 3, "litter");
	k->headers = world_dup_value(word, 3, "headers");
	k->running = world_has_word(word, 3, "running");
	k->depmod_pending = world_has_word(word, 3, "depmod-pending");
	k->initramfs_pending = world_has_word(word, 3, "initramfs-pending");
	return 0;
}

static int world_parse_folder(const struct strv *word, struct world *w)
{
	AUTO_MODID struct modid id = MODID_INIT;
	const char *s = words_value(word, 2, "id");
	struct world_folder *f;

	if (word->n < 3 || !s || modid_parse(s, &id, NULL) < 0)
		return -E_CORRUPT;
	f = world_add_folder(w, word->v[1], &id);
	f->owner = world_dup_value(word, 2, "owner");
	f->owner_version = world_dup_value(word, 2, "owner-version");
	return 0;
}

static int world_parse_module(const struct strv *word, const struct modid *id, struct world *w)
{
	struct world_module *m = world_add_module(w, id);

	if (world_has_word(word, 2, "missing"))
		m->source = SOURCE_MISSING;
	else if (world_has_word(word, 2, "broken"))
		m->source = SOURCE_BROKEN;
	else if (world_has_word(word, 2, "no-source"))
		m->source = SOURCE_NONE;
	m->no_conf = world_has_word(word, 2, "no-conf");
	m->folder = world_dup_value(word, 2, "folder");
	m->content = world_dup_value(word, 2, "content");
	m->owner = world_dup_value(word, 2, "owner");
	m->owner_version = world_dup_value(word, 2, "owner-version");
	return 0;
}

static int world_parse_conf(const struct strv *word, const struct modid *id, struct world *w)
{
	struct world_conf *c;

	if (word->n < 3)
		return -E_CORRUPT;
	c = world_add_conf(w, id, strcmp(word->v[2], "*") == 0 ? NULL : word->v[2]);
	c->unknown = world_has_word(word, 3, "unknown");
	c->known = world_has_word(word, 3, "known");
	c->autoinstall = world_has_word(word, 3, "autoinstall");
	c->rebuild = world_has_word(word, 3, "rebuild");
	c->initrd = world_has_word(word, 3, "initrd");
	c->excluded = world_dup_value(word, 3, "excluded");
	c->bad = world_dup_value(word, 3, "bad");
	c->key = world_dup_value(word, 3, "key");
	world_split_word(word, 3, "depends", &c->depends);
	world_split_word(word, 3, "modules", &c->modules);
	return 0;
}

static int world_parse_build(const struct strv *word, const struct modid *id, struct world *w)
{
	struct world_build *d;

	if (word->n < 4)
		return -E_CORRUPT;
	d = world_add_build(w, id, word->v[2], word->v[3]);
	d->installed = world_has_word(word, 4, "installed");
	d->no_record = world_has_word(word, 4, "no-record");
	d->differs = world_has_word(word, 4, "differs");
	d->lost = world_has_word(word, 4, "lost");
	d->surplus = world_has_word(word, 4, "surplus");
	d->hidden = world_has_word(word, 4, "hidden");
	d->refused = world_has_word(word, 4, "refused");
	d->rival = world_dup_value(word, 4, "rival");
	d->initrd = world_has_word(word, 4, "initrd");
	d->content = world_dup_value(word, 4, "content");
	d->headers = world_dup_value(word, 4, "headers");
	world_split_word(word, 4, "depends", &d->depends);
	world_split_word(word, 4, "modules", &d->modules);
	return 0;
}

static int world_parse_entry(const struct strv *word, enum ledger_file f, void *list)
{
	struct strv entry = { word->v + 1, word->n - 1, 0 };

	return entry.n == 0 || ledger_parse_entry(f, &entry, list) ? -E_CORRUPT : 0;
}

/* Lines whose second word is NAME/VERSION. */
static int world_parse_about_module(const struct strv *word, struct world *w)
{
	AUTO_MODID struct modid id = MODID_INIT;

	if (word->n < 2 || modid_parse(word->v[1], &id, NULL) < 0 || !id.version)
		return -E_CORRUPT;
	if (strcmp(word->v[0], "module") == 0)
		return world_parse_module(word, &id, w);
	if (strcmp(word->v[0], "conf") == 0)
		return world_parse_conf(word, &id, w);
	if (strcmp(word->v[0], "build") == 0)
		return world_parse_build(word, &id, w);
	return -E_CORRUPT;
}

static int world_parse_line(const struct strv *word, struct world *w)
{
	const char *kind = word->v[0];

	if (strcmp(kind, "arch") == 0 && word->n == 2) {
		free(w->arch);
		w->arch = xstrdup(word->v[1]);
		return 0;
	}
	if (strcmp(kind, "set") == 0)
		return world_parse_set(word, w);
	if (strcmp(kind, "kernel") == 0)
		return world_parse_kernel(word, w);
	if (strcmp(kind, "folder") == 0)
		return world_parse_folder(word, w);
	if (strcmp(kind, ledger_file_name(LEDGER_HOLDS)) == 0)
		return world_parse_entry(word, LEDGER_HOLDS, &w->holds);
	if (strcmp(kind, ledger_file_name(LEDGER_FAILURES)) == 0)
		return world_parse_entry(word, LEDGER_FAILURES, &w->failures);
	if (strcmp(kind, ledger_file_name(LEDGER_OWNERS)) == 0)
		return world_parse_entry(word, LEDGER_OWNERS, &w->owners);
	if (strcmp(kind, ledger_file_name(LEDGER_REQUESTS)) == 0)
		return world_parse_entry(word, LEDGER_REQUESTS, &w->requests);
	return world_parse_about_module(word, w);
}

int world_parse(const char *text, struct world *ret, struct err *err)
{
	struct words words;
	int r, bad = 0;

	words_begin(&words, text, strlen(text));
	while ((r = words_next(&words)) != 0) {
		if (r < 0 || world_parse_line(&words.word, ret) < 0) {
			bad = err_set(err, -E_CORRUPT, "world: line %u cannot be read", words.line);
			break;
		}
	}
	words_end(&words);
	return bad;
}
