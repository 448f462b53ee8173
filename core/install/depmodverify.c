/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/depmod.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "module/kerneltree.h"
#include "module/modinfo.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "tree/ours.h"
#include "tree/tree.h"

#define OVERRIDE_HEAD \
	"# Made by dkms: without it the loader would prefer another module of this name.\n"

/* Is the line an "override NAME RELEASE FOLDER" with this name and release? */
static bool depmod_is_override_for(const char *line, size_t len, const char *release,
				   const char *name)
{
	AUTO_FREE char *copy = xstrndup(line, len);
	AUTO_STRV struct strv w = STRV_INIT;

	strv_split(&w, copy, " \t");
	return w.n >= 3 && !strcmp(w.v[0], "override") && !strcmp(w.v[1], name) &&
	       !strcmp(w.v[2], release);
}

char *depmod_override_text(const char *text, const char *release, const char *name,
			   const char *folder)
{
	AUTO_BUF struct buf b = BUF_INIT;
	size_t head = strlen(OVERRIDE_HEAD);

	buf_adds(&b, OVERRIDE_HEAD);
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len && text[0] != '#' && !depmod_is_override_for(text, len, release, name)) {
			buf_add(&b, text, len);
			buf_addch(&b, '\n');
		}
		text += len + (text[len] == '\n');
	}
	if (folder)
		buf_addf(&b, "override %s %s %s\n", name, release, folder);
	if (b.len == head)
		buf_reset(&b);
	return buf_detach(&b);
}

static char *depmod_override_path(const char *name)
{
	return xasprintf("/etc/depmod.d/dkms-%s.conf", name);
}

static int depmod_add_override(const struct engine *e, struct tx *tx, const char *release,
			       const char *name, const char *folder)
{
	AUTO_FREE char *path = depmod_override_path(name), *text = NULL;
	AUTO_BUF struct buf old = BUF_INIT;
	int r = fs_read(&e->root, path, 1 << 20, &old);

	if (r < 0 && r != -ENOENT)
		return r;
	text = depmod_override_text(old.s, release, name, folder);
	tx_mkdir(tx, "/etc/depmod.d");
	tx_put_data(tx, path, text, strlen(text), 0644);
	return 0;
}

void depmod_drop_override(const struct engine *e, struct tx *tx, const char *release,
			  const char *name)
{
	AUTO_FREE char *file = xasprintf("%s.ko", name);
	AUTO_FREE char *module = kerneltree_module_name(file);
	AUTO_FREE char *path = depmod_override_path(module), *text = NULL;
	AUTO_BUF struct buf old = BUF_INIT;

	if (fs_read(&e->root, path, 1 << 20, &old) < 0)
		return;
	text = depmod_override_text(old.s, release, module, NULL);
	if (*text)
		tx_put_data(tx, path, text, strlen(text), 0644);
	else
		tx_del(tx, path);
}

/* The path of the file that the loader takes for the module `name`; NULL: none.  Caller frees. */
static char *depmod_lookup(const struct engine *e, const char *tree, const char *name)
{
	char *found = NULL;

	return modinfo_lookup(&e->root, tree, name, &found) < 0 ? NULL : found;
}

bool depmod_finds(const struct engine *e, const char *release, const char *path)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	AUTO_FREE char *name = NULL, *found = NULL;
	size_t len = strlen(tree);

	/* depmod does not look at files outside of the tree. */
	if (strncmp(path, tree, len) != 0 || path[len] != '/')
		return true;
	name = kerneltree_module_name(strrchr(path, '/') + 1);
	found = name ? depmod_lookup(e, tree, name) : NULL;
	return !name || (found && root_same_place(&e->root, found, path));
}

int depmod_hidden(const struct engine *e, const char *release, const char *path, struct err *err)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	AUTO_FREE char *name = kerneltree_module_name(strrchr(path, '/') + 1);
	AUTO_FREE char *found = depmod_lookup(e, tree, name);

	return err_set(err, -E_DEPMOD, "the module loader takes %s for %s instead of %s",
		       found ? found : "nothing", name, path);
}

int depmod_override(const struct engine *e, const char *release, const char *path, struct tx *tx,
		    struct err *err)
{
	const char *file = strrchr(path, '/') + 1;
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	AUTO_FREE char *name = kerneltree_module_name(file);
	AUTO_FREE char *found = depmod_lookup(e, tree, name), *folder = NULL;
	size_t len = strlen(tree) + 1;
	int r;

