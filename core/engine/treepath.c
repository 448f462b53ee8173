/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/treepath.h"

#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

#define NATIVE	    ".native"
#define LOCK	    NATIVE "/lock"
#define JOURNAL	    NATIVE "/journal"
#define PENDING	    NATIVE "/pending"
#define DAMAGED	    NATIVE "/damaged"
#define WORKSPACES  NATIVE "/build"
#define STAGING	    NATIVE "/staging"
#define KEPT_LOGS   NATIVE "/log"
#define KEPT_LOG    ".make.log"
#define CACHE	    NATIVE "/cache"
#define COMPILED    NATIVE "/compiled"
#define HEADERS	    NATIVE "/headers"
#define REPLAY	    NATIVE "/replay"
#define TOLD	    NATIVE "/told"
#define DEPMOD	    "depmod-"
#define INITRAMFS   "initramfs-"
#define IMPORT	    ".dkms-import."
#define LOCK_SUFFIX ".lock"
#define STAGED	    ".staged"
#define OUTBOX	    ".outbox"
#define ORIGIN	    ".origin"

/* <dkms_tree>/REST */
static char *tree_path(const struct engine *e, const char *fmt, ...) PRINTF(2, 3);
static char *tree_path(const struct engine *e, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	buf_addf(&b, "%s/", e->dkms_tree);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	return buf_detach(&b);
}

/*
 * What follows `prefix` in `name`; NULL if `name` does not begin with `prefix`, or ends after it.
 */
static const char *tree_after_prefix(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(name, prefix, n) == 0 && name[n] ? name + n : NULL;
}

static bool tree_has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && strcmp(name + len - n, suffix) == 0;
}

/* ---- names that DKMS has, too ---- */

char *tree_module_dir(const struct engine *e, const char *name)
{
	return tree_path(e, "%s", name);
}

char *tree_version_dir(const struct engine *e, const char *name, const char *version)
{
	return tree_path(e, "%s/%s", name, version);
}

char *tree_source_link(const struct engine *e, const char *name, const char *version)
{
	return tree_path(e, "%s/%s/source", name, version);
}

char *tree_work_dir(const struct engine *e, const char *name, const char *version)
{
	return tree_path(e, "%s/%s/build", name, version);
}

char *tree_tarball_dir(const struct engine *e, const char *name, const char *version)
{
	return tree_path(e, "%s/%s/tarball", name, version);
}

char *tree_kernel_dir(const struct engine *e, const struct target *t)
{
	return tree_path(e, "%s/%s/%s", t->name, t->version, t->release);
}

char *tree_build_dir(const struct engine *e, const struct target *t)
{
	return tree_path(e, "%s/%s/%s/%s", t->name, t->version, t->release, t->arch);
}

char *tree_built_in(const char *build)
{
	return xasprintf("%s/module", build);
}

char *tree_log_in(const char *build)
{
	return xasprintf("%s/log", build);
}

char *tree_record_in(const char *build)
{
	return xasprintf("%s/record", build);
}

char *tree_built_dir(const struct engine *e, const struct target *t)
{
	AUTO_FREE char *build = tree_build_dir(e, t);

	return tree_built_in(build);
}

char *tree_log_dir(const struct engine *e, const struct target *t)
{
	AUTO_FREE char *build = tree_build_dir(e, t);

	return tree_log_in(build);
}

char *tree_record_path(const struct engine *e, const struct target *t)
{
	AUTO_FREE char *build = tree_build_dir(e, t);

	return tree_record_in(build);
}

char *tree_active_link(const struct engine *e, const struct target *t)
{
	return tree_path(e, "%s/" TREE_ACTIVE "%s-%s", t->name, t->release, t->arch);
}

char *tree_active_text(const struct target *t)
{
	return xasprintf("%s/%s/%s", t->version, t->release, t->arch);
}

char *tree_originals_dir(const struct engine *e, const char *name)
{
	return tree_path(e, "%s/" TREE_ORIGINALS, name);
}

char *tree_original_dir(const struct engine *e, const struct target *t)
{
	return tree_path(e, "%s/" TREE_ORIGINALS "/%s/%s", t->name, t->release, t->arch);
}

char *tree_origin_of(const char *archive)
{
	return xasprintf("%s" ORIGIN, archive);
}

bool tree_is_origin(const char *file)
{
	return tree_has_suffix(file, ORIGIN);
}

char *tree_post_transaction_log(const struct engine *e)
{
	return tree_path(e, "post_transaction.log");
}

char *tree_source_dir(const struct engine *e, const char *name, const char *version)
{
	return engine_source(e, "%s-%s", name, version);
}

/* ---- .native ---- */

