/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/history.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/historyjson.h"
#include "sys/append.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/lock.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "tree/tree.h"

/* The file may exceed HISTORY_MAX while another run renames it or holds the lock. */
#define READ_MAX (4 * (size_t)HISTORY_MAX)

char *history_path(const struct engine *e)
{
	const char *set = settings_get(&e->settings, SET_DKMS_TREE);
	const char *source = e->settings.source[SET_DKMS_TREE];

	if (source && strcmp(source, "command line") == 0 && strcmp(set, "/var/lib/dkms") != 0)
		return tree_history_path(e);
	return xstrdup("/var/log/dkms/history.json");
}

/* ---- who started the run ---- */

static bool history_is_package_manager(const char *name)
{
	static const char *const names[] = {
		"apt",	      "apt-get",	 "aptitude",
		"synaptic",   "unattended-upgr", "dpkg",
		"dnf",	      "dnf-3",		 "dnf4",
		"dnf5",	      "dnf5daemon-serv", "microdnf",
		"yum",	      "zypper",		 "rpm",
		"rpm-ostree", "packagekitd",	 "pacman",
		"pamac",      "pamac-daemon",	 "kernel-install",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		/* Compare 15 characters, because the kernel keeps no more of a name. */
		if (strncmp(names[i], name, 15) == 0)
			return true;
	}
	return false;
}

/* Use SUDO_UID only if the kernel knows no login uid: anybody can set a variable. */
static void history_find_person(struct history_cause *c)
{
	const char *sudo = getenv("SUDO_UID");
	char *end = NULL;

	c->uid = process_login_uid();
	if (c->uid < 0 && sudo && *sudo && geteuid() == 0) {
		c->uid = strtol(sudo, &end, 10);
		if (*end || c->uid < 0)
			c->uid = -1;
	}
	if (c->uid < 0)
		c->uid = getuid();
	c->user = process_user_name((long)c->uid);
}

static void history_add_packages(struct history_cause *c, const struct event *event)
{
	c->from = xstrdup(event->from);
	c->packages = xcalloc(event->n, sizeof(*c->packages));
	for (size_t i = 0; i < event->n; i++) {
		const struct event_item *item = &event->items[i];

		if (item->change == EVENT_PRESENT)
			continue;
		if (c->n == HISTORY_PACKAGES_MAX) {
			c->left_out++;
			continue;
		}
		c->packages[c->n++] = (struct history_package){
			.kind = xstrdup(event_kind_name(item->kind)),
			.key = xstrdup(item->key),
			.change = xstrdup(event_change_name(item->change)),
			.package = xstrdup(item->package),
			.version = xstrdup(item->version),
		};
	}
}

/* ---- the file ---- */

/*
 * Rename the full file to history.json.1.  A run that opened the file before the rename writes to
 * the renamed file, so no line is lost.
 */
static int history_rotate(struct engine *e, const char *path)
{
	AUTO_FREE char *lock_path = tree_history_lock(e);
	AUTO_FREE char *old = xasprintf("%s.1", path);
	struct lock lock = LOCK_INIT;
	struct stat st;
	int r = lock_take(&lock, &e->root, lock_path, "history", LOCK_TRY, NULL, NULL, NULL);

	if (r < 0)
		return r;
	r = fs_lstat(&e->root, path, &st);
	if (r == 0 && (uint64_t)st.st_size + HISTORY_LINE_MAX > HISTORY_MAX)
		r = fs_rename(&e->root, path, old);
	lock_release(&lock);
	return r == -ENOENT ? 0 : r;
}

static int history_append(struct engine *e, const char *path, const struct buf *line)
{
	int r = append_line(&e->root, path, line->s, line->len, HISTORY_MAX);

	if (r == -EFBIG) {
		/* If the rename fails, another run does it, or the file gets a little too long. */
		if (history_rotate(e, path) < 0)
			log_debug("%s cannot be turned round now", path);
		r = append_line(&e->root, path, line->s, line->len, READ_MAX / 2);
	}
	return r;
}

/* Warn once and write nothing more. */
static void history_give_up(struct history_writer *w, int error)
{
	AUTO_FREE char *host = root_host_path(&w->e->root, w->path);

	w->active = false;
	log_warning("The history cannot be written, so \"dkms log\" will not tell of this run: "
		    "%s: %s.",
		    host, error_text(error));
}

/* Give `entry` the run's id and cause, write it to the history, and release it. */
static void history_write_entry(struct history_writer *w, struct history_entry *entry)
{
	AUTO_BUF struct buf line = BUF_INIT;
	int r;

	entry->run = xstrdup(w->e->run_id);
	if (!entry->time)
		entry->time = time(NULL);
	entry->cause = w->cause;
	history_entry_print(entry, &line);
	entry->cause = (struct history_cause){ .uid = -1 };
	r = history_append(w->e, w->path, &line);
	if (r < 0)
		history_give_up(w, r);
	history_entry_release(entry);
}

