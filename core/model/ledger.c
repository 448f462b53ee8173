/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/ledger.h"

#include <string.h>

#include "base/alloc.h"
#include "base/words.h"
#include "model/lines.h"
#include "model/modid.h"

static const char *const owned_names[] = {
	[OWNED_KERNEL] = "kernel",
	[OWNED_HEADERS] = "headers",
	[OWNED_SOURCE] = "source",
};
static const char *const hold_names[] = {
	[HOLD_ABSENT] = "absent",
	[HOLD_VERSION] = "version",
	[HOLD_REMOVED] = "removed",
};
static const char *const request_names[] = {
	[REQUEST_ADD] = "add",
	[REQUEST_REMOVE] = "remove",
};

/* A member of an entry and its word KEY=VALUE. */
struct ledger_field {
	const char *key;
	size_t offset;
	const char *(*problem)(const char *value); /* NULL: any text is good */
	bool must;				   /* a line without it is refused */
};

static const struct ledger_field owned_fields[] = {
	{ "key", offsetof(struct owned, key), modid_kernel_problem, true },
	{ "from", offsetof(struct owned, from), NULL, true },
	{ "package", offsetof(struct owned, package), NULL, true },
	{ "version", offsetof(struct owned, version), NULL, true },
};
static const struct ledger_field hold_fields[] = {
	{ "name", offsetof(struct hold, name), modid_name_problem, true },
	{ "version", offsetof(struct hold, version), modid_version_problem, true },
	{ "release", offsetof(struct hold, release), modid_kernel_problem, true },
	{ "arch", offsetof(struct hold, arch), modid_kernel_problem, true },
	{ "seen", offsetof(struct hold, seen), NULL, false },
};
static const struct ledger_field removed_fields[] = {
	{ "name", offsetof(struct hold, name), modid_name_problem, true },
	{ "version", offsetof(struct hold, version), modid_version_problem, true },
	{ "seen", offsetof(struct hold, seen), NULL, false },
};
static const struct ledger_field failure_fields[] = {
	{ "name", offsetof(struct failure, name), modid_name_problem, true },
	{ "version", offsetof(struct failure, version), modid_version_problem, true },
	{ "release", offsetof(struct failure, release), modid_kernel_problem, true },
	{ "arch", offsetof(struct failure, arch), modid_kernel_problem, true },
	{ "key", offsetof(struct failure, key), NULL, true },
	{ "what", offsetof(struct failure, what), NULL, false },
	{ "log", offsetof(struct failure, log), NULL, false },
};
static const struct ledger_field verdict_fields[] = {
	{ "name", offsetof(struct verdict, name), modid_name_problem, true },
	{ "version", offsetof(struct verdict, version), modid_version_problem, true },
	{ "release", offsetof(struct verdict, release), modid_kernel_problem, true },
	{ "arch", offsetof(struct verdict, arch), modid_kernel_problem, true },
	{ "key", offsetof(struct verdict, key), NULL, true },
	{ "excluded", offsetof(struct verdict, excluded), NULL, false },
	{ "bad", offsetof(struct verdict, bad), NULL, false },
};
static const struct ledger_field request_fields[] = {
	{ "name", offsetof(struct request, name), modid_name_problem, true },
	{ "version", offsetof(struct request, version), modid_version_problem, true },
};
/* Members of a verdict that are a bare word, there or not. */
static const struct {
	const char *key;
	size_t offset;
} verdict_flags[] = {
	{ "autoinstall", offsetof(struct verdict, autoinstall) },
	{ "remake-initrd", offsetof(struct verdict, remake_initrd) },
	{ "depends-rebuild", offsetof(struct verdict, depends_rebuild) },
};

static void owned_release(struct owned *o)
{
	free(o->key);
	free(o->from);
	free(o->package);
	free(o->version);
	*o = (struct owned){ 0 };
}

static void hold_release(struct hold *h)
{
	free(h->name);
	free(h->version);
	free(h->release);
	free(h->arch);
	free(h->seen);
	*h = (struct hold){ 0 };
}

static void failure_release(struct failure *f)
{
	free(f->name);
	free(f->version);
	free(f->release);
	free(f->arch);
	free(f->key);
	free(f->what);
	free(f->log);
	*f = (struct failure){ 0 };
}

