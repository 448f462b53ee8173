/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/alloc.h"
#include "base/words.h"
#include "model/world.h"

/* ---- members ---- */

enum world_form {
	FORM_FLAG, /* the bare key, or nothing */
	FORM_TEXT, /* KEY=VALUE, or nothing for NULL */
	FORM_LIST, /* KEY=A,B, or nothing if it is empty */
};

struct world_field {
	const char *key;
	enum world_form form;
	size_t offset;
};

#define FORM_OF(member) \
	_Generic(member, bool : FORM_FLAG, char * : FORM_TEXT, struct strv : FORM_LIST)
#define FIELD(type, key, member)                                                        \
	{                                                                               \
		key, FORM_OF(((struct type *)0)->member), offsetof(struct type, member) \
	}

/* In the order in which they are printed. */
static const struct world_field kernel_fields[] = {
	FIELD(world_kernel, "litter", litter),
	FIELD(world_kernel, "image", image),
	FIELD(world_kernel, "headers", headers),
	FIELD(world_kernel, "running", running),
	FIELD(world_kernel, "read-only", read_only),
	FIELD(world_kernel, "depmod-pending", depmod_pending),
	FIELD(world_kernel, "initramfs-pending", initramfs_pending),
	{ 0 },
};
static const struct world_field folder_fields[] = {
	FIELD(world_folder, "owner", owner),
	FIELD(world_folder, "owner-version", owner_version),
	{ 0 },
};
static const struct world_field module_fields[] = {
	FIELD(world_module, "no-conf", no_conf),
	FIELD(world_module, "folder", folder),
	FIELD(world_module, "content", content),
	FIELD(world_module, "owner", owner),
	FIELD(world_module, "owner-version", owner_version),
	{ 0 },
};
static const struct world_field conf_fields[] = {
	FIELD(world_conf, "unknown", unknown),
	FIELD(world_conf, "known", known),
	FIELD(world_conf, "autoinstall", autoinstall),
	FIELD(world_conf, "depends", depends),
	FIELD(world_conf, "rebuild", rebuild),
	FIELD(world_conf, "initrd", initrd),
	FIELD(world_conf, "excluded", excluded),
	FIELD(world_conf, "bad", bad),
	FIELD(world_conf, "key", key),
	FIELD(world_conf, "modules", modules),
	{ 0 },
};
static const struct world_field build_fields[] = {
	FIELD(world_build, "installed", installed),
	FIELD(world_build, "no-record", no_record),
	FIELD(world_build, "differs", differs),
	FIELD(world_build, "lost", lost),
	FIELD(world_build, "surplus", surplus),
	FIELD(world_build, "hidden", hidden),
	FIELD(world_build, "refused", refused),
	FIELD(world_build, "rival", rival),
	FIELD(world_build, "initrd", initrd),
	FIELD(world_build, "prebuilt", prebuilt),
	FIELD(world_build, "content", content),
	FIELD(world_build, "headers", headers),
	FIELD(world_build, "depends", depends),
	FIELD(world_build, "modules", modules),
	{ 0 },
};

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

static void world_put_fields(struct buf *b, const struct world_field *f, const void *item)
{
	for (; f->key; f++) {
		const void *member = (const char *)item + f->offset;

		switch (f->form) {
		case FORM_FLAG:
			if (*(const bool *)member)
				buf_addf(b, " %s", f->key);
			break;
		case FORM_TEXT: world_put_value(b, f->key, *(char *const *)member); break;
		case FORM_LIST: world_put_list(b, f->key, member); break;
		}
	}
	buf_addch(b, '\n');
}

static void world_print_kernels(const struct world *w, struct buf *b)
{
	for (size_t i = 0; i < w->n_kernels; i++) {
		const struct world_kernel *k = &w->kernels[i];

		buf_addf(b, "kernel %s %s", k->release, k->arch);
		if (k->tree && !k->image)
			buf_adds(b, " tree");
		world_put_fields(b, kernel_fields, k);
	}
}

static void world_print_modules(const struct world *w, struct buf *b)
{
	static const char *const states[] = { "", " missing", " broken", " no-source" };

	for (size_t i = 0; i < w->n_folders; i++) {
		const struct world_folder *f = &w->folders[i];

		buf_addf(b, "folder %s id=%s/%s", f->folder, f->id.name, f->id.version);
		world_put_fields(b, folder_fields, f);
	}
	for (size_t i = 0; i < w->n_modules; i++) {
		const struct world_module *m = &w->modules[i];

		buf_addf(b, "module %s/%s%s", m->id.name, m->id.version, states[m->source]);
		world_put_fields(b, module_fields, m);
	}
}

