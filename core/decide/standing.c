/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/standing.h"

#include <string.h>

#include "base/alloc.h"
#include "decide/want.h"
#include "model/vercmp.h"

const char *standing_word(enum standing_state state)
{
	static const char *const words[] = {
#define X(state, word) [state] = word,
		STANDING_LIST(X)
#undef X
	};

	return words[state];
}

void standings_release(struct standings *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].reason);
		free(l->v[i].cure);
		free(l->v[i].run);
	}
	free(l->v);
	*l = (struct standings){ NULL, 0 };
}

const struct standing *standings_find(const struct standings *l, const struct modid *id,
				      const char *release, const char *arch)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct standing *s = &l->v[i];

		if (modid_equal(&s->id, id) && str_equal(s->release, release) &&
		    str_equal(s->arch, arch))
			return s;
	}
	return NULL;
}

const struct world_module *standing_newest(const struct world *w, const char *name)
{
	const struct world_module *best = NULL;

	for (size_t i = 0; i < w->n_modules; i++) {
		const struct world_module *m = &w->modules[i];

		if (strcmp(m->id.name, name) == 0 && m->source == SOURCE_OK &&
		    (!best || vercmp(m->id.version, best->id.version) > 0))
			best = m;
	}
	return best;
}

void standing_add_stays(struct buf *b, const struct modid *id, const struct strv *kernels,
			const char *newest, const char *why)
{
	AUTO_FREE char *list = strv_join(kernels, ", ");

	buf_addf(b, "%s/%s stays installed for %s: %s %s", id->name, id->version, list, newest,
		 why);
}

bool standings_add_stays(struct buf *b, const struct standings *l, const struct modid *id)
{
	AUTO_STRV struct strv kernels = STRV_INIT;
	const struct standing *first = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct standing *s = &l->v[i];

		if (!s->newest || !modid_equal(&s->id, id))
			continue;
		first = first ? first : s;
		if (str_equal(s->newest_why, first->newest_why))
			strv_add(&kernels, s->release);
	}
	if (first)
		standing_add_stays(b, id, &kernels, first->newest, first->newest_why);
	return first;
}

void standings_print(const struct standings *l, struct buf *b)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct standing *s = &l->v[i];

		buf_addf(b, "%s/%s", s->id.name, s->id.version);
		if (s->release)
			buf_addf(b, " %s %s", s->release, s->arch);
		buf_addf(b, " %s%s%s", standing_word(s->state), s->problem ? "!" : "",
			 s->missing ? " missing" : "");
		if (s->reason)
			buf_addf(b, ": %s", s->reason);
		if (s->cure)
			buf_addf(b, " [%s]", s->cure);
		buf_addch(b, '\n');
	}
}

/* ---- what is known of one module package on one kernel ---- */

struct judge {
	const struct world *w;
	const struct plan *p;
	const struct strv *headers;
	struct standings *ret;
};

struct facts {
	const struct world_module *m;
	const char *release, *arch;
	const struct world_kernel *k;	   /* NULL: the kernel is not there */
	const struct world_conf *conf;	   /* may be NULL */
	const struct world_build *build;   /* of this version */
	const struct world_build *present; /* installed, of any version */
	const struct step *step;	   /* what the plan says of it or does; may be NULL */
	const struct failure *failure;
	const struct hold *hold;
};

/*
 * The rank of a step of this kind, from 1; 0: it says nothing about a standing.  Of several steps
 * that have a rank, the one with the lowest rank counts: what the plan reports comes before what it
 * does.
 */
static int standing_step_rank(enum step_kind kind)
{
	static const enum step_kind kinds[] = { STEP_PENDING,  STEP_HELD,   STEP_WAITING,
						STEP_EXCLUDED, STEP_FAILED, STEP_DEFERRED,
						STEP_BAD,      STEP_REFUSE, STEP_BROKEN,
						STEP_KEEP,     STEP_BUILD,  STEP_INSTALL };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i] == kind)
			return (int)i + 1;
	}
	return 0;
}

const struct step *standing_find_step(const struct plan *p, const struct modid *id,
				      const char *release, const char *arch)
{
	const struct step *best = NULL;

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];
		int rank = standing_step_rank(s->kind);

		if (!rank || !s->id.name || !modid_equal(&s->id, id) ||
		    !str_equal(s->release, release) || !str_equal(s->arch, arch))
			continue;
		if (!best || rank < standing_step_rank(best->kind))
			best = s;
	}
	return best;
}

