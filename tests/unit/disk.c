/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "disk.h"

#include "test.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "engine/treepath.h"
#include "module/kerneltree.h"
#include "tx/place.h"

int disk_setup(void **state)
{
	struct disk *d = xcalloc(1, sizeof(*d));
	const char *tmp = getenv("TMPDIR");

	umask(022); /* strict_modes */
	d->dir = xasprintf("%s/unit.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(d->dir));
	assert_int_equal(root_open(d->dir, &d->e.root), 0);
	d->e.dkms_tree = xstrdup("/var/lib/dkms");
	d->e.source_tree = xstrdup("/usr/src");
	d->e.install_tree = xstrdup("/lib/modules");
	d->e.arch = xstrdup("x86_64");
	d->e.distro = xstrdup("debian");
	d->e.run_id = xstrdup("test");
	tree_journal_place(&d->e, &d->e.place);
	*state = d;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int disk_teardown(void **state)
{
	struct disk *d = *state;

	nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	root_close(&d->e.root);
	free(d->e.dkms_tree);
	free(d->e.source_tree);
	free(d->e.install_tree);
	free(d->e.arch);
	free(d->e.distro);
	free(d->e.run_id);
	journal_place_release(&d->e.place);
	free(d->e.last_word);
	free(d->e.kernel_config);
	free(d->e.kernel_source_dir);
	kerneltree_forget(&d->e);
	settings_release(&d->e.settings);
	free(d->dir);
	free(d);
	return 0;
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
	AUTO_FREE char *host = disk_host(d, path);

	nftw(host, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
