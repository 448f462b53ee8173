/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/manifest.h"

#include <json-c/json.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "model/modid.h"

#define STYLE	  (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)
#define DEPTH_MAX 8
#define FILES_MAX 4096

void manifest_release(struct manifest *m)
{
	bundle_input_release(&m->input);
	free(m->compiler);
	free(m->headers);
	for (size_t i = 0; i < m->n_files; i++)
		free(m->files[i].name);
	free(m->files);
	free(m->archive.name);
	*m = (struct manifest)MANIFEST_INIT;
}

struct manifest_file *manifest_add_file(struct manifest *m, const char *name)
{
	struct manifest_file f = { .name = xstrdup(name) };

	VEC_PUSH(m->files, m->n_files, f);
	return &m->files[m->n_files - 1];
}

const struct manifest_file *manifest_file(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->n_files; i++) {
		if (!strcmp(m->files[i].name, name))
			return &m->files[i];
	}
	return NULL;
}

/* ---- writing ---- */

static void manifest_put(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

static struct json_object *manifest_file_object(const struct manifest_file *f)
{
	struct json_object *o = json_object_new_object();

	manifest_put(o, "name", f->name);
	json_object_object_add(o, "size", json_object_new_int64((int64_t)f->size));
	manifest_put(o, "sha256", f->sha256);
	return o;
}

static struct json_object *manifest_depends_object(const struct strv *depends)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < depends->n; i++)
		json_object_array_add(a, json_object_new_string(depends->v[i]));
	return a;
}

void manifest_print(const struct manifest *m, struct buf *ret)
{
	struct json_object *o = json_object_new_object(), *files = json_object_new_array();

	for (size_t i = 0; i < m->n_files; i++)
		json_object_array_add(files, manifest_file_object(&m->files[i]));
	json_object_object_add(o, "schema", json_object_new_int(1));
	manifest_put(o, "key", m->key);
	manifest_put(o, "name", m->input.name);
	manifest_put(o, "version", m->input.version);
	manifest_put(o, "kernel", m->input.release);
	manifest_put(o, "arch", m->input.arch);
	manifest_put(o, "uts_version", m->input.uts_version);
	manifest_put(o, "content", m->input.content);
	manifest_put(o, "overrides", m->input.overrides);
	manifest_put(o, "options", m->input.options);
	json_object_object_add(o, "depends", manifest_depends_object(&m->input.depends));
	manifest_put(o, "compiler", m->compiler);
	manifest_put(o, "headers", m->headers);
	json_object_object_add(o, "files", files);
	json_object_object_add(o, "archive", manifest_file_object(&m->archive));
	buf_adds(ret, json_object_to_json_string_ext(o, STYLE));
	buf_addch(ret, '\n');
	json_object_put(o);
}

/* ---- reading ---- */

static struct json_object *manifest_member(struct json_object *o, const char *key,
					   enum json_type type)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, type) ? v : NULL;
}

/* NULL: there is no such text, or it has a NUL in it.  Caller frees. */
static char *manifest_text(struct json_object *o, const char *key)
{
	struct json_object *v = manifest_member(o, key, json_type_string);
	const char *s = v ? json_object_get_string(v) : NULL;

	return s && strlen(s) == (size_t)json_object_get_string_len(v) ? xstrdup(s) : NULL;
}

static bool manifest_digest(struct json_object *o, const char *key, char ret[DIGEST_HEX])
{
	AUTO_FREE char *text = manifest_text(o, key);

	if (!text || !bundle_is_key(text))
		return false;
	memcpy(ret, text, DIGEST_HEX);
	return true;
}

static bool manifest_read_file(struct json_object *o, struct manifest_file *ret)
{
	struct json_object *size = manifest_member(o, "size", json_type_int);
	AUTO_FREE char *name = manifest_text(o, "name");

	if (!size || json_object_get_int64(size) < 0 || !name || !path_is_component(name) ||
	    !manifest_digest(o, "sha256", ret->sha256))
		return false;
	ret->size = (uint64_t)json_object_get_int64(size);
	ret->name = TAKE(name);
	return true;
}

