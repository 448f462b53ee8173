/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/event.h"

#include <string.h>

#include "base/alloc.h"
#include "base/words.h"
#include "model/modid.h"

static const char *const event_changes[] = {
	[EVENT_ADDED] = "added",     [EVENT_REPLACED] = "replaced", [EVENT_REMOVED] = "removed",
	[EVENT_PRESENT] = "present", [EVENT_UNREADY] = "unready",
};

enum event_phase { PHASE_MIDDLE, PHASE_SETTLED, PHASE_LAST };
static const char *const event_phases[] = {
	[PHASE_MIDDLE] = "middle",
	[PHASE_SETTLED] = "settled",
	[PHASE_LAST] = "last",
};

const char *event_kind_name(enum owned_kind kind)
{
	return owned_kind_name(kind);
}

const char *event_change_name(enum event_change change)
{
	return event_changes[change];
}

static void event_item_release(struct event_item *item)
{
	free(item->key);
	free(item->package);
	free(item->version);
}

void event_release(struct event *e)
{
	for (size_t i = 0; i < e->n; i++)
		event_item_release(&e->items[i]);
	free(e->items);
	free(e->from);
	strv_release(&e->initramfs_follows);
	strv_release(&e->warnings);
	*e = (struct event)EVENT_INIT;
}

struct event_parser {
	struct event *e;
	struct words w;
	bool incomplete[EVENT_KINDS];
	bool has_phase; /* a line "phase ..." has set e->middle */
	bool ended;
};

static void event_warn(struct event_parser *p, const char *what)
{
	strv_addf(&p->e->warnings, "line %u: %s", p->w.line, what);
}

/* Add a warning about `word`, which is escaped so that the warning stays on one line. */
static void event_warn_of(struct event_parser *p, const char *what, const char *word)
{
	AUTO_BUF struct buf shown = BUF_INIT;

	buf_add_escaped(&shown, word);
	strv_addf(&p->e->warnings, "line %u: %s: %s", p->w.line, shown.s, what);
}

static void event_parse_item(struct event_parser *p, enum owned_kind kind)
{
	const struct strv *word = &p->w.word;
	struct event_item item = { .kind = kind };
	const char *problem;
	int change;

	if (word->n < 3 || word->n > 5) {
		p->incomplete[kind] = true;
		return event_warn(p, "wants KIND KEY CHANGE [PACKAGE VERSION]");
	}
	problem = modid_kernel_problem(word->v[1]);
	change = words_index(event_changes, ARRAY_SIZE(event_changes), word->v[2]);
	if (change == EVENT_UNREADY && kind != OWNED_HEADERS)
		change = -1;
	if (problem || change < 0) {
		p->incomplete[kind] = true;
		return event_warn_of(p, problem ? problem : "unknown change",
				     word->v[problem ? 1 : 2]);
	}
	item.change = (enum event_change)change;
	item.key = xstrdup(word->v[1]);
	item.package = word->n > 3 ? xstrdup(word->v[3]) : NULL;
	item.version = word->n > 4 ? xstrdup(word->v[4]) : NULL;
	VEC_PUSH(p->e->items, p->e->n, item);
}

static void event_parse_complete(struct event_parser *p)
{
	enum owned_kind kind;

	if (p->w.word.n != 2 || !owned_kind_parse(p->w.word.v[1], &kind))
		return event_warn(p, "wants complete kernel, headers or source");
	p->e->complete[kind] = true;
}

/*
 * Parse "initramfs RELEASE follows".  A line that is not understood gets a warning, and costs at
 * most one superfluous initramfs.
 */
static void event_parse_initramfs(struct event_parser *p)
{
	const struct strv *word = &p->w.word;

	if (word->n != 3 || modid_kernel_problem(word->v[1]) || strcmp(word->v[2], "follows") != 0)
		return event_warn(p, "wants initramfs RELEASE follows");
	strv_add(&p->e->initramfs_follows, word->v[1]);
}

static void event_parse_phase(struct event_parser *p)
{
	const struct strv *word = &p->w.word;
	int phase =
		word->n == 2 ? words_index(event_phases, ARRAY_SIZE(event_phases), word->v[1]) : -1;

	if (phase < 0)
		return event_warn(p, "wants phase middle, settled or last");
	p->e->middle = phase == PHASE_MIDDLE;
	p->e->last = phase == PHASE_LAST;
	p->has_phase = true;
}

