/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/owners.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/util.h"
#include "engine/childenv.h"
#include "model/pacmanconf.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define DPKG_INFO "/var/lib/dpkg/info"

#define LIST_MAX (256U << 20)
#define CONF_MAX (1U << 20)

/* Append both spellings of a path below /lib or /usr/lib; append any other path as it is. */
static void owners_spellings(const char *path, struct strv *ret)
{
	if (!strncmp(path, "/usr/lib/", 9)) {
		strv_add(ret, path);
		strv_add(ret, path + 4);
	} else if (!strncmp(path, "/lib/", 5)) {
		strv_add(ret, path);
		strv_addf(ret, "/usr%s", path);
	} else {
		strv_add(ret, path);
	}
}

/* Is the path in the list?  The list has one path per line. */
static bool owners_list_has(const char *list, const char *path)
{
	size_t len = strlen(path);

	for (const char *p = list; (p = strstr(p, path)) != NULL; p += len)
		if ((p == list || p[-1] == '\n') && (p[len] == '\n' || !p[len]))
			return true;
	return false;
}

/*
 * Is one of `paths` in the list?  The list leaves out the first `skip` characters of each path:
 * none, or the leading "/".
 */
static bool owners_list_has_any(const char *list, const struct strv *paths, size_t skip)
{
	const char *path;

	STRV_FOREACH (path, paths)
		if (owners_list_has(list, path + skip))
			return true;
	return false;
}

/* Does the list in `file` have one of the paths?  Returns 1, 0 or -errno. */
static int owners_look_in_list(const struct engine *e, const char *file, const struct strv *paths,
			       size_t skip)
{
	AUTO_BUF struct buf b = BUF_INIT;
	int r = fs_read(&e->root, file, LIST_MAX, &b);

	/* -ENOENT: the package was removed after the folder was listed. */
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : owners_list_has_any(b.s, paths, skip);
}

/* ---- dpkg ---- */

struct owners_lists {
	struct strv names;
	/* The stat of DPKG_INFO, taken before `names` was made.  st_ino 0: not made yet. */
	struct stat folder;
};

struct owners_lists *owners_remember(void)
{
	struct owners_lists *l = xcalloc(1, sizeof(*l));

	*l = (struct owners_lists){ .names = STRV_INIT };
	return l;
}

void owners_forget(struct engine *e)
{
	if (e->owners)
		strv_release(&e->owners->names);
	free(e->owners);
	e->owners = NULL;
}

static bool owners_folder_is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Append the names of those lists that have a path below one of the folders. */
static int owners_lists_below(const struct engine *e, const struct strv *names,
			      const struct strv *folders, struct strv *ret)
{
	const char *name, *folder;

	STRV_FOREACH (name, names) {
		AUTO_FREE char *file = xasprintf("%s/%s", DPKG_INFO, name);
		AUTO_BUF struct buf b = BUF_INIT;
		bool has = false;
		int r = fs_read(&e->root, file, LIST_MAX, &b);

		if (r < 0 && r != -ENOENT)
			return r;
		STRV_FOREACH (folder, folders)
			has = has || strstr(b.s, folder);
		if (r == 0 && has)
			strv_add(ret, name);
	}
	return 0;
}

/*
 * If `path` is in <install_tree>, reduce `names` to the lists that have paths in <install_tree>.
 * Remember them in e->owners.
 */
static int owners_narrow(const struct engine *e, const char *path, struct strv *names)
{
	AUTO_FREE char *modules = xasprintf("%s/", e->install_tree);
	AUTO_STRV struct strv folders = STRV_INIT, found = STRV_INIT;
	struct owners_lists *known = e->owners;
	struct stat now;
	int r = fs_stat(&e->root, DPKG_INFO, &now);

	/*
	 * If the folder changed in the second in which this run began, or later, it may change
	 * again with the same mtime: remember nothing.
	 */
	if (r < 0 || !known || now.st_mtim.tv_sec >= e->begun.tv_sec ||
	    strncmp(path, modules, strlen(modules)) != 0)
		return r;
	if (!known->folder.st_ino || !owners_folder_is_unchanged(&known->folder, &now)) {
		owners_spellings(modules, &folders);
		r = owners_lists_below(e, names, &folders, &found);
		if (r < 0)
			return r;
		strv_release(&known->names);
		strv_add_all(&known->names, &found);
		known->folder = now;
	}
	strv_release(names);
	strv_add_all(names, &known->names);
	return 0;
}

