/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dpkgdb - list the kernels, headers and module sources that dpkg's packages ship, as an event.
 *
 *	dpkgdb                    list them (dkms-event(7)) and become `dkms event`
 *	dpkgdb --last             the same, from the prerm of our own package
 *	dpkgdb --kernel RELEASE   from a kernel's own hook: say that this kernel was added, and
 *				  list headers and sources; a source is left out if its package, or
 *				  one that its package depends on, is not unpacked
 *	dpkgdb --print            print the event instead of becoming `dkms event`
 *
 * This is the door to libdpkg.  It is a program of its own because libdpkg is a static library and
 * reports errors by longjmp or exit.
 *
 * The database is read without a lock, so this works while dpkg holds the lock.  libdpkg replays
 * the changes that dpkg has not merged yet (/var/lib/dpkg/updates), so the states of packages are
 * current.  DPKG_ADMINDIR names another database, as for dpkg.
 *
 * Packages are listed if their state is half-installed or later: their files may be on the disk,
 * and the engine looks whether they are.  If the database cannot be read, one line on standard
 * error says so, and the event has no item and no `complete`.
 *
 * Headers are `unready` if their package, or one that it depends on, is not unpacked.  The event
 * has `phase middle` if a package that a build needs is not configured (walk_is_done()): then dpkg
 * may still change how the build ends.  With --last the event is settled, because no other event
 * comes.
 *
 * dpkg tells nobody that a package has been configured.  So when this program sends an event with
 * `phase middle`, it leaves the file DPKGDB_MIDDLE.  As long as the file exists, 90dkms calls this
 * program at the end of each run of apt.
 *
 * When it sends a settled event, it leaves DPKGDB_SETTLED instead, which is as old as that event.
 * If the headers of a kernel have not changed since then, their hook does not activate our trigger
 * (kernel-postinst/header_postinst.d).
 *
 * Before dpkg removes the first package, apt marks every package that is to be removed.  With
 * --last, a kernel with that mark needs no new initramfs.  At other times the mark is not trusted:
 * it may be left from a removal that a kernel's prerm refused.
 */
#define LIBDPKG_VOLATILE_API 1
#include <dpkg/dpkg.h>
#include <dpkg/dpkg-db.h>
#include <dpkg/db-ctrl.h>
#include <dpkg/db-fsys.h>
#include <dpkg/ehandle.h>
#include <dpkg/error.h>
#include <dpkg/program.h>
#include <dpkg/varbuf.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "hooks/common/deliver.h"
#include "hooks/common/itempath.h"
#include "hooks/common/items.h"

/* What is known about an item but does not go into the event. */
struct note {
	struct pkginfo *owner;
	enum itempath_rank rank;
	bool hooks_follow; /* kernel only: its hooks have still to run */
	bool leaving;	   /* a package that ships the item is marked for removal */
	bool unready;	   /* headers only: pkg_is_ready() is false for a package that ships them */
};

/* A package that walk_is_done() has met on its way through the dependencies. */
struct met {
	const struct pkginfo *pkg;
	bool done; /* the result of walk_is_done() */
};

struct listing {
	struct event found;
	struct note *notes; /* one for each item of found, in the same order */
	size_t n;
	struct pkginfo *pkg;	 /* the package whose files are being added */
	struct varbuf text;	 /* the text of its file list */
	bool ready_only;	 /* leave out sources of packages that are not ready */
	struct pkginfo **owners; /* packages that ship items */
	size_t n_owners;
	struct met *met;
	size_t n_met;
};

/*
 * Does `package` own the item, rather than item->package?  The higher rank wins.  If both have the
 * same rank, the first by name wins, so that the owner does not depend on the order of packages.
 */
static bool note_is_outranked(const struct note *note, const struct event_item *item,
			      enum itempath_rank rank, const char *package)
{
	if (!item->package) /* it has just been added */
		return true;
	if (note->rank != rank)
		return note->rank < rank;
	return strcmp(package, item->package) < 0;
}

/*
 * Will the kernel hooks of the package still run?  Debian's kernels run them when they are
 * configured, Ubuntu's in a trigger of their own (linux-update-RELEASE).
 */
static bool pkg_hooks_follow(const struct pkginfo *pkg)
{
	if (pkg->status == PKG_STAT_UNPACKED || pkg->status == PKG_STAT_HALFCONFIGURED)
		return true;
	for (const struct trigpend *t = pkg->trigpend_head; t; t = t->next) {
		if (strncmp(t->name, "linux-update-", 13) == 0)
			return true;
	}
	return false;
}

