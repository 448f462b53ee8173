/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "confine/inside.h"
#include "engine/treepath.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/looks.h"
#include "sys/proc.h"

#define PASSWD_MAX (4 << 20) /* bytes */

enum { GROUP_PROCESSES = 4096 }; /* of one build, where it has a control group */

struct confine_machine {
	char *no_user; /* why there is no user for builds; NULL: there is one */
	bool tried;    /* the members after gid are known */
	uid_t uid;
	gid_t gid;
	enum confine_tier tier;
	bool lowered; /* the user exists, but not all works */
	char *why;
	unsigned int landlock;
};

const char *confine_tier_name(enum confine_tier tier)
{
	static const char *const names[] = { "none", "uid", "partial", "full" };

	return names[tier];
}

enum confine_tier confine_tier_parse(const char *name)
{
	for (int i = CONFINE_FULL; name && i > CONFINE_NONE; i--) {
		if (strcmp(name, confine_tier_name((enum confine_tier)i)) == 0)
			return (enum confine_tier)i;
	}
	return CONFINE_NONE;
}

void confine_release(struct confine *c)
{
	cgroup_free(c->group);
	free(c->why);
	strv_release(&c->write);
	strv_release(&c->show);
	strv_release(&c->hide);
	free(c->tmp);
	free(c->outbox);
	free(c->outbox_at);
	*c = (struct confine)CONFINE_INIT;
}

void confine_forget(struct engine *e)
{
	if (e->confine) {
		free(e->confine->no_user);
		free(e->confine->why);
	}
	free(e->confine);
	e->confine = NULL;
}

/* ---- which user ---- */

/* Fill m->uid and m->gid from a line NAME:x:UID:GID:... of passwd(5). */
static bool confine_line_is_user(const char *line, const char *name, struct confine_machine *m)
{
	size_t len = strlen(name);
	unsigned int uid, gid;

	if (strncmp(line, name, len) != 0 || line[len] != ':')
		return false;
	if (sscanf(line + len, ":%*[^:]:%u:%u:", &uid, &gid) != 2 &&
	    sscanf(line + len, "::%u:%u:", &uid, &gid) != 2)
		return false;
	m->uid = uid;
	m->gid = gid;
	return true;
}

/*
 * Look up the user in the /etc/passwd of e->root, which may be another machine's.  getpwnam(3)
 * would look on this machine, and it would load libraries of the name service.  Returns NULL, or a
 * text that says why there is no such user; caller frees.
 */
static char *confine_find_user(const struct engine *e, struct confine_machine *m)
{
	const char *name = settings_get(&e->settings, SET_CONFINE_USER), *line;
	AUTO_BUF struct buf passwd = BUF_INIT;
	AUTO_STRV struct strv lines = STRV_INIT;
	int r = fs_read(&e->root, "/etc/passwd", PASSWD_MAX, &passwd);

	if (r < 0)
		return xasprintf("/etc/passwd cannot be read: %s", error_text(r));
	strv_split(&lines, passwd.s, "\n");
	STRV_FOREACH (line, &lines) {
		if (!confine_line_is_user(line, name, m))
			continue;
		if (m->uid && m->gid)
			return NULL;
		return xasprintf("the user %s is root", name);
	}
	return xasprintf("there is no user %s", name);
}

/* ---- what works here ---- */

/* Set everything up as for a build that may write nothing.  Returns 0 or -errno. */
static int confine_try(const struct engine *e, const struct confine_machine *m,
		       enum confine_tier tier)
{
	struct confine c = CONFINE_INIT;
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	int r;

	c.tier = tier;
	c.uid = m->uid;
	c.gid = m->gid;
	c.landlock = m->landlock;
	c.probe = true;
	strv_add(&spec.argv, "/");
	spec.root = &e->root;
	spec.quiet = true;
	confine_child(&c, &spec);
	r = proc_run(&spec, &res);
	if (r == 0 && (res.end != PROC_EXITED || res.status != 0))
		r = -EPROTO;
	return r;
}

/*
 * Every build writes to /dev/null.  Where that is no device, in an image without /dev, the shell of
 * root makes a file of that name; another user's cannot, and its build fails.
 */
static bool confine_has_null(const struct engine *e)
{
	struct stat st;

	return fs_stat(&e->root, "/dev/null", &st) == 0 && S_ISCHR(st.st_mode) &&
	       (st.st_mode & S_IWOTH);
}

static void confine_lower(struct confine_machine *m, enum confine_tier tier, char *why)
{
	m->tier = tier;
	free(m->why);
	m->why = why;
}