static const char *manifest_read_files(struct json_object *o, struct manifest *m)
{
	struct json_object *files = manifest_member(o, "files", json_type_array);
	struct json_object *archive = manifest_member(o, "archive", json_type_object);
	size_t n = files ? json_object_array_length(files) : 0;

	if (!n || n > FILES_MAX)
		return "it names no files, or too many";
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(files, i);
		struct manifest_file f = { 0 };

		if (!json_object_is_type(item, json_type_object) || !manifest_read_file(item, &f))
			return "a file in it is not named well";
		VEC_PUSH(m->files, m->n_files, f);
	}
	if (!archive || !manifest_read_file(archive, &m->archive) ||
	    strcmp(m->archive.name, BUNDLE_ARCHIVE) != 0)
		return "its archive is not named well";
	return NULL;
}

static const char *manifest_read_depends(struct json_object *o, struct strv *ret)
{
	struct json_object *a = manifest_member(o, "depends", json_type_array);
	size_t n = a ? json_object_array_length(a) : 0;

	if (!a)
		return "it has no list of dependencies";
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(a, i);

		if (!json_object_is_type(item, json_type_string))
			return "a dependency is no text";
		strv_add(ret, json_object_get_string(item));
	}
	return NULL;
}

static const char *manifest_read_input(struct json_object *o, struct bundle_input *in)
{
	char **const members[] = { &in->name,	 &in->version,	 &in->release,	   &in->arch,
				   &in->content, &in->overrides, &in->uts_version, &in->options };
	static const char *const keys[] = { "name",    "version",   "kernel",	   "arch",
					    "content", "overrides", "uts_version", "options" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		*members[i] = manifest_text(o, keys[i]);
		if (!*members[i])
			return "a text is missing";
	}
	if (modid_name_problem(in->name) || modid_version_problem(in->version) ||
	    modid_kernel_problem(in->release) || modid_kernel_problem(in->arch))
		return "a name in it cannot be used";
	return manifest_read_depends(o, &in->depends);
}

static const char *manifest_read(struct json_object *o, struct manifest *m)
{
	struct json_object *schema = manifest_member(o, "schema", json_type_int);
	const char *problem;
	char key[DIGEST_HEX];

	if (!schema || json_object_get_int64(schema) != 1)
		return "its schema is another one";
	problem = manifest_read_input(o, &m->input);
	if (!problem)
		problem = manifest_read_files(o, m);
	if (problem)
		return problem;
	m->compiler = manifest_text(o, "compiler");
	m->headers = manifest_text(o, "headers");
	bundle_key(&m->input, key);
	if (!manifest_digest(o, "key", m->key) || strcmp(m->key, key) != 0)
		return "its key is not that of what it says";
	return NULL;
}

static struct json_object *manifest_tokens(const char *text, size_t len)
{
	struct json_tokener *t = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *o = t ? json_tokener_parse_ex(t, text, (int)len) : NULL;

	json_tokener_free(t);
	return o;
}

int manifest_parse(const char *text, size_t len, struct manifest *ret, struct err *err)
{
	AUTO_MANIFEST struct manifest m = MANIFEST_INIT;
	AUTO_BUF struct buf again = BUF_INIT;
	struct json_object *o = len > BUNDLE_MANIFEST_MAX ? NULL : manifest_tokens(text, len);
	const char *problem = "it is no JSON object";

	if (json_object_is_type(o, json_type_object))
		problem = manifest_read(o, &m);
	json_object_put(o);
	if (!problem) {
		manifest_print(&m, &again);
		if (again.len != len || memcmp(again.s, text, len) != 0)
			problem = "it is not in the one form that a manifest has";
	}
	if (problem)
		return err_set(err, -E_BUNDLE_BAD, "%s: %s", BUNDLE_MANIFEST, problem);
	*ret = m;
	m = (struct manifest)MANIFEST_INIT;
	return 0;
}
