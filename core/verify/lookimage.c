/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/lookimage.h"

#include <string.h>

#include "base/alloc.h"
#include "install/initramfs.h"
#include "install/initramfsconf.h"
#include "sys/fs.h"

/* The generator; on a machine without its programs, e.g. an image from outside, what it left. */
static enum initramfs_kind image_kind(const struct engine *e, const char *release)
{
	enum initramfs_kind kind = initramfs_kind(e, release);

	if (kind == INITRAMFS_NONE && fs_is_dir(&e->root, "/etc/initramfs-tools"))
		return INITRAMFS_TOOLS;
	return kind;
}

/* The images that the generator makes; if it is not known, all that one could have made. */
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

/* Is the module in no image, although the generator's configuration asks for it? */
static void image_ask_configuration(struct engine *e, enum initramfs_kind kind,
				    const struct scene *s, struct scene_module *m)
{
	AUTO_STRV struct strv names = STRV_INIT;
	AUTO_FREE char *found = NULL;

	if (m->image != IMAGE_NONE && m->image != IMAGE_WITHOUT)
		return;
	strv_add(&names, m->name);
	if (kind != INITRAMFS_NONE && initramfs_configured(e, kind, s->release, &names, &found))
		m->image = IMAGE_WANTED;
}

void look_at_images(struct engine *e, struct scene *s)
{
	enum initramfs_kind kind = image_kind(e, s->release);
	AUTO_STRV struct strv images = STRV_INIT, names = STRV_INIT, commands = STRV_INIT;
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
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].ours)
			image_ask_configuration(e, kind, s, &s->v[i]);
	}
	initramfs_commands(e, kind, s->release, &commands);
	s->update = commands.n ? strv_join(&commands, " && ") : NULL;
}