static bool pkg_is_leaving(const struct pkginfo *pkg)
{
	return pkg->want == PKG_WANT_DEINSTALL || pkg->want == PKG_WANT_PURGE;
}

/* Is a package of this name, or a package that provides this name, unpacked? */
static bool pkgset_is_unpacked(const struct pkgset *set)
{
	for (const struct pkginfo *pkg = &set->pkg; pkg; pkg = pkg->arch_next) {
		if (pkg->status >= PKG_STAT_UNPACKED)
			return true;
	}
	for (const struct deppossi *p = set->depended.installed; p; p = p->rev_next) {
		if (p->up->type == dep_provides && p->up->up->status >= PKG_STAT_UNPACKED)
			return true;
	}
	return false;
}

static bool dependency_is_met(const struct dependency *dep)
{
	for (const struct deppossi *p = dep->list; p; p = p->next) {
		if (pkgset_is_unpacked(p->ed))
			return true;
	}
	return false;
}

/* Are the package and its direct dependencies unpacked?  dpkg unpacks packages in any order. */
static bool pkg_is_ready(const struct pkginfo *pkg)
{
	if (pkg->status < PKG_STAT_UNPACKED)
		return false;
	for (const struct dependency *dep = pkg->installed.depends; dep; dep = dep->next) {
		if ((dep->type == dep_depends || dep->type == dep_predepends) &&
		    !dependency_is_met(dep))
			return false;
	}
	return true;
}

static void listing_note(struct listing *l, const struct itempath *path)
{
	struct event_item *item = items_find(&l->found, path->kind, path->key);
	const char *package = l->pkg->set->name;
	struct note *note;

	if (!item) {
		item = items_add(&l->found, path->kind, path->key, EVENT_PRESENT, NULL, NULL);
		VEC_PUSH(l->notes, l->n, (struct note){ 0 });
	}
	note = &l->notes[item - l->found.items];
	note->hooks_follow |= pkg_hooks_follow(l->pkg);
	note->leaving |= pkg_is_leaving(l->pkg);
	note->unready |= path->kind == OWNED_HEADERS && !pkg_is_ready(l->pkg);
	if (!note_is_outranked(note, item, path->rank, package))
		return;
	note->rank = path->rank;
	note->owner = l->pkg;
	free(item->package);
	free(item->version);
	item->package = xstrdup(package);
	item->version = xstrdup(versiondescribe(&l->pkg->installed.version, vdew_nonambig));
}

static void listing_add_path(struct listing *l, const char *path)
{
	AUTO_ITEMPATH struct itempath item = { 0 };

	if (!itempath_parse(LAYOUT_DPKG, path, &item))
		return;
	if (!l->n_owners || l->owners[l->n_owners - 1] != l->pkg)
		VEC_PUSH(l->owners, l->n_owners, l->pkg);
	if (item.kind != OWNED_SOURCE || !l->ready_only || pkg_is_ready(l->pkg))
		listing_note(l, &item);
}

/* A damaged list may lack files that exist, so the damage is fatal, as it is for dpkg. */
static void listing_add_list(struct listing *l, const char *list)
{
	char *line, *newline, *end = l->text.buf + l->text.used;

	for (line = l->text.buf; line < end; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		if (!newline)
			ohshit("%s: the last line is not whole", list);
		*newline = '\0';
		if (line[0] != '/')
			ohshit("%s: '%.50s' is no absolute path", list, line);
		listing_add_path(l, line);
	}
}

#define LIST_ROOM 65536 /* bytes; nearly all lists are shorter */

/* Lists are regular files: a read that returns less than LIST_ROOM bytes has reached the end. */
static int listing_read_fd(int fd, struct varbuf *text)
{
	ssize_t n;

	varbuf_reset(text);
	do {
		varbuf_grow(text, LIST_ROOM);
		n = read(fd, text->buf + text->used, LIST_ROOM);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			varbuf_trunc(text, text->used + (size_t)n);
	} while (n < 0 || n == LIST_ROOM);
	return 0;
}

/*
 * Read the file `list` into l->text.  Returns 0 or -errno.  There are a thousand lists or more, so
 * all are read into this one buffer.
 */