static const struct hold *judge_find_hold(const struct judge *j, const struct modid *id,
					  const char *release, const char *arch)
{
	const struct hold *h = ledger_hold_on(&j->w->holds, HOLD_ABSENT, id->name, release, arch);

	return h ? h : ledger_hold_on(&j->w->holds, HOLD_VERSION, id->name, release, arch);
}

static void judge_look(const struct judge *j, const struct world_module *m, const char *release,
		       const char *arch, struct facts *ret)
{
	const struct modid *id = &m->id;

	*ret = (struct facts){
		.m = m,
		.release = release,
		.arch = arch,
		.k = world_kernel(j->w, release),
		.conf = world_conf(j->w, id, release),
		.build = world_build(j->w, id, release, arch),
		.present = world_installed(j->w, id->name, release, arch),
		.step = standing_find_step(j->p, id, release, arch),
		.failure = ledger_failure(&j->w->failures, id->name, id->version, release, arch),
		.hold = judge_find_hold(j, id, release, arch),
	};
}

/* The command "dkms VERB NAME/VERSION -k K[/A] MORE".  Caller frees. */
static char *facts_command(const struct facts *f, const char *verb, const char *more)
{
	bool arch = f->k && strcmp(f->k->arch, f->arch) != 0;

	return xasprintf("dkms %s %s/%s -k %s%s%s%s", verb, f->m->id.name, f->m->id.version,
			 f->release, arch ? "/" : "", arch ? f->arch : "", more);
}

/* The command that ends the hold: dkms install, or for a hold of `dkms hold`, dkms unhold. */
static char *facts_lift(const struct facts *f)
{
	if (!f->hold || !hold_is_firm(f->hold))
		return facts_command(f, "install", "");
	if (!f->hold->release)
		return xasprintf("dkms unhold %s", f->m->id.name);
	return xasprintf("dkms unhold %s -k %s", f->m->id.name, f->release);
}

static bool facts_failed_before(const struct facts *f)
{
	return f->failure && f->failure->key && *f->failure->key && f->conf && f->conf->key &&
	       world_failure_same(f->failure->key, f->conf->key);
}

/* If the same build would fail again, an install is no cure. */
static char *facts_failed_cure(const struct facts *f, const char *more)
{
	if (facts_failed_before(f))
		return xasprintf("dkms why %s -k %s", f->m->id.name, f->release);
	return facts_command(f, "install", more);
}

static char *facts_failure_text(const struct facts *f)
{
	const char *what = f->failure ? f->failure->what : NULL;

	if (what && *what)
		return xstrdup(what);
	return xstrdup(f->step && f->step->kind == STEP_FAILED ? f->step->reason
							       : "its build failed");
}

static void standing_set(struct standing *s, enum standing_state state, bool problem, char *reason,
			 char *cure)
{
	s->state = state;
	s->problem = problem;
	s->reason = reason;
	s->cure = cure;
}

/* ---- installed ---- */

/*
 * Why the version that the step `s` is about is not installed, e.g. "does not build"; NULL: there
 * is nothing to say.
 */
static const char *judge_why_not(const struct judge *j, const struct step *s)
{
	switch (s->kind) {
	case STEP_FAILED: return "does not build";
	case STEP_WAITING:
	case STEP_DEFERRED: return "waits";
	case STEP_EXCLUDED: return "is not for this kernel";
	case STEP_BAD:
	case STEP_REFUSE: return "has a dkms.conf that cannot be used";
	case STEP_BUILD:
	case STEP_INSTALL:
		return ledger_failure(&j->w->failures, s->id.name, s->id.version, s->release,
				      s->arch)
			       ? "does not build"
			       : "is not built yet";
	default: return NULL;
	}
}

/* If this version is installed because the newest one cannot be, say so in `s`. */
static void judge_stays(const struct judge *j, const struct facts *f, struct standing *s)
{
	const struct world_module *newest = standing_newest(j->w, f->m->id.name);
	const struct step *step;

	if (!newest || vercmp(newest->id.version, f->m->id.version) <= 0)
		return;
	step = standing_find_step(j->p, &newest->id, f->release, f->arch);
	s->newest_why = step ? judge_why_not(j, step) : NULL;
	if (!s->newest_why)
		return;
	s->newest = newest->id.version;
	s->reason = xasprintf("stays: %s %s", s->newest, s->newest_why);
}