	folder = xstrndup(path + len, (size_t)(file - 1 - (path + len)));
	log_warning("the module loader would take %s for %s; /etc/depmod.d/dkms-%s.conf makes it "
		    "take %s",
		    found ? found : "nothing", name, name, path);
	r = depmod_add_override(e, tx, release, name, folder);
	return r < 0 ? err_sys(err, r, "/etc/depmod.d/dkms-%s.conf", name) : 0;
}

void depmod_installed(const struct engine *e, const char *release, struct strv *ret)
{
	AUTO_OURS struct ours ours = { NULL, 0 };

	ours_list(e, release, &ours);
	for (size_t i = 0; i < ours.n; i++)
		strv_add(ret, ours.v[i].module.path);
}

/* ---- checks of what depmod reads ---- */

static int depmod_check_input(const struct engine *e, const char *path, struct err *err)
{
	struct stat st;

	if (fs_stat(&e->root, path, &st) < 0 || S_ISREG(st.st_mode))
		return 0;
	return err_set(err, -E_DEPMOD, "%s is no file, and depmod would wait for it. Remove it.",
		       path);
}

struct depmod_links {
	const struct engine *e;
	const char *tree;
	struct err *err;
};

/* Does the symlink lead to its own folder, or to a folder above? */
static bool depmod_leads_back(const struct engine *e, const char *path)
{
	AUTO_FREE char *folder = path_parent(path);
	AUTO_FREE char *from = NULL, *to = NULL;

	if (root_realpath(&e->root, folder, &from) < 0 || root_realpath(&e->root, path, &to) < 0)
		return false;
	return strcmp(from, to) == 0 || path_is_below(from, to);
}

/*
 * Refuse a symlink that leads into /proc, or back to its own folder or one above it.  depmod
 * follows symlinks to folders, so it would never end.
 */
static int depmod_check_link(const char *rel, const struct stat *st, void *data)
{
	struct depmod_links *l = data;
	AUTO_FREE char *path = S_ISLNK(st->st_mode) ? xasprintf("%s/%s", l->tree, rel) : NULL;
	AUTO_FD int fd = path ? root_openat(&l->e->root, path, O_PATH | O_DIRECTORY, 0) : -1;
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return 0;
	if (fs.f_type == PROC_SUPER_MAGIC)
		return err_set(l->err, -E_DEPMOD,
			       "%s leads to /proc, where depmod would not end. Remove it.", path);
	if (depmod_leads_back(l->e, path))
		return err_set(l->err, -E_DEPMOD,
			       "%s leads back to a folder above it, and depmod would not end. "
			       "Remove it.",
			       path);
	return 0;
}

int depmod_check_inputs(const struct engine *e, const char *release, struct err *err)
{
	static const char *const names[] = { "modules.order", "modules.builtin",
					     "modules.builtin.modinfo" };
	AUTO_FREE char *map = xasprintf("/boot/System.map-%s", release);
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	struct depmod_links links = { e, tree, err };
	int r = depmod_check_input(e, map, err);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *path = engine_modules(e, "%s/%s", release, names[i]);

		r = depmod_check_input(e, path, err);
	}
	return r == 0 ? fs_walk(&e->root, tree, depmod_check_link, &links) : r;
}

struct depmod_sorting {
	const struct engine *e;
	const char *release;
	struct strv *whole;
	size_t damaged;
};

static int depmod_sort_file(const char *rel, const struct stat *st, void *data)
{
	struct depmod_sorting *s = data;
	const char *slash = strrchr(rel, '/');
	AUTO_FREE char *name = kerneltree_module_name(slash ? slash + 1 : rel);
	AUTO_FREE char *path = engine_modules(s->e, "%s/%s", s->release, rel);
	AUTO_MODINFO struct modinfo info = { 0 };
	int r;

	if (!name || S_ISDIR(st->st_mode) || !fs_is_file(&s->e->root, path))
		return 0;
	r = modinfo_read(&s->e->root, path, &info);
	if (r == -E_INTERRUPTED)
		return r;
	if (r == 0 || r == -E_TOOL_MISSING) {
		/*
		 * depmod expects paths below /lib/modules; depmod_spawn() puts the base folder in
		 * front.
		 */
		strv_addf(s->whole, "/lib/modules/%s/%s", s->release, rel);
		return 0;
	}
	log_warning("%s is damaged and depmod dies of it: the module loader will not find it.\n"
		    "Reinstall the package that it came with, or remove it.",
		    path);
	s->damaged++;
	return 0;
}

bool depmod_sort_out(const struct engine *e, const char *release, struct strv *ret_whole)
{
	struct depmod_sorting s = { e, release, ret_whole, 0 };
	AUTO_FREE char *tree = engine_modules(e, "%s", release);

	return fs_walk(&e->root, tree, depmod_sort_file, &s) == 0 && s.damaged;
}
