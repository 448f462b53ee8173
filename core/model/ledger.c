/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/ledger.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/words.h"
#include "model/history.h"
#include "model/lines.h"
#include "model/modid.h"

/* ---- the fields of each kind of entry ---- */

/* A member of an entry, and its word in the entry's line. */
struct ledger_field {
	const char *key;
	/* TEXT: KEY=VALUE; FLAG: KEY; LIST: any number of KEY=VALUE; NUMBER: KEY=NUMBER unless 0 */
	enum { FIELD_TEXT, FIELD_FLAG, FIELD_LIST, FIELD_NUMBER } type;
	size_t offset;
	bool must;				   /* a line without it is refused */
	const char *(*problem)(const char *value); /* NULL: any text is good */
};

static const char *ledger_number_problem(const char *value)
{
	int64_t number;

	return lines_i64(value, &number) && number >= 0 ? NULL : "is no number";
}

static const char *ledger_run_problem(const char *value)
{
	return history_is_run_id(value) ? NULL : "is no run";
}

static const struct ledger_field owned_fields[] = {
	{ "key", FIELD_TEXT, offsetof(struct owned, key), true, modid_kernel_problem },
	{ "from", FIELD_TEXT, offsetof(struct owned, from), true, NULL },
	{ "package", FIELD_TEXT, offsetof(struct owned, package), true, NULL },
	{ "version", FIELD_TEXT, offsetof(struct owned, version), true, NULL },
};
static const struct ledger_field hold_fields[] = {
	{ "name", FIELD_TEXT, offsetof(struct hold, name), true, modid_name_problem },
	{ "version", FIELD_TEXT, offsetof(struct hold, version), true, modid_version_problem },
	{ "release", FIELD_TEXT, offsetof(struct hold, release), false, modid_kernel_problem },
	{ "arch", FIELD_TEXT, offsetof(struct hold, arch), false, modid_kernel_problem },
	{ "seen", FIELD_TEXT, offsetof(struct hold, seen), false, NULL },
};
static const struct ledger_field removed_fields[] = {
	{ "name", FIELD_TEXT, offsetof(struct hold, name), true, modid_name_problem },
	{ "version", FIELD_TEXT, offsetof(struct hold, version), true, modid_version_problem },
	{ "seen", FIELD_TEXT, offsetof(struct hold, seen), false, NULL },
};
static const struct ledger_field failure_fields[] = {
	{ "name", FIELD_TEXT, offsetof(struct failure, name), true, modid_name_problem },
	{ "version", FIELD_TEXT, offsetof(struct failure, version), true, modid_version_problem },
	{ "release", FIELD_TEXT, offsetof(struct failure, release), true, modid_kernel_problem },
	{ "arch", FIELD_TEXT, offsetof(struct failure, arch), true, modid_kernel_problem },
	{ "key", FIELD_TEXT, offsetof(struct failure, key), true, NULL },
	{ "what", FIELD_TEXT, offsetof(struct failure, what), false, NULL },
	{ "log", FIELD_TEXT, offsetof(struct failure, log), false, NULL },
	{ "cause", FIELD_TEXT, offsetof(struct failure, cause), false, NULL },
	{ "confined", FIELD_TEXT, offsetof(struct failure, confined), false, NULL },
	{ "since", FIELD_NUMBER, offsetof(struct failure, since), false, ledger_number_problem },
	{ "run", FIELD_TEXT, offsetof(struct failure, run), false, ledger_run_problem },
	{ "middle", FIELD_FLAG, offsetof(struct failure, middle), false, NULL },
};
static const struct ledger_field verdict_fields[] = {
	{ "name", FIELD_TEXT, offsetof(struct verdict, name), true, modid_name_problem },
	{ "version", FIELD_TEXT, offsetof(struct verdict, version), true, modid_version_problem },
	{ "release", FIELD_TEXT, offsetof(struct verdict, release), true, modid_kernel_problem },
	{ "arch", FIELD_TEXT, offsetof(struct verdict, arch), true, modid_kernel_problem },
	{ "key", FIELD_TEXT, offsetof(struct verdict, key), true, NULL },
	{ "excluded", FIELD_TEXT, offsetof(struct verdict, excluded), false, NULL },
	{ "bad", FIELD_TEXT, offsetof(struct verdict, bad), false, NULL },
	{ "autoinstall", FIELD_FLAG, offsetof(struct verdict, autoinstall), false, NULL },
	{ "remake-initrd", FIELD_FLAG, offsetof(struct verdict, remake_initrd), false, NULL },
	{ "depends-rebuild", FIELD_FLAG, offsetof(struct verdict, depends_rebuild), false, NULL },
	{ "depends", FIELD_LIST, offsetof(struct verdict, depends), false, NULL },
	{ "module", FIELD_LIST, offsetof(struct verdict, modules), false, NULL },
};
static const struct ledger_field request_fields[] = {
	{ "name", FIELD_TEXT, offsetof(struct request, name), true, modid_name_problem },
	{ "version", FIELD_TEXT, offsetof(struct request, version), true, modid_version_problem }
};

