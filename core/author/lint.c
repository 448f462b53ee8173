/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/lint.h"

#include <errno.h>

#include "author/lintsource.h"
#include "base/alloc.h"
#include "base/log.h"
#include "engine/distro.h"
#include "engine/treepath.h"
#include "kernel/kernels.h"
#include "sys/fs.h"

#define CONF_MAX (1U << 20)
/* The conf is evaluated for at most so many of the kernels with headers here, the newest first. */
#define HERE_MAX 8

/*
 * Kernels of other distributions and ages.  The conf is evaluated for them, too, because what a
 * conf does often depends on $kernelver.
 */
static const char *const other_releases[] = {
	"7.0.3",	   "6.12.5-200.fc41.x86_64", "6.6.30-arch1-1",
	"6.1.0-25-amd64",  "5.15.0-91-generic",	     "5.10.0-30-amd64",
	"4.19.0-27-amd64", "3.10.0-1160.el7.x86_64", "2.6.32-754.el6.x86_64",
};

size_t lint_line(const struct lint_source *s, const char *name, size_t index)
{
	return conftext_line(&s->sets, name, index);
}

bool lint_has(const struct lint_source *s, const char *rel)
{
	AUTO_FREE char *path = xasprintf("%s/%s", s->folder, rel);

	return fs_exists(&s->e->root, path);
}

const char *lint_value(const struct lint_source *s, const char *name, size_t index)
{
	const char *value = "";

	for (size_t i = 0; i < s->values.n; i++) {
		const struct conf_value *v = &s->values.v[i];

		if (v->index == index && !strcmp(v->name, name))
			value = v->value; /* the last one wins */
	}
	return value;
}

static void lint_source_release(struct lint_source *s)
{
	buf_release(&s->text);
	conftext_release(&s->sets);
	conf_values_release(&s->values);
	conf_release(&s->conf);
	for (size_t i = 0; i < s->n_pairs; i++)
		conf_values_release(&s->pairs[i].result);
	free(s->pairs);
	strv_release(&s->releases);
	for (size_t i = 0; i < s->n_makefiles; i++) {
		free(s->makefiles[i].path);
		makefile_release(&s->makefiles[i].m);
	}
	free(s->makefiles);
}

/* Choose the kernels here that have headers, the newest first, and then other_releases. */
static void lint_choose_releases(struct lint_source *s)
{
	AUTO_STRV struct strv all = STRV_INIT;
	const char *release;

	if (kernels_list(s->e, &all) < 0)
		log_debug("the kernels that are here cannot be listed");
	STRV_FOREACH (release, &all) {
		AUTO_KERNEL_INFO struct kernel_info k = { .release = NULL };

		if (s->releases.n < HERE_MAX && kernel_look(s->e, release, NULL, NULL, &k) == 0 &&
		    k.headers)
			strv_add(&s->releases, release);
	}
	s->n_here = s->releases.n;
	for (size_t i = 0; i < ARRAY_SIZE(other_releases); i++)
		strv_add(&s->releases, other_releases[i]);
}

/* Evaluate the conf for each release, with the name and version that lint_learn_name() found. */
static int lint_evaluate(struct lint_source *s, const char *path, struct err *err)
{
	struct confeval_pair first = {
		.name = s->conf.package_name ? s->conf.package_name : "",
		.version = s->conf.package_version ? s->conf.package_version : "",
		.arch = s->e->arch,
		.conf_path = path,
		.result = CONF_VALUES_INIT,
	};

	s->n_pairs = s->releases.n;
	s->pairs = xcalloc(s->n_pairs, sizeof(*s->pairs));
	for (size_t i = 0; i < s->n_pairs; i++) {
		s->pairs[i] = first;
		s->pairs[i].release = s->releases.v[i];
	}
	return confeval_run(s->e, s->pairs, s->n_pairs, err);
}

/*
 * Evaluate the conf for the first release, with an empty name and version, so that the conf tells
 * its own, as in `dkms add FOLDER`.  lint_value() and s->conf have the result.
 */
static int lint_learn_name(struct lint_source *s, const char *path, struct err *err)
{
	AUTO_FREE char *headers = engine_headers_dir(s->e, s->releases.v[0]);
	AUTO_FREE char *target_dir = engine_target_dir(s->e);
	struct confeval_pair pair = {
		.name = "",
		.version = "",
		.release = s->releases.v[0],
		.arch = s->e->arch,
		.conf_path = path,
		.result = CONF_VALUES_INIT,
	};
	struct conf_kernel k = {
		.release = s->releases.v[0],
		.arch = s->e->arch,
		.source_dir = headers,
		.build_dir = "",
		.target_dir = target_dir,
	};
	int r = confeval_run(s->e, &pair, 1, err);

	s->values = pair.result;
	if (r == 0)
		conf_interpret(&s->values, &k, &s->conf);
	return r;
}

/*
 * If bash could not parse the conf or evaluate it to its end, add only findings about that: all
 * others would only follow from it.
 */
static bool lint_is_unreadable(struct lint_source *s)
{
	const char *line;

	if (!s->values.error && !s->values.syntax)
		return false;
	if (s->values.error)
		lint_add(s->ret, LINT_ERROR, "evaluation", LINT_CONF, 0, NULL, "%s",
			 s->values.error_text ? s->values.error_text : error_text(s->values.error));
	STRV_FOREACH (line, &s->values.warnings) {
		const char *number = strstr(line, ": line ");
		char *end = NULL;
		size_t n = number ? strtoul(number + 7, &end, 10) : 0;
		bool own = end && end[0] == ':' && end[1] == ' ';

		lint_add(s->ret, LINT_ERROR, "syntax", LINT_CONF, own ? n : 0,
			 own ? "Look for a quote or a keyword that is not closed, there or above."
			     : NULL,
			 "%s", own ? end + 2 : line);
	}
	return true;
}

static int lint_read(struct lint_source *s, const char *path, struct err *err)
{
	int r = fs_read(&s->e->root, path, CONF_MAX, &s->text);

	if (r == -ENOENT || r == -ENOTDIR) {
		lint_add(s->ret, LINT_ERROR, "no-conf", LINT_CONF, 0,
			 "dkms init writes one for a new module; dkms.conf(5) has an example.",
			 "there is no dkms.conf in this folder");
		return 0;
	}
	if (r < 0)
		return err_sys(err, r, "%s", path);
	conftext_parse(s->text.s, &s->sets);
	lint_choose_releases(s);
	r = lint_learn_name(s, path, err);
	if (r < 0 || lint_is_unreadable(s))
		return r;
	r = lint_evaluate(s, path, err);
	if (r < 0)
		return r;
	lint_directives(s);
	lint_conf_errors(s);
	lint_names(s);
	lint_conf_files(s);
	lint_kernels(s);
	lint_makefiles(s);
	lint_outside(s);
	return 0;
}

int lint_run(struct engine *e, const char *folder, struct lint_findings *ret, struct err *err)
{
	CLEANUP(lint_source_release)
	struct lint_source s = {
		.e = e,
		.folder = folder,
		.text = BUF_INIT,
		.values = CONF_VALUES_INIT,
		.conf = CONF_INIT,
		.releases = STRV_INIT,
		.ret = ret,
	};
	AUTO_FREE char *path = xasprintf("%s/" LINT_CONF, folder);
	int r;

	*ret = (struct lint_findings){ NULL, 0 };
	if (!fs_is_dir(&e->root, folder))
		return err_set(err, -E_NO_SOURCE, "There is no folder %s.", folder);
	lint_files(&s);
	r = lint_read(&s, path, err);
	lint_sort(ret);
	return r;
}