static int owners_dpkg_lists(const struct engine *e, struct strv *ret)
{
	AUTO_STRV struct strv all = STRV_INIT;
	const char *name;
	int r = fs_list(&e->root, DPKG_INFO, &all);

	if (r < 0)
		return r;
	STRV_FOREACH (name, &all)
		if (str_ends(name, ".list"))
			strv_add(ret, name);
	return 0;
}

static enum owner_answer owners_ask_dpkg(const struct engine *e, const struct strv *paths,
					 char **ret)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int r = owners_dpkg_lists(e, &names);

	if (r == 0)
		r = owners_narrow(e, paths->v[0], &names);
	if (r < 0)
		return r == -ENOENT ? OWNER_NOBODY : OWNER_UNKNOWN;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *file = xasprintf("%s/%s", DPKG_INFO, name);

		r = owners_look_in_list(e, file, paths, 0);
		if (r < 0)
			return OWNER_UNKNOWN;
		if (r) {
			*ret = xstrndup(name, strcspn(name, ":"));
			if (str_ends(*ret, ".list"))
				(*ret)[strlen(*ret) - 5] = '\0';
			return OWNER_PACKAGE;
		}
	}
	return OWNER_NOBODY;
}

static char *owners_pacman_database(const struct engine *e)
{
	AUTO_BUF struct buf conf = BUF_INIT;
	bool has = fs_read(&e->root, PACMAN_CONF, CONF_MAX, &conf) == 0;
	AUTO_FREE char *path = pacmanconf_dbpath(has ? conf.s : NULL);

	return xasprintf("%s/local", path);
}

static enum owner_answer owners_ask_pacman(const struct engine *e, const struct strv *paths,
					   char **ret)
{
	AUTO_FREE char *dir = owners_pacman_database(e);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int r = fs_list(&e->root, dir, &names);

	if (r < 0)
		return r == -ENOENT ? OWNER_NOBODY : OWNER_UNKNOWN;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *file = xasprintf("%s/%s/files", dir, name);

		if (!strcmp(name, "ALPM_DB_VERSION"))
			continue;
		/* Paths in these lists have no leading slash. */
		r = owners_look_in_list(e, file, paths, 1);
		if (r < 0)
			return OWNER_UNKNOWN;
		if (r) {
			*ret = xstrdup(name);
			return OWNER_PACKAGE;
		}
	}
	return OWNER_NOBODY;
}

static bool owners_has_rpm_database(const struct engine *e)
{
	static const char *const files[] = {
		"/var/lib/rpm/rpmdb.sqlite",	  "/var/lib/rpm/Packages",
		"/var/lib/rpm/Packages.db",	  "/usr/lib/sysimage/rpm/rpmdb.sqlite",
		"/usr/lib/sysimage/rpm/Packages", "/usr/lib/sysimage/rpm/Packages.db",
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (fs_exists(&e->root, files[i]))
			return true;
	return false;
}

static enum owner_answer owners_rpm_query(const struct engine *e, const char *path, char **ret)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	struct proc_result res = { 0 };
	int r;

	strv_split(&spec.argv, "rpm -qf --queryformat %{NAME}\\n --", " ");
	strv_add(&spec.argv, path);
	childenv_tool(&spec.env);
	spec.root = &e->root;
	spec.on_output = proc_collect;
	spec.data = &out;
	spec.output_max = 1 << 16;
	spec.timeout = 60;
	r = proc_run(&spec, &res);
	if (r < 0 || res.end != PROC_EXITED)
		return OWNER_UNKNOWN;
	if (res.status == 0) {
		*ret = xstrndup(out.s, strcspn(out.s, "\n"));
		return OWNER_PACKAGE;
	}
	return strstr(out.s, "is not owned by any package") ||
			       strstr(out.s, "No such file or directory")
		       ? OWNER_NOBODY
		       : OWNER_UNKNOWN;
}