static const struct ledger_field candidate_fields[] = {
	{ "release", FIELD_TEXT, offsetof(struct candidate_kernel, release), true,
	  modid_kernel_problem },
	{ "from", FIELD_TEXT, offsetof(struct candidate_kernel, from), true, NULL },
	{ "since", FIELD_NUMBER, offsetof(struct candidate_kernel, since), false,
	  ledger_number_problem },
	{ "package", FIELD_LIST, offsetof(struct candidate_kernel, packages), false, NULL },
};
static const struct ledger_field gate_fields[] = {
	{ "release", FIELD_TEXT, offsetof(struct gate, release), true, modid_kernel_problem },
	{ "from", FIELD_TEXT, offsetof(struct gate, from), true, NULL },
	{ "since", FIELD_NUMBER, offsetof(struct gate, since), false, ledger_number_problem },
	{ "released", FIELD_FLAG, offsetof(struct gate, released), false, NULL },
	{ "package", FIELD_LIST, offsetof(struct gate, packages), false, NULL },
	{ "module", FIELD_LIST, offsetof(struct gate, modules), false, NULL },
	{ "why", FIELD_LIST, offsetof(struct gate, whys), false, NULL },
};

/* A kind of entry: the first word of its line, and its fields. */
struct ledger_kind {
	const char *name;
	const struct ledger_field *fields;
	size_t n_fields;
};
#define KIND(name, fields)                       \
	{                                        \
		name, fields, ARRAY_SIZE(fields) \
	}

static const struct ledger_kind owned_kinds[] = {
	[OWNED_KERNEL] = KIND("kernel", owned_fields),
	[OWNED_HEADERS] = KIND("headers", owned_fields),
	[OWNED_SOURCE] = KIND("source", owned_fields),
};
static const struct ledger_kind hold_kinds[] = {
	[HOLD_ABSENT] = KIND("absent", hold_fields),
	[HOLD_VERSION] = KIND("version", hold_fields),
	[HOLD_REMOVED] = KIND("removed", removed_fields),
};
static const struct ledger_kind failure_kinds[] = { KIND("failed", failure_fields) };
static const struct ledger_kind verdict_kinds[] = { KIND("conf", verdict_fields) };
static const struct ledger_kind request_kinds[] = {
	[REQUEST_ADD] = KIND("add", request_fields),
	[REQUEST_REMOVE] = KIND("remove", request_fields),
};
static const struct ledger_kind candidate_kinds[] = { KIND("candidate", candidate_fields) };
static const struct ledger_kind gate_kinds[] = { KIND("gate", gate_fields) };

