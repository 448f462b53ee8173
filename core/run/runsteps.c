/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All steps but build and depmod: one function for each kind. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "install/adopt.h"
#include "install/cleankernel.h"
#include "install/initramfs.h"
#include "install/install.h"
#include "install/register.h"
#include "install/uninstall.h"
#include "install/weakmodules.h"
#include "replay/store.h"
#include "run/run.h"
#include "run/smoke.h"
#include "sys/fs.h"
#include "tree/aside.h"
#include "tree/tree.h"

static int step_register(struct run *r, const struct step *s, struct run_step *ret)
{
	struct target t = run_target(s);
	const struct confs_entry *entry = confs_entry(&r->s->confs, &t);
	AUTO_FREE char *folder = run_source(r, &s->id);
	int k = aside_check(r->e, s->id.name, NULL, &ret->err);

	if (k == 0)
		k = confs_check(r->e, entry, true, &ret->err);
	if (k < 0)
		return k;
	strv_add_all(&ret->warnings, &entry->values.warnings);
	ret->state = RUN_DONE;
	return register_run(r->e, &t, folder, entry->conf.scripts[SCRIPT_POST_ADD], &ret->err);
}

/*
 * Set ret for a change that has been committed.  It stays open until depmod has run, but if only
 * the record was written, it is finished, because depmod has nothing to do.
 */
static int step_take_change(struct run_step *ret)
{
	int k;

	strv_add_all(&ret->warnings, &ret->change.refused);
	ret->open = ret->change.names.n > 0;
	ret->state = ret->open ? RUN_DONE : RUN_UNCHANGED;
	if (ret->open)
		return 0;
	k = change_finish(&ret->change, &ret->err);
	change_release(&ret->change);
	return k;
}

/*
 * Add the names of the conf's modules to `facts`.  They come from the world, which has them even if
 * the conf was not evaluated in this run.
 */
static void step_add_modules(const struct run *r, const struct step *s, struct record *facts)
{
	const struct world_conf *c = world_conf(&r->s->world, &s->id, s->release);

	for (size_t i = 0; c && i < c->modules.n; i++)
		record_add_module(facts, c->modules.v[i], c->modules.v[i]);
}

static int step_adopt_locked(struct run *r, const struct step *s, struct run_step *ret)
{
	struct target t = run_target(s);
	AUTO_RECORD struct record facts = { .depends = STRV_INIT };
	int k;

	run_facts(r, s, &facts);
	step_add_modules(r, s, &facts);
	k = adopt_run(r->e, &t, confs_get(&r->s->confs, &t), &facts, &ret->change, &ret->err);
	return k < 0 ? k : step_take_change(ret);
}

static int step_adopt(struct run *r, const struct step *s, struct run_step *ret)
{
	CLEANUP(lock_release) struct lock lock = LOCK_INIT;
	int k = run_lock_target(r, s, LOCK_WAIT, &lock, NULL, &ret->err);

	return k < 0 ? k : step_adopt_locked(r, s, ret);
}

/* Is there an initramfs that this run will check after the change? */
static bool step_owes_initramfs(const struct run *r, const struct step *s)
{
	return plan_find(r->p, STEP_INITRAMFS, NULL, s->release, NULL) != PLAN_NONE &&
	       initramfs_exists(r->e, s->release);
}

static void step_drop_candidate(void *list, void *data)
{
	ledger_drop_candidate(list, data);
}

static int step_install(struct run *r, const struct step *s, struct run_step *ret)
{
	struct target t = run_target(s);
	const struct confs_entry *entry = confs_entry(&r->s->confs, &t);
	const struct conf *conf = confs_get(&r->s->confs, &t);
	struct install_opts opts = {
		.force = s->force || r->e->rpm_safe_upgrade,
		.force_version_override = r->e->force_version_override,
		.initramfs = step_owes_initramfs(r, s),
	};
	CLEANUP(lock_release) struct lock lock = LOCK_INIT;
	int k;

	if (!conf && entry && entry->evaluated)
		return confs_check(r->e, entry, false, &ret->err);
	if (!conf)
		return err_set(&ret->err, -E_CONF_MISSING, "%s/%s has no dkms.conf.", t.name,
			       t.version);
	k = run_lock_target(r, s, LOCK_WAIT, &lock, NULL, &ret->err);
	if (k < 0)
		return k;
	k = install_run(r->e, &t, conf, &opts, &ret->change, &ret->err);
	if (k == 0)
		k = step_take_change(ret);
	if (k < 0)
		return k;
	/* The kernel has come. */
	return ledger_candidate(&r->s->world.candidates, t.release)
		       ? run_change_ledger(r, LEDGER_CANDIDATES, step_drop_candidate, s->release,
					   &ret->err)
		       : 0;
}

