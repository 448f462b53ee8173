/* SPDX-License-Identifier: GPL-2.0-or-later */
/* full_everywhere(): the operation on a disk that has only so much room left. */
#include "spoil.h"

#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "machine.h"
#include "states.h"

/* Fill the disk, except for this many KiB. */
static char *fill(unsigned long left)
{
	char *path = xasprintf("%s/filler", crash.tree);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	static const char block[4096];
	struct statvfs v;

	if (fd < 0)
		err(1, "%s", path);
	for (;;) {
		if (statvfs(crash.tree, &v) < 0 || v.f_bavail * v.f_frsize / 1024 <= left)
			break;
		if (write(fd, block, sizeof(block)) <= 0)
			break;
	}
	fsync(fd);
	close(fd);
	return path;
}

static void check_journal(const struct operation *op, const char *what)
{
	AUTO_STRV struct strv now = STRV_INIT;
	const char *line;

	look(&now);
	STRV_FOREACH (line, &now) {
		if (strncmp(line, "dkms/.native/journal/", 21) == 0)
			violation("%s, %s: recovery on a full disk leaves %s", op->name, what,
				  line);
	}
}

void full_everywhere(const struct operation *op)
{
	static const unsigned int left[] = { 0,	 4,  8,	 12, 16, 20, 24,  28,  32,  40,
					     48, 56, 64, 72, 80, 96, 112, 128, 160, 200 };
	AUTO_FREE char *before = NULL;
	struct states s;

	states_prepare(op, &s, &before);
	for (size_t i = 0; i < ARRAY_SIZE(left); i += crash.stride) {
		AUTO_FREE char *what = xasprintf("%u KiB left", left[i]);
		AUTO_FREE char *filler = NULL;
		struct supervised r;

		machine_reset(before);
		filler = fill(left[i]);
		r = run(op->command, SPOIL_NOTHING, 0, 0, NULL);
		crash.points++;
		check_raw(op, &s, what);
		/* Still full: recovery only unlinks and renames, but depmod needs room. */
		run("event", SPOIL_NOTHING, 0, 0, NULL);
		check_raw(op, &s, what);
		check_journal(op, what);
		unlink(filler);
		recover(op, what);
		check_state(op, &s, r.status == 0 && !op->broken, what);
	}
	states_release(&s);
}
