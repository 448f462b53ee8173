/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/rpm/facts.h"

#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmtag.h>
#include <string.h>

#include "base/alloc.h"
#include "hooks/common/items.h"

#ifdef RPMFI_FLAGS_ONLY_FILENAMES
#define NAMES_ONLY RPMFI_FLAGS_ONLY_FILENAMES
#else
#define NAMES_ONLY RPMFI_FLAGS_QUERY
#endif

void facts_release(struct facts *f)
{
	for (size_t i = 0; i < f->n; i++)
		itempath_release(&f->v[i]);
	free(f->v);
	*f = (struct facts){ 0 };
}

bool facts_have(const struct facts *f, const struct itempath *fact)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].kind == fact->kind && f->v[i].rank == fact->rank &&
		    strcmp(f->v[i].key, fact->key) == 0)
			return true;
	return false;
}

static void facts_add_file(rpmfiles files, int i, struct facts *ret)
{
	const char *dir = rpmfilesDN(files, rpmfilesDI(files, i)), *base = rpmfilesBN(files, i);
	AUTO_FREE char *path = NULL;
	AUTO_ITEMPATH struct itempath fact = { 0 };

	if (!dir || !base || !itempath_may_matter(dir))
		return;
	path = xasprintf("%s%s", dir, base);
	if (!itempath_parse(LAYOUT_RPM, path, &fact) || facts_have(ret, &fact))
		return;
	VEC_PUSH(ret->v, ret->n, fact);
	fact.key = NULL; /* owned by ret now */
}

void facts_read(rpmfiles files, struct facts *ret)
{
	int n = rpmfilesFC(files);

	for (int i = 0; i < n; i++)
		facts_add_file(files, i, ret);
}

/* ---- the database ---- */

/* Offsets of packages in the database, without duplicates. */
struct offsets {
	unsigned int *v;
	size_t n;
};

static void offsets_add(struct offsets *o, unsigned int offset)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->v[i] == offset)
			return;
	VEC_PUSH(o->v, o->n, offset);
}

/*
 * Collect the packages that have a file in a folder where kernels, headers or sources lie.  The
 * keys of the index, folder names, are not NUL-terminated.
 */
static void offsets_find(rpmdbIndexIterator index, struct offsets *ret)
{
	const void *key;
	size_t len;

	while (rpmdbIndexIteratorNext(index, &key, &len) == 0) {
		AUTO_FREE char *dir = xstrndup(key, len);

		if (!itempath_may_matter(dir))
			continue;
		for (unsigned int i = 0; i < rpmdbIndexIteratorNumPkgs(index); i++)
			offsets_add(ret, rpmdbIndexIteratorPkgOffset(index, i));
	}
}

static void database_add_item(struct event *e, enum owned_kind kind, const char *key, Header h)
{
	AUTO_FREE char *package = xstrdup(headerGetString(h, RPMTAG_NAME));
	struct event_item *known = items_find(e, kind, key);

	if (!package || (known && strcmp(known->package, package) <= 0))
		return;
	if (!known)
		known = items_add(e, kind, key, EVENT_PRESENT, NULL, NULL);
	free(known->package);
	free(known->version);
	known->package = TAKE(package);
	known->version = headerGetAsString(h, RPMTAG_EVR);
}

static void database_add_package(struct event *e, Header h)
{
	rpmfiles files = rpmfilesNew(NULL, h, RPMTAG_BASENAMES, NAMES_ONLY);
	struct facts facts = { 0 };

	facts_read(files, &facts);
	rpmfilesFree(files);
	for (size_t i = 0; i < facts.n; i++)
		if (facts.v[i].rank != RANK_HINT)
			database_add_item(e, facts.v[i].kind, facts.v[i].key, h);
	facts_release(&facts);
}

/* Returns false if the package cannot be read. */
static bool database_add_package_at(rpmts ts, unsigned int offset, struct event *e)
{
	rpmdbMatchIterator mi =
		rpmtsInitIterator(ts, (rpmDbiTagVal)RPMDBI_PACKAGES, &offset, sizeof(offset));
	Header h = mi ? rpmdbNextIterator(mi) : NULL;

	if (h)
		database_add_package(e, h);
	rpmdbFreeIterator(mi);
	return h != NULL;
}

bool facts_of_database(rpmts ts, struct event *e)
{
	rpmdb db = rpmtsGetRdb(ts);
	rpmdbIndexIterator index = db ? rpmdbIndexIteratorInit(db, RPMDBI_DIRNAMES) : NULL;
	struct offsets offsets = { 0 };
	bool readable = index != NULL;

	if (index)
		offsets_find(index, &offsets);
	rpmdbIndexIteratorFree(index);
	for (size_t i = 0; i < offsets.n; i++)
		readable = database_add_package_at(ts, offsets.v[i], e) && readable;
	free(offsets.v);
	items_sort(e);
	items_set_complete(e, readable);
	return readable;
}
