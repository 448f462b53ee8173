/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/rpm/facts.h"

#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmtag.h>
#include <string.h>

#include "base/alloc.h"

#ifdef RPMFI_FLAGS_ONLY_FILENAMES
#define NAMES_ONLY RPMFI_FLAGS_ONLY_FILENAMES
#else
#define NAMES_ONLY RPMFI_FLAGS_QUERY
#endif

void facts_release(struct facts *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].key);
	free(f->v);
	*f = (struct facts){ 0 };
}

static bool has_fact(const struct facts *f, enum path_kind kind, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].kind == kind && strcmp(f->v[i].key, key) == 0)
			return true;
	return false;
}

static void look_at(rpmfiles files, int i, struct facts *ret)
{
	const char *dir = rpmfilesDN(files, rpmfilesDI(files, i)), *base = rpmfilesBN(files, i);
	struct fact fact = { PATH_OTHER, NULL };

	if (!dir || !base || !path_dir_matters(dir))
		return;
	fact.kind = path_look(dir, base, &fact.key);
	if (fact.kind == PATH_OTHER)
		return;
	if (has_fact(ret, fact.kind, fact.key))
		free(fact.key);
	else
		VEC_PUSH(ret->v, ret->n, fact);
}

void facts_read(rpmfiles files, struct facts *ret)
{
	int n = rpmfilesFC(files);

	for (int i = 0; i < n; i++)
		look_at(files, i, ret);
}

bool fact_owned_kind(const struct fact *f, enum owned_kind *ret)
{
	switch (f->kind) {
	case PATH_KERNEL: *ret = OWNED_KERNEL; return true;
	case PATH_HEADERS: *ret = OWNED_HEADERS; return true;
	case PATH_SOURCE: *ret = OWNED_SOURCE; return true;
	default: return false;
	}
}

/* ---- the database ---- */

/* Where packages lie in the database, each once. */
struct offsets {
	unsigned int *v;
	size_t n;
};

static void add_offset(struct offsets *o, unsigned int offset)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->v[i] == offset)
			return;
	VEC_PUSH(o->v, o->n, offset);
}

/* Packages with a file in a folder that matters; the index's keys have no NUL at their end. */
static void find_packages(rpmdbIndexIterator index, struct offsets *ret)
{
	const void *key;
	size_t len;

	while (rpmdbIndexIteratorNext(index, &key, &len) == 0) {
		AUTO_FREE char *dir = xstrndup(key, len);

		for (unsigned int i = 0;
		     path_dir_matters(dir) && i < rpmdbIndexIteratorNumPkgs(index); i++)
			add_offset(ret, rpmdbIndexIteratorPkgOffset(index, i));
	}
}

static struct event_item *find_item(struct event *e, enum owned_kind kind, const char *key)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->items[i].kind == kind && strcmp(e->items[i].key, key) == 0)
			return &e->items[i];
	return NULL;
}

static void add_item(struct event *e, enum owned_kind kind, const char *key, Header h)
{
	AUTO_FREE char *package = xstrdup(headerGetString(h, RPMTAG_NAME));
	struct event_item *known = find_item(e, kind, key);
	struct event_item item = { .kind = kind, .change = EVENT_PRESENT };

	if (!package || (known && strcmp(known->package, package) <= 0))
		return;
	if (!known) {
		item.key = xstrdup(key);
		VEC_PUSH(e->items, e->n, item);
		known = &e->items[e->n - 1];
	}
	free(known->package);
	free(known->version);
	known->package = TAKE(package);
	known->version = headerGetAsString(h, RPMTAG_EVR);
}

static void add_package(struct event *e, Header h)
{
	rpmfiles files = rpmfilesNew(NULL, h, RPMTAG_BASENAMES, NAMES_ONLY);
	struct facts facts = { 0 };
	enum owned_kind kind;

	facts_read(files, &facts);
	rpmfilesFree(files);
	for (size_t i = 0; i < facts.n; i++)
		if (fact_owned_kind(&facts.v[i], &kind))
			add_item(e, kind, facts.v[i].key, h);
	facts_release(&facts);
}

/* False: it cannot be read. */
static bool add_package_at(rpmts ts, unsigned int offset, struct event *e)
{
	rpmdbMatchIterator mi =
		rpmtsInitIterator(ts, (rpmDbiTagVal)RPMDBI_PACKAGES, &offset, sizeof(offset));
	Header h = mi ? rpmdbNextIterator(mi) : NULL;

	if (h)
		add_package(e, h);
	rpmdbFreeIterator(mi);
	return h != NULL;
}

static int compare_items(const void *a, const void *b)
{
	const struct event_item *x = a, *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->key, y->key);
}

bool facts_of_database(rpmts ts, struct event *e)
{
	rpmdb db = rpmtsGetRdb(ts);
	rpmdbIndexIterator index = db ? rpmdbIndexIteratorInit(db, RPMDBI_DIRNAMES) : NULL;
	struct offsets offsets = { 0 };
	bool readable = index != NULL;

	if (index)
		find_packages(index, &offsets);
	rpmdbIndexIteratorFree(index);
	for (size_t i = 0; i < offsets.n; i++)
		readable = add_package_at(ts, offsets.v[i], e) && readable;
	free(offsets.v);
	if (e->n)
		qsort(e->items, e->n, sizeof(*e->items), compare_items);
	for (size_t i = 0; i < EVENT_KINDS; i++)
		e->complete[i] = readable;
	return readable;
}
