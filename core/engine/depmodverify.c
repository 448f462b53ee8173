/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/depmod.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/kerneltree.h"
#include "engine/modinfo.h"
#include "sys/fs.h"

#define OVERRIDE_HEAD \
	"# Made by dkms: without it the loader would prefer another module of this name.\n"

/* "override NAME RELEASE FOLDER" of this release and name? */
static bool is_line_for(const char *line, size_t len, const char *release, const char *name)
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

		if (len && text[0] != '#' && !is_line_for(text, len, release, name)) {
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

static char *override_path(const char *name)
{
	return xasprintf("/etc/depmod.d/dkms-%s.conf", name);
}

static int add_override(const struct engine *e, struct tx *tx, const char *release,
			const char *name, const char *folder)
{
	AUTO_FREE char *path = override_path(name), *text = NULL;
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
	AUTO_FREE char *path = override_path(module), *text = NULL;
	AUTO_BUF struct buf old = BUF_INIT;

	if (fs_read(&e->root, path, 1 << 20, &old) < 0)
		return;
	text = depmod_override_text(old.s, release, module, NULL);
	if (*text)
		tx_put_data(tx, path, text, strlen(text), 0644);
	else
		tx_del(tx, path);
}

/* Does the loader's path lead to the same file as ours? */
static bool finds(const struct engine *e, const char *tree, const char *name, const char *path,
		  char **ret_found)
{
	AUTO_FREE char *ours = NULL, *theirs = NULL;

	if (modinfo_lookup(&e->root, tree, name, ret_found) < 0)
		return false;
	return root_realpath(&e->root, path, &ours) == 0 &&
	       root_realpath(&e->root, *ret_found, &theirs) == 0 && !strcmp(ours, theirs);
}

/* tx NULL: there is no last resort any more. */
static int verify_one(struct engine *e, const char *release, const char *tree, const char *path,
		      struct tx *tx, struct err *err)
{
	const char *file = strrchr(path, '/') + 1;
	AUTO_FREE char *name = kerneltree_module_name(file), *found = NULL, *folder = NULL;
	size_t len = strlen(tree) + 1;
	int r;

	if (!name || strlen(path) <= len || finds(e, tree, name, path, &found))
		return 0;
	/* Taken out by another run since: that is what is to be found. */
	if (!fs_exists(&e->root, path))
		return 0;
	if (!tx)
		return err_set(err, -E_DEPMOD, "the module loader takes %s for %s instead of %s",
			       found ? found : "nothing", name, path);
	folder = xstrndup(path + len, (size_t)(file - 1 - (path + len)));
	log_warning("the module loader would take %s for %s; /etc/depmod.d/dkms-%s.conf makes it "
		    "take %s",
		    found ? found : "nothing", name, name, path);
	r = add_override(e, tx, release, name, folder);
	return r < 0 ? err_sys(err, r, "/etc/depmod.d/dkms-%s.conf", name) : 0;
}

int depmod_verify(struct engine *e, const char *release, const struct strv *paths, struct tx *tx,
		  struct err *err)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	const char *path;
	int r = 0;

	STRV_FOREACH (path, paths)
		if (r == 0)
			r = verify_one(e, release, tree, path, tx, err);
	return r;
}