static enum owner_answer owners_ask_rpm(const struct engine *e, const struct strv *paths,
					char **ret)
{
	enum owner_answer answer = OWNER_NOBODY;
	const char *path;

	if (!owners_has_rpm_database(e))
		return OWNER_NOBODY;
	STRV_FOREACH (path, paths)
		if (answer == OWNER_NOBODY)
			answer = owners_rpm_query(e, path, ret);
	return answer;
}

enum owner_answer owners_of(const struct engine *e, const char *path, char **ret_package)
{
	AUTO_STRV struct strv paths = STRV_INIT;
	AUTO_FREE char *package = NULL;
	enum owner_answer answer;

	owners_spellings(path, &paths);
	answer = owners_ask_dpkg(e, &paths, &package);
	if (answer == OWNER_NOBODY)
		answer = owners_ask_pacman(e, &paths, &package);
	if (answer == OWNER_NOBODY)
		answer = owners_ask_rpm(e, &paths, &package);
	log_debug("%s: %s", path,
		  answer == OWNER_NOBODY ? "owned by nobody"
		  : package		 ? package
					 : "owner unknown");
	if (ret_package)
		*ret_package = TAKE(package);
	return answer;
}

/* ---- many files ---- */

struct owners_question {
	char *path;
	size_t index; /* in the array of answers */
};

struct owners_questions {
	struct owners_question *v; /* both spellings of each path, sorted */
	size_t n;
	enum owner_answer *answers;
};

static int owners_compare_questions(const void *a, const void *b)
{
	const struct owners_question *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void owners_make_questions(const struct strv *paths, struct owners_questions *q)
{
	const char *path;

	STRV_FOREACH (path, paths) {
		AUTO_STRV struct strv spellings = STRV_INIT;
		const char *spelling;

		owners_spellings(path, &spellings);
		STRV_FOREACH (spelling, &spellings) {
			struct owners_question one = { xstrdup(spelling), i_path };

			VEC_PUSH(q->v, q->n, one);
		}
	}
	qsort(q->v, q->n, sizeof(*q->v), owners_compare_questions);
}

static void owners_questions_release(struct owners_questions *q)
{
	for (size_t i = 0; i < q->n; i++)
		free(q->v[i].path);
	free(q->v);
}

/* Note what one list answers.  The paths in it lack the first `skip` characters. */
static int owners_read_list(const struct engine *e, const char *file, size_t skip,
			    const struct owners_questions *q)
{
	AUTO_BUF struct buf b = BUF_INIT;
	int r = fs_read(&e->root, file, LIST_MAX, &b);
	char *next;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (char *line = b.s; *line; line = next) {
		char spelled[PATH_MAX];
		struct owners_question wanted = { spelled, 0 };
		const struct owners_question *found;
		size_t len = strcspn(line, "\n");

		next = line + len + (line[len] == '\n');
		if (skip + len >= sizeof(spelled))
			continue;
		spelled[0] = '/';
		memcpy(spelled + skip, line, len);
		spelled[skip + len] = '\0';
		found = bsearch(&wanted, q->v, q->n, sizeof(*q->v), owners_compare_questions);
		if (found)
			q->answers[found->index] = OWNER_PACKAGE;
	}
	return 0;
}

static int owners_read_dpkg(const struct engine *e, const struct owners_questions *q)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int r = owners_dpkg_lists(e, &names);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		AUTO_FREE char *file = xasprintf("%s/%s", DPKG_INFO, names.v[i]);

		r = owners_read_list(e, file, 0, q);
	}
	return r == -ENOENT ? 0 : r;
}

static int owners_read_pacman(const struct engine *e, const struct owners_questions *q)
{
	AUTO_FREE char *dir = owners_pacman_database(e);
	AUTO_STRV struct strv names = STRV_INIT;
	int r = fs_list(&e->root, dir, &names);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		AUTO_FREE char *file = xasprintf("%s/%s/files", dir, names.v[i]);

		if (strcmp(names.v[i], "ALPM_DB_VERSION") != 0)
			r = owners_read_list(e, file, 1, q);
	}
	return r == -ENOENT ? 0 : r;
}

