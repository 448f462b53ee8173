/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "disk.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "conf/open.h"
#include "engine/treepath.h"

void disk_engine(struct engine *e, const char *root, const char *folder)
{
	*e = (struct engine)ENGINE_INIT;
	assert_int_equal(root_open(root, &e->root), 0);
	e->dkms_tree = folder ? xasprintf("%s/dkms", folder) : xstrdup("/var/lib/dkms");
	e->source_tree = folder ? xasprintf("%s/src", folder) : xstrdup("/usr/src");
	e->install_tree = folder ? xasprintf("%s/modules", folder) : xstrdup("/lib/modules");
	e->arch = xstrdup("x86_64");
	e->distro = xstrdup("debian");
	e->run_id = xstrdup("test");
	tree_journal_place(e, &e->place);
}

int disk_setup(void **state)
{
	struct disk *d = xcalloc(1, sizeof(*d));

	umask(022); /* strict_modes */
	d->dir = make_folder();
	disk_engine(&d->e, d->dir, NULL);
	*state = d;
	return 0;
}

int disk_setup_journal(void **state)
{
	struct disk *d;

	disk_setup(state);
	d = *state;
	journal_open(&d->e.journal, &d->e.place, "test");
	return 0;
}

int disk_teardown(void **state)
{
	struct disk *d = *state;
	char *dir = d->dir;

	engine_close(&d->e);
	free(d);
	return remove_folder(dir);
}

char *disk_host(struct disk *d, const char *path)
{
	return xasprintf("%s%s", d->dir, path);
}

static char *with_parents(struct disk *d, const char *path)
{
	char *host = disk_host(d, path);

	for (char *s = host + strlen(d->dir) + 1; (s = strchr(s, '/')); s++) {
		*s = '\0';
		mkdir(host, 0755);
		*s = '/';
	}
	return host;
}

void disk_bytes(struct disk *d, const char *path, const void *data, size_t len)
{
	AUTO_FREE char *host = with_parents(d, path);
	int fd = open(host, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

void disk_file(struct disk *d, const char *path, const char *text)
{
	disk_bytes(d, path, text, strlen(text));
}

void disk_dir(struct disk *d, const char *path)
{
	AUTO_FREE char *host = with_parents(d, path);

	assert_int_equal(mkdir(host, 0755), 0);
}

void disk_link(struct disk *d, const char *path, const char *target)
{
	AUTO_FREE char *host = with_parents(d, path);

	assert_int_equal(symlink(target, host), 0);
}

void disk_remove(struct disk *d, const char *path)
{
	assert_int_equal(fs_remove_tree(&d->e.root, path), 0);
}