/* The index of the kind with that name among n; -1 if there is none. */
static int kind_find(const struct ledger_kind *kinds, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

const char *owned_kind_name(enum owned_kind kind)
{
	return owned_kinds[kind].name;
}

bool owned_kind_parse(const char *word, enum owned_kind *ret)
{
	int kind = kind_find(owned_kinds, ARRAY_SIZE(owned_kinds), word);

	if (kind >= 0)
		*ret = (enum owned_kind)kind;
	return kind >= 0;
}

const char *hold_kind_name(enum hold_kind kind)
{
	return hold_kinds[kind].name;
}

/* ---- the files ---- */

/*
 * Define three functions for a type of list, e.g. owners_at(), owners_add() and owners_clear():
 *
 * - LIST_at() returns entry number i and its kind, or NULL after the last entry
 * - LIST_add() appends an entry of this kind and returns it
 * - LIST_clear() frees the array, but not what the entries own
 */
#define LEDGER_LIST(list, entry, get_kind, set_kind)                     \
	static void *list##_at(const void *data, size_t i, size_t *kind) \
	{                                                                \
		const struct list *l = data;                             \
		struct entry *at = i < l->n ? &l->v[i] : NULL;           \
                                                                         \
		*kind = at ? (size_t)(get_kind) : 0;                     \
		return at;                                               \
	}                                                                \
	static void *list##_add(void *data, int kind)                    \
	{                                                                \
		struct list *l = data;                                   \
		struct entry new = { 0 };                                \
                                                                         \
		set_kind;                                                \
		VEC_PUSH(l->v, l->n, new);                               \
		return &l->v[l->n - 1];                                  \
	}                                                                \
	static void list##_clear(void *data)                             \
	{                                                                \
		struct list *l = data;                                   \
                                                                         \
		free(l->v);                                              \
		*l = (struct list){ 0 };                                 \
	}

LEDGER_LIST(owners, owned, at->kind, new.kind = (enum owned_kind)kind)
LEDGER_LIST(holds, hold, at->kind, new.kind = (enum hold_kind)kind)
LEDGER_LIST(failures, failure, 0, (void)kind)
LEDGER_LIST(verdicts, verdict, 0, (void)kind)
LEDGER_LIST(requests, request, at->kind, new.kind = (enum request_kind)kind)
LEDGER_LIST(gates, gate, 0, (void)kind)
LEDGER_LIST(candidates, candidate_kernel, 0, (void)kind)

static const struct {
	const char *name;
	const char *problem; /* what is said about a line that is no entry */
	const struct ledger_kind *kinds;
	size_t n_kinds;
	void *(*at)(const void *list, size_t i, size_t *kind);
	void *(*add)(void *list, int kind);
	void (*clear)(void *list);
} ledger_files[LEDGER_COUNT_] = {
#define FILE(name, problem, kinds, list)                                                     \
	{                                                                                    \
		name, problem, kinds, ARRAY_SIZE(kinds), list##_at, list##_add, list##_clear \
	}
	[LEDGER_OWNERS] = FILE("owners", "not an owner", owned_kinds, owners),
	[LEDGER_HOLDS] = FILE("holds", "not a hold", hold_kinds, holds),
	[LEDGER_FAILURES] = FILE("failures", "not a failure", failure_kinds, failures),
	[LEDGER_VERDICTS] = FILE("verdicts", "not a verdict", verdict_kinds, verdicts),
	[LEDGER_REQUESTS] = FILE("requests", "not a request", request_kinds, requests),
	[LEDGER_GATES] = FILE("gates", "not a gate", gate_kinds, gates),
	[LEDGER_CANDIDATES] = FILE("candidates", "not a candidate", candidate_kinds, candidates),
#undef FILE
};

const char *ledger_file_name(enum ledger_file f)
{
	return ledger_files[f].name;
}

static void field_print(const struct ledger_field *f, const void *entry, struct buf *b)
{
	const void *member = (const char *)entry + f->offset;
	const struct strv *list = member;
	const char *s;

	if (f->type == FIELD_TEXT) {
		lines_add_value(b, f->key, *(char *const *)member);
	} else if (f->type == FIELD_LIST) {
		STRV_FOREACH (s, list)
			lines_add_value(b, f->key, s);
	} else if (f->type == FIELD_NUMBER) {
		if (*(const int64_t *)member)
			buf_addf(b, " %s=%" PRId64, f->key, *(const int64_t *)member);
	} else if (*(const bool *)member) {
		lines_add_word(b, f->key);
	}
}

void ledger_print_entries(enum ledger_file f, const void *list, const char *prefix, struct buf *b)
{
	const void *entry;
	size_t kind;

	for (size_t i = 0; (entry = ledger_files[f].at(list, i, &kind)); i++) {
		const struct ledger_kind *k = &ledger_files[f].kinds[kind];

		buf_addf(b, "%s%s", prefix, k->name);
		for (size_t n = 0; n < k->n_fields; n++)
			field_print(&k->fields[n], entry, b);
		buf_addch(b, '\n');
	}
}

void ledger_print(enum ledger_file f, const void *list, struct buf *b)
{
	buf_addf(b, "dkms-%s 1\n", ledger_files[f].name);
	ledger_print_entries(f, list, "", b);
	buf_adds(b, "end\n");
}

static bool field_is_valid(const struct ledger_field *f, const struct strv *words)
{
	bool single = f->type == FIELD_TEXT || f->type == FIELD_NUMBER;
	const char *value = single ? words_value(words, 1, f->key) : NULL;

	return value ? !f->problem || !f->problem(value) : !f->must;
}

static int64_t field_number(const char *value)
{
	int64_t number = 0;

	return lines_i64(value, &number) ? number : 0;
}

static void field_parse(const struct ledger_field *f, const struct strv *words, void *entry)
{
	void *member = (char *)entry + f->offset;

	if (f->type == FIELD_TEXT)
		*(char **)member = xstrdup(words_value(words, 1, f->key));
	else if (f->type == FIELD_LIST)
		words_values(words, 1, f->key, member);
	else if (f->type == FIELD_NUMBER)
		*(int64_t *)member = field_number(words_value(words, 1, f->key));
	else
		*(bool *)member = strv_has(words, f->key);
}

/*
 * Does the line of a hold say for which kernels the hold is?  A hold on one kernel has both
 * `release` and `arch`.  A hold on every kernel has neither, and must be firm, because only
 * `dkms hold` sets such a hold.
 */
static bool hold_names_kernel(const struct strv *words)
{
	bool release = words_value(words, 1, "release"), arch = words_value(words, 1, "arch");
	const char *seen = words_value(words, 1, "seen");

	return release || arch ? release && arch : seen && strcmp(seen, HOLD_FIRM) == 0;
}

const char *ledger_parse_entry(enum ledger_file f, const struct strv *words, void *list)
{
	int kind = kind_find(ledger_files[f].kinds, ledger_files[f].n_kinds, words->v[0]);
	const struct ledger_kind *k = kind < 0 ? NULL : &ledger_files[f].kinds[kind];
	void *entry;

	for (size_t i = 0; k && i < k->n_fields; i++) {
		if (!field_is_valid(&k->fields[i], words))
			return ledger_files[f].problem;
	}
	if (!k || (k->fields == hold_fields && !hold_names_kernel(words)))
		return ledger_files[f].problem;
	entry = ledger_files[f].add(list, kind);
	for (size_t i = 0; i < k->n_fields; i++)
		field_parse(&k->fields[i], words, entry);
	return NULL;
}

/* The data of ledger_parse_line(). */
struct ledger_target {
	enum ledger_file file;
	void *list;
};

static const char *ledger_parse_line(const struct strv *words, void *data)
{
	const struct ledger_target *to = data;

	return ledger_parse_entry(to->file, words, to->list);
}

int ledger_parse(enum ledger_file f, const char *text, size_t len, void *list, struct err *err)
{
	struct ledger_target to = { f, list };

	return lines_read(text, len, ledger_files[f].name, ledger_parse_line, &to, err);
}

/* Release the texts and lists of an entry, and leave them empty.  Its other members stay. */
static void entry_release(enum ledger_file f, void *entry)
{
	/* The first kind of each file has the fields of all its kinds. */
	const struct ledger_kind *k = &ledger_files[f].kinds[0];

	for (size_t i = 0; i < k->n_fields; i++) {
		void *member = (char *)entry + k->fields[i].offset;

		if (k->fields[i].type == FIELD_LIST)
			strv_release(member);
		else if (k->fields[i].type == FIELD_TEXT)
			free(TAKE(*(char **)member));
	}
}

void verdict_release(struct verdict *v)
{
	entry_release(LEDGER_VERDICTS, v);
}

void failure_release(struct failure *f)
{
	entry_release(LEDGER_FAILURES, f);
}

void ledger_release(enum ledger_file f, void *list)
{
	void *entry;
	size_t kind;

	for (size_t i = 0; (entry = ledger_files[f].at(list, i, &kind)); i++)
		entry_release(f, entry);
	ledger_files[f].clear(list);
}

void owners_release(struct owners *l)
{
	ledger_release(LEDGER_OWNERS, l);
}

void verdicts_release(struct verdicts *l)
{
	ledger_release(LEDGER_VERDICTS, l);
}

void gates_release(struct gates *l)
{
	ledger_release(LEDGER_GATES, l);
}

/* ---- look-ups and changes ---- */

/* If `asked` is NULL, it matches everything. */
static bool ledger_matches(const char *asked, const char *is)
{
	return !asked || str_equal(asked, is);
}

struct owned *ledger_owned(const struct owners *l, enum owned_kind kind, const char *key)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].kind == kind && str_equal(l->v[i].key, key))
			return &l->v[i];
	}
	return NULL;
}