/* ---- a run ---- */

/*
 * Does the plan need an entry?  An event that only refuses something does not: each later event
 * refuses the same.
 */
static bool history_is_needed(const struct plan *p, bool event)
{
	if (plan_acts(p) || event)
		return plan_acts(p);
	return plan_find(p, STEP_REFUSE, NULL, NULL, NULL) != PLAN_NONE;
}

static void history_add_targets(const struct plan *plan, struct strv *ret)
{
	for (size_t i = 0; i < plan->n && ret->n < HISTORY_TARGETS_MAX; i++) {
		const struct step *s = &plan->steps[i];

		if (s->kind == STEP_INSTALL || s->kind == STEP_BUILD)
			history_add_target(ret, &s->id, s->release, s->arch);
	}
}

void history_begin(struct history_writer *w, struct engine *e, const struct plan *plan,
		   const char *command, const struct event *event)
{
	struct history_entry entry = HISTORY_ENTRY_INIT;
	struct process self = { .start = 0 };
	AUTO_FREE char *folder = NULL;
	int r;

	*w = (struct history_writer){ .e = e, .plan = plan, .cause.uid = -1 };
	if (!history_is_needed(plan, event))
		return;
	w->path = history_path(e);
	w->told = xcalloc(plan->n, sizeof(*w->told));
	w->begun = clock_msec();
	w->active = true;
	w->cause.command = xstrdup(command ? command : "dkms");
	w->cause.caller = process_above(history_is_package_manager);
	history_find_person(&w->cause);
	if (event)
		history_add_packages(&w->cause, event);
	folder = xstrndup(w->path, (size_t)(strrchr(w->path, '/') - w->path));
	r = fs_mkdir_p(&e->root, folder);
	if (r < 0) {
		history_give_up(w, r);
		return;
	}
	entry.line = HISTORY_BEGIN;
	entry.pid = getpid();
	entry.start = process_look_up(getpid(), &self) ? self.start : 0;
	history_add_targets(plan, &entry.targets);
	history_write_entry(w, &entry);
}

static enum history_result history_step_result(const struct step *s, const struct run_step *r)
{
	if (s->kind == STEP_REFUSE || r->state == RUN_FAILED)
		return HISTORY_FAILED;
	if (!step_acts(s->kind))
		return HISTORY_TOLD;
	return r->state == RUN_DONE	   ? HISTORY_DONE
	       : r->state == RUN_UNCHANGED ? HISTORY_UNCHANGED
					   : HISTORY_NOT_DONE;
}

/* Path of the log of a build; NULL if there is none.  Caller frees. */
static char *history_step_log(const struct engine *e, const struct step *s,
			      const struct run_step *r)
{
	struct target t = run_target(s);
	AUTO_FREE char *folder = NULL;

	if (s->kind != STEP_BUILD || r->state == RUN_UNCHANGED || r->build.log)
		return xstrdup(r->build.log);
	if (r->state != RUN_DONE)
		return NULL;
	folder = tree_log_dir(e, &t);
	return xasprintf("%s/make.log", folder);
}

static char *history_step_error(const struct step *s, const struct run_step *r)
{
	if (s->kind == STEP_REFUSE)
		return xstrdup(s->reason);
	if (r->state == RUN_FAILED)
		return xstrdup(r->err.text ? r->err.text : error_text(r->err.code));
	if (r->state != RUN_NOT_DONE)
		return NULL;
	return xstrdup(signals_interrupted() ? "the run was interrupted"
					     : "something that it needs failed");
}

static void history_write_step(struct history_writer *w, size_t i, const struct run_step *r)
{
	const struct step *s = &w->plan->steps[i];
	struct history_entry entry = HISTORY_ENTRY_INIT;

	entry.line = HISTORY_STEP;
	entry.step.number = i + 1;
	entry.step.kind = xstrdup(step_class(s->kind)->name);
	entry.step.result = history_step_result(s, r);
	entry.step.name = xstrdup(s->id.name);
	entry.step.version = xstrdup(s->id.version);
	entry.step.release = xstrdup(s->release);
	entry.step.arch = xstrdup(s->arch);
	entry.step.msec = (int64_t)r->msec;
	entry.step.status = s->kind == STEP_REFUSE   ? error_status(s->code)
			    : r->state == RUN_FAILED ? err_status(&r->err)
						     : 0;
	entry.step.reason = xstrdup(s->reason);
	if (s->kind == STEP_REQUEST)
		entry.step.request = xstrdup(s->request == REQUEST_REMOVE ? "remove" : "add");
	entry.step.error = history_step_error(s, r);
	strv_add_all(&entry.step.lines, &r->build.lines);
	entry.step.log = history_step_log(w->e, s, r);
	entry.step.confined = xstrdup(r->build.confined);
	entry.step.confined_why = xstrdup(r->build.confined_why);
	entry.step.calls = r->build.calls;
	entry.step.bundle = xstrdup(r->build.bundle);
	entry.step.bundle_from = xstrdup(r->build.bundle_from);
	entry.step.bundle_by = xstrdup(r->build.bundle_by);
	w->told[i] = r->state;
	history_write_entry(w, &entry);
}

