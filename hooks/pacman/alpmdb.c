/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alpmdb - list the kernels, headers and module sources in pacman's local database as an event, and
 * run `dkms event` with it.  70-dkms.hook starts this program.  This file is the door to libalpm.
 *
 * libalpm runs a hook inside the root and gives it the touched paths on standard input.  It does
 * not tell where the database is, so the database's folder is taken from pacman.conf.  libalpm
 * holds the lock of the database while the hook runs, but reading needs no lock.  When the hook
 * runs, the transaction is over and nothing can be undone, so the exit status is always 0.
 */
#include <alpm.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "hooks/common/deliver.h"
#include "hooks/common/items.h"
#include "hooks/pacman/alpmevent.h"
#include "model/pacmanconf.h"

#define TARGET_MAX 8192 /* bytes in a line; libalpm limits a path to 4096 */

struct options {
	bool hook;	    /* read targets from standard input */
	bool removal;	    /* run by our own pre_remove, after other packages were removed */
	bool print;	    /* print the event instead of delivering it */
	const char *dbpath; /* NULL: from pacman.conf */
};

static void alpmdb_say(const char *text, const char *arg)
{
	printf("dkms: %s%s%s\n", text, arg ? ": " : "", arg ? arg : "");
}

NORETURN static void alpmdb_no_memory(void)
{
	alpmdb_say("there is not enough memory; no module was built", NULL);
	fflush(stdout);
	_exit(0);
}

/* ---- input ---- */

static void alpmdb_read_targets(struct strv *ret)
{
	char line[TARGET_MAX];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0])
			strv_add(ret, line);
	}
	strv_sort(ret);
}

static char *alpmdb_find_database(const struct options *o)
{
	FILE *f = o->dbpath ? NULL : fopen(PACMAN_CONF, "re");
	AUTO_BUF struct buf text = BUF_INIT;
	char chunk[4096];
	size_t n;

	if (o->dbpath)
		return xstrdup(o->dbpath);
	while (f && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&text, chunk, n);
	if (f)
		fclose(f);
	return pacmanconf_dbpath(text.s);
}

static bool alpmdb_on_disk(const char *path)
{
	AUTO_FREE char *full = xasprintf("/%s", path);
	struct stat st;

	return lstat(full, &st) == 0;
}

/* ---- the database ---- */

static void alpmdb_add_package(struct event *e, alpm_pkg_t *pkg, const struct strv *targets)
{
	const alpm_filelist_t *files = alpm_pkg_get_files(pkg);

	for (size_t i = 0; files && i < files->count; i++)
		alpmevent_add_path(e, alpm_pkg_get_name(pkg), alpm_pkg_get_version(pkg),
				   files->files[i].name, targets, alpmdb_on_disk);
}

/*
 * Returns -1 if the database has no package.  Then it is not pacman's, which has at least our own
 * package.
 */
static int alpmdb_add_packages(struct event *e, alpm_handle_t *handle, const struct strv *targets)
{
	alpm_list_t *packages = alpm_db_get_pkgcache(alpm_get_localdb(handle));

	items_set_complete(e, packages != NULL);
	for (alpm_list_t *p = packages; p; p = alpm_list_next(p))
		alpmdb_add_package(e, p->data, targets);
	return packages ? 0 : -1;
}

static int alpmdb_read_database(const struct options *o, const struct strv *targets,
				struct event *e)
{
	AUTO_FREE char *path = alpmdb_find_database(o);
	alpm_errno_t code;
	alpm_handle_t *handle = alpm_initialize("/", path, &code);
	int r;

	if (!handle) {
		alpmdb_say(path, alpm_strerror(code));
		return -1;
	}
	r = alpmdb_add_packages(e, handle, targets);
	if (r < 0)
		alpmdb_say(path, "there is no package in it");
	alpm_release(handle);
	return r;
}

/* ---- the engine ---- */

static void alpmdb_ignore_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	/* The engine gets these signals, too, and ends in good order: wait until it has ended. */
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		signal(signals[i], SIG_IGN);
}

static void alpmdb_deliver(const struct buf *text)
{
	struct deliver d = { .engine = DKMS_PROGRAM, .text = text->s, .len = text->len, .out = -1 };
	int status = 0, r;

	fflush(stdout);
	alpmdb_ignore_signals();
	r = deliver_child(&d, &status);
	if (r < 0)
		alpmdb_say("no module was built: " DKMS_PROGRAM, strerror(-r));
	else if (WIFSIGNALED(status))
		alpmdb_say("it was ended; what is left is done by the next transaction or by "
			   "\"dkms event </dev/null\"",
			   strsignal(WTERMSIG(status)));
}

/* ---- start ---- */

/* Must this program do anything?  No, if another hook builds modules. */
static bool alpmdb_is_wanted(const struct alpm_hooks *hooks)
{
	AUTO_STRV struct strv beside = STRV_INIT;
	const char *rival = alpmevent_rival(hooks, alpmdb_on_disk, &beside), *path;

	if (rival) {
		alpmdb_say("nothing was done, because another hook builds modules too", rival);
		return false;
	}
	STRV_FOREACH (path, &beside)
		alpmdb_say("this hook runs dkms too, and need not", path);
	return true;
}

static void alpmdb_run(const struct options *o)
{
	static const char *const folders[] = { "/usr/share/libalpm/hooks", "/etc/pacman.d/hooks" };
	AUTO_ALPM_HOOKS struct alpm_hooks hooks = { 0 };
	AUTO_STRV struct strv targets = STRV_INIT;
	AUTO_EVENT struct event e = EVENT_INIT;
	AUTO_BUF struct buf text = BUF_INIT;

	if (o->hook)
		alpmdb_read_targets(&targets);
	alpm_hooks_load(folders, ARRAY_SIZE(folders), &hooks);
	if (!o->print && !alpmdb_is_wanted(&hooks))
		return;
	e.from = xstrdup("pacman");
	if (alpmdb_read_database(o, &targets, &e) < 0)
		return;
	alpmevent_add_removed(&e, &targets);
	items_sort(&e);
	/*
	 * pre_remove gets no targets, so add one that stands for the sources of the packages that
	 * were removed.
	 */
	if (o->removal)
		strv_add(&targets, "usr/src/removed/dkms.conf");
	alpmevent_add_follows(&e, &hooks, &targets);
	event_print(&e, &text);
	if (o->print)
		fputs(text.s, stdout);
	else
		alpmdb_deliver(&text);
}

static bool options_parse(int argc, char **argv, struct options *ret)
{
	static const struct option known[] = {
		{ "hook", no_argument, NULL, 'h' },
		{ "removal", no_argument, NULL, 'r' },
		{ "print", no_argument, NULL, 'p' },
		{ "dbpath", required_argument, NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "b:", known, NULL)) != -1) {
		switch (c) {
		case 'h': ret->hook = true; break;
		case 'r': ret->removal = true; break;
		case 'p': ret->print = true; break;
		case 'b': ret->dbpath = optarg; break;
		default: return false;
		}
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };

	/*
	 * pacman may close its end of the socket, so ignore SIGPIPE.  pacman shows whole lines
	 * only, so write whole lines.
	 */
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	alloc_die = alpmdb_no_memory;
	if (options_parse(argc, argv, &o))
		alpmdb_run(&o);
	else
		alpmdb_say("usage: alpmdb [--hook | --removal] [--print] [--dbpath FOLDER]", NULL);
	return 0;
}