/* What is wrong with the files of an installed build; NULL: nothing. */
static const char *build_difference(const struct world_build *b)
{
	if (b->lost)
		return "modules of its build are missing";
	if (b->differs)
		return "an installed file is not the one that was built";
	return b->hidden ? "the module loader does not take what is installed" : NULL;
}

/* Is the source missing, and is there no newer version whose source is there? */
static bool judge_is_broken(const struct judge *j, const struct world_module *m)
{
	const struct world_module *newest = standing_newest(j->w, m->id.name);

	if (m->source != SOURCE_MISSING && m->source != SOURCE_BROKEN)
		return false;
	return !newest || vercmp(newest->id.version, m->id.version) < 0;
}

static void standing_set_broken(struct standing *s, const struct world_module *m, bool installed)
{
	if (m->source == SOURCE_BROKEN)
		standing_set(s, STANDING_BROKEN, true,
			     xstrdup("its source is there, but the link to it is missing"),
			     xasprintf("dkms add %s/%s", m->id.name, m->id.version));
	else if (installed)
		standing_set(s, STANDING_BROKEN, true,
			     xstrdup("installed, but its source is gone: no new kernel gets it"),
			     NULL);
	else
		standing_set(s, STANDING_BROKEN, true, xstrdup("its source is gone"),
			     xasprintf("dkms remove %s/%s --all", m->id.name, m->id.version));
}

/* Say what the plan does about an installed build that is not current, or why it does nothing. */
static void standing_set_stale(struct standing *s, const struct facts *f)
{
	const struct step *step = f->step;

	if (step->kind == STEP_FAILED)
		standing_set(
			s, STANDING_INSTALLED, true,
			xasprintf("its new build failed: %s",
				  facts_failed_before(f) && f->failure->what && *f->failure->what
					  ? f->failure->what
					  : step->reason),
			facts_failed_cure(f, " --force"));
	else if (step_acts(step->kind))
		standing_set(s, STANDING_INSTALLED, false, xstrdup(step->reason), NULL);
	else
		standing_set(s, STANDING_INSTALLED, step->kind == STEP_BAD, xstrdup(step->reason),
			     NULL);
	s->pending = step_acts(step->kind);
}

static void judge_installed(const struct judge *j, const struct facts *f, struct standing *s)
{
	const char *difference = build_difference(f->build);

	if (f->k && f->k->depmod_pending) {
		standing_set(s, STANDING_INTERRUPTED, true,
			     xstrdup("depmod for this kernel failed or was interrupted"),
			     xstrdup("dkms event </dev/null"));
		return;
	}
	if (difference) {
		standing_set(s, STANDING_DIFFERS, true, xstrdup(difference),
			     facts_command(f, "install", " --force"));
		return;
	}
	if (judge_is_broken(j, f->m)) {
		standing_set_broken(s, f->m, true);
		return;
	}
	standing_set(s, STANDING_INSTALLED, false, NULL, NULL);
	judge_stays(j, f, s);
	if (s->reason)
		return;
	if (f->hold && f->hold->kind == HOLD_VERSION)
		s->reason = xstrdup(hold_is_firm(f->hold)
					    ? "a person holds this version on this kernel"
					    : "a person chose this version for this kernel");
	else if (f->step && f->step->kind != STEP_KEEP && f->step->kind != STEP_HELD)
		standing_set_stale(s, f);
	else if (f->k && f->k->initramfs_pending)
		standing_set(s, STANDING_INTERRUPTED, true,
			     xstrdup("the initramfs was not made anew after modules changed"),
			     xstrdup("dkms event </dev/null"));
}

/* ---- not installed ---- */

static void judge_waiting(const struct judge *j, const struct facts *f, struct standing *s)
{
	size_t k = f->k ? (size_t)(f->k - j->w->kernels) : 0;
	bool headers = f->k && !f->k->headers;
	const char *command = headers && k < j->headers->n ? j->headers->v[k] : "";

	standing_set(s, STANDING_WAITS, !(f->k && f->k->read_only), xstrdup(f->step->reason),
		     *command ? xstrdup(command) : NULL);
}