void verdict_release(struct verdict *v)
{
	free(v->name);
	free(v->version);
	free(v->release);
	free(v->arch);
	free(v->key);
	free(v->excluded);
	free(v->bad);
	strv_release(&v->depends);
	strv_release(&v->modules);
	*v = (struct verdict){ .depends = STRV_INIT, .modules = STRV_INIT };
}

static void request_release(struct request *r)
{
	free(r->name);
	free(r->version);
	*r = (struct request){ 0 };
}

void ledger_release(struct ledger *l)
{
	for (size_t i = 0; i < l->n_owned; i++)
		owned_release(&l->owned[i]);
	for (size_t i = 0; i < l->n_holds; i++)
		hold_release(&l->holds[i]);
	for (size_t i = 0; i < l->n_failures; i++)
		failure_release(&l->failures[i]);
	for (size_t i = 0; i < l->n_verdicts; i++)
		verdict_release(&l->verdicts[i]);
	for (size_t i = 0; i < l->n_requests; i++)
		request_release(&l->requests[i]);
	free(l->owned);
	free(l->holds);
	free(l->failures);
	free(l->verdicts);
	free(l->requests);
	*l = (struct ledger){ 0 };
}

static void ledger_print_fields(struct buf *b, const char *first, const struct ledger_field *fields,
				size_t n, const void *entry)
{
	buf_adds(b, first);
	for (size_t i = 0; i < n; i++) {
		char *const *value = (char *const *)((const char *)entry + fields[i].offset);

		lines_add_value(b, fields[i].key, *value);
	}
}

static void ledger_print_owners(const struct ledger *l, struct buf *b)
{
	for (size_t i = 0; i < l->n_owned; i++) {
		const struct owned *o = &l->owned[i];

		ledger_print_fields(b, owned_names[o->kind], owned_fields, ARRAY_SIZE(owned_fields),
				    o);
		buf_addch(b, '\n');
	}
}

static void ledger_print_holds(const struct ledger *l, struct buf *b)
{
	for (size_t i = 0; i < l->n_holds; i++) {
		const struct hold *h = &l->holds[i];

		ledger_print_fields(b, hold_names[h->kind], hold_fields, ARRAY_SIZE(hold_fields),
				    h);
		buf_addch(b, '\n');
	}
}

static void ledger_print_failures(const struct ledger *l, struct buf *b)
{
	for (size_t i = 0; i < l->n_failures; i++) {
		ledger_print_fields(b, "failed", failure_fields, ARRAY_SIZE(failure_fields),
				    &l->failures[i]);
		buf_addch(b, '\n');
	}
}

static void ledger_print_verdict(const struct verdict *v, struct buf *b)
{
	ledger_print_fields(b, "conf", verdict_fields, ARRAY_SIZE(verdict_fields), v);
	for (size_t i = 0; i < ARRAY_SIZE(verdict_flags); i++) {
		if (*(const bool *)((const char *)v + verdict_flags[i].offset))
			lines_add_word(b, verdict_flags[i].key);
	}
	for (size_t i = 0; i < v->depends.n; i++)
		lines_add_value(b, "depends", v->depends.v[i]);
	for (size_t i = 0; i < v->modules.n; i++)
		lines_add_value(b, "module", v->modules.v[i]);
	buf_addch(b, '\n');
}

static void ledger_print_verdicts(const struct ledger *l, struct buf *b)
{
	for (size_t i = 0; i < l->n_verdicts; i++)
		ledger_print_verdict(&l->verdicts[i], b);
}

static void ledger_print_requests(const struct ledger *l, struct buf *b)
{
	for (size_t i = 0; i < l->n_requests; i++) {
		const struct request *r = &l->requests[i];

		ledger_print_fields(b, request_names[r->kind], request_fields,
				    ARRAY_SIZE(request_fields), r);
		buf_addch(b, '\n');
	}
}

const char *owned_kind_name(enum owned_kind kind)
{
	return owned_names[kind];
}

