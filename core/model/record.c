/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/record.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "model/lines.h"

void record_module_release(struct record_module *m)
{
	free(m->dest);
	free(m->file);
	free(m->path);
	free(m->sha256);
	free(m->original);
	free(m->archive);
	free(m->refused_by);
	free(m->refused_sha256);
}

void record_release(struct record *r)
{
	free(r->content);
	free(r->overrides);
	free(r->headers);
	free(r->compiler);
	free(r->environment);
	free(r->confined);
	free(r->confined_why);
	free(r->owner);
	free(r->owner_version);
	free(r->kernel_owner);
	free(r->signer);
	free(r->post_remove);
	free(r->options);
	free(r->bundle);
	free(r->bundle_from);
	free(r->bundle_by);
	strv_release(&r->depends);
	for (size_t i = 0; i < r->n_modules; i++)
		record_module_release(&r->modules[i]);
	free(r->modules);
	*r = (struct record){ .depends = STRV_INIT };
}

struct record_module *record_add_module(struct record *r, const char *dest, const char *file)
{
	struct record_module m = { .dest = xstrdup(dest), .file = xstrdup(file) };

	VEC_PUSH(r->modules, r->n_modules, m);
	return &r->modules[r->n_modules - 1];
}

void record_module_copy(struct record_module *to, const struct record_module *from)
{
	*to = (struct record_module){
		.dest = xstrdup(from->dest),
		.file = xstrdup(from->file),
		.left = from->left,
		.path = xstrdup(from->path),
		.size = from->size,
		.mtime_ns = from->mtime_ns,
		.built_mtime_ns = from->built_mtime_ns,
		.sha256 = xstrdup(from->sha256),
		.original = xstrdup(from->original),
		.archive = xstrdup(from->archive),
		.refused_by = xstrdup(from->refused_by),
		.refused_sha256 = xstrdup(from->refused_sha256),
	};
}

void record_copy(struct record *to, const struct record *from)
{
	struct record r = { .content = xstrdup(from->content),
			    .overrides = xstrdup(from->overrides),
			    .headers = xstrdup(from->headers),
			    .compiler = xstrdup(from->compiler),
			    .environment = xstrdup(from->environment),
			    .owner = xstrdup(from->owner),
			    .owner_version = xstrdup(from->owner_version),
			    .kernel_owner = xstrdup(from->kernel_owner),
			    .signer = xstrdup(from->signer),
			    .options = xstrdup(from->options),
			    .bundle = xstrdup(from->bundle),
			    .bundle_from = xstrdup(from->bundle_from),
			    .bundle_by = xstrdup(from->bundle_by),
			    .confined = xstrdup(from->confined),
			    .confined_why = xstrdup(from->confined_why),
			    .calls = from->calls,
			    .remake_initrd = from->remake_initrd,
			    .no_weak_modules = from->no_weak_modules,
			    .adopted = from->adopted,
			    .prebuilt = from->prebuilt,
			    .depends = STRV_INIT,
			    .post_remove = xstrdup(from->post_remove) };

	strv_add_all(&r.depends, &from->depends);
	for (size_t i = 0; i < from->n_modules; i++) {
		struct record_module m;

		record_module_copy(&m, &from->modules[i]);
		VEC_PUSH(r.modules, r.n_modules, m);
	}
	*to = r;
}

struct record_module *record_find_module(struct record *r, const char *dest)
{
	for (size_t i = 0; i < r->n_modules; i++) {
		if (strcmp(r->modules[i].dest, dest) == 0)
			return &r->modules[i];
	}
	return NULL;
}

const struct record_module *record_module_get(const struct record *r, const char *dest)
{
	return record_find_module((struct record *)(uintptr_t)r, dest);
}

static void record_module_forget(struct record_module *m)
{
	free(m->path);
	free(m->sha256);
	free(m->original);
	free(m->archive);
	m->path = m->sha256 = m->original = m->archive = NULL;
	m->size = 0;
	m->mtime_ns = 0;
	m->built_mtime_ns = 0;
}

void record_module_inherit(struct record_module *to, const struct record_module *from)
{
	record_module_forget(to);
	to->path = xstrdup(from->path);
	to->size = from->size;
	to->mtime_ns = from->mtime_ns;
	to->sha256 = xstrdup(from->sha256);
	to->original = xstrdup(from->original);
	to->archive = xstrdup(from->archive);
}