static void confine_look(const struct engine *e, struct confine_machine *m)
{
	int r;

	m->tier = CONFINE_NONE;
	if (geteuid() != 0 || m->no_user) {
		m->why = xstrdup(geteuid() != 0 ? "only root can change the user" : m->no_user);
		return;
	}
	m->landlock = landlock_version();
	r = confine_try(e, m, CONFINE_FULL);
	if (r == 0) {
		confine_lower(m, CONFINE_FULL, xstrdup(""));
		return;
	}
	m->lowered = true;
	confine_lower(m, m->landlock ? CONFINE_PARTIAL : CONFINE_UID,
		      xasprintf("%s: %s%s",
				r == -EINVAL
					? "neither \"/\" nor /proc is a mount point (a chroot?)"
					: "no namespaces and mounts of its own",
				error_text(r), m->landlock ? "" : "; the kernel has no Landlock"));
	r = confine_try(e, m, m->tier);
	if (r < 0)
		confine_lower(m, CONFINE_NONE,
			      xasprintf("user and filter of system calls: %s", error_text(r)));
	else if (!confine_has_null(e))
		confine_lower(m, CONFINE_NONE, xstrdup("its user cannot write to /dev/null"));
}

/* The user is looked up once a run.  An event asks for it once for each failure. */
static struct confine_machine *confine_user(struct engine *e)
{
	if (!e->confine) {
		e->confine = xcalloc(1, sizeof(*e->confine));
		e->confine->no_user = confine_find_user(e, e->confine);
	}
	return e->confine;
}

static const struct confine_machine *confine_machine(struct engine *e)
{
	struct confine_machine *m = confine_user(e);

	if (!m->tried) {
		m->tried = true;
		confine_look(e, m);
		log_debug("confinement of builds: %s%s%s", confine_tier_name(m->tier),
			  *m->why ? ": " : "", m->why);
	}
	return m;
}

/* ---- what decides about it ---- */

