/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates of dnf 4 and dnf 5: kernels that are newer than the newest one installed. */
#include <string.h>

#include "base/alloc.h"
#include "packages/ask.h"
#include "packages/candidates.h"
#include "packages/gatepins.h"
#include "sys/fs.h"

#define PIN_MAX (1U << 20)

static const char *dnfcandidates_program(const struct engine *e)
{
	static const char *const names[] = { "dnf5", "dnf-3", "dnf" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (ask_has(e, names[i]))
			return names[i];
	}
	return NULL;
}

static bool dnfcandidates_is_5(const struct engine *e)
{
	return ask_has(e, "dnf5");
}

static bool dnfcandidates_is_here(const struct engine *e)
{
	return dnfcandidates_program(e);
}

/*
 * Begin a command line of dnf.  For dnf 4, our plugin is always disabled, so that the answer has
 * what our gate holds back, too.  For dnf 5, all excludes are disabled if `open` is true, because
 * dnf 5 cannot disable only ours.
 */
static void dnfcandidates_begin(const struct engine *e, bool open, struct strv *ret)
{
	strv_add(ret, dnfcandidates_program(e));
	strv_add(ret, "-q");
	if (!dnfcandidates_is_5(e))
		strv_add(ret, "--disableplugin=dkms_gate");
	else if (open)
		strv_add(ret, "--setopt=disable_excludes=*");
}

/* List the files of a package.  dnf 5 first downloads the lists of files, if it lacks them. */
static int dnfcandidates_query_files(const struct engine *e, const char *spec, struct buf *ret,
				     struct err *err)
{
	AUTO_STRV struct strv argv = STRV_INIT;

	dnfcandidates_begin(e, true, &argv);
	strv_add(&argv, "repoquery");
	strv_add(&argv, "-l");
	strv_add(&argv, spec);
	return ask(e, &argv, NULL, ret, err);
}

static int dnfcandidates_query_packages(const struct engine *e, bool open, const char *words,
					struct buf *ret, struct err *err)
{
	AUTO_STRV struct strv argv = STRV_INIT;

	dnfcandidates_begin(e, open, &argv);
	strv_split(&argv, "-C repoquery", " ");
	strv_add(&argv, "--queryformat=" CANDIDATE_DNF_FORMAT);
	strv_split(&argv, words, " ");
	return ask(e, &argv, NULL, ret, err);
}

/* "NAME-VERSION", without the epoch, as the pin has it; caller frees. */
static char *dnfcandidates_spec(const char *package)
{
	const char *version = strchr(package, '=');
	const char *colon = version ? strchr(version, ':') : NULL;

	return xasprintf("%.*s-%s", (int)strcspn(package, "="), package,
			 colon	   ? colon + 1
			 : version ? version + 1
				   : "");
}

/* Does our pin of dnf 5 hold this candidate back? */
static bool dnfcandidates_is_held(const struct engine *e, const struct candidate *c)
{
	AUTO_FREE char *spec = dnfcandidates_spec(c->packages.v[0]);
	AUTO_BUF struct buf pin = BUF_INIT;

	return fs_read(&e->root, GATEPINS_DNF5, PIN_MAX, &pin) == 0 && strstr(pin.s, spec);
}

/* Complete a candidate: all packages of its version, and the release as its files have it. */
static int dnfcandidates_complete(const struct engine *e, struct candidate *c, struct err *err)
{
	AUTO_FREE char *spec = dnfcandidates_spec(c->packages.v[0]), *release = NULL;
	AUTO_BUF struct buf files = BUF_INIT, all = BUF_INIT;
	AUTO_ERR struct err ignored = ERR_INIT;
	int r = dnfcandidates_query_packages(e, true, "kernel*", &all, err);

	if (r < 0)
		return r;
	candidate_add_dnf(all.s, c);
	if (dnfcandidates_query_files(e, spec, &files, &ignored) < 0)
		return 0;
	release = candidate_files_release(files.s);
	if (release) {
		free(c->release);
		c->release = TAKE(release);
	}
	return 0;
}

static int dnfcandidates_ask(struct engine *e, struct candidate_list *ret, struct err *err)
{
	static const char words[] = "--upgrades --latest-limit=1 " CANDIDATE_DNF_KERNELS;
	AUTO_CANDIDATES struct candidate_list all = { NULL, 0 };
	AUTO_BUF struct buf visible = BUF_INIT, open = BUF_INIT;
	int r = dnfcandidates_query_packages(e, false, words, &visible, err);

	if (r < 0)
		return r;
	candidates_from_dnf(visible.s, ret);
	if (!dnfcandidates_is_5(e) || !fs_exists(&e->root, GATEPINS_DNF5))
		return 0;
	r = dnfcandidates_query_packages(e, true, words, &open, err);
	if (r < 0)
		return r;
	candidates_from_dnf(open.s, &all);
	for (size_t i = 0; i < all.n; i++) {
		if (dnfcandidates_is_held(e, &all.v[i]))
			candidate_copy(candidates_put(ret, "dnf", all.v[i].release), &all.v[i]);
	}
	return 0;
}