void record_drop_left(struct record *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_modules; i++) {
		struct record_module *m = &r->modules[i];

		if (m->left && !m->path)
			record_module_release(m);
		else
			r->modules[n++] = *m;
	}
	r->n_modules = n;
}

void record_forget_installed(struct record *r, const char *dest)
{
	for (size_t i = 0; i < r->n_modules; i++) {
		if (!dest || strcmp(r->modules[i].dest, dest) == 0)
			record_module_forget(&r->modules[i]);
	}
	record_drop_left(r);
}

/* Keys that are followed by one word.  If the member is NULL, the record has no such line. */
static const struct {
	const char *key;
	size_t offset;
} record_texts[] = {
	{ "content", offsetof(struct record, content) },
	{ "overrides", offsetof(struct record, overrides) },
	{ "headers", offsetof(struct record, headers) },
	{ "compiler", offsetof(struct record, compiler) },
	{ "environment", offsetof(struct record, environment) },
	{ "confined", offsetof(struct record, confined) },
	{ "confined-why", offsetof(struct record, confined_why) },
	{ "owner", offsetof(struct record, owner) },
	{ "owner-version", offsetof(struct record, owner_version) },
	{ "kernel-owner", offsetof(struct record, kernel_owner) },
	{ "signer", offsetof(struct record, signer) },
	{ "added-options", offsetof(struct record, options) },
	{ "bundle", offsetof(struct record, bundle) },
	{ "bundle-from", offsetof(struct record, bundle_from) },
	{ "bundle-by", offsetof(struct record, bundle_by) },
	{ "post-remove", offsetof(struct record, post_remove) },
};

static char **record_text_member(const struct record *r, size_t i)
{
	return (char **)((char *)(uintptr_t)r + record_texts[i].offset);
}

static void record_print_text(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	buf_adds(b, key);
	lines_add_word(b, value);
	buf_addch(b, '\n');
}

static void record_print_module(const struct record_module *m, struct buf *b)
{
	buf_adds(b, "module");
	lines_add_word(b, m->dest);
	lines_add_word(b, m->file);
	buf_addch(b, '\n');
	if (m->path) {
		buf_adds(b, "installed");
		lines_add_word(b, m->path);
		buf_addf(b, " %" PRIu64 " %" PRId64, m->size, m->mtime_ns);
		if (m->sha256)
			lines_add_word(b, m->sha256);
		buf_addch(b, '\n');
		if (m->built_mtime_ns)
			buf_addf(b, "built %" PRId64 "\n", m->built_mtime_ns);
	}
	record_print_text(b, "original", m->original);
	record_print_text(b, "archive", m->archive);
	if (m->left)
		buf_adds(b, "left\n");
	if (m->refused_by) {
		buf_adds(b, "refused");
		lines_add_word(b, m->refused_by);
		lines_add_word(b, m->refused_sha256);
		buf_addch(b, '\n');
	}
}

void record_print(const struct record *r, struct buf *b)
{
	buf_adds(b, "dkms-record 1\n");
	for (size_t i = 0; i < ARRAY_SIZE(record_texts); i++)
		record_print_text(b, record_texts[i].key, *record_text_member(r, i));
	if (r->calls.counted) {
		calls_print(&r->calls, b);
		buf_addch(b, '\n');
	}
	if (r->remake_initrd)
		buf_adds(b, "remake-initrd\n");
	if (r->no_weak_modules)
		buf_adds(b, "no-weak-modules\n");
	if (r->adopted)
		buf_adds(b, "adopted\n");
	if (r->prebuilt)
		buf_adds(b, "prebuilt\n");
	for (size_t i = 0; i < r->depends.n; i++)
		record_print_text(b, "depends", r->depends.v[i]);
	for (size_t i = 0; i < r->n_modules; i++)
		record_print_module(&r->modules[i], b);
	buf_adds(b, "end\n");
}

static const char *record_parse_installed(const struct strv *w, struct record_module *m)
{
	if (w->n < 4 || w->n > 5 || m->path || !path_is_plain(w->v[1]) ||
	    !lines_u64(w->v[2], &m->size) || !lines_i64(w->v[3], &m->mtime_ns) ||
	    (w->n == 5 && !lines_digest(w->v[4])))
		return "bad \"installed\"";
	m->path = xstrdup(w->v[1]);
	m->sha256 = xstrdup(w->v[4]);
	return NULL;
}

