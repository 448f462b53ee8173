/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/modid.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/vercmp.h"

#define NAME_LIMIT 200

void modid_release(struct modid *id)
{
	free(id->name);
	free(id->version);
	*id = (struct modid)MODID_INIT;
}

void modid_copy(struct modid *to, const struct modid *from)
{
	struct modid copy = { xstrdup(from->name), xstrdup(from->version) };

	modid_release(to);
	*to = copy;
}

int modid_compare(const struct modid *a, const struct modid *b)
{
	int r;

	if (!a->name || !b->name)
		return !!a->name - !!b->name;
	r = strcmp(a->name, b->name);
	if (r)
		return r;
	if (!a->version || !b->version)
		return !!a->version - !!b->version;
	r = vercmp(a->version, b->version);
	/* 1.01 and 1.1 are different folders, so they must not compare as 0. */
	return r ? r : strcmp(a->version, b->version);
}

bool modid_equal(const struct modid *a, const struct modid *b)
{
	return str_equal(a->name, b->name) && str_equal(a->version, b->version);
}

static const char *modid_bytes_problem(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '/')
			return "it has a '/'";
		if (c == ' ')
			return "it has a blank";
		if (c < 0x20 || c == 0x7f)
			return "it has a control character";
		if (strchr("%*?[]\\\"'`$;&|<>(){}!", c))
			return "it has a character that means something to a shell";
	}
	return NULL;
}

/* The rules that names, versions and kernels have in common. */
static const char *modid_component_problem(const char *s)
{
	if (!*s)
		return "it is empty";
	if (strlen(s) > NAME_LIMIT)
		return "it is longer than 200 bytes";
	if (strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return "it is a folder's own name";
	if (*s == '-')
		return "it begins with '-'";
	return modid_bytes_problem(s);
}

const char *modid_name_problem(const char *name)
{
	const char *problem = modid_component_problem(name);

	if (!problem && *name == '.')
		return "it begins with '.'";
	return problem;
}

const char *modid_version_problem(const char *version)
{
	const char *problem = modid_component_problem(version);

	if (!problem && (strcmp(version, "original_module") == 0 || str_begins(version, "kernel-")))
		return "the DKMS tree uses that name itself";
	return problem;
}

const char *modid_kernel_problem(const char *release)
{
	static const char *const used[] = { "source", "build", "tarball" };
	const char *problem = modid_name_problem(release);

	for (size_t i = 0; !problem && i < ARRAY_SIZE(used); i++) {
		if (strcmp(release, used[i]) == 0)
			problem = "the DKMS tree uses that name itself";
	}
	return problem;
}

/*
 * Set the error.  In its text, which people read, control characters become '?', and a long name is
 * cut.
 */
static int modid_bad_name(struct err *err, const char *what, const char *s, const char *problem)
{
	AUTO_BUF struct buf shown = BUF_INIT;

	for (const char *p = s; *p && shown.len < NAME_LIMIT; p++) {
		unsigned char c = (unsigned char)*p;

		buf_addch(&shown, c < 0x20 || c == 0x7f ? '?' : *p);
	}
	return err_set(err, -E_BAD_NAME, "'%s' cannot be used as a module package's %s: %s",
		       shown.s, what, problem);
}

int modid_parse(const char *s, struct modid *ret, struct err *err)
{
	const char *slash = strchr(s, '/');
	AUTO_MODID struct modid id = MODID_INIT;
	const char *problem;

	id.name = slash ? xstrndup(s, (size_t)(slash - s)) : xstrdup(s);
	problem = modid_name_problem(id.name);
	if (problem)
		return modid_bad_name(err, "name", id.name, problem);
	if (slash) {
		id.version = xstrdup(slash + 1);
		problem = modid_version_problem(id.version);
		if (problem)
			return modid_bad_name(err, "version", id.version, problem);
	}
	modid_copy(ret, &id);
	return 0;
}

char *modid_text(const struct modid *id)
{
	return id->version ? xasprintf("%s/%s", id->name, id->version) : xstrdup(id->name);
}
