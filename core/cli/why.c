/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dkms why: how a module package stands on each kernel, and why.  Starts no process and writes
 * nothing, so everybody may ask.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/similar.h"
#include "cli/cli.h"
#include "cli/meant.h"
#include "cli/nextboot.h"
#include "cli/report.h"
#include "cli/statusjson.h"
#include "cli/times.h"
#include "cli/whylog.h"
#include "cli/whytext.h"
#include "confine/advice.h"
#include "kernel/headersearch.h"
#include "run/standhistory.h"
#include "survey/stand.h"
#include "sys/fs.h"
#include "tree/tree.h"

/* Our logs have at most MAKELOG_MAX bytes.  A longer one is not from us, and is not read. */
enum { WHY_LOG_MAX = 65 << 20 };

/* What is known of one standing.  why.cause points to `cause`. */
struct answer {
	struct why why;
	struct cause cause;
	struct headersearch here, there;
};

struct question {
	struct engine *e;
	const struct options *o;
	struct stand stand;
	struct verify known; /* what dkms verify has found */
	struct answer **v;
	size_t n;
};

static void question_release(struct question *q)
{
	for (size_t i = 0; i < q->n; i++) {
		why_release(&q->v[i]->why);
		cause_release(&q->v[i]->cause);
		headersearch_release(&q->v[i]->here);
		headersearch_release(&q->v[i]->there);
		free(q->v[i]);
	}
	free(q->v);
	stand_release(&q->stand);
	verify_release(&q->known);
}

/* Somebody else may have written the record, so read no file outside of the dkms tree. */
static bool why_may_read_log(const struct engine *e, const char *log)
{
	size_t n = strlen(e->dkms_tree);

	return log && strncmp(log, e->dkms_tree, n) == 0 && log[n] == '/' && !strstr(log, "/../");
}

/* Read the log of the failure into the empty ret; if it cannot be read, take the failure's line. */
static void why_read_log(const struct engine *e, const struct failure *f, struct buf *ret)
{
	if (why_may_read_log(e, f->log) && fs_read(&e->root, f->log, WHY_LOG_MAX, ret) == 0)
		return;
	buf_reset(ret);
	buf_adds(ret, f->what ? f->what : "");
}

/*
 * Judge the log again, because the record has the class and the line of the cause, but not what the
 * line is about.
 */
static void why_judge_failure(const struct failure *f, const struct buf *text, struct cause *ret)
{
	enum cause_class class;

	cause_judge(text->s, text->len, ret);
	if (f->what && *f->what) {
		free(ret->line);
		ret->line = xstrdup(f->what);
	}
	/* The recorded class takes precedence: it may come from elsewhere than the log. */
	if (f->cause && cause_parse(f->cause, &class) && class != CAUSE_OTHER &&
	    class != ret->class) {
		ret->class = class;
		ret->lasting = cause_lasts(class);
	}
	ret->lasting = ret->lasting && f->key && *f->key;
}

/*
 * If the build failed because of its confinement, return what to type to allow what it needs; else
 * NULL.  Such a failure lasts, whatever its class.  Caller frees.
 */
static char *why_advice(const struct engine *e, const struct failure *f, const struct buf *text,
			struct cause *c)
{
	struct target t = { f->name, f->version, f->release, f->arch };
	char *advice =
		confine_advice(e, confine_tier_parse(f->confined), &t, c, text->s, text->len);

	if (advice)
		c->lasting = f->key && *f->key;
	return advice;
}

static struct why_look why_look_at(const struct engine *e, const char *release, const char *word,
				   struct headersearch *ret)
{
	if (!release || !word)
		return (struct why_look){ 0 };
	headersearch(e, release, word, ret);
	return (struct why_look){ ret->known ? release : NULL, ret->file, ret->exported };
}

