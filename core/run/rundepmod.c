/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The depmod step: it finishes the open installs of its kernel, or rolls them back. */
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "install/depmod.h"
#include "install/weakmodules.h"
#include "run/run.h"
#include "sys/signals.h"

/* Is step i an open install for the kernel of the step `depmod`? */
static bool run_is_open_for(const struct run *r, size_t i, const struct step *depmod)
{
	const struct step *s = &r->p->steps[i];

	return r->steps[i].open && s->release && strcmp(s->release, depmod->release) == 0;
}

static void run_roll_back(struct run *r, size_t i, const struct err *why)
{
	struct run_step *s = &r->steps[i];
	struct target t = run_target(&r->p->steps[i]);
	AUTO_ERR struct err err = ERR_INIT;
	struct lock lock = LOCK_INIT;

	/* Keep other runs off the target.  If the lock cannot be taken, roll back nevertheless. */
	if (run_lock_target(r, &r->p->steps[i], LOCK_END, &lock, NULL, &err) < 0)
		err_release(&err);
	if (s->change.weak)
		weak_modules_run(r->e, &t, WEAK_REMOVE, &s->change.paths);
	s->left = change_rollback(&s->change, &err) < 0;
	if (s->left)
		err_set(&s->err, err.code, "%s; taking it back failed too: %s", why->text,
			err.text ? err.text : error_text(err.code));
	else
		err_set(&s->err, why->code, "%s; what was installed is taken back", why->text);
	change_release(&s->change);
	lock_release(&lock);
	s->open = false;
	s->state = RUN_FAILED;
}

/*
 * Roll back all open installs of the kernel, the last one first, because it may have replaced a
 * module of an earlier install.
 */
static void run_roll_back_all(struct run *r, const struct step *depmod, const struct err *why)
{
	for (;;) {
		size_t last = r->p->n;

		for (size_t i = 0; i < r->p->n; i++) {
			if (run_is_open_for(r, i, depmod) &&
			    (last == r->p->n || r->steps[i].started >= r->steps[last].started))
				last = i;
		}
		if (last == r->p->n)
			return;
		run_roll_back(r, last, why);
	}
}

int run_finish(struct run *r, size_t i)
{
	struct run_step *s = &r->steps[i];
	int k = change_finish(&s->change, &s->err);

	change_release(&s->change);
	s->open = false;
	if (k < 0)
		s->state = RUN_FAILED;
	return k;
}

/* After a rollback: index the restored modules.  If this fails as well, the pending mark stays. */
static void run_index_again(struct run *r, const struct step *depmod)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (depmod_run(r->e, depmod->release, NULL, &err) < 0)
		log_debug("depmod after the roll-back: %s", err.text ? err.text : "failed");
}

/*
 * Refuse to run depmod if a change of its kernel is half done.  depmod would index files that
 * recovery may roll back, and would delete the pending mark.  The next command recovers, finds the
 * mark and runs depmod.
 */
static int run_check_left(const struct run *r, const struct step *depmod, struct err *err)
{
	for (size_t i = 0; i < r->p->n; i++) {
		const struct step *s = &r->p->steps[i];

		if (r->steps[i].left && s->release && strcmp(s->release, depmod->release) == 0)
			return err_set(err, -E_DEPMOD,
				       "What was begun for %s/%s is neither done nor taken back. "
				       "The next dkms command settles it, and runs depmod then.",
				       s->id.name, s->id.version);
	}
	return 0;
}

int run_depmod(struct run *r, const struct step *depmod, struct run_step *ret)
{
	AUTO_STRV struct strv paths = STRV_INIT;
	AUTO_ERR struct err stays = ERR_INIT;
	int k;

	if (r->e->no_depmod) {
		ret->state = RUN_UNCHANGED;
		for (size_t i = 0; i < r->p->n; i++) {
			if (run_is_open_for(r, i, depmod) && run_finish(r, i) < 0)
				ret->state = RUN_FAILED;
		}
		return 0;
	}
	for (size_t i = 0; i < r->p->n; i++) {
		if (run_is_open_for(r, i, depmod))
			strv_add_all(&paths, &r->steps[i].change.paths);
	}
	k = run_check_left(r, depmod, &ret->err);
	if (k == 0)
		k = depmod_run(r->e, depmod->release, &paths, &ret->err);
	for (size_t i = 0; k == 0 && i < r->p->n; i++) {
		if (run_is_open_for(r, i, depmod))
			run_finish(r, i);
	}
	if (k < 0)
		run_roll_back_all(r, depmod, &ret->err);
	if (k < 0 && !signals_interrupted() && run_check_left(r, depmod, &stays) == 0)
		run_index_again(r, depmod);
	ret->state = RUN_DONE;
	return k;
}