char *tree_native_dir(const struct engine *e)
{
	return tree_path(e, NATIVE);
}

char *tree_native_folder(const struct engine *e, size_t number)
{
	static const char *const names[] = {
		LOCK,	   PENDING, NATIVE "/broken", NATIVE "/lost", DAMAGED, WORKSPACES, STAGING,
		KEPT_LOGS, CACHE,   COMPILED,	      HEADERS,	      REPLAY,
	};

	return number < ARRAY_SIZE(names) ? tree_path(e, "%s", names[number]) : NULL;
}

char *tree_ledger_path(const struct engine *e, enum ledger_file file)
{
	return tree_path(e, NATIVE "/%s", ledger_file_name(file));
}

void tree_journal_place(const struct engine *e, struct journal_place *ret)
{
	*ret = (struct journal_place){
		.root = &e->root,
		.dir = tree_path(e, JOURNAL),
		.lock = tree_path(e, LOCK "/tree"),
		.broken = tree_path(e, NATIVE "/broken"),
		.lost = tree_path(e, NATIVE "/lost"),
		.trees = STRV_INIT,
	};
	strv_add(&ret->trees, e->dkms_tree);
	strv_add(&ret->trees, e->source_tree);
	strv_add(&ret->trees, e->install_tree);
	strv_add(&ret->trees, "/etc/depmod.d");
}

char *tree_damaged_dir(const struct engine *e)
{
	return tree_path(e, DAMAGED);
}

char *tree_damaged_run(const struct engine *e, const char *run_id)
{
	return tree_path(e, DAMAGED "/%s", run_id);
}

char *tree_damaged_path(const struct engine *e, const char *run_id, const char *name)
{
	return tree_path(e, DAMAGED "/%s/%s", run_id, name);
}

bool tree_is_work_copy(const char *rel)
{
	const char *rest = strchr(rel, '/');

	return rest && strncmp(rest, "/build", 6) == 0 && (!rest[6] || rest[6] == '/');
}

bool tree_is_not_believed(const char *rel)
{
	return tree_after_prefix(rel, "build/") || tree_after_prefix(rel, "damaged/") ||
	       tree_after_prefix(rel, "lost/") || tree_after_prefix(rel, "replay/");
}

char *tree_journal_lock(const struct engine *e, const char *run_id)
{
	return journal_lock_path(&e->place, run_id);
}

char *tree_pending_dir(const struct engine *e)
{
	return tree_path(e, PENDING);
}

static const char *const pending_names[] = {
	[PENDING_DEPMOD] = DEPMOD,
	[PENDING_INITRAMFS] = INITRAMFS,
};

char *tree_pending_mark(const struct engine *e, enum pending_kind kind, const char *release)
{
	return tree_path(e, PENDING "/%s%s", pending_names[kind], release);
}

const char *tree_pending_release(enum pending_kind kind, const char *name)
{
	return tree_after_prefix(name, pending_names[kind]);
}

char *tree_workspaces_dir(const struct engine *e)
{
	return tree_path(e, WORKSPACES);
}

char *tree_workspaces_of(const struct engine *e, const char *name, const char *version)
{
	return tree_path(e, WORKSPACES "/%s/%s", name, version);
}

char *tree_workspace(const struct engine *e, const struct target *t)
{
	return tree_path(e, WORKSPACES "/%s/%s/%s-%s", t->name, t->version, t->release, t->arch);
}

char *tree_workspace_staged(const struct engine *e, const struct target *t)
{
	AUTO_FREE char *own = tree_workspace(e, t);

	return xasprintf("%s" STAGED, own);
}

char *tree_workspace_outbox(const struct engine *e, const struct target *t)
{
	AUTO_FREE char *own = tree_workspace(e, t);

	return xasprintf("%s" OUTBOX, own);
}

char *tree_workspace_lock(const struct engine *e, const struct target *t)
{
	AUTO_FREE char *own = tree_workspace(e, t);

	return xasprintf("%s" LOCK_SUFFIX, own);
}

bool tree_is_workspace_lock(const char *name)
{
	return tree_has_suffix(name, LOCK_SUFFIX);
}

char *tree_workspace_by_lock(const char *lock)
{
	return xstrndup(lock, strlen(lock) - strlen(LOCK_SUFFIX));
}

char *tree_workspace_staged_by_lock(const char *lock)
{
	AUTO_FREE char *own = tree_workspace_by_lock(lock);

	return xasprintf("%s" STAGED, own);
}

char *tree_workspace_outbox_by_lock(const char *lock)
{
	AUTO_FREE char *own = tree_workspace_by_lock(lock);

	return xasprintf("%s" OUTBOX, own);
}

