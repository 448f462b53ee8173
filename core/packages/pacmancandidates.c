/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Candidates of pacman: what `pacman -Su --print` says.  It takes no lock, so this works in a hook,
 * too.
 */
#include <string.h>

#include "base/alloc.h"
#include "packages/ask.h"
#include "packages/candidates.h"
#include "sys/fs.h"

#define PKGBASE_MAX 256

static bool pacmancandidates_is_here(const struct engine *e)
{
	return fs_is_dir(&e->root, "/var/lib/pacman/local") && ask_has(e, "pacman");
}

/* The names of packages that are kernels: those of the kernels that are installed. */
static void pacmancandidates_bases(const struct engine *e, struct strv *ret)
{
	AUTO_STRV struct strv releases = STRV_INIT;
	const char *release;

	if (fs_list(&e->root, e->install_tree, &releases) < 0)
		return;
	STRV_FOREACH (release, &releases) {
		AUTO_FREE char *path = engine_modules(e, "%s/pkgbase", release), *base = NULL;
		AUTO_BUF struct buf text = BUF_INIT;

		if (fs_read(&e->root, path, PKGBASE_MAX, &text) < 0)
			continue;
		base = xstrndup(text.s, strcspn(text.s, " \t\r\n"));
		if (*base && !strv_has(ret, base))
			strv_take(ret, TAKE(base));
	}
}

static int pacmancandidates_print(struct engine *e, const char *words, struct buf *ret,
				  struct err *err)
{
	AUTO_STRV struct strv argv = STRV_INIT;

	strv_split(&argv, "pacman --noconfirm --print --print-format", " ");
	strv_add(&argv, CANDIDATE_PACMAN_FORMAT);
	strv_split(&argv, words, " ");
	return ask(e, &argv, NULL, ret, err);
}

static const char *pacmancandidates_tar(const struct engine *e)
{
	return ask_has(e, "bsdtar") ? "bsdtar" : "tar";
}

/* Take the release from the package's file, if that is on this machine. */
static void pacmancandidates_look(const struct engine *e, const char *answer, struct candidate *c)
{
	AUTO_FREE char *name = xstrndup(c->packages.v[0], strcspn(c->packages.v[0], "="));
	AUTO_FREE char *file = candidate_pacman_file(answer, name), *release = NULL;
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_BUF struct buf files = BUF_INIT;
	AUTO_ERR struct err ignored = ERR_INIT;

	if (!file || !fs_is_file(&e->root, file))
		return;
	strv_add(&argv, pacmancandidates_tar(e));
	strv_add(&argv, "-tf");
	strv_add(&argv, file);
	if (ask(e, &argv, NULL, &files, &ignored) < 0)
		return;
	release = candidate_files_release(files.s);
	if (release) {
		free(c->release);
		c->release = TAKE(release);
	}
}

static int pacmancandidates_list(struct engine *e, struct candidate_list *ret, struct err *err)
{
	AUTO_STRV struct strv bases = STRV_INIT;
	AUTO_CANDIDATES struct candidate_list all = { NULL, 0 };
	AUTO_BUF struct buf answer = BUF_INIT;
	int r;

	pacmancandidates_bases(e, &bases);
	if (!bases.n)
		return 0;
	r = pacmancandidates_print(e, "-Su", &answer, err);
	if (r < 0)
		return r;
	candidates_from_pacman(answer.s, &bases, &all);
	for (size_t i = 0; i < all.n; i++) {
		AUTO_FREE char *tree = NULL;

		pacmancandidates_look(e, answer.s, &all.v[i]);
		tree = engine_modules(e, "%s/pkgbase", all.v[i].release);
		if (!fs_exists(&e->root, tree)) /* else only its package is new */
			candidate_copy(candidates_put(ret, "pacman", all.v[i].release), &all.v[i]);
	}
	return 0;
}

/*
 * Print all kernels and headers in the lists, also those that -Su leaves out: kernels that are not
 * installed, or that IgnorePkg holds.  -dd: they are not looked at as one transaction.
 */
