/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/candidate.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/modid.h"

void candidate_release(struct candidate *c)
{
	free(c->manager);
	free(c->release);
	strv_release(&c->packages);
	*c = (struct candidate)CANDIDATE_INIT;
}

void candidates_release(struct candidate_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		candidate_release(&l->v[i]);
	free(l->v);
	*l = (struct candidate_list){ NULL, 0 };
}

void candidate_copy(struct candidate *to, const struct candidate *from)
{
	candidate_release(to);
	to->manager = xstrdup(from->manager);
	to->release = xstrdup(from->release);
	strv_add_all(&to->packages, &from->packages);
}

const struct candidate *candidates_at(const struct candidate_list *l, const char *release)
{
	for (size_t i = 0; i < l->n; i++) {
		if (str_equal(l->v[i].release, release))
			return &l->v[i];
	}
	return NULL;
}

struct candidate *candidates_put(struct candidate_list *l, const char *manager, const char *release)
{
	const struct candidate *old = candidates_at(l, release);
	struct candidate c = CANDIDATE_INIT;

	if (old)
		return &l->v[old - l->v];
	c.manager = xstrdup(manager);
	c.release = xstrdup(release);
	VEC_PUSH(l->v, l->n, c);
	return &l->v[l->n - 1];
}

/* The package manager that installs what this database has; NULL: unknown. */
static const char *candidate_database_manager(const char *from)
{
	static const struct {
		const char *from, *manager;
	} databases[] = { { "apt", "apt" }, { "rpm", "dnf" }, { "pacman", "pacman" } };

	for (size_t i = 0; i < ARRAY_SIZE(databases); i++) {
		if (strcmp(databases[i].from, from) == 0)
			return databases[i].manager;
	}
	return NULL;
}

const char *candidate_manager(const struct candidates *named, const struct owners *owners,
			      const char *release)
{
	const struct candidate_kernel *k = ledger_candidate(named, release);
	const char *ret = NULL;

	if (k && strcmp(k->from, CANDIDATE_PERSON) != 0)
		return k->from;
	for (size_t i = 0; i < owners->n; i++) {
		const char *manager = candidate_database_manager(owners->v[i].from);

		if (owners->v[i].kind == OWNED_SOURCE || !manager)
			continue;
		if (ret && strcmp(ret, manager) != 0)
			return NULL;
		ret = manager;
	}
	return ret;
}

/* The words of one line; the pointer moves behind the line.  False at the end of the text. */
static bool candidate_next_line(const char **text, struct strv *ret)
{
	size_t len = strcspn(*text, "\n");
	AUTO_FREE char *line = xstrndup(*text, len);

	if (!**text)
		return false;
	strv_release(ret);
	strv_split(ret, line, " \t\r");
	*text += len + ((*text)[len] == '\n');
	return true;
}

/* Paths of dnf begin with '/', members of an archive do not. */
char *candidate_files_release(const char *files)
{
	for (; *files; files += strcspn(files, "\n"), files += *files == '\n') {
		const char *path = files + (*files == '/');
		AUTO_FREE char *release = NULL;

		if (str_begins(path, "usr/"))
			path += strlen("usr/");
		if (!str_begins(path, "lib/modules/"))
			continue;
		path += strlen("lib/modules/");
		release = xstrndup(path, strcspn(path, "/\n"));
		if (str_begins(path + strlen(release), "/vmlinuz") &&
		    !modid_kernel_problem(release))
			return TAKE(release);
	}
	return NULL;
}

/* ---- apt ---- */

/* "Inst NAME [OLD] (NEW FROM... [ARCH]) [...]": [OLD] only if it is installed. */
void candidate_read_apt(const char *text, bool only_new, struct strv *ret)
{
	AUTO_STRV struct strv word = STRV_INIT;

	while (candidate_next_line(&text, &word)) {
		size_t at = 2;

		if (word.n < 3 || strcmp(word.v[0], "Inst") != 0)
			continue;
		if (*word.v[2] == '[' && (only_new || word.n < 4))
			continue;
		at += *word.v[2] == '[';
		if (word.v[at][0] == '(' && word.v[at][1])
			strv_addf(ret, "%.*s=%s", (int)strcspn(word.v[1], ":"), word.v[1],
				  word.v[at] + 1);
	}
}

