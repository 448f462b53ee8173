/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/logwords.h"

#include <string.h>

#include "base/alloc.h"
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
		{ "register", "added", "could not add", LOGWORDS_MINOR },
		{ "adopt", "took over from DKMS", "could not take over from DKMS", LOGWORDS_MINOR },
		{ "smoke", "tried the headers of", "could not use the headers of", LOGWORDS_MINOR },
		{ "build", "built", "could not build", LOGWORDS_MINOR },
		{ "install", "installed", "could not install", LOGWORDS_LISTED },
		{ "uninstall", "uninstalled", "could not uninstall", LOGWORDS_LISTED },
		{ "unbuild", "removed the build of", "could not remove the build of",
		  LOGWORDS_MINOR },
		{ "unregister", "forgot", "could not forget", LOGWORDS_LISTED },
		{ "clean", "cleaned up after", "could not clean up after", LOGWORDS_LISTED },
		{ "depmod", "ran depmod for", "could not run depmod for", LOGWORDS_MINOR },
		{ "initramfs", "made the initramfs of", "could not make the initramfs of",
		  LOGWORDS_MINOR },
		{ "hold", "hold on", "could not hold", LOGWORDS_MINOR, " set" },
		{ "gate", "held back", "could not hold back", LOGWORDS_LISTED },
		{ "ungate", "let in", "could not let in", LOGWORDS_LISTED },
		{ "unhold", "hold on", "could not lift the hold on", LOGWORDS_MINOR, " lifted" },
		{ "owners", "recorded the packages", "could not record the packages",
		  LOGWORDS_HIDDEN },
		{ "request", "will see to", "could not keep the request about", LOGWORDS_LISTED },
		{ "settle", "request done:", "could not drop the request about", LOGWORDS_HIDDEN },
		{ "waiting", "waits", NULL, LOGWORDS_LISTED },
		{ "held", "left alone", NULL, LOGWORDS_MINOR },
		{ "excluded", "not for this kernel", NULL, LOGWORDS_MINOR },
		{ "failed", "failed before", NULL, LOGWORDS_MINOR },
		{ "deferred", "waits", NULL, LOGWORDS_LISTED },
		{ "pending", "waits to be removed:", NULL, LOGWORDS_LISTED },
		{ "bad", "dkms.conf cannot be used:", NULL, LOGWORDS_MINOR },
		{ "broken", "source missing", NULL, LOGWORDS_MINOR },
		{ "keep", "stays as it is", NULL, LOGWORDS_MINOR },
		{ "refuse", NULL, "refused", LOGWORDS_LISTED },
	};
	static const struct logwords_phrase other = { "", NULL, NULL, LOGWORDS_MINOR };

	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		if (strcmp(phrases[i].kind, kind) == 0)
			return &phrases[i];
	}
	return &other;
}

/* The package manager's program, e.g. "apt-get"; NULL: a person ran dkms.  Caller frees. */
static char *logwords_manager(const struct history_cause *c)
{
	size_t n = c->caller ? strcspn(c->caller, " ") : 0;
	AUTO_FREE char *program = n ? xstrndup(c->caller, n) : NULL;
	const char *slash = program ? strrchr(program, '/') : NULL;

	return xstrdup(slash ? slash + 1 : program);
}

/* "foo/1.0 will be added at the end of this apt run" */
static void logwords_add_request(struct buf *b, const struct history_cause *c,
				 const struct history_step *s)
{
	AUTO_FREE char *manager = logwords_manager(c);

	logwords_add_subject(b, s->name, s->version, s->release);
	buf_addf(b, " will be %s ",
		 !s->request			     ? "seen to"
		 : strcmp(s->request, "remove") == 0 ? "removed"
						     : "added");
	if (!manager) {
		buf_adds(b, "at the end of the next run of a package manager");
		return;
	}
	buf_adds(b, "at the end of this ");
	text_add_visible(b, manager);
	buf_adds(b, " run");
}

void logwords_add_step(struct buf *b, const struct history_cause *c, const struct history_step *s)
{
	const struct logwords_phrase *p = logwords_phrase(s->kind);
	const char *words = s->result == HISTORY_FAILED ? p->failed : p->done;

	if (strcmp(s->kind, "request") == 0 && s->result != HISTORY_FAILED) {
		logwords_add_request(b, c, s);
		return;
	}
	buf_addf(b, "%s%s", words ? words : s->kind, s->name || s->release ? " " : "");
	logwords_add_subject(b, s->name, s->version, s->release);
	if (p->after && s->result != HISTORY_FAILED)
		buf_adds(b, p->after);
}
