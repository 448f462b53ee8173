/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dkms.so - the plugin for librpm: after a transaction, run `dkms event` once.
 *
 * It runs inside rpm, dnf or PackageKit.  Its hooks always return RPMRC_OK, because a failing hook
 * makes the transaction fail, or even all transactions.  The plugin prints through rpmlog only.  It
 * starts a process only if the transaction touched kernels, headers or module sources, or if
 * requests of scriptlets wait.  The requests may be left from an earlier transaction that was
 * killed.  If our packages were removed in the transaction, it starts what rpmlast has left.
 */
#include "hooks/rpm/plugin-abi.h"

#include <fcntl.h>
#include <errno.h>
#include <rpm/rpmlog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "engine/treepath.h"
#include "hooks/rpm/changes.h"
#include "hooks/common/deliver.h"
#include "model/ledger.h"
#include "packages/rpmscript.h"

#define REQUESTS_MAX 65536

/* Transactions that change no file on the disk. */
#define NOT_FOR_US (RPMTRANS_FLAG_TEST | RPMTRANS_FLAG_JUSTDB)

static rpmRC plugin_init(rpmPlugin plugin, rpmts ts)
{
	(void)ts;
	rpmPluginSetData(plugin, xcalloc(1, sizeof(struct changes)));
	return RPMRC_OK;
}

static void plugin_cleanup(rpmPlugin plugin)
{
	struct changes *c = rpmPluginGetData(plugin);

	rpmPluginSetData(plugin, NULL);
	if (c)
		changes_release(c);
	free(c);
}

static rpmRC plugin_tsm_pre(rpmPlugin plugin, rpmts ts)
{
	struct changes *c = rpmPluginGetData(plugin);

	if (rpmtsFlags(ts) & NOT_FOR_US)
		changes_release(c);
	else
		changes_begin(c, ts);
	return RPMRC_OK;
}

/*
 * librpm calls this inside the root, for each element.  It also calls this for the scripts that run
 * before and after the element; in these calls `te` has no file list.
 */
static rpmRC plugin_psm_post(rpmPlugin plugin, rpmte te, int res)
{
	rpmfiles files = rpmteFiles(te);

	if (files && res == RPMRC_OK)
		changes_done(rpmPluginGetData(plugin), te);
	rpmfilesFree(files);
	return RPMRC_OK;
}

/*
 * librpm calls this in the child that becomes the scriptlet.  The variable tells a dkms in the
 * scriptlet which process runs the transaction, and that librpm will call plugin_tsm_post().
 */
static rpmRC plugin_scriptlet_fork_post(rpmPlugin plugin, const char *path, int type)
{
	char pid[16];

	(void)plugin;
	(void)path;
	(void)type;
	snprintf(pid, sizeof(pid), "%d", (int)getppid());
	setenv(RPMSCRIPT_VARIABLE, pid, 1);
	return RPMRC_OK;
}

static void plugin_warn(int r, int status)
{
	if (r < 0)
		rpmlog(RPMLOG_WARNING, "dkms could not be started: %s\n", strerror(-r));
	else if (WIFSIGNALED(status))
		rpmlog(RPMLOG_WARNING, "dkms was ended by signal %d; the next run goes on\n",
		       WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		rpmlog(RPMLOG_WARNING,
		       "dkms could not do everything; see what it said, or: dkms status\n");
}

static void plugin_deliver(const char *root, const char *engine, const struct buf *text)
{
	struct deliver d = { .engine = engine, .text = text->s, .len = text->len, .out = -1 };
	int r, status = 0;

	d.root = strcmp(root, "/") == 0 ? NULL : root;
	r = deliver_child(&d, &status);
	if (r == -ENOENT)
		rpmlog(RPMLOG_DEBUG, "dkms: there is no %s in %s\n", engine, root);
	else
		plugin_warn(r, status);
}

/*
 * Is there an engine in this root?  If not, no fork is needed.  An absolute symlink in the path
 * is followed outside of the root, so the answer may be wrong; then exec fails.
 */
static bool plugin_finds_engine(const char *root)
{
	AUTO_FREE char *path = xasprintf("%s/%s", root, DELIVER_ENGINE);

	return faccessat(AT_FDCWD, path, X_OK, 0) == 0;
}

/*
 * Has the script rpmlast left a copy of itself in this root?  It has if our package was removed.
 * Root runs it, so it must be root's alone.
 */
static bool plugin_finds_last(const char *root)
{
	AUTO_FREE char *path = xasprintf("%s" TREE_USUAL_LAST, root);
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* Is there a valid request in the ledger of requests?  Bad lines are ignored, as in the engine. */
static bool plugin_finds_requests(const char *root)
{
	AUTO_FREE char *path = xasprintf("%s" TREE_USUAL_REQUESTS, root);
	AUTO_FREE char *text = NULL;
	AUTO_ERR struct err err = ERR_INIT;
	union ledger_list list = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t len;
	bool found;

	if (fd < 0)
		return false;
	text = xmalloc(REQUESTS_MAX);
	len = read(fd, text, REQUESTS_MAX);
	close(fd);
	if (len <= 0)
		return false;
	if (ledger_parse(LEDGER_REQUESTS, text, (size_t)len, &list, &err) < 0)
		rpmlog(RPMLOG_DEBUG, "dkms: %s: %s\n", path, err.text ? err.text : "damaged");
	found = list.requests.n > 0;
	ledger_release(LEDGER_REQUESTS, &list);
	return found;
}

static rpmRC plugin_tsm_post(rpmPlugin plugin, rpmts ts, int res)
{
	struct changes *c = rpmPluginGetData(plugin);
	const char *root = rpmtsRootDir(ts);
	AUTO_EVENT struct event e = EVENT_INIT;
	AUTO_BUF struct buf text = BUF_INIT;

	(void)res; /* in rpm 6 it is -1 even if only one scriptlet failed; psm_post is exact */
	if (!root)
		root = "/";
	if (!(rpmtsFlags(ts) & NOT_FOR_US) && plugin_finds_last(root))
		plugin_deliver(root, TREE_USUAL_LAST, &text);
	if (!(rpmtsFlags(ts) & NOT_FOR_US) && (changes_any(c) || plugin_finds_requests(root)) &&
	    plugin_finds_engine(root)) {
		changes_event(c, ts, &e);
		event_print(&e, &text);
		plugin_deliver(root, DELIVER_ENGINE, &text);
	}
	changes_release(c);
	return RPMRC_OK;
}

extern struct rpmPluginHooks_s dkms_hooks;
__attribute__((visibility("default"))) struct rpmPluginHooks_s dkms_hooks = {
	.init = plugin_init,
	.cleanup = plugin_cleanup,
	.tsm_pre = plugin_tsm_pre,
	.tsm_post = plugin_tsm_post,
	.psm_post = plugin_psm_post,
	.scriptlet_fork_post = plugin_scriptlet_fork_post,
};