/* The release in "linux-image-RELEASE=VERSION"; NULL: not a kernel.  Caller frees. */
static char *candidate_apt_release(const char *package)
{
	static const char *const prefixes[] = { "linux-image-unsigned-", "linux-image-",
						"pve-kernel-", "proxmox-kernel-" };
	AUTO_FREE char *name = xstrndup(package, strcspn(package, "="));

	if (str_ends(name, "-dbg") || str_ends(name, "-dbgsym"))
		return NULL;
	if (str_ends(name, "-signed"))
		name[strlen(name) - strlen("-signed")] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		const char *rest = name + strlen(prefixes[i]);

		/* A meta package, such as linux-image-amd64, has no version of a kernel there. */
		if (str_begins(name, prefixes[i]) && *rest >= '0' && *rest <= '9' &&
		    strchr(rest, '.') && !modid_kernel_problem(rest))
			return xstrdup(rest);
	}
	return NULL;
}

/* Is it a package of this release, "linux-modules-RELEASE=VERSION"? */
static bool candidate_is_of(const char *package, const char *release)
{
	AUTO_FREE char *name = xstrndup(package, strcspn(package, "="));
	AUTO_FREE char *end = xasprintf("-%s", release);

	if (str_ends(name, "-signed"))
		name[strlen(name) - strlen("-signed")] = '\0';
	return str_ends(name, end);
}

void candidates_from_apt(const struct strv *apt, struct candidate_list *ret)
{
	const char *package, *other;

	STRV_FOREACH (package, apt) {
		AUTO_FREE char *release = candidate_apt_release(package);
		struct candidate *c;

		if (!release || candidates_at(ret, release))
			continue;
		c = candidates_put(ret, "apt", release);
		STRV_FOREACH (other, apt) {
			if (candidate_is_of(other, release))
				strv_add(&c->packages, other);
		}
	}
}

bool candidate_is_image(const char *package, const char *release)
{
	AUTO_FREE char *name = xstrndup(package, strcspn(package, "="));

	return candidate_is_of(package, release) && !strstr(name, "-headers") &&
	       !strstr(name, "-kbuild");
}

/* ---- dnf ---- */

/* "+debug" for kernel-debug-core, "" for kernel-core and kernel-uek-core.  Caller frees. */
static char *candidate_dnf_variant(const char *name)
{
	static const char *const plain[] = { "uek", "lt", "ml", "longterm" };
	AUTO_FREE char *rest = NULL;

	if (!str_begins(name, "kernel-") || strcmp(name, "kernel-core") == 0)
		return xstrdup("");
	rest = xstrdup(name + strlen("kernel-"));
	if (str_ends(rest, "-core"))
		rest[strlen(rest) - strlen("-core")] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		if (strcmp(rest, plain[i]) == 0)
			return xstrdup("");
	}
	return xasprintf("+%s", rest);
}

/* "1:6.1-1" without its epoch. */
static const char *candidate_without_epoch(const char *evr)
{
	const char *colon = strchr(evr, ':');

	return colon ? colon + 1 : evr;
}

/* dnf's answer for "kernel*-core" also has kernel-modules-core, which belongs to kernel-core. */
static bool candidate_is_dnf_kernel(const char *name)
{
	return !str_ends(name, "-modules-core");
}

static bool candidate_is_dnf_answer(const struct strv *word)
{
	return word->n == 3 && str_begins(word->v[0], "kernel") && strchr(word->v[1], '-') &&
	       strcmp(word->v[2], "src") != 0 && strcmp(word->v[2], "nosrc") != 0;
}