static void world_print_confs(const struct world *w, struct buf *b)
{
	for (size_t i = 0; i < w->n_confs; i++) {
		const struct world_conf *c = &w->confs[i];

		buf_addf(b, "conf %s/%s %s", c->id.name, c->id.version,
			 c->release ? c->release : "*");
		world_put_fields(b, conf_fields, c);
	}
}

static void world_print_builds(const struct world *w, struct buf *b)
{
	for (size_t i = 0; i < w->n_builds; i++) {
		const struct world_build *d = &w->builds[i];

		buf_addf(b, "build %s/%s %s %s", d->id.name, d->id.version, d->release, d->arch);
		world_put_fields(b, build_fields, d);
	}
}

/* Print lines "FILE ENTRY": the name of the ledger and a line of that ledger (ledger.h). */
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
	if (w->source_tree && strcmp(w->source_tree, "/usr/src") != 0) {
		buf_adds(b, "set sources=");
		buf_add_escaped(b, w->source_tree);
		buf_addch(b, '\n');
	}
	if (w->no_autoinstall)
		buf_adds(b, "set no-autoinstall\n");
	if (w->no_initramfs)
		buf_adds(b, "set initramfs=never\n");
	if (w->bundles)
		buf_addf(b, "set bundles=%s\n", w->only_bundles ? "only" : "prefer");
	world_print_kernels(w, b);
	world_print_modules(w, b);
	world_print_confs(w, b);
	world_print_builds(w, b);
	world_print_ledger(LEDGER_HOLDS, &w->holds, b);
	world_print_ledger(LEDGER_FAILURES, &w->failures, b);
	world_print_ledger(LEDGER_OWNERS, &w->owners, b);
	world_print_ledger(LEDGER_REQUESTS, &w->requests, b);
	world_print_ledger(LEDGER_CANDIDATES, &w->candidates, b);
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

static void world_take_fields(const struct strv *word, size_t first, const struct world_field *f,
			      void *item)
{
	for (; f->key; f++) {
		const char *value = words_value(word, first, f->key);
		void *member = (char *)item + f->offset;

		switch (f->form) {
		case FORM_FLAG: *(bool *)member = world_has_word(word, first, f->key); break;
		case FORM_TEXT: *(char **)member = xstrdup(value); break;
		case FORM_LIST:
			if (value)
				strv_split(member, value, ",");
			break;
		}
	}
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
		else if (strcmp(word->v[i], "bundles=prefer") == 0)
			w->bundles = true;
		else if (strcmp(word->v[i], "bundles=only") == 0)
			w->bundles = w->only_bundles = true;
		else if (str_begins(word->v[i], "sources=")) {
			free(w->source_tree);
			w->source_tree = xstrdup(word->v[i] + strlen("sources="));
		} else
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
	world_take_fields(word, 3, kernel_fields, k);
	k->tree = k->image || world_has_word(word, 3, "tree");
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
	world_take_fields(word, 2, folder_fields, f);
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
	world_take_fields(word, 2, module_fields, m);
	return 0;
}

static int world_parse_conf(const struct strv *word, const struct modid *id, struct world *w)
{
	struct world_conf *c;

	if (word->n < 3)
		return -E_CORRUPT;
	c = world_add_conf(w, id, strcmp(word->v[2], "*") == 0 ? NULL : word->v[2]);
	world_take_fields(word, 3, conf_fields, c);
	return 0;
}

static int world_parse_build(const struct strv *word, const struct modid *id, struct world *w)
{
	struct world_build *d;

	if (word->n < 4)
		return -E_CORRUPT;
	d = world_add_build(w, id, word->v[2], word->v[3]);
	world_take_fields(word, 4, build_fields, d);
	return 0;
}

static int world_parse_entry(const struct strv *word, enum ledger_file f, void *list)
{
	struct strv entry = { word->v + 1, word->n - 1, 0 };

	return entry.n == 0 || ledger_parse_entry(f, &entry, list) ? -E_CORRUPT : 0;
}

/* Parse a line whose second word is NAME/VERSION. */
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
	if (strcmp(kind, ledger_file_name(LEDGER_CANDIDATES)) == 0)
		return world_parse_entry(word, LEDGER_CANDIDATES, &w->candidates);
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