struct owned *ledger_owner(const struct owners *l, enum owned_kind kind, const char *key)
{
	struct owned *o = ledger_owned(l, kind, key);

	return o && strcmp(o->from, LEDGER_GONE) != 0 ? o : NULL;
}

struct hold *ledger_hold(const struct holds *l, enum hold_kind kind, const char *name,
			 const char *release, const char *arch)
{
	for (size_t i = 0; i < l->n; i++) {
		struct hold *h = &l->v[i];

		if (h->kind == kind && str_equal(h->name, name) && str_equal(h->release, release) &&
		    str_equal(h->arch, arch))
			return h;
	}
	return NULL;
}

struct hold *ledger_hold_on(const struct holds *l, enum hold_kind kind, const char *name,
			    const char *release, const char *arch)
{
	struct hold *own = ledger_hold(l, HOLD_ABSENT, name, release, arch);

	if (!own)
		own = ledger_hold(l, HOLD_VERSION, name, release, arch);
	if (own)
		return own->kind == kind ? own : NULL;
	return ledger_hold(l, kind, name, NULL, NULL);
}

bool hold_is_firm(const struct hold *h)
{
	return h->seen && strcmp(h->seen, HOLD_FIRM) == 0;
}

struct hold *ledger_hold_removed(const struct holds *l, const char *name, const char *version)
{
	for (size_t i = 0; i < l->n; i++) {
		struct hold *h = &l->v[i];

		if (h->kind == HOLD_REMOVED && str_equal(h->name, name) &&
		    str_equal(h->version, version))
			return h;
	}
	return NULL;
}