static void step_put_candidate(void *list, void *data)
{
	struct candidates *l = list;
	const struct candidate_kernel *old = ledger_candidate(l, data);
	struct candidate_kernel c = { .release = xstrdup(data),
				      .from = xstrdup(CANDIDATE_PERSON),
				      .since = time(NULL),
				      .packages = STRV_INIT };

	if (old && strcmp(old->from, CANDIDATE_PERSON) != 0) {
		free(c.release);
		free(c.from);
		return;
	}
	ledger_put_candidate(l, &c);
}

/* Try the headers.  If they are good, record the kernel, so that no event drops its builds. */
static int step_smoke(struct run *r, const struct step *s, struct run_step *ret)
{
	int k = smoke_run(r->e, s->release, &ret->err);

	ret->state = RUN_DONE;
	return k < 0 ? k
		     : run_change_ledger(r, LEDGER_CANDIDATES, step_put_candidate, s->release,
					 &ret->err);
}

static void step_remove_weak_modules(const struct run *r, const struct target *t,
				     const struct record *record)
{
	AUTO_STRV struct strv paths = STRV_INIT;

	if (record->no_weak_modules)
		return;
	for (size_t i = 0; i < record->n_modules; i++) {
		if (record->modules[i].path)
			strv_add(&paths, record->modules[i].path);
	}
	weak_modules_run(r->e, t, WEAK_REMOVE, &paths);
}

static int step_uninstall(struct run *r, const struct step *s, struct run_step *ret)
{
	struct target t = run_target(s);
	AUTO_RECORD struct record record = { .depends = STRV_INIT };
	CLEANUP(lock_release) struct lock lock = LOCK_INIT;
	int k = run_lock_target(r, s, LOCK_WAIT, &lock, NULL, &ret->err);

	if (k < 0)
		return k;
	k = record_load(r->e, &t, confs_get(&r->s->confs, &t), &record, &ret->err);
	if (k == -E_NOT_BUILT) {
		/* Another run has removed the build meanwhile. */
		err_release(&ret->err);
		ret->state = RUN_UNCHANGED;
		return 0;
	}
	if (k == 0)
		step_remove_weak_modules(r, &t, &record);
	if (k == 0)
		k = uninstall_run(r->e, &t, &record, step_owes_initramfs(r, s), &ret->change,
				  &ret->err);
	if (k == 0) {
		ret->state = RUN_DONE;
		k = change_finish(&ret->change, &ret->err);
		change_release(&ret->change);
	}
	return k;
}

static int step_unbuild(struct run *r, const struct step *s, struct run_step *ret)
{
	struct target t = run_target(s);
	CLEANUP(lock_release) struct lock lock = LOCK_INIT;
	int k = run_lock_target(r, s, LOCK_WAIT, &lock, NULL, &ret->err);

	if (k < 0)
		return k;
	ret->state = RUN_DONE;
	return unbuild_run(r->e, &t, &ret->err);
}

struct locks {
	struct lock *v;
	size_t n;
};

static void locks_release(struct locks *l)
{
	for (size_t i = 0; i < l->n; i++)
		lock_release(&l->v[i]);
	free(l->v);
}

/*
 * Take the locks of all targets of the module package that have a lock file, so that no build is
 * under way.  A build that begins later finds no source and fails.
 */
static int locks_take_module(struct run *r, const struct step *s, struct locks *ret,
			     struct err *err)
{
	AUTO_FREE char *folder = tree_lock_dir(r->e);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int k = fs_list(&r->e->root, folder, &names);

