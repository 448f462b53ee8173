/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/summary.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/report.h"
#include "decide/holdtext.h"
#include "decide/standing.h"
#include "kernel/headershint.h"
#include "sys/append.h"
#include "sys/fs.h"

enum { WHY_MAX = 160 }; /* bytes of a reason: one or two lines of a terminal */

/*
 * Has a step of this kind succeeded for the same kernel and name as the step `like`?  With
 * `exactly`, the version must be the same, too.
 */
static bool summary_was_done(const struct run *run, enum step_kind kind, const struct step *like,
			     bool exactly)
{
	for (size_t i = 0; i < run->p->n; i++) {
		const struct step *s = &run->p->steps[i];

		if (s->kind == kind && run_did(run->steps[i].state) &&
		    report_same_kernel(s, like) && strcmp(s->id.name, like->id.name) == 0 &&
		    (!exactly || strcmp(s->id.version, like->id.version) == 0))
			return true;
	}
	return false;
}

/*
 * Return the summary's word for a step, or NULL if the step is not mentioned.  A build that was
 * also installed counts as installed, or as unchanged if it was installed already; an uninstall
 * that made room for another version is no removal.
 */
static const char *summary_word(const struct run *run, size_t i)
{
	const struct step *s = &run->p->steps[i];

	if (s->kind == STEP_INSTALL && run->steps[i].state == RUN_UNCHANGED && !s->fallback)
		return "unchanged";
	if (run->steps[i].state != RUN_DONE)
		return NULL;
	switch (s->kind) {
	case STEP_INSTALL: return "installed";
	case STEP_BUILD: return summary_was_done(run, STEP_INSTALL, s, true) ? NULL : "built";
	case STEP_UNINSTALL:
		return summary_was_done(run, STEP_INSTALL, s, false) ? NULL : "removed";
	default: return NULL;
	}
}

static void summary_add_names(const struct run *run, const struct step *kernel, const char *what,
			      struct buf *ret)
{
	bool any = false;

	for (size_t i = 0; i < run->p->n; i++) {
		const struct step *s = &run->p->steps[i];
		const char *w = report_same_kernel(s, kernel) ? summary_word(run, i) : NULL;

		if (!w || strcmp(w, what) != 0)
			continue;
		if (!any)
			buf_addf(ret, "dkms: %s for %s:", what, s->release);
		buf_addf(ret, " %s/%s", s->id.name, s->id.version);
		any = true;
	}
	if (any)
		buf_addch(ret, '\n');
}

/* Did step i fail, or refuse something?  A step that was interrupted has not failed. */
static bool summary_has_failed(const struct run *run, size_t i)
{
	if (run->steps[i].err.code == -E_INTERRUPTED)
		return false;
	return run->steps[i].state == RUN_FAILED || run->p->steps[i].kind == STEP_REFUSE;
}

/*
 * Why step i failed: the reason of a refusal; else the build's first error line; else the text of
 * the error.
 */
static const char *summary_reason(const struct run *run, size_t i)
{
	const struct run_step *r = &run->steps[i];

	if (run->p->steps[i].kind == STEP_REFUSE)
		return run->p->steps[i].reason;
	if (r->build.lines.n)
		return r->build.lines.v[0];
	return r->err.text ? r->err.text : error_text(r->err.code);
}

static void summary_add_failure(const struct run *run, size_t i, struct buf *ret)
{
	const struct step *s = &run->p->steps[i];
	AUTO_BUF struct buf reason = BUF_INIT;

	buf_addf(ret, "dkms: failed%s%s: ", s->release ? " for " : "",
		 s->release ? s->release : "");
	if (s->id.name)
		buf_addf(ret, "%s/%s: ", s->id.name, s->id.version);
	else if (s->kind != STEP_REFUSE)
		buf_addf(ret, "%s: ", step_class(s->kind)->name);
	text_add_valid(&reason, summary_reason(run, i), WHY_MAX);
	text_add_visible(ret, reason.s);
	buf_addch(ret, '\n');
}

/* ---- what stays, and what is not there ---- */

static bool summary_has_failed_here(const struct run *run, size_t i)
{
	enum step_kind kind = run->p->steps[i].kind;

	return run->steps[i].state == RUN_FAILED && (kind == STEP_BUILD || kind == STEP_INSTALL);
}

/* The old version that stays on the kernel because step i failed; NULL: there is none. */
static const struct world_build *summary_stays(const struct run *run, const struct world *w,
					       size_t i)
{
	const struct step *s = &run->p->steps[i];
	const struct world_build *b;

	if (!summary_has_failed_here(run, i))
		return NULL;
	b = world_installed(w, s->id.name, s->release, s->arch);
	return b && strcmp(b->id.version, s->id.version) != 0 ? b : NULL;
}

/*
 * If an old version stays because step i failed, append a line with all kernels on which the same
 * old version stays in place of the same new one.  Only the first of the steps that failed for this
 * pair of versions appends the line.
 */
static void summary_add_stays(const struct run *run, const struct world *w, size_t i,
			      struct buf *ret)
{
	const struct world_build *old = summary_stays(run, w, i);
	const struct modid *id = &run->p->steps[i].id;
	AUTO_STRV struct strv kernels = STRV_INIT;

	for (size_t k = 0; old && k < run->p->n; k++) {
		const struct step *s = &run->p->steps[k];
		const struct world_build *b = summary_stays(run, w, k);

		if (!b || !modid_equal(&b->id, &old->id) || !modid_equal(&s->id, id))
			continue;
		if (k < i)
			return;
		if (!strv_has(&kernels, s->release))
			strv_add(&kernels, s->release);
	}
	if (!kernels.n)
		return;
	buf_adds(ret, "dkms: ");
	standing_add_stays(ret, &old->id, &kernels, id->version, "does not build");
	buf_addch(ret, '\n');
}

