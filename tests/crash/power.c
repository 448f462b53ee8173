/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cut_everywhere(): the machine is on an ext4 image that is shut down without flushing its log. */
#include "spoil.h"

#include <err.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/alloc.h"
#include "machine.h"
#include "states.h"
#include "tree.h"

#define EXT4_SHUTDOWN	    _IOR('X', 125, uint32_t)
#define SHUTDOWN_NOLOGFLUSH 2

static int disk = -1;

static void write_image(const char *from, const char *to)
{
	AUTO_FREE char *command = xasprintf("cp --sparse=always '%s' '%s'", from, to);

	if (system(command) != 0)
		errx(1, "%s", command);
}

/* Mount the image on a loop device that vanishes with the mount. */
static void mount_image(const char *path)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int file = open(path, O_RDWR | O_CLOEXEC);
	struct loop_config c = { .fd = (unsigned int)file, .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	char name[32];
	int n = -1, loop = -1;

	if (control < 0 || file < 0)
		err(1, "%s", path);
	for (int i = 0; i < 100; i++) {
		n = ioctl(control, LOOP_CTL_GET_FREE);
		snprintf(name, sizeof(name), "/dev/loop%d", n);
		loop = open(name, O_RDWR | O_CLOEXEC);
		if (loop >= 0 && ioctl(loop, LOOP_CONFIGURE, &c) == 0)
			break;
		if (loop >= 0)
			close(loop);
		loop = -1;
	}
	if (loop < 0 || mount(name, crash.tree, "ext4", 0, NULL) < 0)
		err(1, "mount %s", path);
	close(loop);
	close(file);
	close(control);
	disk = open(crash.tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void unmount_image(void)
{
	close(disk);
	disk = -1;
	for (int i = 0; umount2(crash.tree, 0) < 0; i++) {
		if (i > 200)
			err(1, "umount %s", crash.tree);
		usleep(5000);
	}
}

static void cut(void)
{
	uint32_t flags = SHUTDOWN_NOLOGFLUSH;

	if (ioctl(disk, EXT4_SHUTDOWN, &flags) < 0)
		err(1, "EXT4_IOC_SHUTDOWN");
}

static bool cut_once(const struct operation *op, const struct states *s, const char *clean,
		     unsigned int at)
{
	AUTO_FREE char *what = xasprintf("power cut at %u", at);
	AUTO_FREE char *path = xasprintf("%s/power-%u.img", crash.work, at);
	struct supervised r;

	write_image(clean, path);
	mount_image(path);
	r = run(op->command, SPOIL_POWER, at, 0, cut);
	if (!r.spoilt)
		cut();
	unmount_image();
	mount_image(path);
	crash.points++;
	check_raw(op, s, what);
	recover(op, what);
	check_state(op, s, !r.spoilt && !op->broken, what);
	unmount_image();
	unlink(path);
	return r.spoilt;
}

void cut_everywhere(const struct operation *op)
{
	AUTO_FREE char *empty = xasprintf("%s/empty.img", crash.work);
	AUTO_FREE char *clean = xasprintf("%s/clean.img", crash.work);
	AUTO_FREE char *before = NULL;
	struct states s;
	unsigned int at = 1;

	states_prepare(op, &s, &before);
	write_image(empty, clean);
	tree_empty(crash.tree);
	mount_image(clean);
	tree_copy(before, crash.tree);
	unmount_image();
	while (cut_once(op, &s, clean, at))
		at += crash.stride;
	unlink(clean);
	states_release(&s);
}