	if (k < 0)
		return k == -ENOENT ? 0 : err_sys(err, k, "%s", folder);
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
		struct lock lock = LOCK_INIT;

		if (!tree_is_target_lock(name, s->id.name))
			continue;
		k = run_take_lock(r, s, path, LOCK_WAIT, &lock, NULL, err);
		if (k < 0)
			return k;
		VEC_PUSH(ret->v, ret->n, lock);
	}
	return 0;
}

/* No version of the module package is left: drop what its builds have compiled. */
static void step_forget_compiled(const struct run *r, const char *name)
{
	AUTO_FREE char *folder = tree_module_dir(r->e, name);
	int k = fs_exists(&r->e->root, folder) ? 0 : store_forget_module(r->e, name);

	/* It costs only room on the disk, and goes when others need that. */
	if (k < 0)
		log_debug("what was compiled of %s: %s", name, error_text(k));
}

static int step_unregister(struct run *r, const struct step *s, struct run_step *ret)
{
	CLEANUP(locks_release) struct locks locks = { NULL, 0 };
	struct target t = run_target(s);
	int k = aside_check(r->e, s->id.name, NULL, &ret->err);

	ret->state = RUN_DONE;
	if (k == 0)
		k = locks_take_module(r, s, &locks, &ret->err);
	/* Forget first: once the version is unregistered, no later run would drop its entries. */
	if (k == 0)
		k = run_forget_module(r, &s->id, &ret->err);
	if (k == 0)
		k = unregister_run(r->e, &t, &ret->err);
	if (k == 0)
		step_forget_compiled(r, s->id.name);
	return k;
}

static int step_clean(struct run *r, const struct step *s, struct run_step *ret)
{
	int k = run_forget_kernel(r, s->release, &ret->err);

	ret->state = RUN_DONE;
	return k < 0 ? k : clean_kernel(r->e, s->release, &ret->err);
}

/* s->names: modules that the planner expects to change.  initramfs_run() decides what is needed. */
static int step_initramfs(struct run *r, const struct step *s, struct run_step *ret)
{
	int k = initramfs_run(r->e, s->release, &s->names, &ret->err);

	ret->state = k > 0 ? RUN_DONE : RUN_UNCHANGED;
	return k < 0 ? k : 0;
}

/* ---- ledgers ---- */

static void step_put_hold(void *list, void *data)
{
	const struct step *s = data;
	struct hold h = {
		.kind = s->hold,
		.name = xstrdup(s->id.name),
		.version = xstrdup(s->id.version),
		.release = xstrdup(s->release),
		.arch = xstrdup(s->arch),
		.seen = xstrdup(s->seen),
	};

	ledger_drop_hold(list, s->hold, &s->id, s->release, s->arch);
	ledger_put_hold(list, &h);
}

static void step_drop_hold(void *list, void *data)
{
	const struct step *s = data;

	ledger_drop_hold(list, s->hold, &s->id, s->release, s->arch);
}

static int step_hold(struct run *r, const struct step *s, struct run_step *ret)
{
	ret->state = RUN_DONE;
	return run_change_ledger(r, LEDGER_HOLDS,
				 s->kind == STEP_HOLD ? step_put_hold : step_drop_hold, (void *)s,
				 &ret->err);
}

static void step_put_request(void *list, void *data)
{
	const struct step *s = data;
	struct request r = {
		.kind = s->request,
		.name = xstrdup(s->id.name),
		.version = xstrdup(s->id.version),
	};

	ledger_put_request(list, &r);
}

static void step_drop_request(void *list, void *data)
{
	const struct step *s = data;

	ledger_drop_request(list, s->id.name, s->id.version);
}

static int step_request(struct run *r, const struct step *s, struct run_step *ret)
{
	ret->state = RUN_DONE;
	return run_change_ledger(r, LEDGER_REQUESTS,
				 s->kind == STEP_REQUEST ? step_put_request : step_drop_request,
				 (void *)s, &ret->err);
}

/*
 * Is `o` about a kernel or source that this run should have removed, but did not?  If so, the owner
 * must stay recorded, so that the next event tries again.
 */
