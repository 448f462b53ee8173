/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf-dump [NAME VERSION FOLDER KERNEL]... - what the engine makes of FOLDER/dkms.conf for KERNEL:
 *
 *	== NAME/VERSION KERNEL
 *	conf_print()'s lines
 *	valid=0 or an error's exit status
 *
 * The root is "/".  For confs.test.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/util.h"
#include "conf/confs.h"
#include "conf/open.h"

static struct target target_of(char **words, const char *arch)
{
	return (struct target){ words[0], words[1], words[3], (char *)arch };
}

static void dump(const struct engine *e, const struct confs *c, const struct target *t)
{
	const struct confs_entry *entry = confs_entry(c, t);
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	int r = confs_check(e, entry, true, &err);

	conf_print(&entry->conf, &b);
	printf("== %s/%s %s\n%svalid=%d\n", t->name, t->version, t->release, b.s ? b.s : "",
	       r < 0 ? err_status(&err) : 0);
}

int main(int argc, char **argv)
{
	struct engine e = ENGINE_INIT;
	struct confs c = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int r = engine_open(&e, "/", &err);

	for (int i = 1; r == 0 && i + 3 < argc; i += 4) {
		struct target t = target_of(argv + i, e.arch);

		confs_want(&c, &t, argv[i + 2]);
	}
	if (r == 0)
		r = confs_evaluate(&e, &c, &err);
	for (int i = 1; r == 0 && i + 3 < argc; i += 4) {
		struct target t = target_of(argv + i, e.arch);

		dump(&e, &c, &t);
	}
	if (r < 0)
		fprintf(stderr, "conf-dump: %s\n", err.text);
	confs_release(&c);
	engine_close(&e);
	return r < 0;
}