static const char *record_parse_built(const struct strv *w, struct record_module *m)
{
	if (w->n != 2 || m->built_mtime_ns || !lines_i64(w->v[1], &m->built_mtime_ns))
		return "bad \"built\"";
	return NULL;
}

static const char *record_parse_path(const struct strv *w, char **ret)
{
	if (w->n != 2 || *ret || !path_is_plain(w->v[1]))
		return "not one absolute path";
	*ret = xstrdup(w->v[1]);
	return NULL;
}

static const char *record_parse_refused(const struct strv *w, struct record_module *m)
{
	if (w->n != 3 || m->refused_by || !path_is_plain(w->v[1]) || !lines_digest(w->v[2]))
		return "bad \"refused\"";
	m->refused_by = xstrdup(w->v[1]);
	m->refused_sha256 = xstrdup(w->v[2]);
	return NULL;
}

/* Parse a line about the module that the last line "module ..." has named. */
static const char *record_parse_of_module(const struct strv *w, struct record *r)
{
	struct record_module *m = r->n_modules ? &r->modules[r->n_modules - 1] : NULL;

	if (!m)
		return "no module before it";
	if (strcmp(w->v[0], "installed") == 0)
		return record_parse_installed(w, m);
	if (strcmp(w->v[0], "built") == 0)
		return record_parse_built(w, m);
	if (strcmp(w->v[0], "refused") == 0)
		return record_parse_refused(w, m);
	if (strcmp(w->v[0], "left") == 0) {
		m->left = true;
		return NULL;
	}
	return record_parse_path(w, strcmp(w->v[0], "original") == 0 ? &m->original : &m->archive);
}

static const char *record_parse_module(const struct strv *w, struct record *r)
{
	if (w->n != 3 || !path_is_component(w->v[1]) || !path_is_component(w->v[2]))
		return "bad \"module\"";
	record_add_module(r, w->v[1], w->v[2]);
	return NULL;
}

static const char *record_parse_depends(const struct strv *w, struct record *r)
{
	if (w->n != 2)
		return "bad \"depends\"";
	strv_add(&r->depends, w->v[1]);
	return NULL;
}

static const char *record_parse_text(const struct strv *w, struct record *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(record_texts); i++) {
		char **value = record_text_member(r, i);

		if (strcmp(w->v[0], record_texts[i].key) != 0)
			continue;
		if (w->n != 2 || *value)
			return "not one value";
		*value = xstrdup(w->v[1]);
		return NULL;
	}
	return NULL; /* unknown: a newer engine wrote it */
}

static const char *const record_module_keys[] = { "installed", "original", "archive",
						  "refused",   "left",	   "built" };

static const char *record_parse_line(const struct strv *w, void *data)
{
	struct record *r = data;
	const char *key = w->v[0];

	if (strcmp(key, "module") == 0)
		return record_parse_module(w, r);
	for (size_t i = 0; i < ARRAY_SIZE(record_module_keys); i++) {
		if (strcmp(key, record_module_keys[i]) == 0)
			return record_parse_of_module(w, r);
	}
	if (strcmp(key, "depends") == 0)
		return record_parse_depends(w, r);
	if (strcmp(key, "compiled") == 0)
		return calls_parse(w, &r->calls) ? NULL : "bad \"compiled\"";
	if (strcmp(key, "remake-initrd") == 0)
		r->remake_initrd = true;
	else if (strcmp(key, "no-weak-modules") == 0)
		r->no_weak_modules = true;
	else if (strcmp(key, "options") == 0) /* older engines wrote it */
		r->no_weak_modules = w->n == 2 && strstr(w->v[1], "no-weak-modules");
	else if (strcmp(key, "adopted") == 0)
		r->adopted = true;
	else if (strcmp(key, "prebuilt") == 0)
		r->prebuilt = true;
	else
		return record_parse_text(w, r);
	return NULL;
}

int record_parse(const char *text, struct record *ret, struct err *err)
{
	AUTO_RECORD struct record r = { .depends = STRV_INIT };
	int code = lines_parse(text, "record", record_parse_line, &r, err);

	if (code < 0)
		return code;
	*ret = r;
	r = (struct record){ .depends = STRV_INIT };
	return 0;
}