static int listing_read_list(struct listing *l, const char *list)
{
	int fd = open(list, O_RDONLY | O_NONBLOCK | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = listing_read_fd(fd, &l->text);
	close(fd);
	return r;
}

/*
 * Read the package's file list, which has one path a line (dpkg-query(1), --control-path).
 * libdpkg's own reader enters every path of every package into a table, which takes ten times as
 * long.  For dpkg a missing list is an empty one.  Here it is fatal if the package is unpacked: the
 * package would seem to have no files, and the engine would remove its modules.
 */
static void listing_add_package(struct listing *l, struct pkginfo *pkg)
{
	const char *list = pkg_infodb_get_file(pkg, &pkg->installed, LISTFILE);
	int r = listing_read_list(l, list);

	l->pkg = pkg;
	if (r == 0)
		listing_add_list(l, list);
	else if (r != -ENOENT || pkg->status >= PKG_STAT_UNPACKED)
		ohshit("%s: %s", list, strerror(-r));
}

static void listing_add_all(struct listing *l)
{
	struct pkg_hash_iter *iter = pkg_hash_iter_new();
	struct pkginfo *pkg;

	while ((pkg = pkg_hash_iter_next_pkg(iter))) {
		if (pkg->status >= PKG_STAT_HALFINSTALLED)
			listing_add_package(l, pkg);
	}
	pkg_hash_iter_free(iter);
}

/* ---- is dpkg done with what builds need? ---- */

static bool listing_has_owner(const struct listing *l, const struct pkginfo *pkg)
{
	for (size_t i = 0; i < l->n_owners; i++) {
		if (l->owners[i] == pkg)
			return true;
	}
	return false;
}

static bool pkg_is_own(const struct pkginfo *pkg)
{
	return strcmp(pkg->set->name, PACKAGE_NAME) == 0;
}

/*
 * Is dpkg done with this package, as far as a build can notice?  The scripts of packages with
 * kernels, headers and sources only call us, so these packages need only be unpacked.  The same
 * holds for our own package, which is half-configured while its trigger runs.  Any other package
 * must be configured, or be unpacked and have no postinst.
 */
static bool walk_has_configured(const struct listing *l, struct pkginfo *pkg)
{
	if (listing_has_owner(l, pkg) || pkg_is_own(pkg))
		return pkg->status >= PKG_STAT_UNPACKED;
	return pkg->status >= PKG_STAT_TRIGGERSAWAITED ||
	       (pkg->status == PKG_STAT_UNPACKED &&
		!pkg_infodb_has_file(pkg, &pkg->installed, POSTINSTFILE));
}

static bool walk_needs_are_done(struct listing *l, const struct pkginfo *pkg);

/*
 * Is dpkg done with the package and with all that it depends on?  Versions are not compared: if the
 * version of a dependency does not fit, dpkg does not configure the package.
 */
static bool walk_is_done(struct listing *l, struct pkginfo *pkg)
{
	size_t at = l->n_met;

	for (size_t i = 0; i < at; i++) {
		if (l->met[i].pkg == pkg)
			return l->met[i].done;
	}
	/* In a circle of dependencies a package does not count against itself. */
	VEC_PUSH(l->met, l->n_met, ((struct met){ pkg, true }));
	l->met[at].done = walk_has_configured(l, pkg) && walk_needs_are_done(l, pkg);
	return l->met[at].done;
}

static bool walk_set_is_done(struct listing *l, struct pkgset *set)
{
	for (struct pkginfo *pkg = &set->pkg; pkg; pkg = pkg->arch_next) {
		if (pkg->status >= PKG_STAT_UNPACKED && walk_is_done(l, pkg))
			return true;
	}
	for (const struct deppossi *p = set->depended.installed; p; p = p->rev_next) {
		if (p->up->type == dep_provides && p->up->up->status >= PKG_STAT_UNPACKED &&
		    walk_is_done(l, p->up->up))
			return true;
	}
	return false;
}

static bool walk_dependency_is_done(struct listing *l, const struct dependency *dep)
{
	for (const struct deppossi *p = dep->list; p; p = p->next) {
		if (walk_set_is_done(l, p->ed))
			return true;
	}
	return false;
}

static bool walk_needs_are_done(struct listing *l, const struct pkginfo *pkg)
{
	for (const struct dependency *dep = pkg->installed.depends; dep; dep = dep->next) {
		if ((dep->type == dep_depends || dep->type == dep_predepends) &&
		    !walk_dependency_is_done(l, dep))
			return false;
	}
	return true;
}

/* Does a build use the item?  If `kernel` is not NULL, modules are built for this kernel only. */
static bool item_is_needed(const struct event_item *item, const char *kernel)
{
	if (item->kind == OWNED_HEADERS)
		return !kernel || strcmp(item->key, kernel) == 0;
	return item->kind == OWNED_SOURCE;
}

static bool walk_own_needs_are_done(struct listing *l)
{
	const struct pkgset *set = pkg_hash_find_set(PACKAGE_NAME);

	for (const struct pkginfo *pkg = &set->pkg; pkg; pkg = pkg->arch_next) {
		if (pkg->status >= PKG_STAT_UNPACKED && !walk_needs_are_done(l, pkg))
			return false;
	}
	return true;
}

/* Is dpkg done with all packages that builds need?  `kernel` is as for item_is_needed(). */
static bool listing_is_settled(struct listing *l, const char *kernel)
{
	if (!walk_own_needs_are_done(l))
		return false;
	for (size_t i = 0; i < l->n; i++) {
		const struct event_item *item = &l->found.items[i];

		if (item_is_needed(item, kernel) && !walk_is_done(l, l->notes[i].owner))
			return false;
	}
	return true;
}

/* ---- kernels ---- */

/*
 * If linux-image-K is installed, its state decides whether the hooks of kernel K will still run,
 * because its scripts run them.  Since Debian forky linux-image-K does not ship the kernel itself:
 * it depends on packages that ship the kernel and run no hooks.  If linux-image-K is not installed
 * (Proxmox, Ubuntu's unsigned kernels), the packages that ship the kernel decide: see
 * listing_note().
 */
static void listing_ask_image(const struct event_item *item, struct note *note)
{
	AUTO_FREE char *name = xasprintf("linux-image-%s", item->key);
	const struct pkgset *set = pkg_hash_find_set(name);
	bool follow = false, found = false;

	for (const struct pkginfo *pkg = &set->pkg; pkg; pkg = pkg->arch_next) {
		if (pkg->status < PKG_STAT_HALFINSTALLED)
			continue;
		found = true;
		follow |= pkg_hooks_follow(pkg);
		note->leaving |= pkg_is_leaving(pkg);
	}
	if (found)
		note->hooks_follow = follow;
}

static void listing_ask_images(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->found.items[i].kind == OWNED_KERNEL)
			listing_ask_image(&l->found.items[i], &l->notes[i]);
	}
}

