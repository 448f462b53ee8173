/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/pacman/alpmhook.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/util.h"

#define HOOK_MAX (64 * 1024) /* bytes; real hook files have a few hundred */

void alpm_hook_release(struct alpm_hook *h)
{
	for (size_t i = 0; i < h->n_triggers; i++)
		strv_release(&h->triggers[i].targets);
	free(h->triggers);
	free(h->name);
	free(h->path);
	free(h->exec);
	*h = (struct alpm_hook){ 0 };
}

void alpm_hooks_release(struct alpm_hooks *h)
{
	for (size_t i = 0; i < h->n; i++)
		alpm_hook_release(&h->v[i]);
	free(h->v);
	*h = (struct alpm_hooks){ 0 };
}

/* ---- one file ---- */

static unsigned int alpm_operation_parse(const char *word)
{
	if (!strcmp(word, "Install"))
		return ALPM_INSTALL;
	if (!strcmp(word, "Upgrade"))
		return ALPM_UPGRADE;
	return !strcmp(word, "Remove") ? ALPM_REMOVE : 0;
}

static void alpm_trigger_set(struct alpm_trigger *t, const char *key, const char *value)
{
	if (!strcmp(key, "Operation"))
		t->operations |= alpm_operation_parse(value);
	else if (!strcmp(key, "Type"))
		t->is_path = !strcmp(value, "Path") || !strcmp(value, "File");
	else if (!strcmp(key, "Target"))
		strv_add(&t->targets, value);
}

static void alpm_hook_set_action(struct alpm_hook *h, const char *key, const char *value)
{
	if (!strcmp(key, "When")) {
		h->post = !strcmp(value, "PostTransaction");
	} else if (!strcmp(key, "Exec")) {
		free(h->exec);
		h->exec = xstrdup(value);
	}
}

static char *str_trimmed(const char *s, size_t len)
{
	static const char blanks[] = " \t\r";
	size_t skip = strspn(s, blanks);

	skip = skip < len ? skip : len;
	while (len > skip && strchr(blanks, s[len - 1]))
		len--;
	return xstrndup(s + skip, len - skip);
}

static void alpm_hook_parse_line(struct alpm_hook *h, const char *line, bool *in_trigger)
{
	size_t eq = strcspn(line, "=");
	AUTO_FREE char *key = str_trimmed(line, eq);
	AUTO_FREE char *value = line[eq] ? str_trimmed(line + eq + 1, strlen(line + eq + 1)) : NULL;

	if (key[0] == '[') {
		*in_trigger = !strcmp(key, "[Trigger]");
		if (*in_trigger)
			VEC_PUSH(h->triggers, h->n_triggers,
				 ((struct alpm_trigger){ 0, false, STRV_INIT }));
	} else if (key[0] != '#' && value) {
		if (*in_trigger)
			alpm_trigger_set(&h->triggers[h->n_triggers - 1], key, value);
		else
			alpm_hook_set_action(h, key, value);
	}
}

void alpm_hook_parse(const char *text, struct alpm_hook *ret)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	bool in_trigger = false;
	const char *line;

	*ret = (struct alpm_hook){ 0 };
	strv_split(&lines, text, "\n");
	STRV_FOREACH (line, &lines)
		alpm_hook_parse_line(ret, line, &in_trigger);
}

bool alpm_trigger_matches(const struct alpm_trigger *t, const char *path, unsigned int operations)
{
	bool matches = false;
	const char *target;

	if (!t->is_path || (t->operations & operations) != operations)
		return false;
	STRV_FOREACH (target, &t->targets) {
		bool not = target[0] == '!';

		if (fnmatch(target + not, path, 0) == 0)
			matches = !not ;
	}
	return matches;
}

/* ---- folders ---- */

/* False for anything but a regular file: a symlink to /dev/null masks a hook. */
static bool alpm_hook_read_file(const char *path, struct buf *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char chunk[4096];
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		while ((n = read(fd, chunk, sizeof(chunk))) > 0 && ret->len < HOOK_MAX)
			buf_add(ret, chunk, (size_t)n);
	close(fd);
	return n == 0;
}

static void alpm_hooks_remove(struct alpm_hooks *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++) {
		if (strcmp(h->v[i].name, name) != 0)
			continue;
		alpm_hook_release(&h->v[i]);
		h->v[i] = h->v[--h->n];
		return;
	}
}

static void alpm_hooks_load_file(struct alpm_hooks *h, const char *folder, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	AUTO_BUF struct buf text = BUF_INIT;
	struct alpm_hook hook;

	alpm_hooks_remove(h, name);
	if (!alpm_hook_read_file(path, &text))
		return;
	alpm_hook_parse(text.s, &hook);
	hook.name = xstrdup(name);
	hook.path = TAKE(path);
	VEC_PUSH(h->v, h->n, hook);
}

static void alpm_hooks_load_folder(struct alpm_hooks *h, const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *entry;

	if (!d)
		return;
	while ((entry = readdir(d)) != NULL) {
		if (str_ends(entry->d_name, ".hook"))
			alpm_hooks_load_file(h, folder, entry->d_name);
	}
	closedir(d);
}

static int alpm_hook_compare(const void *a, const void *b)
{
	return strcmp(((const struct alpm_hook *)a)->name, ((const struct alpm_hook *)b)->name);
}

void alpm_hooks_load(const char *const *folders, size_t n, struct alpm_hooks *ret)
{
	*ret = (struct alpm_hooks){ 0 };
	for (size_t i = 0; i < n; i++)
		alpm_hooks_load_folder(ret, folders[i]);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), alpm_hook_compare);
}