struct failure *ledger_failure(const struct failures *l, const char *name, const char *version,
			       const char *release, const char *arch)
{
	for (size_t i = 0; i < l->n; i++) {
		struct failure *f = &l->v[i];

		if (str_equal(f->name, name) && str_equal(f->version, version) &&
		    str_equal(f->release, release) && str_equal(f->arch, arch))
			return f;
	}
	return NULL;
}

struct verdict *ledger_verdict(const struct verdicts *l, const char *name, const char *version,
			       const char *release, const char *arch)
{
	for (size_t i = 0; i < l->n; i++) {
		struct verdict *v = &l->v[i];

		if (str_equal(v->name, name) && str_equal(v->version, version) &&
		    str_equal(v->release, release) && str_equal(v->arch, arch))
			return v;
	}
	return NULL;
}

struct request *ledger_request(const struct requests *l, const char *name, const char *version)
{
	for (size_t i = 0; i < l->n; i++) {
		if (str_equal(l->v[i].name, name) && str_equal(l->v[i].version, version))
			return &l->v[i];
	}
	return NULL;
}

struct candidate_kernel *ledger_candidate(const struct candidates *l, const char *release)
{
	for (size_t i = 0; i < l->n; i++) {
		if (str_equal(l->v[i].release, release))
			return &l->v[i];
	}
	return NULL;
}

struct gate *ledger_gate(const struct gates *l, const char *release)
{
	for (size_t i = 0; i < l->n; i++) {
		if (str_equal(l->v[i].release, release))
			return &l->v[i];
	}
	return NULL;
}

/* Move *entry into the place of *old, or to the end of the list if `old` is NULL. */
#define LEDGER_PUT(l, old, entry)                           \
	do {                                                \
		if (old) {                                  \
			entry_release(LEDGER_FILE(l), old); \
			*(old) = *(entry);                  \
		} else {                                    \
			VEC_PUSH((l)->v, (l)->n, *(entry)); \
		}                                           \
		*(entry) = (__typeof__(*(entry))){ 0 };     \
	} while (0)

void ledger_put_owned(struct owners *l, struct owned *o)
{
	struct owned *old = ledger_owned(l, o->kind, o->key);

	LEDGER_PUT(l, old, o);
}

void ledger_copy_owned(struct owners *l, const struct owned *o, const char *from)
{
	struct owned copy = {
		.kind = o->kind,
		.key = xstrdup(o->key),
		.from = xstrdup(from ? from : o->from),
		.package = xstrdup(o->package),
		.version = xstrdup(o->version),
	};

	ledger_put_owned(l, &copy);
}

