/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* logwords - runs and their steps, in words for people.  All that is appended is visible text. */
#include "base/buf.h"
#include "model/history.h"

/* How a kind of step is named: one that was done, and one that failed. */
struct logwords_phrase {
	const char *kind, *done, *failed;
	bool minor; /* listed only if it failed, or if the run has nothing else to list */
};
const struct logwords_phrase *logwords_phrase(const char *kind);
/* The phrase that fits the result of the step; without one, the name of its kind. */
const char *logwords_step(const struct history_step *s);

/* "apt-get upgrade, run by anna", "dkms install v4l2loopback/0.12.7, run by root" */
void logwords_add_cause(struct buf *b, const struct history_cause *c);
/* A line with the packages that an event was about, if there are any. */
void logwords_add_packages(struct buf *b, const struct history_cause *c);
/* "v4l2loopback/0.12.7 for 6.1.0-56-amd64"; any of the three may be NULL. */
void logwords_add_subject(struct buf *b, const char *name, const char *version,
			  const char *release);