static bool confine_is_mount(const char *path)
{
#ifdef STATX_ATTR_MOUNT_ROOT
	struct statx st;

	return statx(AT_FDCWD, path, 0, STATX_TYPE, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
#else
	(void)path;
	return false;
#endif
}

/* In a chroot in which neither is a mount point, nothing can be mounted. */
static bool confine_has_mount(void)
{
	return confine_is_mount("/") || confine_is_mount("/proc");
}

char *confine_key(struct engine *e, const char *name)
{
	const char *how = settings_get(&e->settings, SET_CONFINE);
	const struct confine_machine *m = confine_user(e);
	AUTO_FREE char *path = exceptions_path(name);
	AUTO_BUF struct buf text = BUF_INIT, b = BUF_INIT;
	int r;

	if (strcmp(how, "off") == 0 || m->no_user)
		return xstrdup("");
	/*
	 * The text depends on Landlock, the bounding set and the mount at "/", of which no file
	 * tells.
	 */
	looks_blind(e->root.looks);
	r = fs_read(&e->root, path, EXCEPTIONS_MAX, &text);
	/* The bounding set is that of the container, whoever asks. */
	buf_addf(&b, "%s %u %u %u %d %d %d %d\n%s", how, m->uid, m->gid, landlock_version(),
		 prctl(PR_CAPBSET_READ, (unsigned long)CAP_SYS_ADMIN, 0, 0, 0), confine_has_mount(),
		 confine_has_null(e), r == -ENOTDIR ? -ENOENT : r, r < 0 ? "" : text.s);
	return buf_detach(&b);
}

/* ---- for one child ---- */

void confine_hide(struct confine *c, const struct engine *e, const char *path)
{
	AUTO_FREE char *real = NULL;

	if (path[0] == '/' && root_realpath(&e->root, path, &real) == 0)
		strv_add(&c->hide, real);
}

static void confine_add(const struct engine *e, const char *path, struct strv *to)
{
	AUTO_FREE char *real = NULL;

	if (root_realpath(&e->root, path, &real) == 0 && fs_is_dir(&e->root, real) &&
	    strcmp(real, "/") != 0 && !strv_has(to, real))
		strv_add(to, real);
}

void confine_write(struct confine *c, const struct engine *e, const char *path)
{
	if (c->tier != CONFINE_NONE)
		confine_add(e, path, &c->write);
}

void confine_show(struct confine *c, const struct engine *e, const char *path)
{
	if (c->tier != CONFINE_NONE)
		confine_add(e, path, &c->show);
}

void confine_outbox(struct confine *c, const struct engine *e, const char *path, const char *at)
{
	if (c->tier == CONFINE_FULL && root_realpath(&e->root, path, &c->outbox) == 0 &&
	    root_realpath(&e->root, at, &c->outbox_at) < 0)
		free(TAKE(c->outbox));
}

static int confine_take_exceptions(struct confine *c, const struct engine *e, const char *name,
				   struct err *err)
{
	AUTO_EXCEPTIONS struct exceptions x = EXCEPTIONS_INIT;
	AUTO_FREE char *path = exceptions_path(name);
	const char *folder;
	int r = exceptions_read(e, name, &x, err);

	if (r < 0)
		return r;
	if (x.off) {
		c->tier = CONFINE_NONE;
		c->lowered = false;
		free(c->why);
		c->why = xasprintf("\"off\" in %s", path);
		return 0;
	}
	c->network = x.network;
	STRV_FOREACH (folder, &x.write)
		confine_write(c, e, folder);
	STRV_FOREACH (folder, &x.read)
		confine_show(c, e, folder);
	return 0;
}

/*
 * Show our own trees.  Hide what is not the child's business: the key, also where the settings have
 * put it, and the folders of other builds, which belong to the same user.
 */
static void confine_place(struct confine *c, const struct engine *e)
{
	AUTO_FREE char *workspaces = tree_workspaces_dir(e);

	/* If tmp_location is "/", ignore it: everything would become writable. */
	if (root_realpath(&e->root, settings_get(&e->settings, SET_TMP_LOCATION), &c->tmp) < 0 ||
	    strcmp(c->tmp, "/") == 0 || strcmp(c->tmp, "/tmp") == 0)
		free(TAKE(c->tmp));
	confine_show(c, e, e->dkms_tree);
	confine_show(c, e, e->source_tree);
	confine_show(c, e, e->install_tree);
	confine_hide(c, e, workspaces);
	confine_hide(c, e, "/var/lib/dkms/mok.key");
	confine_hide(c, e, "/var/lib/shim-signed/mok/MOK.priv");
}

int confine_choose(struct engine *e, const char *name, struct confine *ret, struct err *err)
{
	const char *how = settings_get(&e->settings, SET_CONFINE);
	const struct confine_machine *m = NULL;
	int r = 0;

	*ret = (struct confine)CONFINE_INIT;
	if (strcmp(how, "off") == 0) {
		ret->why =
			xasprintf("confine=off (%s)", settings_source(&e->settings, SET_CONFINE));
		return 0;
	}
	m = confine_machine(e);
	ret->tier = m->tier;
	ret->why = xstrdup(m->why);
	ret->lowered = m->lowered;
	ret->uid = m->uid;
	ret->gid = m->gid;
	ret->landlock = m->landlock;
	if (name)
		r = confine_take_exceptions(ret, e, name, err);
	if (r < 0)
		return r;
	if (strcmp(how, "require") == 0 && ret->tier != CONFINE_FULL)
		return err_set(err, -E_CONFINE,
			       "confine=require (%s), but builds cannot be confined fully here: %s",
			       settings_source(&e->settings, SET_CONFINE), ret->why);
	if (ret->tier != CONFINE_NONE) {
		ret->group = cgroup_make(GROUP_PROCESSES, &ret->group_why);
		confine_place(ret, e);
	}
	return 0;
}

void confine_child(const struct confine *c, struct proc_spec *spec)
{
	if (c->tier == CONFINE_NONE)
		return;
	spec->enter = inside_enter;
	spec->kill = inside_kill;
	spec->enter_data = c;
}

void confine_log(const struct confine *c, struct makelog *log)
{
	if (c->tier == CONFINE_NONE)
		return;
	log->enter = inside_enter;
	log->kill = inside_kill;
	log->enter_data = c;
	log->confined = confine_tier_name(c->tier);
}

bool confine_out_of_memory(const struct confine *c)
{
	return c->group && cgroup_out_of_memory(c->group);
}

/* ---- the build folder ---- */

struct confine_giving {
	uid_t from, uid;
	gid_t gid;
	int folder;
};

/*
 * The folders above `rel` have been given away before.  Where builds share one "/", another build
 * of the same user can replace such a folder by a link to /etc.  So do not go through a link.
 */
static int confine_give_one(const char *rel, const struct stat *st, void *data)
{
	const struct confine_giving *g = data;
	AUTO_FD int fd = fd_open_beneath(g->folder, rel, O_PATH);
	struct stat now;

	(void)st;
	if (fd < 0)
		return fd;
	/* The build may have made a hard link to a file of somebody else: leave that file alone. */
	if (fstat(fd, &now) < 0 || now.st_uid != g->from)
		return 0;
	return fchownat(fd, "", g->uid, g->gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int confine_give_to(uid_t from, uid_t uid, gid_t gid, const struct engine *e,
			   const char *folder)
{
	AUTO_FD int fd = -1;
	struct confine_giving g = { from, uid, gid, -1 };

	fd = root_openat(&e->root, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	if (fchown(fd, uid, gid) < 0)
		return -errno;
	g.folder = fd;
	return fs_walk(&e->root, folder, confine_give_one, &g);
}

int confine_give(const struct confine *c, const struct engine *e, const char *folder)
{
	return c->tier == CONFINE_NONE ? 0 : confine_give_to(0, c->uid, c->gid, e, folder);
}

int confine_take_back(const struct confine *c, const struct engine *e, const char *folder)
{
	return c->tier == CONFINE_NONE ? 0 : confine_give_to(c->uid, 0, 0, e, folder);
}