void ledger_put_hold(struct holds *l, struct hold *h)
{
	struct hold *old = h->kind == HOLD_REMOVED
				   ? ledger_hold_removed(l, h->name, h->version)
				   : ledger_hold(l, h->kind, h->name, h->release, h->arch);

	LEDGER_PUT(l, old, h);
}

void ledger_put_failure(struct failures *l, struct failure *f)
{
	struct failure *old = ledger_failure(l, f->name, f->version, f->release, f->arch);

	LEDGER_PUT(l, old, f);
}

void ledger_put_verdict(struct verdicts *l, struct verdict *v)
{
	struct verdict *old = ledger_verdict(l, v->name, v->version, v->release, v->arch);

	LEDGER_PUT(l, old, v);
}

void ledger_put_request(struct requests *l, struct request *r)
{
	struct request *old = ledger_request(l, r->name, r->version);

	LEDGER_PUT(l, old, r);
}

void ledger_put_candidate(struct candidates *l, struct candidate_kernel *c)
{
	struct candidate_kernel *old = ledger_candidate(l, c->release);

	LEDGER_PUT(l, old, c);
}

void ledger_copy_gate(struct gates *l, const struct gate *g)
{
	struct gate *old = ledger_gate(l, g->release);
	struct gate copy = {
		.release = xstrdup(g->release),
		.from = xstrdup(g->from),
		.since = g->since,
		.released = g->released,
		.packages = STRV_INIT,
		.modules = STRV_INIT,
		.whys = STRV_INIT,
	};

	strv_add_all(&copy.packages, &g->packages);
	strv_add_all(&copy.modules, &g->modules);
	strv_add_all(&copy.whys, &g->whys);
	LEDGER_PUT(l, old, &copy);
}

/* Release the entries that meet the condition, and close the gaps. */
#define LEDGER_DROP(l, it, condition)                              \
	do {                                                       \
		size_t kept = 0;                                   \
		for (size_t i = 0; i < (l)->n; i++) {              \
			__typeof__((l)->v) it = &(l)->v[i];        \
			if (condition)                             \
				entry_release(LEDGER_FILE(l), it); \
			else                                       \
				(l)->v[kept++] = *it;              \
		}                                                  \
		(l)->n = kept;                                     \
	} while (0)

void ledger_drop_owned(struct owners *l, enum owned_kind kind, const char *key)
{
	LEDGER_DROP(l, o, o->kind == kind && str_equal(o->key, key));
}

void ledger_drop_hold(struct holds *l, enum hold_kind kind, const struct modid *id,
		      const char *release, const char *arch)
{
	if (kind == HOLD_REMOVED)
		LEDGER_DROP(l, h,
			    h->kind == HOLD_REMOVED && str_equal(h->name, id->name) &&
				    str_equal(h->version, id->version));
	else
		LEDGER_DROP(l, h,
			    h->kind != HOLD_REMOVED && str_equal(h->name, id->name) &&
				    str_equal(h->release, release) && str_equal(h->arch, arch));
}

void ledger_drop_failures(struct failures *l, const char *name, const char *version,
			  const char *release, const char *arch)
{
	LEDGER_DROP(l, f,
		    ledger_matches(name, f->name) && ledger_matches(version, f->version) &&
			    ledger_matches(release, f->release) && ledger_matches(arch, f->arch));
}

void ledger_drop_verdicts(struct verdicts *l, const char *name, const char *version,
			  const char *release, const char *arch)
{
	LEDGER_DROP(l, v,
		    ledger_matches(name, v->name) && ledger_matches(version, v->version) &&
			    ledger_matches(release, v->release) && ledger_matches(arch, v->arch));
}

void ledger_drop_request(struct requests *l, const char *name, const char *version)
{
	LEDGER_DROP(l, r, str_equal(r->name, name) && str_equal(r->version, version));
}

void ledger_drop_candidate(struct candidates *l, const char *release)
{
	LEDGER_DROP(l, c, str_equal(c->release, release));
}

void ledger_drop_old_candidates(struct candidates *l, int64_t now)
{
	LEDGER_DROP(l, c,
		    str_equal(c->from, CANDIDATE_PERSON) &&
			    now - c->since > (int64_t)CANDIDATE_DAYS * 86400);
}

void ledger_drop_gate(struct gates *l, const char *release)
{
	LEDGER_DROP(l, g, str_equal(g->release, release));
}
