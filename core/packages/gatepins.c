/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/gatepins.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "model/gatetext.h"
#include "packages/ask.h"
#include "sys/atomic.h"
#include "sys/fs.h"

#define PIN_MAX (1U << 20)
/* Our files begin with this (gatetext_add()).  A file that does not is the admin's. */
#define PIN_BEGIN "# dkms: kernel "

static const struct gatepin {
	const char *path;
	const char *program; /* a root without it needs no such file */
	void (*make)(const struct gates *l, struct buf *ret);
} gatepins[] = {
	{ GATEPINS_APT, "apt-get", gatetext_make_apt },
	{ GATEPINS_DNF5, "dnf5", gatetext_make_dnf },
	{ GATEPINS_DNF4, "dnf-3", gatetext_make_dnf },
};

bool gatepins_exist(const struct engine *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(gatepins); i++) {
		if (fs_exists(&e->root, gatepins[i].path))
			return true;
	}
	return false;
}

static int gatepins_write_one(struct engine *e, const struct gatepin *p, const struct gates *l)
{
	AUTO_BUF struct buf text = BUF_INIT, old = BUF_INIT;
	AUTO_FREE char *folder = path_parent(p->path);
	int r = fs_read(&e->root, p->path, PIN_MAX, &old);

	p->make(l, &text);
	if (r == 0 && !str_begins(old.s, PIN_BEGIN)) {
		if (text.len)
			log_warning("%s is not ours: it is left alone, and holds nothing back",
				    p->path);
		return 0;
	}
	if (!text.len || !ask_has(e, p->program))
		return fs_unlink(&e->root, p->path);
	if (r == 0 && strcmp(old.s, text.s) == 0)
		return 0;
	r = fs_mkdir_p(&e->root, folder);
	return r < 0 ? r : atomic_write_file(&e->root, p->path, text.s, text.len, 0644);
}

int gatepins_write(struct engine *e, const struct gates *l, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(gatepins); i++) {
		int k = gatepins_write_one(e, &gatepins[i], l);

		if (k < 0 && k != -ENOENT) /* -ENOENT: there is not even the folder */
			r = err_sys(err, k, "%s", gatepins[i].path);
	}
	return r;
}