/* Append the files that are not as they were installed. */
static void why_add_files(const struct engine *e, const struct standing *s, struct strv *ret)
{
	struct target t = { s->id.name, s->id.version, s->release, s->arch };
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };

	if (s->state != STANDING_DIFFERS || tree_record_read(e, &t, &rec, NULL) < 0)
		return;
	for (size_t i = 0; i < rec.n_modules; i++) {
		const struct record_module *m = &rec.modules[i];
		AUTO_BUF struct buf date = BUF_INIT;
		struct stat st;

		if (!m->path)
			continue;
		if (fs_lstat(&e->root, m->path, &st) < 0) {
			strv_addf(ret, "%s is missing", m->path);
		} else if ((uint64_t)st.st_size != m->size ||
			   st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec != m->mtime_ns) {
			times_add_date(&date, st.st_mtim.tv_sec);
			strv_addf(ret, "%s, changed %s", m->path, date.s);
		}
	}
}

/* Where did its build come from, if it was fetched?  Caller frees. */
static char *why_fetched(const struct engine *e, const struct standing *s)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	struct target t = { s->id.name, s->id.version, s->release, s->arch };

	if (!s->release || tree_record_read(e, &t, &rec, NULL) < 0 || !rec.bundle)
		return NULL;
	return xasprintf("bundle %s from %s, signed by %s", rec.bundle,
			 rec.bundle_from ? rec.bundle_from : "?",
			 rec.bundle_by ? rec.bundle_by : "?");
}

static void why_answer(struct question *q, const struct standing *s)
{
	struct answer *a = xcalloc(1, sizeof(*a));
	const char *word = NULL, *other;
	AUTO_FREE char *advice = NULL;
	struct why_look here, there;
	bool built;

	if (s->failure) {
		AUTO_BUF struct buf text = BUF_INIT;

		why_read_log(q->e, s->failure, &text);
		why_judge_failure(s->failure, &text, &a->cause);
		word = why_word(&a->cause);
		advice = why_advice(q->e, s->failure, &text, &a->cause);
	}
	other = why_other_kernel(&q->stand.survey.world, s, &built);
	here = why_look_at(q->e, s->release, word, &a->here);
	there = why_look_at(q->e, other, word, &a->there);
	why_judge(&q->stand.survey.world, s, s->failure ? &a->cause : NULL, advice, &here, &there,
		  &a->why);
	why_add_files(q->e, s, &a->why.files);
	a->why.fetched = why_fetched(q->e, s);
	VEC_PUSH(q->v, q->n, a);
}

/* ---- which standings ---- */

static bool why_is_asked(const struct options *o, const struct standing *s)
{
	if (strcmp(s->id.name, o->id.name) != 0)
		return false;
	if (option_is_set(o->id.version) && strcmp(s->id.version, o->id.version) != 0)
		return false;
	return !o->kernels.n || !s->release || strv_has(&o->kernels, s->release);
}

/*
 * Is this version only registered, and has a newer version been shown?  Such a version is shown
 * only if the command names it.
 */
static bool why_is_old_news(const struct question *q, const struct standing *s)
{
	return !option_is_set(q->o->id.version) && !s->problem && !s->release &&
	       s->state == STANDING_ADDED && s->reason && q->n;
}

static void why_answer_all(struct question *q)
{
	const struct standings *l = &q->stand.list;

	for (size_t i = l->n; i-- > 0;) {
		if (why_is_asked(q->o, &l->v[i]) && !why_is_old_news(q, &l->v[i]))
			why_answer(q, &l->v[i]);
	}
}

static bool why_knows_name(const struct question *q)
{
	for (size_t i = 0; i < q->stand.list.n; i++) {
		if (strcmp(q->stand.list.v[i].id.name, q->o->id.name) == 0)
			return true;
	}
	return false;
}

/* A source of this name that is not added; NULL: there is none. */
static const struct world_folder *why_find_folder(const struct question *q)
{
	const struct world *w = &q->stand.survey.world;

	for (size_t i = 0; i < w->n_folders; i++) {
		const struct modid *id = &w->folders[i].id;

		if (strcmp(id->name, q->o->id.name) == 0 &&
		    (!option_is_set(q->o->id.version) ||
		     strcmp(id->version, q->o->id.version) == 0))
			return &w->folders[i];
	}
	return NULL;
}

/* The first kernel that is named and is not here; NULL: there is none. */
static const char *why_find_no_kernel(const struct question *q)
{
	const char *release;

	STRV_FOREACH (release, &q->o->kernels) {
		if (!world_kernel_is_here(world_kernel(&q->stand.survey.world, release)))
			return release;
	}
	return NULL;
}