void candidates_from_dnf(const char *text, struct candidate_list *ret)
{
	AUTO_STRV struct strv word = STRV_INIT;

	while (candidate_next_line(&text, &word)) {
		AUTO_FREE char *variant = NULL, *release = NULL;
		struct candidate *c;

		if (!candidate_is_dnf_answer(&word) || !candidate_is_dnf_kernel(word.v[0]))
			continue;
		variant = candidate_dnf_variant(word.v[0]);
		release = xasprintf("%s.%s%s", candidate_without_epoch(word.v[1]), word.v[2],
				    variant);
		if (modid_kernel_problem(release))
			continue;
		c = candidates_put(ret, "dnf", release);
		if (!c->packages.n)
			strv_addf(&c->packages, "%s=%s", word.v[0], word.v[1]);
	}
}

void candidate_add_dnf(const char *text, struct candidate *c)
{
	AUTO_STRV struct strv word = STRV_INIT;
	const char *evr = c->packages.n ? strchr(c->packages.v[0], '=') : NULL;

	while (evr && candidate_next_line(&text, &word)) {
		AUTO_FREE char *package = NULL;

		if (!candidate_is_dnf_answer(&word) || strcmp(word.v[1], evr + 1) != 0)
			continue;
		package = xasprintf("%s=%s", word.v[0], word.v[1]);
		if (!strv_has(&c->packages, package))
			strv_take(&c->packages, TAKE(package));
	}
}

/* ---- pacman ---- */

/* 6.1.3.arch1-1 of linux is 6.1.3-arch1-1; 6.6.8-1 of linux-lts is 6.6.8-1-lts.  Caller frees. */
static char *candidate_pacman_release(const char *base, const char *version)
{
	AUTO_FREE char *text = xstrdup(version);

	/* In the version, the kernel's own "-arch1" is ".arch1". */
	for (char *p = text; *p; p++) {
		if (*p == '.' && (p[1] < '0' || p[1] > '9')) {
			*p = '-';
			break;
		}
	}
	return xasprintf("%s%s", text, str_begins(base, "linux") ? base + strlen("linux") : "");
}

void candidates_from_pacman(const char *text, const struct strv *bases, struct candidate_list *ret)
{
	const char *base;

	STRV_FOREACH (base, bases) {
		AUTO_STRV struct strv word = STRV_INIT, packages = STRV_INIT;
		AUTO_FREE char *headers = xasprintf("%s-headers", base), *release = NULL;
		const char *rest = text;

		while (candidate_next_line(&rest, &word)) {
			if (word.n < 2)
				continue;
			if (strcmp(word.v[0], base) == 0 && !release)
				release = candidate_pacman_release(base, word.v[1]);
			else if (strcmp(word.v[0], headers) != 0)
				continue;
			strv_addf(&packages, "%s=%s", word.v[0], word.v[1]);
		}
		if (release && !modid_kernel_problem(release) && !candidates_at(ret, release))
			strv_add_all(&candidates_put(ret, "pacman", release)->packages, &packages);
	}
}

void candidate_pacman_bases(const struct strv *names, const struct strv *installed,
			    struct strv *ret)
{
	const char *name;

	STRV_FOREACH (name, names) {
		AUTO_FREE char *headers = xasprintf("%s-headers", name);

		if ((str_begins(name, "linux") || strv_has(installed, name)) &&
		    strv_has(names, headers) && !strv_has(ret, name))
			strv_add(ret, name);
	}
}

char *candidate_pacman_file(const char *text, const char *name)
{
	AUTO_STRV struct strv word = STRV_INIT;

	while (candidate_next_line(&text, &word)) {
		if (word.n == 3 && strcmp(word.v[0], name) == 0)
			return str_begins(word.v[2], "file://")
				       ? xstrdup(word.v[2] + strlen("file://"))
				       : NULL;
	}
	return NULL;
}