bool owned_kind_parse(const char *word, enum owned_kind *ret)
{
	int kind = words_index(owned_names, ARRAY_SIZE(owned_names), word);

	if (kind >= 0)
		*ret = (enum owned_kind)kind;
	return kind >= 0;
}

const char *hold_kind_name(enum hold_kind kind)
{
	return hold_names[kind];
}

bool hold_kind_parse(const char *word, enum hold_kind *ret)
{
	int kind = words_index(hold_names, ARRAY_SIZE(hold_names), word);

	if (kind >= 0)
		*ret = (enum hold_kind)kind;
	return kind >= 0;
}

const char *request_kind_name(enum request_kind kind)
{
	return request_names[kind];
}

bool request_kind_parse(const char *word, enum request_kind *ret)
{
	int kind = words_index(request_names, ARRAY_SIZE(request_names), word);

	if (kind >= 0)
		*ret = (enum request_kind)kind;
	return kind >= 0;
}

/*
 * Fill the members of entry.  False, and entry unchanged, if a required word is missing or a value
 * is not valid.
 */
static bool ledger_take_fields(const struct strv *w, const struct ledger_field *fields, size_t n,
			       void *entry)
{
	for (size_t i = 0; i < n; i++) {
		const char *value = words_value(w, 1, fields[i].key);

		if (value ? fields[i].problem && fields[i].problem(value) : fields[i].must)
			return false;
	}
	for (size_t i = 0; i < n; i++)
		*(char **)((char *)entry + fields[i].offset) =
			xstrdup(words_value(w, 1, fields[i].key));
	return true;
}

static const char *ledger_parse_owned(const struct strv *w, void *data)
{
	struct ledger *l = data;
	struct owned o = { 0 };

	if (!owned_kind_parse(w->v[0], &o.kind) ||
	    !ledger_take_fields(w, owned_fields, ARRAY_SIZE(owned_fields), &o))
		return "not an owner";
	VEC_PUSH(l->owned, l->n_owned, o);
	return NULL;
}

static const char *ledger_parse_hold(const struct strv *w, void *data)
{
	struct ledger *l = data;
	struct hold h = { 0 };
	bool good = hold_kind_parse(w->v[0], &h.kind);

	if (good && h.kind == HOLD_REMOVED)
		good = ledger_take_fields(w, removed_fields, ARRAY_SIZE(removed_fields), &h);
	else if (good)
		good = ledger_take_fields(w, hold_fields, ARRAY_SIZE(hold_fields), &h);
	if (!good)
		return "not a hold";
	VEC_PUSH(l->holds, l->n_holds, h);
	return NULL;
}

static const char *ledger_parse_failure(const struct strv *w, void *data)
{
	struct ledger *l = data;
	struct failure f = { 0 };

	if (strcmp(w->v[0], "failed") != 0 ||
	    !ledger_take_fields(w, failure_fields, ARRAY_SIZE(failure_fields), &f))
		return "not a failure";
	VEC_PUSH(l->failures, l->n_failures, f);
	return NULL;
}

/* Append the values of all words KEY=VALUE. */
static void ledger_take_list(const struct strv *w, const char *key, struct strv *ret)
{
	size_t len = strlen(key);
	const char *s;

	STRV_FOREACH (s, w) {
		if (strncmp(s, key, len) == 0 && s[len] == '=')
			strv_add(ret, s + len + 1);
	}
}

static const char *ledger_parse_verdict(const struct strv *w, void *data)
{
	struct verdict v = { .depends = STRV_INIT, .modules = STRV_INIT };
	struct ledger *l = data;

	if (strcmp(w->v[0], "conf") != 0 ||
	    !ledger_take_fields(w, verdict_fields, ARRAY_SIZE(verdict_fields), &v))
		return "not a verdict";
	for (size_t i = 0; i < ARRAY_SIZE(verdict_flags); i++)
		*(bool *)((char *)&v + verdict_flags[i].offset) = strv_has(w, verdict_flags[i].key);
	ledger_take_list(w, "depends", &v.depends);
	ledger_take_list(w, "module", &v.modules);
	VEC_PUSH(l->verdicts, l->n_verdicts, v);
	return NULL;
}

