/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/lookimage.h"

#include <string.h>

#include "base/alloc.h"
#include "install/initramfs.h"
#include "install/initramfsconf.h"
#include "sys/fs.h"

/*
 * The generator of the initramfs.  If its programs are missing, e.g. where the root is an image
 * that is mounted, the folder of initramfs-tools still shows that this was the generator.
 */
static enum initramfs_kind image_kind(const struct engine *e, const char *release)
{
	enum initramfs_kind kind = initramfs_kind(e, release);

	if (kind == INITRAMFS_NONE && fs_is_dir(&e->root, "/etc/initramfs-tools"))
		return INITRAMFS_TOOLS;
	return kind;
}

/*
 * The images that the generator makes.  If it is not known or has made none, look for those of each
 * other generator, up to the first that has some.
 */
static void image_list(const struct engine *e, enum initramfs_kind kind, const char *release,
		       struct strv *ret)
{
	static const enum initramfs_kind all[] = { INITRAMFS_DRACUT, INITRAMFS_MKINITCPIO,
						   INITRAMFS_BOOSTER };

	if (kind != INITRAMFS_NONE)
		initramfs_images(e, kind, release, ret);
	for (size_t i = 0; i < ARRAY_SIZE(all) && !ret->n; i++)
		initramfs_images(e, all[i], release, ret);
}

void look_image_paths(const struct engine *e, const char *release, struct strv *ret)
{
	image_list(e, image_kind(e, release), release, ret);
}

static void image_set(struct scene_module *m, enum scene_image state, const char *path,
		      const char *why)
{
	m->image = state;
	free(m->image_path);
	free(m->image_why);
	m->image_path = xstrdup(path);
	m->image_why = xstrdup(why);
}

/* An image can also have modules of other kernels. */
static bool image_is_of_kernel(const struct image_module *i, const char *release)
{
	AUTO_FREE char *folder = xasprintf("modules/%s/", release);

	return strstr(i->path, folder);
}

static void image_compare(const struct image *image, const char *path, const char *release,
			  struct scene_module *m)
{
	bool found = false;

	for (size_t i = 0; i < image->n; i++) {
		const struct image_module *in = &image->v[i];

		if (strcmp(in->name, m->name) != 0 || !image_is_of_kernel(in, release))
			continue;
		found = true;
		if (!str_equal(in->identity, m->identity))
			image_set(m, IMAGE_OTHER, path, NULL);
		else if (m->image != IMAGE_OTHER)
			image_set(m, IMAGE_SAME, path, NULL);
	}
	if (!found && image->problem && m->image != IMAGE_OTHER)
		image_set(m, IMAGE_UNREAD, path, image->problem);
	else if (!found && m->image == IMAGE_NONE)
		image_set(m, IMAGE_WITHOUT, path, NULL);
}

/* The lists of modules in the configuration of a generator. */
struct image_list_place {
	enum initramfs_kind kind;
	const char *path;    /* a file, or a folder with files "*.conf" */
	const char *keys[2]; /* lines that begin with one of them; none: all lines */
};

static const struct image_list_place image_lists[] = {
	{ INITRAMFS_TOOLS, "/etc/initramfs-tools/modules", { NULL } },
	{ INITRAMFS_MKINITCPIO, "/etc/mkinitcpio.conf", { "MODULES=", "MODULES+=" } },
	{ INITRAMFS_MKINITCPIO, "/etc/mkinitcpio.conf.d", { "MODULES=", "MODULES+=" } },
	{ INITRAMFS_DRACUT, "/etc/dracut.conf", { "add_drivers+=", "force_drivers+=" } },
	{ INITRAMFS_DRACUT, "/etc/dracut.conf.d", { "add_drivers+=", "force_drivers+=" } },
};

/* Append those lines of the file that have a list. */
static void image_read_list(const struct engine *e, const struct image_list_place *p,
			    const char *path, struct buf *ret)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	const char *line;

	if (fs_read(&e->root, path, 1 << 20, &text) < 0)
		return;
	strv_split(&lines, text.s, "\n");
	STRV_FOREACH (line, &lines) {
		if (!p->keys[0] || str_begins(line, p->keys[0]) ||
		    (p->keys[1] && str_begins(line, p->keys[1])))
			buf_addf(ret, "%s\n", line);
	}
}

/*
 * Append the lists in which a person names modules.  Scripts that may add a module do not count:
 * what they do on this machine is not known (install/initramfsconf.h).
 */
static void image_read_lists(const struct engine *e, enum initramfs_kind kind, struct buf *ret)
{
	const char *file;

	for (size_t i = 0; i < ARRAY_SIZE(image_lists); i++) {
		const struct image_list_place *p = &image_lists[i];
		AUTO_STRV struct strv files = STRV_INIT;

		if (p->kind != initramfs_generator(e, kind))
			continue;
		if (fs_list(&e->root, p->path, &files) < 0)
			image_read_list(e, p, p->path, ret);
		STRV_FOREACH (file, &files) {
			AUTO_FREE char *path = xasprintf("%s/%s", p->path, file);

			if (str_ends(file, ".conf"))
				image_read_list(e, p, path, ret);
		}
	}
}

/* Is the module in no image, although the generator's configuration asks for it? */
static void image_ask_lists(const char *lists, struct scene_module *m)
{
	AUTO_STRV struct strv names = STRV_INIT;

	if (m->image != IMAGE_NONE && m->image != IMAGE_WITHOUT)
		return;
	strv_add(&names, m->name);
	if (initramfs_config_names(lists, &names))
		m->image = IMAGE_WANTED;
}

void look_at_images(struct engine *e, struct scene *s)
{
	enum initramfs_kind kind = image_kind(e, s->release);
	AUTO_STRV struct strv images = STRV_INIT, names = STRV_INIT, commands = STRV_INIT;
	AUTO_BUF struct buf lists = BUF_INIT;
	const char *path;

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].ours)
			strv_add(&names, s->v[i].name);
	}
	image_list(e, kind, s->release, &images);
	STRV_FOREACH (path, &images) {
		AUTO_IMAGE struct image image = { 0 };

		image_read(e, path, &names, &image);
		for (size_t i = 0; i < s->n; i++) {
			if (s->v[i].ours)
				image_compare(&image, path, s->release, &s->v[i]);
		}
	}
	image_read_lists(e, kind, &lists);
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].ours)
			image_ask_lists(lists.s, &s->v[i]);
	}
	initramfs_commands(e, kind, s->release, &commands);
	s->update = commands.n ? strv_join(&commands, " && ") : NULL;
}