char *tree_replay_room(const struct engine *e, const struct target *t)
{
	return tree_path(e, REPLAY "/%s/%s/%s-%s", t->name, t->version, t->release, t->arch);
}

char *tree_replay_room_by_lock(const struct engine *e, const char *lock)
{
	AUTO_FREE char *all = tree_path(e, WORKSPACES);
	AUTO_FREE char *own = tree_workspace_by_lock(lock);

	return tree_path(e, REPLAY "%s", own + strlen(all));
}

char *tree_compiled_dir(const struct engine *e)
{
	return tree_path(e, COMPILED);
}

char *tree_compiled_of(const struct engine *e, const char *name)
{
	return tree_path(e, COMPILED "/%s", name);
}

char *tree_compiled_lock(const struct engine *e)
{
	return tree_path(e, LOCK "/compiled");
}

char *tree_headers_dir(const struct engine *e)
{
	return tree_path(e, HEADERS);
}

char *tree_headers_table(const struct engine *e, const char *release)
{
	return tree_path(e, HEADERS "/%s", release);
}

char *tree_staging_dir(const struct engine *e)
{
	return tree_path(e, STAGING);
}

char *tree_staging_run(const struct engine *e, const char *run_id)
{
	return tree_path(e, STAGING "/%s", run_id);
}

char *tree_staging_lock(const struct engine *e, const char *run_id)
{
	return tree_path(e, STAGING "/%s/lock", run_id);
}

char *tree_import_dir(const struct engine *e, const char *run_id)
{
	return engine_source(e, IMPORT "%s", run_id);
}

const char *tree_import_run(const char *name)
{
	return tree_after_prefix(name, IMPORT);
}

char *tree_depmod_base(const struct engine *e, const char *release)
{
	return tree_path(e, NATIVE "/" DEPMOD "%s", release);
}

const char *tree_depmod_base_release(const char *name)
{
	return tree_after_prefix(name, DEPMOD);
}

char *tree_kept_logs_dir(const struct engine *e)
{
	return tree_path(e, KEPT_LOGS);
}

char *tree_kept_logs_of(const struct engine *e, const char *name, const char *version)
{
	return tree_path(e, KEPT_LOGS "/%s/%s", name, version);
}

char *tree_kept_log(const struct engine *e, const struct target *t)
{
	AUTO_FREE char *folder = tree_kept_logs_of(e, t->name, t->version);

	return xasprintf("%s/%s-%s" KEPT_LOG, folder, t->release, t->arch);
}

bool tree_is_kept_log_for(const char *name, const char *release)
{
	const char *arch = tree_after_prefix(name, release);

	/*
	 * We assume that no architecture has a dash.  If there is one, the release of this log only
	 * begins with `release`, as 6.1.0-1-rt begins with 6.1.0.
	 */
	return arch && *arch == '-' && !strchr(arch + 1, '-') && tree_has_suffix(arch, KEPT_LOG);
}

char *tree_told_path(const struct engine *e)
{
	return tree_path(e, TOLD);
}

char *tree_cache_dir(const struct engine *e)
{
	return tree_path(e, CACHE);
}

char *tree_cache_path(const struct engine *e, const char *name)
{
	return tree_path(e, CACHE "/%s", name);
}

char *tree_on_failure_log(const struct engine *e)
{
	return tree_path(e, NATIVE "/on_failure.log");
}

char *tree_history_path(const struct engine *e)
{
	return tree_path(e, NATIVE "/history.json");
}

/* ---- locks ---- */

char *tree_lock_dir(const struct engine *e)
{
	return tree_path(e, LOCK);
}

char *tree_target_lock(const struct engine *e, const char *name, const char *release,
		       const char *arch)
{
	return tree_path(e, LOCK "/target-%s-%s-%s", name, release ? release : "all",
			 arch ? arch : "all");
}

bool tree_is_target_lock(const char *file, const char *name)
{
	AUTO_FREE char *prefix = xasprintf("target-%s-", name);

	return tree_after_prefix(file, prefix) != NULL;
}

char *tree_build_lock(const struct engine *e, const char *name, const char *version)
{
	return tree_path(e, LOCK "/build-%s-%s", name, version);
}

char *tree_depmod_lock(const struct engine *e, const char *release)
{
	return tree_path(e, LOCK "/" DEPMOD "%s", release);
}

char *tree_initramfs_lock(const struct engine *e, const char *release)
{
	return tree_path(e, LOCK "/initramfs-%s", release);
}

char *tree_history_lock(const struct engine *e)
{
	return tree_path(e, LOCK "/history");
}

char *tree_mok_lock(const struct engine *e, bool shared)
{
	return shared ? xstrdup("/var/lib/dkms/" LOCK "/mok") : tree_path(e, LOCK "/mok");
}
