/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/logwords.h"

#include <string.h>

#include "base/text.h"

void logwords_add_cause(struct buf *b, const struct history_cause *c)
{
	/* An event without "from" was typed by hand. */
	const char *from = c->from && strcmp(c->from, "unknown") != 0 ? c->from : NULL;
	const char *what = c->caller ? c->caller : from ? from : c->command;

	text_add_visible(b, what ? what : "unknown");
	if (c->caller && !from && c->command) {
		buf_adds(b, ", which called ");
		text_add_visible(b, c->command);
	}
	if (c->user) {
		buf_adds(b, ", run by ");
		text_add_visible(b, c->user);
	} else if (c->uid >= 0) {
		buf_addf(b, ", run by user %lld", (long long)c->uid);
	}
}

static const char *logwords_change(const char *change)
{
	if (change && strcmp(change, "added") == 0)
		return " new";
	return change && strcmp(change, "removed") == 0 ? " removed" : "";
}

static void logwords_add_package(struct buf *b, const struct history_package *p)
{
	if (p->package)
		text_add_visible(b, p->package);
	else
		text_add_visible(b, p->key ? p->key : "unknown");
	if (p->version) {
		buf_addch(b, ' ');
		text_add_visible(b, p->version);
	}
	buf_adds(b, logwords_change(p->change));
}

/*
 * Was the package named before with the same kind of change?  A package that ships several module
 * packages is in the list several times.
 */
static bool logwords_is_repeated(const struct history_cause *c, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		const struct history_package *a = &c->packages[k], *b = &c->packages[i];

		if (a->package && b->package && strcmp(a->package, b->package) == 0 &&
		    strcmp(logwords_change(a->change), logwords_change(b->change)) == 0)
			return true;
	}
	return false;
}

void logwords_add_packages(struct buf *b, const struct history_cause *c)
{
	if (!c->n)
		return;
	buf_adds(b, "  packages:   ");
	for (size_t i = 0; i < c->n; i++) {
		if (logwords_is_repeated(c, i))
			continue;
		buf_adds(b, i ? "; " : "");
		logwords_add_package(b, &c->packages[i]);
	}
	if (c->left_out)
		buf_addf(b, "; and %llu more", (unsigned long long)c->left_out);
	buf_addch(b, '\n');
}

void logwords_add_subject(struct buf *b, const char *name, const char *version, const char *release)
{
	if (name) {
		text_add_visible(b, name);
		if (version) {
			buf_addch(b, '/');
			text_add_visible(b, version);
		}
	}
	if (release) {
		buf_adds(b, name ? " for " : "");
		text_add_visible(b, release);
	}
}

const struct logwords_phrase *logwords_phrase(const char *kind)
{
	static const struct logwords_phrase phrases[] = {
		{ "register", "added", "could not add", true },
		{ "adopt", "took over from DKMS", "could not take over from DKMS", true },
		{ "build", "built", "could not build", true },
		{ "install", "installed", "could not install", false },
		{ "uninstall", "uninstalled", "could not uninstall", false },
		{ "unbuild", "removed the build of", "could not remove the build of", true },
		{ "unregister", "forgot", "could not forget", false },
		{ "clean", "cleaned up after", "could not clean up after", false },
		{ "depmod", "ran depmod for", "could not run depmod for", true },
		{ "initramfs", "made the initramfs of", "could not make the initramfs of", true },
		{ "hold", "noted to leave alone", "could not note to leave alone", true },
		{ "unhold", "takes care again of", "could not take care again of", true },
		{ "owners", "noted which packages are here", "could not note the packages", true },
		{ "request", "put off", "could not put off", false },
		{ "settle", "needs not be done any more:", "could not note about", true },
		{ "waiting", "waits", NULL, false },
		{ "held", "left alone", NULL, true },
		{ "excluded", "not for this kernel", NULL, true },
		{ "failed", "failed before", NULL, true },
		{ "deferred", "waits", NULL, false },
		{ "pending", "put off", NULL, false },
		{ "bad", "dkms.conf cannot be used:", NULL, true },
		{ "broken", "source missing", NULL, true },
		{ "keep", "stays as it is", NULL, true },
		{ "refuse", NULL, "refused", false },
	};
	static const struct logwords_phrase other = { "", NULL, NULL, true };

	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		if (strcmp(phrases[i].kind, kind) == 0)
			return &phrases[i];
	}
	return &other;
}

const char *logwords_step(const struct history_step *s)
{
	const struct logwords_phrase *p = logwords_phrase(s->kind);
	const char *words = s->result == HISTORY_FAILED ? p->failed : p->done;

	return words ? words : s->kind;
}