static int dnfcandidates_list(struct engine *e, struct candidate_list *ret, struct err *err)
{
	AUTO_CANDIDATES struct candidate_list found = { NULL, 0 };
	int r = dnfcandidates_ask(e, &found, err);

	for (size_t i = 0; r == 0 && i < found.n; i++)
		r = dnfcandidates_complete(e, &found.v[i], err);
	for (size_t i = 0; r == 0 && i < found.n; i++)
		candidate_copy(candidates_put(ret, "dnf", found.v[i].release), &found.v[i]);
	return r;
}

/* The package of headers that belongs to kernel-core is kernel-devel.  Caller frees. */
static char *dnfcandidates_headers(const struct candidate *c)
{
	AUTO_FREE char *spec = dnfcandidates_spec(c->packages.v[0]);
	AUTO_FREE char *name = xstrndup(c->packages.v[0], strcspn(c->packages.v[0], "="));
	const char *version = spec + strlen(name);

	if (str_ends(name, "-devel"))
		return xstrdup(spec);
	if (str_ends(name, "-core"))
		name[strlen(name) - strlen("-core")] = '\0';
	return xasprintf("%s-devel%s", name, version);
}

/* If no kernel has this release by its version, as Fedora forms it, its files may have it. */
static int dnfcandidates_find(struct engine *e, const char *release, struct candidate *ret,
			      struct err *err)
{
	AUTO_BUF struct buf answer = BUF_INIT;
	AUTO_CANDIDATES struct candidate_list all = { NULL, 0 };
	const struct candidate *c;
	int r = dnfcandidates_query_packages(e, true, CANDIDATE_DNF_KERNELS, &answer, err);

	if (r < 0)
		return r;
	candidates_from_dnf(answer.s, &all);
	c = candidates_at(&all, release);
	if (c) {
		candidate_copy(ret, c);
		return dnfcandidates_complete(e, ret, err);
	}
	for (size_t i = 0; i < all.n; i++) {
		r = dnfcandidates_complete(e, &all.v[i], err);
		if (r < 0)
			return r;
		if (strcmp(all.v[i].release, release) == 0) {
			candidate_copy(ret, &all.v[i]);
			return 0;
		}
	}
	return err_set(err, -E_NO_KERNEL, "dnf has no kernel %s", release);
}

static int dnfcandidates_download(struct engine *e, const struct candidate *c, const char *to,
				  struct strv *ret, struct err *err)
{
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_BUF struct buf answer = BUF_INIT;
	int r;

	dnfcandidates_begin(e, true, &argv);
	strv_split(&argv, "-y --setopt=install_weak_deps=False", " ");
	strv_split(&argv, dnfcandidates_is_5(e) ? "download --resolve" : "install --downloadonly",
		   " ");
	strv_addf(&argv, "--destdir=%s", to);
	strv_take(&argv, dnfcandidates_headers(c));
	r = ask(e, &argv, NULL, &answer, err);
	return r < 0 ? r : candidates_files(e, to, ".rpm", ret);
}

/*
 * rpm2archive converts its standard input.  With the name of a file, it makes FILE.tgz before rpm
 * 4.19, and prints the archive since then.
 */
static int dnfcandidates_unpack(struct engine *e, const char *package, const char *folder,
				struct err *err)
{
	AUTO_FREE char *archive = xasprintf("%s.tgz", package);
	AUTO_STRV struct strv convert = STRV_INIT, unpack = STRV_INIT;
	AUTO_BUF struct buf answer = BUF_INIT;
	int r;

	strv_add(&convert, "rpm2archive");
	strv_add(&convert, "-");
	strv_split(&unpack, "tar -x -z -f", " ");
	strv_add(&unpack, archive);
	strv_add(&unpack, "-C");
	strv_add(&unpack, folder);
	r = ask_convert(e, &convert, package, archive, err);
	return r < 0 ? r : ask(e, &unpack, NULL, &answer, err);
}

const struct candidates_manager candidates_dnf = {
	.name = "dnf",
	.is_here = dnfcandidates_is_here,
	.list = dnfcandidates_list,
	.find = dnfcandidates_find,
	.download = dnfcandidates_download,
	.unpack = dnfcandidates_unpack,
};
