/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine.h"

#include <dirent.h>
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tree.h"

struct crash crash;

/* ---- dkms ---- */

static bool takes_kernel(const char *words)
{
	static const char *const verbs[] = { "build ", "install ", "uninstall ", "unbuild ",
					     "mktarball " };

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strncmp(words, verbs[i], strlen(verbs[i])) == 0)
			return true;
	}
	return false;
}

/* Append the words, with the machine's folder in place of each %t. */
static void add_words(const char *words, struct strv *ret)
{
	AUTO_STRV struct strv all = STRV_INIT;
	const char *word;

	strv_split(&all, words, " ");
	STRV_FOREACH (word, &all) {
		const char *at = strstr(word, "%t");

		if (at)
			strv_addf(ret, "%.*s%s%s", (int)(at - word), word, crash.tree, at + 2);
		else
			strv_add(ret, word);
	}
}

/* The file with the text of an event; caller frees. */
static char *event_path(const char *name)
{
	return xasprintf("%s/%s", crash.work, name);
}

static bool is_event(const char *words)
{
	return strncmp(words, "event", 5) == 0;
}

static void command_line(const char *words, struct strv *ret)
{
	strv_add(ret, crash.dkms);
	add_words(is_event(words) ? "event" : words, ret);
	if (takes_kernel(words)) {
		strv_add(ret, "-k");
		strv_add(ret, crash.kernel);
	}
	strv_add(ret, "--dkmstree");
	strv_addf(ret, "%s/dkms", crash.tree);
	strv_add(ret, "--sourcetree");
	strv_addf(ret, "%s/src", crash.tree);
	strv_add(ret, "--installtree");
	strv_addf(ret, "%s/modules", crash.tree);
}

struct supervised run(const char *words, enum spoil spoil, unsigned int at, int error,
		      void (*cut)(void))
{
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_FREE char *event = is_event(words) ? event_path(words) : NULL;
	struct supervise s = {
		.argv = &argv,
		.input = event,
		.output = crash.output,
		.watched = { crash.tree, "/etc/depmod.d" },
		.spoil = spoil,
		.at = at,
		.error = error,
		.cut = cut,
		.trace = getenv("CRASH_TRACE"),
	};
	struct supervised ret;

	command_line(words, &argv);
	unlink(crash.output);
	supervise(&s, &ret);
	return ret;
}

void show_output(void)
{
	char line[512];
	FILE *f = fopen(crash.output, "r");

	while (f && fgets(line, sizeof(line), f))
		printf("    | %s", line);
	if (f)
		fclose(f);
}

void run_whole(const char *words)
{
	AUTO_FREE char *shell = xasprintf("cd '%s' && %s", crash.tree, words + 1);
	struct supervised r;

	if (words[0] == '!') {
		if (system(shell) != 0)
			errx(1, "%s", shell);
		return;
	}
	r = run(words, SPOIL_NOTHING, 0, 0, NULL);

	if (r.status == 0)
		return;
	show_output();
	errx(1, "dkms %s: status %d", words, r.status);
}

void violation(const char *fmt, ...)
{
	va_list ap;

	crash.violations++;
	printf("VIOLATION: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

/* ---- the folder ---- */

void machine_reset(const char *from)
{
	tree_empty(crash.tree);
	tree_copy(from, crash.tree);
}

void machine_save(const char *to)
{
	if (access(to, F_OK) == 0)
		tree_empty(to);
	tree_copy(crash.tree, to);
}

static void find_kernel(void)
{
	AUTO_FREE char *path = xasprintf("%s/modules", crash.template);
	DIR *dir = opendir(path);
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] != '.')
			crash.kernel = xstrdup(d->d_name);
	}
	if (dir)
		closedir(dir);
	if (!crash.kernel)
		errx(1, "%s has no kernel", crash.template);
}

static void write_event(const char *name, const char *lines)
{
	AUTO_FREE char *path = event_path(name);
	FILE *f = fopen(path, "w");

	if (!f || fprintf(f, "dkms-event 1\n%send\n", lines) < 0 || fclose(f) != 0)
		err(1, "%s", path);
}

static void write_events(void)
{
	AUTO_FREE char *removed = xasprintf("from kernel\nkernel %s removed\n", crash.kernel);

	write_event("event", "from test\n");
	write_event("event-kernel-removed", removed);
}

/* Put the two settings for keys into the environment. */
static void place_keys(void)
{
	AUTO_FREE char *key = xasprintf("%s/mok/key", crash.tree);
	AUTO_FREE char *certificate = xasprintf("%s/mok/certificate", crash.tree);

	if (setenv("mok_signing_key", key, 1) < 0 || setenv("mok_certificate", certificate, 1) < 0)
		err(1, "setenv");
}

void machine_begin(void)
{
	crash.tree = xasprintf("%s/t", crash.work);
	crash.output = xasprintf("%s/output", crash.work);
	find_kernel();
	write_events();
	place_keys();
}
