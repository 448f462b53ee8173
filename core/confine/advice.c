/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine/advice.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path.h"
#include "cause/need.h"
#include "engine/treepath.h"
#include "sys/fs.h"

/* The most error lines that are searched when the cause is known. */
enum { ADVICE_LINES = 10 };

/* The line to append to the package's file of exceptions. */
static char *advice_line(const struct target *t, const char *line)
{
	AUTO_FREE char *path = exceptions_path(t->name);

	return xasprintf("echo %s >>%s", line, path);
}

static char *advice_allow(const struct target *t, const char *line)
{
	AUTO_FREE char *command = advice_line(t, line);

	return xasprintf("Builds are confined. To allow it: %s", command);
}

/* What no exception but "off" allows. */
static char *advice_off(const struct engine *e, const struct target *t, const char *path)
{
	AUTO_FREE char *command = advice_line(t, "off");

	return xasprintf("Builds are confined, and the user %s may not use %s. To build it without "
			 "confinement: %s",
			 settings_get(&e->settings, SET_CONFINE_USER), path, command);
}

/* Do the permissions of the file for others have all the bits of `mode`? */
static bool advice_others_may(const struct engine *e, const char *path, mode_t mode)
{
	struct stat st;

	return fs_stat(&e->root, path, &st) == 0 && (st.st_mode & mode) == mode;
}

/* The folder that a build must be able to write for `path`: itself, or the nearest above it. */
static char *advice_folder(const struct engine *e, const char *path)
{
	char *folder = xstrdup(path);

	while (strcmp(folder, "/") != 0 && !fs_is_dir(&e->root, folder)) {
		char *parent = path_parent(folder);

		free(folder);
		folder = parent;
	}
	return folder;
}

static char *advice_grant(const struct engine *e, const struct target *t,
			  const struct exceptions *x, const char *path)
{
	const char *user = settings_get(&e->settings, SET_CONFINE_USER);
	AUTO_FREE char *folder = advice_folder(e, path);
	AUTO_FREE char *line = xasprintf("write=%s", folder);
	AUTO_FREE char *command = advice_line(t, line);

	if (strcmp(folder, "/") == 0)
		return advice_off(e, t, path);
	if (strv_has(&x->write, folder))
		return xasprintf("Builds are confined. The user %s, as whom they run, may not "
				 "write %s",
				 user, folder);
	if (advice_others_may(e, folder, S_IWOTH | S_IXOTH))
		return advice_allow(t, line);
	return xasprintf("Builds are confined. To allow it, let the user %s write %s, and: %s",
			 user, folder, command);
}

static char *advice_write(const struct engine *e, const struct target *t,
			  const struct exceptions *x, const char *path)
{
	/* A source that the user can write is not built. */
	if (path_is_below(path, e->source_tree))
		return advice_off(e, t, path);
	return advice_grant(e, t, x, path);
}

/* Can a build write there anyway?  Then something else was wrong. */
static bool advice_is_open(const struct engine *e, const struct target *t, const char *path)
{
	static const char *const open[] = { "/tmp", "/dev", "/proc", "/sys" };
	AUTO_FREE char *work = tree_work_dir(e, t->name, t->version);

	for (size_t i = 0; i < ARRAY_SIZE(open); i++) {
		if (path_is_below(path, open[i]))
			return true;
	}
	return path_is_below(path, work);
}

static char *advice_access(const struct engine *e, enum confine_tier tier, const struct target *t,
			   const struct exceptions *x, const char *path)
{
	/* A build's folder in the tree is a new one each time: nobody can open it in advance. */
	if (path_is_below(path, e->dkms_tree))
		return tier == CONFINE_FULL ? NULL : advice_off(e, t, path);
	/* It is there, but not for that user to read: no exception changes that. */
	if (fs_exists(&e->root, path) && !advice_others_may(e, path, S_IROTH))
		return advice_off(e, t, path);
	return advice_write(e, t, x, path);
}

/* `line` is one that says why the build failed; `class` is the cause's. */
static char *advice_by_line(const struct engine *e, enum confine_tier tier, const struct target *t,
			    enum cause_class class, const char *line)
{
	AUTO_CAUSE_NEED struct cause_need need = CAUSE_NEED_INIT;
	AUTO_EXCEPTIONS struct exceptions x = EXCEPTIONS_INIT;

	if (tier == CONFINE_NONE)
		return NULL;
	cause_need_find(line, &need);
	if (need.kind == NEED_NONE && class != CAUSE_NETWORK)
		return NULL;
	if (exceptions_read(e, t->name, &x, NULL) < 0 || x.off)
		return NULL;
	if (need.kind == NEED_NETWORK || class == CAUSE_NETWORK)
		return x.network ? NULL : advice_allow(t, "network=yes");
	if (!need.path || advice_is_open(e, t, need.path))
		return NULL;
	return need.kind == NEED_WRITE ? advice_write(e, t, &x, need.path)
				       : advice_access(e, tier, t, &x, need.path);
}

/* The first line of the text that says what was refused. */
static char *advice_by_text(const struct engine *e, enum confine_tier tier, const struct target *t,
			    const char *text, size_t len)
{
	const char *end = text + len;
	char *ret = NULL;

	while (text < end && !ret) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline ? newline : end) - text);
		AUTO_FREE char *line = xstrndup(text, n < CAUSE_LINE_MAX ? n : CAUSE_LINE_MAX);

		ret = advice_by_line(e, tier, t, CAUSE_OTHER, line);
		text += n + 1;
	}
	return ret;
}

char *confine_advice(const struct engine *e, enum confine_tier tier, const struct target *t,
		     const struct cause *c, const char *text, size_t len)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	char *ret = advice_by_line(e, tier, t, c->class, c->line ? c->line : "");
	const char *line;

	if (ret || tier == CONFINE_NONE)
		return ret;
	if (c->class == CAUSE_OTHER)
		return advice_by_text(e, tier, t, text, len);
	cause_lines(text, len, ADVICE_LINES, &lines);
	STRV_FOREACH (line, &lines) {
		ret = advice_by_line(e, tier, t, CAUSE_OTHER, line);
		if (ret)
			break;
	}
	return ret;
}