static const char *ledger_parse_request(const struct strv *w, void *data)
{
	struct ledger *l = data;
	struct request r = { 0 };

	if (!request_kind_parse(w->v[0], &r.kind) ||
	    !ledger_take_fields(w, request_fields, ARRAY_SIZE(request_fields), &r))
		return "not a request";
	VEC_PUSH(l->requests, l->n_requests, r);
	return NULL;
}

static const struct {
	const char *name;
	void (*print)(const struct ledger *l, struct buf *b);
	lines_fn parse;
} ledger_files[LEDGER_COUNT_] = {
	[LEDGER_OWNERS] = { "owners", ledger_print_owners, ledger_parse_owned },
	[LEDGER_HOLDS] = { "holds", ledger_print_holds, ledger_parse_hold },
	[LEDGER_FAILURES] = { "failures", ledger_print_failures, ledger_parse_failure },
	[LEDGER_VERDICTS] = { "verdicts", ledger_print_verdicts, ledger_parse_verdict },
	[LEDGER_REQUESTS] = { "requests", ledger_print_requests, ledger_parse_request },
};

const char *ledger_file_name(enum ledger_file f)
{
	return ledger_files[f].name;
}

void ledger_print(const struct ledger *l, enum ledger_file f, struct buf *b)
{
	buf_addf(b, "dkms-%s 1\n", ledger_files[f].name);
	ledger_files[f].print(l, b);
	buf_adds(b, "end\n");
}

int ledger_parse(const char *text, size_t len, enum ledger_file f, struct ledger *l,
		 struct err *err)
{
	return lines_read(text, len, ledger_files[f].name, ledger_files[f].parse, l, err);
}

/* asked NULL matches everything. */
static bool ledger_matches(const char *asked, const char *is)
{
	return !asked || str_equal(asked, is);
}

struct owned *ledger_owned(const struct ledger *l, enum owned_kind kind, const char *key)
{
	for (size_t i = 0; i < l->n_owned; i++) {
		if (l->owned[i].kind == kind && str_equal(l->owned[i].key, key))
			return &l->owned[i];
	}
	return NULL;
}

struct owned *ledger_owner(const struct ledger *l, enum owned_kind kind, const char *key)
{
	struct owned *o = ledger_owned(l, kind, key);

	return o && strcmp(o->from, LEDGER_GONE) != 0 ? o : NULL;
}

struct hold *ledger_hold(const struct ledger *l, enum hold_kind kind, const char *name,
			 const char *release, const char *arch)
{
	for (size_t i = 0; i < l->n_holds; i++) {
		struct hold *h = &l->holds[i];

		if (h->kind == kind && str_equal(h->name, name) && str_equal(h->release, release) &&
		    str_equal(h->arch, arch))
			return h;
	}
	return NULL;
}

struct hold *ledger_hold_removed(const struct ledger *l, const char *name, const char *version)
{
	for (size_t i = 0; i < l->n_holds; i++) {
		struct hold *h = &l->holds[i];

		if (h->kind == HOLD_REMOVED && str_equal(h->name, name) &&
		    str_equal(h->version, version))
			return h;
	}
	return NULL;
}

struct failure *ledger_failure(const struct ledger *l, const char *name, const char *version,
			       const char *release, const char *arch)
{
	for (size_t i = 0; i < l->n_failures; i++) {
		struct failure *f = &l->failures[i];

		if (str_equal(f->name, name) && str_equal(f->version, version) &&
		    str_equal(f->release, release) && str_equal(f->arch, arch))
			return f;
	}
	return NULL;
}

struct verdict *ledger_verdict(const struct ledger *l, const char *name, const char *version,
			       const char *release, const char *arch)
{
	for (size_t i = 0; i < l->n_verdicts; i++) {
		struct verdict *v = &l->verdicts[i];

		if (str_equal(v->name, name) && str_equal(v->version, version) &&
		    str_equal(v->release, release) && str_equal(v->arch, arch))
			return v;
	}
	return NULL;
}

struct request *ledger_request(const struct ledger *l, const char *name, const char *version)
{
	for (size_t i = 0; i < l->n_requests; i++) {
		if (str_equal(l->requests[i].name, name) &&
		    str_equal(l->requests[i].version, version))
			return &l->requests[i];
	}
	return NULL;
}

