/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* logwords - runs and their steps, in words for people.  All that is appended is visible text. */
#include "base/buf.h"
#include "model/history.h"

/* When is a step that did not fail shown? */
enum logwords_place {
	LOGWORDS_LISTED, /* always */
	LOGWORDS_MINOR,	 /* only if the run has nothing else to list */
	LOGWORDS_HIDDEN, /* only with --verbose, or if all of one run is shown */
};
/* The words for a kind of step: if the step was done, and if it failed. */
struct logwords_phrase {
	const char *kind, *done, *failed;
	enum logwords_place place;
	const char *after; /* goes with `done`: words after the subject; NULL: none */
};
const struct logwords_phrase *logwords_phrase(const char *kind);
/* What the step did, or could not do: "installed foo/1.0 for 6.1.0-56-amd64". */
void logwords_add_step(struct buf *b, const struct history_cause *c, const struct history_step *s);

/* "apt-get upgrade, run by anna", "dkms install v4l2loopback/0.12.7, run by root" */
void logwords_add_cause(struct buf *b, const struct history_cause *c);
/* A line with the packages that an event was about, if there are any. */
void logwords_add_packages(struct buf *b, const struct history_cause *c);
/* "v4l2loopback/0.12.7 for 6.1.0-56-amd64"; any of the three may be NULL. */
void logwords_add_subject(struct buf *b, const char *name, const char *version,
			  const char *release);