static void event_parse_line(struct event_parser *p)
{
	const struct strv *word = &p->w.word;
	enum owned_kind kind;

	if (owned_kind_parse(word->v[0], &kind)) {
		event_parse_item(p, kind);
	} else if (strcmp(word->v[0], "complete") == 0) {
		event_parse_complete(p);
	} else if (strcmp(word->v[0], "initramfs") == 0) {
		event_parse_initramfs(p);
	} else if (strcmp(word->v[0], "phase") == 0) {
		event_parse_phase(p);
	} else if (strcmp(word->v[0], "from") == 0 && word->n == 2) {
		free(p->e->from);
		p->e->from = xstrdup(word->v[1]);
	} else if (strcmp(word->v[0], "end") == 0 && word->n == 1) {
		p->ended = true;
	} else {
		event_warn_of(p, "unknown, skipped", word->v[0]);
	}
}

/* Returns 1 for our version, 0 for another version, and -1 if the text is no event. */
static int event_parse_head(struct event_parser *p)
{
	const struct strv *word = &p->w.word;

	if (word->n != 2 || strcmp(word->v[0], "dkms-event") != 0)
		return -1;
	return strcmp(word->v[1], "1") == 0;
}

static void event_set_incomplete(struct event_parser *p, bool all)
{
	for (size_t i = 0; i < EVENT_KINDS; i++) {
		if (all || p->incomplete[i])
			p->e->complete[i] = false;
	}
}

/*
 * Returns true if a line was unreadable.  That line may be an item of any kind, so no kind is
 * complete then.
 */
static bool event_parse_body(struct event_parser *p)
{
	bool unreadable = false;
	int r;

	while (!p->ended && (r = words_next(&p->w)) != 0) {
		if (r > 0) {
			event_parse_line(p);
		} else {
			event_warn(p, "not readable, skipped");
			unreadable = true;
		}
	}
	return unreadable;
}

/*
 * Can this event tell that an item of this kind was removed?  Yes, if it is a settled event of a
 * package manager.  The hook of a kernel can tell it of that kernel and of that kernel's headers.
 */
static bool event_may_remove(const struct event *e, enum owned_kind kind)
{
	return e->kernel_only ? kind != OWNED_SOURCE : !e->middle;
}

static void event_drop_removed(struct event *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n; i++) {
		struct event_item *item = &e->items[i];

		if (item->change != EVENT_REMOVED || event_may_remove(e, item->kind)) {
			e->items[n++] = *item;
			continue;
		}
		strv_addf(&e->warnings, "%s %s removed: not for %s, skipped",
			  owned_kind_name(item->kind), item->key,
			  e->kernel_only ? "a kernel's own hook" : "an event of the middle");
		event_item_release(item);
	}
	e->n = n;
}

int event_parse(const char *text, size_t len, struct event *ret, struct err *err)
{
	struct event e = EVENT_INIT;
	struct event_parser p = { .e = &e };
	int r, known;
	bool unreadable;

	e.from = xstrdup("unknown");
	words_begin(&p.w, text, len);
	r = words_next(&p.w);
	if (r == 0)
		goto done;
	known = r > 0 ? event_parse_head(&p) : -1;
	if (known < 0) {
		words_end(&p.w);
		event_release(&e);
		return err_set(err, -E_BAD_EVENT,
			       "Not an event: its first line is not \"dkms-event 1\".");
	}
	if (!known)
		event_warn(&p, "event of another version; what is understood is done");
	unreadable = event_parse_body(&p);
	if (!p.ended)
		strv_add(&e.warnings, "the event has no end; nothing counts as complete");
	e.kernel_only = strcmp(e.from, LEDGER_HOOK) == 0;
	if (!p.has_phase)
		e.middle = e.kernel_only;
	event_drop_removed(&e);
	event_set_incomplete(&p, !known || !p.ended || unreadable || e.kernel_only || e.middle);
done:
	words_end(&p.w);
	*ret = e;
	return 0;
}

void event_print(const struct event *e, struct buf *b)
{
	buf_adds(b, "dkms-event 1\nfrom ");
	buf_add_escaped(b, e->from);
	buf_addch(b, '\n');
	for (size_t i = 0; i < e->n; i++) {
		const struct event_item *item = &e->items[i];

		buf_addf(b, "%s ", owned_kind_name(item->kind));
		buf_add_escaped(b, item->key);
		buf_addf(b, " %s", event_changes[item->change]);
		if (item->package) {
			buf_addch(b, ' ');
			buf_add_escaped(b, item->package);
		}
		if (item->package && item->version) {
			buf_addch(b, ' ');
			buf_add_escaped(b, item->version);
		}
		buf_addch(b, '\n');
	}
	for (size_t i = 0; i < EVENT_KINDS; i++) {
		if (e->complete[i])
			buf_addf(b, "complete %s\n", owned_kind_name((enum owned_kind)i));
	}
	for (size_t i = 0; i < e->initramfs_follows.n; i++) {
		buf_adds(b, "initramfs ");
		buf_add_escaped(b, e->initramfs_follows.v[i]);
		buf_adds(b, " follows\n");
	}
	if (e->last || e->middle != e->kernel_only)
		buf_addf(b, "phase %s\n",
			 event_phases[e->last	  ? PHASE_LAST
				      : e->middle ? PHASE_MIDDLE
						  : PHASE_SETTLED]);
	buf_adds(b, "end\n");
}