/* Move *entry to where old is, or to the end if old is NULL. */
#define LEDGER_PUT(items, n, release_fn, old, entry)    \
	do {                                            \
		if (old) {                              \
			release_fn(old);                \
			*(old) = *(entry);              \
		} else {                                \
			VEC_PUSH(items, n, *(entry));   \
		}                                       \
		*(entry) = (__typeof__(*(entry))){ 0 }; \
	} while (0)

void ledger_put_owned(struct ledger *l, struct owned *o)
{
	struct owned *old = ledger_owned(l, o->kind, o->key);

	LEDGER_PUT(l->owned, l->n_owned, owned_release, old, o);
}

void ledger_copy_owned(struct ledger *l, const struct owned *o, const char *from)
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

void ledger_put_hold(struct ledger *l, struct hold *h)
{
	struct hold *old = h->kind == HOLD_REMOVED
				   ? ledger_hold_removed(l, h->name, h->version)
				   : ledger_hold(l, h->kind, h->name, h->release, h->arch);

	LEDGER_PUT(l->holds, l->n_holds, hold_release, old, h);
}

void ledger_put_failure(struct ledger *l, struct failure *f)
{
	struct failure *old = ledger_failure(l, f->name, f->version, f->release, f->arch);

	LEDGER_PUT(l->failures, l->n_failures, failure_release, old, f);
}

void ledger_put_verdict(struct ledger *l, struct verdict *v)
{
	struct verdict *old = ledger_verdict(l, v->name, v->version, v->release, v->arch);

	LEDGER_PUT(l->verdicts, l->n_verdicts, verdict_release, old, v);
}

void ledger_put_request(struct ledger *l, struct request *r)
{
	struct request *old = ledger_request(l, r->name, r->version);

	LEDGER_PUT(l->requests, l->n_requests, request_release, old, r);
}

/* Release the entries that meet the condition and close the gaps.  Does not shrink the array. */
#define LEDGER_DROP(items, n, release_fn, it, condition)          \
	do {                                                      \
		size_t kept = 0;                                  \
		for (size_t i = 0; i < (n); i++) {                \
			__typeof__(&(items)[0]) it = &(items)[i]; \
			if (condition)                            \
				release_fn(it);                   \
			else                                      \
				(items)[kept++] = *it;            \
		}                                                 \
		(n) = kept;                                       \
	} while (0)

void ledger_drop_owned(struct ledger *l, enum owned_kind kind, const char *key)
{
	LEDGER_DROP(l->owned, l->n_owned, owned_release, o,
		    o->kind == kind && str_equal(o->key, key));
}

void ledger_drop_hold(struct ledger *l, enum hold_kind kind, const struct modid *id,
		      const char *release, const char *arch)
{
	if (kind == HOLD_REMOVED)
		LEDGER_DROP(l->holds, l->n_holds, hold_release, h,
			    h->kind == HOLD_REMOVED && str_equal(h->name, id->name) &&
				    str_equal(h->version, id->version));
	else
		LEDGER_DROP(l->holds, l->n_holds, hold_release, h,
			    h->kind != HOLD_REMOVED && str_equal(h->name, id->name) &&
				    str_equal(h->release, release) && str_equal(h->arch, arch));
}

void ledger_drop_failures(struct ledger *l, const char *name, const char *version,
			  const char *release, const char *arch)
{
	LEDGER_DROP(l->failures, l->n_failures, failure_release, f,
		    ledger_matches(name, f->name) && ledger_matches(version, f->version) &&
			    ledger_matches(release, f->release) && ledger_matches(arch, f->arch));
}

void ledger_drop_verdicts(struct ledger *l, const char *name, const char *version,
			  const char *release, const char *arch)
{
	LEDGER_DROP(l->verdicts, l->n_verdicts, verdict_release, v,
		    ledger_matches(name, v->name) && ledger_matches(version, v->version) &&
			    ledger_matches(release, v->release) && ledger_matches(arch, v->arch));
}

void ledger_drop_request(struct ledger *l, const char *name, const char *version)
{
	LEDGER_DROP(l->requests, l->n_requests, request_release, r,
		    str_equal(r->name, name) && str_equal(r->version, version));
}