static bool step_is_left(const struct run *r, const struct owned *o)
{
	for (size_t i = 0; i < r->p->n; i++) {
		const struct step *s = &r->p->steps[i];
		const struct world_module *m =
			s->id.name ? world_module(&r->s->world, &s->id) : NULL;

		if (run_did(r->steps[i].state))
			continue;
		if (s->kind == STEP_CLEAN && o->kind == OWNED_KERNEL &&
		    strcmp(s->release, o->key) == 0)
			return true;
		if (s->kind == STEP_UNREGISTER && o->kind == OWNED_SOURCE && m && m->folder &&
		    strcmp(m->folder, o->key) == 0)
			return true;
	}
	return false;
}

/*
 * Record an owner, marked LEDGER_GONE, for each missing source whose module package this run should
 * have unregistered, but did not.  Skip a source that has an owner in the ledger.
 */
static void step_keep_unregistered(const struct run *r, struct owners *l)
{
	for (size_t i = 0; i < r->p->n; i++) {
		const struct step *s = &r->p->steps[i];
		const struct world_module *m =
			s->kind == STEP_UNREGISTER ? world_module(&r->s->world, &s->id) : NULL;
		struct owned o = { .kind = OWNED_SOURCE, .from = (char *)LEDGER_GONE };

		if (!m || !m->folder || m->source != SOURCE_MISSING || run_did(r->steps[i].state) ||
		    ledger_owned(l, OWNED_SOURCE, m->folder))
			continue;
		o.key = m->folder;
		o.package = m->owner ? m->owner : (char *)"unknown";
		o.version = m->owner_version ? m->owner_version : (char *)"";
		ledger_copy_owned(l, &o, NULL);
	}
}

/*
 * Replace the ledger's owners by the plan's.  Owners of what could not be removed stay, marked
 * LEDGER_GONE.
 */
static void step_put_owners(void *list, void *data)
{
	struct owners *l = list;
	const struct run *r = data;
	const struct plan *p = r->p;
	size_t n = 0;

	while (n < l->n) {
		AUTO_FREE char *key = xstrdup(l->v[n].key);

		if (!step_is_left(r, &l->v[n])) {
			ledger_drop_owned(l, l->v[n].kind, key);
			continue;
		}
		free(l->v[n].from);
		l->v[n++].from = xstrdup(LEDGER_GONE);
	}
	for (size_t i = 0; i < p->owners.n; i++)
		ledger_copy_owned(l, &p->owners.v[i], NULL);
	step_keep_unregistered(r, l);
}

/* Forget kernels that were removed with their whole tree, so that there was no STEP_CLEAN. */
static int step_forget_kernels(struct run *r, struct err *err)
{
	const struct owners *l = &r->s->world.owners;
	int k = 0;

	for (size_t i = 0; k == 0 && i < l->n; i++) {
		const struct owned *o = &l->v[i];

		if (o->kind == OWNED_KERNEL && !ledger_owned(&r->p->owners, o->kind, o->key) &&
		    plan_find(r->p, STEP_CLEAN, NULL, o->key, NULL) == PLAN_NONE)
			k = run_forget_kernel(r, o->key, err);
	}
	return k;
}

static int step_owners(struct run *r, const struct step *s, struct run_step *ret)
{
	int k = step_forget_kernels(r, &ret->err);

	(void)s;
	ret->state = RUN_DONE;
	return k < 0 ? k : run_change_ledger(r, LEDGER_OWNERS, step_put_owners, r, &ret->err);
}

static int step_depmod(struct run *r, const struct step *s, struct run_step *ret)
{
	return run_depmod(r, s, ret);
}

static int step_gate(struct run *r, const struct step *s, struct run_step *ret)
{
	ret->state = RUN_DONE;
	return run_gate(r, s, &ret->err);
}

#define step_none NULL /* a build, which has a worker (runbuild.c), or a step that only reports */
static int (*const step_functions[])(struct run *, const struct step *, struct run_step *) = {
#define X(kind, name, rule, tone, doing, doing_what, function) [kind] = step_##function,
	STEP_LIST(X)
#undef X
};
#undef step_none

int run_step_act(struct run *r, const struct step *s, struct run_step *ret)
{
	return step_functions[s->kind](r, s, ret);
}