/* ---- the event ---- */

/*
 * Is there a hook in postinst.d that makes a new kernel's initramfs?  The hook of systemd-boot runs
 * kernel-install(8), whose plugins may make one.
 */
static bool kernel_hooks_make_initramfs(void)
{
	static const char *const hooks[] = { "initramfs-tools", "dracut", "zz-systemd-boot" };
	static const char *const folders[] = { "/etc/kernel", "/usr/share/kernel" };

	for (size_t i = 0; i < ARRAY_SIZE(hooks) * ARRAY_SIZE(folders); i++) {
		AUTO_FREE char *path =
			xasprintf("%s/postinst.d/%s", folders[i % ARRAY_SIZE(folders)],
				  hooks[i / ARRAY_SIZE(folders)]);

		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* Complete the items, move them to *ret, and list the kernels that need no initramfs from us. */
static void listing_make_event(struct listing *l, bool last, struct event *ret)
{
	bool follows = kernel_hooks_make_initramfs();

	for (size_t i = 0; i < l->n; i++) {
		struct event_item *item = &l->found.items[i];

		if (l->notes[i].unready)
			item->change = EVENT_UNREADY;
		if (item->kind == OWNED_KERNEL &&
		    ((follows && l->notes[i].hooks_follow) || (last && l->notes[i].leaving)))
			strv_add(&ret->initramfs_follows, item->key);
	}
	strv_sort(&ret->initramfs_follows);
	ret->items = TAKE(l->found.items);
	ret->n = l->found.n;
	l->found.n = 0;
	items_sort(ret);
	items_set_complete(ret, true);
}

static void listing_release(struct listing *l)
{
	event_release(&l->found);
	free(l->notes);
	free(l->owners);
	free(l->met);
	varbuf_destroy(&l->text);
}

/* ---- reading the database, whatever libdpkg does ---- */

struct job {
	struct listing listing;
	struct event event;
	bool settled;	    /* dpkg is done with all that builds need */
	const char *kernel; /* we run in a hook of this kernel; NULL: in no kernel's hook */
	bool reading; /* libdpkg is at work: if it exits, job_at_exit() has to send an event */
	bool fine;    /* the whole database was read */
	bool printing, last; /* --print, --last */
};

/* libdpkg calls this with its error before it jumps back.  Print the error as one line. */
static void job_tell_error(const char *message, const void *data)
{
	AUTO_FREE char *line = xstrdup(message);

	(void)data;
	for (char *p = strchr(line, '\n'); p; p = strchr(p, '\n'))
		*p = ' ';
	fprintf(stderr, "dkms: dpkg's database cannot be read, so nothing new is known: %s\n",
		line);
}

static void job_read_database(struct job *j)
{
	jmp_buf back;

	j->reading = true;
	if (setjmp(back)) {
		pop_error_context(ehflag_bombout);
	} else {
		push_error_context_jump(&back, job_tell_error, NULL);
		j->listing.ready_only = j->kernel;
		modstatdb_open(msdbrw_readonly);
		listing_add_all(&j->listing);
		listing_ask_images(&j->listing);
		j->settled = listing_is_settled(&j->listing, j->kernel);
		listing_make_event(&j->listing, j->last, &j->event);
		modstatdb_shutdown();
		pop_error_context(ehflag_normaltidy);
		j->fine = true;
	}
	j->reading = false;
}

/* ---- the way to the engine ---- */

static int job_print(const struct buf *text, bool fine)
{
	if (fwrite(text->s, 1, text->len, stdout) != text->len || fflush(stdout) != 0)
		return 1;
	return !fine;
}

#define DPKGDB_MIDDLE  "/run/dkms/middle"  /* 90dkms has this path, too */
#define DPKGDB_SETTLED "/run/dkms/settled" /* header_postinst.d/dkms has this path, too */

/*
 * Make DPKGDB_MIDDLE or DPKGDB_SETTLED, and remove the other.  Errors are ignored.  If
 * DPKGDB_MIDDLE is missing, a later event does what is left to do, at the latest the event of the
 * next boot.  If DPKGDB_SETTLED is missing, the headers' hook activates our trigger.
 *
 * DPKGDB_SETTLED is always made anew, and before the engine looks at the headers.  So a later
 * change of the headers is newer than this file.
 */
static void job_note_phase(const struct job *j)
{
	const char *root = getenv("DPKG_ROOT");
	int fd;

	if (root && *root) /* the database is that of another root */
		return;
	unlink(DPKGDB_SETTLED);
	if (!j->event.middle)
		unlink(DPKGDB_MIDDLE);
	mkdir("/run/dkms", 0755);
	fd = open(j->event.middle ? DPKGDB_MIDDLE : DPKGDB_SETTLED,
		  O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd >= 0)
		close(fd);
}

/*
 * Become the engine.  Returns only if the engine cannot be started, e.g. because our package is
 * half removed or half installed.  That is no error, so the result is 0.
 */
static int job_deliver(const struct buf *text)
{
	struct deliver d = { .text = text->s, .len = text->len, .out = -1 };
	int r = deliver_exec(&d);

	fprintf(stderr, "dkms: %s cannot be started: %s\n", DELIVER_ENGINE, strerror(-r));
	return 0;
}

static int job_hand_over(struct job *j)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (j->kernel)
		event_for_kernel(&j->event, j->kernel);
	j->event.middle = !j->settled && !j->last;
	event_print(&j->event, &text);
	if (j->printing)
		return job_print(&text, j->fine);
	if (!j->kernel) /* our trigger follows a kernel's hook, and does this */
		job_note_phase(j);
	return job_deliver(&text);
}

static void job_free(struct job *j)
{
	listing_release(&j->listing);
	event_release(&j->event);
	free(j);
}

/* For on_exit(3): after some errors libdpkg calls exit() and does not use the error context. */
static void job_at_exit(int status, void *data)
{
	struct job *j = data;

	(void)status;
	if (j->reading) {
		fputs("dkms: dpkg's database cannot be read, so nothing new is known.\n", stderr);
		_exit(job_hand_over(j));
	}
	job_free(j);
}

static bool job_parse_args(char **args, struct job *j)
{
	for (; *args; args++) {
		if (strcmp(*args, "--print") == 0)
			j->printing = true;
		else if (strcmp(*args, "--last") == 0)
			j->last = true;
		else if (strcmp(*args, "--kernel") == 0 && args[1])
			j->kernel = *++args;
		else
			return false;
	}
	return !(j->last && j->kernel);
}

int main(int argc, char **argv)
{
	struct job *job = xcalloc(1, sizeof(*job)); /* freed by job_at_exit() */

	job->event = (struct event)EVENT_INIT;
	job->listing.found = (struct event)EVENT_INIT;
	job->event.from = xstrdup("apt");
	if (on_exit(job_at_exit, job) != 0)
		return 1;
	if (argc > 0 && !job_parse_args(argv + 1, job)) {
		fputs("Usage: dpkgdb [--last|--kernel RELEASE] [--print]\n", stderr);
		return 2;
	}
	dpkg_program_init("dpkgdb");
	job_read_database(job);
	return job_hand_over(job);
}