/* Judge what the plan builds or installs.  If its build failed before, it counts as failed. */
static void judge_pending(const struct facts *f, struct standing *s)
{
	s->pending = true;
	if (f->failure)
		standing_set(s, STANDING_FAILED, true, facts_failure_text(f),
			     facts_command(f, "install", ""));
	else
		standing_set(s, f->build ? STANDING_BUILT : STANDING_ADDED, true,
			     xstrdup(f->build ? "not installed yet; that comes with the next "
						"run of the package manager, or at boot"
					      : "not built yet; that comes with the next "
						"run of the package manager, or at boot"),
			     facts_command(f, "install", ""));
}

static void judge_failed(const struct facts *f, struct standing *s)
{
	/* Refused: the kernel has a newer module of that name.  In that case nothing failed. */
	bool refused = f->build && f->build->refused, before = facts_failed_before(f);
	char *cure = refused ? facts_command(f, "install", " --force-version-override")
			     : facts_failed_cure(f, "");

	standing_set(s, refused ? STANDING_BUILT : STANDING_FAILED, !refused,
		     before ? facts_failure_text(f) : xstrdup(f->step->reason), cure);
}

static void judge_by_step(const struct judge *j, const struct facts *f, struct standing *s)
{
	const char *reason = f->step->reason;

	switch (f->step->kind) {
	case STEP_HELD:
		standing_set(s, STANDING_HELD, false, xstrdup(reason), facts_lift(f));
		break;
	case STEP_WAITING:
	case STEP_DEFERRED: judge_waiting(j, f, s); break;
	case STEP_PENDING: standing_set(s, STANDING_WAITS, false, xstrdup(reason), NULL); break;
	case STEP_EXCLUDED: standing_set(s, STANDING_EXCLUDED, false, xstrdup(reason), NULL); break;
	case STEP_FAILED: judge_failed(f, s); break;
	case STEP_BAD:
	case STEP_REFUSE: standing_set(s, STANDING_BAD, true, xstrdup(reason), NULL); break;
	case STEP_BROKEN: standing_set_broken(s, f->m, false); break;
	case STEP_BUILD:
	case STEP_INSTALL: judge_pending(f, s); break;
	default: standing_set(s, STANDING_BUILT, false, xstrdup(reason), NULL);
	}
}

/*
 * Is the module package missing on this kernel, as far as an old verdict tells?  `dkms status`
 * evaluates no conf, so without a current verdict the plan says nothing about this kernel.
 */
static bool judge_is_unseen(const struct judge *j, const struct facts *f)
{
	return f->conf && f->conf->unknown && f->conf->autoinstall && !f->conf->excluded &&
	       !f->conf->bad && !f->present && !f->hold && f->k && f->k->image &&
	       f->m->source == SOURCE_OK && standing_newest(j->w, f->m->id.name) == f->m &&
	       !j->w->no_autoinstall && !j->w->only_newest;
}

static void judge_unseen(const struct judge *j, const struct facts *f, struct standing *s)
{
	size_t k = (size_t)(f->k - j->w->kernels);

	if (f->k->headers || j->w->bundles)
		judge_pending(f, s);
	else
		standing_set(
			s, STANDING_WAITS, true, xstrdup("the kernel's headers are not installed"),
			k < j->headers->n && *j->headers->v[k] ? xstrdup(j->headers->v[k]) : NULL);
	s->missing = true;
}

static void judge_without_step(const struct judge *j, const struct facts *f, struct standing *s)
{
	bool waits = !world_kernel_is_here(f->k) && ledger_candidate(&j->w->candidates, f->release);

	if (f->failure && !f->build)
		standing_set(s, STANDING_FAILED, true, facts_failure_text(f),
			     facts_command(f, "install", ""));
	else if (f->m->source == SOURCE_MISSING || f->m->source == SOURCE_BROKEN)
		standing_set_broken(s, f->m, false);
	else
		standing_set(s, STANDING_BUILT, false,
			     waits ? xstrdup("it is installed when its kernel comes") : NULL, NULL);
}

/* Is it wanted on this kernel, and installed there in no version? */
static bool facts_is_missing(const struct facts *f)
{
	if (f->present || !f->step)
		return false;
	switch (f->step->kind) {
	case STEP_WAITING:
	case STEP_DEFERRED:
	case STEP_FAILED:
	case STEP_BAD:
	case STEP_REFUSE:
	case STEP_BROKEN:
	case STEP_BUILD:
	case STEP_INSTALL: return !(f->build && f->build->refused);
	default: return false;
	}
}