/* How many files rpm is asked about at once. */
#define RPM_MAX 100

/*
 * Parse what rpm printed about these files, in their order.  The query format was "=\n".  For a
 * file of one package, rpm printed the line "=".  For a file of no package, it printed a line that
 * says so.  Any other output is refused with -EINVAL, e.g. that for a file of two packages.
 */
static int owners_parse_rpm(const char *out, const struct owners_question *const *asked, size_t n,
			    enum owner_answer *answers)
{
	bool has[RPM_MAX];

	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *nobody =
			xasprintf("file %s is not owned by any package\n", asked[i]->path);

		has[i] = str_begins(out, "=\n");
		if (!has[i] && !str_begins(out, nobody))
			return -EINVAL;
		out += has[i] ? 2 : strlen(nobody);
	}
	if (*out)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (has[i])
			answers[asked[i]->index] = OWNER_PACKAGE;
	}
	return 0;
}

static void owners_drop_output(const char *data, size_t len, void *data_arg)
{
	(void)data;
	(void)len;
	(void)data_arg;
}

static int owners_rpm_many(const struct engine *e, const struct owners_question *const *asked,
			   size_t n, enum owner_answer *answers)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	struct proc_result res = { 0 };
	int r;

	strv_split(&spec.argv, "rpm -qf --queryformat =\\n --", " ");
	for (size_t i = 0; i < n; i++)
		strv_add(&spec.argv, asked[i]->path);
	childenv_tool(&spec.env);
	spec.root = &e->root;
	spec.on_output = proc_collect;
	spec.on_error = owners_drop_output;
	spec.data = &out;
	spec.output_max = 1 << 20;
	spec.timeout = 60;
	r = proc_run(&spec, &res);
	if (r == 0 && res.end != PROC_EXITED)
		r = -EIO;
	return r < 0 ? r : owners_parse_rpm(out.s, asked, n, answers);
}

/* Ask rpm about one file at a time: an odd answer about one must not spoil the others. */
static void owners_rpm_each(const struct engine *e, const struct owners_question *const *asked,
			    size_t n, enum owner_answer *answers)
{
	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *package = NULL;
		size_t index = asked[i]->index;

		enum owner_answer answer = owners_rpm_query(e, asked[i]->path, &package);

		/* The other spelling may have been asked before. */
		if (answers[index] != OWNER_PACKAGE && answer != OWNER_NOBODY)
			answers[index] = answer;
	}
}

static void owners_ask_rpm_all(const struct engine *e, const struct owners_questions *q)
{
	const struct owners_question *asked[RPM_MAX];
	size_t n = 0;

	if (!owners_has_rpm_database(e))
		return;
	for (size_t i = 0; i < q->n; i++) {
		struct stat st;

		/* Without merged /usr one spelling is no file; rpm would answer on stderr. */
		if (q->answers[q->v[i].index] != OWNER_PACKAGE &&
		    fs_lstat(&e->root, q->v[i].path, &st) == 0)
			asked[n++] = &q->v[i];
		if (n < RPM_MAX && i + 1 < q->n)
			continue;
		if (n && owners_rpm_many(e, asked, n, q->answers) < 0)
			owners_rpm_each(e, asked, n, q->answers);
		n = 0;
	}
}

void owners_of_all(const struct engine *e, const struct strv *paths, enum owner_answer *answers)
{
	struct owners_questions q = { NULL, 0, answers };
	bool known;

	for (size_t i = 0; i < paths->n; i++)
		answers[i] = OWNER_NOBODY;
	if (!paths->n)
		return;
	owners_make_questions(paths, &q);
	known = owners_read_dpkg(e, &q) == 0;
	known = owners_read_pacman(e, &q) == 0 && known;
	owners_ask_rpm_all(e, &q);
	for (size_t i = 0; i < paths->n && !known; i++) {
		if (answers[i] == OWNER_NOBODY)
			answers[i] = OWNER_UNKNOWN;
	}
	owners_questions_release(&q);
}