/* Does step i say, for the first time, that something waits for the headers of its kernel? */
static bool summary_lacks_headers(const struct run *run, const struct world *w, size_t i)
{
	const struct step *s = &run->p->steps[i];
	const struct world_kernel *k =
		s->kind == STEP_WAITING && s->news ? world_kernel(w, s->release) : NULL;

	return k && !k->headers && !k->read_only;
}

static void summary_add_waiting(const struct run *run, const struct world *w, size_t i,
				struct buf *ret)
{
	const struct step *kernel = &run->p->steps[i];
	AUTO_FREE char *command = NULL;

	for (size_t k = 0; k < i; k++) {
		if (summary_lacks_headers(run, w, k) &&
		    report_same_kernel(&run->p->steps[k], kernel))
			return;
	}
	buf_addf(ret, "dkms: NOT available on %s:", kernel->release);
	for (size_t k = i; k < run->p->n; k++) {
		const struct step *s = &run->p->steps[k];

		if (summary_lacks_headers(run, w, k) && report_same_kernel(s, kernel))
			buf_addf(ret, " %s/%s", s->id.name, s->id.version);
	}
	command = headers_command(run->e, kernel->release);
	buf_addf(ret, ": %s\n", command ? command : "the kernel's headers are not installed");
}

static void summary_add_absent(const struct run *run, const struct world *w, bool settled,
			       struct buf *ret)
{
	for (size_t i = 0; i < run->p->n; i++)
		summary_add_stays(run, w, i, ret);
	for (size_t i = 0; settled && i < run->p->n; i++) {
		if (summary_lacks_headers(run, w, i))
			summary_add_waiting(run, w, i, ret);
	}
}

/* Does the plan leave something alone because of this hold? */
static bool summary_is_held(const struct plan *p, const struct hold *h)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];

		if (s->kind == STEP_HELD && strcmp(s->id.name, h->name) == 0 &&
		    (!h->release || (s->release && strcmp(s->release, h->release) == 0)))
			return true;
	}
	return false;
}

/*
 * Append a line for each hold that kept the plan from something.  A person who installs a package
 * again to repair a driver must see that a hold keeps the driver away.
 */
static void summary_add_held(const struct run *run, const struct world *w, struct buf *ret)
{
	for (size_t i = 0; i < w->holds.n; i++) {
		if (!summary_is_held(run->p, &w->holds.v[i]))
			continue;
		buf_adds(ret, "dkms: ");
		hold_add_text(&w->holds.v[i], ret);
		buf_adds(ret, "; to lift this hold: ");
		hold_add_cure(&w->holds.v[i], ret);
		buf_addch(ret, '\n');
	}
}

void summary_make(const struct run *run, const struct world *w, bool settled, bool logged,
		  struct buf *ret)
{
	size_t failed = 0, builds = 0;

	if (!plan_acts(run->p)) {
		summary_add_absent(run, w, settled, ret);
		return;
	}
	for (size_t i = 0; i < run->p->n; i++) {
		const struct step *s = &run->p->steps[i];

		if (!s->release || !report_is_first_of_kernel(run, i))
			continue;
		summary_add_names(run, s, "installed", ret);
		summary_add_names(run, s, "unchanged", ret);
		summary_add_names(run, s, "built", ret);
		summary_add_names(run, s, "removed", ret);
	}
	for (size_t i = 0; i < run->p->n; i++) {
		if (!summary_has_failed(run, i))
			continue;
		failed++;
		builds += run->p->steps[i].kind == STEP_BUILD;
		summary_add_failure(run, i, ret);
	}
	summary_add_absent(run, w, settled, ret);
	if (settled)
		summary_add_held(run, w, ret);
	if (!failed)
		return;
	if (builds == failed)
		buf_addf(ret, "dkms: %zu build%s failed", failed, failed == 1 ? "" : "s");
	else
		buf_addf(ret, "dkms: %zu failure%s", failed, failed == 1 ? "" : "s");
	if (logged)
		buf_addf(ret, "; details: dkms log %s", run->e->run_id);
	buf_addch(ret, '\n');
}

/* This file exists while an apt runs that will print SUMMARY_FILE (summary.h). */
#define APT_WAITS "/run/dkms/apt"

/*
 * Append the text to SUMMARY_FILE if an apt will print that file.  Returns false if the caller has
 * to print the text.  An event from "kernel" comes from a kernel's hook, which may run below apt.
 */
static bool summary_leave_for_apt(const struct engine *e, const char *from, const struct buf *text)
{
	if (!from || (strcmp(from, "apt") != 0 && strcmp(from, "kernel") != 0) ||
	    !getenv("DPKG_FRONTEND_LOCKED") || !fs_exists(&e->root, APT_WAITS))
		return false;
	return fs_mkdir_p(&e->root, "/run/dkms") == 0 &&
	       append_line(&e->root, SUMMARY_FILE, text->s, text->len, SUMMARY_MAX) == 0;
}

void summary_tell(const struct engine *e, const char *from, const struct buf *text)
{
	AUTO_BUF struct buf visible = BUF_INIT;

	/* 90dkms prints the file as it is, so the text must be safe before it is written there. */
	text_add_lines(&visible, text->s);
	if (!text->len || e->quiet || summary_leave_for_apt(e, from, &visible))
		return;
	if (report_print(visible.s) == 0)
		fflush(stdout);
}