static void judge_pair(const struct judge *j, const struct world_module *m, const char *release,
		       const char *arch)
{
	struct standing s = { .id = m->id, .release = release, .arch = arch };
	struct facts f;
	bool unseen;

	judge_look(j, m, release, arch, &f);
	unseen = !f.step && judge_is_unseen(j, &f);
	/*
	 * If this version has no build here and no failure, there is an entry only if the plan says
	 * something of this version.  A STEP_KEEP does not count: it only says that a newer version
	 * is installed.
	 */
	if (!unseen && !f.build && !f.failure && (!f.step || f.step->kind == STEP_KEEP))
		return;
	if (f.build && f.build->installed)
		judge_installed(j, &f, &s);
	else if (f.step)
		judge_by_step(j, &f, &s);
	else if (unseen)
		judge_unseen(j, &f, &s);
	else
		judge_without_step(j, &f, &s);
	s.missing |= facts_is_missing(&f);
	s.failure = f.failure;
	if (f.failure && s.state == STANDING_FAILED) {
		s.since = f.failure->since;
		s.run = xstrdup(f.failure->run);
	}
	s.hold = f.hold;
	s.build = f.build;
	VEC_PUSH(j->ret->v, j->ret->n, s);
}

/* ---- all of them ---- */

/* Add the entry of a module package that has none for any kernel. */
static void judge_alone(const struct judge *j, const struct world_module *m)
{
	const struct world_module *newest = standing_newest(j->w, m->id.name);
	const struct world_conf *conf =
		world_conf(j->w, &m->id, j->w->n_kernels ? j->w->kernels[0].release : NULL);
	struct standing s = { .id = m->id, .state = STANDING_ADDED };

	if (m->source == SOURCE_MISSING || m->source == SOURCE_BROKEN)
		standing_set_broken(&s, m, false);
	else if (j->w->no_autoinstall)
		s.reason = xstrdup("/etc/dkms/no-autoinstall exists");
	else if (newest && vercmp(newest->id.version, m->id.version) > 0)
		s.reason = xasprintf("version %s is newer", newest->id.version);
	else if (conf && !conf->unknown && !conf->autoinstall && !conf->bad)
		s.reason = xstrdup("its dkms.conf does not set AUTOINSTALL");
	VEC_PUSH(j->ret->v, j->ret->n, s);
}

static void judge_module(const struct judge *j, const struct world_module *m)
{
	const struct world *w = j->w;
	size_t before = j->ret->n;

	for (size_t i = 0; i < w->n_kernels; i++)
		judge_pair(j, m, w->kernels[i].release, w->kernels[i].arch);
	for (size_t i = 0; i < w->n_builds; i++) {
		const struct world_build *b = &w->builds[i];
		const struct world_kernel *k = world_kernel(w, b->release);

		if (modid_equal(&b->id, &m->id) && (!k || strcmp(k->arch, b->arch) != 0))
			judge_pair(j, m, b->release, b->arch);
	}
	if (j->ret->n == before)
		judge_alone(j, m);
}

/*
 * Add the entries of module packages that a person removed while a package still ships their
 * source.
 */
static void judge_removed(const struct judge *j)
{
	for (size_t i = 0; i < j->w->holds.n; i++) {
		const struct hold *h = &j->w->holds.v[i];
		struct standing s = { .id = { h->name, h->version }, .hold = h };
		const struct world_folder *folder = world_folder(j->w, &s.id);

		if (h->kind != HOLD_REMOVED || world_module(j->w, &s.id) || !folder ||
		    !want_stamp_counts(h->seen, h->version, folder->owner_version))
			continue;
		standing_set(&s, STANDING_HELD, false, xstrdup("a person removed it"),
			     xasprintf("dkms add %s/%s", h->name, h->version));
		VEC_PUSH(j->ret->v, j->ret->n, s);
	}
}

void standings_judge(const struct world *w, const struct plan *p, const struct strv *headers,
		     struct standings *ret)
{
	struct judge j = { .w = w, .p = p, .headers = headers, .ret = ret };

	for (size_t i = 0; i < w->n_modules; i++)
		judge_module(&j, &w->modules[i]);
	judge_removed(&j);
}

void standing_interrupt(struct standing *s)
{
	if (!s->pending || (s->state != STANDING_ADDED && s->state != STANDING_BUILT))
		return;
	free(s->reason);
	s->reason = xstrdup("the run that was to install it was interrupted");
	s->state = STANDING_INTERRUPTED;
}
