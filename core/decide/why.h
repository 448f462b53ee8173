/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * why - why a module package stands as it does on a kernel.  The answer says whether it is wanted
 * there and why, what made its build fail, which facts show that, and what to type next.
 *
 * A fact is e.g. that it built for another kernel, or that the headers of this kernel lack a
 * function that those of the other kernel have.  The caller has looked into the headers
 * (kernel/headersearch.h).  Pure.
 */
#include "cause/cause.h"
#include "decide/standing.h"

/* Where in the headers of a kernel the name was found that the error is about. */
struct why_look {
	const char *release; /* NULL: nobody looked */
	const char *file;    /* a header that has it; NULL: none has */
	bool exported;	     /* Module.symvers has it */
};

struct why {
	const struct standing *s;
	bool wanted;
	struct strv because; /* why it is wanted, or why not */
	char *state;	     /* "not installed (failed); 1.0 stays installed" */
	bool failed;	     /* its build failed: `cause` and `facts` are about that */
	const struct cause *cause;
	struct strv facts;
	struct strv next; /* what to type or to do, the best first */
	/* For STANDING_DIFFERS, filled by the caller: "PATH, changed DATE" or "PATH is missing". */
	struct strv files;
	char *fetched; /* the bundle that its build came from, and who signed it; NULL: none */
};
#define AUTO_WHY CLEANUP(why_release)
void why_release(struct why *y);

/*
 * The kernel to compare with: the newest other one for which this version is built, else the newest
 * other one with headers.  NULL: there is none.  *ret_built is true if this version is built for
 * that kernel.
 */
const char *why_other_kernel(const struct world *w, const struct standing *s, bool *ret_built);
/* The name to look for in the headers of both kernels; NULL: the cause is about no such name. */
const char *why_word(const struct cause *c);
/*
 * `c` is the cause of the standing's failure; NULL if it has none.  `advice` says what to allow if
 * the build was refused something (confine/advice.h); NULL: it was not.  `here` is about the
 * standing's kernel, and `there` about that of why_other_kernel(); both are zeroed if nobody
 * looked.  `s` and `c` must outlive *ret.
 */
void why_judge(const struct world *w, const struct standing *s, const struct cause *c,
	       const char *advice, const struct why_look *here, const struct why_look *there,
	       struct why *ret);