void history_step(struct history_writer *w, const struct step *step, const struct run_step *result)
{
	/* STEP_SKIP is not recorded: there was nothing to do. */
	if (w->active && step->kind != STEP_SKIP)
		history_write_step(w, (size_t)(step - w->plan->steps), result);
}

/*
 * Write a second entry for each step whose state has changed since history_step(), e.g. an install
 * that was rolled back, and an entry for each step that was never begun.
 */
static void history_write_changed(struct history_writer *w, const struct run *run)
{
	for (size_t i = 0; w->active && i < w->plan->n; i++) {
		const struct run_step *r = &run->steps[i];

		if (step_acts(w->plan->steps[i].kind) && r->state != w->told[i] &&
		    r->state != RUN_UNCHANGED)
			history_write_step(w, i, r);
	}
}

void history_end(struct history_writer *w, const struct run *run, const struct err *why, int status)
{
	struct history_entry entry = HISTORY_ENTRY_INIT;
	int r;

	if (w->active && run)
		history_write_changed(w, run);
	if (!w->active)
		return;
	entry.line = HISTORY_END;
	entry.status = status;
	entry.interrupted = signals_interrupted();
	/*
	 * What a package manager or a kernel's hook (autoinstall) runs never counts as refused:
	 * nobody mistyped it.
	 */
	entry.refused = run && !plan_acts(w->plan) && !w->plan->autoinstall && !w->cause.caller;
	entry.msec = (int64_t)(clock_msec() - w->begun);
	entry.error = why ? xstrdup(why->text ? why->text : error_text(why->code)) : NULL;
	history_write_entry(w, &entry);
	r = w->active ? append_sync(&w->e->root, w->path) : 0;
	/* -ENOENT: another run has just renamed the file. */
	if (r < 0 && r != -ENOENT)
		history_give_up(w, r);
}

void history_writer_release(struct history_writer *w)
{
	history_cause_release(&w->cause);
	free(w->path);
	free(w->told);
	*w = (struct history_writer){ .cause.uid = -1 };
}

/* ---- reading ---- */

static void history_parse_line(struct history *h, const char *line, size_t len, bool last)
{
	AUTO_HISTORY_ENTRY struct history_entry entry = HISTORY_ENTRY_INIT;

	if (len == 0)
		return;
	if (history_entry_parse(line, len, &entry) < 0 || !history_add(h, &entry))
		h->bad += !last;
}

static void history_parse_text(struct history *h, const struct buf *text)
{
	const char *at = text->s, *end = text->s + text->len;

	while (at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		const char *stop = nl ? nl : end;

		history_parse_line(h, at, (size_t)(stop - at), !nl);
		at = stop + 1;
	}
}

static int history_read_file(const struct engine *e, const char *path, struct buf *ret,
			     struct err *err)
{
	int r = fs_read(&e->root, path, READ_MAX, ret);

	if (r == -ENOENT || r == 0)
		return 0;
	return err_sys(err, r, "The history %s cannot be read", path);
}

int history_load(const struct engine *e, struct history *ret, struct err *err)
{
	AUTO_FREE char *path = history_path(e), *old = xasprintf("%s.1", path);
	AUTO_BUF struct buf now = BUF_INIT, before = BUF_INIT;
	struct history h = HISTORY_INIT;
	/*
	 * Read the newer file first.  If another run renames it before the second read, it is read
	 * twice, but no line is missed.
	 */
	int r = history_read_file(e, path, &now, err);

	if (r == 0)
		r = history_read_file(e, old, &before, err);
	if (r < 0)
		return r;
	history_parse_text(&h, &before);
	history_parse_text(&h, &now);
	history_sort(&h);
	*ret = h;
	return 0;
}

enum history_state history_state_now(const struct history_run *r)
{
	return history_state(r, process_lives((pid_t)r->pid, r->start));
}
