/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpmdb - list the kernels, headers and module sources that packages own, as an event, and become
 * `dkms event` with it.  Package scripts call it, and so do file triggers where the plugin was not
 * loaded or is not wanted.
 *
 *	rpmdb			list all
 *	rpmdb --changed		the same, but do nothing unless a path on standard input stands for
 *				a kernel, headers or a source
 *	rpmdb --now		list all, for rpmlast and our boot service: the engine does the
 *				work at once, whatever the setting rpm_run says, and gets an event
 *				even if the database cannot be read
 *	rpmdb --last		the same at the end of the transaction that has removed us, for
 *				rpmlast: the engine is the copy that rpmlast has made
 *	rpmdb --kernel RELEASE	for kernel-install's plugin: say that this kernel was added, and
 *				list headers and sources
 *	rpmdb --print		print the event and start nothing
 */
#include <fcntl.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "engine/treepath.h"
#include "hooks/common/deliver.h"
#include "hooks/rpm/facts.h"

static bool rpmdb_path_matters(const char *path)
{
	AUTO_ITEMPATH struct itempath item = { 0 };

	return itempath_parse(LAYOUT_RPM, path, &item);
}

/*
 * Does a path on standard input matter?  Standard input is read to its end, so that librpm, which
 * writes the paths, gets no EPIPE.
 */
static bool rpmdb_input_matters(void)
{
	AUTO_FREE char *line = NULL;
	size_t alloc = 0;
	bool found = false;
	ssize_t n;

	while ((n = getline(&line, &alloc, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		found = found || rpmdb_path_matters(line);
	}
	return found;
}

/*
 * Print the event to ret.  `kernel` is the kernel that was added; NULL: list all.  Returns false if
 * the database cannot be read; ret gets an event in this case, too.
 */
static bool rpmdb_list(const char *kernel, bool last, struct buf *ret)
{
	AUTO_EVENT struct event e = EVENT_INIT;
	rpmts ts;
	bool ok;

	e.from = xstrdup("rpm");
	ok = rpmReadConfigFiles(NULL, NULL) == 0;
	ts = rpmtsCreate();
	rpmtsSetVSFlags(ts, RPMVSF_MASK_NOSIGNATURES | RPMVSF_MASK_NODIGESTS);
	ok = ok && rpmtsOpenDB(ts, O_RDONLY) == 0 && facts_of_database(ts, &e);
	if (kernel) {
		event_for_kernel(&e, kernel);
		/* Kernel packages call kernel-install in %posttrans, so the event is settled. */
		e.middle = false;
	}
	e.last = last;
	event_print(&e, ret);
	rpmtsFree(ts);
	return ok;
}

static int rpmdb_usage(void)
{
	fputs("Usage: rpmdb [--changed | --now | --last | --kernel RELEASE | --print]\n", stderr);
	return 2;
}

static int rpmdb_become_engine(const char *engine, const struct buf *text)
{
	struct deliver d = { .engine = engine, .text = text->s, .len = text->len, .out = -1 };
	int r = deliver_exec(&d);

	fprintf(stderr, "rpmdb: %s: %s\n", engine, strerror(-r));
	return 1;
}

int main(int argc, char **argv)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const char *how = argc > 1 ? argv[1] : "";
	bool kernel = strcmp(how, "--kernel") == 0, last = strcmp(how, "--last") == 0;
	bool now = last || strcmp(how, "--now") == 0;

	if (argc > 2 + kernel || (kernel && argc < 3))
		return rpmdb_usage();
	if (*how && !kernel && strcmp(how, "--changed") != 0 && !now && strcmp(how, "--print") != 0)
		return rpmdb_usage();
	if (strcmp(how, "--changed") == 0 && !rpmdb_input_matters())
		return 0;
	if (!rpmdb_list(kernel ? argv[2] : NULL, last, &text)) {
		fputs("rpmdb: the database of rpm cannot be read\n", stderr);
		if (!kernel && !now)
			return 1;
	}
	if (strcmp(how, "--print") == 0)
		return fputs(text.s, stdout) < 0 || fflush(stdout) != 0;
	if (now)
		setenv("rpm_run", "transaction", 1);
	return rpmdb_become_engine(last ? TREE_USUAL_LAST_ENGINE : DELIVER_ENGINE, &text);
}
