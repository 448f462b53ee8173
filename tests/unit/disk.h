/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * disk - a throw-away root with an engine on it, for tests of what reads the disk.
 *
 * Paths are absolute inside the root.  disk_setup and disk_teardown are cmocka fixtures; *state is
 * a struct disk *.
 */
#include "base/buf.h"
#include "engine/engine.h"

struct disk {
	char *dir;
	struct engine e;
};

int disk_setup(void **state);
int disk_setup_journal(void **state); /* the same, with an open journal */
int disk_teardown(void **state);
#define DISK_TEST(fn) cmocka_unit_test_setup_teardown(fn, disk_setup, disk_teardown)

/*
 * Open only an engine, on any root; the caller closes it with engine_close().  Its trees are dkms,
 * src and modules in `folder`, or the default ones if `folder` is NULL.
 */
void disk_engine(struct engine *e, const char *root, const char *folder);
/* Each of these functions makes the folders on the way. */
void disk_file(struct disk *d, const char *path, const char *text);
void disk_bytes(struct disk *d, const char *path, const void *data, size_t len);
void disk_dir(struct disk *d, const char *path);
void disk_link(struct disk *d, const char *path, const char *target);
void disk_remove(struct disk *d, const char *path);
/* The path on the host; caller frees. */
char *disk_host(struct disk *d, const char *path);
