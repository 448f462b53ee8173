/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * lookimage - compare our modules with their copies in the kernel's images.
 */
#include "verify/image.h"
#include "verify/scene.h"

/*
 * Set `image` of each of our modules, whose `identity` is known already.  Set s->update, too: the
 * command that makes the images anew.
 */
void look_at_images(struct engine *e, struct scene *s);
/* Append the images of the kernel. */
void look_image_paths(const struct engine *e, const char *release, struct strv *ret);