static void event_drop_kernels(struct event *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n; i++) {
		if (e->items[i].kind == OWNED_KERNEL)
			event_item_release(&e->items[i]);
		else
			e->items[n++] = e->items[i];
	}
	e->n = n;
}

void event_for_kernel(struct event *e, const char *release)
{
	struct event_item item = { .kind = OWNED_KERNEL, .change = EVENT_ADDED };

	free(e->from);
	e->from = xstrdup(LEDGER_HOOK);
	e->kernel_only = true;
	e->middle = true;
	event_drop_kernels(e);
	item.key = xstrdup(release);
	VEC_PUSH(e->items, e->n, item);
	for (size_t i = 0; i < EVENT_KINDS; i++)
		e->complete[i] = false;
	strv_release(&e->initramfs_follows);
	strv_add(&e->initramfs_follows, release);
}

struct owned event_owned(const struct event *e, const struct event_item *item)
{
	return (struct owned){
		.kind = item->kind,
		.key = item->key,
		.from = e->from,
		.package = item->package ? item->package : (char *)"unknown",
		.version = item->version ? item->version : (char *)"",
	};
}

/*
 * In an event `from kernel`: does the item tell an owner?  If not, it says that a kernel or its
 * headers changed.
 */
static bool event_item_tells_owner(const struct event_item *item)
{
	return item->kind == OWNED_SOURCE || item->change == EVENT_PRESENT ||
	       item->change == EVENT_UNREADY;
}

const struct event_item *event_kernel(const struct event *e, const char *release)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct event_item *item = &e->items[i];

		if (!event_item_tells_owner(item) && strcmp(item->key, release) == 0)
			return item;
	}
	return NULL;
}

bool event_headers_unready(const struct event *e, const char *release)
{
	for (size_t i = 0; i < e->n; i++) {
		if (e->items[i].change == EVENT_UNREADY && strcmp(e->items[i].key, release) == 0)
			return true;
	}
	return false;
}

bool event_lists_source(const struct event *e, const char *folder)
{
	for (size_t i = 0; i < e->n; i++) {
		if (e->items[i].kind == OWNED_SOURCE && e->items[i].change != EVENT_REMOVED &&
		    strcmp(e->items[i].key, folder) == 0)
			return true;
	}
	return false;
}

bool event_brings_source(const struct event *e, const char *folder)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct event_item *item = &e->items[i];

		if (item->kind == OWNED_SOURCE &&
		    (item->change == EVENT_ADDED || item->change == EVENT_REPLACED) &&
		    strcmp(item->key, folder) == 0)
			return true;
	}
	return false;
}

static void event_put_owner(const struct event *e, const struct event_item *item,
			    struct owners *ret)
{
	struct owned o = event_owned(e, item);

	ledger_copy_owned(ret, &o, NULL);
}

static void event_merge_kernel_only(const struct event *e, struct owners *ret)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct event_item *item = &e->items[i];

		if (event_item_tells_owner(item))
			continue;
		ledger_drop_owned(ret, OWNED_HEADERS, item->key);
		if (item->kind == OWNED_KERNEL && item->change == EVENT_REMOVED)
			ledger_drop_owned(ret, OWNED_KERNEL, item->key);
	}
	for (size_t i = 0; i < e->n; i++) {
		if (event_item_tells_owner(&e->items[i]))
			event_put_owner(e, &e->items[i], ret);
	}
}

void event_merge_owners(const struct event *e, const struct owners *known, struct owners *ret)
{
	for (size_t i = 0; i < known->n; i++) {
		const struct owned *o = &known->v[i];

		if (e->complete[o->kind] &&
		    (strcmp(o->from, e->from) == 0 || strcmp(o->from, LEDGER_HOOK) == 0))
			continue;
		ledger_copy_owned(ret, o, NULL);
	}
	if (e->kernel_only) {
		event_merge_kernel_only(e, ret);
		return;
	}
	for (size_t i = 0; i < e->n; i++) {
		const struct event_item *item = &e->items[i];

		if (item->change == EVENT_REMOVED)
			ledger_drop_owned(ret, item->kind, item->key);
		else
			event_put_owner(e, item, ret);
	}
}