static int pacmancandidates_print_all(struct engine *e, struct strv *ret_bases, struct buf *ret,
				      struct err *err)
{
	AUTO_STRV struct strv argv = STRV_INIT, installed = STRV_INIT, names = STRV_INIT;
	AUTO_BUF struct buf answer = BUF_INIT, words = BUF_INIT;
	const char *base;
	int r;

	strv_split(&argv, "pacman -Slq", " ");
	r = ask(e, &argv, NULL, &answer, err);
	if (r < 0)
		return r;
	strv_split(&names, answer.s, "\n");
	pacmancandidates_bases(e, &installed);
	candidate_pacman_bases(&names, &installed, ret_bases);
	if (!ret_bases->n)
		return 0;
	buf_adds(&words, "-Sdd");
	STRV_FOREACH (base, ret_bases)
		buf_addf(&words, " %s %s-headers", base, base);
	return pacmancandidates_print(e, words.s, ret, err);
}

static int pacmancandidates_find(struct engine *e, const char *release, struct candidate *ret,
				 struct err *err)
{
	AUTO_CANDIDATES struct candidate_list all = { NULL, 0 };
	AUTO_STRV struct strv bases = STRV_INIT;
	AUTO_BUF struct buf answer = BUF_INIT;
	const struct candidate *c;
	int r = pacmancandidates_print_all(e, &bases, &answer, err);

	if (r < 0)
		return r;
	candidates_from_pacman(answer.len ? answer.s : "", &bases, &all);
	c = candidates_at(&all, release);
	for (size_t i = 0; !c && i < all.n; i++) {
		pacmancandidates_look(e, answer.s, &all.v[i]);
		c = candidates_at(&all, release);
	}
	if (!c)
		return err_set(err, -E_NO_KERNEL, "pacman has no kernel %s", release);
	candidate_copy(ret, c);
	return 0;
}

static int pacmancandidates_download(struct engine *e, const struct candidate *c, const char *to,
				     struct strv *ret, struct err *err)
{
	AUTO_FREE char *base = xstrndup(c->packages.v[0], strcspn(c->packages.v[0], "="));
	AUTO_FREE char *headers = xasprintf("%s-headers", base);
	AUTO_FREE char *words = xasprintf("-S %s", headers), *file = NULL;
	AUTO_STRV struct strv argv = STRV_INIT, files = STRV_INIT;
	AUTO_BUF struct buf answer = BUF_INIT, printed = BUF_INIT;
	const char *path;
	int r = pacmancandidates_print(e, words, &printed, err);

	file = r < 0 ? NULL : candidate_pacman_file(printed.s, headers);
	if (file && fs_is_file(&e->root, file)) {
		strv_take(ret, TAKE(file));
		return 0;
	}
	if (r < 0)
		return r;
	strv_split(&argv, "pacman --noconfirm -Sw --cachedir", " ");
	strv_add(&argv, to);
	strv_add(&argv, headers);
	r = ask(e, &argv, NULL, &answer, err);
	if (r == 0)
		r = candidates_files(e, to, "", &files);
	STRV_FOREACH (path, &files) {
		if (strstr(path, ".pkg.tar") && !str_ends(path, ".sig"))
			strv_add(ret, path);
	}
	return r;
}

static int pacmancandidates_unpack(struct engine *e, const char *package, const char *folder,
				   struct err *err)
{
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_BUF struct buf answer = BUF_INIT;

	strv_add(&argv, pacmancandidates_tar(e));
	strv_add(&argv, "-xf");
	strv_add(&argv, package);
	strv_add(&argv, "-C");
	strv_add(&argv, folder);
	return ask(e, &argv, NULL, &answer, err);
}

const struct candidates_manager candidates_pacman = {
	.name = "pacman",
	.is_here = pacmancandidates_is_here,
	.list = pacmancandidates_list,
	.find = pacmancandidates_find,
	.download = pacmancandidates_download,
	.unpack = pacmancandidates_unpack,
};