static int why_explain_nothing(const struct question *q, struct err *err)
{
	const struct world_folder *f = why_find_folder(q);
	const char *no_kernel = why_find_no_kernel(q);
	struct similar s = SIMILAR_INIT(q->o->id.name);

	if (f)
		return err_set(err, -E_NOT_ADDED,
			       "%s/%s is not added: its source is in %s/%s, and %s.\n"
			       "To add it: dkms add %s/%s",
			       f->id.name, f->id.version, q->e->source_tree, f->folder,
			       f->owner ? "the next event adds it" : "no package ships it",
			       f->id.name, f->id.version);
	if (why_knows_name(q) && no_kernel) {
		AUTO_FREE char *here = meant_kernel(q->e);

		return err_set(err, -E_NO_HEADERS, "No kernel %s here%s", no_kernel, here);
	}
	if (why_knows_name(q))
		return err_set(err, -E_NOT_ADDED, "Nothing is known of %s%s%s%s.\nSee: dkms why %s",
			       q->o->id.name, option_is_set(q->o->id.version) ? "/" : "",
			       option_is_set(q->o->id.version) ? q->o->id.version : "",
			       q->o->kernels.n ? " on this kernel" : "", q->o->id.name);
	for (size_t i = 0; i < q->stand.list.n; i++)
		similar_offer(&s, q->stand.list.v[i].id.name);
	return err_set(err, -E_NOT_ADDED, "No module package is called %s.%s%s%s", q->o->id.name,
		       s.best ? " Did you mean " : "", s.best ? s.best : "", s.best ? "?" : "");
}

/* ---- the verb ---- */

static int why_print(const struct question *q)
{
	AUTO_BUF struct buf b = BUF_INIT;
	const struct why **list = xcalloc(q->n, sizeof(*list));

	for (size_t i = 0; i < q->n; i++)
		list[i] = &q->v[i]->why;
	if (q->o->json)
		json_why(list, q->n, &q->known, &b);
	for (size_t i = 0; i < q->n && !q->o->json; i++)
		whytext_add(list[i], &b);
	free(list);
	return report_print(b.s);
}

static int why_run(struct engine *e, const struct options *o)
{
	CLEANUP(question_release)
	struct question q = { .e = e, .o = o, .stand = STAND_INIT };
	AUTO_ERR struct err err = ERR_INIT;

	if (o->log && !option_is_set(o->id.name) && !o->kernels.n)
		return whylog_run(e, o);
	if (o->log) {
		err_set(&err, -E_USAGE,
			"A log is judged alone: --log needs no name and no kernel.");
		return report_error(&err);
	}
	if (!option_is_set(o->id.name)) {
		err_set(&err, -E_ARGS_MISSING,
			"No module package is named.\n"
			"Usage: dkms why NAME[/VERSION] [-k KERNEL]...\n"
			"To see what needs you: dkms status --problems");
		return report_error(&err);
	}
	if (stand_look(e, &q.stand, &err) < 0)
		return report_error(&err);
	standhistory_add(e, true, &q.stand.list);
	verify_known(e, &q.known);
	nextboot_mark(&q.known, &q.stand.list);
	why_answer_all(&q);
	if (q.n)
		return why_print(&q);
	why_explain_nothing(&q, &err);
	return report_error(&err);
}

const struct verb verb_why = {
	.name = "why",
	.help = "why it is not installed, or not as it should be",
	.args = "NAME[/VERSION] [-k KERNEL]... | --log FILE",
	.about = "Says for each kernel how the module package stands, whether events want it\n"
		 "there and because of what, why its build failed, which facts prove that, and\n"
		 "what to type next. With --log, it judges the log of a build, from this\n"
		 "machine or another one.",
	.words = WORDS_ADDED,
	.flags = VERB_NO_ALL | VERB_OURS | VERB_READER | VERB_NO_PROCESS,
	.run = why_run,
	.uses = USES_MODULE | OPTION(OPT_KERNEL) | OPTION(OPT_LOG) | OPTION(OPT_JSON),
};
